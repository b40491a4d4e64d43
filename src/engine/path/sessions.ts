import { FilterAnalysis } from "../../analysis/analysis.ts";
import { buildModel, type Model } from "../../model/filters.ts";
import {
  hostsNamedIn,
  isFirewall,
  readHosts,
  type Host,
  type Machine,
  type Router,
  type SlotFilter,
  type Vnic,
} from "../../model/host.ts";
import { readRouting, type RoutingTable } from "../../model/routing.ts";
import { ipv4Host } from "../../model/address.ts";
import type { AddressSet, Filter, Source } from "../../model/rule.ts";
import { parseDump, type Dump } from "../../syntax/parse.ts";
import { hostOf } from "../../syntax/session.ts";
import type { SourceText } from "../input.ts";

/** Where packets meet a firewall: a vNIC with its filter, or a filter whose vNIC no session shows. */
export interface Place {
  /** Tells places apart. */
  readonly key: string;
  readonly host: Host | null;
  readonly machine: Machine | null;
  readonly vnic: Vnic | null;
  /** The name of its firewall filter; null if it has none or it has no name. */
  readonly filter: string | null;
  /** Its firewall filter as the host lists it. */
  readonly slot: SlotFilter | null;
  /** Its rules; null where they are not shown. */
  readonly rules: FilterAnalysis | null;
  /** Equal for filters that say the same. */
  readonly content: string | null;
  /** True where hosts of one file have filters of this name: whose rules they are is not clear then. */
  readonly mixed: boolean;
  /** Addresses that a router has seen at the vNIC's port; there may be others. */
  readonly addresses: readonly SeenAddress[];
}

export interface SeenAddress {
  readonly address: number;
  readonly source: Source;
}

/** A distributed router as one host has it. */
export interface RouterView {
  readonly host: Host;
  readonly router: Router;
  readonly table: RoutingTable;
}

/** Everything that is asked on a way from machine to machine. */
export interface PathSessions {
  readonly dumps: readonly Dump[];
  readonly hosts: readonly Host[];
  readonly places: readonly Place[];
  readonly routers: readonly RouterView[];
}

export function readPathSessions(texts: readonly SourceText[]): PathSessions {
  const dumps = texts.map(({ file, text }) => parseDump(file, text));
  const groups = groupByHost(dumps).map((group) => {
    const model = buildModel(group);
    return { model, hosts: readHosts(group, model) };
  });
  // Analysed together, equal filters of all hosts share what is worked out.
  const all = groups.flatMap(({ model }) => model.filters);
  const analyses = new Map(FilterAnalysis.ofAll(all).map((analysis) => [analysis.filter, analysis]));
  const places = groups.flatMap(({ model, hosts }, group) =>
    placesOf(group, hosts, model, (filter) => analyses.get(filter)!),
  );
  const hosts = groups.flatMap((group) => group.hosts);
  const routers = hosts.flatMap((host) =>
    host.routers.map((router) => ({ host, router, table: readRouting(router) })),
  );
  return { dumps, hosts, places, routers };
}

/**
 * Files of different hosts are read apart: filters of two hosts may have the same name. What names no host belongs to
 * the only one there is.
 */
function groupByHost(dumps: readonly Dump[]): Dump[][] {
  const groups: { names: Set<string>; dumps: Dump[] }[] = [];
  const unnamed: Dump[] = [];
  for (const dump of dumps) {
    const names = hostsNamedIn(dump);
    if (names.length === 0) {
      unnamed.push(dump);
      continue;
    }
    const same = groups.filter((group) => names.some((name) => group.names.has(name)));
    for (const group of same) groups.splice(groups.indexOf(group), 1);
    groups.push({
      names: new Set([...names, ...same.flatMap((group) => [...group.names])]),
      dumps: [...same.flatMap((group) => group.dumps), dump],
    });
  }
  if (groups.length === 1) return [[...groups[0]!.dumps, ...unnamed]];
  const named = groups.map((group) => group.dumps);
  return unnamed.length === 0 ? named : [...named, unnamed];
}

