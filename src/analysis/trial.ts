import { implies } from "../model/conditions.ts";
import type { Packet } from "../model/packet.ts";
import type { Rule } from "../model/rule.ts";
import { boxesOverlap } from "./boxes.ts";
import { findGap, ruleRegion, type Budget } from "./cover.ts";
import { RuleItems, decide, type DecidedPiece } from "./decide.ts";
import { differenceOf, type ListDifference } from "./difference.ts";
import { prepareEntries, type Entry } from "./entries.ts";
import { OverlapIndex } from "./overlap-index.ts";
import { packetSet, type PacketSet } from "./packet-set.ts";
import { buildPlanes, type Plane } from "./planes.ts";
import { Reachability, commonRegion } from "./reachability.ts";

/** Work allowed for splitting the new rule's packets, and for each question whether something is covered. */
const SPLIT_BUDGET = 5_000_000;
const COVER_BUDGET = 50_000_000;

/** The new rule's packets by who decides them. */
export interface Split {
  readonly pieces: readonly DecidedPiece[];
  /** True if the split takes more work than allowed, so that pieces are missing. */
  readonly incomplete: boolean;
}

/** The first rule that gives packets of the new rule another verdict: below it the new rule comes too late for them. */
export interface Limit {
  /** Its place in the list. */
  readonly index: number;
  readonly rule: Rule;
  readonly witness: Packet;
  /** False if it depends on what the dump does not say, or on too much work, whether it takes the witness. */
  readonly certain: boolean;
}

/** A rule that loses packets to the new rule, with one of them. */
export interface Loser {
  readonly rule: Rule;
  readonly witness: Packet;
}

/** Rules that nothing reaches any more. */
export interface Deaths {
  readonly dead: readonly Loser[];
  /** Rules of which telling takes more work than allowed. */
  readonly undecided: readonly Rule[];
}

/**
 * What a new rule does in a list. Only rules that overlap it count for its packets. What it demands and the dump does
 * not show is taken as given: all answers are about the packets that meet it, and the rule does nothing to others.
 */
export class Trial {
  readonly #list: readonly Rule[];
  readonly #added: Rule;
  /** The rules that overlap, in order, and the new rule behind them. */
  readonly #entries: readonly Entry[];
  /** Their places in the list. */
  readonly #places: readonly number[];
  readonly #planes: readonly Plane[];
  readonly #indexes: readonly OverlapIndex[];
  readonly #budget: number;
  /** By rule what `#certainlyTakes` found: several questions ask it. */
  readonly #taken: (Packet | null | undefined)[] = [];
  #limit: Limit | null | undefined = undefined;

