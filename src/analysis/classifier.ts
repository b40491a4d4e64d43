import type { Rule } from "../model/rule.ts";
import type { Box } from "./boxes.ts";
import { ALL, NONE } from "./dimension.ts";
import type { Entry } from "./entries.ts";
import { FIELDS, planeOf, type Plane } from "./planes.ts";

/** Classes of one field that a box may touch and still be answered by points; wider ones need a walk of the list. */
const MOST_CLASSES = 64;
const MOST_POINTS = 256;
/** Answers kept by point; past that all are forgotten. */
const MOST_KEPT = 1_000_000;

const UNCERTAIN = -2;

/**
 * Answers which rule decides, for packets one after the other, without walking the list: a packet's classes lead to
 * the few sets that hold them, those to their rules, and of these the first counts.
 */
export class Classifier {
  readonly #entries: readonly Entry[];
  readonly #planes: ReadonlyMap<string, PlaneClassifier>;

  constructor(entries: readonly Entry[], planes: readonly Plane[]) {
    this.#entries = entries;
    this.#planes = new Map(planes.map((plane) => [plane.name, new PlaneClassifier(entries, plane)]));
  }

  /**
   * The rules that decide the packets of a box, null standing for none; or null if the box is too wide for this, or
   * if something depends on what the dump does not say.
   */
  deciders(box: Box): ReadonlySet<Rule | null> | null {
    const plane = this.#planes.get(planeOf(box.kind));
    if (plane === undefined) return new Set([null]);
    const indexes = plane.deciders(box);
    if (indexes === null) return null;
    return new Set([...indexes].map((index) => (index === NONE ? null : this.#entries[index]!.rule)));
  }
}

class PlaneClassifier {
  readonly #plane: Plane;
  /** Which rules decide for certain where they match. */
  readonly #certain: Uint8Array;
  /** Rules by source set, those with every source apart. */
  readonly #bySource: readonly number[][];
  /** Rules with every source by destination set. */
  readonly #everySource: readonly number[][];
  readonly #kept = new Map<number, number>();
  /** Whether a set holds the point that is being looked at, for each field. */
  readonly #holding: readonly Uint8Array[];

  constructor(entries: readonly Entry[], plane: Plane) {
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
    this.#holding = plane.dimensions.map(({ sets }) => {
      const holding = new Uint8Array(sets.length);
      holding[ALL] = 1;
      return holding;
    });
  }

  deciders(box: Box): ReadonlySet<number> | null {
    const classes = this.#plane.classesIn(box, MOST_CLASSES);
    if (classes === null) return null;
    if (classes.reduce((product, { length }) => product * length, 1) > MOST_POINTS) return null;
    const found = new Set<number>();
    const [sources, destinations, sourcePorts, headers] = classes as [number[], number[], number[], number[]];
    for (const source of sources) {
      for (const destination of destinations) {
        for (const sourcePort of sourcePorts) {
          for (const header of headers) {
            const rule = this.#first(source, destination, sourcePort, header);
            if (rule === UNCERTAIN) return null;
            found.add(rule);
          }
        }
      }
    }
    return found;
  }

  #first(source: number, destination: number, sourcePort: number, header: number): number {
    const [, d, p, h] = this.#plane.dimensions;
    const key = ((source * d.classCount + destination) * p.classCount + sourcePort) * h.classCount + header;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const rule = this.#find([source, destination, sourcePort, header]);
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    if (Number.isSafeInteger(key)) this.#kept.set(key, rule);
    return rule;
  }

  /** The first rule at a point; `NONE` if there is none, `UNCERTAIN` if that rule may or may not decide. */
  #find(point: readonly number[]): number {
    const { may, dimensions } = this.#plane;
    const held = dimensions.map((dimension, field) =>
      dimension.holders.subarray(
        dimension.holderStart[point[field]!]!,
        dimension.holderStart[point[field]! + 1]!,
      ),
    );
    for (let field = 0; field < FIELDS; field += 1)
      for (const set of held[field]!) this.#holding[field]![set] = 1;
    const [sources, destinations, sourcePorts, headers] = this.#holding;
    let first = NONE;
    const look = (rules: readonly number[]): void => {
      for (const rule of rules) {
        if (first !== NONE && rule >= first) return;
        const at = rule * FIELDS;
        if (
          headers![may[at + 3]!] === 1 &&
          destinations![may[at + 1]!] === 1 &&
          sources![may[at]!] === 1 &&
          sourcePorts![may[at + 2]!] === 1
        ) {
          first = rule;
          return;
        }
      }
    };
    for (const set of held[0]!) look(this.#bySource[set]!);
    for (const set of held[1]!) look(this.#everySource[set]!);
    look(this.#everySource[ALL]!);
    for (let field = 0; field < FIELDS; field += 1)
      for (const set of held[field]!) this.#holding[field]![set] = 0;
    return first === NONE || this.#certain[first] === 1 ? first : UNCERTAIN;
  }
}
