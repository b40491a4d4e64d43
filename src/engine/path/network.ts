import { byLongestPrefix, rangesOf } from "../../analysis/longest-prefix.ts";
import { printIpv4 } from "../../model/address.ts";
import { difference, fromSpans, has, intersection, isEmpty, union, type Ranges } from "../../model/ranges.ts";
import { blockText, broadcastsOf, type NumberedRoute, type RouterNetwork } from "../../model/routing.ts";
import type { RouterView } from "./sessions.ts";
import type { NetworkStatus } from "./results.ts";

/** A network of a router, in which an address lies. */
export interface Location {
  readonly view: RouterView;
  readonly network: RouterNetwork;
}

/** What the network does with packets, in one place. */
export interface Hop {
  readonly status: NetworkStatus;
  readonly verdict: "accept" | "drop" | "unknown";
  readonly view: RouterView | null;
  readonly from: RouterNetwork | null;
  readonly to: RouterNetwork | null;
  /** All that decide: several of one prefix share the packets. */
  readonly routes: readonly NumberedRoute[];
  /** Why packets do not get on, or why that is not known. */
  readonly reason: string | null;
  /** What is taken to be so and not shown; nothing is certain then. */
  readonly doubts: readonly string[];
  /** What would tell more. */
  readonly missing: string | null;
}

/** Where packets get to. */
export type End =
  /** A network with machines; null where it is not known which. */
  | { readonly type: "segment"; readonly location: Location | null }
  | { readonly type: "router" }
  /** Every machine of a network, or some of them. */
  | { readonly type: "group" }
  /** Beyond what sessions show. */
  | { readonly type: "away" }
  | { readonly type: "stopped" };

export interface Way {
  readonly destinations: Ranges<number>;
  readonly hops: readonly Hop[];
  readonly end: End;
}

/** Multicast and the broadcast to everybody on the wire. */
const GROUPS: Ranges<number> = union(
  rangesOf({ first: 0xe0000000, last: 0xefffffff, length: 4 }),
  [0xffffffff, 0x100000000],
);

const MOST_HOPS = 8;

/** The routers of all sessions together. A distributed router is one, however many hosts print it. */
export class Network {
  readonly views: readonly RouterView[];
  /** Routers of which no network is shown: they may have any. */
  readonly #hidden: readonly string[];
  readonly #differing = new Map<string | null, string>();

