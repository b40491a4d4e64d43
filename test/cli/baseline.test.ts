import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import type { LintResult } from "../../src/engine/results.ts";
import { run } from "../support/run.ts";
import { temporaryFolder } from "./folders.ts";
import { OFFICE } from "./inputs.ts";
import { lintShape } from "./shapes.ts";

const BASELINE = ["--baseline", "known.json"];
const UPDATE = [...BASELINE, "--update-baseline"];

async function json(args: readonly string[], cwd: string): Promise<{ result: LintResult; code: number }> {
  const { stdout, code, stderr } = await run([...args, "-f", "json", "-q"], cwd);
  expect(stderr).toBe("");
  const result = JSON.parse(stdout) as LintResult;
  lintShape(result, "lint");
  return { result, code };
}

describe("a baseline", () => {
  it("is written with what is there, and then nothing is new", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE });
    const before = await json([], cwd);
    expect(before.result.baseline).toBeNull();
    const update = await run([...UPDATE, "-f", "compact"], cwd);
    expect(update).toEqual({
      stdout: "",
      stderr: "dfwlint: known.json: 7 known findings, 7 added, 0 removed\n",
      code: 0,
    });
    const { result, code } = await json([...BASELINE, "--fail-on", "info"], cwd);
    expect(code).toBe(0);
    expect(result.findings).toEqual([]);
    expect(result.baseline).toEqual({ known: before.result.findings, gone: [] });
    expect(result.summary).toEqual({ error: 0, warning: 0, info: 0, suppressed: 0 });
    expect((await run(BASELINE, cwd)).stdout).toBe(
      "no new findings in 7 rules and 3 address sets (7 known from the baseline)\n",
    );
    expect(readdirSync(cwd).toSorted()).toEqual(["known.json", "rules.txt"]);
  });

  it("holds an entry a line, without lines and positions, in an order of its own", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE });
    await run(UPDATE, cwd);
    const text = readFileSync(join(cwd, "known.json"), "utf8");
    const lines = text.split("\n");
    expect(lines.slice(0, 3)).toEqual(["{", '  "version": 1,', '  "findings": [']);
    expect(lines.slice(-3)).toEqual(["  ]", "}", ""]);
    const entries = lines.slice(3, -3).map((line) => JSON.parse(line.replace(/,$/, "")) as { check: string });
    expect(entries.map(({ check }) => check)).toEqual([
      "any-destination",
      "any-source",
      "any-source",
      "no-default",
      "redundant-rule",
      "shadowed-rule",
      "unknown-match",
    ]);
    expect(entries[4]).toEqual({
      check: "redundant-rule",
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      rule: { ruleset: "domain-c9", category: "Filter", id: 3106 },
      addrset: null,
      message:
        "rule 3106 at 6 is never reached: rule 3105 at 5 takes all its packets first, with the same verdict",
    });
  });

  it("does not change when lines and positions move, nor when it is written again", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE });
    await run(UPDATE, cwd);
    const text = readFileSync(join(cwd, "known.json"), "utf8");
    const moved = OFFICE.replace(
      "# Filter rules\n",
      "# Filter rules\n\n  # moved\n  rule 3099 at 1 in inet protocol udp from ip 10.99.0.1 to ip 10.99.0.2 port 99 reject;\n",
    )
      .replaceAll(/ at (\d+) inout/g, (_, position: string) => ` at ${Number(position) + 1} inout`)
      .replace("3107 at 7", "3107 at 8");
    writeFileSync(join(cwd, "rules.txt"), moved);
    expect((await run(["-q", ...BASELINE, "--fail-on", "info"], cwd)).code).toBe(0);
    const { stderr } = await run(UPDATE, cwd);
    expect(stderr).toBe("dfwlint: known.json: 7 known findings, 0 added, 0 removed\n");
    expect(readFileSync(join(cwd, "known.json"), "utf8")).toBe(text);
  });

  it("lets a new finding through alone, and names what is gone", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE });
    await run(UPDATE, cwd);
    // The redundant rule is deleted, and another one shadowed.
    const changed = OFFICE.replace(
      / {2}rule 3106.*\n/,
      "  rule 3111 at 6 inout protocol tcp from ip 10.4.9.77 to addrset web port 443 reject;\n",
    );
    writeFileSync(join(cwd, "rules.txt"), changed);
    const { result, code } = await json(BASELINE, cwd);
    expect(code).toBe(1);
    expect(result.findings.map(({ check, rule }) => [check, rule!.id])).toEqual([["shadowed-rule", 3111]]);
    expect(result.baseline!.known.map(({ check }) => check)).toEqual([
      "shadowed-rule",
      "no-default",
      "any-source",
      "any-destination",
      "unknown-match",
      "any-source",
    ]);
    expect(result.baseline!.gone.map(({ check }) => check)).toEqual(["redundant-rule"]);
    const { stdout } = await run(BASELINE, cwd);
    expect(stdout.split("\n\n").slice(-2).join("\n\n")).toBe(
      "no longer found, and still in the baseline (--update-baseline takes them out):\n" +
        "  [redundant-rule] rule 3106 at 6 is never reached: rule 3105 at 5 takes all its packets first, with the same verdict\n\n" +
        "1 error, 0 warnings, 0 for information in 7 rules and 3 address sets (6 known from the baseline, 1 gone)\n",
    );
    const { stderr } = await run(UPDATE, cwd);
    expect(stderr).toBe("dfwlint: known.json: 7 known findings, 1 added, 1 removed\n");
    expect((await json(BASELINE, cwd)).result.baseline!.gone).toEqual([]);
  });

  it("shows at most five that are gone", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE });
    const entries = Array.from({ length: 8 }, (_, index) => ({
      check: "dead-tail",
      fingerprint: `${index}`.padStart(16, "0"),
      message: `number ${index} \u001b[31m`,
    }));
    writeFileSync(
      join(cwd, "known.json"),
      JSON.stringify({ version: 1, findings: [...entries, ...entries] }),
    );
    const { stdout } = await run(BASELINE, cwd);
    expect(stdout).toContain("  [dead-tail] number 4 \\u001b[31m\n  and 3 more\n\n");
    expect(stdout).toContain("(0 known from the baseline, 8 gone)");
    expect((await run([...BASELINE, "-q"], cwd)).stdout).not.toContain("no longer found");
  });

  it("does not call gone what is suppressed, and does not take it in", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE });
    await run(UPDATE, cwd);
    writeFileSync(join(cwd, "dfwlint.yaml"), "suppressions: [{check: shadowed-rule, reason: x}]\n");
    const { result } = await json(BASELINE, cwd);
    expect(result.suppressed).toHaveLength(1);
    expect(result.baseline!.known).toHaveLength(6);
    expect(result.baseline!.gone).toEqual([]);
    expect((await run(BASELINE, cwd)).stdout).toBe(
      "no new findings in 7 rules and 3 address sets (1 suppressed, 6 known from the baseline)\n",
    );
    await run(UPDATE, cwd);
    expect(readFileSync(join(cwd, "known.json"), "utf8")).not.toContain("shadowed-rule");
  });

  it("is named by the configuration too, relative to it; the command line counts", async () => {
    const cwd = temporaryFolder({
      "rules.txt": OFFICE,
      "dfwlint.yaml": "files: rules.txt\nbaseline: known.json\n",
    });
    const below = join(cwd, "below");
    mkdirSync(below);
    expect(await run([], below)).toEqual({
      stdout: "",
      stderr: "dfwlint: ../known.json: no such baseline: --update-baseline writes it\n",
      code: 2,
    });
    expect((await run(["--update-baseline", "-q"], below)).code).toBe(0);
    expect(existsSync(join(cwd, "known.json"))).toBe(true);
    expect((await run([], below)).code).toBe(0);
    expect((await run(["--no-baseline"], below)).code).toBe(1);
    expect((await run(["--baseline", "other.json"], below)).stderr).toBe(
      "dfwlint: other.json: no such baseline: --update-baseline writes it\n",
    );
  });

  it("that is a link stays one", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE, "real.json": '{"version":1,"findings":[]}' });
    symlinkSync("real.json", join(cwd, "known.json"));
    await run(UPDATE, cwd);
    expect(readFileSync(join(cwd, "real.json"), "utf8")).toContain("shadowed-rule");
    expect(readdirSync(cwd).toSorted()).toEqual(["known.json", "real.json", "rules.txt"]);
  });

  it("is not written from input that is incomplete", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE, "notes.txt": "nothing of ours\n" });
    const { stdout, stderr, code } = await run([...UPDATE, "rules.txt", "notes.txt"], cwd);
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expect(stderr).toContain("dfwlint: known.json: not written, because the input is incomplete\n");
    expect(existsSync(join(cwd, "known.json"))).toBe(false);
  });
});

