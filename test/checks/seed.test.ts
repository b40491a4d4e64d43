import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { readInput } from "../../src/engine/input.ts";
import { lint } from "../../src/engine/lint.ts";
import type { LintResult } from "../../src/engine/results.ts";

function lintSeed(...files: string[]): LintResult {
  const texts = files.map((file) => ({
    file,
    text: readFileSync(new URL(`../../rules-fixtures/seed/${file}`, import.meta.url), "utf8"),
  }));
  return lint(readInput(texts));
}

describe("the seed", () => {
  const result = lintSeed("rules.txt", "addrsets.txt");

  it("has the expanded ids, the two catch-alls and what the last of them makes needless, and nothing else", () => {
    expect(
      result.findings.map(
        ({ check, severity, rule }) => `${severity} ${check} ${rule!.id} at ${rule!.position}`,
      ),
    ).toEqual([
      "warning catch-all-accept 1007 at 15",
      "info duplicate-rule-id 1046 at 5",
      "info duplicate-rule-id 1038 at 7",
      "info duplicate-rule-id 1037 at 9",
      "info duplicate-rule-id 1009 at 11",
      "info duplicate-rule-id 1008 at 13",
      "info removable-rule 1007 at 15",
      "info catch-all-accept 1010 at 1",
    ]);
    expect(result.filters).toEqual([{ name: null, rules: 16, addrsets: 4 }]);
    expect(result.summary).toEqual({ error: 0, warning: 1, info: 7, suppressed: 0 });
  });

  it("says the same of the whole session in one file, apart from file, line and the filter's name", () => {
    const session = lintSeed("session.md");
    // A finding's fingerprint holds the filter, which only the session names, as it alone shows the vNIC.
    const elsewhere = new Set(["file", "line", "endLine", "filter", "fingerprint", "vnic"]);
    const said = ({ findings }: LintResult): unknown =>
      JSON.parse(JSON.stringify(findings, (key, value: unknown) => (elsewhere.has(key) ? undefined : value)));
    expect(said(session)).toEqual(said(result));
    const { vnic } = session.findings[0]!;
    expect(vnic).toEqual({ machine: "AW1", name: "AW1.eth0" });
    expect(session.findings.length).toBeLessThanOrEqual(12);
    expect(session.filters).toEqual([{ name: "nic-36445-eth0-vmware-sfw.2", rules: 16, addrsets: 4 }]);
  });
});
