import type {
  ChangeKindResult,
  ChangeResult,
  DiffFilterResult,
  DiffResult,
  EditResult,
  RuleReferenceResult,
  SideResult,
} from "../engine/results.ts";
import { counted, filterText, placeText, ruleText } from "./words.ts";

/** Words for what a change does, shared by the formats. */

export const KIND_ORDER: readonly ChangeKindResult[] = [
  "newly-accepted",
  "newly-denied",
  "verdict",
  "treatment",
  "attribution",
];

/** A heading for packets of one kind. */
export const KIND_TITLES: Readonly<Record<ChangeKindResult, string>> = {
  "newly-accepted": "becomes possible",
  "newly-denied": "breaks",
  verdict: "gets another verdict",
  treatment: "is treated otherwise",
  attribution: "is decided by another rule",
};

export function verdictLine({
  equivalent,
  sameTreatment,
  summary,
  onlyBefore,
  onlyAfter,
}: DiffResult): string {
  if (equivalent) {
    const treatment = sameTreatment
      ? "nor any packet's treatment"
      : `but the treatment of ${counted(summary.treatment, "group")} of packets does`;
    return `proved: no packet's verdict changes, ${treatment}`;
  }
  const parts = KIND_ORDER.filter((kind) => summary[kind] > 0).map(
    (kind) => `${counted(summary[kind], "group")} ${KIND_TITLES[kind]}`,
  );
  if (summary.uncertain > 0) parts.push(`${summary.uncertain} uncertain`);
  if (summary.undecided > 0) parts.push(`${counted(summary.undecided, "rule")} not decided`);
  const unpaired = onlyBefore.length + onlyAfter.length;
  if (unpaired > 0) parts.push(`${counted(unpaired, "filter")} on one side only`);
  return parts.join(", ");
}

/** `accept by rule 2051 at 4 (rules.txt:6)`. */
export function sideText({ verdict, rule }: SideResult): string {
  if (rule === null) return "no rule matches";
  return `${verdict} by ${ruleText(rule)} (${placeText(rule)})`;
}

/** `2^17 packets`. */
export function sizeText(power: number): string {
  if (power < 10) return counted(Math.round(2 ** power), "packet");
  return Number.isInteger(power) ? `2^${power} packets` : `2^${power.toFixed(1)} packets`;
}

/** `rule 2051 was added`, `addrset web has other members`. */
export function causeText(edit: EditResult): string {
  const rule = edit.id === null ? "text that does not parse" : `rule ${edit.id}`;
  switch (edit.type) {
    case "added":
      return `${rule} was added`;
    case "removed":
      return `${rule} was removed`;
    case "moved":
      return `${rule} was moved`;
    case "edited":
      return `${rule} has another ${listed(edit.fields)}`;
    case "addrset":
      return `addrset ${listed(edit.addrsets)} has other members`;
  }
}

export function causesText({ edits }: ChangeResult, filter: DiffFilterResult): string {
  return listed([...new Set(edits.map((place) => causeText(filter.edits[place]!)))].slice(0, 3));
}

/** What became of an edit: its effects, or that it has none and why. */
export function effectText({ effects, note }: EditResult): string {
  if (effects.length === 0) return note === null ? "no effect" : `no effect: ${note}`;
  const order: readonly EditResult["effects"][number][] = [...KIND_ORDER, "uncertain", "undecided"];
  return order.filter((effect) => effects.includes(effect)).join(", ");
}

/** `rule 2051 at 4 to 6`, for the lines of an edit. */
export function linesText(lines: readonly RuleReferenceResult[]): string {
  const positions = lines.map(({ position }) => position);
  if (lines.length === 0 || positions.includes(null)) return "";
  if (positions.length === 1) return `at ${positions[0]}`;
  return `at ${positions.slice(0, 4).join(", ")}${positions.length > 4 ? ` and ${positions.length - 4} more` : ""}`;
}

export function filterTitle({ name, nameBefore }: DiffFilterResult): string {
  return nameBefore === null ? filterText(name) : `${filterText(name)} (before: ${nameBefore})`;
}

export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
