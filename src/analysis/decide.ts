import { implies } from "../model/conditions.ts";
import { intersection, isEmpty, type Ranges } from "../model/ranges.ts";
import type { Rule } from "../model/rule.ts";
import type { Box } from "./boxes.ts";
import type { Budget, Region } from "./cover.ts";
import { Diagram, NOT_FOLLOWED, type Item, type Matching } from "./diagram.ts";
import type { Entry } from "./entries.ts";
import { merged, type PacketSet } from "./packet-set.ts";
import { FIELDS, planeOf, type Plane } from "./planes.ts";

/** An earlier rule that may take the packets of a piece, so that the piece's verdict depends on it. */
export interface Dependency {
  readonly rule: Rule;
  readonly reason: string;
}

/** What a decision may depend on: its verdict alone, or also which rule gives it. */
export type DependsFor = "verdict" | "rule";

export interface DecideOptions {
  readonly matters?: DependsFor;
  /** Which decisions are of interest: the packets of others are left out. */
  readonly wanted?: (rule: Rule | null, dependsOn: readonly Dependency[]) => boolean;
  /** Boxes that are made; what is left then is undecided. */
  readonly most?: number;
  /** True if pieces are of no use unless nothing is undecided: then they are not made. */
  readonly allOrNothing?: boolean;
  /** Decisions for which it is equal are one piece. */
  readonly groupOf?: (decision: Decision) => string;
  /** True where many boxes are expected, perhaps with long sides: diagrams with headers first make fewer of them. */
  readonly isWide?: boolean;
}

/** Who decides a packet: the same rule, depending on the same others. */
export interface Decision {
  /** The rule's index; null where no rule matches for certain. */
  readonly index: number | null;
  /** Earlier rules that may decide otherwise; empty if the verdict is certain. */
  readonly dependsOn: readonly Dependency[];
}

/** Packets that the same rule decides, depending on the same others. */
export interface DecidedPiece {
  /** Null where no rule matches for certain. */
  readonly rule: Rule | null;
  /** Empty if the verdict is certain. */
  readonly dependsOn: readonly Dependency[];
  readonly packets: PacketSet;
  /** All decisions in it: one, unless they are grouped. Then `rule` and `dependsOn` are those of the first rule. */
  readonly decisions: readonly Decision[];
}

export interface Decisions {
  /** Disjoint, together the whole region, in the order of the deciding rules. */
  readonly pieces: readonly DecidedPiece[];
  /** What the budget was not enough for; empty as a rule. */
  readonly undecided: PacketSet;
}

/** A side of so many bounds (as a power of two) is as much to read as a box. */
const LONG_SIDE_BITS = 6;

/** Gives equal decisions of one list the same small number, so that diagrams can hold them. */
export class DecisionTable {
  readonly decisions: Decision[] = [];
  readonly #entries: readonly Entry[];
  readonly #matters: DependsFor;
  readonly #numbers = new Map<string, number>();

  constructor(entries: readonly Entry[], matters: DependsFor = "verdict") {
    this.#entries = entries;
    this.#matters = matters;
  }

  /** The decision at a point where these items match: first match, as far as it is certain. */
  numberOf(matching: Matching): number {
    const possible: { index: number; rule: Rule }[] = [];
    const settled: Rule[] = [];
    let decider: number | null = null;
    let taken = -1;
    for (const { rule: index, settles, sure } of matching) {
      // A rule whose sure part matches is not asked again for its unsure part.
      if (index === taken) continue;
      taken = index;
      const { rule } = this.#entries[index]!;
      if (settled.some((earlier) => implies(rule.conditions, earlier.conditions))) continue;
      if (settles) {
        decider = index;
        break;
      }
      possible.push({ index, rule });
      if (sure && rule.decides) settled.push(rule);
    }
    const action = decider === null ? undefined : this.#entries[decider]!.rule.action;
    const others =
      this.#matters === "rule"
        ? possible
        : possible.filter(({ rule }) => !rule.decides || rule.action !== action);
    const key = [decider, ...others.map(({ index }) => index)].join(" ");
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.decisions.length;
    this.decisions.push({
      index: decider,
      dependsOn: others.map(({ rule }) => ({ rule, reason: reasonOf(rule) })),
    });
    this.#numbers.set(key, number);
    return number;
  }
}

