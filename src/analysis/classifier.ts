import type { Ranges } from "../model/ranges.ts";
import type { Rule } from "../model/rule.ts";
import type { Box } from "./boxes.ts";
import { Places, emptyBits, setBit } from "./bits.ts";
import { ALL, NONE } from "./dimension.ts";
import type { Entry } from "./entries.ts";
import { FIELDS, planeOf, type Plane } from "./planes.ts";

/** Classes of one field that a region may touch and still be answered by points; wider ones need a walk of the list. */
const MOST_CLASSES = 64;
const MOST_POINTS = 256;

/** Numbers in kept shortlists, all in all; past that they are forgotten and made again. */
const MOST_KEPT = 32_000_000;

/** What a region asks beside the addresses, worked out once for all regions that ask the same. */
export interface ServiceQuestion {
  readonly plane: PlaneClassifier | null;
  readonly sourcePorts: readonly number[];
  readonly headers: readonly number[];
}

/**
 * Answers which rule decides, for packets one after the other, without walking the list: a packet's classes lead to
 * the few sets that hold them, those to their rules, and of these the first counts.
 */
export class Classifier {
  readonly #planes: ReadonlyMap<string, PlaneClassifier>;

  constructor(entries: readonly Entry[], planes: readonly Plane[]) {
    this.#planes = new Map(planes.map((plane) => [plane.name, new PlaneClassifier(entries, plane)]));
  }

  /** Prepares a box whose addresses do not matter; null if it is too wide to be answered by points. */
  prepare(box: Box): ServiceQuestion | null {
    const plane = this.#planes.get(planeOf(box.kind));
    if (plane === undefined) return { plane: null, sourcePorts: [], headers: [] };
    const classes = plane.serviceClasses(box);
    return classes === null ? null : { plane, ...classes };
  }
}

/** Whether a question about so many pairs of address classes is answered by points. */
export function isNarrow({ sourcePorts, headers }: ServiceQuestion, pairs: number): boolean {
  return pairs * sourcePorts.length * headers.length <= MOST_POINTS;
}

/** One plane of a list. */
export class PlaneClassifier {
  readonly #entries: readonly Entry[];
  readonly #plane: Plane;
  /** Which rules decide for certain where they match. */
  readonly #certain: Uint8Array;
  readonly #byHeader: RulesBySet;
  /** By source port and header; rules with every header are in one of their own, by source port. */
  readonly #shortlists = new Map<number, Shortlist>();
  #kept = 0;
  /** For each set of destinations the number of the last point whose destination it holds. */
  readonly #heldAt: Float64Array;
  #point = 0;

