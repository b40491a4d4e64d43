import { implies } from "../model/conditions.ts";
import type { Packet } from "../model/packet.ts";
import type { Condition, Rule } from "../model/rule.ts";
import { treatmentKey } from "../model/treatment.ts";
import { UNIVERSE, sampleBox, type Kind } from "./boxes.ts";
import { essentialOf, findGap, ruleRegion, type Budget, type Region } from "./cover.ts";
import { ALL, NONE, intersectLists } from "./dimension.ts";
import type { Entry } from "./entries.ts";
import { Effective } from "./effective.ts";
import { OverlapIndex } from "./overlap-index.ts";
import { FIELDS, buildPlanes, planeOf, type Plane } from "./planes.ts";

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
/** Rules in kept lists; those that are not kept are found again when they are asked for. */
const MOST_KEPT_OTHERS = 10_000_000;
const NOTHING: readonly number[] = [];
const UNASKED = -2;

/** A packet that gets to a rule, and where it stands in its plane. */
interface Reached {
  readonly packet: Packet;
  readonly plane: number;
  readonly point: readonly number[];
}

type Answer =
  | { readonly type: "covered"; readonly by: readonly number[] }
  | ({ readonly type: "gap" } & Reached)
  | { readonly type: "undecided" };

/** A rule that takes packets of another, with one of them. */
export interface Winner {
  readonly rule: Rule;
  readonly packet: Packet;
}

