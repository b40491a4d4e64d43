import type { CollateralResult, IntentResult, UnmetResult } from "../engine/results.ts";
import { sideText } from "./diff-words.ts";
import { counted, ownedText, placeText, ruleText } from "./words.ts";

/** Words for how a change compares with what it is for, shared by the formats. */

export function intentLine({ met, changes, unmet, collateral }: IntentResult): string {
  const intended = counted(changes.length, "intended change");
  if (met) return `proved: ${intended} brought about, and no other verdict changes`;
  const missing = new Set(unmet.map(({ name }) => name)).size;
  const parts: string[] = [];
  if (missing > 0) parts.push(`${missing} of ${intended} not brought about`);
  if (collateral.length > 0)
    parts.push(`${counted(collateral.length, "group")} of packets changed that no intended change names`);
  return parts.length === 0
    ? `${intended} brought about, but not everything could be compared`
    : parts.join(", ");
}

/** `expected accept, and the verdict is drop by rule 7 at 3 (rules.txt:9)`. */
export function unmetText({ message, rule, certain, dependsOn }: UnmetResult): string {
  const by = rule === null ? "" : ` by ${ruleText(rule)} (${placeText(rule)})`;
  const [first] = dependsOn;
  const other = first === undefined || first.rule === null ? "" : `${ruleText(first.rule)}: `;
  const doubt = certain ? "" : first === undefined ? " (uncertain)" : ` (uncertain: ${other}${first.reason})`;
  return `${message}${by}${doubt}`;
}

export function collateralText({ before, after, kind, certain }: CollateralResult): string {
  const doubt = certain ? "" : kind === "uncertain" ? "perhaps " : "at most ";
  return `${doubt}${sideText(before)} -> ${sideText(after)}`;
}

/** ` in filter nic-1, vNIC AW1.eth0`, where there are several or they have names. */
export function inFilter({ filter, vnic }: UnmetResult | CollateralResult): string {
  return filter === null ? "" : ` in ${ownedText(filter, vnic)!}`;
}
