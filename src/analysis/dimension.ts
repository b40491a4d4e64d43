import { NumbersMap } from "./numbers-map.ts";

/**
 * One field of packets, cut into the coarsest classes that the sets over it can tell apart: values that lie in
 * exactly the same sets are one class. A set is then a short list of classes, and two sets are compared by lists of
 * whole numbers, whatever the field. The idea is that of "atomic predicates" (Yang and Lam, 2013), a field at a time.
 */

/** A sorted list of classes; null is all of them. */
export type ClassList = Int32Array | null;

/** Whether a list holds a class. */
export function holdsClass(list: ClassList, c: number): boolean {
  if (list === null) return true;
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < c) low = middle + 1;
    else high = middle;
  }
  return list[low] === c;
}

/** The id of the set that holds every value. */
export const ALL = 0;
export const NONE = -1;

/** How a set lies to a region of the same field. */
export const DISJOINT = 0;
export const PARTIAL = 1;
export const WHOLE = 2;

/** Bytes of a dimension for the relations of its sets to each other. */
const MOST_KEPT_RELATIONS = 2_000_000;
/** Classes in kept groupings; past that all are forgotten and made again. */
const MOST_KEPT_CLASSES = 4_000_000;

/** What some sets hold of a list of classes. */
interface Group {
  readonly sets: readonly number[];
  readonly classes: Int32Array;
}

interface Grouping {
  readonly groups: readonly Group[];
  /** How much was looked at. */
  readonly work: number;
}

interface Row {
  /** Ids of the sets that have a class in common with the row's; `ALL` is one of them. */
  readonly overlapping: Int32Array;
  /** Ids of the sets that hold all of it. */
  readonly containing: Int32Array;
}

export class Dimension {
  readonly classCount: number;
  /** The class of each cell. */
  readonly classOf: Int32Array;
  /** By set id; entry `ALL` is null. */
  readonly sets: readonly ClassList[];
  /** Sets that hold a class, apart from `ALL`: those of class c are `holders[holderStart[c] … holderStart[c + 1])`. */
  readonly holders: Int32Array;
  readonly holderStart: Int32Array;
  /** The first cell of each class. */
  readonly firstCell: Int32Array;
  #cells: { readonly start: Int32Array; readonly cells: Int32Array } | null = null;
  readonly #rows = new Map<number, Row>();
  readonly #counts: Int32Array;
  /** A number a class, zero between uses. */
  readonly #scratch: Int32Array;
  readonly #marks: Uint8Array;
  readonly #relations: Uint8Array;
  readonly #keptRelations = new Map<number, Uint8Array>();
  #relationsToAll: Uint8Array | null = null;
  /** By the list that is grouped, and by the sets; the dimension itself stands for all classes. */
  #keptFirsts = new WeakMap<object, NumbersMap<Grouping>>();
  #keptSize = 0;
  /** For each class the last call of `#firstBySets` that took it. */
  readonly #takenIn: Int32Array;
  #calls = 0;
  /** The set that `#relations` is about, and where it is set. */
  #relatedTo = NONE;
  #related: ArrayLike<number> & Iterable<number> = [];

  private constructor(classOf: Int32Array, classCount: number, sets: readonly ClassList[]) {
    this.classOf = classOf;
    this.classCount = classCount;
    this.sets = sets;
    this.firstCell = firstCells(classOf, classCount);
    this.holderStart = new Int32Array(classCount + 1);
    for (const set of sets) if (set !== null) for (const c of set) this.holderStart[c + 1]! += 1;
    for (let c = 0; c < classCount; c += 1) this.holderStart[c + 1]! += this.holderStart[c]!;
    this.holders = new Int32Array(this.holderStart[classCount]!);
    const next = this.holderStart.slice();
    for (const [id, set] of sets.entries()) {
      if (set === null) continue;
      for (const c of set) {
        this.holders[next[c]!] = id;
        next[c]! += 1;
      }
    }
    this.#counts = new Int32Array(sets.length);
    this.#scratch = new Int32Array(classCount);
    this.#marks = new Uint8Array(classCount);
    this.#takenIn = new Int32Array(classCount);
    this.#relations = new Uint8Array(sets.length);
  }

