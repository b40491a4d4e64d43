import leven from "leven";
import {
  AddressError,
  IPV4_ALL,
  IPV6_ALL,
  MAC_ALL,
  addressRanges,
  ipv4Host,
  parseAddress,
  type AddressRanges,
} from "./address.ts";
import { etherTypeNumber } from "./ethertypes.ts";
import { ICMP, IPV6_ICMP, SCTP, TCP, UDP, knownProtocolNames, protocolNumber } from "./protocols.ts";
import { contains, fromSpans, isEmpty, single, union, type Ranges, type Span } from "./ranges.ts";
import { DIRECTIONS, type AddressSet, type Direction, type Family } from "./rule.ts";

/** What may be said of a flow, as text; whatever is left out is every value. */
export interface FlowFields {
  readonly direction?: string;
  readonly src?: string;
  readonly dst?: string;
  readonly protocol?: string;
  readonly srcPort?: string;
  readonly dstPort?: string;
  readonly icmpType?: string;
  readonly icmpCode?: string;
  readonly srcMac?: string;
  readonly dstMac?: string;
  readonly etherType?: string;
}

export const FLOW_FIELDS = [
  "direction",
  "src",
  "dst",
  "protocol",
  "srcPort",
  "dstPort",
  "icmpType",
  "icmpCode",
  "srcMac",
  "dstMac",
  "etherType",
] as const satisfies readonly (keyof FlowFields)[];

/** What a flow asks beside its addresses: every combination of these values that can exist. Null is every value. */
export interface FlowService {
  readonly directions: readonly Direction[];
  readonly protocols: Ranges<number> | null;
  /** Whether the protocols were asked for, not taken from the ports. */
  readonly protocolsAsked: boolean;
  readonly sourcePorts: Ranges<number> | null;
  readonly destinationPorts: Ranges<number> | null;
  readonly icmpTypes: Ranges<number> | null;
  readonly icmpCodes: Ranges<number> | null;
  readonly sourceMacs: Ranges<number>;
  readonly destinationMacs: Ranges<number>;
  /** Null unless asked for: then the flow is IP. */
  readonly etherTypes: Ranges<number> | null;
}

/** IP addresses; a family without any is not part of the region. */
export type FlowAddresses = Omit<AddressRanges, "mac">;

/** A region of packets. */
export interface Flow extends FlowService {
  readonly source: FlowAddresses;
  readonly destination: FlowAddresses;
}

/** A flow that cannot be read, with the field at fault. */
export class FlowError extends Error {
  readonly field: keyof FlowFields;

  constructor(field: keyof FlowFields, message: string) {
    super(message);
    this.field = field;
  }
}

const PORT_PROTOCOLS = union(union(single(TCP), single(UDP)), single(SCTP));
const ONLY_ICMP = single(ICMP);
const ONLY_IPV6_ICMP = single(IPV6_ICMP);
const ICMP_PROTOCOLS = union(ONLY_ICMP, ONLY_IPV6_ICMP);

/**
 * Reads flows; names of address sets are looked up in `sets`. Flows of a list repeat addresses and services, so what
 * one text means is kept, and equal texts give the same object.
 */
export class FlowReader {
  readonly #sets: ReadonlyMap<string, AddressSet>;
  readonly #services = new Map<string, FlowService>();
  readonly #addresses = { src: new Map<string, FlowAddresses>(), dst: new Map<string, FlowAddresses>() };

  constructor(sets: ReadonlyMap<string, AddressSet>) {
    this.#sets = sets;
  }

  /** @throws FlowError with one line that names the field's text and what was expected */
  read(fields: FlowFields): { service: FlowService; source: FlowAddresses; destination: FlowAddresses } {
    const service = this.#service(fields);
    const source = this.#readAddresses("src", fields.src);
    const destination = this.#readAddresses("dst", fields.dst);
    checkFamilies(fields, source, destination, service.protocolsAsked ? service.protocols : null);
    return { service, source, destination };
  }

  /**
   * What a flow between two IPv4 hosts asks beside them; `src` and `dst` are not looked at.
   * @throws FlowError like `read`
   */
  readService(fields: FlowFields): FlowService {
    const service = this.#service(fields);
    if (service.protocolsAsked) checkProtocols(service.protocols, "ipv4");
    return service;
  }

