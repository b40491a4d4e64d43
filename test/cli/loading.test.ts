import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { ROOT, dfwlint } from "./dfwlint.ts";
import { temporaryFolder } from "./folders.ts";
import { OFFICE } from "./inputs.ts";

/**
 * What a process really loads: V8 writes down every script when it is asked for coverage, and the bundler names each
 * package in a comment before its code.
 */
async function packagesLoaded(args: readonly string[], cwd: string): Promise<Set<string>> {
  return namesIn(await loaded(args, cwd), /^\s*\/\/ node_modules\/([^/\n]+)\//gm);
}

/** Our own modules, by the same comments. */
async function modulesLoaded(args: readonly string[], cwd: string): Promise<Set<string>> {
  return namesIn(await loaded(args, cwd), /^\s*\/\/ src\/(\S+)$/gm);
}

function namesIn(texts: readonly string[], pattern: RegExp): Set<string> {
  return new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name!)));
}

/** The texts of our scripts that a process loads. */
async function loaded(args: readonly string[], cwd: string): Promise<string[]> {
  const coverage = temporaryFolder({});
  const { code, stderr } = await dfwlint(args, { cwd, env: { NODE_V8_COVERAGE: coverage } });
  expect({ args, stderr }).toEqual({ args, stderr: "" });
  expect(code).toBeLessThan(2);
  const scripts = readdirSync(coverage).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(coverage, name), "utf8")) as {
      result: { url: string }[];
    };
    return result.map(({ url }) => url).filter((url) => url.startsWith("file:"));
  });
  const ours = scripts.map((url) => fileURLToPath(url)).filter((path) => path.startsWith(join(ROOT, "dist")));
  expect(ours).toContain(join(ROOT, "dist/cli.js"));
  return ours.map((path) => readFileSync(path, "utf8"));
}

it("help loads neither the grammar nor what reads sessions, nor any of the engine", async () => {
  const modules = await modulesLoaded(["--help"], temporaryFolder({}));
  expect(modules).toContain("cli/main.ts");
  const work =
    /^(?:syntax\/(?:parse|generated|commands)|model\/|analysis\/|checks\/|engine\/input|cli\/read)/;
  expect([...modules].filter((name) => work.test(name))).toEqual([]);
});

describe("without a configuration file, what reads one", () => {
  const cwd = temporaryFolder({ "rules.txt": OFFICE });

  it.each([
    [["lint"]],
    [["rules"]],
    [["query", "--port", "443"]],
    [["config"]],
    [["explain", "shadowed-rule"]],
    [["--help"]],
    [["--baseline", "known.json", "--update-baseline", "--quiet"]],
  ])("is not loaded: %j", async (args) => {
    const packages = await packagesLoaded(args, cwd);
    expect(packages).toContain("yargs");
    expect([...packages].filter((name) => ["yaml", "zod", "tinyglobby"].includes(name))).toEqual([]);
  });

  it("is loaded where there is one, and globs only if there are any", async () => {
    const folder = temporaryFolder({ "rules.txt": OFFICE, "dfwlint.yaml": "files: rules.txt\n" });
    const packages = await packagesLoaded(["lint"], folder);
    expect(packages).toContain("yaml");
    expect(packages).toContain("zod");
    expect(packages).not.toContain("tinyglobby");
    writeFileSync(join(folder, "dfwlint.yaml"), "files: r*.txt\n");
    expect(await packagesLoaded(["lint"], folder)).toContain("tinyglobby");
  });
});
