import type { ListAnalysis } from "../analysis/analysis.ts";
import { DIRECTION_NUMBER, DIRECTION_SIDE, UNIVERSE, type Kind } from "../analysis/boxes.ts";
import type { Entry } from "../analysis/entries.ts";
import type { RuleFacts } from "../analysis/reachability.ts";
import { contains, has } from "../model/ranges.ts";
import { DIRECTIONS, type Direction } from "../model/rule.ts";
import { enumerate, isSystemRule } from "./words.ts";

const GROUPS: readonly { readonly name: string; readonly kinds: readonly Kind[] }[] = [
  { name: "IPv4", kinds: ["ipv4-ports", "ipv4-icmp", "ipv4-other"] },
  { name: "IPv6", kinds: ["ipv6-ports", "ipv6-icmp", "ipv6-other"] },
  { name: "layer-2", kinds: ["ethernet"] },
];

export interface Whole {
  readonly name: string;
  readonly directions: readonly Direction[];
}

/** The address families of which a rule takes every packet of a direction, if its conditions hold. */
export function wholesOf(entry: Entry): Whole[] {
  const wholes: Whole[] = [];
  for (const { name, kinds } of GROUPS) {
    if (!kinds.every((kind) => takesAll(entry, kind))) continue;
    const directions = DIRECTIONS.filter((direction) =>
      kinds.every((kind) => has(entry.must.get(kind)!.sides[DIRECTION_SIDE]!, DIRECTION_NUMBER[direction])),
    );
    wholes.push({ name, directions });
  }
  return wholes;
}

const found = new WeakMap<ListAnalysis, ReadonlyMap<number, readonly Whole[]>>();

/** The rules of a list, by index, that take every packet of some family and direction if their conditions hold. */
export function wholesIn(list: ListAnalysis): ReadonlyMap<number, readonly Whole[]> {
  const known = found.get(list);
  if (known !== undefined) return known;
  const wholes = new Map<number, readonly Whole[]>();
  for (const index of list.wideIndexes) {
    const own = wholesOf(list.entries[index]!);
    if (own.length > 0) wholes.set(index, own);
  }
  found.set(list, wholes);
  return wholes;
}

/** Whether a rule takes every packet of a kind in the directions that it is for. */
function takesAll({ must }: Entry, kind: Kind): boolean {
  const box = must.get(kind);
  if (box === undefined) return false;
  const all = UNIVERSE[kind].sides;
  // Services are narrow more often than addresses are.
  for (let side = all.length - 1; side > DIRECTION_SIDE; side -= 1) {
    if (!contains(box.sides[side]!, all[side]!)) return false;
  }
  return true;
}

/** `every IPv4 and IPv6 packet`, `every IPv4 packet and every outbound IPv6 packet`. */
export function describeWholes(wholes: readonly Whole[], packet: string): string {
  const byDirection = new Map<string, string[]>();
  for (const { name, directions } of wholes) {
    const which = directions.length === 2 ? "every" : `every ${directions[0]}bound`;
    byDirection.set(which, [...(byDirection.get(which) ?? []), name]);
  }
  return enumerate([...byDirection].map(([which, names]) => `${which} ${enumerate(names)} ${packet}`));
}

/**
 * True for a system rule that nothing reaches because rules of the user take everything before it, be it one
 * rule a family: nobody can move or delete it, and it is meant to be the last resort.
 */
export function isDeadByDesign(list: ListAnalysis, index: number, { rule, status, by }: RuleFacts): boolean {
  if (!isSystemRule(rule)) return false;
  const entries = list.entries;
  if (status === "redundant" || list.kinds.every((kind) => entries[index]!.may.has(kind))) return true;
  return by.every((blocker) => wholesOf(entries[list.indexOf(blocker)]!).length > 0);
}
