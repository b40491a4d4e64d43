import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import type { LintResult } from "../../src/engine/results.ts";
import { run } from "../support/run.ts";
import { temporaryFolder } from "./folders.ts";
import { OFFICE } from "./inputs.ts";
import { lintShape } from "./shapes.ts";

/** OFFICE, text that does not parse, and two sets that are not there and one that nobody uses. */
const DUMP = OFFICE.replace(
  "  rule 3107",
  `  rule 3108 at 6 inout protocol tcp form any to any port 99 drop;
  rule 3109 at 6 inout protocol tcp from addrset lost to any port 99 drop;
  rule 3110 at 6 inout protocol tcp from addrset gone to any port 98 drop;
  rule 3107`,
).concat("addrset spare {\nip 10.4.99.1,\n}\n");

const cwd = temporaryFolder({ "rules.txt": DUMP });

interface Answer {
  readonly result: LintResult;
  /** What is left, and what is suppressed, as `check of the rule or set`. */
  readonly left: readonly string[];
  readonly suppressed: readonly string[];
  readonly code: number;
}

async function lint(suppressions: readonly string[], today?: string, more = ""): Promise<Answer> {
  const list = suppressions.map((text) => `  - {${text}}\n`).join("");
  writeFileSync(join(cwd, "dfwlint.yaml"), `${more}suppressions:\n${list}`);
  const { stdout, code } = await run(["-f", "json"], cwd, "", today);
  const result = JSON.parse(stdout) as LintResult;
  lintShape(result, "lint");
  expect(result.summary.suppressed).toBe(result.suppressed.length);
  const { findings } = result;
  for (const severity of ["error", "warning", "info"] as const) {
    expect(findings.filter((finding) => finding.severity === severity)).toHaveLength(
      result.summary[severity],
    );
  }
  const name = ({ check, rule, addrset }: LintResult["findings"][number]): string =>
    `${check} ${addrset ?? rule?.id ?? ""}`.trim();
  return { result, left: findings.map(name), suppressed: result.suppressed.map(name), code };
}

const ALL = [
  "unparsed-input",
  "shadowed-rule 3102",
  "undefined-addrset lost",
  "undefined-addrset gone",
  "redundant-rule 3106",
  "position-order 3109",
];

