import type { Row } from "../syntax/columns.ts";
import { readSession, type SessionPart } from "../syntax/commands/index.ts";
import type {
  AgentNode,
  Field,
  FieldGroup,
  HelpSection,
  Reading,
  SlotNode,
  WorldNode,
} from "../syntax/commands/reading.ts";
import type { PromptNode } from "../syntax/nodes.ts";
import type { Dump } from "../syntax/parse.ts";
import { readRemarks, type Collected } from "../syntax/remark.ts";
import { hostOf, type Line } from "../syntax/session.ts";
import { sameContent } from "./same-content.ts";
import type { Model } from "./filters.ts";
import { lastBefore } from "./ordered.ts";
import type { Filter, Ruleset, Source } from "./rule.ts";

/**
 * One host, as its sessions show it. Everything may be missing: a session holds what somebody typed. Texts are as
 * printed; numbers that do not read as one are null.
 */
export interface Host {
  /** From the prompts; null if none says it. */
  readonly name: string | null;
  readonly machines: readonly Machine[];
  /** Ports of the host itself, with their filters. */
  readonly ports: readonly HostPort[];
  readonly agents: readonly Agent[];
  readonly filters: readonly FirewallFilter[];
  /** Whether filters and their machines were listed, and that list was whole: only then missing filters are missing. */
  readonly filterList: "whole" | "part" | "none";
  readonly vmkernel: readonly Vmkernel[];
  readonly switches: readonly Switch[];
  readonly tunnelSwitches: readonly TunnelSwitch[];
  readonly segments: readonly Segment[];
  readonly routers: readonly Router[];
  readonly nics: readonly Nic[];
  readonly captures: readonly Capture[];
  readonly captureHelp: CaptureHelp | null;
  readonly commands: readonly SessionCommand[];
  /** What `dfwlint collect` says of commands that failed, or could not be asked. */
  readonly errors: readonly CommandError[];
  /** Collected sessions that end before their last command. */
  readonly cut: readonly CutSession[];
  /** What was printed again later: the later state counts. */
  readonly repeated: readonly Repeated[];
  readonly unread: readonly UnreadLine[];
}

export interface Machine {
  /** Null where only its UUID is known. */
  readonly name: string | null;
  readonly world: string | null;
  readonly uuid: string | null;
  readonly vnics: readonly Vnic[];
  readonly source: Source;
}

export interface Vnic {
  /** As the host calls it: `AW1.eth0`. */
  readonly name: string;
  readonly port: string | null;
  readonly switchPort: { readonly switch: string; readonly port: string } | null;
  readonly filters: readonly SlotFilter[];
  /** The name of its firewall filter; null if it has none, or none is shown. */
  readonly firewall: string | null;
  /** False where the list of its filters may have been cut off. */
  readonly whole: boolean;
  readonly source: Source;
}

export interface HostPort {
  readonly id: string;
  readonly name: string;
  readonly filters: readonly SlotFilter[];
  readonly source: Source;
}

/** A filter of any kind in a slot of a port. */
export interface SlotFilter {
  readonly name: string | null;
  readonly place: string;
  readonly slot: number | null;
  readonly agent: string | null;
  readonly state: string | null;
  readonly vmState: string | null;
  readonly failurePolicy: string | null;
  readonly slowPathId: string | null;
  readonly origin: string | null;
  readonly more: readonly Fact[];
  readonly source: Source;
}

export interface Fact {
  readonly name: string;
  readonly value: string;
}

export interface Agent {
  readonly path: "fast" | "slow";
  readonly name: string | null;
  readonly references: number | null;
  readonly module: string | null;
  readonly more: readonly Fact[];
  readonly source: Source;
}

/** The distributed firewall of a vNIC: what the host says of it, and what was printed of its rules. */
export interface FirewallFilter {
  readonly name: string | null;
  readonly machine: string | null;
  readonly vnic: string | null;
  readonly slot: number | null;
  readonly state: string | null;
  readonly failurePolicy: string | null;
  /** Null if they were not printed. */
  readonly rules: number | null;
  readonly addrsets: number | null;
  readonly rulesets: readonly Ruleset[];
  readonly hash: string | null;
  readonly profile: string | null;
  readonly counters: readonly Counter[];
  readonly more: readonly Fact[];
  /** An earlier filter with the same rules and sets. */
  readonly sameAs: string | null;
  readonly source: Source | null;
}

export interface Counter {
  readonly rule: number | null;
  readonly evaluations: number | null;
  readonly packetsIn: number | null;
  readonly packetsOut: number | null;
  readonly bytesIn: number | null;
  readonly bytesOut: number | null;
  readonly source: Source;
}

export interface Vmkernel {
  readonly name: string;
  readonly network: string | null;
  readonly family: string | null;
  readonly address: string | null;
  readonly netmask: string | null;
  readonly broadcast: string | null;
  readonly mac: string | null;
  readonly mtu: number | null;
  readonly tsoMss: number | null;
  readonly enabled: string | null;
  readonly type: string | null;
  readonly stack: string | null;
  readonly more: readonly Fact[];
  readonly source: Source;
}

