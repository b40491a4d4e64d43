import { ipv4Host, printIpv4 } from "./address.ts";
import type { Route, Router, RouterInterface } from "./host.ts";
import { single, union, type Ranges } from "./ranges.ts";
import type { Source } from "./rule.ts";

/**
 * A distributed router in numbers: what its commands print of interfaces and routes, which is IPv4 only. Nothing is
 * left out silently: what cannot be read as a network or a route is kept beside.
 */
export interface RoutingTable {
  readonly networks: readonly RouterNetwork[];
  readonly routes: readonly NumberedRoute[];
  /** Whether any route was printed; without, only the interfaces tell where packets go. */
  readonly routesShown: boolean;
  /** Each may be the one that decides. */
  readonly unreadRoutes: readonly Route[];
  /** How many routes the router says that it has and that are not shown. */
  readonly missingRoutes: number;
}

/** A block of addresses that a prefix names; both ends belong to it. */
export interface Block {
  readonly first: number;
  readonly last: number;
  readonly length: number;
}

/** A network that a router is connected to. */
export interface RouterNetwork {
  readonly name: string;
  readonly block: Block;
  /** The router's own address in it; null where only a route tells of the network. */
  readonly address: number | null;
  /** Null where the interface is not shown. */
  readonly uplink: boolean | null;
  /** Such as `Vxlan:5000`. */
  readonly segment: string | null;
  readonly switch: string | null;
  /** As printed, where it is anything but enabled. */
  readonly disabled: string | null;
  readonly source: Source;
}

export interface NumberedRoute {
  readonly block: Block;
  /** False for a route that is not used; null where its flags are not shown. */
  readonly up: boolean | null;
  readonly reject: boolean;
  /** True while it is being replaced. */
  readonly flushed: boolean;
  /** Null for a network that the router is connected to. */
  readonly gateway: number | null;
  readonly route: Route;
}

export function readRouting({ interfaces, routes, routeCount }: Router): RoutingTable {
  const networks = interfaces.flatMap((one) => networkOf(one) ?? []);
  const read: NumberedRoute[] = [];
  const unreadRoutes: Route[] = [];
  for (const route of routes) {
    const numbered = numberedRoute(route);
    if (numbered === null) unreadRoutes.push(route);
    else read.push(numbered);
  }
  const shown = new Set(networks.map(({ name }) => name));
  const told = read.flatMap(({ block, gateway, reject, route }): RouterNetwork[] =>
    gateway !== null || reject || route.interface === null || shown.has(route.interface) || block.length > 31
      ? []
      : [
          {
            name: route.interface,
            block,
            address: null,
            uplink: null,
            segment: null,
            switch: null,
            disabled: null,
            source: route.source,
          },
        ],
  );
  return {
    networks: [...networks, ...told],
    routes: read,
    routesShown: routes.length > 0,
    unreadRoutes,
    missingRoutes: routes.length === 0 ? 0 : Math.max(0, (routeCount ?? 0) - routes.length),
  };
}

function networkOf(one: RouterInterface): RouterNetwork | null {
  const { name, mode, id, address, netmask, state, source } = one;
  const own = address === null ? null : ipv4Host(address);
  const block = own === null || netmask === null ? null : blockOf(own, netmask);
  if (own === null || own === 0 || block === null) return null;
  return {
    name,
    block,
    address: own,
    uplink: mode === null ? null : /\buplink\b/i.test(mode),
    segment: id,
    switch: one.switch,
    disabled: state === null || /^enabled$/i.test(state.trim()) ? null : state.trim(),
    source,
  };
}

function numberedRoute(route: Route): NumberedRoute | null {
  const { destination, netmask, gateway, flags } = route;
  const to = destination === null ? null : ipv4Host(destination);
  if (to === null) return null;
  const host = flags?.includes("H") === true;
  const block = netmask === null ? (host ? blockOf(to, "32") : null) : blockOf(to, netmask);
  const reject = flags?.includes("!") === true;
  const next = gateway === null ? (reject ? 0 : null) : ipv4Host(gateway);
  if (block === null || next === null) return null;
  return {
    block,
    up: flags === null ? null : flags.includes("U"),
    reject,
    flushed: flags?.includes("F") === true,
    gateway: next === 0 ? null : next,
    route,
  };
}

/** The block around an address, by a mask of ones and zeros or a length; null for anything else. */
export function blockOf(address: number, mask: string): Block | null {
  const length = /^\d{1,2}$/.test(mask) ? Number(mask) : maskLength(mask);
  if (length === null || length > 32) return null;
  const size = 2 ** (32 - length);
  const first = address - (address % size);
  return { first, last: first + size - 1, length };
}

function maskLength(mask: string): number | null {
  const value = ipv4Host(mask);
  if (value === null) return null;
  const size = 2 ** 32 - value;
  const length = 32 - Math.log2(size);
  return Number.isInteger(length) ? length : null;
}

/** The network's own address and its broadcast address; networks of two addresses have neither. */
export function broadcastsOf({ block: { first, last, length } }: RouterNetwork): Ranges<number> {
  return length > 30 || length === 0 ? [] : union(single(first), single(last));
}

export function blockText({ first, length }: Block): string {
  return `${printIpv4(first)}/${length}`;
}
