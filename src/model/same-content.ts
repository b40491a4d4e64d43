import type { AddressSet, Filter } from "./rule.ts";

/** For each filter, the name of the first before it with the same rules and the same sets, whatever their order. */
export function sameContent(filters: readonly Filter[]): ReadonlyMap<Filter, string | null> {
  const first = new Map<string, Filter>();
  const same = new Map<Filter, string | null>();
  if (filters.length < 2) return same;
  for (const filter of filters) {
    if (filter.rules.length === 0) continue;
    const key = contentOf(filter);
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, filter);
    else same.set(filter, earlier.name);
  }
  return same;
}

function contentOf({ rules, addressSets }: Filter): string {
  const lines = rules.map(
    ({
      reference: {
        ruleset,
        category,
        source: { dump, range },
      },
    }) => [ruleset, category, dump.text.slice(range.start, range.end).replace(/\s+/g, " ")].join("\t"),
  );
  const sets = [...addressSets.values()].map(membersOf).toSorted();
  return [...lines, ...sets].join("\n");
}

/** A set as text, its members in one order. */
export function membersOf({ name, node }: AddressSet): string {
  const members = node.members.map((member) =>
    member.type === "member" ? `${member.family} ${member.text}` : member.text.trim(),
  );
  return [name, ...members.toSorted(), ...(node.closed ? [] : ["…"])].join(" ");
}
