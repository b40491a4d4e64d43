export default {
  testEnvironment: "node",
  // Two cores are what there is in CI: both work.
  maxWorkers: "100%",
  // No test is about time: this only ends one that hangs, however slow the machine.
  testTimeout: 300_000,
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  // They need a browser: npm run test:browser.
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/browser/"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { target: "es2023", parser: { syntax: "typescript" } },
        module: { type: "es6" },
        sourceMaps: "inline",
      },
    ],
  },
  coverageProvider: "v8",
  collectCoverageFrom: ["src/**/*.ts", "!src/**/generated/**", "!src/report/html/client/**"],
};
