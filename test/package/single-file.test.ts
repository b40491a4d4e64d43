import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { ROOT, dfwlint } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";

/** The program as one file, alone in a folder with dumps, has to do whatever the package does. */

let folder = "";
let file = "";

beforeAll(() => {
  folder = temporaryFolder({
    "dfwlint.yaml": "files: [r*.txt, addrsets.txt]\nchecks:\n  duplicate-rule-id: off\n",
  });
  cpSync(join(ROOT, "rules-fixtures/tour"), folder, { recursive: true });
  file = join(folder, "dfwlint.mjs");
  execFileSync(process.execPath, ["scripts/single-file.js", file], { cwd: ROOT, stdio: "pipe" });
});

describe("the single file", () => {
  it.each([
    [["--version"]],
    [["--help"]],
    [["lint", "--help"]],
    [[]],
    [["--no-config", "--format", "compact"]],
    [["--format", "json"]],
    [["--format", "sarif"]],
    [["--format", "github"]],
    [["--format", "junit"]],
    [["--format", "markdown"]],
    [["--format", "html"]],
    [["query", "--src", "web", "--dst", "db", "--port", "1433", "--trace"]],
    [["query", "--flows", "flows.csv", "--format", "csv"]],
    [["rules", "--effect"]],
    [["explain"]],
    [["explain", "shadowed-rule"]],
    [["config"]],
    [["collect", "--vm", "web-01", "--statistics"]],
    [["--baseline", "absent.json"]],
    [["absent.txt"]],
    [["--confg", "x"]],
  ])("says of %j what the package says", async (args) => {
    const [expected, actual] = await Promise.all([
      dfwlint(args, { cwd: folder }),
      dfwlint(args, { cwd: folder, program: file }),
    ]);
    expect(actual).toEqual(expected);
    expect(expected.stderr).not.toContain("internal error");
    expect(expected.stdout + expected.stderr).not.toBe("");
  });

  it("writes a configuration, a baseline and a report", async () => {
    const cwd = temporaryFolder({});
    cpSync(join(ROOT, "rules-fixtures/tour"), cwd, { recursive: true });
    for (const args of [
      ["init"],
      ["--baseline", "known.json", "--update-baseline"],
      ["--format", "html", "--output", "report.html"],
    ]) {
      const { code } = await dfwlint(args, { cwd, program: file });
      expect({ args, ran: code! < 2 }).toEqual({ args, ran: true });
    }
    expect(readdirSync(cwd)).toEqual(expect.arrayContaining(["dfwlint.yaml", "known.json", "report.html"]));
  });

  it("runs under another name", async () => {
    const program = join(temporaryFolder({}), "dfwlint");
    copyFileSync(file, program);
    expect(await dfwlint(["--version"], { program })).toMatchObject({ code: 0, stderr: "" });
  });

  it("needs nothing but Node.js: it names no other package or file", () => {
    const text = readFileSync(file, "utf8");
    const imports = [
      ...text.matchAll(/^(?:import\b[^;]*?\bfrom|\} from|import) ?"([^"]+)";/gm),
      ...text.matchAll(/\bimport\("([^"]+)"\)/g),
    ].map(([, name]) => name!);
    expect(imports.length).toBeGreaterThan(5);
    expect(imports.filter((name) => !name.startsWith("node:") && !BUILT_IN.has(name))).toEqual([]);
  });

  it("carries the licenses of what is in it, and its mode", () => {
    const text = readFileSync(file, "utf8");
    expect(text.startsWith("#!/usr/bin/env node\n")).toBe(true);
    expect(statSync(file).mode & 0o111).toBe(0o111);
    for (const name of ["yargs", "zod", "yaml", "chalk", "csv-parse", "ipaddr.js", "@noble/hashes"]) {
      expect(text).toMatch(
        new RegExp(`^${name.replace(".", "\\.")} [\\d.]+ \\(\\w+\\)\\n\\n.*[Ll]icense`, "ms"),
      );
    }
    expect(text).not.toContain(ROOT);
  });
});

/** Node's own modules as dependencies call them. */
const BUILT_IN: ReadonlySet<string> = new Set([
  "fs",
  "path",
  "url",
  "util",
  "assert",
  "module",
  "os",
  "process",
  "tty",
  "stream",
  "buffer",
  "events",
]);