  /**
   * @param cellCount the field's values, cut at every bound of every set
   * @param runs for each set its runs of cells: from, to (exclusive), from, to, …; none may be empty
   * @returns the dimension, and for each of the given sets its id
   */
  static build(cellCount: number, runs: readonly Int32Array[]): { dimension: Dimension; ids: Int32Array } {
    const { classOf, classCount } = refine(cellCount, runs);
    const sets: ClassList[] = [null];
    const stamp = new Int32Array(classCount).fill(-1);
    const buffer = new Int32Array(classCount);
    const ids = new Int32Array(runs.length);
    for (const [index, run] of runs.entries()) {
      let length = 0;
      for (let i = 0; i < run.length; i += 2) {
        for (let cell = run[i]!; cell < run[i + 1]!; cell += 1) {
          const c = classOf[cell]!;
          if (stamp[c] === index) continue;
          stamp[c] = index;
          buffer[length] = c;
          length += 1;
        }
      }
      if (length === classCount) ids[index] = ALL;
      else {
        ids[index] = sets.length;
        sets.push(buffer.slice(0, length).sort());
      }
    }
    return { dimension: new Dimension(classOf, classCount, sets), ids };
  }

  /** The cells of a class, in order. */
  cellsOf(c: number): Int32Array {
    if (this.#cells === null) {
      const start = new Int32Array(this.classCount + 1);
      for (const own of this.classOf) start[own + 1]! += 1;
      for (let own = 0; own < this.classCount; own += 1) start[own + 1]! += start[own]!;
      const next = start.slice();
      const cells = new Int32Array(this.classOf.length);
      for (const [cell, own] of this.classOf.entries()) {
        cells[next[own]!] = cell;
        next[own]! += 1;
      }
      this.#cells = { start, cells };
    }
    const { start, cells } = this.#cells;
    return cells.subarray(start[c], start[c + 1]);
  }

