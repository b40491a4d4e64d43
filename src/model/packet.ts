import type { Direction, Family } from "./rule.ts";

/** The first packet of a flow, as the layer-3 rules see it. */
export interface IpPacket {
  readonly layer: "ip";
  readonly direction: Direction;
  readonly family: Family;
  /** A number for IPv4, a bigint for IPv6. */
  readonly source: number | bigint;
  readonly destination: number | bigint;
  readonly protocol: number;
  /** Null unless the protocol is TCP, UDP or SCTP. */
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** Null unless the protocol is ICMP of the packet's family. */
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
}

/** A frame, as the layer-2 rules see it. */
export interface EthernetPacket {
  readonly layer: "ethernet";
  readonly direction: Direction;
  readonly etherType: number;
  readonly sourceMac: number;
  readonly destinationMac: number;
}

export type Packet = IpPacket | EthernetPacket;
