import {
  countBits,
  emptyBits,
  firstCommonBit,
  hasBit,
  indexesOf,
  intersectsBits,
  isSubsetOf,
  setBit,
  type Bits,
} from "./bits.ts";
import { DISJOINT, NONE, PARTIAL, WHOLE, type ClassList } from "./dimension.ts";
import { FIELDS, type Plane } from "./planes.ts";

/** Work left, shared by all searches of one question, so that no input can hang the program. */
export interface Budget {
  steps: number;
}

/** A product of one set of classes a field of a plane; an id where the set is one of the dimension's own. */
export interface Region {
  readonly lists: readonly ClassList[];
  readonly ids: readonly number[];
}

/** The region that a rule's own sets make; null if it has no packet in this plane. */
export function ruleRegion(plane: Plane, boxes: Int32Array, rule: number): Region | null {
  if (boxes[rule * FIELDS] === NONE) return null;
  const ids = [...boxes.subarray(rule * FIELDS, rule * FIELDS + FIELDS)];
  return { ids, lists: ids.map((id, field) => plane.dimensions[field]!.sets[id]!) };
}

export type Cover =
  /** Every packet of the region is taken by one of these rules. */
  | { readonly type: "covered"; readonly by: readonly number[] }
  /** No rule takes this point of the region: one class a field. */
  | { readonly type: "gap"; readonly point: readonly number[] }
  /** The budget ran out first. */
  | { readonly type: "undecided" };

/**
 * Decides whether rules together take every packet of a region. Three steps, each only where the one before leaves
 * it open:
 *
 * 1. A rule that takes the whole region alone.
 * 2. A directed search for a gap: field by field, step to the class that the fewest rules hold, and keep only those.
 * 3. The exact proof. The region's classes are merged where no rule tells them apart. Then field by field every
 *    merged class is tried with the rules that hold it; the last field is a plain look whether each of its classes is
 *    held. A class whose rules include all those of a class already proven is proven with it, so only the classes with
 *    the fewest rules cost anything.
 *
 * @param rules indexes of the rules that may be used, the preferred ones first
 * @param boxes which sets of the plane count as the rules' packets
 */
export function findGap(
  plane: Plane,
  region: Region,
  rules: readonly number[],
  boxes: Int32Array,
  budget: Budget,
): Cover {
  const relations = relationsOf(plane, region);
  const candidates: number[] = [];
  budget.steps -= rules.length;
  for (const rule of rules) {
    let whole = true;
    let disjoint = false;
    for (let field = 0; field < FIELDS && !disjoint; field += 1) {
      const set = boxes[rule * FIELDS + field]!;
      const relation = set === NONE ? DISJOINT : relations[field]![set]!;
      disjoint = relation === DISJOINT;
      whole &&= relation === WHOLE;
    }
    if (disjoint) continue;
    if (whole) return { type: "covered", by: [rule] };
    candidates.push(rule);
  }
  const search = new Search(plane, region, candidates, boxes, relations, budget);
  const point = search.directed();
  if (point !== null) return { type: "gap", point };
  return search.exact();
}

/** How every set lies to the region, for each field; it holds until the next region is asked about. */
function relationsOf(plane: Plane, { ids, lists }: Region): Uint8Array[] {
  return plane.dimensions.map((dimension, field) => dimension.relationsTo(ids[field]!, lists[field]!));
}

/** Those of a cover's rules that hold some packet of the region alone, so that none of them can be left out. */
export function essentialOf(
  plane: Plane,
  region: Region,
  rules: readonly number[],
  boxes: Int32Array,
  budget: Budget,
): readonly number[] {
  const relations = relationsOf(plane, region);
  const touching = rules.filter((rule) =>
    relations.every((relation, field) => {
      const set = boxes[rule * FIELDS + field]!;
      return set !== NONE && relation[set] !== DISJOINT;
    }),
  );
  return new Search(plane, region, touching, boxes, relations, budget).essential();
}

/** A class of the region in one field that stands for all classes which the same candidates hold. */
interface Group {
  readonly representative: number;
  /** Bits over the candidates. */
  readonly held: Bits;
  readonly count: number;
}

class Search {
  readonly #plane: Plane;
  readonly #region: Region;
  readonly #candidates: readonly number[];
  readonly #boxes: Int32Array;
  readonly #relations: readonly Uint8Array[];
  readonly #budget: Budget;

  constructor(
    plane: Plane,
    region: Region,
    candidates: readonly number[],
    boxes: Int32Array,
    relations: readonly Uint8Array[],
    budget: Budget,
  ) {
    this.#plane = plane;
    this.#region = region;
    this.#candidates = candidates;
    this.#boxes = boxes;
    this.#relations = relations;
    this.#budget = budget;
  }

