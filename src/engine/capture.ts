import { IPV4_ALL, IPV6_ALL, MAC_ALL, printAddresses, printIpv4, printMac } from "../model/address.ts";
import { readFlow, type Flow, type FlowFields } from "../model/flow.ts";
import { readHosts, type CaptureHelp, type Host, type Nic } from "../model/host.ts";
import { ICMP, IPV6_ICMP, TCP, protocolName } from "../model/protocols.ts";
import {
  contains,
  equals,
  has,
  isEmpty,
  single,
  size,
  toSpans,
  union,
  type Ranges,
} from "../model/ranges.ts";
import { DIRECTIONS } from "../model/rule.ts";
import type { Input } from "./input.ts";
import { filtersWithRules, setsFor } from "./query.ts";
import type { CaptureLine, CaptureResult } from "./results.ts";
import { shellWord } from "./shell-word.ts";

/**
 * Command lines of `pktcap-uw` for a flow at a filter, with the options that its help documents. What these cannot
 * say is left out or widened, so that no packet of the flow is missed, and that is told.
 */

/** What a session says that matters for captures at one filter. */
export interface CaptureFacts {
  readonly host: string | null;
  readonly vnic: string | null;
  /** The options that the host's `pktcap-uw -h` shows; null where that is not in the session. */
  readonly options: ReadonlySet<string> | null;
  /** Network cards that cut TCP segments themselves, with the switch whose uplink each is, where that is known. */
  readonly segmenting: readonly { readonly nic: string; readonly switch: string | null }[];
}

const POINTS = ["PreDVFilter", "PostDVFilter"] as const;

const UNKNOWN: CaptureFacts = { host: null, vnic: null, options: null, segmenting: [] };

/** The facts about one filter; nothing is known where no session shows it. */
export function captureFacts(hosts: readonly Host[], filter: string): CaptureFacts {
  const host = hosts.find(({ filters }) => filters.some(({ name }) => name === filter));
  if (host === undefined) return UNKNOWN;
  const vnic = host.machines.flatMap(({ vnics }) => vnics).find(({ firewall }) => firewall === filter);
  const switchName = vnic?.switchPort?.switch ?? null;
  const uplinks = host.switches.find(({ name }) => name !== null && name === switchName)?.uplinks ?? [];
  const known = uplinks.length > 0;
  return {
    host: host.name,
    vnic: vnic?.name ?? null,
    options: host.captureHelp === null ? null : optionsOf(host.captureHelp),
    segmenting: host.nics
      .filter((nic) => segments(nic) && (!known || uplinks.includes(nic.name)))
      .map(({ name }) => ({ nic: name, switch: known ? switchName : null })),
  };
}

function segments({ tso, offload }: Nic): boolean {
  const setting = offload.find(({ name }) => /^tcp[- ]segmentation[- ]offload$/.test(name));
  return /^on\b/.test(tso ?? "") || /^on\b/.test(setting?.value ?? "");
}

