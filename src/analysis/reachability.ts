import { implies } from "../model/conditions.ts";
import type { Packet } from "../model/packet.ts";
import type { Condition, Rule } from "../model/rule.ts";
import { emptyBits, hasBit, indexesOf, lowestBit, setBit, type Bits } from "./bits.ts";
import { essentialOf, findGap, ruleRegion, type Budget, type Region } from "./cover.ts";
import { ALL, NONE, intersectLists } from "./dimension.ts";
import type { Entry } from "./entries.ts";
import { FIELDS, buildPlanes, type Plane } from "./planes.ts";

export type Status = "reachable" | "shadowed" | "redundant" | "never-matches";

/** What becomes of one rule in its list. */
export interface RuleFacts {
  readonly rule: Rule;
  /**
   * `reachable`: some packet gets to it; `shadowed`: none does and some of its packets get another verdict
   * earlier; `redundant`: none does and all of them get the same; `never-matches`: there is no such packet.
   */
  readonly status: Status;
  /** Earlier rules that together take all its packets; none of them can be left out. In order. */
  readonly by: readonly Rule[];
  /** False if the status depends on what the dump does not say, or on work beyond the budget. */
  readonly certain: boolean;
  /** Why `certain` is false. */
  readonly reason: string | null;
  /**
   * `reachable`: a packet that gets to it (certainly, if `certain`); `shadowed`: one that gets another verdict
   * earlier; `redundant`: one that gets the same verdict earlier; null for `never-matches`.
   */
  readonly witness: Packet | null;
}

export interface ReachabilityOptions {
  /** Work allowed for each question about one rule, in comparisons of a rule or a word of bits. */
  readonly budget?: number;
  /** Called now and then with the number of rules decided so far. */
  readonly progress?: (done: number, total: number) => void;
}

const DEFAULT_BUDGET = 200_000_000;
const PROGRESS_STEP = 256;
/** Rows of rules by set are kept up to this size; they cost little to make again. */
const MOST_ROW_BYTES = 256 * 2 ** 20;

type Answer =
  | { readonly type: "covered"; readonly by: readonly number[] }
  | { readonly type: "gap"; readonly packet: Packet }
  | { readonly type: "undecided" };

/** A rule that takes packets of another, with one of them. */
export interface Winner {
  readonly rule: Rule;
  readonly packet: Packet;
}

/** One list of rules, and every question about which rule takes what before which. */
export class Reachability {
  readonly #entries: readonly Entry[];
  readonly #planes: readonly Plane[];
  readonly #budget: number;
  readonly #progress: ReachabilityOptions["progress"];
  /** For each plane and field: the rules by their set. */
  readonly #rulesBySet: readonly (readonly (readonly number[])[])[][];
  readonly #rows: Map<number, Bits>[][];
  #rowBytes = 0;
  /** True if everything that the rules demand stands in the dump. */
  readonly #allKnown: boolean;

