import type { Packet } from "../model/packet.ts";
import type { Rule, Treatment } from "../model/rule.ts";
import { sampleBox, type Box } from "./boxes.ts";
import { findGap, ruleRegion, type Budget } from "./cover.ts";
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
  /**
   * Rules, before and after; what they match or may match is to be taken out of `packets`. Empty as a rule. What a catch-all takes is
   * all that hundreds of rules leave over, for which there is no short list of boxes.
   */
  readonly except: readonly Rule[];
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
  /** From so many overlapping rules on the packets of an any-any rule are told by exception. */
  readonly fewOverlaps?: number;
  readonly progress?: (done: number, total: number) => void;
}

const DEFAULT_BUDGET = 50_000_000;
const FEW_OVERLAPS = 200;
/** What it costs to write a part of a region down, in steps. */
const PART_STEPS = 500;

const BEFORE = 0;
const AFTER = 1;
const DONE = 2;
const EVERY_STREAM = 0b111;
/** Outcomes that are no change. */
const SKIPPED = 0;
const EQUAL = 1;

/** A wide rule on one side and what stands in its place on the other: a rule that matches the same, or none. */
interface Twins {
  readonly before: number | null;
  readonly after: number | null;
  /** How many unchanged rules stand before it. */
  readonly gap: number;
}