export interface Switch {
  readonly kind: "standard" | "distributed";
  readonly name: string | null;
  readonly ports: number | null;
  readonly usedPorts: number | null;
  readonly configuredPorts: number | null;
  readonly mtu: number | null;
  readonly uplinks: readonly string[];
  readonly portGroups: readonly {
    readonly name: string | null;
    readonly vlan: number | null;
    readonly usedPorts: number | null;
    readonly uplinks: readonly string[];
    readonly more: readonly Fact[];
    readonly source: Source;
  }[];
  readonly switchPorts: readonly {
    readonly id: string;
    readonly inUse: number | null;
    readonly client: string | null;
    readonly more: readonly Fact[];
    readonly source: Source;
  }[];
  readonly more: readonly Fact[];
  readonly source: Source;
}

export interface TunnelSwitch {
  readonly id: string | null;
  readonly name: string | null;
  readonly mtu: number | null;
  readonly segmentId: string | null;
  readonly gateway: string | null;
  readonly gatewayMac: string | null;
  readonly networks: number | null;
  readonly vmknics: number | null;
  readonly more: readonly Fact[];
  readonly source: Source;
}

export interface Segment {
  readonly id: number | null;
  readonly switch: string | null;
  readonly multicast: string | null;
  readonly controlPlane: string | null;
  readonly controller: string | null;
  readonly ports: number | null;
  readonly macEntries: number | null;
  readonly arpEntries: number | null;
  readonly more: readonly Fact[];
  readonly source: Source;
}

export interface Router {
  readonly name: string | null;
  readonly id: string | null;
  readonly state: string | null;
  readonly interfaceCount: number | null;
  readonly routeCount: number | null;
  readonly controller: string | null;
  readonly controlPlane: string | null;
  readonly controlPlaneActive: string | null;
  readonly nextHops: number | null;
  readonly generation: number | null;
  readonly edgeActive: string | null;
  readonly more: readonly Fact[];
  readonly interfaces: readonly RouterInterface[];
  readonly routes: readonly Route[];
  readonly legend: readonly Fact[];
  readonly neighbours: readonly Neighbour[];
  /** What the flags of neighbours mean. */
  readonly neighbourLegend: readonly Fact[];
  readonly source: Source;
}

export interface RouterInterface {
  readonly name: string;
  readonly mode: string | null;
  readonly id: string | null;
  readonly address: string | null;
  readonly netmask: string | null;
  readonly switch: string | null;
  readonly controlPlane: string | null;
  readonly multicast: string | null;
  readonly state: string | null;
  readonly flags: string | null;
  readonly dhcpRelay: string | null;
  readonly more: readonly Fact[];
  readonly source: Source;
}

export interface Route {
  readonly destination: string | null;
  readonly netmask: string | null;
  readonly gateway: string | null;
  readonly flags: string | null;
  readonly references: number | null;
  readonly origin: string | null;
  readonly upTime: number | null;
  readonly interface: string | null;
  readonly more: readonly Fact[];
  readonly source: Source;
}

/** An address that a router has seen. */
export interface Neighbour {
  readonly address: string | null;
  readonly mac: string | null;
  readonly flags: string | null;
  /** Seconds, or `permanent`. */
  readonly expiry: string | null;
  /** The host's port at which it was seen; 0 for none of this host's. */
  readonly port: string | null;
  readonly references: number | null;
  readonly interface: string | null;
  readonly more: readonly Fact[];
  readonly source: Source;
}

export interface Nic {
  readonly name: string;
  readonly offload: readonly Fact[];
  /** What could not be asked. */
  readonly notes: readonly string[];
  readonly tso: string | null;
  readonly source: Source;
}

export interface Capture {
  readonly command: string;
  readonly point: string | null;
  readonly filter: string | null;
  readonly file: string | null;
  readonly options: readonly Fact[];
  readonly source: Source;
}

export interface CaptureHelp {
  readonly usages: readonly { readonly title: string; readonly lines: readonly string[] }[];
  readonly sections: readonly HelpSection[];
  readonly source: Source;
}

export interface SessionCommand {
  readonly command: string;
  /** Whether what it printed was read here or as rules and sets; `nothing` was printed; or nobody knows the command. */
  readonly kind: Exclude<SessionPart["kind"], "remark">;
  readonly lines: number;
  readonly source: Source;
}

export interface CommandError {
  /** Null for a word about the session as a whole. */
  readonly command: string | null;
  /** The exit status; null if the command did not fail. */
  readonly status: number | null;
  readonly messages: readonly string[];
  readonly source: Source;
}

export interface CutSession {
  /** The last command that is there. */
  readonly command: string;
  readonly source: Source;
}

export interface Repeated {
  /** Such as `switch dvs-1`. */
  readonly what: string;
  /** Where the earlier one stands. */
  readonly source: Source;
}

/** A line of a known command's output that could not be read. */
export interface UnreadLine {
  readonly command: string | null;
  readonly text: string;
  readonly source: Source;
}

