import fc from "fast-check";
import type { Packet } from "../../src/model/packet.ts";

/**
 * A universe so small and crowded that every packet can be tried: the values below and one of each kind that no
 * rule names stand for all others, because no rule tells those apart.
 */
const IPV4 = ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"];
const IPV6 = ["2001:db8::", "2001:db8::1"];
const MACS = ["00:50:56:00:00:01", "00:50:56:00:00:02"];
const SETS = ["web", "db", "ops", "gone"];

const member = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(...IPV4, "10.0.0.0/31", "10.0.0.2/31", "10.0.0.1-10.0.0.2", "0.0.0.0/0"),
  },
  { weight: 2, arbitrary: fc.constantFrom(...IPV6, "2001:db8::/127", "::/0") },
  { weight: 1, arbitrary: fc.constantFrom(...MACS.map((mac) => `mac ${mac}`)) },
);

/** Three defined sets; "gone" is defined by no dump. "odd" members make a set partly unknown. */
const sets = fc
  .tuple(...["web", "db", "ops"].map(() => fc.array(member, { maxLength: 3 })), fc.nat(19))
  .map(([web, db, ops, odd]) =>
    Object.entries({ web, db, ops } as Record<string, string[]>)
      .map(([name, members], index) => {
        const lines = members.map((text) => `${text.startsWith("mac") ? text : `ip ${text}`},\n`);
        return `addrset ${name} {\n${lines.join("")}${odd === index ? "ip 10.0.0.999,\n" : ""}}\n`;
      })
      .join(""),
  );

const endpoint = (known: boolean): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant("any") },
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.boolean(), fc.constantFrom(...SETS.slice(0, known ? 3 : 4)))
        .map(([negated, name]) => `${negated ? "not " : ""}addrset ${name}`),
    },
    { weight: 1, arbitrary: fc.constantFrom("ip 10.0.0.1", "not ip 10.0.0.0/31", "ip 2001:db8::1") },
  );

const service = (known: boolean): fc.Arbitrary<{ match: string; from: string; to: string }> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant({ match: "any", from: "", to: "" }) },
    {
      weight: 6,
      arbitrary: fc
        .tuple(
          fc.constantFrom("tcp", "udp", "tcp strict", "any"),
          fc.constantFrom("", "", " port 1000"),
          fc.constantFrom("", " port 80", " port 443", " port {80, 443}", " port 80-443"),
        )
        .map(([match, from, to]) => ({ match, from, to })),
    },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom(
          "icmp",
          "icmp icmptype 8",
          "icmp icmptype 8:0",
          "ipv6-icmp",
          "ipv6-icmp icmptype 135",
          "47",
          "gre",
        )
        .map((match) => ({ match, from: "", to: "" })),
    },
    { weight: known ? 0 : 1, arbitrary: fc.constant({ match: "frobnicate", from: "", to: "" }) },
  );

const rule = (known: boolean): fc.Arbitrary<string> =>
  fc
    .record({
      direction: fc.constantFrom("inout", "inout", "in", "out"),
      family: fc.constantFrom("", "", "", " inet", " inet6"),
      service: service(known),
      from: endpoint(known),
      to: endpoint(known),
      qualifier: known
        ? fc.constant("")
        : fc.constantFrom("", "", "", " with attribute profile WEB", " with extended src USERS"),
      action: known
        ? fc.constantFrom("accept", "accept", "drop", "reject")
        : fc.constantFrom("accept", "accept", "drop", "reject", "punt"),
    })
    .map(
      (r) =>
        `${r.direction}${r.family} protocol ${r.service.match} from ${r.from}${r.service.from} ` +
        `to ${r.to}${r.service.to}${r.qualifier} ${r.action};`,
    );

/** A dump of up to `most` rules; with `known`, everything that the rules demand stands in the dump. */
export function smallDump(options: { known: boolean; most: number }): fc.Arbitrary<string> {
  return fc
    .tuple(
      options.known ? sets.map((text) => text.replaceAll("ip 10.0.0.999,\n", "")) : sets,
      fc.array(rule(options.known), { minLength: 1, maxLength: options.most }),
    )
    .map(([text, rules]) => {
      const lines = rules.map((body, index) => `  rule ${index + 101} at ${index + 1} ${body}\n`);
      return `ruleset domain-c1 {\n${lines.join("")}}\n${text}`;
    });
}

/** Every packet of the universe: all that the rules of a small dump can tell apart. */
export const PACKETS: readonly Packet[] = [...ipPackets()];

function* ipPackets(): Generator<Packet> {
  const families = [
    {
      family: "ipv4",
      addresses: [0x0a000000, 0x0a000001, 0x0a000002, 0x0a000003, 0x0a000004],
      icmp: 1,
      types: [8, 0],
    },
    {
      family: "ipv6",
      addresses: [0x20010db8n << 96n, (0x20010db8n << 96n) + 1n, (0x20010db8n << 96n) + 2n],
      icmp: 58,
      types: [135, 0],
    },
  ] as const;
  const none = { sourcePort: null, destinationPort: null, icmpType: null, icmpCode: null };
  for (const { family, addresses, icmp, types } of families) {
    for (const direction of ["in", "out"] as const) {
      for (const source of addresses) {
        for (const destination of addresses) {
          const start = { layer: "ip", direction, family, source, destination } as const;
          for (const protocol of [6, 17, 132]) {
            for (const sourcePort of [1000, 40_000]) {
              for (const destinationPort of [80, 81, 443, 9999]) {
                yield { ...start, ...none, protocol, sourcePort, destinationPort };
              }
            }
          }
          for (const icmpType of types) {
            for (const icmpCode of [0, 1]) yield { ...start, ...none, protocol: icmp, icmpType, icmpCode };
          }
          for (const protocol of [47, 50]) yield { ...start, ...none, protocol };
        }
      }
    }
  }
}
