import ipaddr from "ipaddr.js";

/** `0-79`, `81-65535` reads better as everything but 80: what is missing is told where little is. */

interface Numbers {
  readonly read: (text: string) => bigint;
  readonly write: (value: bigint) => string;
  readonly bits: number;
  /** Whether a range may be written as `first/length`. */
  readonly blocks: boolean;
}

interface Span {
  readonly first: bigint;
  readonly last: bigint;
}

const PORTS: Numbers = { read: BigInt, write: String, bits: 16, blocks: false };
const IPV4: Numbers = {
  read: (text) => fromBytes(ipaddr.IPv4.parse(text).toByteArray()),
  write: (value) => new ipaddr.IPv4(toBytes(value, 4)).toString(),
  bits: 32,
  blocks: true,
};
const IPV6: Numbers = {
  read: (text) => fromBytes(ipaddr.IPv6.parse(text).toByteArray()),
  write: (value) => new ipaddr.IPv6(toBytes(value, 16)).toRFC5952String(),
  bits: 128,
  blocks: true,
};

export function missingPorts(values: readonly string[]): string[] | null {
  return missing(values, PORTS);
}

export function missingAddresses(values: readonly string[], family: "ipv4" | "ipv6"): string[] | null {
  return missing(values, family === "ipv4" ? IPV4 : IPV6);
}

/** What lies between the values, if they begin and end where all values do; else null. */
function missing(values: readonly string[], numbers: Numbers): string[] | null {
  const spans = values.map((text) => span(text, numbers));
  const all = 2n ** BigInt(numbers.bits) - 1n;
  if (spans.length < 2 || spans[0]!.first !== 0n || spans.at(-1)!.last !== all) return null;
  return spans.slice(1).flatMap(({ first }, index) => {
    const gap = { first: spans[index]!.last + 1n, last: first - 1n };
    return gap.first > gap.last ? [] : [write(gap, numbers)];
  });
}

/** An address block is written as such, like everywhere else. */
function write({ first, last }: Span, { write: text, bits, blocks }: Numbers): string {
  if (first === last) return text(first);
  const count = last - first + 1n;
  const length = count.toString(2).length - 1;
  if (blocks && count === 2n ** BigInt(length) && first % count === 0n)
    return `${text(first)}/${bits - length}`;
  return `${text(first)}-${text(last)}`;
}

function span(value: string, { read, bits }: Numbers): Span {
  const [start, end] = value.split("-") as [string, string?];
  if (end !== undefined) return { first: read(start), last: read(end) };
  const [address, length] = start.split("/") as [string, string?];
  const first = read(address);
  return { first, last: length === undefined ? first : first + 2n ** BigInt(bits - Number(length)) - 1n };
}

function fromBytes(bytes: readonly number[]): bigint {
  return bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n);
}

function toBytes(value: bigint, count: number): number[] {
  return Array.from({ length: count }, (_, index) =>
    Number((value >> BigInt(8 * (count - 1 - index))) & 255n),
  );
}