/** The agent of the distributed firewall; it is the same in NSX-V and NSX-T. */
const FIREWALL = /^vmware-sfw$/;
const FIREWALL_NAME = /-vmware-sfw\.\d+$/;

interface HostPart {
  readonly host: string | null;
  readonly part: SessionPart;
}

/** The hosts of an input, in the order in which they appear; none where nothing shows one. */
export function readHosts(dumps: readonly Dump[], model: Model): Host[] {
  const sessions = dumps.map((dump) => ({ dump, parts: readSession(dump) }));
  const named = (parts: readonly SessionPart[]): string[] => [
    ...new Set(parts.flatMap((part) => nameOf(part) ?? [])),
  ];
  const all = named(sessions.flatMap(({ parts }) => parts));
  const byHost = new Map<string | null, HostPart[]>();
  const places = new Map<Dump, { start: number; host: string | null }[]>();
  for (const { dump, parts } of sessions) {
    const own = named(parts);
    // A prompt that does not say its host is that of the only host there is.
    const usual = own.length === 1 ? own[0]! : own.length === 0 && all.length === 1 ? all[0]! : null;
    for (const part of parts) {
      const host = nameOf(part) ?? usual;
      if (part.kind === "read" || part.output.prompt !== null) {
        listIn(byHost, host).push({ host, part });
      }
      if (part.output.prompt !== null) {
        listIn(places, dump).push({ start: part.output.prompt.range.start, host });
      }
    }
  }
  const filters = new Map<string | null, Filter[]>();
  for (const filter of model.filters) {
    const host = filterHost(filter, places, byHost);
    if (host !== undefined) listIn(filters, host).push(filter);
  }
  return [...byHost]
    .filter(
      ([host, parts]) =>
        parts.some(({ part }) => part.kind !== "unknown" && part.kind !== "nothing") || filters.has(host),
    )
    .map(([name, parts]) =>
      readHost(
        name,
        parts.map(({ part }) => part),
        filters.get(name) ?? [],
      ),
    );
}

function listIn<Key, Item>(lists: Map<Key, Item[]>, key: Key): Item[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const list: Item[] = [];
  lists.set(key, list);
  return list;
}

function nameOf({ output: { prompt, command } }: SessionPart): string | null {
  if (prompt === null) return null;
  return hostOf(prompt, command);
}

/** The host at whose prompt the filter was printed; text without a prompt is the only host's. */
function filterHost(
  { rules, addressSets }: Filter,
  places: ReadonlyMap<Dump, readonly { start: number; host: string | null }[]>,
  hosts: ReadonlyMap<string | null, unknown>,
): string | null | undefined {
  const source = rules[0]?.reference.source ?? [...addressSets.values()][0]?.source;
  const last =
    source === undefined
      ? null
      : lastBefore(places.get(source.dump) ?? [], ({ start }) => start <= source.range.start);
  if (last !== null) return last.host;
  return hosts.size === 1 ? [...hosts.keys()][0] : undefined;
}

/** What the readings of one kind hold, with where they stand. */
type Of<Type extends Reading["type"]> = {
  dump: Dump;
  part: SessionPart;
  reading: Extract<Reading, { type: Type }>;
};

