import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { FilterAnalysis } from "../../src/analysis/analysis.ts";
import { firstMatch } from "../../src/analysis/first-match.ts";
import { hasPacket } from "../../src/analysis/packet-set.ts";
import { readFlow, type FlowFields } from "../../src/model/flow.ts";
import type { IpPacket } from "../../src/model/packet.ts";
import { filterOf, listOf } from "../support/dumps.ts";
import { PACKETS, smallDump } from "../support/universe.ts";

const one = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const question: fc.Arbitrary<FlowFields> = fc
  .record({
    direction: one(undefined, undefined, "in", "out"),
    src: one(undefined, "any", "10.0.0.1", "10.0.0.0/30", "10.0.0.1-10.0.0.4", "2001:db8::/126", "web"),
    dst: one(undefined, "any", "10.0.0.2", "10.0.0.0/31", "2001:db8::1", "db"),
    service: one<FlowFields>(
      {},
      {},
      { dstPort: "80" },
      { dstPort: "80-443", protocol: "tcp,udp" },
      { srcPort: "1000" },
      { protocol: "47" },
      { icmpType: "8" },
      { protocol: "udp" },
    ),
  })
  .map(({ direction, src, dst, service }) => ({
    ...(direction === undefined ? {} : { direction }),
    ...(src === undefined ? {} : { src }),
    ...(dst === undefined ? {} : { dst }),
    ...service,
  }));

/** Whether a packet is asked about, read from the words of the question without the model. */
function isAsked(
  fields: FlowFields,
  packet: IpPacket,
  members: Readonly<Record<string, (value: IpPacket["source"]) => boolean>>,
): boolean {
  const { direction, src, dst, dstPort, srcPort, protocol, icmpType } = fields;
  const address = (text: string | undefined, value: IpPacket["source"]): boolean =>
    text === undefined || text === "any" || members[text]!(value);
  if (direction !== undefined && packet.direction !== direction) return false;
  if (!address(src, packet.source) || !address(dst, packet.destination)) return false;
  const protocols =
    protocol ??
    (dstPort !== undefined || srcPort !== undefined ? "tcp" : icmpType === undefined ? undefined : "icmp");
  const numbers: Readonly<Record<string, readonly number[]>> = {
    tcp: [6],
    udp: [17],
    "tcp,udp": [6, 17],
    "47": [47],
    icmp: [1, 58],
  };
  if (protocols !== undefined && !numbers[protocols]!.includes(packet.protocol)) return false;
  if (srcPort !== undefined && packet.sourcePort !== 1000) return false;
  if (dstPort === "80" && packet.destinationPort !== 80) return false;
  if (dstPort === "80-443" && !(packet.destinationPort! >= 80 && packet.destinationPort! <= 443))
    return false;
  return icmpType === undefined || packet.icmpType === 8;
}

const IPV6_BASE = 0x20010db8n << 96n;
const between =
  (first: number | bigint, last: number | bigint) =>
  (value: number | bigint): boolean =>
    typeof value === typeof first && value >= first && value <= last;

