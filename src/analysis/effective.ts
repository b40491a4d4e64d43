import type { Packet } from "../model/packet.ts";
import { findGap, ruleRegion, type Budget, type Region } from "./cover.ts";
import { itemsOf } from "./decide.ts";
import { Diagram, pointIn, type Matching } from "./diagram.ts";
import { ALL, DISJOINT, NONE, holdsClass, intersectLists, type ClassList } from "./dimension.ts";
import type { Entry } from "./entries.ts";
import { OverlapIndex } from "./overlap-index.ts";
import { FIELDS, type Classes, type Plane } from "./planes.ts";

/** The fields of a plane by the names that people use. */
export const SOURCE = 0;
export const DESTINATION = 1;
export const SERVICE = 3;
export type Field = typeof SOURCE | typeof DESTINATION | typeof SERVICE;

/** What reachability knows of the rules. */
interface Known {
  /** 1 for each rule that certainly stops what lies in its `must` packets. */
  readonly decidesAlways: Uint8Array;
  /** Equal numbers, from 0 on, for rules that decide alike; below 0 for those that do not decide. */
  readonly verdicts: Int32Array;
  /** The rules before one that overlap it in a plane, in order. */
  earlier(index: number, planeIndex: number): readonly number[];
  /** Rules before one, in any order, that possibly take packets at a point of a plane, whatever they are in one field. */
  holdingBut(planeIndex: number, field: Field, point: readonly number[], before: number): readonly number[];
  /** Those with another verdict that certainly take something; null if that is not kept. */
  others(index: number, planeIndex: number): readonly number[] | null;
  /** A packet that certainly gets to the rule in this plane, and where it stands; null if none is known. */
  reached(
    index: number,
    planeIndex: number,
  ): { readonly packet: Packet; readonly point: readonly number[] } | null;
}

interface Before {
  readonly sure: readonly number[];
  readonly unsure: readonly number[];
}

/** Rules in kept lists; past that all are forgotten and made again. */
const MOST_KEPT = 20_000_000;

/** Work allowed for one question about one rule. */
const BUDGET = 3_000_000;

/** What holds of the packets that get to a rule; `certain` is false where the dump or the budget does not tell. */
export interface Openness {
  readonly plane: Plane["name"];
  /** How many values of the field get to the rule, at least, for one and the same rest. */
  readonly values: number;
  readonly certain: boolean;
  /** A packet that gets to the rule; null if that is not certain. */
  readonly witness: Packet | null;
  /** Where it stands in the plane: one class a field. */
  readonly point: readonly number[] | null;
}

export interface LostPart {
  /** Earlier rules that take a part, those that take most first. */
  readonly takers: readonly number[];
  /** False if an earlier rule that the dump does not say all about may take it first, and do the same as the rule. */
  readonly certain: boolean;
  readonly witness: Packet;
}

export interface LostShare extends LostPart {
  /** Where the share is greatest. */
  readonly plane: Plane["name"];
  /** Which part of the rule's packets there earlier rules with another verdict take, 0 to 1. */
  readonly share: number;
}

/** Bits for what a rule does to later ones. */
const SURE = 1;
const UNSURE = 2;

/**
 * What of a rule's packets still gets to it: not a yes or no, as reachability has it, but how much and where. Each
 * question is first answered by bounds that are cheap and certain, and only where they leave it open by a diagram of
 * the earlier rules that overlap.
 */
export class Effective {
  readonly #planes: readonly Plane[];
  readonly #entries: readonly Entry[];
  readonly #known: Known;
  readonly #kept: readonly Map<number, Before>[];
  #keptRules = 0;
  /** For each plane and rule whether it takes packets for certain, and whether it possibly takes more. */
  readonly #effects: readonly Uint8Array[];
  /** True if no rule leaves open what it takes. */
  readonly #allSure: boolean;
  readonly #measures: readonly SetMeasures[];
  /** For each plane and verdict the rules of another one that take packets for certain. */
  readonly #otherRules: readonly Map<number, OverlapIndex>[];
  /** For each plane what was asked last about: one rule is asked about several times. */
  readonly #lastOthers: { index: number; others: readonly number[] }[];