function optionsOf({ sections }: CaptureHelp): ReadonlySet<string> | null {
  const options = sections.flatMap((section) =>
    // Behind the names stand the value, and perhaps for which other options it is.
    section.options.flatMap(({ option }) =>
      [.../^[^<(]*/.exec(option)![0].matchAll(/(?:^|[\s,|])(--?[A-Za-z][A-Za-z0-9]*)/g)].map(
        ([, name]) => name!,
      ),
    ),
  );
  // Help without an option was cut off, or is laid out as nobody has seen it.
  return options.length === 0 ? null : new Set(options);
}

/** The lines for a flow at one filter: its packets and those of the reply, before the filter and behind it. */
export function captureLines(filter: string, flow: Flow, facts: CaptureFacts = UNKNOWN): CaptureResult {
  const { host, vnic } = facts;
  const result = { filter, host, vnic, lines: [], widened: [], warnings: [] };
  const unfit = unfitName(filter);
  if (unfit !== null) return { ...result, warnings: [unfit] };
  const widened = new Set<string>();
  const cases = casesOf(flow, widened);
  const lines = cases.flatMap(({ family, ...asked }) => {
    const there = shown(criteria(asked), facts, widened);
    const back = shown(criteria(reversed(asked)), facts, widened);
    const same = there.join(" ") === back.join(" ");
    const opposite = DIRECTIONS.filter((direction) => flow.directions.some((other) => other !== direction));
    const packets: readonly (readonly [CaptureLine["packets"], CaptureLine["directions"], string[]])[] = same
      ? [["both", DIRECTIONS, there]]
      : [
          ["flow", flow.directions, there],
          ["reply", opposite, back],
        ];
    return packets.flatMap(([part, directions, options]) =>
      POINTS.map((point): CaptureLine => {
        const end = point === "PreDVFilter" ? "before" : "behind";
        const parts = [fileName(filter), ...(cases.length > 1 ? [family] : []), part, end];
        const file = `/tmp/${parts.join("-")}.pcap`;
        const start = ["pktcap-uw", "--capture", point, "--dvfilter", shellWord(filter)];
        return {
          packets: part,
          family,
          directions,
          point,
          file,
          command: [...start, ...options, "-o", file].join(" "),
        };
      }),
    );
  });
  return { ...result, lines, widened: [...widened], warnings: warningsOf(flow, facts) };
}

function unfitName(filter: string): string | null {
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(filter))
    return "the name of the filter holds characters that no shell takes as they are shown";
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(filter))
    return "this is the VIF of nsxcli, and pktcap-uw takes the name of a filter: summarize-dvfilter shows it";
  return null;
}

/** A part of a file's name that stands for the filter, and for no other. */
function fileName(filter: string): string {
  const plain = filter.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(0, 100);
  if (plain === filter) return plain;
  let hash = 0x811c9dc5;
  for (let at = 0; at < filter.length; at += 1)
    hash = Math.imul(hash ^ filter.charCodeAt(at), 0x01000193) >>> 0;
  return `${plain}-${hash.toString(16).padStart(8, "0")}`;
}

// ---- from a flow to options --------------------------------------------------------------------------------

/** What one line can say; null is every value. */
interface Asked {
  readonly etherType: number | null;
  readonly addresses: readonly [source: string | null, destination: string | null];
  readonly macs: readonly [source: number | null, destination: number | null];
  readonly protocol: number | null;
  readonly ports: readonly [source: number | null, destination: number | null];
}

const ENDS = ["source", "destination"] as const;

function reversed({ addresses, macs, ports, ...rest }: Asked): Asked {
  return {
    ...rest,
    addresses: [addresses[1], addresses[0]],
    macs: [macs[1], macs[0]],
    ports: [ports[1], ports[0]],
  };
}

type Option = readonly [name: string, value: string];

function criteria({ etherType, addresses, macs, protocol, ports }: Asked): Option[] {
  const option = <T>(name: string, value: T | null, text: (value: T) => string): Option[] =>
    value === null ? [] : [[name, text(value)]];
  const hex = (digits: number) => (value: number) => `0x${value.toString(16).padStart(digits, "0")}`;
  return [
    ...option("--ethtype", etherType, hex(4)),
    ...option("--srcmac", macs[0], printMac),
    ...option("--dstmac", macs[1], printMac),
    ...option("--srcip", addresses[0], String),
    ...option("--dstip", addresses[1], String),
    ...option("--proto", protocol, hex(2)),
    ...option("--srcport", ports[0], String),
    ...option("--dstport", ports[1], String),
  ];
}

