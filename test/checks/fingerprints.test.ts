import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { printBaseline, readBaseline, toBaseline, type Baseline } from "../../src/engine/baseline.ts";
import { readInput } from "../../src/engine/input.ts";
import { lint } from "../../src/engine/lint.ts";
import type { FindingResult, LintResult } from "../../src/engine/results.ts";
import type { Suppression } from "../../src/engine/suppressions.ts";
import { smallDump } from "../support/universe.ts";
import { dumpOf, findingsOf } from "./support.ts";

const SETS = { office: ["10.0.0.0/24"], web: ["10.9.0.10"], none: [], spare: ["10.9.0.99"] };

/** A finding of nearly every check. */
const RULES: [number, string][] = [
  [501, "inout protocol tcp from addrset office to addrset web port 443 accept"],
  [502, "inout protocol tcp from ip 10.0.0.7 to addrset web port 443 drop"],
  [503, "inout protocol tcp from ip 10.0.0.8 to addrset web port 443 accept with log"],
  [504, "inout protocol tcp from addrset office to addrset web port 443 accept"],
  [505, "inout inet6 protocol tcp from addrset office to any port 22 accept"],
  [506, "inout protocol tcp from not addrset none to addrset web port 23 drop"],
  [507, "inout protocol tcp from addrset gone to any port 25 drop"],
  [508, "inout protocol tcp from any to any port 80 with attribute profile APP_X accept"],
  [509, "inout protocol tcp from any to any port 81 accept"],
  [509, "inout protocol tcp from any to any port 82 drop"],
  [510, "inout protocol any from any to any accept"],
  [511, "inout protocol tcp from any to any port 84 accept"],
];

function fingerprints(text: string): string[] {
  return findingsOf(text)
    .map(({ check, fingerprint }) => `${check} ${fingerprint}`)
    .toSorted();
}

