import type { ListAnalysis } from "../analysis/analysis.ts";
import { DIRECTION_NUMBER, UNIVERSE, boxContains, type Box, type Kind } from "../analysis/boxes.ts";
import type { Entry } from "../analysis/entries.ts";
import type { RuleFacts } from "../analysis/reachability.ts";
import { single } from "../model/ranges.ts";
import { DIRECTIONS, type Direction } from "../model/rule.ts";
import { isSystemRule } from "./words.ts";

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
  return GROUPS.flatMap(({ name, kinds }) => {
    const directions = DIRECTIONS.filter((direction) =>
      kinds.every((kind) => takesAll(entry, kind, DIRECTION_NUMBER[direction])),
    );
    return directions.length === 0 ? [] : [{ name, directions }];
  });
}

function takesAll(entry: Entry, kind: Kind, direction: number): boolean {
  const box = entry.must.get(kind);
  const all: Box = { kind, sides: UNIVERSE[kind].sides.with(0, single(direction)) };
  return box !== undefined && boxContains(box, all);
}

/**
 * True for a system rule that nothing reaches because rules of the user take everything before it, be it one
 * rule a family: nobody can move or delete it, and it is meant to be the last resort.
 */
export function isDeadByDesign(list: ListAnalysis, index: number, { rule, status, by }: RuleFacts): boolean {
  if (!isSystemRule(rule)) return false;
  const entries = list.entries;
  if (status === "redundant" || list.kinds.every((kind) => entries[index]!.may.has(kind))) return true;
  return by.every((blocker) => wholesOf(entries[list.rules.indexOf(blocker)]!).length > 0);
}
