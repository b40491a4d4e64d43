import { printAddress } from "../syntax/print.ts";
import type { ListAnalysis } from "../analysis/analysis.ts";
import type { AddressRanges } from "../model/address.ts";
import type { Endpoint, Rule } from "../model/rule.ts";

const texts = new WeakMap<AddressRanges, string>();

/** Equal text for equal addresses, whatever the set is called. */
function addressText(addresses: AddressRanges): string {
  const known = texts.get(addresses);
  if (known !== undefined) return known;
  const text = `${addresses.ipv4.join(",")};${addresses.ipv6.join(",")};${addresses.mac.join(",")}`;
  texts.set(addresses, text);
  return text;
}

/** A set of which a member could not be read equals only itself. */
function sideText(rule: Rule, side: "from" | "to", { must, may }: Endpoint): string {
  return must === may ? addressText(must) : printAddress(rule.node![side]);
}

/** Equal text for rules that match the same packets and treat them the same. */
function meaningText(rule: Rule): string {
  const { log, tags, alg, strict, stateless } = rule.treatment;
  return [
    rule.directions.join(""),
    rule.layer === "ip"
      ? `${rule.families.join("")} ${JSON.stringify(rule.service)}`
      : rule.etherTypes.join(","),
    sideText(rule, "from", rule.source),
    sideText(rule, "to", rule.destination),
    JSON.stringify(rule.conditions.map(({ key }) => key).toSorted()),
    rule.action,
    JSON.stringify([log, tags, alg, strict, stateless]),
  ].join("\n");
}

interface Repeats {
  /** For each rule that says the same as an earlier one of another id: the first such rule. */
  readonly duplicates: ReadonlyMap<Rule, Rule>;
  /** Lines that say the same as an earlier line of their own id, as NSX prints them now and then. */
  readonly repeatedLines: ReadonlySet<Rule>;
}

const found = new WeakMap<ListAnalysis, Repeats>();

export function repeatsIn(list: ListAnalysis): Repeats {
  const known = found.get(list);
  if (known !== undefined) return known;
  const firsts = new Map<string, Rule>();
  const lines = new Set<string>();
  const duplicates = new Map<Rule, Rule>();
  const repeatedLines = new Set<Rule>();
  for (const [index, rule] of list.rules.entries()) {
    if (rule.node === null || rule.internal) continue;
    const text = meaningText(rule);
    const line = `${rule.reference.id} ${text}`;
    if (lines.has(line)) repeatedLines.add(rule);
    lines.add(line);
    // Rules that match nothing are all alike, and yet they say different things once a group is filled.
    if (list.entries[index]!.may.size === 0) continue;
    const first = firsts.get(text);
    if (first === undefined) firsts.set(text, rule);
    else if (first.reference.id !== rule.reference.id) duplicates.set(rule, first);
  }
  const repeats = { duplicates, repeatedLines };
  found.set(list, repeats);
  return repeats;
}

/** True for a line that somebody wrote as a rule: no ALG's internal twin, no line that its own id has already. */
export function isOwnRule(list: ListAnalysis, rule: Rule): boolean {
  return rule.node !== null && !rule.internal && !repeatsIn(list).repeatedLines.has(rule);
}
