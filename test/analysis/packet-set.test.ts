import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { boxHas, type Box } from "../../src/analysis/boxes.ts";
import { prepareEntries } from "../../src/analysis/entries.ts";
import {
  NO_PACKETS,
  containsSet,
  equalSets,
  hasPacket,
  intersect,
  isEmptySet,
  merged,
  packetSet,
  samplePacket,
  setSize,
  subtract,
  unite,
  type PacketSet,
} from "../../src/analysis/packet-set.ts";
import { filterOf, listOf } from "../support/dumps.ts";
import { PACKETS, smallDump } from "../support/universe.ts";

/** Sets of packets as rules make them, with the boxes that they are made of. */
const boxes: fc.Arbitrary<Box[]> = smallDump({ known: true, most: 3 }).map((text) =>
  prepareEntries(listOf(filterOf(text))).flatMap(({ may }) => [...may.values()]),
);

const members = (set: PacketSet): boolean[] => PACKETS.map((packet) => hasPacket(set, packet));

describe("packet sets, against membership of every packet", () => {
  it("unite, intersect and subtract as sets do, in disjoint boxes", () => {
    fc.assert(
      fc.property(boxes, boxes, (boxesA, boxesB) => {
        const a = packetSet(boxesA);
        const b = packetSet(boxesB);
        const inA = PACKETS.map((packet) => boxesA.some((box) => boxHas(box, packet)));
        const inB = PACKETS.map((packet) => boxesB.some((box) => boxHas(box, packet)));
        expect(members(a)).toEqual(inA);
        expect(members(unite(a, b))).toEqual(inA.map((is, index) => is || inB[index]!));
        expect(members(intersect(a, b))).toEqual(inA.map((is, index) => is && inB[index]!));
        expect(members(subtract(a, b))).toEqual(inA.map((is, index) => is && !inB[index]!));
        for (const set of [a, unite(a, b), intersect(a, b), subtract(a, b), merged(unite(a, b))]) {
          for (const packet of PACKETS)
            expect(set.filter((box) => boxHas(box, packet)).length).toBeLessThanOrEqual(1);
        }
        expect(members(merged(unite(a, b)))).toEqual(members(unite(a, b)));
        expect(setSize(unite(a, b)) + setSize(intersect(a, b))).toBe(setSize(a) + setSize(b));
        expect(containsSet(unite(a, b), a)).toBe(true);
        expect(equalSets(subtract(unite(a, b), b), subtract(a, b))).toBe(true);
        const sample = samplePacket(subtract(a, b));
        expect(sample === null).toBe(isEmptySet(subtract(a, b)));
        if (sample !== null) expect([hasPacket(a, sample), hasPacket(b, sample)]).toEqual([true, false]);
      }),
      { numRuns: 30 },
    );
  });

  it("tells apart sets that differ in one packet", () => {
    const [any] = packetSet(
      prepareEntries(
        listOf(filterOf("rule 1 at 1 in protocol 47 from ip 10.0.0.0/31 to ip 10.0.0.9 accept;")),
      )[0]!.may.values(),
    );
    const [part] = packetSet(
      prepareEntries(
        listOf(filterOf("rule 1 at 1 in protocol 47 from ip 10.0.0.1 to ip 10.0.0.9 accept;")),
      )[0]!.may.values(),
    );
    expect(setSize([any!])).toBe(2n);
    expect(setSize([part!])).toBe(1n);
    expect(containsSet([any!], [part!])).toBe(true);
    expect(containsSet([part!], [any!])).toBe(false);
    expect(equalSets([any!], [part!])).toBe(false);
    expect(samplePacket(NO_PACKETS)).toBeNull();
  });
});