describe("fingerprints", () => {
  const text = dumpOf(RULES, SETS);
  const before = fingerprints(text);

  it("are there for the checks that this dump is about", () => {
    expect(new Set(before.map((line) => line.split(" ")[0]))).toEqual(
      new Set([
        "shadowed-rule",
        "redundant-rule",
        "duplicate-rule",
        "duplicate-rule-id",
        "never-matches",
        "empty-addrset",
        "undefined-addrset",
        "unused-addrset",
        "unknown-match",
        "catch-all-accept",
        "dead-tail",
        "unlogged-rule",
        "removable-rule",
      ]),
    );
  });

  it("stay when blank lines, comments and indentation change", () => {
    const moved = text
      .replaceAll("\n  rule", "\n\n  # a note\n\trule")
      .replaceAll("\n", "\r\n")
      .replace(/^/, "\r\n\r\n");
    expect(findingsOf(moved)[0]!.location.line).not.toBe(findingsOf(text)[0]!.location.line);
    expect(fingerprints(moved)).toEqual(before);
  });

  it("stay when positions are renumbered by a rule above that has nothing to do with them", () => {
    const unrelated: [number, string] = [
      700,
      "out inet protocol udp from ip 10.200.0.1 to ip 10.200.0.2 port 53 reject",
    ];
    for (const at of [0, 3, 9]) {
      expect(fingerprints(dumpOf(RULES.toSpliced(at, 0, unrelated), SETS))).toEqual(before);
    }
  });

  it("stay when sets come first, in another order and in a file of their own", () => {
    const [rules, sets] = [dumpOf(RULES), dumpOf([], SETS).replace(/^ruleset.*\n\}\n/, "")];
    expect(sets.startsWith("addrset office")).toBe(true);
    expect(fingerprints(`${sets}${rules}`)).toEqual(before);
    const apart = findingsOf(sets, rules);
    expect(apart.map(({ check, fingerprint }) => `${check} ${fingerprint}`).toSorted()).toEqual(before);
  });

  it.each([
    [
      "another rule",
      1,
      [512, "inout protocol tcp from ip 10.0.0.7 to addrset web port 443 drop"],
      "shadowed-rule",
    ],
    [
      "another match",
      1,
      [502, "inout protocol tcp from ip 10.0.0.9 to addrset web port 443 drop"],
      "shadowed-rule",
    ],
    [
      "another verdict",
      1,
      [502, "inout protocol tcp from ip 10.0.0.7 to addrset web port 443 reject"],
      "shadowed-rule",
    ],
    ["another blocker", 0, [513, RULES[0]![1]], "shadowed-rule"],
    [
      "another set",
      6,
      [507, "inout protocol tcp from addrset lost to any port 25 drop"],
      "undefined-addrset",
    ],
  ] as [string, number, [number, string], string][])("differ for %s", (_, at, rule, check) => {
    const of = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith(`${check} `));
    const after = of(fingerprints(dumpOf(RULES.with(at, rule), SETS)));
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(of(before));
  });

  it("differ between filters", () => {
    const vnic = (name: string): string => `[root@esx:~] vsipioctl getrules -f ${name}\n${text}`;
    const both = findingsOf(`${vnic("nic-1-eth0-vmware-sfw.2")}${vnic("nic-2-eth0-vmware-sfw.2")}`);
    expect(both).toHaveLength(2 * before.length);
    expect(new Set(both.map(({ fingerprint }) => fingerprint)).size).toBe(both.length);
  });

  it("are never equal within one result, also of lines that repeat each other", () => {
    fc.assert(
      fc.property(smallDump({ known: false, most: 8 }), fc.boolean(), (dump, oneId) => {
        const again = oneId ? dump.replaceAll(/rule \d+ at/g, "rule 7 at") : dump;
        const all = findingsOf(again.replace("{\n", `{\n${/ {2}rule.*\n/.exec(again)![0].repeat(3)}`));
        expect(new Set(all.map(({ fingerprint }) => fingerprint)).size).toBe(all.length);
      }),
      { numRuns: 150 },
    );
  });

  it("make a baseline: nothing is new in the same input, and what is new is exactly what differs", () => {
    const lintText = (text: string, baseline: Baseline | null): LintResult =>
      lint(readInput([{ file: "dump.txt", text }]), { baseline });
    const prints = (findings: readonly FindingResult[]): string[] =>
      findings.map(({ check, fingerprint }) => `${check} ${fingerprint}`).toSorted();
    fc.assert(
      fc.property(
        smallDump({ known: false, most: 8 }),
        smallDump({ known: false, most: 8 }),
        (dump, otherDump) => {
          const before = lintText(dump, null).findings;
          // Through the file's text and back.
          const baseline = readBaseline(printBaseline(toBaseline(before)));
          const again = lintText(dump, baseline);
          expect(again.findings).toEqual([]);
          expect(again.baseline).toEqual({ known: before, gone: [] });
          expect(printBaseline(toBaseline(before, baseline))).toBe(printBaseline(baseline));
          // Another input altogether: new and known are all that is there, known and gone all that was.
          const other = lintText(otherDump, null).findings;
          const compared = lintText(otherDump, baseline);
          const { known, gone } = compared.baseline!;
          expect(prints([...compared.findings, ...known])).toEqual(prints(other));
          expect(
            [...prints(known), ...gone.map(({ check, fingerprint }) => `${check} ${fingerprint}`)].toSorted(),
          ).toEqual(prints(before));
          expect(prints(compared.findings)).toEqual(
            prints(other).filter((name) => !prints(before).includes(name)),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it("of one new problem: a baseline lets it alone through", () => {
    const { findings } = lint(readInput([{ file: "dump.txt", text }]));
    const baseline = toBaseline(findings);
    const unused = `${text}addrset left-over {\nip 10.77.0.1,\n}\n`;
    const after = lint(readInput([{ file: "dump.txt", text: unused }]), { baseline });
    expect(after.findings.map(({ check, addrset }) => [check, addrset])).toEqual([
      ["unused-addrset", "left-over"],
    ]);
    expect(after.baseline!.known).toHaveLength(findings.length);
  });

  it("make suppressions: each finding can be suppressed by its own, and no other goes with it", () => {
    fc.assert(
      fc.property(smallDump({ known: false, most: 8 }), fc.nat(), (dump, number) => {
        const input = readInput([{ file: "dump.txt", text: dump }]);
        const all = lint(input).findings;
        if (all.length === 0) return;
        const chosen = all[number % all.length]!;
        const suppression: Suppression = {
          check: chosen.check,
          rule: null,
          addrset: null,
          fingerprint: chosen.fingerprint,
          reason: "x",
          until: null,
          location: { file: "dfwlint.yaml", line: 1, column: 1, endLine: 1, endColumn: 1 },
        };
        const after = lint(input, { suppressions: { list: [suppression], today: "2025-06-15" } });
        expect(after.findings).toEqual(all.filter((finding) => finding !== chosen));
        expect(after.suppressed).toEqual([{ ...chosen, suppression: { reason: "x", until: null } }]);
      }),
      { numRuns: 100 },
    );
  });
});
