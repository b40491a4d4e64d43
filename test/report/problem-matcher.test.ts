import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import type { LintResult } from "../../src/engine/results.ts";
import { safe } from "../../src/report/safe.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { run } from "../support/run.ts";
import { HOSTILE_DUMP } from "./hostile.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Matcher {
  readonly owner: string;
  readonly severity?: string;
  readonly pattern: readonly (Record<string, number> & { readonly regexp: string })[];
}

const { problemMatcher: matchers } = JSON.parse(readFileSync(join(ROOT, "problem-matcher.json"), "utf8")) as {
  problemMatcher: readonly Matcher[];
};

interface Match {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly severity: string;
  readonly message: string;
  readonly check: string;
}

/** As the runner of GitHub Actions reads a line: with the first matcher whose pattern fits. */
function match(line: string): Match | null {
  for (const { severity, pattern } of matchers) {
    const [only] = pattern;
    const groups = new RegExp(only!.regexp).exec(line);
    if (groups === null) continue;
    const of = (name: string): string | undefined =>
      only![name] === undefined ? undefined : groups[only![name]];
    return {
      file: of("file")!,
      line: Number(of("line")),
      column: Number(of("column")),
      severity: of("severity") ?? severity!,
      message: of("message")!,
      check: of("code")!,
    };
  }
  return null;
}

async function expectMatches(folder: string, args: readonly string[]): Promise<number> {
  const compact = await run([...args, "--format", "compact"], folder);
  const json = await run([...args, "--format", "json"], folder);
  if (json.stdout === "") return 0;
  const { findings } = JSON.parse(json.stdout) as LintResult;
  const severities = { error: "error", warning: "warning", info: "notice" };
  expect(
    compact.stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => match(line)),
  ).toEqual(
    findings.map(({ location, severity, message, check }) => ({
      file: safe(location.file),
      line: location.line,
      column: location.column,
      severity: severities[severity],
      message: safe(message),
      check,
    })),
  );
  return findings.length;
}

describe("the problem matcher", () => {
  const dumps = readdirSync(join(ROOT, "rules-fixtures"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^[^.]+\.(?:txt|md)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));

  it("has the form that the runner of GitHub Actions takes", () => {
    expect(matchers.map(({ owner }) => owner)).toEqual(["dfwlint", "dfwlint-information"]);
    for (const { severity = "error", pattern } of matchers) {
      expect(["error", "warning", "notice"]).toContain(severity);
      expect(pattern).toHaveLength(1);
      const { regexp, ...groups } = pattern[0]!;
      const count = new RegExp(`${regexp}|`).exec("")!.length - 1;
      for (const group of Object.values(groups)) expect(group).toBeLessThanOrEqual(count);
    }
  });

  it("finds every finding of every fixture in compact output, with its place, severity, message and check", async () => {
    let count = 0;
    for (const dump of dumps) {
      const configuration = dump.replace(/\.\w+$/, ".dfwlint.yaml");
      const given = existsSync(configuration) ? ["--config", configuration] : ["--no-config"];
      count += await expectMatches(ROOT, [...given, relative(ROOT, dump)]);
    }
    expect(count).toBeGreaterThan(300);
  });

  it("finds those of several filters, and under names that look like the line's own words", async () => {
    const folder = temporaryFolder({
      "a (1) [x-y].txt": HOSTILE_DUMP,
      "b: error: c [never-matches] (see d).txt": HOSTILE_DUMP.replaceAll("<x", "x [shadowed-rule] (see y:1)"),
    });
    for (const name of readdirSync(folder)) {
      expect(await expectMatches(folder, ["--no-config", name])).toBeGreaterThan(20);
    }
    expect(
      await expectMatches(dirname(dumps.find((path) => path.endsWith("seed/session.md"))!), [
        "--no-config",
        "session.md",
      ]),
    ).toBeGreaterThan(0);
  });

  it("is the same for the task of Visual Studio Code in docs/ci.md", () => {
    const page = readFileSync(join(ROOT, "docs/ci.md"), "utf8");
    const [, text] = /<!-- task: tasks\.json -->\n\n```json\n([\s\S]*?)```/.exec(page)!;
    const { tasks } = JSON.parse(text!) as { tasks: [{ problemMatcher: { pattern: unknown } }] };
    const { pattern } = matchers[0]!;
    expect(tasks[0].problemMatcher.pattern).toEqual({
      ...pattern[0],
      regexp: pattern[0]!.regexp.replace("(error|warning)", "(error|warning|info)"),
    });
  });

  it("takes nothing else for a finding", async () => {
    const folder = join(ROOT, "rules-fixtures/tour");
    const outputs = [
      await run(["lint"], folder),
      await run(["rules", "--format", "compact"], folder),
      await run(["query", "--port", "443", "--format", "compact"], folder),
      await run(["lint", "absent.txt"], folder),
    ];
    const lines = outputs.flatMap(({ stdout, stderr }) => `${stdout}${stderr}`.split("\n"));
    expect(lines.length).toBeGreaterThan(40);
    expect(lines.filter((line) => match(line) !== null)).toEqual([]);
  });
});
