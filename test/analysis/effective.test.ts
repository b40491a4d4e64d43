import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { FilterAnalysis, type ListAnalysis } from "../../src/analysis/analysis.ts";
import { boxSize, familyOf, type Box } from "../../src/analysis/boxes.ts";
import { DESTINATION, SOURCE } from "../../src/analysis/effective.ts";
import { firstMatch, matchRule } from "../../src/analysis/first-match.ts";
import { intersect, packetSet, setSize, subtract, type PacketSet } from "../../src/analysis/packet-set.ts";
import { difference, has, intersection, size, union, type Ranges } from "../../src/model/ranges.ts";
import type { Packet } from "../../src/model/packet.ts";
import { buildModel } from "../../src/model/filters.ts";
import { parseDump } from "../../src/syntax/parse.ts";
import { PACKETS, smallDump } from "../support/universe.ts";

/** How much of a rule's packets gets to it, against sets of boxes that are subtracted one by one. */

const RUNS = 250;

function firewallOf(text: string): ListAnalysis {
  const { filters } = buildModel([parseDump("dump.txt", text)]);
  return FilterAnalysis.ofAll(filters)[0]!.list("firewall")!;
}

function certain(list: ListAnalysis, index: number): boolean {
  const { rule } = list.entries[index]!;
  return rule.decides && rule.conditions.length === 0;
}

/** What gets to a rule past the earlier rules that certainly decide, of what it certainly matches if its conditions hold. */
function reaching(list: ListAnalysis, index: number): PacketSet {
  let left = packetSet(list.entries[index]!.must.values());
  for (const { rule, must } of list.entries.slice(0, index)) {
    if (rule.decides && rule.conditions.length === 0) left = subtract(left, packetSet(must.values()));
  }
  return left;
}

const family = (name: "ipv4" | "ipv6") => (box: Box) => familyOf(box.kind) === name;

function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(a, b);
}

