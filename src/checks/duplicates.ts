import { printAddress } from "../syntax/print.ts";
import type { ListAnalysis } from "../analysis/analysis.ts";
import { FIELDS } from "../analysis/planes.ts";
import type { RuleFacts } from "../analysis/reachability.ts";
import type { AddressRanges } from "../model/address.ts";
import { equals } from "../model/ranges.ts";
import type { Endpoint, Rule } from "../model/rule.ts";
import { treatmentKey } from "../model/treatment.ts";
import { isSystemRule } from "./words.ts";

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
  for (const bound of ipv4) hash = mix(hash, bound);
  for (const bound of mac) hash = mix(hash, bound % 2 ** 32);
  for (const bound of ipv6) {
    hash = mix(hash, Number(BigInt.asUintN(32, bound)));
    hash = mix(hash, Number(BigInt.asUintN(32, bound >> 64n)));
  }
  return hash;
}

function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x01000193);
  return mixed ^ (mixed >>> 15);
}

/** A set of which a member could not be read equals only itself. */
function sideText(rule: Rule, side: "from" | "to", { must, may }: Endpoint, numbers: AddressNumbers): string {
  return must === may ? `${numbers.of(must)}` : printAddress(rule.node![side]);
}

/** Equal text for rules that match the same packets and treat them the same. */
function meaningText(rule: Rule, numbers: AddressNumbers): string {
  const { source, destination, conditions, treatment } = rule;
  const header =
    rule.layer === "ip"
      ? `${rule.families.join("")} ${JSON.stringify(rule.service)}`
      : rule.etherTypes.join();
  const unknown = conditions.length === 0 ? "" : JSON.stringify(conditions.map(({ key }) => key).toSorted());
  const ends = `${sideText(rule, "from", source, numbers)}\n${sideText(rule, "to", destination, numbers)}`;
  return `${rule.directions.join("")}\n${header}\n${ends}\n${unknown}\n${rule.action}\n${treatmentKey(treatment)}`;
}

/**
 * 1 for each rule that may match the same packets as another one: most do not, and are known by a number made of their
 * sets in each plane, which is equal for equal packets.
 */
function alikeIn({ planes, rules }: ListAnalysis): Uint8Array {
  const alike = new Uint8Array(rules.length);
  const firsts = new Map<number, number>();
  for (let index = 0; index < rules.length; index += 1) {
    let hash = 0;
    for (const { may } of planes)
      for (let at = index * FIELDS; at < (index + 1) * FIELDS; at += 1) hash = mix(hash, may[at]!);
    const first = firsts.get(hash);
    if (first === undefined) firsts.set(hash, index);
    else alike[index] = alike[first] = 1;
  }
  return alike;
}

/** Who says the same: the first rule, and the ids of later ones. */
interface Said {
  readonly first: Rule;
  otherIds: Set<number | null> | null;
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
  const said = new Map<string, Said>();
  const duplicates = new Map<Rule, Rule>();
  const repeatedLines = new Set<Rule>();
  const alike = alikeIn(list);
  for (const [index, rule] of list.rules.entries()) {
    if (alike[index] === 0 || rule.node === null || rule.internal) continue;
    const text = meaningText(rule, numbers);
    const { id } = rule.reference;
    const before = said.get(text);
    if (before === undefined) said.set(text, { first: rule, otherIds: null });
    else if (before.first.reference.id === id || before.otherIds?.has(id) === true) repeatedLines.add(rule);
    else (before.otherIds ??= new Set()).add(id);
    // Rules that match nothing are all alike, and yet they say different things once a group is filled.
    if (before === undefined || list.entries[index]!.may.size === 0) continue;
    if (before.first.reference.id !== id) duplicates.set(rule, before.first);
  }
  const repeats = { duplicates, repeatedLines };
  found.set(list, repeats);
  return repeats;
}

/** True for a line that somebody wrote as a rule: no ALG's internal twin, no line that its own id has already. */
export function isOwnRule(list: ListAnalysis, rule: Rule): boolean {
  return rule.node !== null && !rule.internal && !repeatsIn(list).repeatedLines.has(rule);
}

export interface OwnRule {
  readonly index: number;
  readonly rule: Rule;
  readonly facts: RuleFacts;
  /** True for what NSX brings along. */
  readonly isSystem: boolean;
}

const ownRules = new WeakMap<ListAnalysis, readonly OwnRule[]>();

/** The rules of a list that somebody wrote, up to its catch-all: what stands behind that is one finding, `dead-tail`. */
export function ownRulesOf(list: ListAnalysis): readonly OwnRule[] {
  const known = ownRules.get(list);
  if (known !== undefined) return known;
  const { facts, catchAllIndex } = list;
  const { repeatedLines } = repeatsIn(list);
  const own: OwnRule[] = [];
  const end = catchAllIndex === null ? facts.length : catchAllIndex + 1;
  for (let index = 0; index < end; index += 1) {
    const rule = list.rules[index]!;
    if (rule.node === null || rule.internal || repeatedLines.has(rule)) continue;
    own.push({ index, rule, facts: facts[index]!, isSystem: isSystemRule(rule) });
  }
  ownRules.set(list, own);
  return own;
}
