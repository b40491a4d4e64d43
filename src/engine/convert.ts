import { ALL_KINDS, DIRECTION_NUMBER, IP_KINDS, UNIVERSE, familyOf, type Box } from "../analysis/boxes.ts";
import { merged, type PacketSet } from "../analysis/packet-set.ts";
import { printAddress, printAddresses, printMac } from "../model/address.ts";
import { etherTypeName } from "../model/ethertypes.ts";
import type { Packet } from "../model/packet.ts";
import { ICMP, IPV6_ICMP, SCTP, TCP, UDP, protocolName } from "../model/protocols.ts";
import { equals, has, toSpans, type Ranges } from "../model/ranges.ts";
import { DIRECTIONS, type Direction, type Family, type RuleReference, type Source } from "../model/rule.ts";
import type { FlowResult, Location, Region, RegionBox, RuleReferenceResult } from "./results.ts";

/** From what the analysis knows to what results hold. */

const NAMED_PROTOCOLS: ReadonlySet<number> = new Set([ICMP, TCP, UDP, IPV6_ICMP, SCTP]);

export function flowResult(packet: Packet): FlowResult {
  if (packet.layer === "ethernet") {
    return {
      direction: packet.direction,
      src: null,
      dst: null,
      protocol: null,
      srcPort: null,
      dstPort: null,
      icmpType: null,
      icmpCode: null,
      srcMac: printMac(packet.sourceMac),
      dstMac: printMac(packet.destinationMac),
      etherType: etherTypeName(packet.etherType),
    };
  }
  const { protocol } = packet;
  return {
    direction: packet.direction,
    src: printAddress(packet.family, packet.source),
    dst: printAddress(packet.family, packet.destination),
    protocol: NAMED_PROTOCOLS.has(protocol) ? protocolName(protocol) : protocol,
    srcPort: packet.sourcePort,
    dstPort: packet.destinationPort,
    icmpType: packet.icmpType,
    icmpCode: packet.icmpCode,
  };
}

export function referenceResult(reference: RuleReference): RuleReferenceResult {
  const { filter, ruleset, category, id, position, source } = reference;
  const { line } = source.dump.lines.position(source.range.start);
  return { filter, ruleset, category, id, position, file: source.dump.file, line };
}

export function location({ dump, range }: Source): Location {
  const start = dump.lines.position(range.start);
  const end = dump.lines.position(range.end);
  return {
    file: dump.file,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
  };
}

/** The name of addresses, if they have one. */
export type Namer = (family: Family, addresses: Ranges) => string | null;

/** A region as people would write it: few boxes, `any` for all of a field, names where asked for. */
export function regionResult(packets: PacketSet, namer: Namer = () => null): Region {
  const boxes = merged(packets).toSorted((a, b) => ALL_KINDS.indexOf(a.kind) - ALL_KINDS.indexOf(b.kind));
  const result: RegionBox[] = [];
  const whole = new Set<Box>();
  for (const family of ["ipv4", "ipv6"] as const) {
    for (const group of wholeServices(boxes, family)) {
      for (const box of group) whole.add(box);
      result.push({ ...start(group[0]!, family, namer), ...NO_HEADER, protocols: ["any"] });
    }
  }
  for (const box of boxes) if (!whole.has(box)) result.push(regionBox(box, namer));
  return result;
}

/** Boxes of the three kinds of one family that together are every protocol between the same addresses. */
function wholeServices(boxes: PacketSet, family: Family): Box[][] {
  const kinds = IP_KINDS.filter((kind) => kind.startsWith(family));
  const groups = new Map<string, Box[]>();
  for (const box of boxes) {
    if (!kinds.some((kind) => kind === box.kind)) continue;
    const full = UNIVERSE[box.kind].sides;
    if (!box.sides.every((side, index) => index < 3 || equals(side, full[index]!))) continue;
    const key = box.sides
      .slice(0, 3)
      .map((side) => side.join(","))
      .join(";");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [box]);
    else group.push(box);
  }
  return [...groups.values()].filter(({ length }) => length === kinds.length);
}

const NO_HEADER = { srcPorts: null, dstPorts: null, icmpTypes: null, icmpCodes: null };

function start(
  box: Box,
  family: Family,
  namer: Namer,
): {
  directions: Direction[];
  family: Family;
  src: string[];
  dst: string[];
  srcName?: string;
  dstName?: string;
} {
  const [, source, destination] = box.sides;
  const srcName = namer(family, source!);
  const dstName = namer(family, destination!);
  return {
    directions: directionsOf(box),
    family,
    src: addresses(box, source!, 1, family),
    dst: addresses(box, destination!, 2, family),
    ...(srcName === null ? {} : { srcName }),
    ...(dstName === null ? {} : { dstName }),
  };
}

function directionsOf({ sides }: Box): Direction[] {
  return DIRECTIONS.filter((direction) => has(sides[0]!, DIRECTION_NUMBER[direction]));
}

function addresses(box: Box, side: Ranges, index: number, family: Family | "mac"): string[] {
  if (equals(side, UNIVERSE[box.kind].sides[index]!)) return ["any"];
  // Boxes of one answer have many sides in common, some of thousands of addresses.
  let texts = PRINTED[family].get(side);
  if (texts === undefined) {
    texts = printAddresses(family, side);
    PRINTED[family].set(side, texts);
  }
  return [...texts];
}

const PRINTED = { ipv4: new WeakMap(), ipv6: new WeakMap(), mac: new WeakMap() } satisfies Readonly<
  Record<Family | "mac", WeakMap<Ranges, readonly string[]>>
>;

function regionBox(box: Box, namer: Namer): RegionBox {
  const family = familyOf(box.kind);
  const [, source, destination, third, fourth, fifth] = box.sides;
  if (family === null) {
    return {
      directions: directionsOf(box),
      srcMacs: addresses(box, source!, 1, "mac"),
      dstMacs: addresses(box, destination!, 2, "mac"),
      etherTypes: equals(third!, UNIVERSE.ethernet.sides[3]!) ? ["any"] : numbers(third!, etherTypeName),
    };
  }
  const common = { ...start(box, family, namer), ...NO_HEADER };
  if (box.kind === "ipv4-icmp" || box.kind === "ipv6-icmp") {
    const protocols = [protocolName(family === "ipv4" ? ICMP : IPV6_ICMP)];
    return { ...common, protocols, icmpTypes: numbers(third!), icmpCodes: numbers(fourth!) };
  }
  const protocols = toSpans(third!).flatMap(({ first, last }) => {
    const names: string[] = [];
    // The port protocols are three single numbers; a long run of others reads better as a range.
    if (Number(last) - Number(first) > 1) return [`${first}-${last}`];
    for (let number = Number(first); number <= Number(last); number += 1) {
      names.push(NAMED_PROTOCOLS.has(number) ? protocolName(number) : `${number}`);
    }
    return names;
  });
  if (fourth === undefined) return { ...common, protocols };
  return { ...common, protocols, srcPorts: numbers(fourth), dstPorts: numbers(fifth!) };
}

function numbers(ranges: Ranges, name: (value: number) => string = String): string[] {
  return toSpans(ranges).map(({ first, last }) =>
    first === last ? name(Number(first)) : `${name(Number(first))}-${name(Number(last))}`,
  );
}

/** The binary logarithm, to two places; null for none. All packets of a family are below 2 to the 300th. */
export function powerOfTwo(count: bigint): number | null {
  return count === 0n ? null : Math.round(Math.log2(Number(count)) * 100) / 100;
}
