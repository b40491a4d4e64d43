import { difference, intersection, isEmpty, type Ranges } from "../model/ranges.ts";
import type { Block } from "../model/routing.ts";

/** Addresses for which the same items decide; none where no block holds them. */
export interface PrefixPart<T> {
  readonly addresses: Ranges<number>;
  readonly items: readonly T[];
}

/**
 * Splits addresses by the longest prefix that holds them; several items of one prefix stay together. The parts are
 * disjoint and together all addresses.
 */
export function byLongestPrefix<T extends { readonly block: Block }>(
  items: readonly T[],
  addresses: Ranges<number>,
): PrefixPart<T>[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = `${item.block.first}/${item.block.length}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  const longestFirst = [...groups.values()].toSorted((a, b) => b[0]!.block.length - a[0]!.block.length);
  const parts: PrefixPart<T>[] = [];
  let left = addresses;
  for (const group of longestFirst) {
    if (isEmpty(left)) break;
    const block = rangesOf(group[0]!.block);
    const inside = intersection(left, block);
    if (isEmpty(inside)) continue;
    parts.push({ addresses: inside, items: group });
    left = difference(left, block);
  }
  if (!isEmpty(left)) parts.push({ addresses: left, items: [] });
  return parts;
}

export function rangesOf({ first, last }: Block): Ranges<number> {
  return [first, last + 1];
}
