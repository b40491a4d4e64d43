import type { Packet } from "../model/packet.ts";
import type { Rule, Treatment } from "../model/rule.ts";
import { sampleBox, type Box } from "./boxes.ts";
import { ruleRegion, type Budget } from "./cover.ts";
import { itemsOf } from "./decide.ts";
import { Diagram, type Item, type Matching } from "./diagram.ts";
import { prepareEntries, type Entry } from "./entries.ts";
import { OverlapIndex } from "./overlap-index.ts";
import { merged, type PacketSet } from "./packet-set.ts";
import { FIELDS, buildPlanes, type Plane } from "./planes.ts";

/** What changes for packets; each packet has the first of these that holds. */
export type ChangeKind =
  /** Accepted after, and not before. */
  | "newly-accepted"
  /** Accepted before, and not after. */
  | "newly-denied"
  /** Another verdict otherwise: drop, reject, no rule at all. */
  | "verdict"
  /** The same verdict with another log, tag, ALG, strict or stateless. */
  | "treatment"
  /** Only the deciding rule is another. */
  | "attribution"
  /** What the dumps do not say may make a difference. */
  | "uncertain";

/** Who decides on one side. */
export interface SideDecision {
  /** Null where no rule matches for certain. */
  readonly rule: Rule | null;
  /** Rules before it that may decide otherwise. */
  readonly dependsOn: readonly Rule[];
}

/** Packets that change in the same way, between the same two deciding rules, through the same edit. */
export interface Change {
  readonly kind: ChangeKind;
  readonly before: SideDecision;
  readonly after: SideDecision;
  /** The rule whose edit brings it about, before or after. */
  readonly cause: Rule;
  readonly packets: PacketSet;
  readonly witness: Packet;
}

export interface ListDifference {
  /** Disjoint, and together all packets whose decision changes, apart from `undecided`. */
  readonly changes: readonly Change[];
  /** Rules whose packets take more work to compare than allowed; empty as a rule. */
  readonly undecided: readonly Rule[];
  /** Rules of the one side and the same of the other, in the same order: nothing changes by them. */
  readonly unchanged: ReadonlyMap<Rule, Rule>;
  /** What is taken to mean the same before and after because it is called the same, in words. */
  readonly assumptions: readonly string[];
}

export interface DifferenceOptions {
  /** Work allowed for each edited rule. */
  readonly budget?: number;
  readonly progress?: (done: number, total: number) => void;
}

const DEFAULT_BUDGET = 50_000_000;

const BEFORE = 0;
const AFTER = 1;
const DONE = 2;
const EVERY_STREAM = 0b111;
/** Outcomes that are no change. */
const SKIPPED = 0;
const EQUAL = 1;

/**
 * The packets that two lists decide differently. Rules that are in both, in the same order, cannot make a difference
 * by themselves: a packet that only such rules match meets the same rules in the same order. So only the packets of
 * the other rules are looked at, one edited rule after the other, each without what was looked at before; in its
 * region both lists are followed at once, and dropped where the rules that are left are the same.
 */
export function differenceOf(
  before: readonly Rule[],
  after: readonly Rule[],
  options: DifferenceOptions = {},
): ListDifference {
  return new Comparison(before, after, options).run();
}

