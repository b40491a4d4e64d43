import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { AddressSet, Filter } from "./rule.ts";

/** For each filter, the name of the first before it with the same rules and the same sets, whatever their order. */
export function sameContent(filters: readonly Filter[]): ReadonlyMap<Filter, string | null> {
  const same = new Map<Filter, string | null>();
  for (const [filter, first] of firstOfContent(filters)) if (first !== filter) same.set(filter, first.name);
  return same;
}

/** For each filter that has rules, the first with the same rules and sets: itself, or one before it. */
export function firstOfContent(filters: readonly Filter[]): ReadonlyMap<Filter, Filter> {
  const withRules = filters.filter(({ rules }) => rules.length > 0);
  if (withRules.length === 1) return new Map([[withRules[0]!, withRules[0]!]]);
  const first = new Map<string, Filter>();
  return new Map(
    withRules.map((filter) => {
      const key = filter.elsewhere?.content ?? contentOf(filter);
      const earlier = first.get(key) ?? filter;
      first.set(key, earlier);
      return [filter, earlier];
    }),
  );
}

/** What is equal for filters with the same rules and the same sets. */
export function contentOf({ rules, addressSets }: Filter): string {
  const lines = rules.map(
    ({
      reference: {
        ruleset,
        category,
        source: { dump, range },
      },
    }) => [ruleset, category, dump.text.slice(range.start, range.end).replace(/\s+/g, " ")].join("\t"),
  );
  const sets = [...addressSets.values()].map(membersHash).toSorted();
  return textHash([...lines, ...sets].join("\n"));
}

/** A set as text, its members in one order. */
export function membersOf({ name, node }: AddressSet): string {
  const members = node.members.map((member) =>
    member.type === "member" ? `${member.family} ${member.text}` : member.text.trim(),
  );
  return [name, ...members.toSorted(), ...(node.closed ? [] : ["…"])].join(" ");
}

/** Equal for sets of the same name and members. */
export function membersHash(set: AddressSet): string {
  const known = hashes.get(set);
  if (known !== undefined) return known;
  const hash = textHash(membersOf(set)).slice(0, 32);
  hashes.set(set, hash);
  return hash;
}

const hashes = new WeakMap<AddressSet, string>();

/** Stands for a long text where only equal ones are looked for. */
function textHash(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}