  constructor(entries: readonly Entry[], plane: Plane) {
    this.#entries = entries;
    this.#plane = plane;
    this.#certain = Uint8Array.from(entries, ({ rule, may, must }) =>
      Number(rule.decides && rule.conditions.length === 0 && may === must),
    );
    const present = entries.map((_, rule) => rule).filter((rule) => plane.may[rule * FIELDS] !== NONE);
    this.#byHeader = new RulesBySet(present, plane, HEADER);
    this.#heldAt = new Float64Array(plane.dimensions[1].sets.length);
  }

  serviceClasses(box: Box): { sourcePorts: readonly number[]; headers: readonly number[] } | null {
    return this.#plane.serviceClasses(box, MOST_CLASSES);
  }

  /** The classes of source or destination that addresses touch; null if they are too wide for points. */
  addressClasses(field: 0 | 1, addresses: Ranges): readonly number[] | null {
    return this.#plane.addressClasses(field, addresses, MOST_CLASSES);
  }

  /** The class of source or destination that one IPv4 address is in. */
  hostClass(field: 0 | 1, address: number): number {
    return this.#plane.hostClass(field, address);
  }

  /**
   * The rule that decides the packets of one class a field; null if none does, undefined if it depends on what the
   * dump does not say.
   */
  deciderAt(
    source: number,
    destination: number,
    sourcePort: number,
    header: number,
  ): Rule | null | undefined {
    const [, { holderStart, holders }] = this.#plane.dimensions;
    const heldAt = this.#heldAt;
    this.#point += 1;
    heldAt[ALL] = this.#point;
    const end = holderStart[destination + 1]!;
    for (let i = holderStart[destination]!; i < end; i += 1) heldAt[holders[i]!] = this.#point;
    let first = this.#firstOf(this.#shortlist(sourcePort, EVERY_HEADER), source, destination, NEVER);
    first = this.#firstOf(this.#shortlist(sourcePort, header), source, destination, first);
    if (first === NEVER) return null;
    return this.#certain[first] === 1 ? this.#entries[first]!.rule : undefined;
  }

  /** The first rule of a shortlist at a point whose destination is marked, or `before` if none comes before that. */
  #firstOf(shortlist: Shortlist, source: number, destination: number, before: number): number {
    const [sources, destinations] = this.#plane.dimensions;
    const { anywhere, bySource } = shortlist;
    let first = Math.min(before, shortlist.everywhere);
    if (anywhere.places.count > 0) {
      const end = destinations.holderStart[destination + 1]!;
      for (let i = destinations.holderStart[destination]!; i < end; i += 1) {
        const place = anywhere.places.of(destinations.holders[i]!);
        if (place !== NONE) first = Math.min(first, anywhere.rules[anywhere.starts[place]!]!);
      }
    }
    if (bySource.places.count > 0) {
      const { may } = this.#plane;
      const end = sources.holderStart[source + 1]!;
      for (let i = sources.holderStart[source]!; i < end; i += 1) {
        const place = bySource.places.of(sources.holders[i]!);
        if (place === NONE) continue;
        for (let at = bySource.starts[place]!; at < bySource.starts[place + 1]!; at += 1) {
          const rule = bySource.rules[at]!;
          if (rule >= first) break;
          if (this.#heldAt[may[rule * FIELDS + DESTINATION]!] === this.#point) first = rule;
        }
      }
    }
    return first;
  }

  #shortlist(sourcePort: number, header: number): Shortlist {
    const key = sourcePort * (this.#plane.dimensions[3].classCount + 1) + header + 1;
    const known = this.#shortlists.get(key);
    if (known !== undefined) return known;
    const shortlist = this.#makeShortlist(sourcePort, header);
    const size = shortlist.anywhere.size + shortlist.bySource.size;
    this.#kept += size;
    if (this.#kept > MOST_KEPT) {
      this.#shortlists.clear();
      this.#kept = size;
    }
    this.#shortlists.set(key, shortlist);
    return shortlist;
  }

  #makeShortlist(sourcePort: number, header: number): Shortlist {
    const { may, dimensions } = this.#plane;
    const portSets = dimensions[2].holdersOf(sourcePort);
    const headerSets = header === EVERY_HEADER ? [ALL] : dimensions[3].holdersOf(header);
    const fitting: number[] = [];
    for (const set of headerSets) {
      for (const rule of this.#byHeader.of(set)) {
        const ports = may[rule * FIELDS + SOURCE_PORT]!;
        if (ports === ALL || portSets.has(ports)) fitting.push(rule);
      }
    }
    fitting.sort((a, b) => a - b);
    const isEverySource = (rule: number): boolean => may[rule * FIELDS] === ALL;
    const isEverywhere = (rule: number): boolean =>
      isEverySource(rule) && may[rule * FIELDS + DESTINATION] === ALL;
    const everywhere = fitting.find(isEverywhere) ?? NEVER;
    const before = fitting.filter((rule) => rule < everywhere);
    return {
      everywhere,
      anywhere: new RulesBySet(before.filter(isEverySource), this.#plane, DESTINATION),
      bySource: new RulesBySet(
        before.filter((rule) => !isEverySource(rule)),
        this.#plane,
        SOURCE,
      ),
    };
  }
}

const SOURCE = 0;
const DESTINATION = 1;
const SOURCE_PORT = 2;
const HEADER = 3;
/** Stands behind every rule. */
const NEVER = 2 ** 31 - 1;
/** Stands for the rules that match every header. */
const EVERY_HEADER = -1;

/** The rules that match at one source port and header, as far as they can be first there. */
interface Shortlist {
  /** The first rule from every source to every destination, behind which the others do not count; or `NEVER`. */
  readonly everywhere: number;
  /** Rules from every source, by destination. */
  readonly anywhere: RulesBySet;
  readonly bySource: RulesBySet;
}

/** Rules by the set that they have in one field. */
class RulesBySet {
  /** Of the sets that have any. */
  readonly places: Places;
  /** Those of the set at place p are entries `starts[p] … starts[p + 1])`, in the order that they were given in. */
  readonly starts: Int32Array;
  readonly rules: Int32Array;

  constructor(rules: readonly number[], { may, dimensions }: Plane, field: 0 | 1 | 3) {
    const bits = emptyBits(dimensions[field].sets.length);
    for (const rule of rules) setBit(bits, may[rule * FIELDS + field]!);
    this.places = new Places(bits);
    this.starts = new Int32Array(this.places.count + 1);
    const placeOf = (rule: number): number => this.places.of(may[rule * FIELDS + field]!);
    for (const rule of rules) this.starts[placeOf(rule) + 1]! += 1;
    for (let place = 0; place < this.places.count; place += 1) this.starts[place + 1]! += this.starts[place]!;
    this.rules = new Int32Array(rules.length);
    const next = this.starts.slice();
    for (const rule of rules) {
      const place = placeOf(rule);
      this.rules[next[place]!] = rule;
      next[place]! += 1;
    }
  }

  /** The rules of one set. */
  of(set: number): Int32Array {
    const place = this.places.of(set);
    return place === NONE
      ? this.rules.subarray(0, 0)
      : this.rules.subarray(this.starts[place], this.starts[place + 1]);
  }

  /** How many numbers it keeps. */
  get size(): number {
    return this.places.size + this.starts.length + this.rules.length;
  }
}
