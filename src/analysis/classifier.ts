import type { Ranges } from "../model/ranges.ts";
import type { Rule } from "../model/rule.ts";
import type { Box } from "./boxes.ts";
import { ALL, NONE, type Dimension } from "./dimension.ts";
import type { Entry } from "./entries.ts";
import { FIELDS, planeOf, type Plane } from "./planes.ts";

/** Classes of one field that a region may touch and still be answered by points; wider ones need a walk of the list. */
const MOST_CLASSES = 64;
const MOST_POINTS = 256;

const UNCERTAIN = -2;

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

/** One plane of a list. */
export class PlaneClassifier {
  readonly #entries: readonly Entry[];
  readonly #plane: Plane;
  /** Which rules decide for certain where they match. */
  readonly #certain: Uint8Array;
  /** Rules by source set, those with every source apart. */
  readonly #bySource: readonly number[][];
  /** Rules with every source by destination set. */
  readonly #everySource: readonly number[][];
  readonly #services = new Map<number, ServiceAt>();
  /** For each set of destinations, whether it holds the one that is being looked at. */
  readonly #holdingDestination: Uint8Array;

  constructor(entries: readonly Entry[], plane: Plane) {
    this.#entries = entries;
    this.#plane = plane;
    this.#certain = Uint8Array.from(entries, ({ rule, may, must }) =>
      Number(rule.decides && rule.conditions.length === 0 && may === must),
    );
    const [source, destination] = plane.dimensions;
    this.#bySource = source.sets.map(() => []);
    this.#everySource = destination.sets.map(() => []);
    for (let rule = 0; rule < entries.length; rule += 1) {
      const from = plane.may[rule * FIELDS]!;
      if (from === NONE) continue;
      if (from === ALL) this.#everySource[plane.may[rule * FIELDS + 1]!]!.push(rule);
      else this.#bySource[from]!.push(rule);
    }
    this.#holdingDestination = new Uint8Array(destination.sets.length);
    this.#holdingDestination[ALL] = 1;
  }

  serviceClasses(box: Box): { sourcePorts: readonly number[]; headers: readonly number[] } | null {
    return this.#plane.serviceClasses(box, MOST_CLASSES);
  }

  /**
   * Adds the rules that decide packets between these addresses to `deciders`, null standing for none. False if the
   * addresses are too wide for this, or if something depends on what the dump does not say.
   */
  addDeciders(
    source: Ranges,
    destination: Ranges,
    service: ServiceQuestion,
    deciders: Set<Rule | null>,
  ): boolean {
    const sources = this.#plane.addressClasses(0, source, MOST_CLASSES);
    const destinations = this.#plane.addressClasses(1, destination, MOST_CLASSES);
    if (sources === null || destinations === null) return false;
    const { sourcePorts, headers } = service;
    if (sources.length * destinations.length * sourcePorts.length * headers.length > MOST_POINTS)
      return false;
    for (const s of sources) {
      for (const d of destinations) {
        for (const p of sourcePorts) {
          for (const h of headers) {
            const index = this.#find(s, d, p, h);
            if (index === UNCERTAIN) return false;
            deciders.add(index === NONE ? null : this.#entries[index]!.rule);
          }
        }
      }
    }
    return true;
  }

  /** The first rule at a point; `NONE` if there is none, `UNCERTAIN` if that rule may or may not decide. */
  #find(source: number, destination: number, sourcePort: number, header: number): number {
    const [sources, destinations] = this.#plane.dimensions;
    const service = this.#serviceAt(sourcePort, header);
    const holding = this.#holdingDestination;
    const start = destinations.holderStart[destination]!;
    const end = destinations.holderStart[destination + 1]!;
    let first = service.everywhere;
    // From any source: the destination is right, only the service is to be looked at.
    for (let i = start; i < end; i += 1) {
      holding[destinations.holders[i]!] = 1;
      first = this.#firstOf(this.#everySource[destinations.holders[i]!]!, first, service);
    }
    for (let i = sources.holderStart[source]!; i < sources.holderStart[source + 1]!; i += 1) {
      first = this.#firstOf(this.#bySource[sources.holders[i]!]!, first, service);
    }
    for (let i = start; i < end; i += 1) holding[destinations.holders[i]!] = 0;
    if (first === Infinity) return NONE;
    return this.#certain[first] === 1 ? first : UNCERTAIN;
  }

  /** The first of these rules, in order, whose destination and service fit, if it comes before `before`. */
  #firstOf(rules: readonly number[], before: number, { sourcePorts, headers }: ServiceAt): number {
    const { may } = this.#plane;
    const destinations = this.#holdingDestination;
    for (let i = 0; i < rules.length; i += 1) {
      const rule = rules[i]!;
      if (rule >= before) return before;
      const at = rule * FIELDS;
      if (headers[may[at + 3]!] === 1 && destinations[may[at + 1]!] === 1 && sourcePorts[may[at + 2]!] === 1)
        return rule;
    }
    return before;
  }

  #serviceAt(sourcePort: number, header: number): ServiceAt {
    const [, , ports, all] = this.#plane.dimensions;
    const key = sourcePort * all.classCount + header;
    const known = this.#services.get(key);
    if (known !== undefined) return known;
    const service = {
      sourcePorts: setsHolding(ports, sourcePort),
      headers: setsHolding(all, header),
      everywhere: Infinity,
    };
    service.everywhere = this.#firstOf(this.#everySource[ALL]!, Infinity, service);
    this.#services.set(key, service);
    return service;
  }
}

/** What is the same for all points with one source port and header. */
interface ServiceAt {
  /** For each set of the field, 1 if it holds the class. */
  readonly sourcePorts: Uint8Array;
  readonly headers: Uint8Array;
  /** The first rule from any source to any destination; infinite if there is none. */
  readonly everywhere: number;
}

function setsHolding(dimension: Dimension, c: number): Uint8Array {
  const holding = new Uint8Array(dimension.sets.length);
  holding[ALL] = 1;
  for (let i = dimension.holderStart[c]!; i < dimension.holderStart[c + 1]!; i += 1)
    holding[dimension.holders[i]!] = 1;
  return holding;
}
