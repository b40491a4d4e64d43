import { implies } from "../model/conditions.ts";
import type { Rule } from "../model/rule.ts";
import { boxesOverlap, intersectBoxes, subtractBox, type Box } from "./boxes.ts";
import type { Budget } from "./cover.ts";
import type { Entry } from "./entries.ts";
import { merged, type PacketSet } from "./packet-set.ts";
import type { RuleBoxes } from "./rule-boxes.ts";

/** An earlier rule that may take the packets of a piece, so that the piece's verdict depends on it. */
export interface Dependency {
  readonly rule: Rule;
  readonly reason: string;
}

/** Packets that the same rule decides, depending on the same others. */
export interface DecidedPiece {
  /** Null where no rule matches for certain. */
  readonly rule: Rule | null;
  /** Empty if the verdict is certain. */
  readonly dependsOn: readonly Dependency[];
  readonly packets: PacketSet;
}

export interface Decisions {
  /** Disjoint, together the whole region, in the order of the deciding rules. */
  readonly pieces: readonly DecidedPiece[];
  /** What the budget was not enough for; empty as a rule. */
  readonly undecided: PacketSet;
}

interface Work {
  readonly box: Box;
  readonly candidates: readonly Entry[];
  /** Where to go on among the candidates. */
  readonly from: number;
  readonly possible: readonly Dependency[];
  /** Rules among the possible ones that take the whole box if their conditions hold. */
  readonly settled: readonly Rule[];
}

/** Splits a region by the rule that decides each packet: first match, for all its packets at once. */
export function decide(entries: readonly Entry[], region: PacketSet, budget: Budget): Decisions {
  const groups = new Map<
    string,
    { rule: Rule | null; index: number; dependsOn: readonly Dependency[]; boxes: Box[] }
  >();
  const undecided: Box[] = [];
  const indexes = new Map(entries.map(({ rule, index }) => [rule, index]));

  const emit = (rule: Rule | null, box: Box, possible: readonly Dependency[]): void => {
    const dependsOn = possible.filter((other) => !other.rule.decides || other.rule.action !== rule?.action);
    const index = rule === null ? entries.length : indexes.get(rule)!;
    const key = [index, ...dependsOn.map((other) => indexes.get(other.rule))].join(" ");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { rule, index, dependsOn, boxes: [box] });
    else group.boxes.push(box);
  };

  const stack: Work[] = region.map((box) => ({
    box,
    candidates: entries.filter(({ may }) => touches(may, box)),
    from: 0,
    possible: [],
    settled: [],
  }));
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    if (budget.steps <= 0) {
      undecided.push(work.box);
      continue;
    }
    const { box, candidates, possible, settled } = work;
    let at = work.from;
    const irrelevant = ({ rule, may }: Entry): boolean =>
      !touches(may, box) || settled.some((earlier) => implies(rule.conditions, earlier.conditions));
    while (at < candidates.length && irrelevant(candidates[at]!)) at += 1;
    budget.steps -= at - work.from + 1;
    const entry = candidates[at];
    if (entry === undefined) {
      emit(null, box, possible);
      continue;
    }
    const { rule } = entry;
    const may = entry.may.get(box.kind)!;
    for (const outside of subtractBox(box, may)) stack.push({ ...work, box: outside, from: at + 1 });
    const inside = intersectBoxes(box, may)!;
    const must = entry.must.get(box.kind);
    const sure = must === undefined ? null : intersectBoxes(inside, must);
    const unsure = sure === null ? [inside] : subtractBox(inside, sure);
    const dependency = { rule, reason: reasonOf(rule) };
    for (const piece of unsure) {
      stack.push({ ...work, box: piece, from: at + 1, possible: [...possible, dependency] });
    }
    if (sure === null) continue;
    if (rule.decides && rule.conditions.length === 0) emit(rule, sure, possible);
    else {
      stack.push({
        box: sure,
        candidates,
        from: at + 1,
        possible: [...possible, dependency],
        settled: rule.decides ? [...settled, rule] : settled,
      });
    }
  }
  const pieces = [...groups.values()]
    .toSorted((a, b) => a.index - b.index)
    .map(({ rule, dependsOn, boxes }) => ({ rule, dependsOn, packets: merged(boxes) }));
  return { pieces, undecided: merged(undecided) };
}

function touches(boxes: RuleBoxes, box: Box): boolean {
  const other = boxes.get(box.kind);
  return other !== undefined && boxesOverlap(other, box);
}

function reasonOf(rule: Rule): string {
  const [condition] = rule.conditions;
  if (condition !== undefined) return condition.reason;
  return rule.decides
    ? "a member of an address set that it names could not be read"
    : `what "${rule.action}" does is not known`;
}