  constructor(entries: readonly Entry[], options: ReachabilityOptions = {}) {
    this.#entries = entries;
    this.#planes = buildPlanes(entries);
    this.#budget = options.budget ?? DEFAULT_BUDGET;
    this.#progress = options.progress;
    this.#rulesBySet = this.#planes.map((plane) =>
      plane.dimensions.map((dimension, field) => {
        const rules: number[][] = dimension.sets.map(() => []);
        for (const [rule] of entries.entries()) {
          const set = plane.may[rule * FIELDS + field]!;
          if (set !== NONE) rules[set]!.push(rule);
        }
        return rules;
      }),
    );
    this.#rows = this.#planes.map((plane) => plane.dimensions.map(() => new Map<number, Bits>()));
    this.#allKnown = entries.every(
      ({ rule, may, must }) => rule.decides && rule.conditions.length === 0 && may === must,
    );
  }

  /** What becomes of each rule, in the order of the list. */
  facts(): RuleFacts[] {
    return this.#entries.map((_, index) => {
      if (index % PROGRESS_STEP === 0) this.#progress?.(index, this.#entries.length);
      return this.#factsOf(index);
    });
  }

  #factsOf(index: number): RuleFacts {
    const { rule, may } = this.#entries[index]!;
    const facts = { rule, by: [], certain: true, reason: null, witness: null };
    if (may.size === 0) return { ...facts, status: "never-matches" };
    const reached = this.#reach(index, this.#overlapping(index, 0, index));
    switch (reached.type) {
      case "covered":
        return this.#dead(index, reached.by);
      case "undecided":
        return {
          ...facts,
          status: "reachable",
          certain: false,
          reason: "deciding whether anything reaches it passes the work budget",
          witness: this.#anyPacket(index),
        };
      case "gap": {
        const sure = this.#allKnown ? reached.packet : this.#certainReach(index);
        return {
          ...facts,
          status: "reachable",
          certain: sure !== null,
          reason: sure === null ? "whether a packet reaches it depends on what the dump does not say" : null,
          witness: sure ?? reached.packet,
        };
      }
    }
  }

  /** Indexes of rules from `from` up to `to` that overlap a rule, for each plane, in order. */
  #overlapping(index: number, from: number, to: number): number[][] {
    return this.#planes.map((plane, planeIndex) => {
      if (plane.may[index * FIELDS] === NONE) return [];
      const rows: Bits[] = [];
      for (let field = 0; field < FIELDS; field += 1) {
        const set = plane.may[index * FIELDS + field]!;
        if (set !== ALL || field === 0) rows.push(this.#row(planeIndex, field, set));
      }
      return commonIndexes(rows, from, to);
    });
  }

  /** The rules whose set in one field of a plane overlaps a set. */
  #row(plane: number, field: number, set: number): Bits {
    const known = this.#rows[plane]![field]!.get(set);
    if (known !== undefined) return known;
    const row = emptyBits(this.#entries.length);
    const rulesBySet = this.#rulesBySet[plane]![field]!;
    for (const other of indexesOf(this.#planes[plane]!.dimensions[field]!.row(set).overlapping)) {
      for (const rule of rulesBySet[other] ?? []) setBit(row, rule);
    }
    if (this.#rowBytes > MOST_ROW_BYTES) {
      for (const fields of this.#rows) for (const rows of fields) rows.clear();
      this.#rowBytes = 0;
    }
    this.#rowBytes += row.byteLength;
    this.#rows[plane]![field]!.set(set, row);
    return row;
  }

  /** Whether a rule certainly stops what meets the conditions and lies in its `must` packets. */
  #decides(index: number, conditions: readonly Condition[]): boolean {
    const { rule } = this.#entries[index]!;
    return rule.decides && (rule.conditions.length === 0 || implies(conditions, rule.conditions));
  }

  /** Whether the given rules certainly take all that a rule may match. */
  #reach(index: number, others: readonly (readonly number[])[], prefer?: (other: number) => boolean): Answer {
    const { conditions } = this.#entries[index]!.rule;
    const budget: Budget = { steps: this.#budget };
    const by = new Set<number>();
    let undecided = false;
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const region = ruleRegion(plane, plane.may, index);
      if (region === null) continue;
      let rules = others[planeIndex]!.filter((other) => this.#decides(other, conditions));
      if (prefer !== undefined) rules = [...rules.filter(prefer), ...rules.filter((other) => !prefer(other))];
      const cover = findGap(plane, region, rules, plane.must, budget);
      if (cover.type === "gap") return { type: "gap", packet: plane.packetAt(cover.point) };
      if (cover.type === "undecided") undecided = true;
      else for (const rule of cover.by) by.add(rule);
    }
    return undecided ? { type: "undecided" } : { type: "covered", by: [...by].sort((a, b) => a - b) };
  }

  /** A packet that certainly matches a rule and that no earlier rule possibly takes. */
  #certainReach(index: number): Packet | null {
    if (this.#entries[index]!.rule.conditions.length > 0) return null;
    const earlier = this.#overlapping(index, 0, index);
    const budget: Budget = { steps: this.#budget };
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const region = ruleRegion(plane, plane.must, index);
      if (region === null) continue;
      const cover = findGap(plane, region, earlier[planeIndex]!, plane.may, budget);
      if (cover.type === "gap") return plane.packetAt(cover.point);
    }
    return null;
  }

  #anyPacket(index: number): Packet {
    for (const plane of this.#planes) {
      const region = ruleRegion(plane, plane.may, index);
      if (region !== null)
        return plane.packetAt(region.lists.map((list, field) => list?.[0] ?? plane.plainClass[field]!));
    }
    throw new Error("a rule without packets has no packet");
  }

  #dead(index: number, cover: readonly number[]): RuleFacts {
    const { rule } = this.#entries[index]!;
    const other = this.#otherVerdict(index);
    const shadowed = other.type === "certain";
    const by = this.#blockers(
      index,
      cover,
      (blocker) => (this.#entries[blocker]!.rule.action !== rule.action) === shadowed,
    );
    return {
      rule,
      status: shadowed ? "shadowed" : "redundant",
      by: by.map((blocker) => this.#entries[blocker]!.rule),
      certain: other.type !== "possible",
      reason: other.type === "possible" ? other.reason : null,
      witness: other.type === "certain" ? other.packet : this.#anyPacket(index),
    };
  }

  /**
   * Few rules that explain why a rule is dead: the first that takes all of it alone, or else a cover without any
   * member to spare, of preferred rules as far as possible.
   */
  #blockers(
    index: number,
    cover: readonly number[],
    prefer: (blocker: number) => boolean,
  ): readonly number[] {
    const alone = this.#overlapping(index, 0, index)
      .flat()
      .find((other) => this.#takesAll(other, index));
    if (alone !== undefined) return [alone];
    // What is not preferred is left out first, and of equals the later.
    const order = (a: number, b: number): number => Number(prefer(b)) - Number(prefer(a)) || a - b;
    let left = this.#preferredCover(index, prefer) ?? [...cover];
    const needed = this.#essential(index, left);
    for (const candidate of left.toSorted(order).toReversed()) {
      if (needed.has(candidate)) continue;
      const without = left.filter((other) => other !== candidate);
      if (
        this.#reach(
          index,
          this.#planes.map(() => without),
        ).type === "covered"
      )
        left = without;
    }
    return left.toSorted((a, b) => a - b);
  }

  /** Members of a cover that are known to be needed, because each holds some packet of the rule alone. */
  #essential(index: number, cover: readonly number[]): ReadonlySet<number> {
    const essential = new Set<number>();
    for (const plane of this.#planes) {
      const region = ruleRegion(plane, plane.may, index);
      if (region === null) continue;
      for (const rule of essentialOf(plane, region, cover, plane.must, { steps: this.#budget }))
        essential.add(rule);
    }
    return essential;
  }

  #preferredCover(index: number, prefer: (blocker: number) => boolean): number[] | null {
    const answer = this.#reach(index, this.#overlapping(index, 0, index), prefer);
    return answer.type === "covered" ? [...answer.by] : null;
  }

  /** Whether one rule certainly takes every packet that another may match. */
  #takesAll(outer: number, inner: number): boolean {
    if (!this.#decides(outer, this.#entries[inner]!.rule.conditions)) return false;
    return this.#planes.every((plane) => {
      if (plane.may[inner * FIELDS] === NONE) return true;
      for (let field = 0; field < FIELDS; field += 1) {
        const set = plane.must[outer * FIELDS + field]!;
        if (set === NONE) return false;
        if (!hasBit(plane.dimensions[field]!.row(plane.may[inner * FIELDS + field]!).containing, set))
          return false;
      }
      return true;
    });
  }

  /** Whether some packet of a dead rule gets another verdict earlier: for certain, possibly, or not at all. */
  #otherVerdict(
    index: number,
  ):
    | { readonly type: "certain"; readonly packet: Packet }
    | { readonly type: "possible"; readonly reason: string }
    | { readonly type: "none" } {
    const { conditions, action } = this.#entries[index]!.rule;
    const differs = (other: number): boolean => {
      const { rule } = this.#entries[other]!;
      return rule.decides && rule.action !== action;
    };
    const winner = this.#winner(index, differs);
    if (winner === "undecided") {
      return { type: "possible", reason: "deciding which verdict its packets get passes the work budget" };
    }
    if (winner !== null) return { type: "certain", packet: winner.packet };
    const earlier = this.#overlapping(index, 0, index);
    for (const [planeIndex, plane] of this.#planes.entries()) {
      for (const other of earlier[planeIndex]!) {
        const { rule } = this.#entries[other]!;
        if (rule.decides && !differs(other)) continue;
        const known = [...conditions, ...rule.conditions];
        const before = earlier[planeIndex]!.filter(
          (candidate) => candidate < other && !differs(candidate) && this.#decides(candidate, known),
        );
        const region = commonRegion(plane, plane.may, index, plane.may, other);
        if (region === null) continue;
        if (findGap(plane, region, before, plane.must, { steps: this.#budget }).type !== "covered") {
          return {
            type: "possible",
            reason: "whether its packets get another verdict depends on what the dump does not say",
          };
        }
      }
    }
    return { type: "none" };
  }

  /**
   * A packet of the rule that certainly goes to one of the earlier rules which `wanted` names. Where several of them
   * could take it, it does not matter which does.
   */
  #winner(
    index: number,
    wanted: (other: number) => boolean,
  ): { index: number; packet: Packet } | "undecided" | null {
    const { conditions } = this.#entries[index]!.rule;
    const earlier = this.#overlapping(index, 0, index);
    let undecided = false;
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const others: number[] = [];
      for (const candidate of earlier[planeIndex]!) {
        if (!wanted(candidate)) {
          others.push(candidate);
          continue;
        }
        if (!this.#decides(candidate, conditions)) continue;
        const region = commonRegion(plane, plane.may, index, plane.must, candidate);
        if (region === null) continue;
        const found = findGap(plane, region, others, plane.may, { steps: this.#budget });
        if (found.type === "gap") return { index: candidate, packet: plane.packetAt(found.point) };
        if (found.type === "undecided") undecided = true;
      }
    }
    return undecided ? "undecided" : null;
  }

  /**
   * An earlier rule for which `wanted` holds and that certainly takes a packet of the rule first, or another such
   * rule does; null if none is found.
   */
  winnerAmong(index: number, wanted: (rule: Rule) => boolean): Winner | null {
    const found = this.#winner(index, (other) => {
      const { rule } = this.#entries[other]!;
      return rule.decides && wanted(rule);
    });
    return found === null || found === "undecided"
      ? null
      : { rule: this.#entries[found.index]!.rule, packet: found.packet };
  }

  /** A packet that no rule of the list takes: certainly, or unless the unknown turns out otherwise. */
  unmatched(): { readonly packet: Packet; readonly certain: boolean } | null {
    const all = this.#entries.map((_, index) => index);
    for (const reading of ["may", "must"] as const) {
      const rules = reading === "may" ? all : all.filter((index) => this.#decides(index, []));
      for (const plane of this.#planes) {
        const everything: Region = { ids: [ALL, ALL, ALL, ALL], lists: [null, null, null, null] };
        const found = findGap(plane, everything, rules, plane[reading], { steps: this.#budget });
        if (found.type === "gap") return { packet: plane.packetAt(found.point), certain: reading === "may" };
      }
    }
    return null;
  }

  /**
   * True if the rule is reached and yet no packet's verdict changes without it: for every packet that may reach it,
   * the next rule that takes it gives the same verdict, so no later rule with another verdict gets one, and none is
   * left over.
   */
  isRemovable(index: number): boolean {
    const { action, decides, conditions } = this.#entries[index]!.rule;
    if (!decides) return false;
    const around = this.#overlapping(index, 0, this.#entries.length).map((rules) =>
      rules.filter((other) => other !== index),
    );
    const budget: Budget = { steps: this.#budget };
    const same = (other: number): boolean => {
      const { rule } = this.#entries[other]!;
      return rule.decides && rule.action === action;
    };
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const region = ruleRegion(plane, plane.may, index);
      if (region === null) continue;
      const rules = around[planeIndex]!.filter((other) => this.#decides(other, conditions));
      if (findGap(plane, region, rules, plane.must, budget).type !== "covered") return false;
    }
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const rules = around[planeIndex]!;
      // The widest rule with another verdict is the likeliest to get a packet, and it mostly comes last.
      for (const other of rules.filter((candidate) => candidate > index && !same(candidate)).toReversed()) {
        const region = commonRegion(plane, plane.may, index, plane.may, other);
        if (region === null) continue;
        const known = [...conditions, ...this.#entries[other]!.rule.conditions];
        const before = rules.filter((candidate) => candidate < other && this.#decides(candidate, known));
        const takers = before.filter((candidate) => candidate < index || same(candidate));
        if (findGap(plane, region, takers, plane.must, budget).type !== "covered") return false;
      }
    }
    return true;
  }
}

/** The indexes from `from` up to `to` that stand in every row. */
function commonIndexes(rows: readonly Bits[], from: number, to: number): number[] {
  const indexes: number[] = [];
  const end = (to + 31) >>> 5;
  for (let word = from >>> 5; word < end; word += 1) {
    let common = rows[0]![word]!;
    for (let row = 1; row < rows.length && common !== 0; row += 1) common &= rows[row]![word]!;
    while (common !== 0) {
      const index = word * 32 + lowestBit(common);
      if (index >= from && index < to) indexes.push(index);
      common &= common - 1;
    }
  }
  return indexes;
}

/** What two rules have in common in a plane; null if nothing. */
function commonRegion(
  plane: Plane,
  boxesA: Int32Array,
  a: number,
  boxesB: Int32Array,
  b: number,
): Region | null {
  const ids: number[] = [];
  const lists: (Int32Array | null)[] = [];
  for (let field = 0; field < FIELDS; field += 1) {
    const dimension = plane.dimensions[field]!;
    const setA = boxesA[a * FIELDS + field]!;
    const setB = boxesB[b * FIELDS + field]!;
    if (setA === NONE || setB === NONE) return null;
    const inB = hasBit(dimension.row(setA).containing, setB);
    const smaller = inB ? setA : hasBit(dimension.row(setB).containing, setA) ? setB : NONE;
    const list =
      smaller === NONE
        ? intersectLists(dimension.sets[setA]!, dimension.sets[setB]!)
        : dimension.sets[smaller]!;
    if (list !== null && list.length === 0) return null;
    ids.push(smaller);
    lists.push(list);
  }
  return { ids, lists };
}