  /**
   * @param all of every host
   * @param host the one whose tables count where several print the same router
   * @param only the router that is asked about; null for all
   */
  constructor(all: readonly RouterView[], host: string | null, only: string | null) {
    const byName = new Map<string | null, RouterView>();
    for (const view of all) {
      const { name } = view.router;
      if (only !== null && name !== only) continue;
      const known = byName.get(name);
      const better = known === undefined || isBare(known) || rank(view, host) > rank(known, host);
      if (known === undefined || (better && !isBare(view))) byName.set(name, view);
      const told = known !== undefined && !isBare(known) && !isBare(view);
      if (told && signature(known) !== signature(view) && !this.#differing.has(name)) {
        this.#differing.set(
          name,
          `router ${name ?? "without a name"} is not the same on ${known.host.name ?? "one host"} and ${view.host.name ?? "another"}`,
        );
      }
    }
    this.views = [...byName.values()].filter((view) => !isBare(view));
    this.#hidden = [...byName.values()]
      .filter((view) => view.table.networks.length === 0)
      .map((view) => view.router.name ?? "without a name");
  }

  /** Splits addresses by the networks of routers that hold them. */
  locate(addresses: Ranges<number>): { addresses: Ranges<number>; locations: readonly Location[] }[] {
    let parts: { addresses: Ranges<number>; locations: readonly Location[] }[] = [
      { addresses, locations: [] },
    ];
    for (const view of this.views) {
      parts = parts.flatMap((part) =>
        byLongestPrefix(view.table.networks, part.addresses).map(({ addresses, items }) => ({
          addresses,
          locations: [...part.locations, ...items.map((network) => ({ view, network }))],
        })),
      );
    }
    return parts;
  }

  /** How packets get from one network to their destinations; the ways are disjoint and complete. */
  waysFrom({ view, network }: Location, destinations: Ranges<number>): Way[] {
    const ways: Way[] = [];
    const step = this.#stepOf(view, network);
    const groups = union(
      intersection(destinations, GROUPS),
      intersection(destinations, broadcastsOf(network)),
    );
    if (!isEmpty(groups)) {
      const reason = "a broadcast or multicast stays on its segment, and every machine there may get it";
      ways.push({
        destinations: groups,
        hops: [step({ status: "group", to: network, reason })],
        end: { type: "group" },
      });
    }
    const single = difference(destinations, groups);
    const own = intersection(single, ownAddresses(view));
    if (!isEmpty(own)) ways.push(this.#toRouter(view, network, own));
    const others = difference(single, own);
    const here = intersection(others, rangesOf(network.block));
    if (!isEmpty(here)) {
      ways.push({
        destinations: here,
        hops: [step({ status: "switched", to: network })],
        end: { type: "segment", location: { view, network } },
      });
    }
    return [...ways, ...this.#route(view, network, difference(others, here), MOST_HOPS)];
  }

  /** How packets that come from no network of a router here get to their destinations. */
  waysFromOutside(given: boolean, destinations: Ranges<number>): Way[] {
    const unknown: Omit<Hop, "reason" | "missing"> = {
      status: "unknown",
      verdict: "unknown",
      view: null,
      from: null,
      to: null,
      routes: [],
      doubts: [],
    };
    return this.locate(destinations).flatMap(({ addresses, locations }): Way[] => {
      const inside = locations.filter(({ network }) => network.uplink !== true);
      const [location, ...others] = inside;
      if (location === undefined) {
        const reason =
          locations.length > 0
            ? "neither the source nor the destination is in a network behind a router that a session shows"
            : "no session here shows a router with a network of the source or of the destination";
        return [
          {
            destinations: addresses,
            hops: [{ ...unknown, reason, missing: ROUTERS_MISSING }],
            end: { type: "segment", location: null },
          },
        ];
      }
      if (others.length > 0) {
        return [
          {
            destinations: addresses,
            hops: [{ ...unknown, ...ambiguous(inside) }],
            end: { type: "segment", location: null },
          },
        ];
      }
      const { view, network } = location;
      const step = this.#stepOf(view, null);
      const own = intersection(addresses, ownAddresses(view));
      const rest = difference(addresses, own);
      const reason = given
        ? null
        : `how packets of the source get to router ${nameOf(view)} is not shown: it has no network with the source`;
      const hop = step({
        status: "enters",
        to: network,
        ...(given ? {} : { verdict: "unknown" as const }),
        reason,
        missing: null,
      });
      return [
        ...(isEmpty(own) ? [] : [this.#toRouter(view, null, own, given ? null : reason)]),
        ...(isEmpty(rest)
          ? []
          : [{ destinations: rest, hops: [hop], end: { type: "segment" as const, location } }]),
      ];
    });
  }

  /** @param unknown why it is not known that packets get there */
  #toRouter(
    view: RouterView,
    from: RouterNetwork | null,
    own: Ranges<number>,
    unknown: string | null = null,
  ): Way {
    const step = this.#stepOf(view, from);
    const network = view.table.networks.find(({ address }) => address !== null && has(own, address)) ?? null;
    return {
      destinations: own,
      hops: [
        step({
          status: "router",
          to: network,
          reason: unknown,
          verdict: unknown === null ? "accept" : "unknown",
        }),
      ],
      end: { type: "router" },
    };
  }

  #route(
    view: RouterView,
    from: RouterNetwork | null,
    destinations: Ranges<number>,
    hopsLeft: number,
  ): Way[] {
    if (isEmpty(destinations)) return [];
    const step = this.#stepOf(view, from);
    const { table } = view;
    if (!table.routesShown) return this.#byInterfaces(view, from, destinations);
    const used = table.routes.filter(({ up }) => up !== false);
    return byLongestPrefix(used, destinations).flatMap(({ addresses, items: routes }): Way[] => {
      const stopped = (hop: Partial<Hop>): Way[] => [
        {
          destinations: addresses,
          hops: [step({ routes, ...hop })],
          end: hop.verdict === "drop" ? { type: "stopped" } : { type: "segment", location: null },
        },
      ];
      if (routes.length === 0) {
        const down = table.routes.some(
          ({ up, block }) => up === false && !isEmpty(intersection(addresses, rangesOf(block))),
        );
        const reason = `no route${down ? " that is up" : ""} leads there`;
        return stopped({ status: "dropped", verdict: "drop", reason });
      }
      const rejects = routes.filter(({ reject }) => reject);
      if (rejects.length === routes.length)
        return stopped({ status: "dropped", verdict: "drop", reason: "a reject route takes it" });
      const connected = routes.filter(({ gateway, reject }) => gateway === null && !reject);
      const through = routes.filter(({ gateway }) => gateway !== null);
      if (rejects.length > 0 || (connected.length > 0 && through.length > 0)) {
        const reason = "routes of the same prefix lead to different things";
        return stopped({ status: "unknown", verdict: "unknown", reason });
      }
      if (connected.length > 0) return this.#deliver(view, from, addresses, connected);
      const next = new Set(
        through.map(({ gateway }) =>
          this.views.find((other) => other !== view && has(ownAddresses(other), gateway!)),
        ),
      );
      const [router] = next;
      if (next.size === 1 && router !== undefined && hopsLeft > 0) {
        const hop = step({ status: "forwarded", to: networkOf(view, through[0]!), routes });
        const entry = router.table.networks.find(({ address }) => address === through[0]!.gateway) ?? null;
        return this.#route(router, entry, addresses, hopsLeft - 1).map((way) => ({
          ...way,
          hops: [hop, ...way.hops],
        }));
      }
      const to = networkOf(view, through[0]!);
      const hop = step({ status: "leaves", verdict: "unknown", to, routes });
      return this.#beyond(view, hop, addresses);
    });
  }

  /** What left by a next hop that no session shows, and may get to a network of another router. */
  #beyond(view: RouterView, hop: Hop, destinations: Ranges<number>): Way[] {
    return this.locate(destinations).map(({ addresses, locations }): Way => {
      const inside = locations.filter(
        ({ view: other, network }) => other !== view && network.uplink !== true,
      );
      const [location] = inside;
      if (location === undefined || inside.length > 1)
        return { destinations: addresses, hops: [hop], end: { type: "away" } };
      const reason = `what is between ${gatewaysText(hop.routes)} and router ${nameOf(location.view)} is not shown`;
      const arrives = this.#stepOf(
        location.view,
        null,
      )({ status: "enters", to: location.network, verdict: "unknown", reason, missing: null });
      return { destinations: addresses, hops: [hop, arrives], end: { type: "segment", location } };
    });
  }

  #deliver(
    view: RouterView,
    from: RouterNetwork | null,
    destinations: Ranges<number>,
    routes: readonly NumberedRoute[],
  ): Way[] {
    const step = this.#stepOf(view, from);
    const names = new Set(routes.map(({ route }) => route.interface));
    const network = networkOf(view, routes[0]!);
    if (names.size > 1 || network === null) {
      const reason =
        names.size > 1
          ? "several interfaces are connected to the same network"
          : `interface ${routes[0]!.route.interface ?? "without a name"} of router ${nameOf(view)} is not shown`;
      const hop = step({ status: "unknown", verdict: "unknown", routes, reason });
      return [{ destinations, hops: [hop], end: { type: "segment", location: null } }];
    }
    const groups = intersection(destinations, broadcastsOf(network));
    const rest = difference(destinations, groups);
    const ways: Way[] = [];
    if (!isEmpty(groups)) {
      const reason = "the broadcast address of another network: whether the router hands it on is not shown";
      const hop = step({ status: "unknown", verdict: "unknown", to: network, routes, reason });
      ways.push({ destinations: groups, hops: [hop], end: { type: "group" } });
    }
    if (!isEmpty(rest)) {
      const hop = step({ status: "routed", to: network, routes });
      ways.push({ destinations: rest, hops: [hop], end: { type: "segment", location: { view, network } } });
    }
    return ways;
  }

  /** Without routes the networks that a router is connected to are all that is known. */
  #byInterfaces(view: RouterView, from: RouterNetwork | null, destinations: Ranges<number>): Way[] {
    const step = this.#stepOf(view, from);
    return byLongestPrefix(view.table.networks, destinations).map(({ addresses, items }): Way => {
      const [network] = items;
      if (network === undefined || items.length > 1) {
        const hop = step({
          status: "unknown",
          verdict: "unknown",
          reason: `the routes of router ${nameOf(view)} are not shown`,
          missing: `give the output of net-vdr -R -l ${nameOf(view)}`,
        });
        return { destinations: addresses, hops: [hop], end: { type: "segment", location: null } };
      }
      const hop = step({ status: "routed", to: network });
      return { destinations: addresses, hops: [hop], end: { type: "segment", location: { view, network } } };
    });
  }

  /** Steps of one router: what makes any of them unsure is said in each. */
  #stepOf(view: RouterView, from: RouterNetwork | null): (hop: Partial<Hop>) => Hop {
    const { router, table } = view;
    return (given) => {
      const hop: Hop = {
        status: "unknown",
        verdict: "accept",
        view,
        from,
        to: null,
        routes: [],
        reason: null,
        doubts: [],
        missing: null,
        ...given,
      };
      const doubts = [...hop.doubts];
      const differing = this.#differing.get(router.name);
      if (differing !== undefined)
        doubts.push(`${differing}: taken as it is on ${view.host.name ?? "the first"}`);
      if (this.#hidden.length > 0 && hop.status !== "enters") {
        const several = this.#hidden.length > 1;
        doubts.push(
          `the interfaces of router${several ? "s" : ""} ${this.#hidden.join(" and ")} are not shown: taken to have other networks`,
        );
      }
      if (hop.status !== "switched" && hop.status !== "group" && table.routesShown) {
        if (table.unreadRoutes.length > 0)
          doubts.push(`${table.unreadRoutes.length} of its routes could not be read`);
        if (table.missingRoutes > 0)
          doubts.push(`${table.missingRoutes} of the routes that it counts are not shown`);
      }
      for (const { up, flushed, route } of hop.routes) {
        if (up === null) doubts.push(`whether the route to ${route.destination} is up is not shown`);
        if (flushed) doubts.push(`the route to ${route.destination} is being flushed`);
      }
      const off = [
        ...(router.state === null || /^enabled$/i.test(router.state.trim()) || hop.status === "switched"
          ? []
          : [`router ${nameOf(view)} is "${router.state.trim()}"`]),
        ...[hop.from, hop.to].flatMap((network) =>
          network === null || network.disabled === null || hop.status === "switched"
            ? []
            : [`interface ${network.name} is "${network.disabled}"`],
        ),
      ];
      if (off.length > 0 && hop.verdict === "accept")
        return { ...hop, doubts, verdict: "unknown", reason: [...new Set(off)].join(", ") };
      return { ...hop, doubts };
    };
  }
}

