import type { Host } from "../model/host.ts";
import type { Ruleset } from "../model/rule.ts";
import type { Check, Found } from "./check.ts";
import { filterName, placedFilters, type PlacedFilter } from "./vnics.ts";

interface Published {
  readonly placed: PlacedFilter;
  readonly ruleset: Ruleset;
  readonly generation: bigint;
}

export const staleFilter: Check = {
  id: "stale-filter",
  scope: "host",
  severity: "warning",
  label: "an older generation",
  summary:
    "A filter's ruleset has an older generation number than the same ruleset of another filter on the same host. NSX-V " +
    "prints when a ruleset was published; NSX-T prints 0, of which nothing is said.",
  why: "What was published last did not get to this vNIC: it enforces the rules of before, and the manager shows the new ones.",
  help:
    "Print both filters again: a publication may have come between the two commands. If it stays, look into the host's " +
    "vsfwd log, and force a synchronisation of the host's firewall.",
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
[root@esx-11:~] vsipioctl getrules -f nic-2101-eth0-vmware-sfw.2
ruleset domain-c7 {
  # generation number: 1700000000000
  rule 1001 at 1 inout protocol any from any to any drop with log;
}
[root@esx-11:~] vsipioctl getrules -f nic-2102-eth0-vmware-sfw.2
ruleset domain-c7 {
  # generation number: 1700000360000
  rule 1001 at 1 inout protocol any from any to any drop with log;
}
[root@esx-11:~]`,
  *find(context) {
    for (const host of context.hosts) yield* staleIn(host);
  },
};

/** One finding a filter, for the first of its rulesets that is older. */
function* staleIn(host: Host): Generator<Found> {
  const newest = new Map<string, Published>();
  const all: Published[] = [];
  for (const placed of placedFilters(host)) {
    for (const ruleset of placed.filter.rulesets) {
      if (ruleset.name === null || ruleset.generation === null || !/^[1-9]\d{0,29}$/.test(ruleset.generation))
        continue;
      const published = { placed, ruleset, generation: BigInt(ruleset.generation) };
      all.push(published);
      const known = newest.get(ruleset.name);
      if (known === undefined || published.generation > known.generation) newest.set(ruleset.name, published);
    }
  }
  const said = new Set<string>();
  for (const { placed, ruleset, generation } of all) {
    const { filter } = placed;
    const latest = newest.get(ruleset.name!)!;
    if (generation === latest.generation || said.has(filter.name)) continue;
    said.add(filter.name);
    yield {
      message: `${filterName(filter)} enforces ruleset ${ruleset.name} of ${timeOf(generation)}, and ${filterName(latest.placed.filter)} that of ${timeOf(latest.generation)}`,
      at: ruleset.source,
      subject: filter.vnic ?? filter.name,
      related: [{ label: "the newer one", at: latest.ruleset.source, rule: null, addressSet: null }],
      data: {
        host: host.name,
        filter: filter.name,
        vnic: filter.vnic,
        ruleset: ruleset.name,
        generation: `${generation}`,
        newest: `${latest.generation}`,
      },
    };
  }
}

/** Generations of NSX-V are milliseconds since 1970; others are only numbers. */
function timeOf(generation: bigint): string {
  if (!/^1\d{12}$/.test(`${generation}`)) return `generation ${generation}`;
  return `generation ${generation} (${new Date(Number(generation)).toISOString()})`;
}