describe("queries over regions, against the naive evaluator on every packet", () => {
  it.each([{ known: true }, { known: false }])(
    "puts each packet of the region in exactly one piece, with the right rule and the right certainty: $known",
    ({ known }) => {
      fc.assert(
        fc.property(smallDump({ known, most: 6 }), question, (text, fields) => {
          const filter = filterOf(text);
          const rules = listOf(filter);
          const sets = filter.addressSets;
          const holds =
            (name: string) =>
            (value: number | bigint): boolean => {
              const { ipv4, ipv6 } = sets.get(name)!.must;
              const bounds: readonly (number | bigint)[] = typeof value === "number" ? ipv4 : ipv6;
              return bounds.filter((bound) => bound <= value).length % 2 === 1;
            };
          // An empty or partly unknown set is refused, which other tests show.
          fc.pre(["web", "db"].every((name) => sets.get(name)!.uncertainty === null));
          fc.pre(
            ["web", "db"].every(
              (name) => sets.get(name)!.must.ipv4.length > 0 && sets.get(name)!.must.ipv6.length > 0,
            ),
          );
          const members = {
            "10.0.0.1": between(0x0a000001, 0x0a000001),
            "10.0.0.2": between(0x0a000002, 0x0a000002),
            "10.0.0.0/30": between(0x0a000000, 0x0a000003),
            "10.0.0.0/31": between(0x0a000000, 0x0a000001),
            "10.0.0.1-10.0.0.4": between(0x0a000001, 0x0a000004),
            "2001:db8::/126": between(IPV6_BASE, IPV6_BASE + 3n),
            "2001:db8::1": between(IPV6_BASE + 1n, IPV6_BASE + 1n),
            web: holds("web"),
            db: holds("db"),
          };
          const families = (text6: string | undefined): string =>
            text6 === undefined || text6 === "any" || text6 === "web" || text6 === "db"
              ? "46"
              : text6.includes(":")
                ? "6"
                : "4";
          fc.pre(
            families(fields.src)
              .split("")
              .some((family) => families(fields.dst).includes(family)),
          );

          const pieces = FilterAnalysis.ofAll([filter])[0]!.query(readFlow(fields, sets));
          // Thousands of packets a case: compared by hand, because an expectation each would take minutes.
          const wrong = (PACKETS as readonly IpPacket[]).filter((packet) => {
            const holding = pieces.filter(({ packets }) => hasPacket(packets, packet));
            if (!isAsked(fields, packet, members)) return holding.length > 0;
            const truth = firstMatch(rules, packet);
            const [piece] = holding;
            return !(
              holding.length === 1 &&
              piece!.rule === truth.rule &&
              piece!.verdict === (truth.rule?.verdict ?? "no-match") &&
              piece!.certain === (truth.dependsOn.length === 0) &&
              piece!.dependsOn.length === truth.dependsOn.length &&
              piece!.dependsOn.every(({ rule }, index) => rule === truth.dependsOn[index]!.rule)
            );
          });
          expect(wrong).toEqual([]);
          for (const { witness, packets, rule } of pieces) {
            expect(hasPacket(packets, witness)).toBe(true);
            expect(firstMatch(rules, witness).rule).toBe(rule);
          }
        }),
        { numRuns: 400 },
      );
    },
  );

  it("asks the layer-2 rules first, and only what they accept goes on", () => {
    const filter = filterOf(`ruleset domain-c1 {
  rule 1001 at 1 inout protocol any from any to any accept;
}
ruleset domain-c1_L2 {
  rule 1011 at 1 in ethertype ipv6 from any to any drop;
  rule 1012 at 2 out ethertype ipv4 from mac 00:50:56:00:00:01 to any drop;
  rule 1004 at 3 inout ethertype any from any to any accept;
}`);
    const verdicts = (fields: FlowFields): string[] =>
      FilterAnalysis.ofAll([filter])[0]!
        .query(readFlow(fields, filter.addressSets))
        .map(
          ({ verdict, rule, witness }) =>
            `${witness.direction} ${witness.layer} ${verdict} ${rule?.reference.id}`,
        );
    expect(verdicts({ src: "10.0.0.1", direction: "in" })).toEqual(["in ip accept 1001"]);
    expect(verdicts({ src: "2001:db8::1", direction: "in" })).toEqual(["in ethernet drop 1011"]);
    expect(verdicts({ src: "2001:db8::1" })).toEqual(["in ethernet drop 1011", "out ip accept 1001"]);
    expect(verdicts({ src: "10.0.0.1", direction: "out" })).toEqual([
      "out ethernet drop 1012",
      "out ip accept 1001",
    ]);
    expect(verdicts({ src: "10.0.0.1", direction: "out", srcMac: "00:50:56:00:00:02" })).toEqual([
      "out ip accept 1001",
    ]);
    expect(verdicts({ etherType: "arp", direction: "in" })).toEqual(["in ethernet accept 1004"]);
  });
});