/** What a diagram asks of rules, in order: what they match for sure, then what they match beside that. */
export function itemsOf(
  plane: Plane,
  entries: readonly Entry[],
  rules: Iterable<number>,
  stream = 0,
): Item[] {
  const { may, must } = plane;
  const items: Item[] = [];
  for (const index of rules) {
    const at = index * FIELDS;
    const { rule } = entries[index]!;
    const settles = rule.decides && rule.conditions.length === 0;
    const hides = settles ? 1 << stream : 0;
    items.push({ stream, rule: index, boxes: must, at, settles, hides, sure: true });
    if (may !== must && !sameIds(may, must, at))
      items.push({ stream, rule: index, boxes: may, at, settles: false, hides: 0, sure: false });
  }
  return items;
}

function sameIds(may: Int32Array, must: Int32Array, at: number): boolean {
  for (let field = 0; field < FIELDS; field += 1) if (may[at + field] !== must[at + field]) return false;
  return true;
}

/** Rules as diagrams ask for them; worked out once a plane for all questions about the same rules. */
export class RuleItems {
  readonly #entries: readonly Entry[];
  readonly #rules: readonly number[];
  readonly #known = new Map<Plane, readonly Item[]>();

  /** @param rules indexes, in order */
  constructor(entries: readonly Entry[], rules: readonly number[]) {
    this.#entries = entries;
    this.#rules = rules;
  }

