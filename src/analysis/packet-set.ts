import type { Packet } from "../model/packet.ts";
import { equals, unionOf, type Ranges } from "../model/ranges.ts";
import { boxHas, boxSize, intersectBoxes, isEmptyBox, sampleBox, subtractBox, type Box } from "./boxes.ts";

/** A set of packets as boxes that have no packet in common. */
export type PacketSet = readonly Box[];

export const NO_PACKETS: PacketSet = [];

export function packetSet(boxes: Iterable<Box>): PacketSet {
  const set: Box[] = [];
  for (const box of boxes) if (!isEmptyBox(box)) set.push(...subtract([box], set));
  return set;
}

export function isEmptySet(set: PacketSet): boolean {
  return set.length === 0;
}

export function unite(a: PacketSet, b: PacketSet): PacketSet {
  return [...a, ...subtract(b, a)];
}

export function intersect(a: PacketSet, b: PacketSet): PacketSet {
  const result: Box[] = [];
  for (const boxA of a) {
    for (const boxB of b) {
      const common = intersectBoxes(boxA, boxB);
      if (common !== null) result.push(common);
    }
  }
  return result;
}

export function subtract(a: PacketSet, b: PacketSet): PacketSet {
  let rest = a;
  for (const box of b) {
    if (rest.length === 0) break;
    rest = rest.flatMap((piece) => subtractBox(piece, box));
  }
  return rest;
}

/** True if every packet of `inner` is in `outer`. */
export function containsSet(outer: PacketSet, inner: PacketSet): boolean {
  return isEmptySet(subtract(inner, outer));
}

export function equalSets(a: PacketSet, b: PacketSet): boolean {
  return containsSet(a, b) && containsSet(b, a);
}

export function hasPacket(set: PacketSet, packet: Packet): boolean {
  return set.some((box) => boxHas(box, packet));
}

/** How many packets the set holds. */
export function setSize(set: PacketSet): bigint {
  return set.reduce((sum, box) => sum + boxSize(box), 0n);
}

/** One packet of the set; null if it is empty. */
export function samplePacket(set: PacketSet): Packet | null {
  return set.length === 0 ? null : sampleBox(set[0]!);
}

/** The same packets in fewer boxes where two boxes differ in one side only. */
export function merged(set: PacketSet): PacketSet {
  let boxes: readonly Box[] = set;
  for (let side = sidesOf(boxes) - 1; side >= 0; side -= 1) {
    const before = boxes.length;
    boxes = mergeAlong(boxes, side);
    // A merge along one side can make two boxes equal along another that was tried before.
    if (boxes.length < before) side = sidesOf(boxes);
  }
  return boxes;
}

function sidesOf(boxes: readonly Box[]): number {
  return boxes.reduce((most, { sides }) => Math.max(most, sides.length), 0);
}

/** Boxes that are equal but for one side. */
interface Alike {
  readonly first: Box;
  readonly sides: Ranges[];
}

/** Boxes that are equal but for this side, found by hashing what they must have in common. */
function mergeAlong(boxes: readonly Box[], side: number): readonly Box[] {
  const groups = new Map<string, Alike[]>();
  const result: Box[] = [];
  for (const box of boxes) {
    if (side >= box.sides.length) {
      result.push(box);
      continue;
    }
    const key = fingerprint(box, side);
    const group = groups.get(key);
    const alike = group?.find(({ first }) => sameBut(side, first, box));
    if (alike !== undefined) alike.sides.push(box.sides[side]!);
    else {
      const own = { first: box, sides: [box.sides[side]!] };
      if (group === undefined) groups.set(key, [own]);
      else group.push(own);
    }
  }
  for (const { first, sides } of [...groups.values()].flat()) {
    const isAlone = sides.length === 1;
    result.push(isAlone ? first : { kind: first.kind, sides: first.sides.with(side, unionOf(sides)) });
  }
  return result;
}

function fingerprint(box: Box, side: number): string {
  return `${box.kind} ${box.sides
    .map((ranges, index) => (index === side ? "" : `${ranges.length} ${ranges[0]} ${ranges.at(-1)}`))
    .join(";")}`;
}

function sameBut(side: number, a: Box, b: Box): boolean {
  return (
    a.kind === b.kind && a.sides.every((ranges, index) => index === side || equals(ranges, b.sides[index]!))
  );
}