describe("a baseline that cannot be used is one line", () => {
  const entry = (more: object): string =>
    JSON.stringify({
      version: 1,
      findings: [{ check: "a", fingerprint: "0".repeat(16), message: "m", ...more }],
    });

  it.each([
    ["", "the file is empty: expected what --update-baseline writes"],
    ['{"version": 1,\n"findings": [}', "it is no JSON: expected what --update-baseline writes"],
    [OFFICE, "it is no JSON: expected what --update-baseline writes"],
    ["[]", 'it holds no list "findings": expected what --update-baseline writes'],
    ['{"version": 1}', 'it holds no list "findings": expected what --update-baseline writes'],
    ['{"version": 2, "findings": []}', "its version is 2, and this dfwlint reads version 1"],
    ['{"findings": []}', "its version is missing, and this dfwlint reads version 1"],
    ['{"version": 1, "findings": [7]}', "finding 1: it is 7, expected an object"],
    [entry({ check: 3 }), "finding 1: check is 3, expected a check's name"],
    [entry({ fingerprint: "abc" }), 'finding 1: fingerprint is "abc", expected 16 hexadecimal digits'],
    [entry({ message: null }), "finding 1: message is null, expected text"],
    [entry({ rule: 4 }), "finding 1: rule is 4, expected an object or null"],
    [entry({ rule: { id: "4" } }), 'finding 1: rule.id is "4", expected a number or null'],
    [
      '{\n<<<<<<< HEAD\n"version": 1\n=======\n',
      "line 2 is a mark of a merge conflict: resolve it, or delete the file and run with --update-baseline",
    ],
  ])("%j", async (text, message) => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE, "known.json": text });
    for (const args of [BASELINE, UPDATE]) {
      const { stdout, stderr, code } = await run(args, cwd);
      // Where the text is at fault is said in different words by different versions of Node.
      expect(stderr.replace(/ no JSON \(line \d+\): /, " no JSON: ")).toBe(
        `dfwlint: known.json: ${message}\n`,
      );
      expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    }
    expect(readFileSync(join(cwd, "known.json"), "utf8")).toBe(text);
  });

  it("also where it is a directory, or its folder is not there", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE });
    mkdirSync(join(cwd, "known.json"));
    expect((await run(BASELINE, cwd)).stderr).toBe("dfwlint: known.json: is a directory\n");
    expect((await run(["--baseline", "none/known.json", "--update-baseline"], cwd)).stderr).toBe(
      "dfwlint: none/known.json: cannot be written: no such file or directory\n",
    );
    expect((await run(["--baseline", "rules.txt", "--update-baseline"], cwd)).code).toBe(2);
    expect(readFileSync(join(cwd, "rules.txt"), "utf8")).toBe(OFFICE);
  });
});
