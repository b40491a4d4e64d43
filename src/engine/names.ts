import { contains, difference, equals, isEmpty, size, type Ranges } from "../model/ranges.ts";
import { printAddresses, type AddressFamily } from "../model/address.ts";
import type { AddressSet } from "../model/rule.ts";

/** Sets that are tried as the whole or the part of a difference; more would only cost time. */
const MOST_CANDIDATES = 16;

/** So many addresses are listed rather than named. */
const FEW_ADDRESSES = 4n;

interface NamedRanges {
  readonly name: string;
  readonly ranges: Ranges;
}

/** Finds the name that people would give to addresses: that of a set, or of one set without another. */
export class AddressNames {
  readonly #byKey = new Map<string, NamedRanges[]>();
  readonly #byName = new Map<string, NamedRanges>();

  /** @param policies sets before and after; a name that means two things gets `before` or `after` behind it */
  constructor(...policies: readonly ReadonlyMap<string, AddressSet>[]) {
    for (const [place, sets] of policies.entries()) {
      for (const set of sets.values()) {
        if (set.uncertainty !== null) continue;
        for (const family of ["ipv4", "ipv6", "mac"] as const) {
          const ranges: Ranges = set.must[family];
          if (isEmpty(ranges)) continue;
          const other = policies[1 - place]?.get(set.name);
          const same = other === undefined || equals<number | bigint>(other.must[family], ranges);
          if (same && place > 0 && other !== undefined) continue;
          this.#add(family, {
            name: same ? set.name : `${set.name} ${place === 0 ? "as before" : "as after"}`,
            ranges,
          });
        }
      }
    }
  }

  #add(family: AddressFamily, named: NamedRanges): void {
    const key = keyOf(family, named.ranges);
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), named]);
    this.#byName.set(`${family} ${named.name}`, named);
  }

  /**
   * The name of addresses; null if they have none.
   * @param likely names of sets that may be a part of it, such as those of the deciding rules
   */
  nameOf(family: AddressFamily, ranges: Ranges, likely: readonly string[]): string | null {
    const exact = this.#exact(family, ranges);
    if (exact !== null) return exact;
    // One or two addresses say more than a difference of names.
    if (ranges.length <= 2 || size(ranges) <= FEW_ADDRESSES) return null;
    const candidates = likely
      .flatMap((name) => [name, `${name} as before`, `${name} as after`])
      .flatMap((name) => this.#byName.get(`${family} ${name}`) ?? [])
      .slice(0, MOST_CANDIDATES);
    for (const whole of candidates) {
      if (!contains<number | bigint>(whole.ranges, ranges)) continue;
      const rest = difference<number | bigint>(whole.ranges, ranges);
      const part = this.#exact(family, rest);
      if (part !== null) return `${whole.name} without ${part}`;
      for (const other of candidates) {
        if (equals<number | bigint>(difference<number | bigint>(whole.ranges, other.ranges), ranges))
          return `${whole.name} without ${other.name}`;
      }
      // A hole or two in a known set.
      if (rest.length <= 4) return `${whole.name} without ${printAddresses(family, rest).join(",")}`;
    }
    return null;
  }

  #exact(family: AddressFamily, ranges: Ranges): string | null {
    const found = this.#byKey.get(keyOf(family, ranges)) ?? [];
    return found.find((named) => equals<number | bigint>(named.ranges, ranges))?.name ?? null;
  }
}

function keyOf(family: AddressFamily, ranges: Ranges): string {
  return `${family} ${ranges.length} ${ranges[0]} ${ranges.at(-1)}`;
}