function readHost(name: string | null, parts: readonly SessionPart[], filters: readonly Filter[]): Host {
  const all = <Type extends Reading["type"]>(type: Type): Of<Type>[] =>
    parts.flatMap((part) =>
      part.readings.flatMap(({ reading }) =>
        reading.type === type ? [{ dump: part.output.dump, part, reading } as Of<Type>] : [],
      ),
    );
  const repeated: Repeated[] = [];
  const switches = latest(
    all("vswitch").flatMap(({ dump, reading }) => reading.switches.map((node) => switchOf(node, dump))),
    (found) => `switch ${found.name}`,
    repeated,
  );
  const lists = all("dvfilters");
  const records = latest(
    all("filters").flatMap(({ dump, reading }) => reading.groups.map((group) => recordOf(group, dump))),
    (found) => `filter ${found.name}`,
    repeated,
  );
  const collected = collectedOf(parts);
  const worlds = lists.flatMap(({ dump, part, reading }) =>
    reading.worlds.map((world, index) => ({
      dump,
      world,
      cut: cutAt(reading.whole, part.output.ended || index < reading.worlds.length - 1),
    })),
  );
  const machines = machinesOf(worlds, switches, records, repeated);
  const names = new Map(filters.map((filter) => [filter.printedName, filter.name]));
  return {
    name,
    machines: machines.map((machine) => ({
      ...machine,
      vnics: machine.vnics.map((vnic) => ({
        ...vnic,
        firewall: vnic.firewall === null ? null : (names.get(vnic.firewall) ?? vnic.firewall),
      })),
    })),
    ports: latest(
      worlds
        .filter(({ world }) => world.machine === null)
        .flatMap(({ dump, world }) =>
          world.ports.map((port) => ({
            id: port.id,
            name: port.name,
            filters: port.slots.map((slot) => slotOf(slot, dump)),
            source: at(port.line, dump),
          })),
        ),
      ({ id }) => `port ${id}`,
      repeated,
    ),
    agents: lists.flatMap(({ dump, reading }) => reading.agents.map((node) => agentOf(node, dump))),
    filters: firewallFilters(machines, records, filters, all("counters")),
    filterList:
      lists.length === 0
        ? "none"
        : lists.some(({ part, reading }) => reading.whole && part.output.ended)
          ? "whole"
          : "part",
    vmkernel: all("vmknic").flatMap(({ dump, reading }) => reading.rows.map((row) => vmkernelOf(row, dump))),
    switches,
    tunnelSwitches: all("vxlan").flatMap(({ dump, reading }) =>
      reading.rows.map((row) => tunnelSwitchOf(row, dump)),
    ),
    segments: all("vxlan-networks").flatMap(({ dump, reading }) =>
      reading.rows.map((row) => segmentOf(row, reading.switchName, dump)),
    ),
    routers: routersOf(all("routers"), all("router-interfaces"), all("routes"), all("neighbours"), repeated),
    nics: nicsOf(all("ethtool"), all("tso"), repeated),
    captures: all("capture").map(({ dump, part, reading }) => captureOf(reading.options, part, dump)),
    captureHelp: captureHelpOf(all("capture-help"), repeated),
    commands: parts.flatMap(({ output, kind }): SessionCommand[] =>
      output.prompt === null || output.command === "" || kind === "remark"
        ? []
        : [
            {
              command: output.command,
              kind,
              lines: output.lines.filter(({ text }) => text.trim() !== "").length,
              source: { dump: output.dump, range: output.prompt.range },
            },
          ],
    ),
    errors: collected.flatMap(({ dump, complaints }) =>
      complaints.map(({ command, status, messages, prompt }) => ({
        command,
        status,
        messages,
        source: { dump, range: prompt.range },
      })),
    ),
    cut: collected.flatMap(({ dump, cut }) =>
      cut.map(({ command, range }) => ({ command, source: { dump, range } })),
    ),
    repeated,
    unread: parts.flatMap(({ output, readings }) =>
      readings.flatMap(({ unread }) =>
        unread.map((line) => ({
          command: output.prompt === null ? null : output.command,
          text: line.text.trim(),
          source: at(line, output.dump),
        })),
      ),
    ),
  };
}

/** What the collecting script says, file by file. */
function collectedOf(parts: readonly SessionPart[]): (Collected & { readonly dump: Dump })[] {
  const prompts = new Map<Dump, PromptNode[]>();
  for (const { output } of parts) {
    if (output.prompt === null) continue;
    const known = prompts.get(output.dump);
    if (known === undefined) prompts.set(output.dump, [output.prompt]);
    else known.push(output.prompt);
  }
  return [...prompts].map(([dump, own]) => ({ dump, ...readRemarks(own) }));
}

// ---- machines and filters ----------------------------------------------------------------------------------

interface FilterRecord {
  readonly name: string;
  readonly uuid: string | null;
  readonly vnic: string | null;
  readonly hash: string | null;
  readonly profile: string | null;
  readonly more: readonly Fact[];
  readonly source: Source;
}

function recordOf({ fields }: FieldGroup, dump: Dump): FilterRecord {
  const value = values(fields);
  return {
    name: value("Filter Name") ?? "",
    uuid: value("VM UUID"),
    vnic: value("VNIC Index"),
    hash: value("Filter Hash"),
    profile: value("Service Profile"),
    more: others(fields, ["Filter Name", "VM UUID", "VNIC Index", "Filter Hash", "Service Profile"]),
    source: at(fields[0]!.line, dump),
  };
}

type Growing<T, Key extends keyof T> = Omit<T, Key> & { -readonly [K in Key]: T[K] };

