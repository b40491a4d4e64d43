import { implies } from "../../../src/model/conditions.ts";
import type { Packet } from "../../../src/model/packet.ts";
import type { Condition, Rule } from "../../../src/model/rule.ts";
import {
  ALL_KINDS,
  boxContains,
  boxesOverlap,
  intersectBoxes,
  sampleBox,
  type Box,
  type Kind,
} from "../../../src/analysis/boxes.ts";
import { findGap, type Budget, type Cover, type OwnedBox } from "./cover.ts";
import type { Entry } from "../../../src/analysis/entries.ts";
import type { RuleBoxes } from "../../../src/analysis/rule-boxes.ts";

type Status = "reachable" | "shadowed" | "redundant" | "never-matches";

/** What becomes of one rule in its list. */
interface RuleFacts {
  readonly rule: Rule;
  /**
   * `reachable`: some packet gets to it; `shadowed`: none does and some of its packets get another verdict
   * earlier; `redundant`: none does and all of them get the same; `never-matches`: there is no such packet.
   */
  readonly status: Status;
  /** Earlier rules that together take all its packets; none of them can be left out. In order. */
  readonly by: readonly Rule[];
  /** Reached, and yet no packet's verdict changes without it. */
  readonly removable: boolean;
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

/**
 * The first engine: boxes of ranges, subtracted one by one. Slow, simple, and written without a thought of classes;
 * it is kept as the second opinion on the engine in `src/`.
 */
interface SimpleOptions {
  /** Whether to decide `removable` too, which takes longest. */
  readonly removable?: boolean;
}

const DEFAULT_BUDGET = 20_000_000;

/** Decides every rule of one list exactly, by asking for each which earlier rules together cover it. */
export function analyseReachability(entries: readonly Entry[], options: SimpleOptions = {}): RuleFacts[] {
  return entries.map((entry) => analyseRule(entry, entries, DEFAULT_BUDGET, options.removable ?? true));
}

function analyseRule(entry: Entry, entries: readonly Entry[], steps: number, removable: boolean): RuleFacts {
  const { rule } = entry;
  const facts = { rule, by: [], removable: false, certain: true, reason: null, witness: null };
  if (entry.may.size === 0) return { ...facts, status: "never-matches" };

  const earlier = entries.slice(0, entry.index).filter((other) => overlap(entry, other));
  const reached = reach(entry, earlier, { steps });
  switch (reached.type) {
    case "covered":
      return deadRule(entry, earlier, minimalCover(entry, reached.by, steps), steps);
    case "undecided":
      return {
        ...facts,
        status: "reachable",
        certain: false,
        reason: "deciding whether anything reaches it passes the work budget",
        witness: sampleBox(first(entry.may)),
      };
    case "gap": {
      const sure = certainReach(entry, earlier, { steps });
      const later = entries.slice(entry.index + 1).filter((other) => overlap(entry, other));
      return {
        ...facts,
        status: "reachable",
        certain: sure !== null,
        reason: sure === null ? "whether a packet reaches it depends on what the dump does not say" : null,
        witness: sure ?? reached.packet,
        removable: removable && isRemovable(entry, earlier, later, reached.box, { steps }),
      };
    }
  }
}

function first(boxes: RuleBoxes): Box {
  return boxes.values().next().value!;
}

function overlap(a: Entry, b: Entry): boolean {
  return commonKinds(a.may, b.may).some((kind) => boxesOverlap(a.may.get(kind)!, b.may.get(kind)!));
}

function commonKinds(a: RuleBoxes, b: RuleBoxes): Kind[] {
  return ALL_KINDS.filter((kind) => a.has(kind) && b.has(kind));
}

/** The boxes of one kind that certainly stop packets which meet the conditions. */
function deciding(
  entries: readonly Entry[],
  kind: Kind,
  conditions: readonly Condition[],
): OwnedBox<Entry>[] {
  return entries.flatMap((entry) => {
    const box = entry.must.get(kind);
    if (box === undefined || !entry.rule.decides || !implies(conditions, entry.rule.conditions)) return [];
    return [{ owner: entry, box }];
  });
}

/** Whether earlier rules certainly take all that the rule may match; first whether one of them does alone. */
function reach(entry: Entry, earlier: readonly Entry[], budget: Budget): Cover<Entry> {
  const { conditions } = entry.rule;
  const alone = earlier.find(
    (other) => other.rule.decides && implies(conditions, other.rule.conditions) && covers(other, entry),
  );
  if (alone !== undefined) return { type: "covered", by: new Set([alone]) };
  const by = new Set<Entry>();
  let undecided = false;
  const regions = [...entry.may].map(([kind, box]) => ({ box, covers: deciding(earlier, kind, conditions) }));
  regions.sort((a, b) => a.covers.length - b.covers.length);
  for (const region of regions) {
    const cover = findGap(region.box, region.covers, budget);
    if (cover.type === "gap") return cover;
    if (cover.type === "undecided") undecided = true;
    else for (const owner of cover.by) by.add(owner);
  }
  return undecided ? { type: "undecided" } : { type: "covered", by };
}

function covers(outer: Entry, inner: Entry): boolean {
  for (const [kind, box] of inner.may) {
    const other = outer.must.get(kind);
    if (other === undefined || !boxContains(other, box)) return false;
  }
  return true;
}

/** Leaves out, from the last to the first, every rule without which the others still cover everything. */
function minimalCover(entry: Entry, by: ReadonlySet<Entry>, steps: number): Entry[] {
  let cover = [...by].toSorted((a, b) => a.index - b.index);
  for (const candidate of cover.toReversed()) {
    if (cover.length === 1) break;
    const without = cover.filter((other) => other !== candidate);
    if (reach(entry, without, { steps }).type === "covered") cover = without;
  }
  return cover;
}

/** A packet that certainly matches the rule and that no earlier rule possibly takes. */
function certainReach(entry: Entry, earlier: readonly Entry[], budget: Budget): Packet | null {
  if (entry.rule.conditions.length > 0) return null;
  for (const [kind, box] of entry.must) {
    const others = earlier.flatMap((other) => owned(other, other.may.get(kind)));
    const cover = findGap(box, others, budget);
    if (cover.type === "gap") return cover.packet;
  }
  return null;
}

function owned(owner: Entry, box: Box | undefined): OwnedBox<Entry>[] {
  return box === undefined ? [] : [{ owner, box }];
}

function deadRule(entry: Entry, earlier: readonly Entry[], by: readonly Entry[], steps: number): RuleFacts {
  const facts = { rule: entry.rule, by: by.map(({ rule }) => rule), removable: false };
  const other = otherVerdict(entry, earlier, steps);
  return {
    ...facts,
    status: other.type === "certain" ? "shadowed" : "redundant",
    certain: other.type !== "possible",
    reason: other.type === "possible" ? other.reason : null,
    witness: other.type === "certain" ? other.packet : sampleBox(first(entry.may)),
  };
}

type OtherVerdict =
  | { readonly type: "certain"; readonly packet: Packet }
  | { readonly type: "possible"; readonly reason: string }
  | { readonly type: "none" };

/** Whether some packet of a dead rule gets another verdict earlier: for certain, possibly, or not at all. */
function otherVerdict(entry: Entry, earlier: readonly Entry[], steps: number): OtherVerdict {
  const { conditions, action } = entry.rule;
  const differs = ({ rule }: Entry): boolean => rule.decides && rule.action !== action;
  const winner = findWinner(entry, earlier, differs, steps);
  if (winner.type === "gap") return { type: "certain", packet: winner.packet };
  if (winner.type === "undecided") {
    return { type: "possible", reason: "deciding which verdict its packets get passes the work budget" };
  }
  for (const [index, other] of earlier.entries()) {
    if (other.rule.decides && !differs(other)) continue;
    const known = [...conditions, ...other.rule.conditions];
    const before = earlier.slice(0, index).filter((candidate) => !differs(candidate));
    const found = gapIn(entry, other, "may", (kind) => deciding(before, kind, known), { steps });
    if (found.type !== "covered") {
      return {
        type: "possible",
        reason: "whether its packets get another verdict depends on what the dump does not say",
      };
    }
  }
  return { type: "none" };
}

/**
 * A packet of the rule that certainly goes to one of the earlier rules which `wanted` names. Where several of
 * them could take it, it does not matter which does.
 */
function findWinner(
  entry: Entry,
  earlier: readonly Entry[],
  wanted: (entry: Entry) => boolean,
  steps: number,
): Cover<Entry> & { winner?: Entry } {
  let undecided = false;
  for (const [index, winner] of earlier.entries()) {
    if (!wanted(winner) || !implies(entry.rule.conditions, winner.rule.conditions)) continue;
    const others = earlier.slice(0, index).filter((other) => !wanted(other));
    const boxes = (kind: Kind): OwnedBox<Entry>[] =>
      others.flatMap((other) => owned(other, other.may.get(kind)));
    const found = gapIn(entry, winner, "must", boxes, { steps });
    if (found.type === "gap") return { ...found, winner };
    if (found.type === "undecided") undecided = true;
  }
  return undecided ? { type: "undecided" } : { type: "covered", by: new Set() };
}

/** Whether some rules together certainly take all that a rule may match. */
export function isCover(entries: readonly Entry[], index: number, by: readonly number[]): boolean {
  const blockers = by.map((blocker) => entries[blocker]!);
  return reach(entries[index]!, blockers, { steps: DEFAULT_BUDGET }).type === "covered";
}

/** A packet that both rules match and that none of the given boxes takes. */
function gapIn(
  a: Entry,
  b: Entry,
  reading: "may" | "must",
  boxes: (kind: Kind) => readonly OwnedBox<Entry>[],
  budget: Budget,
): Cover<Entry> {
  let undecided = false;
  for (const kind of commonKinds(a.may, b[reading])) {
    const common = intersectBoxes(a.may.get(kind)!, b[reading].get(kind)!);
    if (common === null) continue;
    const cover = findGap(common, boxes(kind), budget);
    if (cover.type === "gap") return cover;
    if (cover.type === "undecided") undecided = true;
  }
  return undecided ? { type: "undecided" } : { type: "covered", by: new Set() };
}

/**
 * True if, for every packet that may reach the rule, the next rule that takes it gives the same verdict: no later
 * rule with another verdict gets one, and none is left over.
 */
function isRemovable(
  entry: Entry,
  earlier: readonly Entry[],
  later: readonly Entry[],
  reached: Box,
  budget: Budget,
): boolean {
  const { action, decides, conditions } = entry.rule;
  if (!decides) return false;
  const same = ({ rule }: Entry): boolean => rule.decides && rule.action === action;
  const left = findGap(reached, deciding(later, reached.kind, conditions), budget);
  if (left.type !== "covered") return false;
  for (const [index, other] of later.entries()) {
    if (same(other)) continue;
    const known = [...conditions, ...other.rule.conditions];
    const before = [...earlier, ...later.slice(0, index)];
    const found = gapIn(entry, other, "may", (kind) => deciding(before, kind, known), budget);
    if (found.type !== "covered") return false;
  }
  return reach(entry, [...earlier, ...later], budget).type === "covered";
}
