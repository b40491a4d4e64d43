import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { CommonPackets } from "../../src/engine/path/common-packets.ts";
import { pathOf } from "../../src/engine/path/path.ts";
import { readPathSessions } from "../../src/engine/path/sessions.ts";
import { UNIVERSE, intersectBoxes, type Box } from "../../src/analysis/boxes.ts";
import {
  equalSets,
  intersect,
  isEmptySet,
  packetSet,
  type PacketSet,
} from "../../src/analysis/packet-set.ts";
import { fromSpans, single } from "../../src/model/ranges.ts";
import { session } from "../../bench/sessions.ts";

const KINDS = ["ipv4-ports", "ipv4-icmp", "ipv4-other"] as const;

const boxArbitrary: fc.Arbitrary<Box | null> = fc
  .tuple(
    fc.constantFrom(...KINDS),
    fc.array(fc.array(fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 6 })), { minLength: 1, maxLength: 3 }), {
      minLength: 5,
      maxLength: 5,
    }),
  )
  .map(([kind, spans]) => {
    const { sides } = UNIVERSE[kind];
    const small = spans.map((some) =>
      fromSpans(some.map(([first, more]) => ({ first, last: first + more }))),
    );
    return intersectBoxes(
      { kind, sides: sides.map((_, side) => (side === 0 ? single(1) : small[side - 1]!)) },
      UNIVERSE[kind],
    );
  });

/** Sets without a packet in common. */
const divisionArbitrary: fc.Arbitrary<PacketSet[]> = fc
  .array(fc.tuple(boxArbitrary, fc.nat({ max: 3 })), { maxLength: 8 })
  .map((boxes) => {
    const all = packetSet(boxes.flatMap(([box]) => box ?? []));
    return [0, 1, 2, 3].map((owner) =>
      all.filter((_, index) => (boxes[index % boxes.length]?.[1] ?? 0) === owner),
    );
  });

describe("packets that two divisions have in common", () => {
  it("are those that every pair of boxes has, and with less work what is not compared is named", () => {
    fc.assert(
      fc.property(divisionArbitrary, divisionArbitrary, fc.nat({ max: 1500 }), (these, those, steps) => {
        const whole = new CommonPackets(these, those, { steps: 1e9 }).run(null);
        const cut = new CommonPackets(these, those, { steps }).run(null);
        for (const [index, one] of these.entries()) {
          expect(whole.rest[index]).toEqual([]);
          for (const [place, other] of those.entries()) {
            const both = intersect(one, other);
            expect(equalSets(whole.met[index]!.get(place) ?? [], both)).toBe(true);
            const rest = intersect(cut.rest[index]!, both);
            const met = cut.met[index]!.get(place) ?? [];
            expect(isEmptySet(intersect(met, rest))).toBe(true);
            expect(equalSets([...met, ...rest], both)).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("questions that are too wide for rules", () => {
  const text = [
    ...session({ host: "quay-esx-1", vnics: 2, distinct: 2, rules: 200, sets: 60, members: 3000, seed: 3 }),
  ].join("");
  const sessions = readPathSessions([{ file: "quay.log", text }]);
  const fields = { srcVm: "machine-0", dstVm: "machine-1", src: "10.0.0.0/8", dst: "10.0.0.0/8" };

  it("are answered by verdicts, the same as rule by rule", () => {
    const byRules = pathOf(sessions, fields);
    const byVerdicts = pathOf(sessions, fields, { mostTrails: 20 });
    expect(byRules.pieces.length).toBeGreaterThan(100);
    expect(byVerdicts.pieces.length).toBeLessThan(20);
    const open = byVerdicts.pieces.filter(({ steps }) =>
      steps.some(({ reason }) => reason === "too many cases to follow"),
    );
    expect(open).toEqual([]);
    const kinds = (pieces: typeof byRules.pieces): string[] =>
      [
        ...new Set(pieces.map(({ verdict, certain, delivered }) => `${verdict} ${certain} ${delivered}`)),
      ].toSorted();
    expect(kinds(byVerdicts.pieces)).toEqual(kinds(byRules.pieces));
    const reasons = byVerdicts.pieces.flatMap(({ steps }) => steps.flatMap(({ reason }) => reason ?? []));
    expect(
      reasons.some((reason) => /^by \d+ rules.*: ask about fewer packets to see which$/.test(reason)),
    ).toBe(true);
  });
});