function machinesOf(
  worlds: readonly { dump: Dump; world: WorldNode; cut: "nowhere" | "end" | "anywhere" }[],
  switches: readonly Switch[],
  records: readonly FilterRecord[],
  repeated: Repeated[],
): Machine[] {
  const clients = new Map(
    switches.flatMap(({ name, switchPorts }) =>
      switchPorts.flatMap(({ id, client, source }) =>
        client === null ? [] : [[client, { switch: name ?? "", port: id, source }] as const],
      ),
    ),
  );
  const machines = new Map<string, Growing<Machine, "vnics" | "uuid">>();
  const key = (name: string | null, uuid: string | null): string => JSON.stringify(name ?? ["uuid", uuid]);
  for (const { dump, world, cut } of worlds) {
    if (world.machine === null) continue;
    const vnics = world.ports.map((port, index): Vnic => {
      const filters = port.slots.map((slot) => slotOf(slot, dump));
      const client = clients.get(port.name);
      return {
        name: port.name,
        port: port.id,
        switchPort: client === undefined ? null : { switch: client.switch, port: client.port },
        filters,
        firewall: filters.find(isFirewall)?.name ?? null,
        whole: cut === "nowhere" || (cut === "end" && index < world.ports.length - 1),
        source: at(port.line, dump),
      };
    });
    // A list printed again is the newer state.
    const earlier = machines.get(key(world.machine, world.uuid));
    if (earlier !== undefined) repeated.push({ what: `machine ${world.machine}`, source: earlier.source });
    machines.set(key(world.machine, world.uuid), {
      name: world.machine,
      world: world.id,
      uuid: world.uuid,
      vnics,
      source: at(world.line, dump),
    });
  }
  for (const [client, { switch: name, port, source }] of clients) {
    // Only machines have an eth: `vmnic1` and `vmk2` are the host's own.
    const [, machine] = /^(.+)\.eth\d+$/.exec(client) ?? [];
    if (machine === undefined) continue;
    const known = machines.get(key(machine, null));
    if (known?.vnics.some((vnic) => vnic.name === client) === true) continue;
    const vnic: Vnic = {
      name: client,
      port: null,
      switchPort: { switch: name, port },
      filters: [],
      firewall: null,
      whole: true,
      source,
    };
    if (known !== undefined) known.vnics = [...known.vnics, vnic];
    else machines.set(key(machine, null), { name: machine, world: null, uuid: null, vnics: [vnic], source });
  }
  for (const { name, uuid, vnic, source } of records) {
    const known = [...machines.values()].find(
      (machine) =>
        (uuid !== null && machine.uuid === uuid) || machine.vnics.some(({ firewall }) => firewall === name),
    );
    if (known?.vnics.some(({ firewall }) => firewall === name) === true) continue;
    const owner = known ??
      machines.get(key(null, uuid)) ?? { name: null, world: null, uuid, vnics: [], source };
    const label = vnic === null ? "eth?" : `eth${vnic}`;
    const without = owner.vnics.findIndex((one) => one.firewall === null && one.name.endsWith(`.${label}`));
    if (without !== -1) {
      owner.vnics = owner.vnics.with(without, { ...owner.vnics[without]!, firewall: name });
    } else {
      owner.vnics = [
        ...owner.vnics,
        {
          name: owner.name === null ? label : `${owner.name}.${label}`,
          port: null,
          switchPort: null,
          filters: [],
          firewall: name,
          whole: true,
          source,
        },
      ];
    }
    if (known === undefined) machines.set(key(null, uuid), owner);
  }
  return [...machines.values()];
}

/** Where a world's list of filters may lack some: a pipe takes out any line, the end of a text what follows. */
function cutAt(whole: boolean, ended: boolean): "nowhere" | "end" | "anywhere" {
  if (!whole) return "anywhere";
  return ended ? "nowhere" : "end";
}

export function isFirewall({ agent, name }: SlotFilter): boolean {
  return agent === null ? name !== null && FIREWALL_NAME.test(name) : FIREWALL.test(agent);
}

function slotOf({ place, slot, fields, line }: SlotNode, dump: Dump): SlotFilter {
  const value = values(fields);
  const known = ["name", "agentName", "state", "vmState", "failurePolicy", "slowPathID", "filter source"];
  return {
    name: value("name"),
    place,
    slot: integer(slot),
    agent: value("agentName"),
    state: value("state"),
    vmState: value("vmState"),
    failurePolicy: value("failurePolicy"),
    slowPathId: value("slowPathID"),
    origin: value("filter source"),
    more: others(fields, known),
    source: at(line, dump),
  };
}

function agentOf({ path, fields, line }: AgentNode, dump: Dump): Agent {
  const value = values(fields);
  return {
    path,
    name: value("agent"),
    references: integer(value("refCount")),
    module: value("module"),
    more: others(fields, ["agent", "refCount", "module"], ["refCount"]),
    source: at(line, dump),
  };
}

