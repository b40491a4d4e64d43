import { printAddress } from "../syntax/print.ts";
import type { ListAnalysis } from "../analysis/analysis.ts";
import type { AddressRanges } from "../model/address.ts";
import { equals } from "../model/ranges.ts";
import type { Endpoint, Rule } from "../model/rule.ts";

/** Numbers address sets so that sets with the same addresses have the same number, whatever they are called. */
class AddressNumbers {
  readonly #numbers = new Map<AddressRanges, number>();
  /** Different sets met so far, by a number made of their bounds. */
  readonly #met = new Map<number, AddressRanges[]>();

  of(addresses: AddressRanges): number {
    const known = this.#numbers.get(addresses);
    if (known !== undefined) return known;
    const hash = hashOf(addresses);
    const met = this.#met.get(hash);
    const same = met?.find((other) => equalAddresses(other, addresses));
    if (met === undefined) this.#met.set(hash, [addresses]);
    else if (same === undefined) met.push(addresses);
    const number = same === undefined ? this.#numbers.size : this.#numbers.get(same)!;
    this.#numbers.set(addresses, number);
    return number;
  }
}

function equalAddresses(a: AddressRanges, b: AddressRanges): boolean {
  return equals(a.ipv4, b.ipv4) && equals(a.ipv6, b.ipv6) && equals(a.mac, b.mac);
}

function hashOf({ ipv4, ipv6, mac }: AddressRanges): number {
  let hash = ipv4.length;
  const mix = (value: number): void => {
    hash = Math.imul(hash ^ value, 0x01000193);
    hash ^= hash >>> 15;
  };
  for (const bound of ipv4) mix(bound);
  for (const bound of mac) mix(bound % 2 ** 32);
  for (const bound of ipv6) {
    mix(Number(BigInt.asUintN(32, bound)));
    mix(Number(BigInt.asUintN(32, bound >> 64n)));
  }
  return hash;
}

/** A set of which a member could not be read equals only itself. */
function sideText(rule: Rule, side: "from" | "to", { must, may }: Endpoint, numbers: AddressNumbers): string {
  return must === may ? `${numbers.of(must)}` : printAddress(rule.node![side]);
}

/** Equal text for rules that match the same packets and treat them the same. */
function meaningText(rule: Rule, numbers: AddressNumbers): string {
  const { log, tags, alg, strict, stateless } = rule.treatment;
  return [
    rule.directions.join(""),
    rule.layer === "ip"
      ? `${rule.families.join("")} ${JSON.stringify(rule.service)}`
      : rule.etherTypes.join(","),
    sideText(rule, "from", rule.source, numbers),
    sideText(rule, "to", rule.destination, numbers),
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
  const numbers = new AddressNumbers();
  const firsts = new Map<string, Rule>();
  const lines = new Set<string>();
  const duplicates = new Map<Rule, Rule>();
  const repeatedLines = new Set<Rule>();
  for (const [index, rule] of list.rules.entries()) {
    if (rule.node === null || rule.internal) continue;
    const text = meaningText(rule, numbers);
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