  /** The relations of one set to all others, worked out once. */
  row(id: number): Row {
    const known = this.#rows.get(id);
    if (known !== undefined) return known;
    const list = this.sets[id]!;
    const overlapping: number[] = [ALL];
    const containing: number[] = [ALL];
    if (list === null) for (let set = 1; set < this.sets.length; set += 1) overlapping.push(set);
    else {
      this.#countHolders(list, (set, count) => {
        overlapping.push(set);
        if (count === list.length) containing.push(set);
      });
    }
    const row = { overlapping: Int32Array.from(overlapping), containing: Int32Array.from(containing) };
    this.#rows.set(id, row);
    return row;
  }

  /** Whether a set holds a class. */
  holds(id: number, c: number): boolean {
    return holdsClass(this.sets[id]!, c);
  }

  /** Whether one set holds all of another. */
  contains(outer: number, inner: number): boolean {
    return outer === inner || this.row(inner).containing.includes(outer);
  }

  /**
   * How each set lies to a region, by set id: `DISJOINT`, `PARTIAL` or `WHOLE`. The region is one of the dimension's
   * own sets (`id`) or any list (`id` is `NONE`). The answer holds until the next call.
   */
  relationsTo(id: number, list: ClassList): Uint8Array {
    if (list === null) {
      this.#relationsToAll ??= new Uint8Array(this.sets.length).fill(PARTIAL);
      this.#relationsToAll[ALL] = WHOLE;
      return this.#relationsToAll;
    }
    const kept = id === NONE ? undefined : (this.#keptRelations.get(id) ?? this.#keepRelations(id));
    if (kept !== undefined) return kept;
    const relations = this.#relations;
    // The lines of one manager's rule ask for the same addresses one after the other.
    if (id !== NONE && id === this.#relatedTo) return relations;
    this.#relatedTo = id;
    for (const set of this.#related) relations[set] = DISJOINT;
    if (id === NONE) {
      const related: number[] = [];
      this.#countHolders(list, (set, count) => {
        relations[set] = count === list.length ? WHOLE : PARTIAL;
        related.push(set);
      });
      this.#related = related;
    } else {
      const { overlapping, containing } = this.row(id);
      for (const set of overlapping) relations[set] = PARTIAL;
      for (const set of containing) relations[set] = WHOLE;
      this.#related = overlapping;
    }
    relations[ALL] = WHOLE;
    return relations;
  }

  /** The few sets of headers and ports are asked about rule after rule; there is not room for all of many sets. */
  #keepRelations(id: number): Uint8Array | undefined {
    const count = this.sets.length;
    if ((this.#keptRelations.size + 1) * count > MOST_KEPT_RELATIONS) return undefined;
    const relations = new Uint8Array(count);
    const { overlapping, containing } = this.row(id);
    for (const set of overlapping) relations[set] = PARTIAL;
    for (const set of containing) relations[set] = WHOLE;
    this.#keptRelations.set(id, relations);
    return relations;
  }

  /** The sets that hold a class, apart from `ALL`. */
  holdersOf(c: number): ReadonlySet<number> {
    return new Set(this.setsWith(c));
  }

  /** The same as a list. */
  setsWith(c: number): Int32Array {
    return this.holders.subarray(this.holderStart[c], this.holderStart[c + 1]);
  }

  /** How many classes the sets hold, all in all: the work of going through them. */
  sizeOf(sets: Iterable<number>): number {
    let size = 0;
    for (const set of sets) size += this.sets[set]?.length ?? 0;
    return size;
  }

  /** The class of a list that the sets with the least weight hold; `plain` if nothing speaks against it. */
  leastHeldClass(list: ClassList, weights: ReadonlyMap<number, number>, plain: number): number {
    if (list !== null && this.#holderTotal(list) < this.sizeOf(weights.keys())) {
      return leastBy(list, (c) => {
        let held = 0;
        for (let i = this.holderStart[c]!; i < this.holderStart[c + 1]!; i += 1)
          held += weights.get(this.holders[i]!) ?? 0;
        return held;
      });
    }
    const held = this.#scratch;
    const touched: number[] = [];
    for (const [set, weight] of weights) {
      for (const c of this.sets[set]!) {
        if (held[c] === 0) touched.push(c);
        held[c]! += weight;
      }
    }
    const least = list === null ? this.#leastOfAll(held, plain) : leastBy(list, (c) => held[c]!);
    for (const c of touched) held[c] = 0;
    return least;
  }

  #holderTotal(list: Int32Array): number {
    let total = list.length;
    for (const c of list) total += this.holderStart[c + 1]! - this.holderStart[c]!;
    return total;
  }

  #leastOfAll(held: Int32Array, plain: number): number {
    let least = plain;
    for (let c = 0; c < this.classCount && held[least] !== 0; c += 1) if (held[c]! < held[least]!) least = c;
    return least;
  }

  /** One class for each way in which these sets hold the classes of a list; no two of them are held by the same. */
  mergedClasses(list: ClassList, sets: readonly number[], plain: number): number[] {
    if (list !== null && this.#holderTotal(list) < this.sizeOf(sets))
      return this.#mergedByHolders(list, new Set(sets));
    return this.#mergedBySets(list, sets, plain);
  }

  /**
   * Whether sets together hold a list of classes. `missed` is a class that none holds, `NONE` if there is none;
   * `needed` are sets that are enough, the first ones where there is a choice; `alone` those that hold a class which
   * no other holds; `work` is how much was looked at.
   */
  coverOf(
    list: ClassList,
    sets: readonly number[],
    plain: number,
  ): { missed: number; needed: readonly number[]; alone: readonly number[]; work: number } {
    const work = this.sizeOf(sets);
    // For each class of the list one more than the place of the set that took it; the sign says that it is alone.
    const takenBy = this.#scratch;
    const inList = this.#marks;
    const touched: number[] = [];
    if (list !== null) for (const c of list) inList[c] = 1;
    const needed: number[] = [];
    for (const [place, set] of sets.entries()) {
      let fresh = false;
      for (const c of this.sets[set] ?? list ?? this.#allClasses()) {
        if (list !== null && inList[c] === 0) continue;
        const taken = takenBy[c]!;
        if (taken === 0) {
          takenBy[c] = -(place + 1);
          touched.push(c);
          fresh = true;
        } else if (taken < 0) takenBy[c] = -taken;
      }
      if (fresh) needed.push(set);
    }
    let missed = NONE;
    if (touched.length < (list?.length ?? this.classCount)) {
      if (list !== null) missed = list.find((c) => takenBy[c] === 0)!;
      else missed = takenBy[plain] === 0 ? plain : takenBy.indexOf(0);
    }
    const alone = new Set<number>();
    for (const c of touched) {
      if (takenBy[c]! < 0) alone.add(sets[-takenBy[c]! - 1]!);
      takenBy[c] = 0;
    }
    if (list !== null) for (const c of list) inList[c] = 0;
    return { missed, needed, alone: [...alone], work: work + (list?.length ?? 0) };
  }

  /**
   * The classes of a list that are held by some of these sets, grouped by which of them hold them. Classes that none
   * holds are in no group. `work` is how much was looked at.
   */
  groupsBy(list: ClassList, sets: readonly number[]): Grouping {
    const bySets = this.sizeOf(sets);
    const byHolders = list === null ? Infinity : this.#holderTotal(list);
    return byHolders < bySets
      ? { groups: this.#groupsByHolders(list!, new Set(sets)), work: byHolders }
      : { groups: this.#groupsBySets(list, sets), work: bySets + (list?.length ?? 0) };
  }

  /**
   * The same, grouped only by the first of the sets that holds them; each group names that one. Kept, because rules of
   * many services between the same addresses ask for the same sets.
   */
  groupsByFirst(list: ClassList, sets: readonly number[]): Grouping {
    const kept = this.#keptFirsts.get(list ?? this) ?? new NumbersMap<Grouping>();
    const known = kept.get(sets);
    if (known !== undefined) return known;
    const bySets = this.sizeOf(sets);
    const byHolders = list === null ? Infinity : this.#holderTotal(list);
    const grouping =
      byHolders < bySets
        ? { groups: this.#firstByHolders(list!, sets), work: byHolders }
        : { groups: this.#firstBySets(list, sets), work: bySets + (list?.length ?? 0) };
    this.#keptSize += sets.length + bySets;
    if (this.#keptSize > MOST_KEPT_CLASSES) {
      this.#keptFirsts = new WeakMap();
      this.#keptSize = 0;
    } else {
      kept.set(sets, grouping);
      this.#keptFirsts.set(list ?? this, kept);
    }
    return grouping;
  }

  #firstByHolders(list: Int32Array, sets: readonly number[]): Group[] {
    const places = new Map(sets.map((set, place) => [set, place]));
    const groups = new Map<number, number[]>();
    for (const c of list) {
      let first = Infinity;
      for (let i = this.holderStart[c]!; i < this.holderStart[c + 1]!; i += 1)
        first = Math.min(first, places.get(this.holders[i]!) ?? Infinity);
      if (first === Infinity) continue;
      const classes = groups.get(first);
      if (classes === undefined) groups.set(first, [c]);
      else classes.push(c);
    }
    return [...groups].map(([place, classes]) => ({
      sets: [sets[place]!],
      classes: new Int32Array(classes),
    }));
  }

  #firstBySets(list: ClassList, sets: readonly number[]): Group[] {
    const inList = this.#marks;
    const takenIn = this.#takenIn;
    this.#calls += 1;
    if (list !== null) for (const c of list) inList[c] = 1;
    const groups: Group[] = [];
    for (const set of sets) {
      const classes: number[] = [];
      const own = this.sets[set]!;
      for (let at = 0; at < own.length; at += 1) {
        const c = own[at]!;
        if (takenIn[c] === this.#calls || (list !== null && inList[c] === 0)) continue;
        takenIn[c] = this.#calls;
        classes.push(c);
      }
      if (classes.length > 0) groups.push({ sets: [set], classes: new Int32Array(classes) });
    }
    if (list !== null) for (const c of list) inList[c] = 0;
    return groups;
  }

  #groupsByHolders(list: Int32Array, wanted: ReadonlySet<number>): Group[] {
    const groups = new Map<string, { sets: number[]; classes: number[] }>();
    for (const c of list) {
      const sets: number[] = [];
      for (let i = this.holderStart[c]!; i < this.holderStart[c + 1]!; i += 1)
        if (wanted.has(this.holders[i]!)) sets.push(this.holders[i]!);
      if (sets.length === 0) continue;
      const key = sets.join();
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { sets, classes: [c] });
      else group.classes.push(c);
    }
    return [...groups.values()].map(({ sets, classes }) => ({ sets, classes: Int32Array.from(classes) }));
  }

  #groupsBySets(list: ClassList, sets: readonly number[]): Group[] {
    // Group 0 is "in none of the sets"; every other group is one that was split off, and the set that did it.
    const groupOf = this.#scratch;
    const inList = this.#marks;
    const parents: number[] = [0];
    const splitBy: number[] = [NONE];
    const splits: number[] = [0];
    const touched: number[] = [];
    if (list !== null) for (const c of list) inList[c] = 1;
    for (const set of sets) {
      const own = this.sets[set]!;
      for (let at = 0; at < own.length; at += 1) {
        const c = own[at]!;
        if (list !== null && inList[c] === 0) continue;
        const old = groupOf[c]!;
        if (old === 0) touched.push(c);
        let created = splits[old]!;
        if (created === 0 || splitBy[created] !== set) {
          created = splitBy.length;
          splits[old] = created;
          parents.push(old);
          splitBy.push(set);
          splits.push(0);
        }
        groupOf[c] = created;
      }
    }
    // In order: those of one group were all touched first by the same set.
    const classesOf = new Map<number, number[]>();
    for (const c of touched) {
      const group = groupOf[c]!;
      groupOf[c] = 0;
      const classes = classesOf.get(group);
      if (classes === undefined) classesOf.set(group, [c]);
      else classes.push(c);
    }
    if (list !== null) for (const c of list) inList[c] = 0;
    return [...classesOf].map(([group, classes]) => {
      const held: number[] = [];
      for (let at = group; at !== 0; at = parents[at]!) held.push(splitBy[at]!);
      return { sets: held, classes: new Int32Array(classes) };
    });
  }

  #allClasses(): Int32Array {
    return Int32Array.from({ length: this.classCount }, (_, c) => c);
  }

  #mergedByHolders(list: Int32Array, sets: ReadonlySet<number>): number[] {
    const representatives = new Map<string, number>();
    for (const c of list) {
      let key = "";
      for (let i = this.holderStart[c]!; i < this.holderStart[c + 1]!; i += 1) {
        const set = this.holders[i]!;
        if (sets.has(set)) key += `${set} `;
      }
      if (!representatives.has(key)) representatives.set(key, c);
    }
    return [...representatives.values()];
  }

  /** Refines the list by each set in turn. */
  #mergedBySets(list: ClassList, sets: readonly number[], plain: number): number[] {
    const groupOf = this.#scratch;
    // Group 0 is "not in the list", or, where the list is all classes, "in none of the sets".
    const splits: number[] = [0, 0];
    const stamps: number[] = [-1, -1];
    const touched: number[] = [];
    if (list !== null) for (const c of list) groupOf[c] = 1;
    for (const [index, set] of sets.entries()) {
      for (const c of this.sets[set]!) {
        const old = groupOf[c]!;
        if (old === 0) {
          if (list !== null) continue;
          touched.push(c);
        }
        if (stamps[old] !== index) {
          stamps[old] = index;
          splits[old] = splits.length;
          splits.push(0);
          stamps.push(-1);
        }
        groupOf[c] = splits[old]!;
      }
    }
    const representatives = new Map<number, number>();
    for (const c of list ?? touched)
      if (!representatives.has(groupOf[c]!)) representatives.set(groupOf[c]!, c);
    if (list === null && touched.length < this.classCount) {
      representatives.set(0, groupOf[plain] === 0 ? plain : groupOf.indexOf(0));
    }
    for (const c of list ?? touched) groupOf[c] = 0;
    return [...representatives.values()];
  }

  /** Calls back for each set that holds a class of the list, with how many it holds. */
  #countHolders(list: Int32Array, callback: (set: number, count: number) => void): void {
    const touched: number[] = [];
    const counts = this.#counts;
    for (const c of list) {
      for (let i = this.holderStart[c]!; i < this.holderStart[c + 1]!; i += 1) {
        const set = this.holders[i]!;
        if (counts[set] === 0) touched.push(set);
        counts[set]! += 1;
      }
    }
    for (const set of touched) {
      callback(set, counts[set]!);
      counts[set] = 0;
    }
  }
}

