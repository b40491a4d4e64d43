import type { CheckDocumentation } from "../../src/checks/check.ts";
import { readConfiguration } from "../../src/engine/configuration/read.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../src/checks/settings.ts";
import { readInput } from "../../src/engine/input.ts";
import { lint } from "../../src/engine/lint.ts";
import type { FindingResult } from "../../src/engine/results.ts";

/** The findings in texts that are given as one file each. */
export function findingsOf(...texts: string[]): readonly FindingResult[] {
  return lint(readInput(texts.map((text, index) => ({ file: `dump-${index + 1}.txt`, text })))).findings;
}

/** The findings in a check's own example. */
export function exampleFindings({
  example,
  exampleConfiguration,
}: CheckDocumentation): readonly FindingResult[] {
  if (exampleConfiguration === undefined) return findingsOf(example);
  const { configuration } = readConfiguration("dfwlint.yaml", exampleConfiguration);
  const { settings, severities, suppressions } = configuration!;
  return lint(readInput([{ file: "dump.txt", text: example }]), {
    settings,
    severities,
    suppressions: { list: suppressions, today: "2025-06-15" },
  }).findings;
}

/** The findings in one text under other settings. */
export function findingsWith(settings: Partial<Settings>, text: string): readonly FindingResult[] {
  const input = readInput([{ file: "dump-1.txt", text }]);
  return lint(input, { settings: { ...DEFAULT_SETTINGS, ...settings } }).findings;
}

/** The findings of one check. */
export function found(check: string, ...texts: string[]): readonly FindingResult[] {
  return findingsOf(...texts).filter((finding) => finding.check === check);
}

/** A dump of one layer-3 ruleset with these rules, each without `rule ID at POSITION`, and these sets. */
export function dumpOf(
  rules: readonly (string | readonly [id: number, body: string])[],
  sets: Readonly<Record<string, readonly string[]>> = {},
): string {
  const lines = rules.map((rule, index) => {
    const [id, body] = typeof rule === "string" ? [101 + index, rule] : rule;
    return `  rule ${id} at ${index + 1} ${body};\n`;
  });
  const blocks = Object.entries(sets).map(
    ([name, members]) =>
      `addrset ${name} {\n${members.map((member) => `${member.startsWith("mac ") ? "" : "ip "}${member},\n`).join("")}}\n`,
  );
  return `ruleset domain-c1 {\n${lines.join("")}}\n${blocks.join("")}`;
}

/** Where a finding stands and what it speaks of, by rule ids: `103 by 101, 102`. */
export function ids({ rule, related }: FindingResult): string {
  const others = related.flatMap((other) => (other.rule === undefined ? [] : [other.rule.id]));
  return others.length === 0 ? `${rule?.id}` : `${rule?.id} by ${others.join(", ")}`;
}