  #setOf(rule: number, field: number): number {
    return this.#boxes[rule * FIELDS + field]!;
  }

  /** A point that no candidate takes, if stepping greedily to the least held class of a field finds one. */
  directed(): number[] | null {
    const point: number[] = Array.from({ length: FIELDS }, () => NONE);
    let active = this.#candidates;
    const open = new Set([3, 1, 0, 2]);
    while (active.length > 0) {
      let best: { field: number; c: number; left: readonly number[] } | null = null;
      for (const field of open) {
        const step = this.#leastHeld(field, active);
        if (best === null || step.left.length < best.left.length) best = { field, ...step };
        if (best.left.length === 0) break;
      }
      if (best === null) return null;
      point[best.field] = best.c;
      open.delete(best.field);
      active = best.left;
    }
    for (const field of open) point[field] = this.#region.lists[field]?.[0] ?? this.#plane.plainClass[field]!;
    return point;
  }

  /** The class of the region that the fewest of these rules hold, and those. */
  #leastHeld(field: number, rules: readonly number[]): { c: number; left: readonly number[] } {
    const dimension = this.#plane.dimensions[field]!;
    const list = this.#region.lists[field]!;
    const weights = new Map<number, number>();
    for (const rule of rules) {
      const set = this.#setOf(rule, field);
      if (this.#relations[field]![set] === PARTIAL) weights.set(set, (weights.get(set) ?? 0) + 1);
    }
    this.#budget.steps -= rules.length + dimension.sizeOf(weights.keys());
    const c = dimension.leastHeldClass(list, weights, this.#plane.plainClass[field]!);
    if (weights.size === 0) return { c, left: rules };
    return { c, left: rules.filter((rule) => dimension.holds(this.#setOf(rule, field), c)) };
  }

  exact(): Cover {
    const answer = this.#prove(null);
    if (answer === null) return { type: "undecided" };
    if (answer.point !== null) return { type: "gap", point: answer.point };
    return { type: "covered", by: this.#candidates.filter((_, index) => hasBit(answer.used, index)) };
  }

  /** Candidates of a cover that hold some packet alone; not always all of them. */
  essential(): number[] {
    const essential = emptyBits(this.#candidates.length);
    this.#prove(essential);
    return this.#candidates.filter((_, index) => hasBit(essential, index));
  }

  /**
   * The exact proof; `essential` collects candidates that hold something alone. Null if the budget ran out, else the
   * gap, or null for none, and candidates that are enough.
   */
  #prove(essential: Bits | null): { point: number[] | null; used: Bits } | null {
    const count = this.#candidates.length;
    const used = emptyBits(count);
    const last = this.#widestField();
    const levels: { field: number; groups: Group[]; whole: Bits }[] = [];
    for (let field = 0; field < FIELDS; field += 1) {
      if (field === last) continue;
      levels.push({ field, ...this.#groups(field) });
      if (this.#budget.steps < 0) return null;
    }
    levels.sort((a, b) => a.groups.length - b.groups.length);
    // What takes all of the fields from a level on takes the rest alone.
    const wholeFrom: Bits[] = levels.map(({ whole }) => whole.slice());
    const wholeLast = this.#wholeIn(last);
    for (const [level, whole] of wholeFrom.entries()) {
      for (const later of levels.slice(level + 1)) andInto(whole, later.whole);
      andInto(whole, wholeLast);
    }
    wholeFrom.push(wholeLast);
    const point: number[] = Array.from({ length: FIELDS }, () => NONE);

    /** True if proven; false with `point` set if there is a gap; null if the budget ran out. */
    const prove = (level: number, active: Bits): boolean | null => {
      this.#budget.steps -= active.length;
      const holders = essential === null ? 0 : countBits(active);
      if (essential !== null && holders === 1) setBit(essential, firstCommonBit(active, active));
      const alone = wholeFrom[level]!;
      if ((essential === null || holders === 1) && intersectsBits(alone, active)) {
        const both = andBits(alone, active);
        if (!intersectsBits(both, used)) setBit(used, firstCommonBit(both, both));
        return true;
      }
      if (level === levels.length) {
        const missed = this.#missedClass(last, active, used, essential);
        if (this.#budget.steps < 0) return null;
        if (missed === NONE) return true;
        point[last] = missed;
        return false;
      }
      const { field, groups } = levels[level]!;
      this.#budget.steps -= groups.length * active.length;
      if (this.#budget.steps < 0) return null;
      const tried = groups
        .map(({ held, representative }) => ({ held: andBits(held, active), representative }))
        .map((group) => ({ ...group, count: countBits(group.held) }))
        .sort((a, b) => a.count - b.count);
      const proven: Bits[] = [];
      for (const group of tried) {
        point[field] = group.representative;
        if (group.count === 0) {
          for (const { field: rest, groups: classes } of levels.slice(level + 1))
            point[rest] = classes[0]!.representative;
          point[last] = this.#region.lists[last]?.[0] ?? this.#plane.plainClass[last]!;
          return false;
        }
        this.#budget.steps -= proven.length * group.held.length;
        if (this.#budget.steps < 0) return null;
        if (proven.some((smaller) => isSubsetOf(smaller, group.held))) continue;
        const answer = prove(level + 1, group.held);
        if (answer !== true) return answer;
        proven.push(group.held);
      }
      return true;
    };

    const everything = emptyBits(count);
    for (let index = 0; index < count; index += 1) setBit(everything, index);
    const answer = prove(0, everything);
    return answer === null ? null : { point: answer ? null : point, used };
  }

  /** The field with the most classes to look at: it is looked at without merging its classes first. */
  #widestField(): number {
    let widest = 0;
    let most = -1;
    for (let field = 0; field < FIELDS; field += 1) {
      const dimension = this.#plane.dimensions[field]!;
      const sets = new Set(this.#candidates.map((rule) => this.#setOf(rule, field)));
      const extent = Math.min(
        this.#region.lists[field]?.length ?? dimension.classCount,
        dimension.sizeOf(sets),
      );
      if (extent > most) {
        widest = field;
        most = extent;
      }
    }
    return widest;
  }

  #wholeIn(field: number): Bits {
    const whole = emptyBits(this.#candidates.length);
    for (const [index, rule] of this.#candidates.entries()) {
      if (this.#relations[field]![this.#setOf(rule, field)] === WHOLE) setBit(whole, index);
    }
    return whole;
  }

  /**
   * A class of the region's last field that no active candidate holds; `NONE` if there is none. Adds to `used` what is
   * needed beside what is used anyway, and to `essential` what holds a class alone.
   */
  #missedClass(field: number, active: Bits, used: Bits, essential: Bits | null): number {
    const dimension = this.#plane.dimensions[field]!;
    const bySet = new Map<number, number[]>();
    // What is used already comes first, so that as little as possible is added.
    for (const wanted of [true, false]) {
      for (const index of indexesOf(active)) {
        if (hasBit(used, index) !== wanted) continue;
        const set = this.#setOf(this.#candidates[index]!, field);
        const others = bySet.get(set);
        if (others === undefined) bySet.set(set, [index]);
        else if (essential !== null) others.push(index);
      }
    }
    const cover = dimension.coverOf(
      this.#region.lists[field]!,
      [...bySet.keys()],
      this.#plane.plainClass[field]!,
    );
    this.#budget.steps -= cover.work;
    if (cover.missed !== NONE) return cover.missed;
    for (const set of cover.needed) setBit(used, bySet.get(set)![0]!);
    if (essential !== null) {
      for (const set of cover.alone) if (bySet.get(set)!.length === 1) setBit(essential, bySet.get(set)![0]!);
    }
    return NONE;
  }

  /** The region's classes of one field, merged where the same candidates hold them, the least held first. */
  #groups(field: number): { groups: Group[]; whole: Bits } {
    const dimension = this.#plane.dimensions[field]!;
    const list = this.#region.lists[field]!;
    const whole = emptyBits(this.#candidates.length);
    const bySet = new Map<number, Bits>();
    for (const [index, rule] of this.#candidates.entries()) {
      const set = this.#setOf(rule, field);
      if (this.#relations[field]![set] === WHOLE) setBit(whole, index);
      else {
        const bits = bySet.get(set) ?? emptyBits(this.#candidates.length);
        setBit(bits, index);
        bySet.set(set, bits);
      }
    }
    const classes = dimension.mergedClasses(list, [...bySet.keys()], this.#plane.plainClass[field]!);
    this.#budget.steps -= dimension.sizeOf(bySet.keys()) + classes.length * whole.length;
    const groups = classes.map((representative) => {
      const held = whole.slice();
      for (const set of dimension.holdersOf(representative)) {
        const bits = bySet.get(set);
        if (bits !== undefined) orInto(held, bits);
      }
      return { representative, held, count: countBits(held) };
    });
    groups.sort((a, b) => a.count - b.count);
    return { groups, whole };
  }
}

function andBits(a: Bits, b: Bits): Bits {
  const result = a.slice();
  andInto(result, b);
  return result;
}

function andInto(target: Bits, other: Bits): void {
  for (let word = 0; word < target.length; word += 1) target[word]! &= other[word]!;
}

function orInto(target: Bits, other: Bits): void {
  for (let word = 0; word < target.length; word += 1) target[word]! |= other[word]!;
}
