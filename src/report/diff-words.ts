import type {
  ChangeKindResult,
  ChangeResult,
  DiffFilterResult,
  DiffResult,
  EditResult,
  RuleReferenceResult,
  SideResult,
} from "../engine/results.ts";
import type { Region } from "../engine/results.ts";
import { counted, ownedText, placeText, regionTexts, ruleText } from "./words.ts";

/** Words for what a change does, shared by the formats. */

export const KIND_ORDER: readonly ChangeKindResult[] = [
  "newly-accepted",
  "newly-denied",
  "verdict",
  "treatment",
  "attribution",
];

/** What groups of packets of one kind do, where they are several. */
export const KIND_PLURALS: Readonly<Record<ChangeKindResult, string>> = {
  "newly-accepted": "become possible",
  "newly-denied": "break",
  verdict: "get another verdict",
  treatment: "are treated otherwise",
  attribution: "are decided by another rule",
};

/** `1 group becomes possible`, `2 groups break`. */
export function groupsText(count: number, kind: ChangeKindResult, one = "group"): string {
  return `${counted(count, one)} ${count === 1 ? KIND_TITLES[kind] : KIND_PLURALS[kind]}`;
}

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
  filters,
}: DiffResult): string {
  if (equivalent) {
    const assumed = filters.some(({ assumptions }) => assumptions.length > 0)
      ? ", if what the dumps do not say is the same"
      : "";
    if (sameTreatment) return `proved: no packet's verdict changes, nor any packet's treatment${assumed}`;
    const groups = counted(summary.treatment, "group");
    return `proved: no packet's verdict changes, but log, tag, ALG or the like does for ${groups} of packets${assumed}`;
  }
  const parts = KIND_ORDER.filter((kind) => summary[kind] > 0).map((kind) => groupsText(summary[kind], kind));
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

const SOURCE_PORT_BITS = 16;

/**
 * `6 flows`, `about 2^20 packets`: where every source port is meant, flows say more than packets. What is told by
 * exception has no size.
 */
export function sizeText({
  size,
  region,
  except = [],
}: {
  readonly size: number;
  readonly region: Region;
  readonly except?: readonly RuleReferenceResult[];
}): string {
  if (except.length > 0) return "";
  const flows = region.every((box) => "family" in box && box.srcPorts?.[0] === "0-65535");
  const power = flows ? size - SOURCE_PORT_BITS : size;
  const what = flows ? "flow" : "packet";
  if (power < 6.5) return counted(Math.round(2 ** power), what);
  if (power < 20) return `about ${Number((2 ** power).toPrecision(2)).toLocaleString("en")} ${what}s`;
  return `about 2^${Math.round(power)} ${what}s`;
}

/** The packets of a change as lines, at most so many; what is told by exception says so. */
export function changeRegion(
  { region, except }: { readonly region: Region; readonly except: readonly RuleReferenceResult[] },
  most: number,
): { texts: string[]; more: number } {
  const { texts, more } = regionTexts(region, most, { brief: true });
  if (except.length > 0) texts.push(`but not what ${counted(except.length, "other rule")} take first`);
  return { texts, more };
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
      return editedFields(edit, rule);
    case "addrset":
      return `addrset ${listed(edit.addrsets)} has other members`;
  }
}

/** What stood there and stands there now, if that is short. */
function editedFields({ fields, values, id }: EditResult, rule: string): string {
  if (id === null) return "what a cut dump lost may differ";
  const [only] = values;
  if (values.length !== 1 || only === undefined) return `${rule} has another ${listed(fields)}`;
  const side = (texts: readonly string[]): string => (texts.length === 0 ? "nothing" : texts.join(" and "));
  const text = `${side(only.before)} -> ${side(only.after)}`;
  return text.length > MOST_CHARACTERS
    ? `${rule} has another ${only.field}`
    : `${rule} has another ${only.field}: ${text}`;
}

const MOST_CHARACTERS = 120;

export function causesText({ edits }: ChangeResult, filter: DiffFilterResult): string {
  return listed([...new Set(edits.map((place) => causeText(filter.edits[place]!)))].slice(0, 3));
}

/** What became of an edit: its effects, or that it has none and why. */
export function effectText({ effects, note }: EditResult): string {
  if (effects.length === 0) return note === null ? "no effect" : `no effect: ${note}`;
  const order: readonly EditResult["effects"][number][] = [...KIND_ORDER, "uncertain", "undecided"];
  const names = order.filter((effect) => effects.includes(effect)).join(", ");
  return note === null ? names : `${names}: ${note}`;
}

/** `rule 2051 at 4 to 6`, for the lines of an edit. */
export function linesText(lines: readonly RuleReferenceResult[]): string {
  const positions = lines.map(({ position }) => position);
  if (lines.length === 0 || positions.includes(null)) return "";
  if (positions.length === 1) return `at ${positions[0]}`;
  return `at ${positions.slice(0, 4).join(", ")}${positions.length > 4 ? ` and ${positions.length - 4} more` : ""}`;
}

/** `filter nic-…, vNIC AW1.eth0 (before: nic-…)`. */
export function filterTitle({ name, nameBefore, vnic, vnicBefore }: DiffFilterResult): string {
  const before = [nameBefore ?? [], ownedText(undefined, vnicBefore) ?? []].flat();
  const title = ownedText(name, vnic)!;
  return before.length === 0 ? title : `${title} (before: ${before.join(", ")})`;
}

/** True if what is said of a filter has to be told from what is said of others, or its name is known. */
export function hasNames({ filters }: DiffResult): boolean {
  return filters.length > 1 || filters.some(({ name, vnic }) => name !== null || vnic !== undefined);
}

/** `filter nic-…, vNIC AW1.eth0`: the filter where there are several, the vNIC where it is known. */
export function ownerIn(
  { filters }: Pick<DiffResult, "filters">,
  { name, vnic }: DiffFilterResult,
): string | undefined {
  return ownedText(filters.length > 1 ? name : undefined, vnic);
}

/** `only before: filter nic-…, not compared`, in parts. */
export function unpairedTexts({ unpaired }: DiffResult): { side: string; filter: string }[] {
  return unpaired.map(({ side, name, vnic }) => ({ side: `only ${side}`, filter: ownedText(name, vnic)! }));
}

export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
