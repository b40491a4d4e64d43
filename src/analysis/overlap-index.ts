import { ALL, DISJOINT, NONE } from "./dimension.ts";
import { FIELDS, type Plane } from "./planes.ts";

const SOURCE = 0;
const DESTINATION = 1;
/** Rules in kept lists; past that all are forgotten and made again. */
const MOST_KEPT = 50_000_000;

type End = typeof SOURCE | typeof DESTINATION;

/**
 * Finds the rules of a plane that overlap a rule without walking the list: by the sets that overlap its source, or
 * by those that overlap its destination, whichever are fewer. Rules from `any` overlap every source, so they are
 * found by their destination, and the reverse.
 */
export class OverlapIndex {
  readonly #plane: Plane;
  /** For source and destination: the rules by their set in that field, apart from those with every address. */
  readonly #bySet: readonly [RuleTable, RuleTable];
  /** For source and destination: the rules with every address in that field, by their set in the other. */
  readonly #everywhere: readonly [RuleTable, RuleTable];
  /** For source and destination: the rules with every address in that field, in order. */
  readonly #everyInOrder: readonly [Int32Array, Int32Array];
  readonly #kept = new Map<number, Int32Array>();
  #keptRules = 0;
  readonly #found: Int32Array;

  /** @param counts rules that are not wanted are never found */
  constructor(plane: Plane, counts: (rule: number) => boolean = () => true) {
    this.#plane = plane;
    const { may } = plane;
    const present = Array.from({ length: may.length / FIELDS }, (_, rule) => rule).filter(
      (rule) => may[rule * FIELDS] !== NONE && counts(rule),
    );
    const isEvery = (rule: number, field: End): boolean => may[rule * FIELDS + field] === ALL;
    const table = (field: End, every: End, whether: boolean): RuleTable =>
      tableOf(
        plane,
        field,
        present.filter((rule) => isEvery(rule, every) === whether),
      );
    this.#bySet = [table(SOURCE, SOURCE, false), table(DESTINATION, DESTINATION, false)];
    this.#everywhere = [table(DESTINATION, SOURCE, true), table(SOURCE, DESTINATION, true)];
    this.#everyInOrder = [
      Int32Array.from(present.filter((rule) => isEvery(rule, SOURCE))),
      Int32Array.from(present.filter((rule) => isEvery(rule, DESTINATION))),
    ];
    this.#found = new Int32Array(present.length);
  }

  /** Indexes of the rules before `before` that possibly match a packet which the rule possibly matches, in order. */
  overlapping(index: number, before: number): number[] {
    const { may, dimensions } = this.#plane;
    const at = index * FIELDS;
    if (may[at] === NONE) return [];
    const candidates = this.#betweenSameEnds(may[at]!, may[at + 1]!);
    if (candidates.length === 0 || candidates[0]! >= before) return [];
    const [sourcePorts, headers] = [dimensions[2], dimensions[3]].map((dimension, field) => {
      const set = may[at + 2 + field]!;
      return dimension.relationsTo(set, dimension.sets[set]!);
    });
    const found: number[] = [];
    for (const rule of candidates) {
      if (rule >= before) break;
      const other = rule * FIELDS;
      if (headers![may[other + 3]!] !== DISJOINT && sourcePorts![may[other + 2]!] !== DISJOINT)
        found.push(rule);
    }
    return found;
  }

  /**
   * The first rule behind `after` that possibly takes the packets at a point; null if there is none. Few sets hold one
   * class, so the rules are found by those of its source, or of its destination, whichever are fewer.
   */
  firstHolding(point: readonly number[], after: number): number | null {
    let first = Infinity;
    for (const { rules, start, end } of this.#fewestHolding(point)) {
      for (let at = firstAbove(rules, start, end, after); at < end; at += 1) {
        const rule = rules[at]!;
        if (rule >= first) break;
        if (this.#holds(rule, point, NONE)) first = rule;
      }
    }
    return first === Infinity ? null : first;
  }

  /** Rules before `before`, in any order, that possibly take the packets at a point, whatever they are in one field. */
  holdingBut(field: number, point: readonly number[], before: number): number[] {
    const runs =
      field === SOURCE || field === DESTINATION
        ? this.#atEnd(otherEnd(field), point, null)
        : this.#fewestHolding(point);
    const found: number[] = [];
    for (const { rules, start, end } of runs) {
      for (let at = start; at < end; at += 1) {
        const rule = rules[at]!;
        if (rule >= before) break;
        if (this.#holds(rule, point, field)) found.push(rule);
      }
    }
    return found;
  }

  /** Whether a rule possibly takes the packets at a point, whatever they are in one field. */
  #holds(rule: number, point: readonly number[], but: number): boolean {
    const { may, dimensions } = this.#plane;
    // Headers tell rules apart most often.
    for (let field = FIELDS - 1; field >= 0; field -= 1)
      if (field !== but && !dimensions[field]!.holds(may[rule * FIELDS + field]!, point[field]!))
        return false;
    return true;
  }

  /** Where the rules stand that may have a point, found by its source or its destination. */
  #fewestHolding(point: readonly number[]): readonly Run[] {
    const bySource = this.#atEnd(SOURCE, point, point[DESTINATION]!);
    const byDestination = this.#atEnd(DESTINATION, point, point[SOURCE]!);
    return countOf(bySource) <= countOf(byDestination) ? bySource : byDestination;
  }

  /**
   * Where the rules stand that may have a point at one end.
   * @param other its class at the other end; null where that does not matter
   */
  #atEnd(field: End, point: readonly number[], other: number | null): Run[] {
    const runs: Run[] = [];
    const { dimensions } = this.#plane;
    const bySet = this.#bySet[field];
    for (const set of dimensions[field].setsWith(point[field]!)) addRun(runs, bySet, set);
    if (other === null) {
      const rules = this.#everyInOrder[field];
      runs.push({ rules, start: 0, end: rules.length });
      return runs;
    }
    const everywhere = this.#everywhere[field];
    addRun(runs, everywhere, ALL);
    for (const set of dimensions[otherEnd(field)].setsWith(other)) addRun(runs, everywhere, set);
    return runs;
  }

  /** Rules whose addresses overlap, in order; kept, because the lines of one manager's rule have the same addresses. */
  #betweenSameEnds(source: number, destination: number): Int32Array {
    const key = source * this.#plane.dimensions[DESTINATION].sets.length + destination;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const bySource = this.#count(SOURCE, source, destination);
    const byDestination = this.#count(DESTINATION, destination, source);
    const found =
      bySource <= byDestination
        ? this.#find(SOURCE, source, destination)
        : this.#find(DESTINATION, destination, source);
    const sorted = found.sort();
    this.#keptRules += sorted.length;
    if (this.#keptRules > MOST_KEPT) {
      this.#kept.clear();
      this.#keptRules = sorted.length;
    }
    this.#kept.set(key, sorted);
    return sorted;
  }

  /** How many rules have to be looked at if they are found by this field. */
  #count(field: End, own: number, other: number): number {
    const candidates = this.#bySet[field].starts;
    const fitting = this.#everywhere[field].starts;
    let total = 0;
    for (const set of this.#row(field, own)) total += candidates[set + 1]! - candidates[set]!;
    for (const set of this.#row(otherEnd(field), other)) total += fitting[set + 1]! - fitting[set]!;
    return total;
  }

  /** The rules that overlap these sets, in any order. */
  #find(field: End, own: number, other: number): Int32Array {
    const dimension = this.#plane.dimensions[otherEnd(field)];
    const relations = dimension.relationsTo(other, dimension.sets[other]!);
    const found = this.#found;
    let count = 0;
    const { starts, rules, others } = this.#bySet[field];
    for (const set of this.#row(field, own)) {
      for (let at = starts[set]!; at < starts[set + 1]!; at += 1) {
        if (relations[others[at]!] === DISJOINT) continue;
        found[count] = rules[at]!;
        count += 1;
      }
    }
    // With every address in this field, they overlap if they do so in the other.
    const fitting = this.#everywhere[field];
    for (const set of this.#row(otherEnd(field), other)) {
      for (let at = fitting.starts[set]!; at < fitting.starts[set + 1]!; at += 1) {
        found[count] = fitting.rules[at]!;
        count += 1;
      }
    }
    return found.slice(0, count);
  }

  /** The sets that overlap a set. */
  #row(field: End, set: number): Int32Array {
    return this.#plane.dimensions[field].row(set).overlapping;
  }
}

