import { IPV4_ALL, IPV6_ALL, MAC_ALL } from "../model/address.ts";
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
export type Kind = "ipv4-ports" | "ipv4-icmp" | "ipv4-other" | "ipv6-ports" | "ipv6-icmp" | "ipv6-other" | "ethernet";

export const IP_KINDS = ["ipv4-ports", "ipv4-icmp", "ipv4-other", "ipv6-ports", "ipv6-icmp", "ipv6-other"] as const;
export const ALL_KINDS: readonly Kind[] = [...IP_KINDS, "ethernet"];

/** A product of one set of values for every field of its kind, in the order of `UNIVERSE`. */
export interface Box {
  readonly kind: Kind;
  readonly sides: readonly Ranges[];
}

/** Directions as numbers: bit sets would need a second algebra. */
export const DIRECTION_NUMBER: Readonly<Record<Direction, number>> = { in: 0, out: 1 };
const BOTH_DIRECTIONS: Ranges<number> = [0, 2];

const PORT_PROTOCOL_RANGES = fromSpans([TCP, UDP, SCTP].map((protocol) => ({ first: protocol, last: protocol })));
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
  // Services differ more often than addresses do, and cost less to compare.
  for (let side = a.sides.length - 1; side >= 0; side -= 1) {
    if (!overlaps(a.sides[side]!, b.sides[side]!)) return false;
  }
  return a.kind === b.kind;
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

/** Ports that a client uses and addresses that a host has make a witness easier to try out. */
const EPHEMERAL_PORT = 40_000;

/** One packet of a box that is not empty. */
export function sampleBox(box: Box): Packet {
  const { kind, sides } = box;
  const first = (side: number): number => Number(sides[side]![0]);
  const direction: Direction = first(DIRECTION_SIDE) === 0 ? "in" : "out";
  if (kind === "ethernet") {
    const etherTypes = sides[3] as Ranges<number>;
    return {
      layer: "ethernet",
      direction,
      sourceMac: first(SOURCE_SIDE),
      destinationMac: first(DESTINATION_SIDE),
      etherType: has(etherTypes, 0x0800) ? 0x0800 : etherTypes[0]!,
    };
  }
  const shape = kind.slice(5) as "ports" | "icmp" | "other";
  const sourcePorts = sides[4] as Ranges<number>;
  return {
    layer: "ip",
    direction,
    family: familyOf(kind)!,
    source: sampleAddress(sides[SOURCE_SIDE]!),
    destination: sampleAddress(sides[DESTINATION_SIDE]!),
    protocol: shape === "icmp" ? (kind === "ipv4-icmp" ? ICMP : IPV6_ICMP) : first(3),
    sourcePort: shape === "ports" ? (has(sourcePorts, EPHEMERAL_PORT) ? EPHEMERAL_PORT : sourcePorts[0]!) : null,
    destinationPort: shape === "ports" ? first(5) : null,
    icmpType: shape === "icmp" ? first(3) : null,
    icmpCode: shape === "icmp" ? first(4) : null,
  };
}

function sampleAddress(addresses: Ranges): number | bigint {
  // 0.0.0.0 and :: are nobody's address; their neighbour reads better where there is a choice.
  const [first, end] = addresses;
  if (typeof first === "bigint") return first === 0n && end! > 1n ? 1n : first;
  return first === 0 && end! > 1 ? 1 : first!;
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
  if (sourcePort !== null) return { kind: `${family}-ports`, values: [...start, protocol, sourcePort, destinationPort!] };
  if (icmpType !== null) return { kind: `${family}-icmp`, values: [...start, icmpType, icmpCode!] };
  return { kind: `${family}-other`, values: [...start, protocol] };
}

export function boxHas(box: Box, packet: Packet): boolean {
  const { kind, values } = coordinates(packet);
  return box.kind === kind && box.sides.every((side, index) => has(side, values[index]!));
}
