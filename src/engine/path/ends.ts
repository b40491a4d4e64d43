import { IPV6_ALL, ipv4Host, printIpv4 } from "../../model/address.ts";
import { rangesOfAddresses } from "../../model/seen-addresses.ts";
import {
  FlowError,
  closest,
  readFlow,
  type Flow,
  type FlowAddresses,
  type FlowFields,
} from "../../model/flow.ts";
import { etherTypeNumber, IPV4_ETHERTYPE, IPV6_ETHERTYPE } from "../../model/ethertypes.ts";
import { difference, equals, isEmpty, single, size, union, type Ranges } from "../../model/ranges.ts";
import { blockText, broadcastsOf, type RouterNetwork } from "../../model/routing.ts";
import { rangesOf } from "../../analysis/longest-prefix.ts";
import { addressSetsOf, type PathSessions, type Place } from "./sessions.ts";

/** What may be said of a flow from machine to machine; a direction it has none of. */
export interface PathFields extends Omit<FlowFields, "direction"> {
  /** The machine or vNIC of the source, or `none` for something without a filter. */
  readonly srcVm?: string;
  readonly dstVm?: string;
  /** Where several routers have the same network. */
  readonly router?: string;
}

/** Something that is asked about machines or routers and that no session shows. */
export class PathError extends Error {
  readonly field: keyof PathFields;

  constructor(field: keyof PathFields, message: string) {
    super(message);
    this.field = field;
  }
}

export type Side = "source" | "destination";

/** One end of the way, as it is asked about. */
export interface PathEnd {
  readonly side: Side;
  /** `search`: whose addresses they are is to be found out; `outside`: it is said that nothing there has a filter. */
  readonly who: "search" | "outside" | readonly Place[];
}

export interface PathQuestion {
  readonly flow: Flow;
  readonly source: PathEnd;
  readonly destination: PathEnd;
  readonly router: string | null;
  readonly notes: readonly string[];
}

const OPTION = { source: "src", destination: "dst" } as const;
const NONE = "none";

/** @throws FlowError, or PathError for a machine or router that no session shows */
export function readQuestion(sessions: PathSessions, fields: PathFields): PathQuestion {
  const source = readEnd(sessions, "source", fields.src, fields.srcVm);
  const destination = readEnd(sessions, "destination", fields.dst, fields.dstVm);
  const notes = [...source.notes, ...destination.notes];
  const { src, dst, ...rest } = fields;
  const { router } = rest;
  checkEtherType(rest.etherType);
  const asked: FlowFields = {
    ...rest,
    ...(src === undefined || source.named ? {} : { src }),
    ...(dst === undefined || destination.named ? {} : { dst }),
  };
  const flow = readFlow(asked, setsFor(sessions, asked, [source.end, destination.end]));
  const own = ({ named, end }: ReadEnd, addresses: FlowAddresses, other: FlowAddresses): FlowAddresses => {
    if (!named || typeof end.who === "string") return addresses;
    const seen = end.who.flatMap((place) => place.addresses);
    if (seen.length > 0) {
      notes.push(
        `asked about ${seen.map(({ address }) => printIpv4(address)).join(", ")}, which a router has seen at ${nameOf(end.who)}; there may be others`,
      );
      return { ipv4: rangesOfAddresses(seen), ipv6: [] };
    }
    const networks = networksOf(sessions, end.who, router ?? null);
    if (isEmpty(networks)) {
      notes.push(`${notShown(end.who)}: asked about all addresses`);
      return addresses;
    }
    notes.push(
      `${notShown(end.who)}: asked about those that it may have (${blocksOf(sessions, end.who, router ?? null).join(", ")})`,
    );
    // Routers print IPv4 only; IPv6 is meant where the other end says so.
    return { ipv4: networks, ipv6: isEmpty(other.ipv4) ? IPV6_ALL : [] };
  };
  if (router !== undefined) checkRouter(sessions, router);
  return {
    flow: {
      ...flow,
      source: own(source, flow.source, flow.destination),
      destination: own(destination, flow.destination, flow.source),
    },
    source: source.end,
    destination: destination.end,
    router: router ?? null,
    notes,
  };
}

interface ReadEnd {
  readonly end: PathEnd;
  /** True where a machine is named instead of addresses. */
  readonly named: boolean;
  readonly notes: readonly string[];
}

