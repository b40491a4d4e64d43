import type { Box } from "../../analysis/boxes.ts";
import type { PacketSet } from "../../analysis/packet-set.ts";

/** Packets as JSON can write them: addresses of IPv6 are texts. */
export type PlainPackets = readonly {
  readonly kind: Box["kind"];
  readonly sides: readonly (readonly (number | string)[])[];
}[];

export function plainPackets(packets: PacketSet): PlainPackets {
  return packets.map(({ kind, sides }) => ({
    kind,
    sides: sides.map((side) => side.map((bound) => (typeof bound === "bigint" ? `${bound}` : bound))),
  }));
}

export function packetsFrom(packets: PlainPackets): PacketSet {
  return packets.map(({ kind, sides }) => ({
    kind,
    sides: sides.map((side) => side.map((bound) => (typeof bound === "string" ? BigInt(bound) : bound))),
  }));
}
