import { ALL, DISJOINT, NONE, type Dimension } from "./dimension.ts";
import { FIELDS, type Plane } from "./planes.ts";

const SOURCE = 0;
const DESTINATION = 1;
/** Rules in kept lists; past that all are forgotten and made again. */
const MOST_CACHED = 50_000_000;

/**
 * Finds the rules of a plane that overlap a rule without walking the list: by the sets that overlap its source, or
 * by those that overlap its destination, whichever are fewer. Rules from `any` overlap every source, so they are
 * found by their destination, and the reverse.
 */
export class OverlapIndex {
  readonly #plane: Plane;
  /** For source and destination: the rules by their set in that field, apart from those with every address. */
  readonly #bySet: readonly [number[][], number[][]];
  /** For source and destination: the rules with every address in that field, by their set in the other. */
  readonly #everywhere: readonly [number[][], number[][]];
  readonly #cache = new Map<number, Map<number, Int32Array>>();
  #cached = 0;

  constructor(plane: Plane) {
    this.#plane = plane;
    const [source, destination] = plane.dimensions;
    this.#bySet = [emptyLists(source), emptyLists(destination)];
    this.#everywhere = [emptyLists(destination), emptyLists(source)];
    for (let rule = 0; rule * FIELDS < plane.may.length; rule += 1) {
      const from = plane.may[rule * FIELDS + SOURCE]!;
      const to = plane.may[rule * FIELDS + DESTINATION]!;
      if (from === NONE) continue;
      if (from === ALL) this.#everywhere[SOURCE][to]!.push(rule);
      else this.#bySet[SOURCE][from]!.push(rule);
      if (to === ALL) this.#everywhere[DESTINATION][from]!.push(rule);
      else this.#bySet[DESTINATION][to]!.push(rule);
    }
  }

  /** Indexes of the rules before `before` that possibly match a packet which the rule possibly matches, in order. */
  overlapping(index: number, before: number): number[] {
    const { may, dimensions } = this.#plane;
    const start = index * FIELDS;
    if (may[start] === NONE) return [];
    const bySource = this.#lists(SOURCE, may[start]!, may[start + 1]!);
    const byDestination = this.#lists(DESTINATION, may[start + 1]!, may[start]!);
    const size = (lists: readonly Int32Array[]): number =>
      lists.reduce((sum, rules) => sum + rules.length, 0);
    const lists = size(bySource) <= size(byDestination) ? bySource : byDestination;
    const [sources, destinations, sourcePorts, headers] = dimensions.map((dimension, field) => {
      const set = may[start + field]!;
      return dimension.relationsTo(set, dimension.sets[set]!);
    });
    const found: number[] = [];
    for (const rules of lists) {
      for (let i = 0; i < rules.length; i += 1) {
        const rule = rules[i]!;
        if (rule >= before) break;
        const at = rule * FIELDS;
        if (headers![may[at + 3]!] === DISJOINT) continue;
        if (destinations![may[at + 1]!] === DISJOINT || sources![may[at]!] === DISJOINT) continue;
        if (sourcePorts![may[at + 2]!] === DISJOINT) continue;
        found.push(rule);
      }
    }
    return found.sort((a, b) => a - b);
  }

  /** Two sorted lists of rules among which are all that overlap, found by one field. */
  #lists(
    field: typeof SOURCE | typeof DESTINATION,
    own: number,
    other: number,
  ): readonly [Int32Array, Int32Array] {
    const otherField = field === SOURCE ? DESTINATION : SOURCE;
    return [
      this.#joined(field, this.#bySet[field], field, own),
      this.#joined(FIELDS + field, this.#everywhere[field], otherField, other),
    ];
  }

  /** The rules of all sets that overlap a set of a field, kept for the next rule with the same set. */
  #joined(cache: number, lists: readonly (readonly number[])[], field: number, set: number): Int32Array {
    const known = this.#cache.get(cache)?.get(set);
    if (known !== undefined) return known;
    let length = 0;
    const overlapping = this.#plane.dimensions[field]!.row(set).overlapping;
    for (const other of overlapping) length += lists[other]!.length;
    const joined = new Int32Array(length);
    let at = 0;
    for (const other of overlapping) {
      joined.set(lists[other]!, at);
      at += lists[other]!.length;
    }
    joined.sort();
    this.#cached += length;
    if (this.#cached > MOST_CACHED) {
      this.#cache.clear();
      this.#cached = length;
    }
    const bySet = this.#cache.get(cache) ?? new Map<number, Int32Array>();
    bySet.set(set, joined);
    this.#cache.set(cache, bySet);
    return joined;
  }
}

function emptyLists(dimension: Dimension): number[][] {
  return dimension.sets.map(() => []);
}