describe("a suppression", () => {
  it("takes findings out of the findings and of the counts, and keeps them with its reason", async () => {
    const none = await lint([]);
    const { result, left, suppressed } = await lint([
      "check: shadowed-rule, reason: It is meant so, until: 2025-12-31",
    ]);
    expect(none.left).toContain("shadowed-rule 3102");
    expect(suppressed).toEqual(["shadowed-rule 3102"]);
    expect(left).toEqual(none.left.filter((name) => name !== "shadowed-rule 3102"));
    expect(result.suppressed[0]!.suppression).toEqual({ reason: "It is meant so", until: "2025-12-31" });
    expect(result.suppressed[0]).toMatchObject(
      none.result.findings.find(({ check }) => check === "shadowed-rule")!,
    );
    expect(result.summary).toEqual({
      ...none.result.summary,
      error: none.result.summary.error - 1,
      suppressed: 1,
    });
    const { stdout } = await run([], cwd);
    expect(stdout).not.toContain("shadowed-rule");
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/ in 9 rules and 4 address sets \(1 suppressed\)$/);
  });

  it("may name the rule, the address set or the fingerprint, and all that it names has to agree", async () => {
    const { result } = await lint([]);
    const { fingerprint } = result.findings.find(({ check }) => check === "redundant-rule")!;
    const by = async (text: string): Promise<readonly string[]> =>
      (await lint([`${text}, reason: x`])).suppressed;
    expect(await by("check: redundant-rule, rule: 3106")).toEqual(["redundant-rule 3106"]);
    expect(await by("check: redundant-rule, rule: 3105")).toEqual([]);
    expect(await by("check: unused-addrset, addrset: spare")).toEqual(["unused-addrset spare"]);
    expect(await by("check: unused-addrset, addrset: web")).toEqual([]);
    expect(await by(`check: redundant-rule, fingerprint: '${fingerprint}'`)).toEqual(["redundant-rule 3106"]);
    expect(await by(`check: shadowed-rule, fingerprint: '${fingerprint}'`)).toEqual([]);
    expect(await by(`check: redundant-rule, rule: 3106, fingerprint: '${fingerprint}'`)).toHaveLength(1);
    expect(await by(`check: redundant-rule, rule: 3102, fingerprint: '${fingerprint}'`)).toEqual([]);
    expect(await by("check: undefined-addrset, addrset: lost")).toEqual(["undefined-addrset lost"]);
  });

  it("of input that cannot be analysed holds for one finding", async () => {
    const { result } = await lint([]);
    const { fingerprint } = result.findings.find(({ check }) => check === "unparsed-input")!;
    const { suppressed } = await lint([
      `check: unparsed-input, fingerprint: '${fingerprint}', reason: Known`,
    ]);
    expect(suppressed).toEqual(["unparsed-input"]);
  });

  it("makes the exit code 0 when all that counts is suppressed", async () => {
    const { result, left } = await lint([]);
    expect(left).toEqual(expect.arrayContaining(ALL));
    const grave = result.findings.filter(({ severity }) => severity !== "info");
    const all = grave.map(
      ({ check, fingerprint }) => `check: ${check}, fingerprint: '${fingerprint}', reason: x`,
    );
    expect((await lint(all)).code).toBe(0);
    expect((await lint(all.slice(1))).code).toBe(1);
  });

  it("holds on its last day, and is itself a finding after it", async () => {
    const text = "check: shadowed-rule, rule: 3102, reason: x, until: 2024-02-29";
    const before = await lint([text], "2024-02-29");
    expect(before.suppressed).toEqual(["shadowed-rule 3102"]);
    expect(before.left).not.toContain("expired-suppression");
    const after = await lint([text], "2024-03-01");
    expect(after.suppressed).toEqual([]);
    expect(after.left).toEqual(expect.arrayContaining(["shadowed-rule 3102", "expired-suppression"]));
    const finding = after.result.findings.find(({ check }) => check === "expired-suppression")!;
    expect(finding).toMatchObject({
      severity: "warning",
      message:
        "the suppression of shadowed-rule for rule 3102 held until 2024-02-29; 1 finding is reported again",
      location: { file: "dfwlint.yaml", line: 2, column: 5 },
      rule: null,
    });
  });

  it("that has expired and one that holds: the finding stays suppressed", async () => {
    const { suppressed, result } = await lint([
      "check: shadowed-rule, reason: old, until: 2024-01-01",
      "check: shadowed-rule, reason: new",
    ]);
    expect(suppressed).toEqual(["shadowed-rule 3102"]);
    expect(result.suppressed[0]!.suppression.reason).toBe("new");
    expect(result.findings.find(({ check }) => check === "expired-suppression")!.message).toBe(
      "the suppression of shadowed-rule held until 2024-01-01; nothing is left for it to suppress",
    );
  });

  it("that matches nothing is a finding, unless that is off; neither can be suppressed", async () => {
    const text = "check: dead-tail, reason: x";
    const { result, left } = await lint([text]);
    expect(left).toContain("unused-suppression");
    const finding = result.findings.find(({ check }) => check === "unused-suppression")!;
    expect(finding).toMatchObject({
      severity: "warning",
      location: { file: "dfwlint.yaml", line: 2, column: 5 },
    });
    expect((await lint([text], undefined, "checks: {unused-suppression: off}\n")).left).not.toContain(
      "unused-suppression",
    );
    const graver = await lint([text], undefined, "checks: {unused-suppression: error}\n");
    expect(graver.result.findings.find(({ check }) => check === "unused-suppression")!.severity).toBe(
      "error",
    );
    expect((await run(["--no-config", "-f", "compact"], cwd)).stdout).not.toContain("unused-suppression");
  });

  it("stands in the text of the configuration file wherever that is", async () => {
    await lint(["check: dead-tail, reason: x"]);
    const below = join(cwd, "below");
    mkdirSync(below);
    const { stdout } = await run(["../rules.txt"], below);
    expect(stdout).toContain(
      "  --> ../dfwlint.yaml:2:5\n2 |   - {check: dead-tail, reason: x}\n  |     ^^^^^^^",
    );
  });
});
