import ipaddr from "ipaddr.js";
import { fromSpans, toSpans, type Ranges, type Span } from "./ranges.ts";

/** Addresses of all families, as one address set holds them. */
export interface AddressRanges {
  readonly ipv4: Ranges<number>;
  readonly ipv6: Ranges<bigint>;
  readonly mac: Ranges<number>;
}

export type AddressFamily = keyof AddressRanges;

export const IPV4_ALL: Ranges<number> = [0, 2 ** 32];
export const IPV6_ALL: Ranges<bigint> = [0n, 1n << 128n];
export const MAC_ALL: Ranges<number> = [0, 2 ** 48];
/** fe80::/10: they hold on one segment only. */
export const IPV6_LINK_LOCAL: Ranges<bigint> = [0xfe80n << 112n, 0xfec0n << 112n];

export const NO_ADDRESSES: AddressRanges = { ipv4: [], ipv6: [], mac: [] };
export const ALL_ADDRESSES: AddressRanges = { ipv4: IPV4_ALL, ipv6: IPV6_ALL, mac: MAC_ALL };

export type AddressSpan =
  ({ readonly family: "ipv4" | "mac" } & Span<number>) | ({ readonly family: "ipv6" } & Span<bigint>);

/** Why a text is no address, in words that follow the text: `"10.0.0.300" is not an address: …`. */
export class AddressError extends Error {}

/**
 * Reads an address, a CIDR or a range `a-b`. Strict: four decimal octets without leading zeros, prefix lengths
 * within the family, both ends of a range of one family and in order. Host bits behind a prefix are ignored, as
 * a packet filter does.
 */
export function parseAddress(text: string): AddressSpan {
  if (/^[0-9a-f]{1,2}(?:([:-])[0-9a-f]{1,2})(?:\1[0-9a-f]{1,2}){4}$/i.test(text)) return parseMac(text);
  const dash = text.indexOf("-");
  if (dash !== -1) {
    const first = parseAddress(text.slice(0, dash).trim());
    const last = parseAddress(text.slice(dash + 1).trim());
    if (first.family !== last.family)
      throw new AddressError("the two ends of the range are of different families");
    if (first.first !== first.last || last.first !== last.last) {
      throw new AddressError("the ends of a range are single addresses");
    }
    if (first.first > last.first) throw new AddressError("the range ends before it begins");
    return { family: first.family, first: first.first, last: last.first } as AddressSpan;
  }
  const slash = text.indexOf("/");
  const host = slash === -1 ? text : text.slice(0, slash);
  const length = slash === -1 ? null : text.slice(slash + 1);
  return host.includes(":") ? parseIpv6(host, length) : parseIpv4(host, length);
}

function parseMac(text: string): AddressSpan {
  const value = Number.parseInt(
    text
      .split(/[:-]/)
      .map((octet) => octet.padStart(2, "0"))
      .join(""),
    16,
  );
  return { family: "mac", first: value, last: value };
}

function parseIpv4(host: string, lengthText: string | null): AddressSpan {
  const value = ipv4Host(host) ?? notIpv4(host);
  const blockSize = 2 ** (32 - prefixLength(lengthText, 32));
  const first = value - (value % blockSize);
  return { family: "ipv4", first, last: first + blockSize - 1 };
}

/** The IPv4 address, in its usual form, that a part of a text is; null for everything else. */
export function ipv4Host(text: string, start = 0, end = text.length): number | null {
  let value = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let index = start; index < end; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 46) {
      if (digits === 0 || dots === 3) return null;
      value = value * 256 + octet;
      octet = 0;
      digits = 0;
      dots += 1;
    } else {
      const digit = code - 48;
      // A leading zero may mean octal.
      if (digit < 0 || digit > 9 || (digits > 0 && octet === 0)) return null;
      octet = octet * 10 + digit;
      digits += 1;
      if (octet > 255) return null;
    }
  }
  return dots === 3 && digits > 0 ? value * 256 + octet : null;
}

function notIpv4(host: string): never {
  const octets = host.split(".");
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet))) {
    throw new AddressError(
      "expected an IPv4 address of four decimal numbers, an IPv6 address or a MAC address",
    );
  }
  if (octets.some((octet) => octet.length > 1 && octet.startsWith("0"))) {
    throw new AddressError("a number with a leading zero may mean octal");
  }
  throw new AddressError("a number is over 255");
}

function parseIpv6(host: string, lengthText: string | null): AddressSpan {
  if (host.includes("%")) throw new AddressError("a zone does not belong into an address of a firewall rule");
  if (!ipaddr.IPv6.isValid(host)) throw new AddressError("expected an IPv6 address");
  let value = 0n;
  for (const part of ipaddr.IPv6.parse(host).parts) value = (value << 16n) | BigInt(part);
  const hostBits = BigInt(128 - prefixLength(lengthText, 128));
  const first = (value >> hostBits) << hostBits;
  return { family: "ipv6", first, last: first + (1n << hostBits) - 1n };
}

function prefixLength(text: string | null, bits: number): number {
  if (text === null) return bits;
  if (!/^(?:0|[1-9]\d{0,2})$/.test(text) || Number(text) > bits) {
    throw new AddressError(`expected a prefix length from 0 to ${bits} behind the slash`);
  }
  return Number(text);
}

export function addressRanges(spans: readonly AddressSpan[]): AddressRanges {
  const ipv4: Span<number>[] = [];
  const ipv6: Span<bigint>[] = [];
  const mac: Span<number>[] = [];
  for (const span of spans) {
    if (span.family === "ipv6") ipv6.push(span);
    else if (span.family === "ipv4") ipv4.push(span);
    else mac.push(span);
  }
  return { ipv4: fromSpans(ipv4), ipv6: fromSpans(ipv6), mac: fromSpans(mac) };
}

export function printIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

export function printIpv6(value: bigint): string {
  const parts: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) parts.push(Number((value >> shift) & 0xffffn));
  return new ipaddr.IPv6(parts).toRFC5952String();
}

export function printMac(value: number): string {
  return value
    .toString(16)
    .padStart(12, "0")
    .replace(/..(?=.)/g, "$&:");
}

export function printAddress(family: AddressFamily, value: number | bigint): string {
  if (family === "ipv6") return printIpv6(BigInt(value));
  return family === "ipv4" ? printIpv4(Number(value)) : printMac(Number(value));
}

/** The shortest usual form of each range: an address, a CIDR where the range is one, else `first-last`. */
export function printAddresses(family: AddressFamily, ranges: Ranges): string[] {
  const bits = { ipv4: 32, ipv6: 128, mac: 48 }[family];
  return toSpans(ranges).map(({ first, last }) => {
    if (first === last) return printAddress(family, first);
    const count = BigInt(last) - BigInt(first) + 1n;
    const isCidr = (count & (count - 1n)) === 0n && BigInt(first) % count === 0n;
    if (family !== "mac" && isCidr) {
      return `${printAddress(family, first)}/${bits - (count.toString(2).length - 1)}`;
    }
    return `${printAddress(family, first)}-${printAddress(family, last)}`;
  });
}