/**
 * The packets that two lists decide differently. Rules that are in both, in the same order, cannot make a difference
 * by themselves: a packet that only such rules match meets the same rules in the same order. So only the packets of
 * the other rules are looked at, one edited rule after the other, each without what was looked at before; in its
 * region both lists are followed at once, and dropped where the rules that are left are the same.
 *
 * A rule from any to any that is overlapped by hundreds comes last, by another way: where it and its twin on the other
 * side match the same, what changes is all that is in neither an earlier rule nor one that was looked at before.
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
  readonly #indexes: readonly OverlapIndex[];
  /** Equal numbers for rules that match the same packets. */
  readonly #matching: readonly number[];
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
    this.#indexes = this.#planes.map((plane) => new OverlapIndex(plane));
    this.#doing = numbered(
      this.#entries.map(({ rule, index }) => doingText(rule, index < before.length ? BEFORE : AFTER)),
    );
    this.#matching = numbered(
      this.#entries.map(({ index }) => {
        const at = index * FIELDS;
        const boxes = this.#planes.map(
          ({ may, must }) =>
            `${may.subarray(at, at + FIELDS).join()};${may === must ? "" : must.subarray(at, at + FIELDS).join()}`,
        );
        return boxes.join("|");
      }),
    );
    this.#meaning = numbered(this.#matching.map((match, index) => `${match} ${this.#doing[index]}`));
  }

  run(): ListDifference {
    const count = this.#before.length;
    const partners = align(this.#meaning.slice(0, count), this.#meaning.slice(count));
    const unchanged = new Map<Rule, Rule>();
    const edited = new Set(this.#entries.keys());
    for (const [one, other] of partners) {
      const [was, is] = [this.#before[one]!, this.#after[other]!];
      unchanged.set(was, is);
      edited.delete(one);
      edited.delete(count + other);
      this.#assume(one);
    }
    const twins = this.#twinsAmong(edited, partners);
    const late = new Set(twins.flatMap(({ before, after }) => [before, after]));
    const groups = new Map<string, { pair: number; cause: number; boxes: Box[] }>();
    const undecided = new Set<Rule>();
    const done: number[] = [];
    // The narrower rules are the likelier cause of what they share with a wide one.
    const order = [...edited, ...this.#unsureBefore(twins, partners)]
      .filter((rule) => !late.has(rule))
      .toSorted((a, b) => Number(this.#isWide(a)) - Number(this.#isWide(b)) || a - b);
    const steps = order.length + twins.length;
    const compare = (rule: number): void => {
      const budget: Budget = { steps: this.#options.budget ?? DEFAULT_BUDGET };
      const found: { pair: number; boxes: Box[] }[] = [];
      for (const [planeIndex, plane] of this.#planes.entries()) {
        const diagram = this.#compare(rule, plane, this.#indexes[planeIndex]!, done, budget);
        if (diagram === "empty") continue;
        if (diagram === null) {
          undecided.add(this.#entries[rule]!.rule);
          continue;
        }
        for (const { outcome, lists } of diagram.parts((number) => number > EQUAL)) {
          budget.steps -= PART_STEPS;
          if (budget.steps < 0) {
            undecided.add(this.#entries[rule]!.rule);
            break;
          }
          found.push({ pair: outcome - EQUAL - 1, boxes: plane.boxesOf(lists) });
        }
      }
      for (const { pair, boxes } of found) {
        const key = `${pair} ${rule}`;
        const group = groups.get(key);
        if (group === undefined) groups.set(key, { pair, cause: rule, boxes });
        else group.boxes.push(...boxes);
      }
      done.push(rule);
    };
    for (const [step, rule] of order.entries()) {
      this.#options.progress?.(step, steps);
      compare(rule);
    }
    const byException: Change[] = [];
    for (const [step, twin] of twins.entries()) {
      this.#options.progress?.(order.length + step, steps);
      const rules = [twin.before, twin.after].filter((rule) => rule !== null);
      const change = this.#byException(twin, partners, done);
      if (change === undefined) for (const rule of rules) compare(rule);
      else if (change === "undecided") undecided.add(this.#entries[rules[0]!]!.rule);
      else if (change !== null) byException.push(change);
      if (change !== undefined) done.push(...rules);
    }
    this.#options.progress?.(steps, steps);
    const changes = [...groups.values()].map(({ pair, cause, boxes }): Change => {
      const packets = merged(boxes);
      return {
        ...this.#pairs[pair]!,
        cause: this.#entries[cause]!.rule,
        packets,
        except: [],
        witness: sampleBox(packets.find(({ kind }) => kind.endsWith("ports")) ?? packets[0]!),
      };
    });
    return {
      changes: [...changes, ...byException],
      undecided: [...undecided],
      unchanged,
      assumptions: [...this.#assumed],
    };
  }

  /** What a rule leaves open is taken to be the same on the other side, where the rule says the same. */
  #assume(index: number): void {
    const { rule, may, must } = this.#entries[index]!;
    for (const { reason } of rule.conditions) this.#assumed.add(reason);
    if (may !== must)
      this.#assumed.add(`a member of an address set that ${ruleName(rule)} names could not be read`);
  }

  /** True if the rule certainly decides whatever it may match. */
  #isSure(index: number): boolean {
    const { rule, may, must } = this.#entries[index]!;
    return rule.decides && rule.conditions.length === 0 && may === must;
  }

  #overlapsOf(index: number): number[][] {
    return this.#indexes.map((overlaps) => overlaps.overlapping(index, this.#entries.length));
  }

  /** Wide edited rules that too many others overlap, paired where they stand at the same place and match the same. */
  #twinsAmong(edited: ReadonlySet<number>, partners: readonly [number, number][]): Twins[] {
    const few = this.#options.fewOverlaps ?? FEW_OVERLAPS;
    const count = this.#before.length;
    const gapOf = (index: number): number =>
      index < count
        ? partners.filter(([one]) => one < index).length
        : partners.filter(([, other]) => other < index - count).length;
    const wide = [...edited]
      .filter(
        (index) =>
          this.#isWide(index) &&
          this.#isSure(index) &&
          this.#overlapsOf(index).some(({ length }) => length > few),
      )
      .map((index) => ({ index, gap: gapOf(index) }));
    const twins: Twins[] = [];
    const after = wide.filter(({ index }) => index >= count);
    for (const { index, gap } of wide.filter((rule) => rule.index < count)) {
      const at = after.findIndex(
        (other) => other.gap === gap && this.#matching[other.index] === this.#matching[index],
      );
      // What stands before the partner on the other side has none, or the pairs would cross.
      const passed = after.splice(0, at + 1);
      for (const other of passed.slice(0, -1))
        twins.push({ before: null, after: other.index, gap: other.gap });
      twins.push({ before: index, after: at === -1 ? null : passed.at(-1)!.index, gap });
    }
    for (const other of after) twins.push({ before: null, after: other.index, gap: other.gap });
    return twins.toSorted((a, b) => a.gap - b.gap);
  }

  /** Rules before a twin that may take its packets or not: they are looked at first, one by one. */
  #unsureBefore(twins: readonly Twins[], partners: readonly [number, number][]): number[] {
    const last = Math.max(-1, ...twins.map(({ gap }) => gap));
    return partners.slice(0, last).flatMap(([one]) => (this.#isSure(one) ? [] : [one]));
  }

  /**
   * What changes in the packets of twins that nothing earlier takes; null for nothing, undefined if that is not how
   * to see it.
   */
  #byException(
    { before, after, gap }: Twins,
    partners: readonly [number, number][],
    done: readonly number[],
  ): Change | "undecided" | null | undefined {
    const count = this.#before.length;
    const sideOf = (index: number | null): Decided => ({
      decider: index === null ? null : this.#entries[index]!.rule,
      others: [],
    });
    const [was, is] = [sideOf(before), sideOf(after)];
    const kind = kindOf(was, is);
    if (kind === null) return null;
    const rule = (after ?? before)!;
    const isDone = new Set(done);
    const unchangedPartner = new Map<number, number>();
    const paired = new Set<number>();
    for (const [one, other] of partners) {
      unchangedPartner.set(one, count + other);
      paired.add(one).add(count + other);
      if (isDone.has(one)) isDone.add(count + other);
    }
    // Where the side without a rule goes on behind the place of the rule.
    const place = {
      before: before ?? partners[gap]?.[0] ?? count,
      after: after ?? count + (partners[gap]?.[1] ?? this.#after.length),
    };
    const budget: Budget = { steps: this.#options.budget ?? DEFAULT_BUDGET };
    const packets: Box[] = [];
    const except = new Set<number>();
    let witness: Packet | null = null;
    for (const [planeIndex, plane] of this.#planes.entries()) {
      const region = ruleRegion(plane, plane.may, rule);
      if (region === null) continue;
      const takers: number[] = [];
      for (const other of this.#indexes[planeIndex]!.overlapping(rule, this.#entries.length)) {
        if (other === before || other === after) continue;
        const isEarlier = other < (other < count ? place.before : place.after);
        if (isDone.has(other)) takers.push(other);
        else if (isEarlier) {
          if (!this.#isSure(other) || !paired.has(other)) return undefined;
          takers.push(other);
        } else if (before === null || after === null) return undefined;
      }
      const found = findGap(plane, region, takers, plane.may, budget);
      if (found.type === "undecided") return "undecided";
      if (found.type === "covered") continue;
      packets.push(...plane.boxesOf(region.lists));
      const packet = plane.packetAt(found.point);
      if (witness === null) witness = packet;
      for (const taker of takers) except.add(taker);
    }
    if (witness === null) return null;
    // A rule that is the same on both sides is named as it is after.
    const named = [...except].filter((index) => !except.has(unchangedPartner.get(index) ?? -1));
    return {
      kind,
      before: { rule: was.decider, dependsOn: [] },
      after: { rule: is.decider, dependsOn: [] },
      cause: this.#entries[rule]!.rule,
      packets: merged(packets),
      except: named.map((index) => this.#entries[index]!.rule),
      witness,
    };
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
      for (const { rule } of matching) this.#assume(rule);
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

function ruleName({ reference: { id, position } }: Rule): string {
  return position === null ? `rule ${id}` : `rule ${id} at ${position}`;
}

/**
 * @param side what a cut dump lost is not known to be the same on the other side; text that does not parse is, where
 *   it says the same
 */
function doingText(rule: Rule, side: number): string {
  const conditions =
    rule.node === null ? [textOf(rule) || `lost ${side}`] : rule.conditions.map(({ key }) => key).toSorted();
  return JSON.stringify([
    identity(rule),
    rule.action,
    rule.decides,
    treatmentText(rule.treatment),
    conditions,
  ]);
}

function textOf({ reference: { source } }: Rule): string {
  return source.dump.text.slice(source.range.start, source.range.end).trim();
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
