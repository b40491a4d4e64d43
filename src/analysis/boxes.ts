import { IPV4_ALL, IPV6_ALL, MAC_ALL } from "../model/address.ts";
import { IPV4_ETHERTYPE } from "../model/ethertypes.ts";
import type { Packet } from "../model/packet.ts";
import { ICMP, IPV6_ICMP, SCTP, TCP, UDP } from "../model/protocols.ts";
import {
  contains,
  difference,
  fromSpans,
  has,
  intersection,
  isEmpty,
  overlaps,
  size,
  type Ranges,
} from "../model/ranges.ts";
import type { Direction, Family } from "../model/rule.ts";
import { ALL_ETHERTYPES } from "../model/rules.ts";

/**
 * The kinds of packets, by the fields that they have. Together they are all packets, and no packet is of two:
 * ports exist in TCP, UDP and SCTP only, ICMP in IPv4 only, ipv6-icmp in IPv6 only.
 */
export type Kind =
  "ipv4-ports" | "ipv4-icmp" | "ipv4-other" | "ipv6-ports" | "ipv6-icmp" | "ipv6-other" | "ethernet";

export const IP_KINDS = [
  "ipv4-ports",
  "ipv4-icmp",
  "ipv4-other",
  "ipv6-ports",
  "ipv6-icmp",
  "ipv6-other",
] as const;
export const ALL_KINDS: readonly Kind[] = [...IP_KINDS, "ethernet"];

/** A product of one set of values for every field of its kind, in the order of `UNIVERSE`. */
export interface Box {
  readonly kind: Kind;
  readonly sides: readonly Ranges[];
}

/** Directions as numbers: bit sets would need a second algebra. */
export const DIRECTION_NUMBER: Readonly<Record<Direction, number>> = { in: 0, out: 1 };
const BOTH_DIRECTIONS: Ranges<number> = [0, 2];

const PORT_PROTOCOL_RANGES = fromSpans(
  [TCP, UDP, SCTP].map((protocol) => ({ first: protocol, last: protocol })),
);
const OTHER_PROTOCOLS = difference(
  [0, 256],
  fromSpans([ICMP, TCP, UDP, IPV6_ICMP, SCTP].map((protocol) => ({ first: protocol, last: protocol }))),
);
const PORTS: Ranges<number> = [0, 65_536];
const BYTES: Ranges<number> = [0, 256];

/**
 * All packets of a kind. Sides: direction, then source address, destination address, and
 * `ports`: protocol, source port, destination port; `icmp`: type, code; `other`: protocol;
 * or, for `ethernet`: direction, source MAC, destination MAC, EtherType.
 */
export const UNIVERSE: Readonly<Record<Kind, Box>> = {
  "ipv4-ports": {
    kind: "ipv4-ports",
    sides: [BOTH_DIRECTIONS, IPV4_ALL, IPV4_ALL, PORT_PROTOCOL_RANGES, PORTS, PORTS],
  },
  "ipv4-icmp": { kind: "ipv4-icmp", sides: [BOTH_DIRECTIONS, IPV4_ALL, IPV4_ALL, BYTES, BYTES] },
  "ipv4-other": { kind: "ipv4-other", sides: [BOTH_DIRECTIONS, IPV4_ALL, IPV4_ALL, OTHER_PROTOCOLS] },
  "ipv6-ports": {
    kind: "ipv6-ports",
    sides: [BOTH_DIRECTIONS, IPV6_ALL, IPV6_ALL, PORT_PROTOCOL_RANGES, PORTS, PORTS],
  },
  "ipv6-icmp": { kind: "ipv6-icmp", sides: [BOTH_DIRECTIONS, IPV6_ALL, IPV6_ALL, BYTES, BYTES] },
  "ipv6-other": { kind: "ipv6-other", sides: [BOTH_DIRECTIONS, IPV6_ALL, IPV6_ALL, OTHER_PROTOCOLS] },
  ethernet: { kind: "ethernet", sides: [BOTH_DIRECTIONS, MAC_ALL, MAC_ALL, ALL_ETHERTYPES] },
};

export const DIRECTION_SIDE = 0;
export const SOURCE_SIDE = 1;
export const DESTINATION_SIDE = 2;

export function familyOf(kind: Kind): Family | null {
  if (kind === "ethernet") return null;
  return kind.startsWith("ipv4") ? "ipv4" : "ipv6";
}

export function isEmptyBox(box: Box): boolean {
  return box.sides.some(isEmpty);
}

export function boxesOverlap(a: Box, b: Box): boolean {
  if (a.kind !== b.kind) return false;
  // Services differ more often than addresses do, and cost less to compare.
  for (let side = a.sides.length - 1; side >= 0; side -= 1) {
    if (!overlaps(a.sides[side]!, b.sides[side]!)) return false;
  }
  return true;
}

export function boxContains(outer: Box, inner: Box): boolean {
  if (outer.kind !== inner.kind) return false;
  for (let side = outer.sides.length - 1; side >= 0; side -= 1) {
    if (!contains(outer.sides[side]!, inner.sides[side]!)) return false;
  }
  return true;
}

