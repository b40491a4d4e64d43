import {
  ALL_ADDRESSES,
  AddressError,
  NO_ADDRESSES,
  addressRanges,
  parseAddress,
  type AddressRanges,
} from "../../model/address.ts";
import { knownProtocolNames, protocolNumber } from "../../model/protocols.ts";
import { fromSpans, toSpans, union, type Ranges } from "../../model/ranges.ts";
import { PORT_PROTOCOLS } from "../../model/service.ts";
import type { NamedService, Path } from "./configuration.ts";

/** A text of the file, and where it stands. */
export interface PlacedText {
  readonly text: string;
  readonly path: Path;
}

/** Where mistakes are told. */
export interface Report {
  problem(path: Path, message: string, expected: string): void;
  /** The names that were probably meant, in words; of thousands of mistakes nobody reads them all. */
  closest(word: string, names: Iterable<string>): string;
}

/** The texts of a value that is a text or a list of texts; what is neither is the schema's business. */
export function textsOf(value: unknown, path: Path): PlacedText[] {
  if (typeof value === "string") return wordsOf(value, path);
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown, index) =>
    typeof item === "string" ? wordsOf(item, [...path, index]) : [],
  );
}

const MOST_NESTED = 50;

function wordsOf(text: string, path: Path): PlacedText[] {
  return text.split(",").map((word) => ({ text: word.trim(), path }));
}

/**
 * Names with what they stand for, each worked out when it is first asked for. A name is looked up in the list that it
 * stands in, and none may lead back to itself.
 */
abstract class Names<T> {
  readonly #definitions: ReadonlyMap<string, readonly PlacedText[]>;
  readonly #known: Map<string, T>;
  /** Names that are being worked out, outermost first. */
  readonly #open: string[] = [];
  protected readonly report: Report;
  protected abstract readonly what: string;

  /** @param outer names of another file; one that this file defines itself means what it says here */
  constructor(value: unknown, path: Path, report: Report, outer: ReadonlyMap<string, T> = new Map()) {
    const entries = isRecord(value) ? Object.entries(value) : [];
    this.#definitions = new Map(entries.map(([name, given]) => [name, textsOf(given, [...path, name])]));
    this.#known = new Map([...outer].filter(([name]) => !this.#definitions.has(name)));
    this.report = report;
  }

  get names(): string[] {
    return [...new Set([...this.#definitions.keys(), ...this.#known.keys()])];
  }

  all(): Map<string, T> {
    return new Map(this.names.map((name) => [name, this.named(name, [])]));
  }

  has(name: string): boolean {
    return this.#definitions.has(name) || this.#known.has(name);
  }

  /** Everything that the texts stand for together; what cannot be read is reported and left out. */
  of(texts: readonly PlacedText[]): T {
    return this.join(
      texts.map(({ text, path }) => (this.has(text) ? this.named(text, path) : this.literal(text, path))),
    );
  }

  private named(name: string, path: Path): T {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#open.includes(name)) {
      const circle = [...this.#open.slice(this.#open.indexOf(name)), name].join(" -> ");
      this.report.problem(
        path,
        `${this.what} lead back to themselves: ${circle}`,
        "names that end in values",
      );
      return this.join([]);
    }
    if (this.#open.length > MOST_NESTED) {
      this.report.problem(
        path,
        `"${name}" is nested too deeply`,
        `at most ${MOST_NESTED} names within each other`,
      );
      return this.join([]);
    }
    this.#open.push(name);
    const value = this.of(this.#definitions.get(name)!);
    this.#open.pop();
    this.#known.set(name, value);
    return value;
  }

  protected abstract literal(text: string, path: Path): T;
  protected abstract join(parts: readonly T[]): T;
}

export class Networks extends Names<AddressRanges> {
  protected readonly what = "networks";

  protected literal(text: string, path: Path): AddressRanges {
    if (text.toLowerCase() === "any") return ALL_ADDRESSES;
    try {
      return addressRanges([parseAddress(text)]);
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      // What has the letters of an address is meant as one; all else is meant as a name.
      const isAddress = /^[\d.:/a-f\s-]*$/i.test(text) && /[.:\d]/.test(text);
      if (isAddress) this.report.problem(path, `"${text}" is no address: ${error.message}`, ADDRESS);
      else
        this.report.problem(
          path,
          `there is no network "${text}"${this.report.closest(text, this.names)}`,
          ADDRESS,
        );
      return NO_ADDRESSES;
    }
  }

  protected join(parts: readonly AddressRanges[]): AddressRanges {
    return {
      ipv4: fromSpans(parts.flatMap(({ ipv4 }) => toSpans(ipv4))),
      ipv6: fromSpans(parts.flatMap(({ ipv6 }) => toSpans(ipv6))),
      mac: fromSpans(parts.flatMap(({ mac }) => toSpans(mac))),
    };
  }
}

const ADDRESS = "an address, a CIDR, a range or the name of a network";
const SERVICE = "a protocol with ports, such as tcp/443 or udp/5000-5010, or the name of a service";

export class Services extends Names<NamedService> {
  protected readonly what = "services";

  protected literal(text: string, path: Path): NamedService {
    const slash = text.indexOf("/");
    const protocolText = slash === -1 ? text : text.slice(0, slash);
    // Names that may be meant: of a service where there are no ports, of a protocol in any case.
    const number = protocolNumber(protocolText.trim());
    if (number === null || number > 255) {
      const names = slash === -1 ? [...this.names, ...knownProtocolNames()] : knownProtocolNames();
      const message =
        slash === -1 ? `"${text}" is neither a service nor a protocol` : `"${protocolText}" is no protocol`;
      this.report.problem(path, `${message}${this.report.closest(protocolText, names)}`, SERVICE);
      return [];
    }
    if (/^\d+$/.test(text) && number > 0) {
      this.report.problem(path, `"${text}" has no protocol`, `tcp/${text}, udp/${text} or the like`);
      return [];
    }
    if (slash === -1) return [{ protocol: number, ports: null }];
    if (!PORT_PROTOCOLS.includes(number)) {
      this.report.problem(path, `ports exist in tcp, udp and sctp only, not in ${protocolText}`, SERVICE);
      return [];
    }
    const ports = this.#ports(text.slice(slash + 1).trim(), path);
    return ports === null ? [] : [{ protocol: number, ports }];
  }

  #ports(text: string, path: Path): Ranges<number> | null {
    const [, first, last = first] = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(text) ?? [];
    if (first === undefined || Number(first) > 65_535 || Number(last) > 65_535) {
      this.report.problem(path, `"${text}" is no port`, "a number from 0 to 65535, or a range of two");
      return null;
    }
    if (Number(first) > Number(last)) {
      this.report.problem(path, `the range "${text}" ends before it begins`, "the lower port first");
      return null;
    }
    return fromSpans([{ first: Number(first), last: Number(last) }]);
  }

  protected join(parts: readonly NamedService[]): NamedService {
    const ports = new Map<number, Ranges<number> | null>();
    for (const part of parts.flat()) {
      const before = ports.get(part.protocol);
      ports.set(
        part.protocol,
        before === null || part.ports === null ? null : union(before ?? [], part.ports),
      );
    }
    return [...ports].map(([protocol, ranges]) => ({ protocol, ports: ranges }));
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
