import { ipv4Host, parseAddress } from "./address.ts";
import type { Host, Vnic } from "./host.ts";
import { fromSpans, type Ranges } from "./ranges.ts";
import type { Source } from "./rule.ts";

/** An address that a distributed router has seen at a port of the host. */
export interface SeenAddress {
  readonly address: number;
  /** Of the card that answered; null if it is not printed as one. */
  readonly mac: number | null;
  readonly source: Source;
}

/** Flags of an entry that is valid, and is neither the router's own nor going away. */
const SEEN = /^(?=.*V)[^ID]*$/;

/** The addresses that the host's routers have seen at a vNIC; there may be others. */
export function seenAt({ routers }: Pick<Host, "routers">, { port }: Pick<Vnic, "port">): SeenAddress[] {
  if (port === null || port === "0") return [];
  return routers.flatMap(({ neighbours }) =>
    neighbours.flatMap((one) => {
      const address = one.address === null ? null : ipv4Host(one.address);
      const seen = one.port === port && one.flags !== null && SEEN.test(one.flags);
      return seen && address !== null ? [{ address, mac: macOf(one.mac), source: one.source }] : [];
    }),
  );
}

export function rangesOfAddresses(addresses: readonly Pick<SeenAddress, "address">[]): Ranges<number> {
  return fromSpans(addresses.map(({ address }) => ({ first: address, last: address })));
}

/** What a session shows of the vNIC of a filter: plain data. */
export interface SeenVnic {
  readonly vnic: string;
  /** Not empty. */
  readonly addresses: readonly Pick<SeenAddress, "address" | "mac">[];
}

/** The vNIC of a filter with the addresses at which routers have seen it; null if none has. */
export function seenVnicOf(hosts: readonly Host[], filter: string): SeenVnic | null {
  for (const host of hosts) {
    for (const { vnics } of host.machines) {
      const vnic = vnics.find(({ firewall }) => firewall === filter);
      const seen = vnic === undefined ? [] : seenAt(host, vnic);
      if (vnic === undefined || seen.length === 0) continue;
      return { vnic: vnic.name, addresses: seen.map(({ address, mac }) => ({ address, mac })) };
    }
  }
  return null;
}

function macOf(text: string | null): number | null {
  if (text === null || !/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(text)) return null;
  const span = parseAddress(text);
  return span.family === "mac" ? span.first : null;
}