class Comparison {
  readonly #before: readonly Rule[];
  readonly #after: readonly Rule[];
  readonly #options: DifferenceOptions;
  /** The rules of both lists, those before first. */
  readonly #entries: readonly Entry[];
  readonly #planes: readonly Plane[];
  /** Equal numbers for rules that match the same packets and do the same under the same id. */
  readonly #meaning: readonly number[];
  /** Equal numbers for rules that do the same under the same id to what they match. */
  readonly #doing: readonly number[];
  readonly #pairs: {
    readonly kind: ChangeKind;
    readonly before: SideDecision;
    readonly after: SideDecision;
  }[] = [];
  readonly #pairNumbers = new Map<string, number>();
  readonly #assumed = new Set<string>();

  constructor(before: readonly Rule[], after: readonly Rule[], options: DifferenceOptions) {
    this.#before = before;
    this.#after = after;
    this.#options = options;
    this.#entries = prepareEntries([...before, ...after]);
    this.#planes = buildPlanes(this.#entries);
    const doings = this.#entries.map(({ rule }) => doingText(rule));
    this.#doing = numbered(doings);
    this.#meaning = numbered(
      this.#entries.map(({ index }) => {
        const at = index * FIELDS;
        const boxes = this.#planes.map(
          ({ may, must }) =>
            `${may.subarray(at, at + FIELDS).join()};${may === must ? "" : must.subarray(at, at + FIELDS).join()}`,
        );
        return `${boxes.join("|")} ${this.#doing[index]}`;
      }),
    );
  }

  run(): ListDifference {
    const count = this.#before.length;
    const partners = align(this.#meaning.slice(0, count), this.#meaning.slice(count));
    const unchanged = new Map<Rule, Rule>();
    const edited = new Set(this.#entries.keys());
    for (const [one, other] of partners) {
      unchanged.set(this.#before[one]!, this.#after[other]!);
      edited.delete(one);
      edited.delete(count + other);
    }
    const groups = new Map<string, { pair: number; cause: number; boxes: Box[] }>();
    const undecided: Rule[] = [];
    const indexes = this.#planes.map((plane) => new OverlapIndex(plane));
    const done: number[] = [];
    // The narrower rules are the likelier cause of what they share with a wide one.
    const order = [...edited].toSorted((a, b) => Number(this.#isWide(a)) - Number(this.#isWide(b)) || a - b);
    for (const [step, rule] of order.entries()) {
      this.#options.progress?.(step, order.length);
      const budget: Budget = { steps: this.#options.budget ?? DEFAULT_BUDGET };
      let complete = true;
      for (const [planeIndex, plane] of this.#planes.entries()) {
        const diagram = this.#compare(rule, plane, indexes[planeIndex]!, done, budget);
        if (diagram === "empty") continue;
        if (diagram === null) {
          complete = false;
          continue;
        }
        for (const { outcome, lists } of diagram.parts((number) => number > EQUAL)) {
          const pair = outcome - EQUAL - 1;
          const key = `${pair} ${rule}`;
          const boxes = plane.boxesOf(lists);
          const group = groups.get(key);
          if (group === undefined) groups.set(key, { pair, cause: rule, boxes });
          else group.boxes.push(...boxes);
        }
      }
      if (!complete) undecided.push(this.#entries[rule]!.rule);
      done.push(rule);
    }
    this.#options.progress?.(order.length, order.length);
    const changes = [...groups.values()].map(({ pair, cause, boxes }): Change => {
      const packets = merged(boxes);
      return {
        ...this.#pairs[pair]!,
        cause: this.#entries[cause]!.rule,
        packets,
        witness: sampleBox(packets.find(({ kind }) => kind.endsWith("ports")) ?? packets[0]!),
      };
    });
    return { changes, undecided, unchanged, assumptions: [...this.#assumed] };
  }

  #isWide(index: number): boolean {
    return this.#planes.some(({ may }) => may[index * FIELDS] === 0 && may[index * FIELDS + 1] === 0);
  }

  #compare(
    rule: number,
    plane: Plane,
    index: OverlapIndex,
    done: readonly number[],
    budget: Budget,
  ): Diagram | "empty" | null {
    const region = ruleRegion(plane, plane.may, rule);
    if (region === null) return "empty";
    const count = this.#before.length;
    const overlapping = index.overlapping(rule, this.#entries.length);
    // The index gives the others only.
    const all = overlapping.includes(rule) ? overlapping : [...overlapping, rule].toSorted((a, b) => a - b);
    const isDone = new Set(done);
    const earlier = all.filter((other) => isDone.has(other));
    const items: Item[] = [
      ...itemsOf({ ...plane, must: plane.may }, this.#entries, earlier, DONE).map((item) => ({
        ...item,
        settles: true,
        hides: EVERY_STREAM,
      })),
      ...itemsOf(
        plane,
        this.#entries,
        all.filter((other) => other < count),
        BEFORE,
      ),
      ...itemsOf(
        plane,
        this.#entries,
        all.filter((other) => other >= count),
        AFTER,
      ),
    ];
    return Diagram.build(
      plane,
      region,
      items,
      {
        outcomeOf: (matching) => this.#outcomeOf(matching),
        shortcut: (possible) => (this.#isSame(possible, this.#meaning) ? EQUAL : undefined),
      },
      budget,
    );
  }

  /** True if the rules of both sides are the same, one by one. */
  #isSame(matching: Matching, numbers: readonly number[]): boolean {
    let before = 0;
    while (matching[before]?.stream === DONE) before += 1;
    let after = before;
    while (matching[after]?.stream === BEFORE) after += 1;
    const count = after - before;
    if (matching.length - after !== count) return false;
    for (let place = 0; place < count; place += 1) {
      const a = matching[before + place]!;
      const b = matching[after + place]!;
      if (numbers[a.rule] !== numbers[b.rule] || a.sure !== b.sure) return false;
    }
    return true;
  }

  #outcomeOf(matching: Matching): number {
    if (matching[0]?.stream === DONE) return SKIPPED;
    if (this.#isSame(matching, this.#doing)) {
      for (const { rule } of matching)
        for (const { reason } of this.#entries[rule]!.rule.conditions) this.#assumed.add(reason);
      return EQUAL;
    }
    const sides = [BEFORE, AFTER].map((stream) =>
      this.#decide(matching.filter((item) => item.stream === stream)),
    );
    const [before, after] = sides as [Decided, Decided];
    const kind = kindOf(before, after);
    if (kind === null) return EQUAL;
    const names = sides.map(({ decider, others }) =>
      // Of several lines of one rule it does not matter which decides.
      [decider, ...others].map((rule) => (rule === null ? "" : identity(rule))).join(),
    );
    const key = `${kind} ${names.join(" ")}`;
    const known = this.#pairNumbers.get(key);
    if (known !== undefined) return known + EQUAL + 1;
    const number = this.#pairs.length;
    const side = ({ decider, others }: Decided): SideDecision => ({ rule: decider, dependsOn: others });
    this.#pairs.push({ kind, before: side(before), after: side(after) });
    this.#pairNumbers.set(key, number);
    return number + EQUAL + 1;
  }

  #decide(matching: Matching): Decided {
    const others: Rule[] = [];
    for (const { rule: index, settles } of matching) {
      const { rule } = this.#entries[index]!;
      if (settles) return { decider: rule, others };
      if (others.at(-1) !== rule) others.push(rule);
    }
    return { decider: null, others };
  }
}

/** The first rule that certainly decides, and those before it that may. */
export interface Decided {
  readonly decider: Rule | null;
  readonly others: readonly Rule[];
}

/** How two decisions differ; null if not. */
export function kindOf(before: Decided, after: Decided): ChangeKind | null {
  const verdictOf = (rule: Rule | null): string => rule?.action ?? "no-match";
  const verdicts = [before.decider, after.decider].map(verdictOf);
  const [was, is] = verdicts;
  const certainVerdict = [before, after].every(({ decider, others }) =>
    others.every((other) => other.decides && other.action === verdictOf(decider)),
  );
  if (!certainVerdict) return "uncertain";
  if (was !== is) {
    if (is === "accept") return "newly-accepted";
    return was === "accept" ? "newly-denied" : "verdict";
  }
  // Whatever the unknown turns out to be, one of these decides.
  const possible = [before, after].map(({ decider, others }) => [
    ...others,
    ...(decider === null ? [] : [decider]),
  ]);
  const treatments = possible.map((rules) => new Set(rules.map((rule) => treatmentText(rule.treatment))));
  if (treatments.some(({ size }) => size > 1)) return "uncertain";
  if ([...treatments[0]!][0] !== [...treatments[1]!][0]) return "treatment";
  const identities = possible.map((rules) => new Set(rules.map(identity)));
  if (identities.some(({ size }) => size > 1)) return "attribution";
  return [...identities[0]!][0] === [...identities[1]!][0] ? null : "attribution";
}

/** What a log line names a rule by. */
function identity({ reference: { ruleset, id } }: Rule): string {
  return `${ruleset}/${id}`;
}

function treatmentText({ log, tags, alg, strict, stateless }: Treatment): string {
  return JSON.stringify([log, tags, alg, strict, stateless]);
}

function doingText(rule: Rule): string {
  const conditions = rule.conditions.map(({ key }) => key).toSorted();
  return JSON.stringify([
    identity(rule),
    rule.action,
    rule.decides,
    treatmentText(rule.treatment),
    conditions,
  ]);
}

function numbered(texts: readonly string[]): number[] {
  const numbers = new Map<string, number>();
  return texts.map((text) => {
    const known = numbers.get(text) ?? numbers.size;
    numbers.set(text, known);
    return known;
  });
}

/**
 * Pairs equal entries of two sequences so that the pairs are in order on both sides: entries that occur several times
 * one by one, then the longest increasing run of partners (Fredman, 1975). Nearly the longest common subsequence, in
 * n·log n.
 */
export function align(before: readonly number[], after: readonly number[]): [number, number][] {
  const places = new Map<number, number[]>();
  for (const [place, value] of after.entries()) {
    const known = places.get(value);
    if (known === undefined) places.set(value, [place]);
    else known.push(place);
  }
  for (const list of places.values()) list.reverse();
  const candidates: [number, number][] = [];
  for (const [place, value] of before.entries()) {
    const partner = places.get(value)?.pop();
    if (partner !== undefined) candidates.push([place, partner]);
  }
  // tails[k]: the candidate with the smallest partner that ends an increasing run of k + 1.
  const tails: number[] = [];
  const previous = new Int32Array(candidates.length).fill(-1);
  for (const [at, [, partner]] of candidates.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (candidates[tails[middle]!]![1] < partner) low = middle + 1;
      else high = middle;
    }
    if (low > 0) previous[at] = tails[low - 1]!;
    tails[low] = at;
  }
  const run: [number, number][] = [];
  for (let at = tails.at(-1) ?? -1; at !== -1; at = previous[at]!) run.push(candidates[at]!);
  return run.reverse();
}
