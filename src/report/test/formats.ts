import type { TestResult } from "../../engine/policy/results.ts";
import type { TestContext } from "./words.ts";

type TestFormat = (result: TestResult, context: TestContext) => string;

/** What `test --format` takes; only the format that is asked for is loaded. */
export const TEST_FORMATS = {
  pretty: async () => (await import("../pretty/test.ts")).prettyTest,
  compact: async () => (await import("./compact.ts")).compactTest,
  json: async () => {
    const { safeJson } = await import("../safe.ts");
    return (result: TestResult) => `${safeJson(result, 2)}\n`;
  },
  sarif: async () => (await import("./sarif.ts")).sarifTest,
  junit: async () => (await import("./junit.ts")).junitTest,
  markdown: async () => (await import("./markdown.ts")).markdownTest,
} satisfies Readonly<Record<string, () => Promise<TestFormat>>>;

export type TestFormatName = keyof typeof TEST_FORMATS;

export const TEST_FORMAT_NAMES = Object.keys(TEST_FORMATS) as readonly TestFormatName[];
