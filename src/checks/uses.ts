import type { AddressNode } from "../syntax/nodes.ts";
import type { FilterAnalysis } from "../analysis/analysis.ts";
import { isEmpty } from "../model/ranges.ts";
import type { AddressSet, Endpoint, Filter, Rule } from "../model/rule.ts";
import { deadTailOf } from "./check.ts";

/** One place where a rule names a set. */
export interface Use {
  readonly rule: Rule;
  readonly side: "source" | "destination";
  readonly negated: boolean;
}

const usesByFilter = new WeakMap<FilterAnalysis, ReadonlyMap<AddressSet, readonly Use[]>>();

/** Where the rules of a filter use its sets, without ALG twins and without what stands behind a catch-all. */
export function usesIn(analysis: FilterAnalysis): ReadonlyMap<AddressSet, readonly Use[]> {
  const known = usesByFilter.get(analysis);
  if (known !== undefined) return known;
  const dead = deadTailOf(analysis);
  const uses = new Map<AddressSet, Use[]>();
  const add = (rule: Rule, side: Use["side"], node: AddressNode): void => {
    const set = node.type === "addrset" ? analysis.filter.addressSets.get(node.name) : undefined;
    if (set === undefined || node.type !== "addrset") return;
    const use = { rule, side, negated: node.negated };
    const others = uses.get(set);
    if (others === undefined) uses.set(set, [use]);
    else others.push(use);
  };
  for (const rule of analysis.filter.rules) {
    const { node } = rule;
    if (node === null || rule.internal || dead.has(rule)) continue;
    add(rule, "source", node.from);
    add(rule, "destination", node.to);
  }
  usesByFilter.set(analysis, uses);
  return uses;
}

export interface UsedSet {
  readonly set: AddressSet;
  readonly uses: readonly Use[];
  /** False if a rule that does not parse, or that was cut off, may use it too. */
  readonly complete: boolean;
}

/** The words of all rules that do not parse: they may name a set. Where a dump was cut off, any may be missing. */
export function unreadWords(filter: Filter): Unread {
  const known = unreadByFilter.get(filter);
  if (known !== undefined) return known;
  const unread = unreadIn(filter);
  unreadByFilter.set(filter, unread);
  return unread;
}

interface Unread {
  readonly words: ReadonlySet<string>;
  readonly cut: boolean;
}

const unreadByFilter = new WeakMap<Filter, Unread>();

function unreadIn({ rules }: Filter): Unread {
  const words = new Set<string>();
  let cut = false;
  for (const { node, reference } of rules) {
    if (node !== null) continue;
    const { dump, range } = reference.source;
    const own = dump.text.slice(range.start, range.end).split(/[\s;]+/);
    for (const word of own) if (word !== "") words.add(word);
    if (own.every((word) => word === "")) cut = true;
  }
  return { words, cut };
}

const namedByFilter = new WeakMap<Filter, ReadonlySet<string>>();

/** The sets that rules name, whether they are defined or not. */
export function setNamesIn(filter: Filter): ReadonlySet<string> {
  const known = namedByFilter.get(filter);
  if (known !== undefined) return known;
  const named = new Set<string>();
  for (const { node } of filter.rules) {
    if (node?.from.type === "addrset") named.add(node.from.name);
    if (node?.to.type === "addrset") named.add(node.to.name);
  }
  namedByFilter.set(filter, named);
  return named;
}

const used = new WeakMap<readonly FilterAnalysis[], readonly UsedSet[]>();

/** The sets that rules use, each once: sets that were saved without a prompt belong to several filters. */
export function usedSets(filters: readonly FilterAnalysis[]): readonly UsedSet[] {
  const known = used.get(filters);
  if (known !== undefined) return known;
  const found = collectUsedSets(filters);
  used.set(filters, found);
  return found;
}

function collectUsedSets(filters: readonly FilterAnalysis[]): UsedSet[] {
  const sets = new Map<string, { set: AddressSet; uses: readonly Use[]; complete: boolean }>();
  for (const analysis of filters) {
    const unread = unreadWords(analysis.filter);
    for (const [set, uses] of usesIn(analysis)) {
      const key = placeOf(set);
      const known = sets.get(key) ?? { set, uses: [], complete: true };
      sets.set(key, known);
      known.uses = known.uses.length === 0 ? uses : [...known.uses, ...uses];
      if (unread.cut || unread.words.has(set.name)) known.complete = false;
    }
  }
  return [...sets.values()];
}

/** The same for the same text, whichever filter it was read for. */
export function placeOf({ source: { dump, range } }: AddressSet): string {
  return `${range.start} ${dump.file}`;
}

interface Side {
  readonly side: "source" | "destination";
  readonly node: AddressNode;
  readonly endpoint: Endpoint;
}

/** Both sides of a rule as written and as meant; none for text that does not parse. */
export function sidesOf({ node, source, destination }: Rule): readonly Side[] {
  if (node === null) return [];
  return [
    { side: "source", node: node.from, endpoint: source },
    { side: "destination", node: node.to, endpoint: destination },
  ];
}

export function holdsNothing({ may }: Endpoint): boolean {
  return isEmpty(may.ipv4) && isEmpty(may.ipv6) && isEmpty(may.mac);
}

/** The empty sets because of which a rule matches nothing; none if it would match nothing with members either. */
export function emptiedBy(rule: Rule): readonly string[] {
  if (rule.layer === "ip" && rule.service.type === "none") return [];
  return sidesOf(rule).flatMap(({ node, endpoint }) =>
    node.type === "addrset" && !node.negated && holdsNothing(endpoint) ? [node.name] : [],
  );
}