function placesOf(
  group: number,
  hosts: readonly Host[],
  { filters, repeated }: Model,
  analysisOf: (filter: Filter) => FilterAnalysis,
): Place[] {
  const places: Place[] = [];
  const mixed = new Set(
    repeated.flatMap(({ filter, used, dropped, identical }) =>
      identical || hostAt(used) === hostAt(dropped) ? [] : [filter],
    ),
  );
  const rulesOf = (name: string | null): FilterAnalysis | null => {
    const filter = filters.find((one) => one.name === name && one.rules.length > 0);
    return filter === undefined ? null : analysisOf(filter);
  };
  const contentOf = (host: Host | null, name: string | null): string => {
    const same = host?.filters.find((filter) => filter.name === name)?.sameAs ?? name;
    return `${group} ${same}`;
  };
  const shown = new Set<string | null>();
  for (const [index, host] of hosts.entries()) {
    for (const machine of host.machines) {
      for (const vnic of machine.vnics) {
        const { firewall } = vnic;
        const rules = firewall === null ? null : rulesOf(firewall);
        if (firewall !== null) shown.add(firewall);
        places.push({
          key: `${group} ${index} ${machine.uuid ?? machine.name} ${vnic.name}`,
          host,
          machine,
          vnic,
          filter: firewall,
          slot: vnic.filters.find(isFirewall) ?? null,
          rules,
          content: rules === null ? null : contentOf(host, firewall),
          mixed: mixed.has(firewall),
          addresses: seenAt(host, vnic),
        });
      }
    }
  }
  for (const filter of filters) {
    if (filter.rules.length === 0 || shown.has(filter.name)) continue;
    const host = hosts.find((one) => one.filters.some(({ name }) => name === filter.name)) ?? null;
    places.push({
      key: `${group} filter ${filter.name}`,
      host,
      machine: null,
      vnic: null,
      filter: filter.name,
      slot: null,
      rules: analysisOf(filter),
      content: contentOf(host, filter.name),
      mixed: mixed.has(filter.name),
      addresses: [],
    });
  }
  return places;
}

/** The host at whose prompt something was printed; null if none says it. */
function hostAt({ dump, range }: Source): string | null {
  let host: string | null = null;
  for (const item of dump.items) {
    if (item.range.start > range.start) break;
    if (item.type === "prompt") host = hostOf(item) ?? host;
  }
  return host;
}

/** Flags of an entry that is valid, and is neither the router's own nor going away. */
const SEEN = /^(?=.*V)[^ID]*$/;

/** The addresses that the host's routers have seen at a vNIC. */
function seenAt({ routers }: Host, { port }: Vnic): SeenAddress[] {
  if (port === null || port === "0") return [];
  return routers.flatMap(({ neighbours }) =>
    neighbours.flatMap((one) => {
      const address = one.address === null ? null : ipv4Host(one.address);
      const seen = one.port === port && one.flags !== null && SEEN.test(one.flags);
      return seen && address !== null ? [{ address, source: one.source }] : [];
    }),
  );
}

/** Address sets of all filters by name, and the names that mean different addresses in different filters. */
export function addressSetsOf(places: readonly Place[]): {
  sets: ReadonlyMap<string, AddressSet>;
  different: ReadonlySet<string>;
} {
  const sets = new Map<string, AddressSet>();
  const different = new Set<string>();
  const contents = new Map<string, string>();
  for (const filter of new Set(places.flatMap(({ rules }) => rules?.filter ?? []))) {
    for (const [name, set] of filter.addressSets) {
      const content = `${set.must.ipv4.join()} ${set.must.ipv6.join()} ${set.uncertainty}`;
      const known = contents.get(name);
      if (known !== undefined && known !== content) different.add(name);
      contents.set(name, content);
      if (known === undefined) sets.set(name, set);
    }
  }
  return { sets, different };
}
