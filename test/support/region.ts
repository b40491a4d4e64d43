import type { Region } from "../../src/engine/results.ts";
import { addressRanges, parseAddress } from "../../src/model/address.ts";
import type { IpPacket } from "../../src/model/packet.ts";
import { has } from "../../src/model/ranges.ts";

/** Whether a packet lies in a region as results print it, read word by word. */
export function regionHas(region: Region, packet: IpPacket): boolean {
  return region.some((box) => {
    if (!("family" in box) || box.family !== packet.family) return false;
    if (!box.directions.includes(packet.direction)) return false;
    return (
      holdsAddress(box.src, packet.family, packet.source) &&
      holdsAddress(box.dst, packet.family, packet.destination) &&
      holdsProtocol(box.protocols, packet.protocol) &&
      holdsNumber(box.dstPorts, packet.destinationPort) &&
      holdsNumber(box.srcPorts, packet.sourcePort) &&
      holdsNumber(box.icmpTypes, packet.icmpType) &&
      holdsNumber(box.icmpCodes, packet.icmpCode)
    );
  });
}

const read = new WeakMap<readonly string[], ReturnType<typeof addressRanges>>();

function holdsAddress(values: readonly string[], family: "ipv4" | "ipv6", address: number | bigint): boolean {
  if (values[0] === "any") return true;
  const ranges = read.get(values) ?? addressRanges(values.map(parseAddress));
  read.set(values, ranges);
  return family === "ipv4" ? has(ranges.ipv4, Number(address)) : has(ranges.ipv6, BigInt(address));
}

const NUMBERS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, "ipv6-icmp": 58, sctp: 132 };

function holdsProtocol(values: readonly string[], protocol: number): boolean {
  if (values[0] === "any") return true;
  const named = values.filter((value) => value in NUMBERS).map((value) => NUMBERS[value]!);
  if (named.includes(protocol)) return true;
  const known: Readonly<Record<string, number>> = { gre: 47, esp: 50 };
  return values.some((value) => known[value] === protocol || inRange(value, protocol));
}

/** Null stands for a field that the box does not speak of. */
function holdsNumber(values: readonly string[] | null, number: number | null): boolean {
  if (values === null) return true;
  return number !== null && values.some((value) => inRange(value, number));
}

function inRange(value: string, number: number): boolean {
  const [first, last = first] = value.split("-").map(Number);
  return first! <= number && number <= last!;
}