/** The classes in both lists. */
export function intersectLists(a: ClassList, b: ClassList): ClassList {
  if (a === null) return b;
  if (b === null) return a;
  const common: number[] = [];
  let j = 0;
  for (const c of a) {
    while (j < b.length && b[j]! < c) j += 1;
    if (j < b.length && b[j] === c) common.push(c);
  }
  return Int32Array.from(common);
}

function leastBy(list: Int32Array, heldBy: (c: number) => number): number {
  let least = list[0]!;
  let fewest = Infinity;
  for (const c of list) {
    const held = heldBy(c);
    if (held < fewest) {
      least = c;
      fewest = held;
      if (held === 0) break;
    }
  }
  return least;
}

/** Partition refinement: each set splits every class that it holds only a part of. */
function refine(cellCount: number, runs: readonly Int32Array[]): { classOf: Int32Array; classCount: number } {
  const classOf = new Int32Array(cellCount);
  const sizes: number[] = [cellCount];
  const stamps: number[] = [-1];
  const split: number[] = [0];
  const free: number[] = [];
  for (const [index, given] of runs.entries()) {
    const emptied: number[] = [];
    const run = narrower(given, cellCount);
    for (let i = 0; i < run.length; i += 2) {
      for (let cell = run[i]!; cell < run[i + 1]!; cell += 1) {
        const old = classOf[cell]!;
        if (stamps[old] !== index) {
          const created = free.pop() ?? sizes.length;
          sizes[created] = 0;
          stamps[created] = -1;
          stamps[old] = index;
          split[old] = created;
        }
        const created = split[old]!;
        classOf[cell] = created;
        sizes[created]! += 1;
        sizes[old]! -= 1;
        if (sizes[old] === 0) emptied.push(old);
      }
    }
    free.push(...emptied);
  }
  const number = new Int32Array(sizes.length).fill(-1);
  let classCount = 0;
  for (let cell = 0; cell < cellCount; cell += 1) {
    const old = classOf[cell]!;
    if (number[old] === -1) {
      number[old] = classCount;
      classCount += 1;
    }
    classOf[cell] = number[old]!;
  }
  return { classOf, classCount };
}

/** A set and its complement split classes alike: the smaller of the two is the quicker. */
function narrower(run: Int32Array, cellCount: number): Int32Array {
  let cells = 0;
  for (let i = 0; i < run.length; i += 2) cells += run[i + 1]! - run[i]!;
  if (cells * 2 <= cellCount) return run;
  const rest: number[] = [];
  let at = 0;
  for (let i = 0; i < run.length; i += 2) {
    if (run[i]! > at) rest.push(at, run[i]!);
    at = run[i + 1]!;
  }
  if (at < cellCount) rest.push(at, cellCount);
  return Int32Array.from(rest);
}

function firstCells(classOf: Int32Array, classCount: number): Int32Array {
  const first = new Int32Array(classCount);
  for (let cell = classOf.length - 1; cell >= 0; cell -= 1) first[classOf[cell]!] = cell;
  return first;
}
