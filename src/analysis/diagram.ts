import type { Budget, Region } from "./cover.ts";
import { DISJOINT, NONE, WHOLE } from "./dimension.ts";
import { NumbersMap, sameItems } from "./numbers-map.ts";
import { FIELDS, type Classes, type Plane } from "./planes.ts";

/**
 * A decision diagram over the classes of one region: which of some rules match where. It is built for the region of
 * one rule or one question with the rules that overlap it, never for a whole list: there it would blow up. Fields are
 * taken one after the other, those that the rules split least first; classes that the same rules hold are one edge,
 * and equal parts of the diagram are one node. (Multi-terminal decision diagrams are Bahar et al., 1993; with lists of
 * classes instead of bits a diagram has at most four levels.)
 */

/** A rule, or one reading of it, as the diagram sees it. */
export interface Item {
  /** Which list it belongs to: items of one stream hide later ones of the same. */
  readonly stream: number;
  /** The rule's index in its list. */
  readonly rule: number;
  /** Its boxes, and where its four set ids stand in them. */
  readonly boxes: Int32Array;
  readonly at: number;
  /** True if nothing later in the stream matters where this one matches. */
  readonly settles: boolean;
  /** The streams, as bits, of which nothing later matters then: its own, or others too. */
  readonly hides: number;
  /** False for the part of a rule's box that it matches only if what could not be read turns out so. */
  readonly sure: boolean;
}

/** The items that match at a point, in order, without those behind a settling one of their stream. */
export type Matching = readonly Item[];

export interface DiagramOptions {
  /** What holds where exactly these items match, as a small whole number. */
  readonly outcomeOf: (matching: Matching) => number;
  /** The outcome where these are all that may still match, if that is known already; undefined if not. */
  readonly shortcut?: (possible: Matching) => number | undefined;
  /** The field to split last: then a part has all its values that have the outcome for the rest of the part. */
  readonly last?: number;
  /**
   * True to take headers first: a box holds any set of addresses, but only a rectangle of headers, so that a header
   * set that is split late is written again and again.
   */
  readonly headersFirst?: boolean;
}

/** A part of the region with one outcome: a product of one set of classes a field. */
export interface Part {
  readonly outcome: number;
  readonly lists: readonly Classes[];
}

interface Node {
  readonly field: number;
  /** Classes by child; those of the region that no edge holds lead to `rest`. */
  readonly edges: readonly { readonly classes: Int32Array; readonly child: number }[];
  /** `NO_CHILD` if the edges hold all classes of the region. */
  readonly rest: number;
}

/** Stands for the outcome of a part that was not followed. */
export const NOT_FOLLOWED = -1;

const HEADER_FIELD = 3;

/** Leaves are numbers below zero: outcome 0 is -1, outcome 1 is -2, and so on. */
const NO_CHILD = Number.MIN_SAFE_INTEGER;
const leaf = (outcome: number): number => -1 - outcome;

class OutOfBudget extends Error {}

export class Diagram {
  readonly #plane: Plane;
  readonly #region: Region;
  readonly #nodes: readonly Node[];
  readonly #root: number;
  /** Fields in the order of the levels. */
  readonly #order: readonly number[];
  readonly #withoutRest = new Map<number, Int32Array>();

  private constructor(
    plane: Plane,
    region: Region,
    nodes: readonly Node[],
    root: number,
    order: readonly number[],
  ) {
    this.#plane = plane;
    this.#region = region;
    this.#nodes = nodes;
    this.#root = root;
    this.#order = order;
  }

  /**
   * @param items in the order in which they are asked, stream by stream or mixed; those that miss the region are left out
   * @returns null if the budget is not enough
   */
  static build(
    plane: Plane,
    region: Region,
    items: readonly Item[],
    options: DiagramOptions,
    budget: Budget,
  ): Diagram | null {
    const builder = new Builder(plane, region, items, options, budget);
    try {
      const root = builder.build();
      return new Diagram(plane, region, builder.nodes, root, builder.order);
    } catch (error) {
      if (error instanceof OutOfBudget) return null;
      throw error;
    }
  }