export function intersectBoxes(a: Box, b: Box): Box | null {
  if (a.kind !== b.kind) return null;
  const sides: Ranges[] = [];
  for (let side = 0; side < a.sides.length; side += 1) {
    const common = intersection(a.sides[side]!, b.sides[side]!);
    if (isEmpty(common)) return null;
    sides.push(common);
  }
  return { kind: a.kind, sides };
}

/** What of `a` is not in `b`, as disjoint boxes: at most one a side. */
export function subtractBox(a: Box, b: Box): Box[] {
  if (!boxesOverlap(a, b)) return [a];
  const pieces: Box[] = [];
  const sides = [...a.sides];
  for (let side = 0; side < sides.length; side += 1) {
    const outside = difference(sides[side]!, b.sides[side]!);
    if (!isEmpty(outside)) pieces.push({ kind: a.kind, sides: sides.with(side, outside) });
    sides[side] = intersection(sides[side]!, b.sides[side]!);
  }
  return pieces;
}

/** How many packets a box holds. */
export function boxSize(box: Box): bigint {
  return box.sides.reduce((product, side) => product * size(side), 1n);
}

/**
 * Values that a sample takes where it has the choice: addresses for documentation (RFC 5737, RFC 3849), a client's
 * port, services that everybody knows. They read better than the first value of a range.
 */
export const PLAIN_SOURCES = [0xc000020a, 0x20010db8n * 2n ** 96n + 0x10n, 0x020000000010] as const;
export const PLAIN_DESTINATIONS = [0xc6336414, 0x20010db8n * 2n ** 96n + 0x20n, 0x020000000020] as const;
export const PLAIN_SOURCE_PORTS = [40_000];
export const PLAIN_PORTS = [443, 80, 22, 53];
const PLAIN_ETHERTYPES = [IPV4_ETHERTYPE];

function hostOf(network: number | bigint | undefined): bigint {
  return BigInt(network ?? 0) + 10n;
}

/** One packet of a box that is not empty. */
export function sampleBox(box: Box): Packet {
  const { kind, sides } = box;
  const choose = (side: number, plain: readonly (number | bigint)[] = []): number | bigint => {
    const ranges = sides[side]!;
    return plain.find((value) => typeof value === typeof ranges[0] && has(ranges, value)) ?? ranges[0]!;
  };
  const address = (side: number, plain: readonly (number | bigint)[]): number | bigint => {
    const [first, end] = sides[side]!;
    const value = choose(side, plain);
    // The first address of a block is the network's own, which no host has.
    if (value !== first || end! < hostOf(first) + 1n) return value;
    return typeof first === "bigint" ? hostOf(first) : Number(hostOf(first));
  };
  const number = (side: number, plain?: readonly number[]): number => Number(choose(side, plain));
  const direction: Direction = number(DIRECTION_SIDE) === DIRECTION_NUMBER.in ? "in" : "out";
  const source = address(SOURCE_SIDE, kind === "ethernet" ? PLAIN_SOURCES.slice(2) : PLAIN_SOURCES);
  const destination = address(
    DESTINATION_SIDE,
    kind === "ethernet" ? PLAIN_DESTINATIONS.slice(2) : PLAIN_DESTINATIONS,
  );
  if (kind === "ethernet") {
    return {
      layer: "ethernet",
      direction,
      sourceMac: Number(source),
      destinationMac: Number(destination),
      etherType: number(3, PLAIN_ETHERTYPES),
    };
  }
  const shape = kind.slice(5) as "ports" | "icmp" | "other";
  return {
    layer: "ip",
    direction,
    family: familyOf(kind)!,
    source,
    destination,
    protocol: shape === "icmp" ? (kind === "ipv4-icmp" ? ICMP : IPV6_ICMP) : number(3),
    sourcePort: shape === "ports" ? number(4, PLAIN_SOURCE_PORTS) : null,
    destinationPort: shape === "ports" ? number(5, PLAIN_PORTS) : null,
    icmpType: shape === "icmp" ? number(3) : null,
    icmpCode: shape === "icmp" ? number(4) : null,
  };
}

/** The kind of a packet and the values of its fields, in the order of the sides of a box. */
export function coordinates(packet: Packet): { kind: Kind; values: readonly (number | bigint)[] } {
  const direction = DIRECTION_NUMBER[packet.direction];
  if (packet.layer === "ethernet") {
    return {
      kind: "ethernet",
      values: [direction, packet.sourceMac, packet.destinationMac, packet.etherType],
    };
  }
  const { family, source, destination, protocol, sourcePort, destinationPort, icmpType, icmpCode } = packet;
  const start = [direction, source, destination];
  if (sourcePort !== null)
    return { kind: `${family}-ports`, values: [...start, protocol, sourcePort, destinationPort!] };
  if (icmpType !== null) return { kind: `${family}-icmp`, values: [...start, icmpType, icmpCode!] };
  return { kind: `${family}-other`, values: [...start, protocol] };
}

export function boxHas(box: Box, packet: Packet): boolean {
  const { kind, values } = coordinates(packet);
  return box.kind === kind && box.sides.every((side, index) => has(side, values[index]!));
}