  #service(fields: FlowFields): FlowService {
    const { direction, protocol, srcPort, dstPort, icmpType, icmpCode, srcMac, dstMac, etherType } = fields;
    const key = `${direction}\t${protocol}\t${srcPort}\t${dstPort}\t${icmpType}\t${icmpCode}\t${srcMac}\t${dstMac}\t${etherType}`;
    const known = this.#services.get(key);
    if (known !== undefined) return known;
    const service = readService(fields, this.#sets);
    if (this.#services.size >= MOST_KEPT) this.#services.clear();
    this.#services.set(key, service);
    return service;
  }

  #readAddresses(field: "src" | "dst", text = ""): FlowAddresses {
    const kept = this.#addresses[field];
    const known = kept.get(text);
    if (known !== undefined) return known;
    const host = ipv4Host(text);
    const addresses =
      host === null ? readAddresses(field, text, this.#sets) : { ipv4: single(host), ipv6: [] };
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(text, addresses);
    return addresses;
  }
}

const MOST_KEPT = 500_000;

/**
 * Reads a flow; names of address sets are looked up in `sets`.
 * @throws FlowError with one line that names the field's text and what was expected
 */
export function readFlow(fields: FlowFields, sets: ReadonlyMap<string, AddressSet>): Flow {
  const { service, source, destination } = new FlowReader(sets).read(fields);
  return { ...service, source, destination };
}

function readService(fields: FlowFields, sets: ReadonlyMap<string, AddressSet>): FlowService {
  const sourcePorts = readNumbers("srcPort", fields.srcPort, "port", 65_535);
  const destinationPorts = readNumbers("dstPort", fields.dstPort, "port", 65_535);
  const icmpTypes = readNumbers("icmpType", fields.icmpType, "ICMP type", 255);
  const icmpCodes = readNumbers("icmpCode", fields.icmpCode, "ICMP code", 255);
  const portField = fields.dstPort === undefined ? "srcPort" : "dstPort";
  const hasPorts = sourcePorts !== null || destinationPorts !== null;
  const hasIcmp = icmpTypes !== null || icmpCodes !== null;
  if (hasPorts && hasIcmp) throw new FlowError("icmpType", "a flow has ports or an ICMP type, not both");

  const asked = readProtocols(fields.protocol);
  if (asked !== null && hasPorts && !contains(PORT_PROTOCOLS, asked)) {
    throw new FlowError(portField, `ports exist in tcp, udp and sctp only, not in ${fields.protocol}`);
  }
  if (asked !== null && hasIcmp && !contains(ICMP_PROTOCOLS, asked)) {
    throw new FlowError(
      "icmpType",
      `ICMP types and codes exist in icmp and ipv6-icmp only, not in ${fields.protocol}`,
    );
  }
  return {
    directions: readDirections(fields.direction),
    protocols: asked ?? (hasPorts ? single(TCP) : hasIcmp ? ICMP_PROTOCOLS : null),
    protocolsAsked: asked !== null,
    sourcePorts,
    destinationPorts,
    icmpTypes,
    icmpCodes,
    sourceMacs: readMacs("srcMac", fields.srcMac, sets),
    destinationMacs: readMacs("dstMac", fields.dstMac, sets),
    etherTypes: readEtherTypes(fields.etherType),
  };
}

/** A field of several values is a list with commas. */
export function fieldWords(text: string): string[] {
  return text.split(",").map((word) => word.trim());
}

/** The text of a field that narrows the flow; null where it is every value. */
function narrowing(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" || trimmed.toLowerCase() === "any" ? null : trimmed;
}

function readDirections(field: string | undefined): readonly Direction[] {
  const text = narrowing(field);
  if (text === null || text === "inout") return DIRECTIONS;
  const found = new Set(fieldWords(text.toLowerCase()));
  const directions = DIRECTIONS.filter((direction) => found.has(direction));
  if (directions.length < found.size)
    throw new FlowError("direction", `"${text}" is not a direction: expected in or out`);
  return directions;
}

function readNumbers(
  field: keyof FlowFields,
  value: string | undefined,
  what: string,
  most: number,
): Ranges<number> | null {
  const text = narrowing(value);
  if (text === null) return null;
  const spans = fieldWords(text).map((word): Span<number> => {
    const match = /^(\d{1,9})(?:\s*-\s*(\d{1,9}))?$/.exec(word);
    const first = Number(match?.[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (match === null || last > most || first > most) {
      throw new FlowError(
        field,
        `"${word}" is not a ${what}: expected a number from 0 to ${most}, a range or a list`,
      );
    }
    if (first > last) throw new FlowError(field, `the range "${word}" ends before it begins`);
    return { first, last };
  });
  return fromSpans(spans);
}

function readProtocols(value: string | undefined): Ranges<number> | null {
  const text = narrowing(value);
  if (text === null || text.toLowerCase() === "ip") return null;
  const spans = fieldWords(text).map((word): Span<number> => {
    const number = protocolNumber(word);
    if (number === null) {
      throw new FlowError("protocol", `"${word}" is not a protocol${closest(word, knownProtocolNames())}`);
    }
    if (number > 255) throw new FlowError("protocol", `there is no protocol ${word}: numbers end at 255`);
    return { first: number, last: number };
  });
  return fromSpans(spans);
}

function readAddresses(
  field: "src" | "dst",
  value: string | undefined,
  sets: ReadonlyMap<string, AddressSet>,
): FlowAddresses {
  const text = narrowing(value);
  if (text === null) return { ipv4: IPV4_ALL, ipv6: IPV6_ALL };
  let ipv4: Ranges<number> = [];
  let ipv6: Ranges<bigint> = [];
  for (const word of fieldWords(text)) {
    const addresses = readAddressOrSet(field, word, sets);
    ipv4 = union(ipv4, addresses.ipv4);
    ipv6 = union(ipv6, addresses.ipv6);
  }
  if (isEmpty(ipv4) && isEmpty(ipv6)) throw new FlowError(field, `"${text}" holds no IP address`);
  return { ipv4, ipv6 };
}

function readAddressOrSet(
  field: "src" | "dst" | "srcMac" | "dstMac",
  word: string,
  sets: ReadonlyMap<string, AddressSet>,
): AddressRanges {
  const set = sets.get(word);
  if (set !== undefined) {
    if (set.uncertainty !== null)
      throw new FlowError(field, `"${word}" cannot be used here: ${set.uncertainty}`);
    return set.must;
  }
  try {
    return addressRanges([parseAddress(word)]);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    if (looksLikeAddress(word)) {
      throw new FlowError(field, `"${word}" is not an address: ${error.message}`);
    }
    throw new FlowError(
      field,
      `"${word}" is neither an address nor a defined address set${closest(word, sets.keys())}`,
    );
  }
}

/** What has the letters of an address is meant as one; all else is meant as a name. */
export function looksLikeAddress(word: string): boolean {
  return /^[\d.:/a-f\s-]*$/i.test(word) && /[.:]/.test(word);
}

function readMacs(
  field: "srcMac" | "dstMac",
  value: string | undefined,
  sets: ReadonlyMap<string, AddressSet>,
): Ranges<number> {
  const text = narrowing(value);
  if (text === null) return MAC_ALL;
  const macs = fieldWords(text)
    .map((word) => readAddressOrSet(field, word, sets).mac)
    .reduce((all, more) => union(all, more));
  if (isEmpty(macs)) throw new FlowError(field, `"${text}" is not a MAC address`);
  return macs;
}

function readEtherTypes(value: string | undefined): Ranges<number> | null {
  if (value === undefined || value.trim() === "") return null;
  const text = narrowing(value);
  if (text === null) return [0, 65_536];
  const spans = fieldWords(text).map((word): Span<number> => {
    const number = etherTypeNumber(word);
    if (number === null || number > 65_535) {
      throw new FlowError(
        "etherType",
        `"${word}" is not an EtherType: expected a name such as arp, or a number such as 0x0806`,
      );
    }
    return { first: number, last: number };
  });
  return fromSpans(spans);
}

function checkFamilies(
  fields: FlowFields,
  source: FlowAddresses,
  destination: FlowAddresses,
  protocols: Ranges<number> | null,
): void {
  const ipv4 = !isEmpty(source.ipv4) && !isEmpty(destination.ipv4);
  const ipv6 = !isEmpty(source.ipv6) && !isEmpty(destination.ipv6);
  if (!ipv4 && !ipv6) {
    const name = (addresses: FlowAddresses): string => (isEmpty(addresses.ipv4) ? "IPv6" : "IPv4");
    throw new FlowError(
      "dst",
      `source ${fields.src} is ${name(source)} and destination ${fields.dst} is ${name(destination)}: no packet has both`,
    );
  }
  if (!ipv4 || !ipv6) checkProtocols(protocols, ipv4 ? "ipv4" : "ipv6");
}

function checkProtocols(protocols: Ranges<number> | null, family: Family): void {
  if (protocols === null) return;
  if (family === "ipv6" && contains(ONLY_ICMP, protocols)) {
    throw new FlowError("protocol", "icmp exists in IPv4 only: ask for ipv6-icmp between IPv6 addresses");
  }
  if (family === "ipv4" && contains(ONLY_IPV6_ICMP, protocols)) {
    throw new FlowError("protocol", "ipv6-icmp exists in IPv6 only: ask for icmp between IPv4 addresses");
  }
}

/** ` (closest: a, b)` for the names that a person could have meant; empty if none comes close. */
export function closest(word: string, names: Iterable<string>): string {
  // Any name holds a letter or two of a very short word: that is not what was meant.
  const holds = (name: string): boolean => word.length > 2 && name.toLowerCase().includes(word.toLowerCase());
  const near = [...names]
    .filter((name) => Math.abs(name.length - word.length) <= 3 || holds(name))
    .map((name) => ({ name, distance: holds(name) ? 1 : leven(word.toLowerCase(), name.toLowerCase()) }))
    .filter(
      ({ distance, name }) => distance < word.length && distance <= Math.max(2, Math.floor(name.length / 4)),
    )
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3);
  return near.length === 0 ? "" : ` (closest: ${near.map(({ name }) => name).join(", ")})`;
}
