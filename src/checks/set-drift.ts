import type { AddressSet } from "../model/rule.ts";
import { membersOf } from "../model/same-content.ts";
import type { Check, Found, Related } from "./check.ts";
import { filterName, placedFilters, type PlacedFilter } from "./vnics.ts";
import { counted, enumerate } from "./words.ts";

interface Version {
  readonly set: AddressSet;
  readonly placed: PlacedFilter[];
}

/** So many filters are named in a message; the rest is counted. */
const MOST_NAMED = 3;

export const setDrift: Check = {
  id: "set-drift",
  scope: "host",
  severity: "warning",
  label: "other members here",
  summary:
    "Two filters on one host hold an address set of the same name with different members. Sets that were cut off or hold " +
    "something that could not be read are left out, and so are filters whose vNIC the session does not show.",
  why: "A set of the manager is one list: a filter that holds another one lets through or stops what its neighbours do not.",
  help:
    "Print both sets again: members may have changed between the two commands. If they stay different, force a " +
    "synchronisation of the host's firewall, and look at address discovery of the machines that are missing.",
  example: `[root@esx-11:~] summarize-dvfilter
Filters:
world 2101 vmm0:till-01 vcUuid:'50 0a 11 22 33 44 55 66-77 88 99 aa bb cc dd ee'
 port 67108881 till-01.eth0
  vNic slot 2
   name: nic-2101-eth0-vmware-sfw.2
   agentName: vmware-sfw
world 2102 vmm0:till-02 vcUuid:'50 0a 11 22 33 44 55 66-77 88 99 aa bb cc dd ef'
 port 67108882 till-02.eth0
  vNic slot 2
   name: nic-2102-eth0-vmware-sfw.2
   agentName: vmware-sfw
[root@esx-11:~] vsipioctl getaddrsets -f nic-2101-eth0-vmware-sfw.2
addrset ip-securitygroup-9 {
ip 10.7.1.11,
ip 10.7.1.12,
}
[root@esx-11:~] vsipioctl getaddrsets -f nic-2102-eth0-vmware-sfw.2
addrset ip-securitygroup-9 {
ip 10.7.1.11,
}
[root@esx-11:~] vsipioctl getrules -f nic-2102-eth0-vmware-sfw.2
ruleset domain-c7 {
  rule 1301 at 1 inout protocol tcp from addrset ip-securitygroup-9 to any port 443 accept;
  rule 1001 at 2 inout protocol any from any to any drop with log;
}
[root@esx-11:~]`,
  *find(context) {
    for (const host of context.hosts) {
      const filters = new Map(
        (context.whole ?? context.model).filters.map((filter) => [filter.name, filter]),
      );
      const versions = new Map<string, Map<string, Version>>();
      for (const placed of placedFilters(host)) {
        for (const set of filters.get(placed.filter.name)?.addressSets.values() ?? []) {
          if (set.uncertainty !== null || !set.node.closed) continue;
          const ofName = versions.get(set.name) ?? new Map<string, Version>();
          versions.set(set.name, ofName);
          const key = membersOf(set);
          const version = ofName.get(key);
          if (version === undefined) ofName.set(key, { set, placed: [placed] });
          else version.placed.push(placed);
        }
      }
      for (const ofName of versions.values()) {
        if (ofName.size > 1) yield driftFinding([...ofName.values()], host.name);
      }
    }
  },
};

/** What most filters hold is taken for what should be; the finding stands at the other. */
function driftFinding(versions: readonly Version[], host: string | null): Found {
  const [usual, ...others] = versions.toSorted((a, b) => b.placed.length - a.placed.length);
  const [odd] = others;
  const { name } = odd!.set;
  const missing = difference(usual!.set, odd!.set);
  const extra = difference(odd!.set, usual!.set);
  const parts = [
    ...(missing.length > 0 ? [`lacks ${some(missing)}`] : []),
    ...(extra.length > 0 ? [`has ${some(extra)} more`] : []),
  ];
  const what = parts.length === 0 ? "repeats members" : parts.join(" and ");
  return {
    message: `address set ${name} is not the same everywhere: in ${where(odd!)} it ${what}, compared with ${where(usual!)}`,
    at: { dump: odd!.set.source.dump, range: odd!.set.nameRange },
    addressSet: name,
    related: versions
      .filter((version) => version !== odd)
      .map(({ set }): Related => ({
        label: "the other members",
        at: { dump: set.source.dump, range: set.nameRange },
        rule: null,
        addressSet: name,
      })),
    data: {
      host,
      vnics: versions.flatMap(({ placed }) => placed.map(({ filter }) => filter.vnic)),
      versions: versions.map(({ set, placed }) => ({
        members: set.members,
        filters: placed.map(({ filter }) => filter.name),
      })),
      missing: missing.slice(0, 50),
      extra: extra.slice(0, 50),
    },
  };
}

function where({ placed }: Version): string {
  const names = placed.slice(0, MOST_NAMED).map(({ filter }) => filterName(filter));
  const rest = placed.length - names.length;
  return enumerate(rest > 0 ? [...names, counted(rest, "more filter")] : names);
}

function difference(a: AddressSet, b: AddressSet): string[] {
  const members = new Set(texts(b));
  return texts(a).filter((text) => !members.has(text));
}

function texts({ node }: AddressSet): string[] {
  return node.members.map((member) => member.text.trim());
}

function some(members: readonly string[]): string {
  return members.length > MOST_NAMED
    ? `${members.slice(0, MOST_NAMED).join(", ")} and ${members.length - MOST_NAMED} more`
    : enumerate(members);
}