/** The place of the first number above a limit, in a part of a list that is sorted. */
function firstAbove(sorted: Int32Array, start: number, end: number, limit: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function otherEnd(field: End): End {
  return field === SOURCE ? DESTINATION : SOURCE;
}

/** A part of a list of rules, in order. */
interface Run {
  readonly rules: Int32Array;
  readonly start: number;
  readonly end: number;
}

function addRun(runs: Run[], { starts, rules }: RuleTable, set: number): void {
  const [start, end] = [starts[set]!, starts[set + 1]!];
  if (start < end) runs.push({ rules, start, end });
}

function countOf(runs: readonly Run[]): number {
  return runs.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Rules by their set in one of the two fields: those of set s are entries `starts[s] … starts[s + 1])`. */
interface RuleTable {
  readonly starts: Int32Array;
  readonly rules: Int32Array;
  /** The set of each in the other field. */
  readonly others: Int32Array;
}

function tableOf({ may, dimensions }: Plane, field: End, present: readonly number[]): RuleTable {
  const count = dimensions[field].sets.length;
  const starts = new Int32Array(count + 1);
  for (const rule of present) starts[may[rule * FIELDS + field]! + 1]! += 1;
  for (let set = 0; set < count; set += 1) starts[set + 1]! += starts[set]!;
  const next = starts.slice();
  const rules = new Int32Array(present.length);
  const others = new Int32Array(present.length);
  for (const rule of present) {
    const set = may[rule * FIELDS + field]!;
    rules[next[set]!] = rule;
    others[next[set]!] = may[rule * FIELDS + otherEnd(field)]!;
    next[set]! += 1;
  }
  return { starts, rules, others };
}
