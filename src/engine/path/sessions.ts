import {
  isFirewall,
  readHosts,
  type Host,
  type Machine,
  type Router,
  type SlotFilter,
  type Vnic,
} from "../../model/host.ts";
import { readRouting, type RoutingTable } from "../../model/routing.ts";
import type { AddressSet } from "../../model/rule.ts";
import { firstOfContent } from "../../model/same-content.ts";
import { seenAt, type SeenAddress } from "../../model/seen-addresses.ts";
import type { Dump } from "../../syntax/parse.ts";
import { readInput, type SourceText } from "../input.ts";
import { ReadRules, type AskedRules } from "./rules.ts";

/** Where packets meet a firewall: a vNIC with its filter, or a filter whose vNIC no session shows. */
export interface Place {
  /** Tells places apart. */
  readonly key: string;
  readonly host: Host | null;
  readonly machine: Machine | null;
  readonly vnic: Vnic | null;
  /** The name of its firewall filter, as the model tells filters apart; null if it has none or it has no name. */
  readonly filter: string | null;
  /** As its host calls it. */
  readonly printedFilter: string | null;
  /** Its firewall filter as the host lists it. */
  readonly slot: SlotFilter | null;
  /** Its rules; null where they are not shown. */
  readonly rules: AskedRules | null;
  /** Equal for filters that say the same; null without rules. */
  readonly content: string | null;
  /** Addresses that a router has seen at the vNIC's port; there may be others. */
  readonly addresses: readonly SeenAddress[];
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
  const { dumps, model, filters } = readInput(texts);
  return pathSessions(
    dumps,
    readHosts(dumps, model),
    filters.map((analysis) => new ReadRules(analysis)),
  );
}

/** @param filters every filter of the hosts, with or without rules */
export function pathSessions(
  dumps: readonly Dump[],
  hosts: readonly Host[],
  filters: readonly AskedRules[],
): PathSessions {
  const routers = hosts.flatMap((host) =>
    host.routers.map((router) => ({ host, router, table: readRouting(router) })),
  );
  return { dumps, hosts, places: placesOf(hosts, filters), routers };
}

function placesOf(hosts: readonly Host[], filters: readonly AskedRules[]): Place[] {
  const withRules = filters.filter(({ filter }) => filter.rules.length > 0);
  const byName = new Map(withRules.map((rules) => [rules.filter.name, rules]));
  const first = firstOfContent(withRules.map(({ filter }) => filter));
  const contentOf = ({ filter }: AskedRules): string => JSON.stringify(first.get(filter)!.name);
  const places: Place[] = [];
  const shown = new Set<string | null>();
  for (const [index, host] of hosts.entries()) {
    // Another host may have printed rules of a filter that is called the same.
    const printed = new Set(host.filters.flatMap(({ name, rules }) => (rules === null ? [] : [name])));
    for (const machine of host.machines) {
      for (const vnic of machine.vnics) {
        const { firewall } = vnic;
        const rules = firewall !== null && printed.has(firewall) ? (byName.get(firewall) ?? null) : null;
        if (rules !== null) shown.add(firewall);
        const slot = vnic.filters.find(isFirewall) ?? null;
        places.push({
          key: `${index} ${machine.uuid ?? machine.name} ${vnic.name}`,
          host,
          machine,
          vnic,
          filter: firewall,
          printedFilter: rules?.filter.printedName ?? slot?.name ?? firewall,
          slot,
          rules,
          content: rules === null ? null : contentOf(rules),
          addresses: seenAt(host, vnic),
        });
      }
    }
  }
  for (const rules of withRules) {
    const { name, printedName } = rules.filter;
    if (shown.has(name)) continue;
    places.push({
      key: `filter ${name}`,
      host: hosts.find((host) => host.filters.some((one) => one.name === name && one.rules !== null)) ?? null,
      machine: null,
      vnic: null,
      filter: name,
      printedFilter: printedName,
      slot: null,
      rules,
      content: contentOf(rules),
      addresses: [],
    });
  }
  return places;
}

/** Address sets of all filters by name, and the names that mean different addresses in different filters. */
export function addressSetsOf(places: readonly Place[]): {
  sets: ReadonlyMap<string, AddressSet>;
  different: ReadonlySet<string>;
} {
  const sets = new Map<string, AddressSet>();
  const different = new Set<string>();
  const contents = new Map<string, string>();
  for (const { addressSets } of new Set(places.flatMap(({ rules }) => rules ?? []))) {
    for (const [name, set] of addressSets) {
      const content = `${set.must.ipv4.join()} ${set.must.ipv6.join()} ${set.uncertainty}`;
      const known = contents.get(name);
      if (known !== undefined && known !== content) different.add(name);
      contents.set(name, content);
      if (known === undefined) sets.set(name, set);
    }
  }
  return { sets, different };
}