/** What to bring where no router is shown. */
export const ROUTERS_MISSING =
  "give the output of net-vdr --instance -l, and of net-vdr --lif -l NAME and net-vdr -R -l NAME for each router";

/** The source lies in a network of several routers. */
export function ambiguous(locations: readonly Location[]): Pick<Hop, "reason" | "missing"> {
  const names = [...new Set(locations.map(({ view }) => nameOf(view)))];
  const [{ network }] = locations as [Location];
  return names.length === 1
    ? { reason: `router ${names[0]} has several interfaces in ${blockText(network.block)}`, missing: null }
    : {
        reason: `${blockText(network.block)} is a network of the routers ${names.join(" and ")}`,
        missing: "say --router NAME",
      };
}

export function nameOf({ router }: RouterView): string {
  return router.name ?? "without a name";
}

export function gatewaysText(routes: readonly NumberedRoute[]): string {
  return [...new Set(routes.flatMap(({ gateway }) => (gateway === null ? [] : [printIpv4(gateway)])))].join(
    " or ",
  );
}

function ownAddresses({ table }: RouterView): Ranges<number> {
  return fromSpans(
    table.networks.flatMap(({ address }) => (address === null ? [] : [{ first: address, last: address }])),
  );
}

function networkOf({ table }: RouterView, { route }: NumberedRoute): RouterNetwork | null {
  return table.networks.find(({ name }) => name === route.interface) ?? null;
}

function isBare({ table }: RouterView): boolean {
  return table.networks.length === 0 && !table.routesShown;
}

/** The host that is asked about comes first, then whoever shows more. */
function rank({ host, table }: RouterView, wanted: string | null): number {
  const own = wanted !== null && host.name === wanted ? 4 : 0;
  return own + (table.routesShown ? 2 : 0) + (table.networks.length > 0 ? 1 : 0);
}

function signature({ table }: RouterView): string {
  const networks = table.networks.map(({ name, block, address }) => `${name} ${blockText(block)} ${address}`);
  const routes = table.routes.map(
    ({ block, gateway, up, reject, route }) =>
      `${blockText(block)} ${gateway} ${up} ${reject} ${route.interface}`,
  );
  return JSON.stringify([networks.toSorted(), routes.toSorted()]);
}