describe("effective space of random small dumps", () => {
  it("has the size that subtracting boxes gives", () => {
    fc.assert(
      fc.property(smallDump({ known: false, most: 6 }), (text) => {
        const list = firewallOf(text);
        for (const index of list.rules.keys()) {
          const left = reaching(list, index);
          for (const name of ["ipv4", "ipv6"] as const) {
            const exact = Number(setSize(left.filter(family(name))));
            const limit = (plane: { name: string }): number => (plane.name === name ? -1 : 1000);
            const found = list.effective.sizeAbove(index, limit);
            if (exact === 0) expect(found).toBeNull();
            else {
              expect(found!.plane).toBe(name);
              const power = 2 ** found!.bits;
              if (found!.atLeast) expect(power).toBeLessThanOrEqual(exact * (1 + 1e-9));
              else expect(close(power, exact)).toBe(true);
            }
            // Just below and just above what it is.
            if (exact < 1) continue;
            const bits = Math.log2(exact);
            const at = (value: number) =>
              list.effective.sizeAbove(index, (plane) => (plane.name === name ? value : 1000));
            expect(at(bits - 0.01)).not.toBeNull();
            expect(at(bits + 0.01)).toBeNull();
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("is lost to other verdicts in the part that subtracting boxes gives", () => {
    fc.assert(
      fc.property(smallDump({ known: true, most: 6 }), (text) => {
        const list = firewallOf(text);
        for (const [index, { rule, may }] of list.entries.entries()) {
          let left = packetSet(may.values());
          let lost: PacketSet = [];
          for (const earlier of list.entries.slice(0, index)) {
            const boxes = packetSet(earlier.must.values());
            if (earlier.rule.action !== rule.action) lost = lost.concat(intersect(left, boxes));
            left = subtract(left, boxes);
          }
          const shares = (["ipv4", "ipv6"] as const).map((name) => {
            const whole = Number(setSize(packetSet(may.values()).filter(family(name))));
            return whole === 0 ? 0 : Number(setSize(lost.filter(family(name)))) / whole;
          });
          const share = Math.max(...shares);
          const found = list.effective.lostShare(index, 0);
          if (share === 0) expect(found).toBeNull();
          else {
            expect(close(found!.share, share)).toBe(true);
            const { rule: decider } = firstMatch(list.rules, found!.witness);
            expect(decider!.action).not.toBe(rule.action);
            expect(list.rules.indexOf(decider!)).toBe(found!.takers[0]);
            expect(matchRule(rule, found!.witness).matches).toBe("yes");
            expect(list.effective.lostShare(index, share * 1.001)).toBeNull();
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ["source", SOURCE, 1],
    ["destination", DESTINATION, 2],
  ] as const)("is open in %s by what stands on the longest line", (_, field, side) => {
    fc.assert(
      fc.property(smallDump({ known: false, most: 5 }), (text) => {
        const list = firewallOf(text);
        for (const index of list.rules.keys()) {
          const boxes = reaching(list, index).filter(family("ipv4"));
          const exact = Number(longestLine(boxes, side));
          const ask = (least: number, name = "ipv4") =>
            list.effective.openField(index, field, (plane) => (plane.name === name ? least : null));
          if (exact === 0) expect(ask(0)).toBeNull();
          else {
            const found = ask(exact - 1)!;
            expect(found.values).toBe(exact);
            checkWitness(list, index, found.witness, found.certain);
            expect(ask(exact)).toBeNull();
            // A bound that is lower may be answered more quickly, and never with more than there is.
            const quick = ask(Math.floor(exact / 2))!;
            expect(quick.values).toBeGreaterThan(Math.floor(exact / 2));
            expect(quick.values).toBeLessThanOrEqual(exact);
            checkWitness(list, index, quick.witness, quick.certain);
          }
        }
      }),
      { numRuns: 100, examples: [[CUT_LINE]] },
    );
  });
});

/** The earlier rules tell sources apart for some protocols only: a line of sources must not be cut there. */
const CUT_LINE = `ruleset domain-c1 {
  rule 101 at 1 inout protocol any from not ip 10.0.0.0/31 to addrset web accept;
  rule 102 at 2 inout protocol tcp from ip 10.0.0.1 to addrset web accept;
  rule 103 at 3 out protocol frobnicate from any to addrset web accept;
  rule 104 at 4 inout protocol any from any to addrset web accept;
}
addrset web {
ip 10.0.0.0,
}
`;

function checkWitness(list: ListAnalysis, index: number, witness: Packet | null, isCertain: boolean): void {
  if (isCertain) expect(witness).not.toBeNull();
  if (witness === null) return;
  const decision = firstMatch(list.rules, witness);
  if (certain(list, index)) expect(decision.rule).toBe(list.rules[index]);
}

/** The most values that one side has for one and the same rest of the packet. */
function longestLine(boxes: PacketSet, side: number): bigint {
  let longest = 0n;
  // Every rest that matters is a corner: the first values of runs, in each of the other sides.
  const walk = (left: PacketSet, other: number): void => {
    if (left.length === 0) return;
    const [first] = left;
    if (other === first!.sides.length) {
      const values = left.reduce<Ranges>(
        (all, box) => union(all as number[], box.sides[side] as number[]),
        [],
      );
      if (size(values) > longest) longest = size(values);
      return;
    }
    if (other === side) {
      walk(left, other + 1);
      return;
    }
    const starts = new Set(left.flatMap(({ sides }) => sides[other]!.filter((_, bound) => bound % 2 === 0)));
    for (const start of starts)
      walk(
        left.filter(({ sides }) => has(sides[other] as number[], start as number)),
        other + 1,
      );
  };
  for (const kind of new Set(boxes.map((box) => box.kind)))
    walk(
      boxes.filter((box) => box.kind === kind),
      0,
    );
  return longest;
}

describe("rules that can be replaced", () => {
  // Every other rule logs, so that verdict and treatment go different ways.
  const dumps = fc
    .tuple(smallDump({ known: true, most: 6 }), fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }))
    .map(([text, logs]) => {
      let rule = -1;
      return text.replaceAll(/(accept|drop|reject);/g, (_, action: string) => {
        rule += 1;
        return `${action}${logs[rule] === true ? " with log" : ""};`;
      });
    });

  it("are those without which every packet gets the same verdict and log, and no others", () => {
    fc.assert(
      fc.property(dumps, (text) => {
        const list = firewallOf(text);
        const treatmentOf = (rules: typeof list.rules, packet: Packet): string => {
          const { rule } = firstMatch(rules, packet);
          return rule === null ? "no rule" : `${rule.action} ${rule.treatment.log} ${rule.treatment.strict}`;
        };
        const before = PACKETS.map((packet) => treatmentOf(list.rules, packet));
        for (const [index, { status }] of list.facts.entries()) {
          const without = list.rules.filter((_, other) => other !== index);
          const same = PACKETS.every((packet, at) => treatmentOf(without, packet) === before[at]);
          expect(list.isReplaceable(index)).toBe(status === "reachable" && same);
        }
      }),
      { numRuns: 150 },
    );
  });
});

it("a plane's boxes of all its classes are all packets, each once", () => {
  fc.assert(
    fc.property(smallDump({ known: true, most: 6 }), (text) => {
      const list = firewallOf(text);
      for (const plane of list.planes) {
        const boxes = plane.boxesOf([null, null, null, null]);
        const whole = boxes.reduce((sum, box) => sum + boxSize(box), 0n);
        expect(setSize(packetSet(boxes))).toBe(whole);
        for (const field of [0, 1] as const) {
          const { classCount } = plane.dimensions[field];
          let all: Ranges = [];
          for (let c = 0; c < classCount; c += 1) {
            const own = plane.addressesOf(field, Int32Array.of(c));
            expect(intersection(all as number[], own as number[])).toEqual([]);
            all = union(all as number[], own as number[]);
            const rest = plane.addressesOf(field, { of: null, without: Int32Array.of(c) });
            expect(difference(plane.addressesOf(field, null) as number[], rest as number[])).toEqual(own);
          }
          expect(all).toEqual(plane.addressesOf(field, null));
        }
      }
    }),
    { numRuns: 50 },
  );
});