/** The options that this host's pktcap-uw has, as words. */
function shown(options: readonly Option[], { options: known }: CaptureFacts, widened: Set<string>): string[] {
  return options.flatMap(([name, value]) => {
    if (known === null || known.has(name)) return [name, value];
    widened.add(`${name} is left out: pktcap-uw -h of this host does not show it`);
    return [];
  });
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const IP = union(single(IPV4), single(IPV6));
const ALL_PORTS: Ranges<number> = [0, 65_536];

type Case = Asked & { readonly family: CaptureLine["family"] };

/** A case for each address family, or one where no option tells them apart. */
function casesOf(flow: Flow, widened: Set<string>): Case[] {
  const { source, destination, protocols, etherTypes } = flow;
  const macs = ([flow.sourceMacs, flow.destinationMacs] as const).map((ranges, end) =>
    equals(ranges, MAC_ALL)
      ? null
      : onlyOne(ranges, `${ENDS[end]} MAC addresses`, "--srcmac and --dstmac take", widened),
  ) as [number | null, number | null];
  const any: Asked = { etherType: null, addresses: [null, null], macs, protocol: null, ports: [null, null] };
  const ports = [flow.sourcePorts, flow.destinationPorts].some(
    (ranges) => ranges !== null && !equals(ranges, ALL_PORTS),
  );
  const narrow = [source, destination].some(
    ({ ipv4, ipv6 }) => !equals(ipv4, IPV4_ALL) || !equals(ipv6, IPV6_ALL),
  );
  const deep = protocols !== null || ports || flow.icmpTypes !== null || flow.icmpCodes !== null;
  if (etherTypes !== null && !contains(IP, etherTypes)) {
    if (narrow || deep) widened.add("what is asked of IP is left out: frames of other kinds are asked about");
    const all = equals(etherTypes, [0, 65_536]);
    return [
      {
        ...any,
        family: null,
        etherType: all ? null : onlyOne(etherTypes, "EtherTypes", "--ethtype takes", widened),
      },
    ];
  }
  if (!narrow && !deep && etherTypes === null) return [{ ...any, family: null }];
  const has4 =
    !isEmpty(source.ipv4) &&
    !isEmpty(destination.ipv4) &&
    (etherTypes === null || has(etherTypes, IPV4)) &&
    !equals(protocols ?? [], single(IPV6_ICMP));
  const has6 =
    !isEmpty(source.ipv6) &&
    !isEmpty(destination.ipv6) &&
    (etherTypes === null || has(etherTypes, IPV6)) &&
    !equals(protocols ?? [], single(ICMP));
  const cases: Case[] = [];
  if (has4) cases.push({ ...any, family: "ipv4", ...ipv4Case(flow, widened) });
  if (has6) {
    const whole = equals(source.ipv6, IPV6_ALL) && equals(destination.ipv6, IPV6_ALL);
    const parts = [
      ...(whole ? [] : ["addresses"]),
      ...(protocols === null ? [] : ["protocol"]),
      ...(ports ? ["ports"] : []),
      ...(flow.icmpTypes === null && flow.icmpCodes === null ? [] : ["ICMP types and codes"]),
    ];
    if (parts.length > 0)
      widened.add(`of IPv6 all packets are captured: no option is documented for its ${parts.join(", ")}`);
    cases.push({ ...any, family: "ipv6", etherType: IPV6 });
  }
  return cases;
}

function ipv4Case(flow: Flow, widened: Set<string>): Omit<Asked, "macs"> {
  const addresses = [
    prefix(flow.source.ipv4, "source", widened),
    prefix(flow.destination.ipv4, "destination", widened),
  ] as const;
  const { protocols } = flow;
  const names = (ranges: Ranges<number>): string =>
    toSpans(ranges).length > 3
      ? "protocols"
      : `protocols ${toSpans(ranges)
          .map(({ first, last }) => (first === last ? protocolName(first) : `${first}-${last}`))
          .join(", ")}`;
  // ipv6-icmp does not exist here.
  const own = protocols === null ? null : withoutIpv6Icmp(protocols);
  const protocol = own === null ? null : onlyOne(own, names(own), "--proto takes", widened);
  const ports = [flow.sourcePorts, flow.destinationPorts].map((ranges, end) => {
    if (ranges === null || equals(ranges, ALL_PORTS)) return null;
    const text = `${ENDS[end]} port${size(ranges) === 1n ? "" : "s"} ${some(numbers(ranges))}`;
    if (protocol === TCP) return onlyOne(ranges, text, "--srcport and --dstport take", widened);
    widened.add(`${text}: left out, --srcport and --dstport are ports of TCP`);
    return null;
  }) as [number | null, number | null];
  if (flow.icmpTypes !== null || flow.icmpCodes !== null)
    widened.add("ICMP types and codes: left out, no option is documented for them");
  const saysFamily = addresses.some((address) => address !== null);
  return { etherType: saysFamily ? null : IPV4, addresses, protocol, ports };
}

function withoutIpv6Icmp(protocols: Ranges<number>): Ranges<number> {
  return equals(protocols, union(single(ICMP), single(IPV6_ICMP))) ? single(ICMP) : protocols;
}

/** The one value of a set; null where there are several, which is told. */
function onlyOne(ranges: Ranges<number>, what: string, options: string, widened: Set<string>): number | null {
  if (size(ranges) === 1n) return ranges[0]!;
  widened.add(`${what}: left out, ${options} one value`);
  return null;
}

/** The smallest prefix that holds all addresses; null where that is every address. */
function prefix(ranges: Ranges<number>, end: (typeof ENDS)[number], widened: Set<string>): string | null {
  const first = ranges[0]!;
  const last = ranges.at(-1)! - 1;
  let length = 32;
  let block = 1;
  while (Math.floor(first / block) !== Math.floor(last / block)) {
    length -= 1;
    block *= 2;
  }
  const start = first - (first % block);
  const text = length === 32 ? printIpv4(start) : `${printIpv4(start)}/${length}`;
  const exact = ranges.length === 2 && start === first && last - first + 1 === block;
  if (exact) return length === 0 ? null : text;
  const what = `${end} ${some(printAddresses("ipv4", ranges))}`;
  widened.add(length === 0 ? `${what}: left out, no prefix holds it` : `${what}: widened to ${text}`);
  return length === 0 ? null : text;
}

function numbers(ranges: Ranges<number>): string[] {
  return toSpans(ranges).map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
}

const MOST_NAMED = 4;

function some(values: readonly string[]): string {
  const rest = values.length - MOST_NAMED;
  return rest > 0 ? `${values.slice(0, MOST_NAMED).join(",")} and ${rest} more` : values.join(",");
}

// ---- what to know ------------------------------------------------------------------------------------------

function warningsOf({ protocols, etherTypes }: Flow, { options, segmenting }: CaptureFacts): string[] {
  const missing =
    options === null ? [] : ["--capture", "--dvfilter", "-o"].filter((option) => !options.has(option));
  const tcp = protocols === null || has(protocols, TCP);
  const ip = etherTypes === null || has(etherTypes, IPV4) || has(etherTypes, IPV6);
  return [
    ...missing.map((option) => `pktcap-uw -h of this host does not show ${option}, which these lines need`),
    ...(tcp && ip ? segmenting : []).map(
      ({ nic, switch: name }) =>
        `${nic}${name === null ? "" : `, uplink of ${name},`} has TSO on: it cuts TCP segments behind the filter, so ` +
        "captured packets may be larger than those on the wire",
    ),
  ];
}

// ---- a question --------------------------------------------------------------------------------------------

/**
 * The lines for a flow at every filter that is asked about.
 * @throws FlowError if the fields do not describe a flow
 */
export function captures(input: Input, fields: FlowFields): CaptureResult[] {
  const hosts = readHosts(input.dumps, input.whole ?? input.model);
  return filtersWithRules(input).map((analysis) => {
    const { name, printedName } = analysis.filter;
    if (name !== null && printedName !== null) {
      const flow = readFlow(fields, setsFor(fields, analysis, input));
      return { ...captureLines(printedName, flow, captureFacts(hosts, name)), filter: name };
    }
    const warning = "text without a prompt does not name its filter";
    return { filter: null, host: null, vnic: null, lines: [], widened: [], warnings: [warning] };
  });
}
