import { ALL, DISJOINT, NONE, type Dimension } from "./dimension.ts";
import { FIELDS, type Plane } from "./planes.ts";

const SOURCE = 0;
const DESTINATION = 1;
/** Rules in kept lists; past that all are forgotten and made again. */
const MOST_KEPT = 50_000_000;

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
  readonly #kept = new Map<number, Int32Array>();
  #keptRules = 0;

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
    const at = index * FIELDS;
    if (may[at] === NONE) return [];
    const [sourcePorts, headers] = [dimensions[2], dimensions[3]].map((dimension, field) => {
      const set = may[at + 2 + field]!;
      return dimension.relationsTo(set, dimension.sets[set]!);
    });
    const found: number[] = [];
    for (const rule of this.#betweenSameEnds(may[at]!, may[at + 1]!)) {
      if (rule >= before) break;
      const other = rule * FIELDS;
      if (headers![may[other + 3]!] !== DISJOINT && sourcePorts![may[other + 2]!] !== DISJOINT)
        found.push(rule);
    }
    return found;
  }

  /** Rules whose addresses overlap, in order; kept, because the lines of one manager's rule have the same addresses. */
  #betweenSameEnds(source: number, destination: number): Int32Array {
    const [sources, destinations] = this.#plane.dimensions;
    const key = source * destinations.sets.length + destination;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const bySource = this.#lists(SOURCE, source, destination);
    const byDestination = this.#lists(DESTINATION, destination, source);
    const { fitting, candidates } = bySource.total <= byDestination.total ? bySource : byDestination;
    const [other, set] = candidates === bySource.candidates ? [DESTINATION, destination] : [SOURCE, source];
    const dimension = other === SOURCE ? sources : destinations;
    const relations = dimension.relationsTo(set, dimension.sets[set]!);
    const { may } = this.#plane;
    const found: number[] = [];
    for (const rules of candidates)
      for (const rule of rules) if (relations[may[rule * FIELDS + other]!] !== DISJOINT) found.push(rule);
    for (const rules of fitting) for (const rule of rules) found.push(rule);
    const sorted = Int32Array.from(found).sort();
    this.#keptRules += sorted.length;
    if (this.#keptRules > MOST_KEPT) {
      this.#kept.clear();
      this.#keptRules = sorted.length;
    }
    this.#kept.set(key, sorted);
    return sorted;
  }

  /** Lists of rules among which are all that overlap, found by one field. */
  #lists(field: typeof SOURCE | typeof DESTINATION, own: number, other: number): Lists {
    const otherField = field === SOURCE ? DESTINATION : SOURCE;
    let total = 0;
    const pick = (lists: readonly (readonly number[])[], by: number, set: number): (readonly number[])[] => {
      const picked: (readonly number[])[] = [];
      for (const overlapping of this.#plane.dimensions[by]!.row(set).overlapping) {
        const rules = lists[overlapping]!;
        if (rules.length === 0) continue;
        picked.push(rules);
        total += rules.length;
      }
      return picked;
    };
    const candidates = pick(this.#bySet[field], field, own);
    const fitting = pick(this.#everywhere[field], otherField, other);
    return { candidates, fitting, total };
  }
}

interface Lists {
  /** Rules that overlap in the field that they were found by; the other is to be looked at. */
  readonly candidates: readonly (readonly number[])[];
  /** Rules with every address in that field, which overlap in the other: they overlap. */
  readonly fitting: readonly (readonly number[])[];
  readonly total: number;
}

function emptyLists(dimension: Dimension): number[][] {
  return dimension.sets.map(() => []);
}
