import type { HostFacts } from "../engine/host.ts";
import { counted } from "./words.ts";

/** A host as tables, for every format that has some. Texts are as the session printed them. */
export interface HostTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

type Cell = string | number | null | undefined;

export function hostTitle({ name }: HostFacts): string {
  return name === null ? "a host whose name no prompt says" : `host ${name}`;
}

/** What is there, in one line. */
export function hostSummary({ machines, filters, filterList }: HostFacts): string {
  const vnics = machines.flatMap((machine) => machine.vnics);
  const without = vnics.filter(({ firewall, whole }) => firewall === null && whole).length;
  const parts = [
    `${counted(machines.length, "virtual machine")} with ${counted(vnics.length, "vNIC")}`,
    counted(filters.length, "firewall filter"),
  ];
  const rules = filters.reduce((sum, filter) => sum + (filter.rules ?? 0), 0);
  if (rules > 0) parts.push(counted(rules, "rule"));
  if (filterList !== "none" && without > 0) parts.push(`${counted(without, "vNIC")} without one`);
  const copies = filters.filter(({ sameAs }) => sameAs !== null).length;
  if (copies > 0) parts.push(`${copies} with the content of another`);
  return parts.join(", ");
}

export function hostTables(host: HostFacts): HostTable[] {
  const tables = [
    cutTable(host),
    machineTable(host),
    filterTable(host),
    slotTable(host),
    agentTable(host),
    vmkernelTable(host),
    switchTable(host),
    portGroupTable(host),
    switchPortTable(host),
    tunnelTable(host),
    segmentTable(host),
    routerTable(host),
    ...host.routers.flatMap((router) => [interfaceTable(router), routeTable(router), neighbourTable(router)]),
    offloadTable(host),
    captureTable(host),
    commandTable(host),
    errorTable(host),
    repeatedTable(host),
    unreadTable(host),
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

function make(title: string, head: readonly string[], rows: readonly (readonly Cell[])[]): HostTable {
  // A column in which nothing stands says nothing.
  const kept = head.map((_, column) => rows.some((row) => (row[column] ?? "") !== ""));
  const pick = <T>(row: readonly T[]): T[] => row.filter((_, column) => kept[column]);
  return {
    title,
    head: pick(head),
    rows: rows.map((row) => pick(row).map((cell) => (cell === null || cell === undefined ? "-" : `${cell}`))),
  };
}

function machineTable({ machines, filterList }: HostFacts): HostTable {
  const none = filterList === "none" ? "-" : "none";
  return make(
    "virtual machines",
    ["machine", "vNIC", "port", "switch port", "firewall filter", "world", "UUID"],
    machines.flatMap(({ name, world, uuid, vnics }) =>
      (vnics.length === 0 ? [null] : vnics).map((vnic) => [
        name,
        vnic?.name,
        vnic?.port,
        vnic === null || vnic.switchPort === null
          ? null
          : `${vnic.switchPort.port} of ${vnic.switchPort.switch}`,
        vnic?.firewall ?? (vnic?.whole === false ? "not shown" : none),
        world,
        uuid,
      ]),
    ),
  );
}

function filterTable({ filters }: HostFacts): HostTable {
  return make(
    "firewall filters",
    [
      "filter",
      "vNIC",
      "slot",
      "state",
      "on failure",
      "rules",
      "sets",
      "ruleset",
      "generation",
      "realized",
      "hash",
      "profile",
      "counters",
      "same as",
      "more",
    ],
    filters.flatMap((filter) =>
      (filter.rulesets.length === 0 ? [null] : filter.rulesets).map((ruleset, index) => {
        const once = <T>(value: T): T | "" => (index === 0 ? value : "");
        return [
          once(filter.name ?? "without a prompt"),
          once(filter.vnic),
          once(filter.slot),
          once(filter.state),
          once(filter.failurePolicy),
          ruleset?.rules ?? null,
          once(filter.addrsets),
          ruleset?.name ?? null,
          generationText(ruleset?.generation ?? null),
          ruleset?.realized ?? "",
          once(filter.hash ?? ""),
          once(filter.profile ?? ""),
          once(filter.counters.length === 0 ? "" : filter.counters.length),
          once(filter.sameAs ?? ""),
          once(facts(filter.more)),
        ];
      }),
    ),
  );
}

/** NSX-V counts milliseconds since 1970; no other number is read as a time. */
function generationText(generation: string | null): string {
  if (generation === null) return "";
  return /^1[0-9]{12}$/.test(generation)
    ? `${generation} (${new Date(Number(generation)).toISOString()})`
    : generation;
}

function slotTable({ machines, ports }: HostFacts): HostTable {
  const owners = [
    ...ports,
    ...machines.flatMap(({ vnics }) => vnics.map((vnic) => ({ ...vnic, id: vnic.port }))),
  ];
  return make(
    "filters by slot",
    [
      "port",
      "of",
      "slot",
      "filter",
      "agent",
      "state",
      "VM state",
      "on failure",
      "slow path",
      "origin",
      "more",
    ],
    owners.flatMap(({ id, name, filters }) =>
      filters.map((filter) => [
        id,
        name,
        `${filter.place} ${filter.slot ?? "?"}`,
        filter.name,
        filter.agent,
        filter.state,
        filter.vmState,
        filter.failurePolicy,
        filter.slowPathId,
        filter.origin,
        facts(filter.more),
      ]),
    ),
  );
}

function agentTable({ agents }: HostFacts): HostTable {
  return make(
    "filter agents",
    ["path", "agent", "filters", "module", "more"],
    agents.map(({ path, name, references, module, more }) => [path, name, references, module, facts(more)]),
  );
}

function vmkernelTable({ vmkernel }: HostFacts): HostTable {
  return make(
    "vmkernel addresses",
    [
      "interface",
      "address",
      "netmask",
      "broadcast",
      "network",
      "stack",
      "MTU",
      "TSO MSS",
      "MAC",
      "family",
      "type",
      "enabled",
      "more",
    ],
    vmkernel.map((vmk) => [
      vmk.name,
      vmk.address,
      vmk.netmask,
      vmk.broadcast,
      vmk.network,
      vmk.stack,
      vmk.mtu,
      vmk.tsoMss,
      vmk.mac,
      vmk.family,
      vmk.type,
      vmk.enabled,
      facts(vmk.more),
    ]),
  );
}

function switchTable({ switches }: HostFacts): HostTable {
  return make(
    "switches",
    ["switch", "kind", "ports", "used", "configured", "MTU", "uplinks"],
    switches.map((found) => [
      found.name,
      found.kind,
      found.ports,
      found.usedPorts,
      found.configuredPorts,
      found.mtu,
      found.uplinks.join(" "),
    ]),
  );
}

function portGroupTable({ switches }: HostFacts): HostTable {
  return make(
    "port groups",
    ["switch", "port group", "VLAN", "used", "uplinks"],
    switches.flatMap(({ name, portGroups }) =>
      portGroups.map((group) => [name, group.name, group.vlan, group.usedPorts, group.uplinks.join(" ")]),
    ),
  );
}

/** Ports that nobody uses are many: they share a row. */
function switchPortTable({ switches }: HostFacts): HostTable {
  return make(
    "switch ports",
    ["switch", "port", "in use", "client"],
    switches.flatMap(({ name, switchPorts }) => {
      const free = switchPorts.filter(({ inUse, client }) => inUse === 0 && client === null);
      return [
        ...switchPorts
          .filter((port) => !free.includes(port))
          .map(({ id, inUse, client }) => [name, id, inUse, client]),
        ...(free.length === 0 ? [] : [[name, free.map(({ id }) => id).join(" "), 0, null]]),
      ];
    }),
  );
}

function tunnelTable({ tunnelSwitches }: HostFacts): HostTable {
  return make(
    "switches with VXLANs",
    ["switch", "MTU", "segment ID", "gateway", "gateway MAC", "networks", "vmknics", "ID", "more"],
    tunnelSwitches.map((found) => [
      found.name,
      found.mtu,
      found.segmentId,
      found.gateway,
      found.gatewayMac,
      found.networks,
      found.vmknics,
      found.id,
      facts(found.more),
    ]),
  );
}

function segmentTable({ segments }: HostFacts): HostTable {
  return make(
    "segments",
    ["VXLAN", "switch", "multicast", "control plane", "controller", "ports", "MACs", "ARPs", "more"],
    segments.map((segment) => [
      segment.id,
      segment.switch,
      segment.multicast,
      segment.controlPlane,
      segment.controller,
      segment.ports,
      segment.macEntries,
      segment.arpEntries,
      facts(segment.more),
    ]),
  );
}

function routerTable({ routers }: HostFacts): HostTable {
  return make(
    "routers",
    [
      "router",
      "ID",
      "state",
      "interfaces",
      "routes",
      "controller",
      "control plane",
      "active",
      "next hops",
      "generation",
      "edge active",
      "more",
    ],
    routers.map((router) => [
      router.name,
      router.id,
      router.state,
      router.interfaceCount,
      router.routeCount,
      router.controller,
      router.controlPlane,
      router.controlPlaneActive,
      router.nextHops,
      router.generation,
      router.edgeActive,
      facts(router.more),
    ]),
  );
}

function interfaceTable({ name, interfaces }: HostFacts["routers"][number]): HostTable {
  return make(
    `interfaces of ${name ?? "a router without a name"}`,
    [
      "interface",
      "address",
      "netmask",
      "segment",
      "mode",
      "switch",
      "state",
      "control plane",
      "multicast",
      "flags",
      "DHCP relay",
      "more",
    ],
    interfaces.map((one) => [
      one.name,
      one.address,
      one.netmask,
      one.id,
      one.mode,
      one.switch,
      one.state,
      one.controlPlane,
      one.multicast,
      one.flags,
      one.dhcpRelay,
      facts(one.more),
    ]),
  );
}

function routeTable({ name, routes, legend }: HostFacts["routers"][number]): HostTable {
  const words = new Map(legend.map((entry) => [entry.name, entry.value]));
  return make(
    `routes of ${name ?? "a router without a name"}`,
    [
      "destination",
      "netmask",
      "gateway",
      "flags",
      "interface",
      "origin",
      "references",
      "up for",
      "meaning",
      "more",
    ],
    routes.map((route) => [
      route.destination,
      route.netmask,
      route.gateway,
      route.flags,
      route.interface,
      route.origin,
      route.references,
      route.upTime === null ? null : `${route.upTime} s`,
      meaning(route.flags, words),
      facts(route.more),
    ]),
  );
}

function neighbourTable({ name, neighbours, neighbourLegend }: HostFacts["routers"][number]): HostTable {
  const words = new Map(neighbourLegend.map((entry) => [entry.name, entry.value]));
  return make(
    `neighbours of ${name ?? "a router without a name"}`,
    ["address", "MAC", "port", "interface", "flags", "expiry", "references", "meaning", "more"],
    neighbours.map((one) => [
      one.address,
      one.mac,
      one.port,
      one.interface,
      one.flags,
      one.expiry,
      one.references,
      meaning(one.flags, words),
      facts(one.more),
    ]),
  );
}

/** What each letter of flags means. */
function meaning(flags: string | null, words: ReadonlyMap<string, string>): string {
  return (flags ?? "")
    .split("")
    .flatMap((flag) => words.get(flag) ?? [])
    .join(", ");
}

function offloadTable({ nics }: HostFacts): HostTable {
  return make(
    "offload of network cards",
    ["NIC", "setting", "value"],
    nics.flatMap(({ name, offload, notes, tso }) => [
      ...offload.map((setting) => [name, setting.name, setting.value]),
      ...(tso === null ? [] : [[name, "TSO (esxcli)", tso]]),
      ...notes.map((note) => [name, note, null]),
    ]),
  );
}

function captureTable({ captures }: HostFacts): HostTable {
  return make(
    "packet captures",
    ["point", "filter", "file", "command"],
    captures.map(({ point, filter, file, command }) => [point, filter, file, command]),
  );
}

function cutTable({ cut }: HostFacts): HostTable {
  return make(
    "the session ends early: what would follow is missing, and the last output may be cut off",
    ["last command", "at"],
    cut.map(({ command, location }) => [command, `${location.file}:${location.line}`]),
  );
}

function errorTable({ errors }: HostFacts): HostTable {
  return make(
    "what dfwlint collect says of commands and names",
    ["command", "status", "message", "at"],
    errors.map(({ command, status, messages, location }) => [
      command ?? "dfwlint collect",
      status,
      messages.join("; "),
      `${location.file}:${location.line}`,
    ]),
  );
}

function commandTable({ commands }: HostFacts): HostTable {
  const unknown = commands.filter(({ kind }) => kind === "unknown");
  return make(
    "commands whose output is not read",
    ["command", "lines", "at"],
    unknown.map(({ command, lines, location }) => [command, lines, `${location.file}:${location.line}`]),
  );
}

function repeatedTable({ repeated }: HostFacts): HostTable {
  return make(
    "printed again later: the later state counts",
    ["what", "at"],
    repeated.map(({ what, location }) => [what, `${location.file}:${location.line}`]),
  );
}

/** A capture on the console prints packets without end. */
const MOST_UNREAD = 50;

function unreadTable({ unread }: HostFacts): HostTable {
  const shown = unread
    .slice(0, MOST_UNREAD)
    .map(({ location, command, text }) => [`${location.file}:${location.line}`, command, text]);
  const rest = unread.length - shown.length;
  if (rest > 0) shown.push(["", "", `and ${counted(rest, "more line")}`]);
  return make("lines that could not be read", ["at", "command", "line"], shown);
}

function facts(more: readonly { readonly name: string; readonly value: string }[]): string {
  return more.map(({ name, value }) => `${name} ${value}`).join(", ");
}