  /** @param budget work allowed for splitting the new rule's packets; beyond it only examples are known */
  constructor(list: readonly Rule[], added: Rule, budget = SPLIT_BUDGET) {
    this.#budget = budget;
    this.#list = list;
    this.#added = added;
    const [own] = prepareEntries([added]);
    const boxes = [...own!.may.values()];
    this.#places = prepareEntries(list).flatMap(({ index, may }) =>
      boxes.some((box) => boxesOverlap(may.get(box.kind) ?? EMPTY, box)) ? [index] : [],
    );
    const given = new Set(added.conditions.map(({ key }) => key));
    const taken = (rule: Rule): Rule =>
      given.size === 0 ? rule : { ...rule, conditions: rule.conditions.filter(({ key }) => !given.has(key)) };
    this.#entries = prepareEntries([...this.#places.map((place) => list[place]!), added].map(taken));
    this.#planes = buildPlanes(this.#entries);
    this.#indexes = this.#planes.map((plane) => new OverlapIndex(plane));
  }

  get #own(): number {
    return this.#places.length;
  }

  /** All packets that the new rule may match; empty if there are none. */
  get packets(): PacketSet {
    return packetSet(this.#entries[this.#own]!.may.values());
  }

  /** Who decides the new rule's packets without it. */
  now(): Split {
    return this.#split([...this.#places.keys()]);
  }

  /** Who decides them with the new rule at a place, as far as it or a rule before it does. */
  at(place: number): Split {
    return this.#split([...this.#before(place), this.#own]);
  }

  #split(rules: readonly number[]): Split {
    const items = new RuleItems(this.#entries, rules);
    const budget: Budget = { steps: this.#budget };
    const { pieces, undecided } = decide(this.#planes, this.#entries, items, this.packets, budget);
    return { pieces, incomplete: undecided.length > 0 };
  }

  #before(place: number): number[] {
    return [...this.#places.keys()].filter((index) => this.#places[index]! < place);
  }

  /** Whether some packet gets to the new rule at a place, for all that is known; null if that is too much work. */
  isReachedAt(place: number): boolean | null {
    return this.#leftOver(this.#before(place));
  }

  /** Whether certainly every packet of the new rule gets to it at a place. */
  isWholeAt(place: number): boolean {
    return this.#before(place).every((index) => this.#mayTake(index) === null);
  }

  /** A packet that certainly gets to the new rule at a place; null if there is none for certain. */
  packetAt(place: number): Packet | null {
    return this.#missedBy(this.#before(place));
  }

  /** Whether every packet of the new rule certainly gets its verdict without it; null if that is too much work. */
  get isNeeded(): boolean | null {
    return this.limit !== null || this.#leftOver([...this.#places.keys()]);
  }

  /** Whether rules leave a packet of the new rule. */
  #leftOver(rules: readonly number[]): boolean | null {
    const budget: Budget = { steps: COVER_BUDGET };
    let known = true;
    for (const plane of this.#planes) {
      const region = ruleRegion(plane, plane.may, this.#own);
      if (region === null) continue;
      const certain = rules.filter((rule) => this.#decides(rule));
      const cover = findGap(plane, region, certain, plane.must, budget);
      if (cover.type === "gap") return true;
      if (cover.type === "undecided") known = false;
    }
    return known ? false : null;
  }

  #decides(index: number): boolean {
    const { rule } = this.#entries[index]!;
    return rule.decides && rule.conditions.length === 0;
  }

  /** Null if no rule gives any of its packets another verdict. */
  get limit(): Limit | null {
    if (this.#limit === undefined) this.#limit = this.#findLimit();
    return this.#limit;
  }

  /** A packet of the new rule that certainly gets its verdict without it; null if there is none for certain. */
  get already(): Packet | null {
    return this.#certainly(({ action }) => action === this.#added.action);
  }

  /** A packet of the new rule that certainly does not get its verdict without it; null if there is none for certain. */
  get missing(): Packet | null {
    return this.#certainly(({ action }) => action !== this.#added.action) ?? this.unmatched;
  }

  /** A packet that certainly goes to a rule which is wanted. */
  #certainly(wanted: (rule: Rule) => boolean): Packet | null {
    for (const [index, { rule }] of this.#entries.slice(0, -1).entries()) {
      const packet = wanted(rule) ? this.#certainlyTakes(index) : null;
      if (packet !== null) return packet;
    }
    return null;
  }

  #findLimit(): Limit | null {
    for (const index of this.#places.keys()) {
      const { rule } = this.#entries[index]!;
      if (rule.decides && rule.action === this.#added.action) continue;
      const certain = this.#certainlyTakes(index);
      const witness = certain ?? this.#mayTake(index);
      if (witness !== null) return { index: this.#places[index]!, rule, witness, certain: certain !== null };
    }
    return null;
  }

  /** A packet of the new rule that certainly goes to a rule without it; null if there is none for certain. */
  #certainlyTakes(index: number): Packet | null {
    const known = this.#taken[index];
    if (known !== undefined) return known;
    const packet = this.#decides(index) ? this.#findTaken(index) : null;
    this.#taken[index] = packet;
    return packet;
  }

  #findTaken(index: number): Packet | null {
    const budget: Budget = { steps: COVER_BUDGET };
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const region = commonRegion(plane, plane.must, this.#own, plane.must, index);
      if (region === null) continue;
      const before = this.#indexes[planeIndex]!.overlapping(index, index);
      const cover = findGap(plane, region, before, plane.may, budget);
      if (cover.type === "gap") return plane.packetAt(cover.point);
    }
    return null;
  }

  /** A packet of the new rule that may go to a rule without it; null if certainly none does. */
  #mayTake(index: number): Packet | null {
    const { conditions } = this.#entries[index]!.rule;
    const budget: Budget = { steps: COVER_BUDGET };
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const region = commonRegion(plane, plane.may, this.#own, plane.may, index);
      if (region === null) continue;
      const before = this.#indexes[planeIndex]!.overlapping(index, index).filter((other) => {
        const { rule } = this.#entries[other]!;
        return rule.decides && implies(conditions, rule.conditions);
      });
      const cover = findGap(plane, region, before, plane.must, budget);
      if (cover.type === "gap") return plane.packetAt(cover.point);
      if (cover.type === "undecided")
        return plane.packetAt(region.lists.map((list, field) => list?.[0] ?? plane.plainClass[field]!));
    }
    return null;
  }

  /**
   * The last place where every packet of the new rule gets its verdict: nothing later in the list would be decided
   * otherwise, so it takes least from other rules there. The lines of one rule of the manager stay together.
   */
  get bestPlace(): number {
    return this.limit === null ? this.#list.length : startOfLines(this.#list, this.limit.index);
  }

  /** A packet of the new rule that certainly no rule takes; null if there is none. */
  get unmatched(): Packet | null {
    return this.#missedBy([...this.#places.keys()]);
  }

  #missedBy(rules: readonly number[]): Packet | null {
    for (const plane of this.#planes) {
      const region = ruleRegion(plane, plane.must, this.#own);
      if (region === null) continue;
      const cover = findGap(plane, region, rules, plane.may, { steps: COVER_BUDGET });
      if (cover.type === "gap") return plane.packetAt(cover.point);
    }
    return null;
  }

  /** The rules behind a place that certainly decide packets of the new rule now, each with one of them. */
  losersAt(place: number): Loser[] {
    return [...this.#places.keys()].flatMap((index) => {
      if (this.#places[index]! < place) return [];
      const witness = this.#certainlyTakes(index);
      return witness === null ? [] : [{ rule: this.#list[this.#places[index]!]!, witness }];
    });
  }

  /** Which packets are decided otherwise with the new rule at a place. */
  changesAt(place: number): ListDifference {
    const rules = this.#entries.map(({ rule }) => rule);
    const others = rules.slice(0, -1);
    const before = this.#before(place).length;
    return differenceOf(others, [...others.slice(0, before), rules[this.#own]!, ...others.slice(before)], {
      budget: this.#budget,
    });
  }

  /** The rules behind a place that are reached now, and not behind the new rule. */
  deathsAt(place: number): Deaths {
    const dead: Loser[] = [];
    const undecided: Rule[] = [];
    const candidates = this.#places.filter((index) => index >= place && this.#list[index]!.node !== null);
    if (candidates.length === 0) return { dead, undecided };
    // In front of all others the new rule takes from each what it takes at any place before that.
    const reachability = new Reachability(prepareEntries([this.#added, ...this.#list]), {
      budget: COVER_BUDGET,
    });
    for (const index of candidates) {
      const behind = reachability.packetFor(index + 1);
      if (behind === "undecided") undecided.push(this.#list[index]!);
      if (behind !== null) continue;
      const without = reachability.packetFor(index + 1, 0);
      if (without === "undecided") undecided.push(this.#list[index]!);
      else if (without !== null) dead.push({ rule: this.#list[index]!, witness: without });
    }
    return { dead, undecided };
  }
}

const EMPTY = { kind: "ethernet", sides: [[], [], [], []] } as const;

/** The first of neighbouring lines of one rule: a rule of the manager is many lines, and nothing fits between them. */
export function startOfLines(rules: readonly Rule[], index: number): number {
  let start = index;
  while (start > 0 && areLinesOfOne(rules[start - 1]!, rules[start]!)) start -= 1;
  return start;
}

export function areLinesOfOne(a: Rule, b: Rule): boolean {
  const [one, other] = [a.reference, b.reference];
  return (
    one.id !== null && one.id === other.id && one.ruleset === other.ruleset && one.category === other.category
  );
}