function readEnd(
  sessions: PathSessions,
  side: Side,
  text: string | undefined,
  machine: string | undefined,
): ReadEnd {
  const option = OPTION[side];
  const notes: string[] = [];
  const byText = text === undefined ? [] : placesNamed(sessions, text);
  if (machine !== undefined) {
    const places = placesNamed(sessions, machine);
    if (places.length === 0 && machine === NONE)
      return { end: { side, who: "outside" }, named: false, notes };
    if (places.length === 0) throw new PathError(`${option}Vm`, unknownMachine(sessions, machine));
    const same = byText.length > 0 && byText.every((place) => places.includes(place));
    return { end: { side, who: places }, named: text === undefined || same, notes };
  }
  if (text !== undefined && byText.length > 0) {
    if (byText.every(({ rules }) => rules?.addressSets.has(text) !== true)) {
      return { end: { side, who: byText }, named: true, notes };
    }
    notes.push(`"${text}" is a machine and an address set: taken as the machine`);
    return { end: { side, who: byText }, named: true, notes };
  }
  if (text !== undefined && looksLikeName(text)) {
    const { sets } = addressSetsOf(sessions.places);
    const names = [...machineNames(sessions), ...sets.keys()];
    const words = text.split(",").map((word) => word.trim());
    const unknown = words.find((word) => looksLikeName(word) && !sets.has(word));
    if (unknown !== undefined) {
      throw new FlowError(
        option,
        `"${unknown}" is neither an address nor a machine or address set that a session shows${closest(unknown, names)}`,
      );
    }
  }
  return { end: { side, who: "search" }, named: false, notes };
}

/** Letters beyond those of an address, and not the word for all. */
function looksLikeName(text: string): boolean {
  return /[g-z_]/i.test(text) && text.trim().toLowerCase() !== "any" && ipv4Host(text) === null;
}

function placesNamed({ places }: PathSessions, name: string): Place[] {
  return places.filter(({ machine, vnic, filter, printedFilter }) =>
    [machine?.name, machine?.uuid, vnic?.name, filter, printedFilter].includes(name),
  );
}

function machineNames({ places }: PathSessions): string[] {
  return places.flatMap(({ machine, vnic, filter }) =>
    [machine?.name ?? machine?.uuid ?? [], vnic?.name ?? [], machine === null ? (filter ?? []) : []].flat(),
  );
}

const MOST_NAMED = 5;

function unknownMachine(sessions: PathSessions, name: string): string {
  const names = [...new Set(machineNames(sessions))];
  if (names.length === 0)
    return "no session here shows which filter is whose: add the output of summarize-dvfilter";
  const near = closest(name, names);
  const shown = names.slice(0, MOST_NAMED).map((one) => `"${one}"`);
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
  return `no session here shows a machine or vNIC "${name}"${near === "" ? `: it shows ${shown.join(", ")}${more}` : near}`;
}

function checkRouter({ routers }: PathSessions, name: string): void {
  const names = [...new Set(routers.flatMap(({ router }) => router.name ?? []))];
  if (names.includes(name)) return;
  const near = closest(name, names);
  const shown =
    names.length === 0 ? "; it shows none" : `: there is ${names.map((one) => `"${one}"`).join(", ")}`;
  throw new PathError("router", `no session here shows a router "${name}"${near === "" ? shown : near}`);
}

const IP_ETHERTYPES: ReadonlySet<number> = new Set([IPV4_ETHERTYPE, IPV6_ETHERTYPE]);

/** What is no IP packet is not routed, and has no address to tell a machine by. */
function checkEtherType(text: string | undefined): void {
  if (text === undefined || text.trim() === "") return;
  for (const word of text.split(",")) {
    const number = etherTypeNumber(word.trim());
    if (number !== null && !IP_ETHERTYPES.has(number)) {
      throw new FlowError(
        "etherType",
        `"${word.trim()}" is not IP, and only IP has a way from address to address: ask dfwlint query about one filter`,
      );
    }
  }
}

