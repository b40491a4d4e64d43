import type { AddressRanges } from "../model/address.ts";
import { difference } from "../model/ranges.ts";
import { addressNodes, type AddressSet, type Rule } from "../model/rule.ts";
import { printAddress, printRuleBody, printService } from "../syntax/print.ts";

/** What a person who compares two rule lists would say: an edit a manager rule, whatever its lines are. */
export interface RuleEdit {
  readonly type: "added" | "removed" | "moved" | "edited" | "addrset";
  readonly id: number | null;
  readonly ruleset: string | null;
  /** The lines that differ, before and after. */
  readonly before: readonly Rule[];
  readonly after: readonly Rule[];
  /** In what an edited rule differs, in words. */
  readonly fields: readonly string[];
  /** What the lines say in each of these fields on one side only. */
  readonly values: readonly FieldValues[];
  /** The sets through which the same text means something else, if that is all. */
  readonly addressSets: readonly string[];
}

export interface FieldValues {
  readonly field: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface SetEdit {
  readonly type: "added" | "removed" | "edited";
  readonly name: string;
  readonly gained: AddressRanges;
  readonly lost: AddressRanges;
}

/**
 * The edits that lead from one list to another.
 * @param unchanged rules that mean the same on both sides, in the same order
 */
export function ruleEdits(
  before: readonly Rule[],
  after: readonly Rule[],
  unchanged: ReadonlyMap<Rule, Rule>,
  changedSets: ReadonlySet<string>,
): RuleEdit[] {
  const kept = new Set(unchanged.values());
  const byId = new Map<string, { before: Rule[]; after: Rule[] }>();
  const idsBefore = new Set(before.map(keyOf));
  const idsAfter = new Set(after.map(keyOf));
  const groupOf = (rule: Rule): { before: Rule[]; after: Rule[] } => {
    const known = byId.get(keyOf(rule)) ?? { before: [], after: [] };
    byId.set(keyOf(rule), known);
    return known;
  };
  for (const rule of after) if (!kept.has(rule)) groupOf(rule).after.push(rule);
  for (const rule of before) if (!unchanged.has(rule)) groupOf(rule).before.push(rule);
  return [...byId].map(([key, lines]): RuleEdit => {
    const { id, ruleset } = (lines.after[0] ?? lines.before[0]!).reference;
    const edit = { id, ruleset, ...lines, fields: [], values: [], addressSets: [] };
    if (!idsBefore.has(key)) return { ...edit, type: "added" };
    if (!idsAfter.has(key)) return { ...edit, type: "removed" };
    const fields = differingFields(lines.before, lines.after);
    if (fields.length > 0) {
      const values = fields.flatMap((name) => valuesOf(name, lines.before, lines.after));
      return { ...edit, type: "edited", fields, values };
    }
    // What a cut dump lost on both sides.
    if (key.endsWith(" ")) return { ...edit, type: "edited", fields: ["what the dump lost"] };
    const addressSets = namedSets([...lines.before, ...lines.after]).filter((name) => changedSets.has(name));
    return addressSets.length > 0 ? { ...edit, type: "addrset", addressSets } : { ...edit, type: "moved" };
  });
}

function keyOf({ reference: { ruleset, id, source } }: Rule): string {
  // Text that does not parse is known by what it says only.
  return id === null
    ? `${ruleset} ${source.dump.text.slice(source.range.start, source.range.end)}`
    : `${ruleset}/${id}`;
}

function namedSets(rules: readonly Rule[]): string[] {
  const names = rules.flatMap((rule) =>
    addressNodes(rule).flatMap((node) => (node.type === "addrset" ? [node.name] : [])),
  );
  return [...new Set(names)];
}

const FIELDS: readonly (readonly [string, (rule: Rule) => string])[] = [
  ["source", ({ node }) => (node === null ? "" : printAddress(node.from))],
  ["destination", ({ node }) => (node === null ? "" : printAddress(node.to))],
  ["service", ({ node }) => (node === null ? "" : printService(node))],
  ["direction", ({ directions }) => directions.join()],
  ["address family", ({ node }) => node?.family ?? ""],
  ["qualifier", ({ node }) => node?.qualifiers.map(({ text }) => text).join() ?? ""],
  ["action", ({ action }) => action],
  ["log", ({ treatment }) => (treatment.log ? "with log" : "no log")],
  ["tag", ({ treatment }) => treatment.tags.join()],
  ["ALG", ({ treatment }) => treatment.alg ?? "none"],
  ["strict", ({ treatment }) => (treatment.strict ? "strict" : "not strict")],
  ["stateless", ({ treatment }) => (treatment.stateless ? "stateless" : "stateful")],
];

function valuesOf(name: string, before: readonly Rule[], after: readonly Rule[]): FieldValues[] {
  const read = FIELDS.find(([field]) => field === name)?.[1];
  if (read === undefined) return [];
  const [was, is] = [before, after].map((lines) => [...new Set(lines.map(read))]) as [string[], string[]];
  return [
    {
      field: name,
      before: was.filter((text) => !is.includes(text)),
      after: is.filter((text) => !was.includes(text)),
    },
  ];
}

/** The fields in which lines of one rule differ; none if the lines are the same in another order or place. */
function differingFields(before: readonly Rule[], after: readonly Rule[]): string[] {
  const text = ({ node, internal }: Rule): string =>
    `${internal} ${node === null ? "" : printRuleBody(node)}`;
  const all = (rules: readonly Rule[], read: (rule: Rule) => string): string =>
    [...new Set(rules.map(read))].toSorted().join("\n");
  const lines = (rules: readonly Rule[]): string => rules.map(text).toSorted().join("\n");
  if (lines(before) === lines(after)) return [];
  const fields = FIELDS.filter(([, read]) => all(before, read) !== all(after, read)).map(([name]) => name);
  // Lines that were added or taken away and are like the others in every field alone.
  return fields.length > 0 ? fields : ["lines"];
}

/** The sets that are not the same on both sides. */
export function setEdits(
  before: ReadonlyMap<string, AddressSet>,
  after: ReadonlyMap<string, AddressSet>,
): SetEdit[] {
  const edits: SetEdit[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(name), after.get(name)];
    const gained = without(is?.may, was?.may);
    const lost = without(was?.may, is?.may);
    const type = was === undefined ? "added" : is === undefined ? "removed" : "edited";
    const same = [gained, lost].every(({ ipv4, ipv6, mac }) => ipv4.length + ipv6.length + mac.length === 0);
    // A set of which a member could not be read is never known to be the same, unless its text is.
    const unknown = [was, is].some((set) => set !== undefined && set.uncertainty !== null);
    if (type === "edited" && same && !(unknown && textOf(was!) !== textOf(is!))) continue;
    edits.push({ type, name, gained, lost });
  }
  return edits;
}

function textOf({ source: { dump, range } }: AddressSet): string {
  return dump.text.slice(range.start, range.end).split(/\s+/).join(" ");
}

function without(a: AddressRanges | undefined, b: AddressRanges | undefined): AddressRanges {
  return {
    ipv4: difference(a?.ipv4 ?? [], b?.ipv4 ?? []),
    ipv6: difference(a?.ipv6 ?? [], b?.ipv6 ?? []),
    mac: difference(a?.mac ?? [], b?.mac ?? []),
  };
}