/** Equal numbers for rules that decide and have equal keys; another number for each that does not decide. */
function numbered(entries: readonly Entry[], keyOf: (rule: Rule) => string): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(entries, ({ rule }, index) => {
    if (!rule.decides) return -1 - index;
    const key = keyOf(rule);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}

/** One list of rules, and every question about which rule takes what before which. */
export class Reachability {
  readonly #entries: readonly Entry[];
  readonly #planes: readonly Plane[];
  readonly #budget: number;
  readonly #progress: ReachabilityOptions["progress"];
  readonly #indexes: readonly OverlapIndex[];
  /** Which rules certainly stop all that lies in their `must` packets. */
  readonly #decidesAlways: Uint8Array;
  /** Equal numbers for rules that decide and do so alike; another number for each that does not decide. */
  readonly #verdicts: Int32Array;
  /** The same, where rules that treat packets differently count as different. */
  readonly treatments: Int32Array;
  /** True if everything that the rules demand stands in the dump. */
  readonly #allKnown: boolean;
  /** For each plane and rule the earlier ones with another verdict that surely take something, where that is known. */
  #others: readonly (readonly number[] | undefined)[][];
  #keptOthers = 0;
  readonly #lastEarlier: { readonly index: number; readonly earlier: readonly number[] }[];
  /** A packet that certainly gets to a rule, where one was found. */
  #reached: (Reached | null)[];
  /** The later rule that this packet would go to; `NONE` if there is none, `UNASKED` before it is looked for. */
  readonly #nexts: Int32Array;

  /** @param planes of these entries, where they were made for several lists together */
  constructor(
    entries: readonly Entry[],
    options: ReachabilityOptions = {},
    planes: readonly Plane[] = buildPlanes(entries),
  ) {
    this.#entries = entries;
    this.#planes = planes;
    this.#budget = options.budget ?? DEFAULT_BUDGET;
    this.#progress = options.progress;
    this.#indexes = this.#planes.map((plane) => new OverlapIndex(plane));
    this.#lastEarlier = this.#planes.map(() => ({ index: NONE, earlier: NOTHING }));
    this.#others = this.#planes.map(() => entries.map(() => undefined));
    this.#reached = entries.map(() => null);
    this.#nexts = new Int32Array(entries.length).fill(UNASKED);
    this.#decidesAlways = Uint8Array.from(entries, ({ rule }) =>
      Number(rule.decides && rule.conditions.length === 0),
    );
    this.#verdicts = numbered(entries, ({ action }) => action);
    this.treatments = numbered(entries, ({ action, treatment }) => `${action} ${treatmentKey(treatment)}`);
    this.#allKnown = entries.every(
      ({ rule, may, must }) => rule.decides && rule.conditions.length === 0 && may === must,
    );
  }

  /** What becomes of each rule, in the order of the list. */
  facts(): RuleFacts[] {
    const total = this.#entries.length;
    const facts = this.#entries.map((_, index) => {
      if (index % PROGRESS_STEP === 0) this.#progress?.(index, total);
      return this.factsAt(index);
    });
    this.#progress?.(total, total);
    return facts;
  }

  /** Takes over what was found out when the facts of an equal list, over the same planes, were decided. */
  adopt(other: Reachability): void {
    this.#reached = other.#reached;
    this.#others = other.#others;
  }

  /** What becomes of one rule. */
  factsAt(index: number): RuleFacts {
    const { rule, may } = this.#entries[index]!;
    const facts = { rule, by: [], certain: true, reason: null, witness: null };
    if (may.size === 0) return { ...facts, status: "never-matches" };
    // Text that does not parse is no rule to say anything about, and there may be thousands of it.
    if (rule.node === null) {
      const reason = "it does not parse";
      return { ...facts, status: "reachable", certain: false, reason, witness: this.#anyPacket(index) };
    }
    const reached = this.#reach(index, (plane) => {
      const earlier = this.#earlier(index, plane);
      this.#keepOthers(index, plane, earlier);
      return earlier;
    });
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
        const certain = this.#allKnown ? reached : this.#certainReach(index);
        this.#reached[index] = certain;
        const sure = certain?.packet ?? null;
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

  /** Indexes of the rules before `to` that overlap a rule in a plane, in order. */
  #overlapping(index: number, planeIndex: number, to: number): number[] {
    return this.#indexes[planeIndex]!.overlapping(index, to);
  }

  /** Those before a rule; the last answer is kept, because a dead rule is asked about several times in a row. */
  #earlier(index: number, planeIndex: number): readonly number[] {
    const last = this.#lastEarlier[planeIndex]!;
    if (last.index === index) return last.earlier;
    const earlier = this.#overlapping(index, planeIndex, index);
    this.#lastEarlier[planeIndex] = { index, earlier };
    return earlier;
  }

  /** Few rules have another verdict than most: those that stand before a rule are kept, because checks ask for them. */
  #keepOthers(index: number, planeIndex: number, earlier: readonly number[]): void {
    if (this.#keptOthers > MOST_KEPT_OTHERS) return;
    const verdict = this.#verdicts[index]!;
    const { must } = this.#planes[planeIndex]!;
    const others = earlier.filter(
      (other) =>
        this.#verdicts[other] !== verdict &&
        this.#decidesAlways[other] === 1 &&
        must[other * FIELDS] !== NONE,
    );
    this.#keptOthers += others.length;
    this.#others[planeIndex]![index] = others.length === 0 ? NOTHING : others;
  }

  /** Whether a rule certainly stops what meets the conditions and lies in its `must` packets. */
  #decides(index: number, conditions: readonly Condition[]): boolean {
    if (this.#decidesAlways[index] === 1) return true;
    const { rule } = this.#entries[index]!;
    return conditions.length > 0 && rule.decides && implies(conditions, rule.conditions);
  }

  /** Whether the rules, given for each plane when it is asked about, certainly take all that a rule may match. */
  #reach(
    index: number,
    others: (planeIndex: number) => readonly number[],
    prefer?: (other: number) => boolean,
  ): Answer {
    const { conditions } = this.#entries[index]!.rule;
    const budget: Budget = { steps: this.#budget };
    const by = new Set<number>();
    let undecided = false;
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const region = ruleRegion(plane, plane.may, index);
      if (region === null) continue;
      let rules = others(planeIndex).filter((other) => this.#decides(other, conditions));
      if (prefer !== undefined) rules = [...rules.filter(prefer), ...rules.filter((other) => !prefer(other))];
      const cover = findGap(plane, region, rules, plane.must, budget);
      if (cover.type === "gap") {
        const { point } = cover;
        return { type: "gap", packet: plane.packetAt(point), plane: planeIndex, point };
      }
      if (cover.type === "undecided") undecided = true;
      else for (const rule of cover.by) by.add(rule);
    }
    return undecided ? { type: "undecided" } : { type: "covered", by: [...by].sort((a, b) => a - b) };
  }

  /**
   * A packet that gets to a rule for all that is known, though one other rule be left out; null if there is none.
   */
  packetFor(index: number, leftOut: number | null = null): Packet | "undecided" | null {
    const answer = this.#reach(index, (plane) =>
      this.#earlier(index, plane).filter((other) => other !== leftOut),
    );
    switch (answer.type) {
      case "covered":
        return null;
      case "gap":
        return answer.packet;
      case "undecided":
        return "undecided";
    }
  }

  /** A packet that certainly matches a rule and that no earlier rule possibly takes. */
  #certainReach(index: number): Reached | null {
    if (this.#entries[index]!.rule.conditions.length > 0) return null;
    const budget: Budget = { steps: this.#budget };
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const region = ruleRegion(plane, plane.must, index);
      if (region === null) continue;
      const cover = findGap(plane, region, this.#earlier(index, planeIndex), plane.may, budget);
      if (cover.type === "gap") {
        const { point } = cover;
        return { packet: plane.packetAt(point), plane: planeIndex, point };
      }
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
    const first = this.#planes.findIndex((plane) => plane.may[index * FIELDS] !== NONE);
    const alone = this.#earlier(index, first).find((other) => this.#takesAll(other, index));
    if (alone !== undefined) return [alone];
    // What is not preferred is left out first, and of equals the later.
    const order = (a: number, b: number): number => Number(prefer(b)) - Number(prefer(a)) || a - b;
    let left = this.#preferredCover(index, prefer) ?? [...cover];
    const needed = this.#essential(index, left);
    for (const candidate of left.toSorted(order).toReversed()) {
      if (needed.has(candidate)) continue;
      const without = left.filter((other) => other !== candidate);
      if (this.#reach(index, () => without).type === "covered") left = without;
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
    const answer = this.#reach(index, (plane) => this.#earlier(index, plane), prefer);
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
        if (!plane.dimensions[field]!.contains(set, plane.may[inner * FIELDS + field]!)) return false;
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
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const earlier = this.#earlier(index, planeIndex);
      if (earlier.every((candidate) => this.#entries[candidate]!.rule.decides && !differs(candidate)))
        continue;
      for (const other of earlier) {
        const { rule } = this.#entries[other]!;
        if (rule.decides && !differs(other)) continue;
        const known = [...conditions, ...rule.conditions];
        const before = earlier.filter(
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
    let undecided = false;
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const others: number[] = [];
      for (const candidate of this.#earlier(index, planeIndex)) {
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

  /** The first later rule that certainly takes all that a rule may match; null if there is none. */
  firstHeir(index: number): number | null {
    const plane = this.#planes.findIndex(({ may }) => may[index * FIELDS] !== NONE);
    if (plane === -1) return null;
    const later = this.#overlapping(index, plane, this.#entries.length).filter((other) => other > index);
    return later.find((other) => this.#takesAll(other, index)) ?? null;
  }

  /** How much of each rule's packets gets to it. */
  get effective(): Effective {
    return new Effective(this.#planes, this.#entries, {
      decidesAlways: this.#decidesAlways,
      verdicts: this.#verdicts,
      holdingBut: (plane, field, point, before) => this.#indexes[plane]!.holdingBut(field, point, before),
      earlier: (index, plane) => this.#earlier(index, plane),
      others: (index, plane) => this.#others[plane]![index] ?? null,
      reached: (index, plane) => {
        const reached = this.#reached[index]!;
        return reached?.plane === plane ? reached : null;
      },
    });
  }

  /** Indexes of the rules before `to` that possibly match a packet which the rule possibly matches, in order. */
  overlapping(index: number, to: number): number[] {
    const found = new Set(this.#planes.flatMap((_, plane) => this.#overlapping(index, plane, to)));
    return [...found].sort((a, b) => a - b);
  }

  /**
   * A packet of these kinds that no rule of the list takes: certainly, or unless the unknown turns out otherwise.
   */
  unmatched(kinds: readonly Kind[]): { readonly packet: Packet; readonly certain: boolean } | null {
    const planes = new Map(this.#planes.map((plane) => [plane.name, plane]));
    const untouched = kinds.find((kind) => !planes.has(planeOf(kind)));
    const all = this.#entries.map((_, index) => index);
    for (const reading of ["may", "must"] as const) {
      const rules = reading === "may" ? all : all.filter((index) => this.#decides(index, []));
      for (const plane of this.#planes) {
        const everything: Region = { ids: [ALL, ALL, ALL, ALL], lists: [null, null, null, null] };
        const found = findGap(plane, everything, rules, plane[reading], { steps: this.#budget });
        if (found.type === "gap") return { packet: plane.packetAt(found.point), certain: reading === "may" };
      }
      // Where no rule has any packet, as in IPv6 under IPv4 rules only, every packet goes through to the end.
      if (untouched !== undefined) return { packet: sampleBox(UNIVERSE[untouched]), certain: true };
    }
    return null;
  }

  /** The first later rule that possibly takes the packet which is known to get to a rule; `NONE` if there is none. */
  #nextOf(index: number, { plane, point }: Reached): number {
    const known = this.#nexts[index]!;
    if (known !== UNASKED) return known;
    const next = this.#indexes[plane]!.firstHolding(point, index) ?? NONE;
    this.#nexts[index] = next;
    return next;
  }

  /**
   * True if the rule is reached and yet nothing changes without it: for every packet that may reach it, the next rule
   * that takes it is one with the same verdict (`what` may demand the same treatment too), so no other later rule gets
   * one, and none is left over.
   */
  isRemovable(index: number, what: "verdict" | "treatment" = "verdict"): boolean {
    const kinds = what === "verdict" ? this.#verdicts : this.treatments;
    const kind = kinds[index]!;
    if (kind < 0) return false;
    // One packet that gets to the rule and then to one that does otherwise settles most questions.
    const reached = this.#reached[index]!;
    if (reached !== null) {
      const next = this.#nextOf(index, reached);
      if (next === NONE || (this.#decidesAlways[next] === 1 && kinds[next] !== kind)) return false;
    }
    const { conditions } = this.#entries[index]!.rule;
    const around: (readonly number[])[] = [];
    const budget: Budget = { steps: this.#budget };
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const region = ruleRegion(plane, plane.may, index);
      if (region === null) continue;
      around[planeIndex] = this.#overlapping(index, planeIndex, this.#entries.length).filter(
        (other) => other !== index,
      );
      const rules = around[planeIndex].filter((other) => this.#decides(other, conditions));
      if (findGap(plane, region, rules, plane.must, budget).type !== "covered") return false;
    }
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const rules = around[planeIndex] ?? [];
      const takers = rules.filter((candidate) => candidate < index || kinds[candidate] === kind);
      let always = takers.filter((candidate) => this.#decidesAlways[candidate] === 1);
      // The widest rule with another verdict is the likeliest to get a packet, and it mostly comes last.
      for (let at = rules.length - 1; at >= 0 && rules[at]! > index; at -= 1) {
        const other = rules[at]!;
        if (kinds[other] === kind) continue;
        const region = commonRegion(plane, plane.may, index, plane.may, other);
        if (region === null) continue;
        const known = [...conditions, ...this.#entries[other]!.rule.conditions];
        if (known.length === 0) always = always.slice(0, firstAtLeast(always, other));
        const before =
          known.length === 0
            ? always
            : takers.filter((candidate) => candidate < other && this.#decides(candidate, known));
        if (findGap(plane, region, before, plane.must, budget).type !== "covered") return false;
      }
    }
    return true;
  }
}

/** The place of the first number that is not below a limit, in a sorted list. */
function firstAtLeast(sorted: readonly number[], limit: number): number {
  const place = sorted.findIndex((number) => number >= limit);
  return place === -1 ? sorted.length : place;
}

/** What two rules have in common in a plane; null if nothing. */
export function commonRegion(
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
    const smaller = dimension.contains(setB, setA) ? setA : dimension.contains(setA, setB) ? setB : NONE;
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