  constructor(planes: readonly Plane[], entries: readonly Entry[], known: Known) {
    this.#planes = planes;
    this.#entries = entries;
    this.#known = known;
    this.#kept = planes.map(() => new Map());
    this.#otherRules = planes.map(() => new Map());
    this.#lastOthers = planes.map(() => ({ index: NONE, others: [] }));
    this.#measures = planes.map((plane) => new SetMeasures(plane));
    const { decidesAlways } = known;
    this.#effects = planes.map(({ may, must }) =>
      decidesAlways.map((decides, rule) => {
        const sure = decides === 1 && must[rule * FIELDS] !== NONE;
        const same = may === must || entries[rule]!.may === entries[rule]!.must;
        return (sure ? SURE : 0) | (decides === 0 || !same ? UNSURE : 0);
      }),
    );
    this.#allSure = this.#effects.every((effects) => effects.every((effect) => (effect & UNSURE) === 0));
  }

  /**
   * Whether more than `least` values of a field get to a rule, for one and the same rest of the packet: whether its
   * source is open to more than so many addresses, for some destination and service. Of a set with a member that could
   * not be read the others count.
   * @param least for each plane; null where it is not asked about
   * @param narrow leaves only a part of the region; null where nothing of it counts
   */
  openField(
    index: number,
    field: Field,
    least: (plane: Plane) => number | null,
    narrow: (plane: Plane, region: Region) => Region | null = (_, region) => region,
  ): Openness | null {
    for (let planeIndex = 0; planeIndex < this.#planes.length; planeIndex += 1) {
      const wanted = this.#leastOpen(index, planeIndex, field, least);
      if (wanted === null) continue;
      const plane = this.#planes[planeIndex]!;
      const whole = ruleRegion(plane, plane.must, index)!;
      const region = narrow(plane, whole);
      if (region === null) continue;
      if (region !== whole && this.#measures[planeIndex]!.extentOf(region, field) <= wanted) continue;
      const known = this.#openThrough(index, planeIndex, region, field, wanted);
      if (known !== null) return known;
      const before = this.#beforeIn(index, planeIndex, region, whole);
      const found = this.#openIn(index, planeIndex, region, field, wanted, before);
      if (found !== null) return found;
    }
    return null;
  }

  /** Whether a rule itself holds more than `least` values of a field: if not, `openField` is null. */
  mayBeOpen(index: number, field: Field, least: (plane: Plane) => number | null): boolean {
    return this.#planes.some((_, planeIndex) => this.#leastOpen(index, planeIndex, field, least) !== null);
  }

  /** How much is asked for in a plane; null if nothing is, or if the rule itself does not hold as much. */
  #leastOpen(
    index: number,
    planeIndex: number,
    field: Field,
    least: (plane: Plane) => number | null,
  ): number | null {
    const plane = this.#planes[planeIndex]!;
    const set = plane.must[index * FIELDS + field]!;
    if (set === NONE) return null;
    const wanted = least(plane);
    return wanted === null || this.#measures[planeIndex]!.valuesOf(field, set) <= wanted ? null : wanted;
  }

  /**
   * The quickest answer: on the line of the field through the packet that is known to get to the rule, the earlier
   * rules that hold the rest of it leave more than wanted.
   */
  #openThrough(
    index: number,
    planeIndex: number,
    region: Region,
    field: Field,
    least: number,
  ): Openness | null {
    const reached = this.#allSure ? this.#known.reached(index, planeIndex) : null;
    if (reached === null) return null;
    const { packet, point } = reached;
    const plane = this.#planes[planeIndex]!;
    const isIn = (list: ClassList, other: number): boolean =>
      list === null || holdsClass(list, point[other]!);
    if (!region.lists.every(isIn)) return null;
    const measures = this.#measures[planeIndex]!;
    let values = measures.extentOf(region, field);
    const relations = plane.dimensions[field].relationsTo(region.ids[field]!, region.lists[field]!);
    for (const rule of this.#known.holdingBut(planeIndex, field, point, index)) {
      const set = plane.must[rule * FIELDS + field]!;
      if (relations[set] === DISJOINT) continue;
      values -= measures.valuesOf(field, set);
      if (values <= least) return null;
    }
    return { plane: plane.name, values, certain: true, witness: packet, point };
  }

  #openIn(
    index: number,
    planeIndex: number,
    region: Region,
    field: Field,
    least: number,
    { sure, unsure }: Pick<Before, "sure" | "unsure">,
  ): Openness | null {
    const plane = this.#planes[planeIndex]!;
    const budget: Budget = { steps: BUDGET };
    const all = this.#measures[planeIndex]!.extentOf(region, field);
    // The rules that hold least of the field: together they leave more than wanted, wherever they are.
    const { wide, left } = this.#wideAmong(sure, planeIndex, field, all, least);
    // The wide ones count as if they held all of the field: where none of them is, more than wanted is left.
    const boxes = new Int32Array(wide.length * FIELDS);
    for (const [place, rule] of wide.entries()) {
      boxes.set(plane.must.subarray(rule * FIELDS, rule * FIELDS + FIELDS), place * FIELDS);
      boxes[place * FIELDS + field] = ALL;
    }
    const gap = findGap(plane, region, [...wide.keys()], boxes, budget);
    if (gap.type === "gap") {
      return this.#openAt(index, plane, region, field, gap.point, { sure, unsure, values: left });
    }
    const { conditions } = this.#entries[index]!.rule;
    const options = { outcomeOf: (matching: Matching) => Number(matching.length === 0), last: field };
    const diagram = Diagram.build(
      plane,
      region,
      itemsOf({ ...plane, may: plane.must }, this.#entries, sure),
      options,
      budget,
    );
    if (diagram === null) {
      return { plane: plane.name, values: least, certain: false, witness: null, point: null };
    }
    let best: { point: readonly number[]; values: number } | null = null;
    for (const { lists } of diagram.parts((outcome) => outcome === 1)) {
      const values = measure(plane, field, lists[field]!);
      if (values <= (best?.values ?? least)) continue;
      best = { point: pointIn(plane, lists), values };
    }
    if (best === null) return null;
    const certain = unsure.length === 0 && conditions.length === 0;
    return {
      plane: plane.name,
      values: best.values,
      certain,
      witness: certain ? plane.packetAt(best.point) : null,
      point: certain ? best.point : null,
    };
  }

  /** Rules without those that hold least of a field, as many as leave more than wanted of all of it; and what they leave. */
  #wideAmong(
    rules: readonly number[],
    planeIndex: number,
    field: Field,
    all: number,
    least: number,
  ): { wide: number[]; left: number } {
    const { must } = this.#planes[planeIndex]!;
    const sizeOf = (rule: number): number =>
      this.#measures[planeIndex]!.valuesOf(field, must[rule * FIELDS + field]!);
    const sizes = Float64Array.from(rules, sizeOf).sort();
    let left = all;
    let small = 0;
    while (small < sizes.length && left - sizes[small]! > least) {
      left -= sizes[small]!;
      small += 1;
    }
    const limit = sizes[small - 1] ?? -1;
    let equal = small - sizes.indexOf(limit);
    const wide = rules.filter((rule) => {
      const size = sizeOf(rule);
      if (size === limit && equal > 0) {
        equal -= 1;
        return false;
      }
      return size >= limit;
    });
    return { wide: wide.sort((a, b) => sizeOf(a) - sizeOf(b)), left };
  }

  /** A line of the field where more than wanted is left, with a packet on it that surely gets to the rule. */
  #openAt(
    index: number,
    plane: Plane,
    region: Region,
    field: Field,
    point: readonly number[],
    known: { sure: readonly number[]; unsure: readonly number[]; values: number },
  ): Openness {
    const { sure, unsure, values } = known;
    const { rule } = this.#entries[index]!;
    const lists = region.lists.map((list, other) => (other === field ? list : Int32Array.of(point[other]!)));
    const line: Region = {
      lists,
      ids: lists.map((list, other) => (other === field ? region.ids[field]! : list === null ? ALL : NONE)),
    };
    const certainRule = rule.conditions.length === 0;
    const free = findGap(plane, line, [...sure, ...unsure], plane.may, { steps: BUDGET });
    const certain = certainRule && free.type === "gap" && unsure.length === 0;
    return {
      plane: plane.name,
      values,
      certain,
      witness: certainRule && free.type === "gap" ? plane.packetAt(free.point) : null,
      point: certainRule && free.type === "gap" ? free.point : null,
    };
  }

  /** The earlier rules that certainly take a part of a rule's packets, and those that possibly do; kept. */
  #before(index: number, planeIndex: number): Before {
    const kept = this.#kept[planeIndex]!;
    const known = kept.get(index);
    if (known !== undefined) return known;
    const effects = this.#effects[planeIndex]!;
    const earlier = this.#known.earlier(index, planeIndex);
    const sure = this.#allSure ? earlier : earlier.filter((rule) => (effects[rule]! & SURE) !== 0);
    const unsure = this.#allSure ? [] : earlier.filter((rule) => (effects[rule]! & UNSURE) !== 0);
    const before = { sure, unsure };
    this.#keptRules += sure.length;
    if (this.#keptRules > MOST_KEPT) {
      for (const plane of this.#kept) plane.clear();
      this.#keptRules = sure.length;
    }
    kept.set(index, before);
    return before;
  }

  /** Those before a rule that touch a part of its region. */
  #beforeIn(
    index: number,
    planeIndex: number,
    region: Region,
    whole: Region,
  ): Pick<Before, "sure" | "unsure"> {
    const before = this.#before(index, planeIndex);
    if (region === whole) return before;
    const plane = this.#planes[planeIndex]!;
    const changed = region.lists.flatMap((list, field) =>
      list === whole.lists[field]
        ? []
        : [{ field, relations: plane.dimensions[field]!.relationsTo(NONE, list) }],
    );
    const touches = (boxes: Int32Array) => (rule: number) =>
      changed.every(({ field, relations }) => relations[boxes[rule * FIELDS + field]!] !== DISJOINT);
    return {
      sure: before.sure.filter(touches(plane.must)),
      unsure: before.unsure.filter(touches(plane.may)),
    };
  }

  /**
   * How many packets surely get to a rule, for each plane as a binary logarithm, if they are more than a limit; `atLeast`
   * if it is a bound and not the number.
   */
  sizeAbove(
    index: number,
    limit: (plane: Plane) => number,
  ): { plane: Plane["name"]; bits: number; atLeast: boolean; certain: boolean } | null {
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const whole = this.#measures[planeIndex]!.sizeOf(index);
      const most = 2 ** limit(plane);
      if (whole <= most) continue;
      const region = ruleRegion(plane, plane.must, index)!;
      const { sure, unsure } = this.#before(index, planeIndex);
      const { conditions } = this.#entries[index]!.rule;
      const certain = conditions.length === 0 && unsure.length === 0;
      let left = whole;
      for (const rule of sure) {
        left -= this.#measures[planeIndex]!.commonAtMost(index, rule);
        if (left <= most) break;
      }
      if (left > most) {
        const exact = sure.length === 0;
        return { plane: plane.name, bits: Math.log2(exact ? whole : left), atLeast: !exact, certain };
      }
      const diagram = Diagram.build(
        plane,
        region,
        itemsOf({ ...plane, may: plane.must }, this.#entries, sure),
        { outcomeOf: (matching) => Number(matching.length === 0) },
        { steps: BUDGET },
      );
      if (diagram === null) return { plane: plane.name, bits: limit(plane), atLeast: true, certain: false };
      const size = diagram.sizes().get(1) ?? 0;
      if (size > most) return { plane: plane.name, bits: Math.log2(size), atLeast: false, certain };
    }
    return null;
  }

  /**
   * Which part of a rule's packets earlier rules with another verdict take for certain, if it is at least `least`. The
   * share is of the plane where it is greatest.
   */
  lostShare(index: number, least: number): LostShare | null {
    let most: LostShare | null = null;
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const others = this.#othersBefore(index, planeIndex);
      if (others.length === 0) continue;
      const measures = this.#measures[planeIndex]!;
      const whole = measures.sizeOf(index);
      const wanted = least * whole;
      if (staysBelow(wanted, others, (rule) => measures.commonAtMost(index, rule))) continue;
      const region = ruleRegion(plane, plane.must, index)!;
      if (staysBelow(wanted, others, (rule) => measures.commonSize(region, rule))) continue;
      const diagram = this.#takersDiagram(index, planeIndex, region);
      if (diagram === null) continue;
      const sizes = [...diagram.sizes()].filter(([outcome]) => outcome > 0).toSorted((a, b) => b[1] - a[1]);
      const share = sizes.reduce((sum, [, size]) => sum + size, 0) / whole;
      if (share === 0 || share < least || share <= (most?.share ?? 0)) continue;
      const point = diagram.pointOf((outcome) => outcome === sizes[0]![0])!;
      const takers = sizes.map(([outcome]) => outcome - 1);
      const certain = this.#isLostForCertain(index, planeIndex, takers);
      most = { plane: plane.name, share, takers, certain, witness: plane.packetAt(point) };
    }
    return most;
  }

  /** Earlier rules with another verdict that certainly match a packet of a rule. */
  othersBefore(index: number): readonly number[] {
    let all: readonly number[] = [];
    for (let planeIndex = 0; planeIndex < this.#planes.length; planeIndex += 1) {
      const others = this.#othersBefore(index, planeIndex);
      if (all.length === 0) all = others;
      else if (others.length > 0) all = [...new Set([...all, ...others])].sort((a, b) => a - b);
    }
    return all;
  }

  #othersBefore(index: number, planeIndex: number): readonly number[] {
    if (this.#planes[planeIndex]!.must[index * FIELDS] === NONE) return [];
    const last = this.#lastOthers[planeIndex]!;
    if (last.index === index) return last.others;
    const others =
      this.#known.others(index, planeIndex) ??
      this.#otherRulesOf(index, planeIndex).overlapping(index, index);
    this.#lastOthers[planeIndex] = { index, others };
    return others;
  }

  /** Few rules have another verdict than most: an index of their own finds them without going through the others. */
  #otherRulesOf(index: number, planeIndex: number): OverlapIndex {
    const { verdicts } = this.#known;
    // What does not decide has another action than all that do.
    const verdict = Math.max(verdicts[index]!, NONE);
    const ofPlane = this.#otherRules[planeIndex]!;
    const known = ofPlane.get(verdict);
    if (known !== undefined) return known;
    const effects = this.#effects[planeIndex]!;
    const others = new OverlapIndex(
      this.#planes[planeIndex]!,
      (rule) => (effects[rule]! & SURE) !== 0 && verdicts[rule] !== verdict,
    );
    ofPlane.set(verdict, others);
    return others;
  }

  /**
   * Whether earlier rules with another verdict take all of a part of a rule's packets.
   * @param part leaves of the rule's region the part; null where there is none of it
   */
  lostWhole(index: number, part: (plane: Plane, region: Region) => Region | null): LostPart | null {
    const takers = new Set<number>();
    let certain = true;
    let witness: Packet | null = null;
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const whole = ruleRegion(plane, plane.must, index);
      const region = whole === null ? null : part(plane, whole);
      if (region === null) continue;
      const others = this.#othersBefore(index, planeIndex);
      if (others.length === 0) return null;
      if (this.#missesOne(index, planeIndex, region, others)) return null;
      if (findGap(plane, region, others, plane.must, { steps: BUDGET }).type !== "covered") return null;
      const diagram = this.#takersDiagram(index, planeIndex, region);
      if (diagram === null || diagram.pointOf((outcome) => outcome === 0) !== null) return null;
      const sizes = [...diagram.sizes()].toSorted((a, b) => b[1] - a[1]);
      const own = sizes.map(([outcome]) => outcome - 1);
      for (const taker of own) takers.add(taker);
      certain &&= this.#isLostForCertain(index, planeIndex, own);
      witness ??= plane.packetAt(diagram.pointOf((outcome) => outcome === sizes[0]![0])!);
    }
    return witness === null ? null : { takers: [...takers], certain, witness };
  }

  /** Quickly: whether rules do not hold a packet of a region that is near one which gets to the rule. */
  #missesOne(index: number, planeIndex: number, region: Region, rules: readonly number[]): boolean {
    const reached = this.#known.reached(index, planeIndex);
    if (reached === null) return false;
    const { dimensions, must } = this.#planes[planeIndex]!;
    const point = region.lists.map((list, field) => {
      const own = reached.point[field]!;
      return list === null || holdsClass(list, own) ? own : list[0]!;
    });
    return !rules.some((rule) =>
      dimensions.every((dimension, field) => dimension.holds(must[rule * FIELDS + field]!, point[field]!)),
    );
  }

  /** Who takes what of a region before a rule: outcome 0 is nobody or a rule with its verdict, others one more than the taker. */
  #takersDiagram(index: number, planeIndex: number, region: Region): Diagram | null {
    const plane = this.#planes[planeIndex]!;
    const { action } = this.#entries[index]!.rule;
    const options = {
      outcomeOf: ([first]: Matching) =>
        first === undefined || this.#entries[first.rule]!.rule.action === action ? 0 : 1 + first.rule,
    };
    // Behind the last rule with another verdict all others have its own.
    const last = this.#othersBefore(index, planeIndex).at(-1) ?? NONE;
    const sure = this.#before(index, planeIndex).sure.filter((rule) => rule <= last);
    const items = itemsOf({ ...plane, may: plane.must }, this.#entries, sure);
    return Diagram.build(plane, region, items, options, { steps: BUDGET });
  }

  #isLostForCertain(index: number, planeIndex: number, takers: readonly number[]): boolean {
    const { action } = this.#entries[index]!.rule;
    const last = Math.max(...takers);
    return this.#before(index, planeIndex).unsure.every((other) => {
      const { rule } = this.#entries[other]!;
      return other > last || (rule.decides && rule.action !== action);
    });
  }
}

