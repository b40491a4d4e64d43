import { UNIVERSE, isEmptyBox, type Box, type Kind } from "../../analysis/boxes.ts";
import { subtract, type PacketSet } from "../../analysis/packet-set.ts";
import { DIRECTION_NUMBER } from "../../analysis/boxes.ts";
import { ALL_ADDRESSES, NO_ADDRESSES } from "../../model/address.ts";
import type { FlowAddresses } from "../../model/flow.ts";
import { ICMP, IPV6_ICMP } from "../../model/protocols.ts";
import { difference, fromSpans, isEmpty, single, union, type Ranges } from "../../model/ranges.ts";
import type { AddressSet, Direction, Family } from "../../model/rule.ts";
import { ALL_PORTS, PORT_PROTOCOLS } from "../../model/service.ts";
import type { NamedService } from "../configuration/configuration.ts";
import type { Term, Without } from "./policy.ts";

/** From what an assertion names to the packets that it is about. */

/** Addresses that certainly and that possibly belong to an end, and why the two differ. */
export interface End {
  readonly must: FlowAddresses;
  readonly may: FlowAddresses;
  readonly doubts: readonly string[];
}

export function endOf(
  { of, except }: Without<readonly Term[]>,
  setNamed: (name: string) => AddressSet | undefined,
): End {
  const whole = of === null ? EVERYWHERE : joined(of, setNamed);
  if (except === null) return whole;
  const part = joined(except, setNamed);
  return {
    must: without(whole.must, part.may),
    may: without(whole.may, part.must),
    doubts: [...whole.doubts, ...part.doubts],
  };
}

/** All other addresses. */
export function elsewhere({ must, may, doubts }: End): End {
  return { must: without(ALL_ADDRESSES, may), may: without(ALL_ADDRESSES, must), doubts };
}

const EVERYWHERE: End = { must: ALL_ADDRESSES, may: ALL_ADDRESSES, doubts: [] };

function joined(terms: readonly Term[], setNamed: (name: string) => AddressSet | undefined): End {
  let must: FlowAddresses = NO_ADDRESSES;
  let may: FlowAddresses = NO_ADDRESSES;
  const doubts: string[] = [];
  for (const term of terms) {
    const set = term.type === "set" ? setNamed(term.name) : undefined;
    const known = term.type === "set" ? (set ?? NOWHERE) : { must: term.addresses, may: term.addresses };
    must = together(must, known.must);
    may = together(may, known.may);
    if (set !== undefined && set.uncertainty !== null)
      doubts.push(`address set ${set.name}: ${set.uncertainty}`);
  }
  return { must, may, doubts };
}

const NOWHERE = { must: NO_ADDRESSES, may: NO_ADDRESSES };

function together(a: FlowAddresses, b: FlowAddresses): FlowAddresses {
  return { ipv4: union(a.ipv4, b.ipv4), ipv6: union(a.ipv6, b.ipv6) };
}

function without(a: FlowAddresses, b: FlowAddresses): FlowAddresses {
  return { ipv4: difference(a.ipv4, b.ipv4), ipv6: difference(a.ipv6, b.ipv6) };
}

export function hasNone({ ipv4, ipv6 }: FlowAddresses): boolean {
  return isEmpty(ipv4) && isEmpty(ipv6);
}

/** Every packet with such headers, between whatever addresses; disjoint, for both families. */
export function serviceBoxes({ of, except }: Without<NamedService>): PacketSet {
  return FAMILIES.flatMap((family) =>
    subtract(boxesOf(of, family), except === null ? [] : boxesOf(except, family)),
  );
}

const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];

function boxesOf(service: NamedService | null, family: Family): Box[] {
  const kinds = (["ports", "icmp", "other"] as const).map((name) => UNIVERSE[`${family}-${name}`]);
  if (service === null) return kinds;
  const [ports, icmp, other] = kinds as [Box, Box, Box];
  return service.flatMap(({ protocol, ports: numbers }): Box[] => {
    const only = single(protocol);
    if (PORT_PROTOCOLS.includes(protocol)) {
      return [{ kind: ports.kind, sides: ports.sides.with(3, only).with(5, numbers ?? ALL_PORTS) }];
    }
    if (protocol === ICMP || protocol === IPV6_ICMP) {
      return (protocol === ICMP) === (family === "ipv4") ? [icmp] : [];
    }
    return [{ kind: other.kind, sides: other.sides.with(3, only) }];
  });
}

/** Packets between two ends. */
export function packetsBetween(
  from: FlowAddresses,
  to: FlowAddresses,
  directions: readonly Direction[],
  services: PacketSet,
): PacketSet {
  const ways: Ranges<number> = fromSpans(
    directions.map((direction) => ({
      first: DIRECTION_NUMBER[direction],
      last: DIRECTION_NUMBER[direction],
    })),
  );
  return services
    .map(({ kind, sides }): Box => {
      const family = kind.startsWith("ipv4") ? "ipv4" : "ipv6";
      return { kind, sides: [ways, from[family], to[family], ...sides.slice(3)] };
    })
    .filter((box) => !isEmptyBox(box));
}

/** The packets between two ends as products of one set of values a field, as few as there may be. */
export function productsOf(packets: PacketSet): ReadonlyMap<Kind, Box>[] {
  const products: Map<Kind, Box>[] = [];
  for (const box of packets) {
    const free = products.find((product) => !product.has(box.kind));
    if (free === undefined) products.push(new Map([[box.kind, box]]));
    else free.set(box.kind, box);
  }
  return products;
}