function firewallFilters(
  machines: readonly Machine[],
  records: readonly FilterRecord[],
  printed: readonly Filter[],
  counters: readonly Of<"counters">[],
): FirewallFilter[] {
  const same = sameContent(printed);
  const recordsByName = new Map<string | null, FilterRecord>(records.map((record) => [record.name, record]));
  const found = new Map<string | null, FirewallFilter>();
  const add = (name: string | null, part: Partial<FirewallFilter>): void => {
    const filter = printed.find((one) => one.printedName === name);
    const record = recordsByName.get(name);
    const before = found.get(name);
    const source = filter?.rules[0]?.reference.source ?? null;
    found.set(name, {
      name: filter?.name ?? name,
      machine: null,
      vnic: null,
      slot: null,
      state: null,
      failurePolicy: null,
      rules:
        filter === undefined || filter.rulesets.length === 0
          ? null
          : filter.rulesets.reduce((sum, { rules }) => sum + rules, 0),
      addrsets: filter === undefined || filter.addressSets.size === 0 ? null : filter.addressSets.size,
      rulesets: filter?.rulesets ?? [],
      hash: record?.hash ?? null,
      profile: record?.profile ?? null,
      more: record?.more ?? [],
      counters: counters.flatMap(({ dump, reading }) =>
        reading.filter === name
          ? reading.rows.map(({ rule, numbers, line }): Counter => {
              const [evaluations, packetsIn, packetsOut, bytesIn, bytesOut] = numbers.map(integer);
              return {
                rule: integer(rule),
                evaluations: evaluations ?? null,
                packetsIn: packetsIn ?? null,
                packetsOut: packetsOut ?? null,
                bytesIn: bytesIn ?? null,
                bytesOut: bytesOut ?? null,
                source: at(line, dump),
              };
            })
          : [],
      ),
      sameAs: filter === undefined ? null : (same.get(filter) ?? null),
      source,
      ...before,
      ...part,
    });
  };
  for (const { name: machine, uuid, vnics } of machines) {
    for (const vnic of vnics) {
      const slots = vnic.filters.filter(isFirewall);
      const owner = { machine: machine ?? uuid, vnic: vnic.name };
      const more = (name: string | null): Pick<FirewallFilter, "more"> | undefined =>
        contradicted(recordsByName.get(name), uuid, vnic.name);
      for (const { name, slot, state, failurePolicy, source } of slots) {
        add(name, { ...owner, slot, state, failurePolicy, source, ...more(name) });
      }
      if (slots.length === 0 && vnic.firewall !== null)
        add(vnic.firewall, { ...owner, source: vnic.source, ...more(vnic.firewall) });
    }
  }
  for (const { printedName } of printed) if (!found.has(printedName)) add(printedName, {});
  for (const { reading } of counters)
    if (reading.rows.length > 0 && !found.has(reading.filter)) add(reading.filter, {});
  return [...found.values()];
}

/** What `getfilters` says of whose a filter is, where the list of filters says otherwise. */
function contradicted(
  record: FilterRecord | undefined,
  uuid: string | null,
  vnic: string,
): Pick<FirewallFilter, "more"> | undefined {
  if (record === undefined) return undefined;
  const more: Fact[] = [];
  if (record.uuid !== null && record.uuid !== uuid) more.push({ name: "VM UUID", value: record.uuid });
  if (record.vnic !== null && !vnic.endsWith(`eth${record.vnic}`))
    more.push({ name: "VNIC Index", value: record.vnic });
  return more.length === 0 ? undefined : { more: [...more, ...record.more] };
}

// ---- tables ------------------------------------------------------------------------------------------------

function vmkernelOf(row: Row, dump: Dump): Vmkernel {
  const cell = cells(row);
  return {
    name: cell("Interface") ?? "",
    network: cell("Port Group/DVPort/Opaque Network") ?? cell("Port Group/DVPort"),
    family: cell("IP Family"),
    address: cell("IP Address"),
    netmask: cell("Netmask"),
    broadcast: cell("Broadcast"),
    mac: cell("MAC Address"),
    mtu: integer(cell("MTU")),
    tsoMss: integer(cell("TSO MSS")),
    enabled: cell("Enabled"),
    type: cell("Type"),
    stack: cell("NetStack"),
    more: cell.others(),
    source: at(row.line, dump),
  };
}

function switchOf(
  { kind, row, portGroups, ports }: Extract<Reading, { type: "vswitch" }>["switches"][number],
  dump: Dump,
): Switch {
  const cell = cells(row);
  return {
    kind,
    name: cell(kind === "standard" ? "Switch Name" : "DVS Name"),
    ports: integer(cell("Num Ports")),
    usedPorts: integer(cell("Used Ports")),
    configuredPorts: integer(cell("Configured Ports")),
    mtu: integer(cell("MTU")),
    uplinks: list(cell("Uplinks")),
    portGroups: portGroups.map((group) => {
      const of = cells(group);
      return {
        name: of("PortGroup Name"),
        vlan: integer(of("VLAN ID")),
        usedPorts: integer(of("Used Ports")),
        uplinks: list(of("Uplinks")),
        more: of.others(),
        source: at(group.line, dump),
      };
    }),
    switchPorts: ports.map((port) => {
      const of = cells(port);
      return {
        id: of("DVPort ID") ?? "",
        inUse: integer(of("In Use")),
        client: of("Client"),
        more: of.others(),
        source: at(port.line, dump),
      };
    }),
    more: cell.others(),
    source: at(row.line, dump),
  };
}

function tunnelSwitchOf(row: Row, dump: Dump): TunnelSwitch {
  const cell = cells(row);
  return {
    id: cell("VDS ID"),
    name: cell("VDS Name"),
    mtu: integer(cell("MTU")),
    segmentId: cell("Segment ID"),
    gateway: cell("Gateway IP"),
    gatewayMac: cell("Gateway MAC"),
    networks: integer(cell("Network Count")),
    vmknics: integer(cell("Vmknic Count")),
    more: cell.others(),
    source: at(row.line, dump),
  };
}

function segmentOf(row: Row, switchName: string | null, dump: Dump): Segment {
  const cell = cells(row);
  return {
    id: integer(cell("VXLAN ID")),
    switch: switchName,
    multicast: cell("Multicast IP"),
    controlPlane: cell("Control Plane"),
    controller: cell("Controller Connection"),
    ports: integer(cell("Port Count")),
    macEntries: integer(cell("MAC Entry Count")),
    arpEntries: integer(cell("ARP Entry Count")),
    more: cell.others(),
    source: at(row.line, dump),
  };
}

