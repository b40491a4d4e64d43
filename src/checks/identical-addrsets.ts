import type { AddressRanges } from "../model/address.ts";
import { equals } from "../model/ranges.ts";
import type { AddressSet } from "../model/rule.ts";
import type { Check } from "./check.ts";
import { holdsNothing, placeOf, usesIn } from "./uses.ts";
import { counted, enumerate } from "./words.ts";

const MOST_NAMED = 5;

export const identicalAddrsets: Check = {
  id: "identical-addrsets",
  severity: "info",
  label: "holds the same",
  summary:
    "Address sets of different names hold exactly the same addresses, however their members are written. Only sets that " +
    "a rule uses are compared, and no empty ones.",
  why:
    "Rules for one look as if they were about other machines than rules for the other. Where both are meant to be the " +
    "same, a change to one group will miss the rules of the other.",
  help:
    "Use one group in the manager if they mean the same. Keep them if they only happen to be equal today, such as a " +
    "segment with one application on it.",
  example: `ruleset domain-c1 {
  rule 1201 at 1 inout protocol tcp from addrset web to addrset db port 5432 accept;
  rule 1202 at 2 inout protocol tcp from addrset shop to any port 443 accept;
  rule 1001 at 3 inout protocol any from any to any drop with log;
}
addrset web {
ip 10.1.1.10,
ip 10.1.1.11,
}
addrset shop {
ip 10.1.1.10-10.1.1.11,
}
addrset db {
ip 10.1.2.10,
}`,
  *find(context) {
    const said = new Set<string>();
    for (const analysis of context.filters) {
      for (const sets of groupByAddresses(usesIn(analysis).keys())) {
        // Several filters may share sets that were saved without a prompt.
        const key = sets.map(placeOf).join("\n");
        if (said.has(key)) continue;
        said.add(key);
        const [first, ...others] = sets;
        const names = sets.slice(0, MOST_NAMED).map(({ name }) => name);
        if (sets.length > MOST_NAMED) names.push(`${sets.length - MOST_NAMED} more`);
        yield {
          message: `addrsets ${enumerate(names)} hold the same addresses (${counted(first!.members, "member")})`,
          at: { dump: first!.source.dump, range: first!.nameRange },
          addressSet: first!.name,
          related: others.slice(0, 50).map((set) => ({
            label: "holds the same",
            at: { dump: set.source.dump, range: set.nameRange },
            rule: null,
            addressSet: set.name,
          })),
          data: { sets: sets.map(({ name }) => name) },
        };
      }
    }
  },
};

/** Sets with equal addresses, of each kind of address that they hold; two or more a group, in the order of the text. */
function groupByAddresses(sets: Iterable<AddressSet>): AddressSet[][] {
  const byKey = new Map<number, AddressSet[][]>();
  const groups: AddressSet[][] = [];
  for (const set of sets) {
    // A member that could not be read may be any address.
    if (set.uncertainty !== null || holdsNothing(set)) continue;
    const key = keyOf(set.must);
    const candidates = byKey.get(key) ?? [];
    byKey.set(key, candidates);
    const group = candidates.find(([other]) => sameAddresses(other!.must, set.must));
    if (group !== undefined) group.push(set);
    else {
      const created = [set];
      candidates.push(created);
      groups.push(created);
    }
  }
  return groups
    .filter(({ length }) => length > 1)
    .map((group) => group.toSorted((a, b) => a.source.range.start - b.source.range.start));
}

/** Equal for equal addresses, and quick: all but the ends is compared where it is needed. */
function keyOf({ ipv4, ipv6, mac }: AddressRanges): number {
  let key = ipv4.length + 1009 * ipv6.length + 1_000_003 * mac.length;
  for (const ranges of [ipv4, ipv6, mac]) {
    if (ranges.length > 0) key = (key * 31 + lowBits(ranges[0]!) + 7 * lowBits(ranges.at(-1)!)) % 2 ** 40;
  }
  return key;
}

function lowBits(value: number | bigint): number {
  return typeof value === "bigint" ? Number(BigInt.asUintN(40, value)) : value;
}

function sameAddresses(a: AddressRanges, b: AddressRanges): boolean {
  return equals(a.ipv4, b.ipv4) && equals(a.ipv6, b.ipv6) && equals(a.mac, b.mac);
}
