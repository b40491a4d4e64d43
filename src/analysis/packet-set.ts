import type { Packet } from "../model/packet.ts";
import { unionOf } from "../model/ranges.ts";
import { boxHas, boxSize, intersectBoxes, isEmptyBox, sampleBox, subtractBox, type Box } from "./boxes.ts";
import { DistinctRanges } from "./distinct-ranges.ts";

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

/** A box whose sides have numbers, equal for equal ranges. */
interface Numbered extends Box {
  readonly numbers: readonly number[];
}

/** The same packets in fewer boxes where two boxes differ in one side only. */
export function merged(set: PacketSet): PacketSet {
  if (set.length < 2) return set;
  const numbers = new DistinctRanges();
  let boxes: readonly Numbered[] = set.map(({ kind, sides }) => ({
    kind,
    sides,
    numbers: sides.map((ranges) => numbers.numberOf(ranges)),
  }));
  for (let side = sidesOf(boxes) - 1; side >= 0; side -= 1) {
    const before = boxes.length;
    boxes = mergeAlong(boxes, side, numbers);
    // A merge along one side can make two boxes equal along another that was tried before.
    if (boxes.length < before) side = sidesOf(boxes);
  }
  return boxes.map(({ kind, sides }) => ({ kind, sides }));
}

function sidesOf(boxes: readonly Box[]): number {
  return boxes.reduce((most, { sides }) => Math.max(most, sides.length), 0);
}

/** Boxes that are equal but for this side, found by the numbers of what they must have in common. */
function mergeAlong(boxes: readonly Numbered[], side: number, numbers: DistinctRanges): readonly Numbered[] {
  const groups = new Map<string, [Numbered, ...Numbered[]]>();
  const result: Numbered[] = [];
  for (const box of boxes) {
    if (side >= box.sides.length) {
      result.push(box);
      continue;
    }
    let key: string = box.kind;
    for (const [other, number] of box.numbers.entries()) key += other === side ? " " : ` ${number}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [box]);
    else group.push(box);
  }
  for (const group of groups.values()) {
    const [box] = group;
    if (group.length === 1) {
      result.push(box);
      continue;
    }
    const together = unionOf(group.map(({ sides }) => sides[side]!));
    result.push({
      kind: box.kind,
      sides: box.sides.with(side, together),
      numbers: box.numbers.with(side, numbers.numberOf(together)),
    });
  }
  return result;
}