// ---- routers -----------------------------------------------------------------------------------------------

function routersOf(
  instances: readonly Of<"routers">[],
  interfaces: readonly Of<"router-interfaces">[],
  routes: readonly Of<"routes">[],
  neighbours: readonly Of<"neighbours">[],
  repeated: Repeated[],
): Router[] {
  const found = new Map<string | null, Router>();
  const again = (earlier: readonly { readonly source: Source }[], what: string): void => {
    const [first] = earlier;
    if (first !== undefined) repeated.push({ what, source: first.source });
  };
  const open = (name: string | null, source: Source): Router =>
    found.get(name) ?? {
      name,
      id: null,
      state: null,
      interfaceCount: null,
      routeCount: null,
      controller: null,
      controlPlane: null,
      controlPlaneActive: null,
      nextHops: null,
      generation: null,
      edgeActive: null,
      more: [],
      interfaces: [],
      routes: [],
      legend: [],
      neighbours: [],
      neighbourLegend: [],
      source,
    };
  for (const { dump, reading } of instances) {
    for (const { fields } of reading.groups) {
      const value = values(fields);
      const name = value("Vdr Name");
      again([found.get(name) ?? []].flat(), `router ${name}`);
      found.set(name, {
        ...open(name, at(fields[0]!.line, dump)),
        id: value("Vdr Id"),
        state: value("State"),
        interfaceCount: integer(value("Number of Lifs")),
        routeCount: integer(value("Number of Routes")),
        controller: value("Controller IP"),
        controlPlane: value("Control Plane IP"),
        controlPlaneActive: value("Control Plane Active"),
        nextHops: integer(value("Num unique nexthops")),
        generation: integer(value("Generation Number")),
        edgeActive: value("Edge Active"),
        more: others(fields, ROUTER_KEYS, ROUTER_NUMBERS),
      });
    }
  }
  for (const { dump, part, reading } of interfaces) {
    const router = open(reading.router, sourceOf(part));
    again(router.interfaces, `interfaces of router ${router.name}`);
    found.set(reading.router, {
      ...router,
      interfaces: reading.groups.map((group) => interfaceOf(group, dump)),
    });
  }
  for (const { dump, part, reading } of routes) {
    const router = open(reading.router, sourceOf(part));
    again(router.routes, `routes of router ${router.name}`);
    found.set(reading.router, {
      ...router,
      routes: reading.rows.map((row) => routeOf(row, dump)),
      legend: reading.legend.map(({ key, value }) => ({ name: key, value })),
    });
  }
  for (const { dump, part, reading } of neighbours) {
    const router = open(reading.router, sourceOf(part));
    again(router.neighbours, `neighbours of router ${router.name}`);
    found.set(reading.router, {
      ...router,
      neighbours: reading.rows.map((row) => neighbourOf(row, dump)),
      neighbourLegend: reading.legend.map(({ key, value }) => ({ name: key, value })),
    });
  }
  return [...found.values()];
}

const ROUTER_KEYS = [
  "Vdr Name",
  "Vdr Id",
  "Number of Lifs",
  "Number of Routes",
  "State",
  "Controller IP",
  "Control Plane IP",
  "Control Plane Active",
  "Num unique nexthops",
  "Generation Number",
  "Edge Active",
];

const ROUTER_NUMBERS = ["Number of Lifs", "Number of Routes", "Num unique nexthops", "Generation Number"];

const INTERFACE_KEYS = [
  "Name",
  "Mode",
  "Id",
  "Ip(Mask)",
  "Connected Dvs",
  "VXLAN Control Plane",
  "VXLAN Multicast IP",
  "State",
  "Flags",
  "DHCP Relay",
];

function interfaceOf({ fields }: FieldGroup, dump: Dump): RouterInterface {
  const value = values(fields);
  const both = value("Ip(Mask)");
  const [, address, netmask] = /^([^\s(]+)\s*\(([^)]*)\)$/.exec(both ?? "") ?? [];
  return {
    name: value("Name") ?? "",
    mode: value("Mode"),
    id: value("Id"),
    address: address ?? both,
    netmask: netmask ?? null,
    switch: value("Connected Dvs"),
    controlPlane: value("VXLAN Control Plane"),
    multicast: value("VXLAN Multicast IP"),
    state: value("State"),
    flags: value("Flags"),
    dhcpRelay: value("DHCP Relay"),
    more: others(fields, INTERFACE_KEYS),
    source: at(fields[0]!.line, dump),
  };
}

function routeOf(row: Row, dump: Dump): Route {
  const cell = cells(row);
  return {
    destination: cell("Destination"),
    netmask: cell("GenMask"),
    gateway: cell("Gateway"),
    flags: cell("Flags"),
    references: integer(cell("Ref")),
    origin: cell("Origin"),
    upTime: integer(cell("UpTime")),
    interface: cell("Interface"),
    more: cell.others(),
    source: at(row.line, dump),
  };
}