  in(plane: Plane): readonly Item[] {
    const known = this.#known.get(plane);
    if (known !== undefined) return known;
    const items = itemsOf(plane, this.#entries, this.#rules);
    this.#known.set(plane, items);
    return items;
  }
}

/** The classes that a box touches. What of them lies outside the box is to be cut off again. */
export function regionOf(plane: Plane, box: Box): Region {
  const { sourcePorts, headers } = plane.serviceClasses(box, Infinity)!;
  const lists = [
    plane.addressClasses(0, box.sides[1]!, Infinity)!,
    plane.addressClasses(1, box.sides[2]!, Infinity)!,
    // A packet without ports stands at every source port.
    box.kind.endsWith("ports") ? sourcePorts : null,
    headers,
  ].map((list, field) =>
    list === null || list.length === plane.dimensions[field]!.classCount ? null : sortedClasses(list),
  );
  return { lists, ids: lists.map((list) => (list === null ? 0 : -1)) };
}

/** The same list for the same classes, so that what is worked out about it serves the next box too. */
function sortedClasses(classes: readonly number[]): Int32Array {
  const known = SORTED.get(classes);
  if (known !== undefined) return known;
  const sorted = new Int32Array(classes).sort();
  SORTED.set(classes, sorted);
  return sorted;
}

const SORTED = new WeakMap<readonly number[], Int32Array>();

/**
 * Splits a region by the rule that decides each packet: first match, for all its packets at once.
 * @param rules those that may match a packet of the region
 */
export function decide(
  planes: readonly Plane[],
  entries: readonly Entry[],
  rules: RuleItems,
  region: PacketSet,
  budget: Budget,
  { matters, wanted, most = Infinity, allOrNothing = false, groupOf, isWide = false }: DecideOptions = {},
): Decisions {
  const table = new DecisionTable(entries, matters);
  const groups = new Groups(table, groupOf);
  const answers: boolean[] = [];
  const isWanted = (outcome: number): boolean => {
    if (wanted === undefined) return true;
    const { index, dependsOn } = groups.decisionsOf(outcome)[0]!;
    answers[outcome] ??= wanted(index === null ? null : entries[index]!.rule, dependsOn);
    return answers[outcome];
  };
  let boxCount = 0;
  const boxesOf = new Map<number, Box[]>();
  const undecided: Box[] = [];
  for (const box of region) {
    if (allOrNothing && undecided.length > 0) break;
    const plane = planes.find(({ name }) => name === planeOf(box.kind));
    const add = (outcome: number, found: Box): void => {
      const boxes = boxesOf.get(outcome);
      if (boxes === undefined) boxesOf.set(outcome, [found]);
      else boxes.push(found);
    };
    if (plane === undefined) {
      const outcome = groups.numberOf([]);
      if (isWanted(outcome)) add(outcome, box);
      continue;
    }
    const options = {
      outcomeOf: (matching: Matching) => groups.numberOf(matching),
      headersFirst: isWide,
    };
    const diagram = Diagram.build(plane, regionOf(plane, box), rules.in(plane), options, budget);
    if (diagram === null) {
      undecided.push(box);
      continue;
    }
    const within = cutterOf(box);
    for (const { outcome, lists } of diagram.parts(isWanted, () => boxCount > most)) {
      if (allOrNothing && outcome === NOT_FOLLOWED) {
        undecided.push(box);
        break;
      }
      for (const part of plane.boxesOf(lists)) {
        const inside = within(part);
        if (inside === null) continue;
        if (outcome === NOT_FOLLOWED) undecided.push(inside);
        else {
          boxCount += 1;
          if (isWide) for (const { length } of inside.sides) boxCount += length >> LONG_SIDE_BITS;
          add(outcome, inside);
        }
      }
    }
  }
  if (allOrNothing && undecided.length > 0) return { pieces: [], undecided: region };
  const order = (index: number | null): number => index ?? entries.length;
  const pieces = [...boxesOf]
    .map(([outcome, boxes]) => {
      const decisions = groups.decisionsOf(outcome).toSorted((a, b) => order(a.index) - order(b.index));
      return { ...decisions[0]!, decisions, boxes };
    })
    .toSorted((a, b) => order(a.index) - order(b.index))
    .map(({ index, dependsOn, decisions, boxes }) => ({
      rule: index === null ? null : entries[index]!.rule,
      dependsOn,
      packets: merged(boxes),
      decisions,
    }));
  return { pieces, undecided: merged(undecided) };
}

/** Cuts boxes to one; many of them have the same sides, and these stay the same lists. */
function cutterOf({ kind, sides: all }: Box): (box: Box) => Box | null {
  const known = all.map(() => new Map<Ranges, Ranges>());
  return (box) => {
    if (box.kind !== kind) return null;
    const sides: Ranges[] = [];
    for (const [side, ranges] of box.sides.entries()) {
      let inside = known[side]!.get(ranges);
      if (inside === undefined) {
        inside = intersection(ranges, all[side]!);
        known[side]!.set(ranges, inside);
      }
      if (isEmpty(inside)) return null;
      sides.push(inside);
    }
    return { kind, sides };
  };
}

/** Small numbers for decisions, the same one for those of a group. */
class Groups {
  readonly #table: DecisionTable;
  readonly #groupOf: DecideOptions["groupOf"];
  readonly #numbers = new Map<string, number>();
  readonly #members: Set<Decision>[] = [];

  constructor(table: DecisionTable, groupOf: DecideOptions["groupOf"]) {
    this.#table = table;
    this.#groupOf = groupOf;
  }

  numberOf(matching: Matching): number {
    const own = this.#table.numberOf(matching);
    if (this.#groupOf === undefined) return own;
    const decision = this.#table.decisions[own]!;
    const key = this.#groupOf(decision);
    const number = this.#numbers.get(key) ?? this.#members.length;
    this.#numbers.set(key, number);
    (this.#members[number] ??= new Set()).add(decision);
    return number;
  }

  decisionsOf(number: number): readonly Decision[] {
    return this.#groupOf === undefined ? [this.#table.decisions[number]!] : [...this.#members[number]!];
  }
}

function reasonOf(rule: Rule): string {
  const [condition] = rule.conditions;
  if (condition !== undefined) return condition.reason;
  return rule.decides
    ? "a member of an address set that it names could not be read"
    : `what "${rule.action}" does is not known`;
}