  /** How many packets have each outcome, by outcome; as floating-point numbers, right to 14 digits. */
  sizes(): ReadonlyMap<number, number> {
    // Source port and header are counted together: only a part of the headers has ports.
    const sizes = new Map<number, number>();
    const measured = new Map<number, ReadonlyMap<number, readonly [ports: number, other: number]>>();
    const measureAt = (node: number, level: number): ReadonlyMap<number, readonly [number, number]> => {
      if (node < 0) {
        return new Map([[node, this.#measureOfFields(level, FIELDS)]]);
      }
      const { field, edges, rest } = this.#nodes[node]!;
      const own = this.#order.indexOf(field);
      if (own > level) {
        // Fields in between split nothing.
        const scale = this.#measureOfFields(level, own);
        return new Map(
          [...measureAt(node, own)].map(([outcome, [ports, other]]) => [
            outcome,
            [ports * scale[0], other * scale[1]] as const,
          ]),
        );
      }
      const known = measured.get(node);
      if (known !== undefined) return known;
      const total = new Map<number, readonly [number, number]>();
      const add = (child: number, measure: readonly [number, number]): void => {
        for (const [outcome, [ports, other]] of measureAt(child, level + 1)) {
          const sum = total.get(outcome) ?? [0, 0];
          total.set(outcome, [sum[0] + ports * measure[0], sum[1] + other * measure[1]]);
        }
      };
      for (const { classes, child } of edges) add(child, this.#plane.measureOf(field, classes));
      if (rest !== NO_CHILD) {
        const of = this.#region.lists[field]!;
        add(rest, this.#plane.measureOf(field, { of, without: this.#edgeClasses(node) }));
      }
      measured.set(node, total);
      return total;
    };
    for (const [node, [ports, other]] of measureAt(this.#root, 0)) sizes.set(-1 - node, ports + other);
    return sizes;
  }

  /** The region's measure in the fields of some levels. */
  #measureOfFields(from: number, to: number): readonly [ports: number, other: number] {
    let [ports, other] = [1, 1];
    for (const field of this.#order.slice(from, to)) {
      const measure = this.#plane.measureOf(field, this.#region.lists[field]!);
      ports *= measure[0];
      other *= measure[1];
    }
    return [ports, other];
  }

  /**
   * Disjoint parts that together are the region, those of outcomes that are wanted.
   * @param enough when it becomes true, what is left comes undivided, as few parts that are not followed
   */
  *parts(wanted: (outcome: number) => boolean, enough: () => boolean = () => false): Generator<Part> {
    const lists: Classes[] = [...this.#region.lists];
    // Many ways lead to each node: whether any goes on from there is looked at once.
    const asked = new Map<number, boolean>();
    const leadsOn = (node: number): boolean => {
      const known = asked.get(node);
      if (known !== undefined) return known;
      const answer = node < 0 ? wanted(-1 - node) : leadsOnFrom(this.#nodes[node]!);
      asked.set(node, answer);
      return answer;
    };
    const leadsOnFrom = ({ edges, rest }: Node): boolean =>
      edges.some(({ child }) => leadsOn(child)) || (rest !== NO_CHILD && leadsOn(rest));
    const walk = function* (this: Diagram, node: number): Generator<Part> {
      if (node < 0) {
        yield { outcome: -1 - node, lists: [...lists] };
        return;
      }
      if (enough()) {
        yield { outcome: NOT_FOLLOWED, lists: [...lists] };
        return;
      }
      const { field, edges, rest } = this.#nodes[node]!;
      const whole = this.#region.lists[field]!;
      for (const { classes, child } of edges) {
        if (!leadsOn(child)) continue;
        lists[field] = classes;
        yield* walk.call(this, child);
      }
      if (rest !== NO_CHILD && leadsOn(rest)) {
        const without = this.#edgeClasses(node);
        lists[field] = { of: whole, without };
        yield* walk.call(this, rest);
      }
      lists[field] = whole;
    };
    if (leadsOn(this.#root)) yield* walk.call(this, this.#root);
  }

  /** The classes of all edges of a node; kept, because many parts may leave the same ones out. */
  #edgeClasses(node: number): Int32Array {
    const known = this.#withoutRest.get(node);
    if (known !== undefined) return known;
    const classes = concat(this.#nodes[node]!.edges.map((edge) => edge.classes));
    this.#withoutRest.set(node, classes);
    return classes;
  }

  /** A point of the region with an outcome that is wanted; null if there is none. */
  pointOf(wanted: (outcome: number) => boolean): readonly number[] | null {
    for (const { lists } of this.parts(wanted)) return pointIn(this.#plane, lists);
    return null;
  }
}

/** A point of a product of classes that reads well in an example. */
export function pointIn(plane: Plane, lists: readonly Classes[]): readonly number[] {
  return lists.map((list, field) => plainest(list, plane.plainClass[field]!));
}

/** The class that reads well in an example, if it is among these. */
function plainest(classes: Classes, plain: number): number {
  if (classes === null) return plain;
  if (classes instanceof Int32Array) return classes.includes(plain) ? plain : classes[0]!;
  const { of, without } = classes;
  const left = (c: number): boolean => !without.includes(c) && (of === null || of.includes(c));
  if (left(plain)) return plain;
  if (of !== null) return of.find(left)!;
  const held = new Set(without);
  let c = 0;
  while (held.has(c)) c += 1;
  return c;
}

class Builder {
  readonly nodes: Node[] = [];
  readonly order: readonly number[];
  readonly #plane: Plane;
  readonly #region: Region;
  readonly #options: DiagramOptions;
  readonly #budget: Budget;
  readonly #items: readonly Item[];
  /** For each item one bit a field: whether it holds all of the region there. */
  readonly #whole: Uint8Array;
  /** For each item whether nothing later matters where it matches, whatever the stream. */
  readonly #ends: readonly boolean[];
  /** By item the leaf where it is the first that matches and ends all. */
  readonly #endLeaves: (number | undefined)[] = [];
  /** For each level the fields from there on, as bits. */
  readonly #open: readonly number[];
  /** For each level the nodes that were made, by the items that were left for them. */
  readonly #made: NumbersMap<number>[];
  /** Nodes by all that they say but for which classes their edges have. */
  readonly #equal = new NumbersMap<number[]>();

  constructor(plane: Plane, region: Region, items: readonly Item[], options: DiagramOptions, budget: Budget) {
    this.#plane = plane;
    this.#region = region;
    this.#options = options;
    this.#budget = budget;
    const touching: Item[] = [];
    const whole: number[] = [];
    const relations = region.lists.map((list, field) =>
      plane.dimensions[field]!.relationsTo(region.ids[field]!, list),
    );
    for (const item of items) {
      let mask = 0;
      for (let field = 0; field < FIELDS; field += 1) {
        const set = item.boxes[item.at + field]!;
        const relation = set === NONE ? DISJOINT : relations[field]![set]!;
        if (relation === DISJOINT) {
          mask = -1;
          break;
        }
        if (relation === WHOLE) mask |= 1 << field;
      }
      if (mask < 0) continue;
      touching.push(item);
      whole.push(mask);
    }
    budget.steps -= items.length;
    this.#items = touching;
    this.#whole = Uint8Array.from(whole);
    const streams = touching.reduce((mask, { stream }) => mask | (1 << stream), 0);
    this.#ends = touching.map(({ hides }) => (hides & streams) === streams);
    this.order = this.#levels();
    this.#open = [...this.order.keys(), FIELDS].map((level) =>
      this.order.slice(level).reduce((mask, field) => mask | (1 << field), 0),
    );
    this.#made = this.order.map(() => new NumbersMap());
  }

  build(): number {
    return this.#node(0, this.#trim(0, [...this.#items.keys()]));
  }

  /** The fields that split least come first: what they leave apart is then not looked at again for each class. */
  #levels(): number[] {
    const extents = Array.from({ length: FIELDS }, (_, field) => {
      const dimension = this.#plane.dimensions[field]!;
      const sets = new Set<number>();
      for (const [index, { boxes, at }] of this.#items.entries())
        if ((this.#whole[index]! & (1 << field)) === 0) sets.add(boxes[at + field]!);
      const extent = Math.min(
        this.#region.lists[field]?.length ?? dimension.classCount,
        dimension.sizeOf(sets),
      );
      return { field, extent };
    });
    const { last, headersFirst } = this.#options;
    const rank = (field: number): number =>
      field === last ? 1 : headersFirst === true && field === HEADER_FIELD ? -1 : 0;
    return extents
      .toSorted((a, b) => rank(a.field) - rank(b.field) || a.extent - b.extent)
      .map(({ field }) => field);
  }

  /** Takes away what stands behind an item that settles all that is left. */
  #trim(level: number, active: readonly number[]): readonly number[] {
    const open = this.#open[level]!;
    let settled = 0;
    let kept: number[] | null = null;
    for (let place = 0; place < active.length; place += 1) {
      const index = active[place]!;
      const { stream, hides } = this.#items[index]!;
      if ((settled & (1 << stream)) !== 0) {
        kept ??= active.slice(0, place);
        continue;
      }
      kept?.push(index);
      if (hides !== 0 && (this.#whole[index]! & open) === open) settled |= hides;
    }
    return kept ?? active;
  }

  #node(level: number, active: readonly number[]): number {
    this.#spend(active.length + 1);
    const possible = (): Item[] => active.map((index) => this.#items[index]!);
    if (level === FIELDS) return leaf(this.#options.outcomeOf(possible()));
    const open = this.#open[level]!;
    if (active.every((index) => (this.#whole[index]! & open) === open))
      return leaf(this.#options.outcomeOf(possible()));
    const known = this.#made[level]!.get(active);
    if (known !== undefined) return known;
    const outcome = this.#options.shortcut?.(possible());
    const node = outcome === undefined ? this.#split(level, active) : leaf(outcome);
    this.#made[level]!.set(active, node);
    return node;
  }

  #split(level: number, active: readonly number[]): number {
    const field = this.order[level]!;
    const bit = 1 << field;
    const everywhere: number[] = [];
    const bySet = new Map<number, number[]>();
    // Behind the last field the first item that matches is all that matters, if it ends all.
    let byFirst = level === FIELDS - 1;
    for (const index of active) {
      byFirst &&= this.#ends[index]!;
      if ((this.#whole[index]! & bit) !== 0) {
        everywhere.push(index);
        continue;
      }
      const { boxes, at } = this.#items[index]!;
      const set = boxes[at + field]!;
      const members = bySet.get(set);
      if (members === undefined) bySet.set(set, [index]);
      else members.push(index);
    }
    if (bySet.size === 0) return this.#node(level + 1, active);
    const list = this.#region.lists[field]!;
    const dimension = this.#plane.dimensions[field]!;
    const sets = [...bySet.keys()];
    const { groups, work } = byFirst ? dimension.groupsByFirst(list, sets) : dimension.groupsBy(list, sets);
    this.#spend(work);
    const classesOf = new Map<number, Int32Array[]>();
    let rest = NO_CHILD;
    let held = 0;
    for (const { sets: own, classes } of groups) {
      held += classes.length;
      const child = byFirst
        ? this.#endAt(Math.min(bySet.get(own[0]!)![0]!, everywhere[0] ?? Infinity))
        : this.#node(level + 1, this.#trim(level + 1, together(everywhere, own, bySet)));
      const lists = classesOf.get(child);
      if (lists === undefined) classesOf.set(child, [classes]);
      else lists.push(classes);
    }
    if (held < (list?.length ?? dimension.classCount))
      rest = this.#node(level + 1, this.#trim(level + 1, everywhere));
    // What leads to the same as the rest is no edge of its own.
    if (rest !== NO_CHILD) classesOf.delete(rest);
    if (classesOf.size === 0) return rest;
    const [only] = classesOf.keys();
    if (classesOf.size === 1 && rest === NO_CHILD) return only!;
    const edges = [...classesOf].map(([child, lists]) => ({ child, classes: concat(lists) }));
    return this.#unique({ field, edges, rest });
  }

  /** The leaf where an item that ends all is the first to match. */
  #endAt(index: number): number {
    this.#spend(2);
    const known = this.#endLeaves[index];
    if (known !== undefined) return known;
    const made = leaf(this.#options.outcomeOf([this.#items[index]!]));
    this.#endLeaves[index] = made;
    return made;
  }

  /** The node that says the same, if there is one. */
  #unique(node: Node): number {
    const key = [node.field, node.rest];
    for (let edge = 0; edge < node.edges.length; edge += 1) {
      const { child, classes } = node.edges[edge]!;
      key.push(child, classes.length, classes[0]!);
    }
    const alike = this.#equal.get(key);
    const equal = alike?.find((id) =>
      this.nodes[id]!.edges.every(({ classes }, edge) => sameItems(classes, node.edges[edge]!.classes)),
    );
    if (equal !== undefined) return equal;
    const id = this.nodes.length;
    this.nodes.push(node);
    if (alike === undefined) this.#equal.set(key, [id]);
    else alike.push(id);
    return id;
  }

  #spend(steps: number): void {
    this.#budget.steps -= steps;
    if (this.#budget.steps < 0) throw new OutOfBudget();
  }
}

/** The items of some sets and those that hold everything, in order. */
function together(
  everywhere: readonly number[],
  sets: readonly number[],
  bySet: ReadonlyMap<number, readonly number[]>,
): readonly number[] {
  if (sets.length === 1) return mergeSorted(everywhere, bySet.get(sets[0]!)!);
  let all = everywhere;
  for (const set of sets) all = mergeSorted(all, bySet.get(set)!);
  return all;
}

function mergeSorted(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const merged: number[] = [];
  let j = 0;
  for (const value of a) {
    while (j < b.length && b[j]! < value) {
      merged.push(b[j]!);
      j += 1;
    }
    merged.push(value);
  }
  for (; j < b.length; j += 1) merged.push(b[j]!);
  return merged;
}

function concat(lists: readonly Int32Array[]): Int32Array {
  if (lists.length === 1) return lists[0]!;
  const all = new Int32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort();
}