function neighbourOf(row: Row, dump: Dump): Neighbour {
  const cell = cells(row);
  return {
    address: cell("Network"),
    mac: cell("Mac"),
    flags: cell("Flags"),
    expiry: cell("Expiry"),
    port: cell("SrcPort"),
    references: integer(cell("Refcnt")),
    interface: cell("Interface"),
    more: cell.others(),
    source: at(row.line, dump),
  };
}

// ---- cards and captures ------------------------------------------------------------------------------------

function nicsOf(offload: readonly Of<"ethtool">[], tso: readonly Of<"tso">[], repeated: Repeated[]): Nic[] {
  const nics = new Map<string, Nic>();
  const again = (earlier: Nic | undefined, told: boolean): void => {
    if (earlier !== undefined && told)
      repeated.push({ what: `settings of ${earlier.name}`, source: earlier.source });
  };
  for (const { dump, reading } of offload) {
    if (reading.nic === null) continue;
    const { name, line } = reading.nic;
    again(nics.get(name), true);
    nics.set(name, {
      name,
      offload: reading.settings.map(({ key, value }) => ({ name: key, value })),
      notes: reading.notes.map(({ text }) => text.trim()),
      tso: nics.get(name)?.tso ?? null,
      source: at(line, dump),
    });
  }
  for (const { dump, reading } of tso) {
    for (const row of reading.rows) {
      const cell = cells(row);
      const name = cell("NIC") ?? "";
      const known = nics.get(name) ?? { name, offload: [], notes: [], tso: null, source: at(row.line, dump) };
      again(nics.get(name), known.tso !== null);
      nics.set(name, {
        ...known,
        tso: cell("Value") ?? "",
        notes: [...known.notes, ...cell.others().map((fact) => `${fact.name} ${fact.value}`)],
      });
    }
  }
  return [...nics.values()];
}

function captureOf(
  options: readonly (readonly [string, string])[],
  { output }: SessionPart,
  dump: Dump,
): Capture {
  const option = (...names: string[]): string | null =>
    options.find(([name]) => names.includes(name))?.[1] ?? null;
  return {
    command: output.command,
    point: option("--capture"),
    filter: option("--dvfilter"),
    file: option("-o", "--outfile"),
    options: options.map(([name, value]) => ({ name, value })),
    source: { dump, range: output.prompt!.range },
  };
}

function captureHelpOf(found: readonly Of<"capture-help">[], repeated: Repeated[]): CaptureHelp | null {
  const help = found.map(({ part, reading: { usages, sections } }): CaptureHelp => ({
    usages,
    sections,
    source: sourceOf(part),
  }));
  return latest(help, () => "options of pktcap-uw", repeated)[0] ?? null;
}

/** Where an output begins. */
function sourceOf({ output: { dump, prompt, lines } }: SessionPart): Source {
  return { dump, range: prompt?.range ?? lines[0]!.range };
}

// ---- fields ------------------------------------------------------------------------------------------------

function at({ range }: Line, dump: Dump): Source {
  return { dump, range };
}

function integer(text: string | null | undefined): number | null {
  return text !== null && text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function list(text: string | null): string[] {
  return text === null ? [] : text.split(/[\s,]+/).filter((word) => word !== "");
}

function values(fields: readonly Field[]): (key: string) => string | null {
  const byKey = new Map(fields.map(({ key, value }) => [key, value]));
  return (key) => byKey.get(key) ?? null;
}

/**
 * Fields under other keys, all but the last under one that stands several times, and what should be a number and is
 * none.
 */
function others(fields: readonly Field[], known: readonly string[], numbers: readonly string[] = []): Fact[] {
  const last = new Map(fields.map(({ key }, index) => [key, index]));
  return fields.flatMap(({ key, value }, index) => {
    const read = known.includes(key) && last.get(key) === index;
    return read && (!numbers.includes(key) || integer(value) !== null) ? [] : [{ name: key, value }];
  });
}

interface Cells {
  (title: string): string | null;
  /** Cells of columns that nobody asked for. */
  others(): Fact[];
}

function cells({ cells: all }: Row): Cells {
  const asked = new Set<string>();
  const cell = (title: string): string | null => {
    asked.add(title);
    return all.get(title) ?? null;
  };
  return Object.assign(cell, {
    others: () => [...all].flatMap(([name, value]) => (asked.has(name) ? [] : [{ name, value }])),
  });
}

/** What was printed twice counts as it was printed last; the earlier ones are told. */
function latest<T extends { readonly source: Source }>(
  items: readonly T[],
  what: (item: T) => string,
  repeated: Repeated[],
): T[] {
  const found = new Map<string, T>();
  for (const item of items) {
    const name = what(item);
    const earlier = found.get(name);
    if (earlier !== undefined) repeated.push({ what: name, source: earlier.source });
    found.set(name, item);
  }
  return [...found.values()];
}