/** How many values the sets of one plane hold, worked out once a set. */
class SetMeasures {
  readonly #plane: Plane;
  /** For each field two numbers a set: with ports, and others; NaN where not asked yet. */
  readonly #fields: readonly Float64Array[];

  constructor(plane: Plane) {
    this.#plane = plane;
    this.#fields = plane.dimensions.map(({ sets }) => new Float64Array(sets.length * 2).fill(Number.NaN));
  }

  #fill(field: number, set: number): Float64Array {
    const known = this.#fields[field]!;
    if (Number.isNaN(known[set * 2]!)) {
      const list = this.#plane.dimensions[field]!.sets[set]!;
      known.set(this.#plane.measureOf(field, list), set * 2);
    }
    return known;
  }

  valuesOf(field: number, set: number): number {
    const measures = this.#fill(field, set);
    return measures[set * 2]! > 0 ? measures[set * 2]! : measures[set * 2 + 1]!;
  }

  /** How many packets a rule matches for certain, if its conditions hold. */
  sizeOf(rule: number): number {
    return this.commonAtMost(rule, rule);
  }

  /** How many packets of the region of a rule another one matches. */
  commonSize({ ids, lists }: Region, rule: number): number {
    let [ports, other] = [1, 1];
    for (let field = 0; field < FIELDS; field += 1) {
      const [own, set] = [ids[field]!, this.#plane.must[rule * FIELDS + field]!];
      const dimension = this.#plane.dimensions[field]!;
      if (dimension.contains(set, own)) {
        const measures = this.#fill(field, own);
        ports *= measures[own * 2]!;
        other *= measures[own * 2 + 1]!;
      } else {
        const common = intersectLists(lists[field]!, dimension.sets[set]!);
        const [a, b] = this.#plane.measureOf(field, common);
        ports *= a;
        other *= b;
      }
    }
    return ports + other;
  }

  /** How many values of a field a region holds, as `measure` counts. */
  extentOf({ ids, lists }: Region, field: Field): number {
    return ids[field] === NONE
      ? measure(this.#plane, field, lists[field]!)
      : this.valuesOf(field, ids[field]!);
  }

  /** A bound on how many packets two rules have in common: of each field it takes the one that holds less. */
  commonAtMost(a: number, b: number): number {
    const { must } = this.#plane;
    if (must[a * FIELDS] === NONE || must[b * FIELDS] === NONE) return 0;
    let [ports, other] = [1, 1];
    for (let field = 0; field < FIELDS; field += 1) {
      const [one, two] = [must[a * FIELDS + field]!, must[b * FIELDS + field]!];
      this.#fill(field, one);
      const measures = this.#fill(field, two);
      ports *= Math.min(measures[one * 2]!, measures[two * 2]!);
      other *= Math.min(measures[one * 2 + 1]!, measures[two * 2 + 1]!);
    }
    return ports + other;
  }
}

function staysBelow(limit: number, rules: readonly number[], bound: (rule: number) => number): boolean {
  let sum = 0;
  for (const rule of rules) {
    sum += bound(rule);
    if (sum >= limit) return false;
  }
  return sum < limit;
}

/** How many values; of headers with ports only those, where there are any. */
function measure(plane: Plane, field: number, classes: Classes): number {
  const [ports, other] = plane.measureOf(field, classes);
  return ports > 0 ? ports : other;
}

/** A region with only these classes in a field, sorted where they are an `Int32Array`; null if nothing is left. */
export function narrowed(
  region: Region,
  field: Field,
  classes: Int32Array | readonly number[],
): Region | null {
  const sorted = classes instanceof Int32Array ? classes : Int32Array.from(classes).sort();
  const list = intersectLists(region.lists[field]!, sorted);
  if (list !== null && list.length === 0) return null;
  return { lists: region.lists.with(field, list), ids: region.ids.with(field, NONE) };
}
