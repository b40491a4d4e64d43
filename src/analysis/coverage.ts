import { implies } from "../model/conditions.ts";
import type { Packet } from "../model/packet.ts";
import type { Rule } from "../model/rule.ts";
import type { ListAnalysis } from "./analysis.ts";
import { findGap, ruleRegion, type Budget, type Region } from "./cover.ts";
import { NONE, intersectLists } from "./dimension.ts";
import type { Entry } from "./entries.ts";
import { OverlapIndex } from "./overlap-index.ts";
import { FIELDS, buildPlanes, type Plane } from "./planes.ts";
import type { RuleBoxes } from "./rule-boxes.ts";

/** An accepting rule that gets packets which lie in no region. */
export interface Outside {
  readonly rule: Rule;
  /** A packet outside all regions that gets to the rule. */
  readonly witness: Packet;
  /** False if the dump does not say whether it gets there. */
  readonly certain: boolean;
}

/** What regions say about a list of rules, counted over the rules that something reaches. */
export interface Coverage {
  readonly reachable: readonly Rule[];
  /** Rules that decide no packet of any region. */
  readonly untouched: readonly Rule[];
  readonly accepting: readonly Rule[];
  readonly outside: readonly Outside[];
  /** Rules for which one of the two takes more work than allowed. */
  readonly undecided: readonly Rule[];
}

const QUESTION_BUDGET = 20_000_000;
/** For all questions of a list together. */
const WHOLE_BUDGET = 4_000_000_000;

/**
 * @param regions products of one set of values a field, as rules are; together what is asked about
 * @param deciders rules that are known to decide some packet of a region
 */
export function coverageOf(
  list: ListAnalysis,
  regions: readonly RuleBoxes[],
  deciders: ReadonlySet<Rule>,
): Coverage {
  const reachable = list.facts.flatMap(({ rule, status }) =>
    status === "reachable" && rule.node !== null ? [rule] : [],
  );
  return new Cover(list.entries, regions).run(reachable, deciders);
}

class Cover {
  readonly #entries: readonly Entry[];
  /** Of the rules, and behind them of the regions, so that classes lie inside or outside of each. */
  readonly #planes: readonly Plane[];
  readonly #indexes: readonly OverlapIndex[];
  readonly #total: number;
  #left = WHOLE_BUDGET;

  constructor(entries: readonly Entry[], regions: readonly RuleBoxes[]) {
    this.#entries = entries;
    this.#planes = buildPlanes([...entries, ...regions.map((boxes) => ({ may: boxes, must: boxes }))]);
    this.#indexes = this.#planes.map((plane) => new OverlapIndex(plane));
    this.#total = entries.length + regions.length;
  }

  run(reachable: readonly Rule[], deciders: ReadonlySet<Rule>): Coverage {
    const places = new Map(this.#entries.map(({ rule, index }) => [rule, index]));
    const untouched: Rule[] = [];
    const outside: Outside[] = [];
    const undecided: Rule[] = [];
    const accepting = reachable.filter(({ verdict }) => verdict === "accept");
    for (const rule of reachable) {
      const index = places.get(rule)!;
      const touched = deciders.has(rule) || this.#touched(index);
      const beyond = rule.verdict === "accept" ? this.#outside(index) : null;
      if (touched === null || beyond === "undecided") undecided.push(rule);
      if (touched === false) untouched.push(rule);
      if (beyond !== null && beyond !== "undecided") outside.push(beyond);
    }
    return { reachable, untouched, accepting, outside, undecided };
  }

  #question<T>(ask: (budget: Budget) => T): T {
    const steps = Math.min(QUESTION_BUDGET, this.#left);
    const budget: Budget = { steps };
    const answer = ask(budget);
    this.#left -= Math.max(0, steps - budget.steps);
    return answer;
  }

  /** What overlaps a rule: earlier rules, and regions. */
  #beside(index: number, planeIndex: number): { earlier: number[]; regions: number[] } {
    const all = this.#indexes[planeIndex]!.overlapping(index, this.#total);
    const count = this.#entries.length;
    return { earlier: all.filter((other) => other < index), regions: all.filter((other) => other >= count) };
  }

  /** Whether an earlier rule certainly takes what gets to it, where the rule itself matches. */
  #takes(earlier: number, index: number): boolean {
    const { rule } = this.#entries[earlier]!;
    return rule.decides && implies(this.#entries[index]!.rule.conditions, rule.conditions);
  }

  /** Whether a packet of a region may get to the rule; null if that is too much work. */
  #touched(index: number): boolean | null {
    let undecided = false;
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const own = ruleRegion(plane, plane.may, index);
      if (own === null) continue;
      const { earlier, regions } = this.#beside(index, planeIndex);
      const takers = earlier.filter((other) => this.#takes(other, index));
      for (const other of regions) {
        const common = intersection(own, ruleRegion(plane, plane.may, other)!);
        const { type } = this.#question((budget) => findGap(plane, common, takers, plane.must, budget));
        if (type === "gap") return true;
        if (type === "undecided") undecided = true;
      }
    }
    return undecided ? null : false;
  }

  /** A packet that gets to the rule and lies in no region; null if there is none. */
  #outside(index: number): Outside | "undecided" | null {
    const { rule } = this.#entries[index]!;
    let undecided = false;
    let possible: Packet | null = null;
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const own = ruleRegion(plane, plane.may, index);
      if (own === null) continue;
      const { earlier, regions } = this.#beside(index, planeIndex);
      const takers = [...regions, ...earlier.filter((other) => this.#takes(other, index))];
      const found = this.#question((budget) => findGap(plane, own, takers, plane.must, budget));
      if (found.type === "undecided") undecided = true;
      if (found.type !== "gap") continue;
      possible ??= plane.packetAt(found.point);
      const allSure = earlier.every((other) => this.#isSure(other));
      if (this.#isSure(index) && allSure)
        return { rule, witness: plane.packetAt(found.point), certain: true };
      const sure = rule.conditions.length === 0 ? ruleRegion(plane, plane.must, index) : null;
      if (sure === null) continue;
      const certain = this.#question((budget) =>
        findGap(plane, sure, [...regions, ...earlier], plane.may, budget),
      );
      if (certain.type === "gap") return { rule, witness: plane.packetAt(certain.point), certain: true };
    }
    if (possible !== null) return { rule, witness: possible, certain: false };
    return undecided ? "undecided" : null;
  }

  #isSure(index: number): boolean {
    const { rule, may, must } = this.#entries[index]!;
    return rule.decides && rule.conditions.length === 0 && may === must;
  }
}

function intersection(a: Region, b: Region): Region {
  return {
    lists: a.lists.map((list, field) => intersectLists(list, b.lists[field]!)),
    ids: Array.from({ length: FIELDS }, () => NONE),
  };
}