/** The sets that names stand for: those of the machine that is asked about, else those on which all filters agree. */
function setsFor(
  { places }: PathSessions,
  fields: FlowFields,
  ends: readonly PathEnd[],
): ReturnType<typeof addressSetsOf>["sets"] {
  const { sets, different } = addressSetsOf(places);
  const chosen = new Map(sets);
  const settled = new Set<string>();
  for (const { who } of ends) {
    if (typeof who === "string") continue;
    const own = addressSetsOf(who);
    for (const [name, set] of own.sets) {
      if (own.different.has(name)) continue;
      chosen.set(name, set);
      settled.add(name);
    }
  }
  for (const field of ["src", "dst"] as const) {
    for (const word of (fields[field] ?? "").split(",")) {
      const name = word.trim();
      if (!different.has(name) || settled.has(name)) continue;
      throw new FlowError(
        field,
        `"${name}" holds other addresses in one filter than in another: say addresses`,
      );
    }
  }
  return chosen;
}

function nameOf(places: readonly Place[]): string {
  const [{ machine, vnic, filter }] = places as [Place];
  const name = places.length === 1 ? (vnic?.name ?? filter) : (machine?.name ?? vnic?.name ?? filter);
  return name ?? "the machine";
}

function notShown(places: readonly Place[]): string {
  return `the addresses of ${nameOf(places)} are not shown`;
}

/** Networks behind routers in which a machine may be: those on its switch, where both are known. */
function networksOf(sessions: PathSessions, places: readonly Place[], router: string | null): Ranges<number> {
  return candidateNetworks(sessions, places, router)
    .map((network) => hostsOf(network))
    .reduce((all, more) => union(all, more), [] as Ranges<number>);
}

/** The addresses that a machine may have in a network. */
function hostsOf(network: RouterNetwork): Ranges<number> {
  const { address, block } = network;
  const machines = difference(rangesOf(block), broadcastsOf(network));
  return address === null ? machines : difference(machines, single(address));
}

function blocksOf(sessions: PathSessions, places: readonly Place[], router: string | null): string[] {
  return [...new Set(candidateNetworks(sessions, places, router).map(({ block }) => blockText(block)))];
}

function candidateNetworks(
  { routers }: PathSessions,
  places: readonly Place[],
  name: string | null,
): RouterNetwork[] {
  return routers.flatMap((view) =>
    view.table.networks.filter(
      (network) =>
        network.uplink !== true &&
        (name === null || view.router.name === name) &&
        places.some((place) => mayBeOn(place, view.host.name, network.switch)),
    ),
  );
}

/** Whether a machine may be on a network of a switch; only a switch of its own host rules it out. */
export function mayBeOn(
  { host, vnic }: Place,
  routerHost: string | null,
  switchName: string | null,
): boolean {
  const own = vnic?.switchPort?.switch ?? null;
  return own === null || switchName === null || host?.name !== routerHost || own === switchName;
}

/** Addresses of the hosts' own ports. */
export interface HostAddress {
  readonly address: number;
  readonly text: string;
}

export function hostAddresses({ hosts }: PathSessions): HostAddress[] {
  const found = new Map<number, string>();
  for (const { name, vmkernel } of hosts) {
    for (const port of vmkernel) {
      const address = port.address === null ? null : ipv4Host(port.address);
      if (address === null || address === 0 || found.has(address)) continue;
      found.set(address, `${printIpv4(address)} is ${port.name} of ${name ?? "the host"}`);
    }
  }
  return [...found].map(([address, text]) => ({ address, text }));
}

/** A machine with the addresses that were seen at it and at no other. */
export interface Owner {
  readonly place: Place;
  readonly addresses: Ranges<number>;
}

/** Whose addresses are known: an address that was seen at two machines is nobody's. */
export function ownersOf({ places }: PathSessions): Owner[] {
  const counts = new Map<number, Set<string>>();
  for (const { key, addresses } of places)
    for (const { address } of addresses) counts.set(address, (counts.get(address) ?? new Set()).add(key));
  return places.flatMap((place) => {
    const own = place.addresses.filter(({ address }) => counts.get(address)!.size === 1);
    return own.length === 0 ? [] : [{ place, addresses: rangesOfAddresses(own) }];
  });
}

/** Whether both ends are one address, and the same. */
export function isSameAddress(a: FlowAddresses, b: FlowAddresses): boolean {
  const same = equals(a.ipv4, b.ipv4) && equals(a.ipv6, b.ipv6);
  return same && size(a.ipv4) + size(a.ipv6) === 1n;
}
