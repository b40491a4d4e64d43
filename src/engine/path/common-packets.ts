import { UNIVERSE, type Box, type Kind } from "../../analysis/boxes.ts";
import type { Budget } from "../../analysis/cover.ts";
import { DistinctRanges } from "../../analysis/distinct-ranges.ts";
import type { PacketSet } from "../../analysis/packet-set.ts";
import { intersection, isEmpty, type Ranges } from "../../model/ranges.ts";

/** What two divisions of packets have in common. */
export interface Common {
  /** For each of the first, by those of the second that it meets. */
  readonly met: readonly ReadonlyMap<number, readonly Box[]>[];
  /** For each of the first what took too long to compare; empty as a rule. */
  readonly rest: readonly (readonly Box[])[];
}

/** Boxes that have the same values on the sides so far, by their values on the next side. */
interface Branch {
  readonly children: Map<Ranges, Branch>;
  /** Where all sides are said: the sets that a box comes from. */
  readonly owners: number[];
}

interface Found {
  readonly owner: number;
  readonly other: number;
  /** In the order of comparison. */
  readonly sides: readonly Ranges[];
}

/** What it costs to write a box down, in steps, and each of its bounds: so an answer is bounded too. */
const BOX_STEPS = 100;
const BOUND_STEPS = 8;

/**
 * The order in which sides are compared, by how many there are: services first, because they differ most and cost least;
 * addresses last, which may be long lists.
 */
const ORDERS: readonly (readonly number[])[] = [
  [0, 3, 1, 2],
  [0, 3, 4, 1, 2],
  [0, 3, 5, 4, 1, 2],
];
/** How many sides of that order are said together. */
const FIRST_SIDES = [2, 3, 3];
const FEWEST_SIDES = 4;

/**
 * Compares all boxes of two divisions with each other. Thousands of boxes have only hundreds of different services, and
 * those of one service only so many sources: so sides are compared once for all the boxes that have them.
 */
export class CommonPackets {
  readonly #budget: Budget;
  readonly #these: ReadonlyMap<Kind, Branch>;
  readonly #those: ReadonlyMap<Kind, Branch>;
  readonly #count: number;

  /** @param these of which no two have a packet in common; neither have `those` */
  constructor(these: readonly PacketSet[], those: readonly PacketSet[], budget: Budget) {
    const ranges = new DistinctRanges();
    this.#these = branches(these, ranges);
    this.#those = branches(those, ranges);
    this.#count = these.length;
    this.#budget = budget;
  }

  /** @param most pairs of first and second that are of use; null for all */
  run(most: { readonly pairs: number; readonly counts: (owner: number) => boolean } | null): Common {
    let pairs = 0;
    const met = Array.from({ length: this.#count }, () => new Map<number, Box[]>());
    const rest = Array.from({ length: this.#count }, (): Box[] => []);
    for (const [kind, { children }] of this.#these) {
      const other = this.#those.get(kind);
      if (other === undefined) continue;
      const shape = shapeOf(kind);
      for (const [first, own] of byFirstSides(children, FIRST_SIDES[shape]!)) {
        const found: Found[] = [];
        // Either all that these services have in common with something is found, or nothing is said of them.
        if (this.#budget.steps > 0) this.#walk(own, other, first, 0, [], found);
        if (this.#budget.steps > 0) {
          for (const { owner, other: place, sides } of found) {
            const box = { kind, sides: inPlace(sides, shape) };
            const boxes = met[owner]!.get(place);
            if (boxes !== undefined) boxes.push(box);
            else {
              met[owner]!.set(place, [box]);
              if (most?.counts(owner) === true) pairs += 1;
            }
          }
          if (most !== null && pairs > most.pairs) this.#budget.steps = 0;
        } else {
          for (const { owner, sides } of boxesUnder(own, first))
            rest[owner]!.push({ kind, sides: inPlace(sides, shape) });
        }
      }
    }
    return { met, rest };
  }

  /** @param first the sides that the branch has one of each, before its children */
  #walk(
    own: Branch,
    other: Branch,
    first: readonly Ranges[],
    side: number,
    sides: readonly Ranges[],
    found: Found[],
  ): void {
    const start = first[side];
    const children = start === undefined ? own.children : [[start, own] as const];
    this.#budget.steps -= (start === undefined ? own.children.size : 1) * other.children.size + 1;
    if (this.#budget.steps < 0) return;
    if (start === undefined && own.children.size === 0) {
      for (const owner of own.owners) {
        for (const place of other.owners) {
          this.#budget.steps -= BOX_STEPS;
          for (const { length } of sides) this.#budget.steps -= length * BOUND_STEPS;
          found.push({ owner, other: place, sides });
        }
      }
      return;
    }
    for (const [ranges, below] of children) {
      for (const [those, otherBelow] of other.children) {
        const both = ranges === those ? ranges : this.#meet(ranges, those);
        if (both !== null) this.#walk(below, otherBelow, first, side + 1, [...sides, both], found);
        if (this.#budget.steps < 0) return;
      }
    }
  }

  #meet(a: Ranges, b: Ranges): Ranges | null {
    if (a[0]! >= b[b.length - 1]! || b[0]! >= a[a.length - 1]!) return null;
    this.#budget.steps -= (a.length + b.length) >> 3;
    const both = intersection(a, b);
    return isEmpty(both) ? null : both;
  }
}

/** The branches that have the same values on so many sides. */
function* byFirstSides(
  children: ReadonlyMap<Ranges, Branch>,
  count: number,
): Generator<[readonly Ranges[], Branch]> {
  for (const [ranges, branch] of children) {
    if (count === 1) yield [[ranges], branch];
    else
      for (const [more, below] of byFirstSides(branch.children, count - 1)) yield [[ranges, ...more], below];
  }
}

function shapeOf(kind: Kind): number {
  return UNIVERSE[kind].sides.length - FEWEST_SIDES;
}

/** Sides in the order of boxes. */
function inPlace(sides: readonly Ranges[], shape: number): readonly Ranges[] {
  const placed: Ranges[] = [];
  for (const [at, side] of ORDERS[shape]!.entries()) placed[side] = sides[at]!;
  return placed;
}

function* boxesUnder(
  { children, owners }: Branch,
  sides: readonly Ranges[],
): Generator<{ owner: number; sides: readonly Ranges[] }> {
  for (const owner of owners) yield { owner, sides };
  for (const [ranges, below] of children) yield* boxesUnder(below, [...sides, ranges]);
}

function branches(sets: readonly PacketSet[], distinct: DistinctRanges): ReadonlyMap<Kind, Branch> {
  const roots = new Map<Kind, Branch>();
  for (const [owner, boxes] of sets.entries()) {
    for (const { kind, sides } of boxes) {
      let branch = childOf(roots, kind);
      for (const side of ORDERS[shapeOf(kind)]!) branch = childOf(branch.children, distinct.of(sides[side]!));
      branch.owners.push(owner);
    }
  }
  return roots;
}

function childOf<Key>(children: Map<Key, Branch>, key: Key): Branch {
  const known = children.get(key);
  if (known !== undefined) return known;
  const made: Branch = { children: new Map(), owners: [] };
  children.set(key, made);
  return made;
}
