import type { FilterAnalysis } from "../analysis/analysis.ts";
import { UNIVERSE, sampleBox } from "../analysis/boxes.ts";
import type { DecidedPiece } from "../analysis/decide.ts";
import { kindOf, type Change, type SideDecision } from "../analysis/difference.ts";
import { Trial, type Limit, type Loser } from "../analysis/trial.ts";
import { IPV4_ETHERTYPE, IPV6_ETHERTYPE } from "../model/ethertypes.ts";
import { closest } from "../model/flow.ts";
import type { Packet } from "../model/packet.ts";
import { fromSpans } from "../model/ranges.ts";
import { addressNodes, type ListName, type Rule, type Verdict } from "../model/rule.ts";
import { readRule } from "../model/rules.ts";
import { printRuleBody } from "../syntax/print.ts";
import { RuleTextError, WRITTEN, readRuleText, type WrittenRule } from "../syntax/rule-text.ts";
import { flowResult, referenceResult, regionResult } from "./convert.ts";
import type { Input } from "./input.ts";
import {
  VERSION,
  type BestPlaceResult,
  type NeedResult,
  type TryChangeResult,
  type TryEffectResult,
  type TryFilterResult,
  type TryPart,
  type TryPlace,
  type TryResult,
  type TryRuleReference,
  type TrySide,
} from "./results.ts";

/** Where a new rule is put: beside all lines of a rule, or so that it gets a position of a category. */
export type PlaceQuestion =
  | { readonly beside: "before" | "after"; readonly id: number }
  | { readonly beside: "at"; readonly position: number };

export interface TryQuestion {
  /** As `vsipioctl getrules` prints it; its place and semicolon may be missing. */
  readonly rule: string;
  /** Null for the best place. */
  readonly place?: PlaceQuestion | null;
  /** Where the category of the place is not clear otherwise. */
  readonly category?: string | null;
  /** Of several filters the one to answer about; all, if it is not said. */
  readonly filter?: string | null;
  /** Work allowed for splitting the rule's packets; beyond it, rules and examples are named and not regions. */
  readonly budget?: number;
}

/** What was asked cannot be answered: the part of the question that is wrong, and why. */
export class TryError extends Error {
  readonly part: "rule" | "place" | "category" | "filter";
  /** An offset into the rule's text; null if it is not about a place in it. */
  readonly at: number | null;

  constructor(part: TryError["part"], message: string, at: number | null = null) {
    super(message);
    this.part = part;
    this.at = at;
  }
}

/**
 * What a new rule would do: whether it is needed, what of it is reached at its place, what it changes for which
 * packets, and which place is best.
 * @throws TryError if the rule does not parse or the place is not there
 */
export function tryRule(input: Input, question: TryQuestion): TryResult {
  const written = readWritten(question.rule);
  const filters = chooseFilters(input, question.filter ?? null);
  checkNames(written, filters);
  return {
    version: VERSION,
    rule: printRuleBody(written.node),
    verdict: written.node.action as Verdict,
    filters: filters.map((analysis) => answer(analysis, written, question, filters.length > 1)),
  };
}

function readWritten(text: string): WrittenRule {
  try {
    const written = readRuleText(text);
    const { action } = written.node;
    if (["accept", "drop", "reject"].includes(action)) return written;
    const at = written.written(actionOffset(written));
    throw new TryError("rule", `expected accept, drop or reject but found "${action}"`, at);
  } catch (error) {
    if (error instanceof RuleTextError) throw new TryError("rule", error.message, error.at);
    throw error;
  }
}

/** The tree has no place for the action: it is the first such word behind what the rule matches. */
function actionOffset({ node, dump }: WrittenRule): number {
  const start = Math.max(node.to.range.end, ...node.qualifiers.map(({ range }) => range.end));
  return dump.text.indexOf(node.action, start);
}

function chooseFilters(input: Input, name: string | null): readonly FilterAnalysis[] {
  const filters = input.filters.filter(({ filter }) => filter.rules.length > 0);
  if (name === null) return filters;
  const names = filters.flatMap(({ filter }) => (filter.name === null ? [] : [filter.name]));
  const chosen = filters.filter(({ filter }) => filter.name === name);
  if (chosen.length > 0) return chosen;
  const near = closest(name, names);
  const all = names.length === 0 ? ": the rules are printed without a prompt that names one" : near;
  throw new TryError("filter", `there is no filter ${name} with rules in the input${all}`);
}

/** A set that no dump defines is most likely a slip, unless rules of the dump name it too. */
function checkNames({ node, written }: WrittenRule, filters: readonly FilterAnalysis[]): void {
  const known = new Set<string>();
  for (const { filter } of filters) {
    for (const name of filter.addressSets.keys()) known.add(name);
    for (const rule of filter.rules)
      for (const address of addressNodes(rule)) if (address.type === "addrset") known.add(address.name);
  }
  for (const address of [node.from, node.to]) {
    if (address.type !== "addrset" || known.has(address.name)) continue;
    const at = written(address.range.end - address.name.length);
    throw new TryError("rule", `there is no address set ${address.name}${closest(address.name, known)}`, at);
  }
}

/** The rule as a filter's address sets give it meaning. */
function ruleFor({ node, dump, written }: WrittenRule, { filter }: FilterAnalysis): Rule {
  const source = { dump, range: node.range };
  const reference = { filter: filter.name, ruleset: null, category: null, id: null, position: null, source };
  const { rule, problems } = readRule(node, reference, filter.addressSets);
  const [problem] = problems;
  if (problem !== undefined) throw new TryError("rule", problem.message, written(problem.at));
  return rule;
}

function answer(
  analysis: FilterAnalysis,
  written: WrittenRule,
  question: TryQuestion,
  several: boolean,
): TryFilterResult {
  const rule = ruleFor(written, analysis);
  const list: TryFilterResult["list"] = rule.layer === "ethernet" ? "ethernet" : "firewall";
  const rules = analysis.list(list)?.rules ?? [];
  const common = { name: analysis.filter.name, list };
  const asked =
    question.place === null || question.place === undefined
      ? null
      : findPlace(rules, question.place, question.category ?? null, {
          list,
          where: several ? ` in filter ${analysis.filter.name}` : "",
        });
  const trial = new Trial(rules, rule, question.budget);
  const notes = notesOn(analysis, rule);
  const nothing = { best: null, effect: null, changes: [], summary: {}, dead: [], narrowed: [] };
  const place = asked === null ? null : placeResult(rules, asked);
  if (trial.packets.length === 0) {
    const need = {
      status: "never-matches",
      reason: emptyReason(rule),
      now: [],
      already: null,
      missing: null,
    } as const;
    return { ...common, ...nothing, notes, place, need };
  }
  const now = trial.now();
  const existing = (other: Rule): TryRuleReference => ({ ...referenceResult(other.reference), isNew: false });
  const already = trial.already;
  const missing = trial.missing;
  const need: NeedResult = {
    status:
      trial.isNeeded === false
        ? "not-needed"
        : missing === null
          ? "uncertain"
          : already === null
            ? "needed"
            : "partly",
    reason: null,
    now: now.incomplete ? [] : now.pieces.map((piece) => partResult(piece, existing)),
    already: already === null ? null : flowResult(already),
    missing: missing === null ? null : flowResult(missing),
  };
  const bestPlace = { index: trial.bestPlace, section: sectionAt(rules, trial.bestPlace) };
  const chosen = asked ?? (need.status === "not-needed" ? null : bestPlace);
  const best: BestPlaceResult | null =
    need.status === "not-needed"
      ? null
      : {
          ...placeResult(rules, bestPlace),
          chosen: chosen?.index === bestPlace.index,
          limit: limitResult(trial.limit),
        };
  if (chosen === null) return { ...common, ...nothing, notes, need, place };
  const { index } = chosen;
  const chosenPlace = placeResult(rules, chosen);
  const asReference = (other: Rule): TryRuleReference => tryReference(other, rule, chosenPlace);
  const losers = trial.losersAt(index);
  const difference = now.incomplete ? null : trial.changesAt(index);
  const isWhole = difference !== null && difference.undecided.length === 0;
  if (!isWhole) {
    notes.push(
      "Which packets change is too much work to list: for each rule that loses some, one packet is shown.",
    );
  }
  const changes = isWhole
    ? difference.changes.map((change) => changeResult(change, asReference))
    : exampleChanges(losers, trial.unmatched, rule, asReference);
  const { dead, undecided } = trial.deathsAt(index);
  for (const { reference } of undecided)
    notes.push(`Whether rule ${reference.id} is still reached takes too much work to tell.`);
  const deadReferences = new Set(dead.map((death) => death.rule.reference));
  return {
    ...common,
    notes,
    need,
    place: chosenPlace,
    best,
    effect: effectResult(trial, index, rule, asReference),
    changes: changes.toSorted(byKind),
    summary: summaryOf(changes),
    dead: dead.map((death) => ({
      rule: referenceResult(death.rule.reference),
      verdict: death.rule.verdict,
      witness: flowResult(death.witness),
    })),
    narrowed: losers.flatMap(({ rule: { reference } }) =>
      deadReferences.has(reference) ? [] : [referenceResult(reference)],
    ),
  };
}

/** Where regions take too much work: what changes between each rule and the new one, by an example. */
function exampleChanges(
  losers: readonly Loser[],
  unmatched: Packet | null,
  added: Rule,
  asReference: (rule: Rule) => TryRuleReference,
): TryChangeResult[] {
  const given = { ...added, conditions: [] };
  const changes: TryChangeResult[] = [];
  const add = (rule: Rule | null, witness: Packet): void => {
    const before = { rule, dependsOn: [] };
    const kind = kindOf({ decider: rule, others: [] }, { decider: given, others: [] });
    if (kind === null) return;
    const change = {
      kind,
      before,
      after: { rule: added, dependsOn: [] },
      cause: added,
      packets: [],
      except: [],
      witness,
    };
    changes.push({ ...changeResult(change, asReference), region: null });
  };
  for (const { rule, witness } of losers) add(rule, witness);
  if (unmatched !== null) add(null, unmatched);
  return changes;
}

/** What opens or closes something comes first. */
const KINDS = ["newly-accepted", "newly-denied", "verdict", "uncertain", "treatment", "attribution"] as const;

function byKind(a: TryChangeResult, b: TryChangeResult): number {
  const line = ({ before }: TryChangeResult): number => before.rule?.line ?? Infinity;
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (line(a) === line(b) ? 0 : line(a) - line(b));
}

function summaryOf(changes: readonly TryChangeResult[]): TryFilterResult["summary"] {
  const counts: Partial<Record<TryChangeResult["kind"], number>> = {};
  for (const { kind } of changes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function effectResult(
  trial: Trial,
  index: number,
  rule: Rule,
  asReference: (rule: Rule) => TryRuleReference,
): TryEffectResult {
  const { pieces } = trial.at(index);
  const isOwn = (piece: DecidedPiece): boolean => piece.rule?.reference === rule.reference;
  const isKnown = [rule.source, rule.destination].every(({ must, may }) => must === may);
  const witness = trial.packetAt(index);
  const status = (): TryEffectResult["reached"] => {
    if (trial.isReachedAt(index) === false) return "none";
    if (isKnown && trial.isWholeAt(index)) return "all";
    return witness !== null && pieces.some((piece) => piece.rule !== null && !isOwn(piece))
      ? "part"
      : "uncertain";
  };
  return {
    reached: status(),
    enforced: trial.isNeeded === false || trial.limit === null || index <= trial.limit.index,
    // What only the new rule itself may or may not take is said in the notes.
    taken: pieces
      .map((piece) => ({
        ...piece,
        dependsOn: piece.dependsOn.filter(({ rule: other }) => other.reference !== rule.reference),
      }))
      .filter((piece) => piece.dependsOn.length > 0 || (piece.rule !== null && !isOwn(piece)))
      .map((piece) => partResult(piece, asReference)),
    witness: witness === null ? null : flowResult(witness),
  };
}

function sampleOf({ packets }: DecidedPiece): ReturnType<typeof sampleBox> {
  return sampleBox(packets.find(({ kind }) => kind.endsWith("ports")) ?? packets[0]!);
}

function partResult(piece: DecidedPiece, asReference: (rule: Rule) => TryRuleReference): TryPart {
  return {
    verdict: piece.rule === null ? "no-match" : (piece.rule.verdict ?? "uncertain"),
    certain: piece.dependsOn.length === 0,
    rule: piece.rule === null ? null : asReference(piece.rule),
    dependsOn: piece.dependsOn.map(({ rule, reason }) => ({ rule: asReference(rule), reason })),
    region: regionResult(piece.packets),
    witness: flowResult(sampleOf(piece)),
  };
}

function tryReference({ reference }: Rule, added: Rule, place: TryPlace): TryRuleReference {
  if (reference !== added.reference) return { ...referenceResult(reference), isNew: false };
  const { ruleset, category, position } = place;
  return {
    filter: reference.filter,
    ruleset,
    category,
    id: null,
    position,
    file: WRITTEN,
    line: 1,
    isNew: true,
  };
}

function changeResult(
  { kind, before, after, packets, witness }: Change,
  asReference: (rule: Rule) => TryRuleReference,
): TryChangeResult {
  const side = ({ rule, dependsOn }: SideDecision): TrySide => ({
    verdict: rule === null ? "no-match" : (rule.verdict ?? "uncertain"),
    rule: rule === null ? null : asReference(rule),
    dependsOn: dependsOn.map(asReference),
  });
  return {
    kind,
    before: side(before),
    after: side(after),
    region: regionResult(packets),
    witness: flowResult(witness),
  };
}

function limitResult(limit: Limit | null): BestPlaceResult["limit"] {
  if (limit === null) return null;
  const { rule, witness, certain } = limit;
  return { rule: referenceResult(rule.reference), witness: flowResult(witness), certain };
}

// ---- what is not known -------------------------------------------------------------------------------------

function notesOn(analysis: FilterAnalysis, rule: Rule): string[] {
  const notes = rule.conditions.map(
    ({ reason }) => `All of this is about the packets that the rule does match: ${reason}.`,
  );
  for (const address of addressNodes(rule)) {
    const set = address.type === "addrset" ? analysis.filter.addressSets.get(address.name) : undefined;
    if (set !== undefined && set.uncertainty !== null)
      notes.push(`The rule may match more or less than is known: ${set.uncertainty}.`);
  }
  const ethernet = analysis.list("ethernet");
  if (rule.layer === "ip" && ethernet !== null) {
    const types = rule.families.map((family) => (family === "ipv4" ? IPV4_ETHERTYPE : IPV6_ETHERTYPE));
    const etherTypes = fromSpans(types.map((type) => ({ first: type, last: type })));
    const frames = { kind: "ethernet", sides: UNIVERSE.ethernet.sides.with(3, etherTypes) } as const;
    const { pieces } = ethernet.decide([frames], { steps: 1_000_000 });
    const stopped = pieces.find(
      ({ rule: by, dependsOn }) => by?.verdict !== "accept" || dependsOn.length > 0,
    );
    if (stopped !== undefined) {
      const by = stopped.rule === null ? "no rule matches them" : `rule ${stopped.rule.reference.id}`;
      notes.push(
        `Only the layer-3 rules are asked; the layer-2 rules do not accept all frames for certain (${by}).`,
      );
    }
  }
  if (rule.layer === "ethernet" && rule.verdict === "accept")
    notes.push("Only the layer-2 rules are asked; IP packets that they accept go on to the layer-3 rules.");
  return notes;
}

function emptyReason(rule: Rule): string {
  if (rule.layer === "ip" && rule.service.type === "none") return rule.service.reason;
  return "its source, destination and protocol have no packet in common: an address set is empty, or they are of different families";
}

// ---- places ------------------------------------------------------------------------------------------------

/** Between which rules of a list, and in which category: at its edges that is not the same. */
interface Place {
  readonly index: number;
  /** A neighbour in the category; null in an empty list. */
  readonly section: Rule | null;
}

function sectionAt(rules: readonly Rule[], index: number): Rule | null {
  return rules[index] ?? rules[index - 1] ?? null;
}

function placeResult(rules: readonly Rule[], { index, section }: Place): TryPlace {
  const [after, before] = [rules[index - 1], rules[index]];
  const next = before?.reference.position ?? null;
  const previous = after?.reference.position ?? null;
  const isNext = section !== null && section === before;
  return {
    after: after === undefined ? null : referenceResult(after.reference),
    before: before === undefined ? null : referenceResult(before.reference),
    ruleset: section?.reference.ruleset ?? null,
    category: section?.reference.category ?? null,
    position: isNext ? next : previous === null ? null : previous + 1,
  };
}

/** Rules of one list and where their category is, for messages. */
interface ListWords {
  readonly list: ListName;
  readonly where: string;
}

function findPlace(
  rules: readonly Rule[],
  question: PlaceQuestion,
  category: string | null,
  words: ListWords,
): Place {
  const sections = sectionsOf(rules);
  const wanted = category === null ? sections : sections.filter(({ names }) => isNamed(names, category));
  if (wanted.length === 0 && category !== null) {
    const names = sections.flatMap((section) => section.names);
    const near = closest(category, names);
    const all = near === "" ? `: the rules have ${listed(sections)}` : near;
    throw new TryError("category", `there is no category ${category}${words.where}${all}`);
  }
  return question.beside === "at"
    ? findPosition(rules, question.position, wanted, words)
    : findNeighbour(rules, question, wanted, words);
}

interface Section {
  /** What it may be called: its category, or its ruleset. */
  readonly names: readonly string[];
  readonly label: string;
  readonly indexes: readonly number[];
}

function sectionsOf(rules: readonly Rule[]): Section[] {
  const sections = new Map<string, { names: string[]; label: string; indexes: number[] }>();
  for (const [index, { reference }] of rules.entries()) {
    const { ruleset, category } = reference;
    const key = JSON.stringify([ruleset, category]);
    const known = sections.get(key);
    if (known !== undefined) known.indexes.push(index);
    else {
      const names = [category, ruleset].filter((name) => name !== null);
      sections.set(key, { names, label: names[0] ?? "rules without a category", indexes: [index] });
    }
  }
  return [...sections.values()];
}

function isNamed(names: readonly string[], category: string): boolean {
  return names.some((name) => name.toLowerCase() === category.trim().toLowerCase());
}

function listed(sections: readonly Section[]): string {
  return sections.map(({ label }) => `"${label}"`).join(", ");
}

function only(found: readonly Section[], what: string): Section {
  if (found.length === 1) return found[0]!;
  throw new TryError(
    "place",
    `${what} stands in several categories: say --category, one of ${listed(found)}`,
  );
}

function findNeighbour(
  rules: readonly Rule[],
  { beside, id }: Extract<PlaceQuestion, { id: number }>,
  sections: readonly Section[],
  { list, where }: ListWords,
): Place {
  const isIt = (index: number): boolean => rules[index]!.reference.id === id;
  const found = sections.filter(({ indexes }) => indexes.some(isIt));
  if (found.length === 0) {
    const ids = new Set(rules.flatMap(({ reference }) => (reference.id === null ? [] : [`${reference.id}`])));
    const layer = list === "ethernet" ? "layer-2" : "layer-3";
    throw new TryError(
      "place",
      `there is no rule ${id} among the ${layer} rules${where}${closest(`${id}`, ids)}`,
    );
  }
  const { indexes } = only(found, `rule ${id}`);
  const index = beside === "before" ? indexes.find(isIt)! : indexes.findLast(isIt)! + 1;
  return { index, section: rules[beside === "before" ? index : index - 1]! };
}

function findPosition(
  rules: readonly Rule[],
  position: number,
  sections: readonly Section[],
  { where }: ListWords,
): Place {
  const lastOf = ({ indexes }: Section): number =>
    Math.max(0, ...indexes.map((index) => rules[index]!.reference.position ?? 0));
  const numbered = sections.filter((section) => lastOf(section) > 0);
  if (numbered.length === 0) {
    throw new TryError("place", `the rules have no positions${where}: say --before or --after a rule`);
  }
  const found = numbered.filter((section) => position <= lastOf(section) + 1);
  if (found.length === 0) {
    const ends = numbered.map((section) => `"${section.label}" ends at ${lastOf(section)}`).join(", ");
    throw new TryError("place", `there is no position ${position}${where}: ${ends}`);
  }
  const { indexes } = only(found, `position ${position}`);
  const next = indexes.find((index) => (rules[index]!.reference.position ?? 0) >= position);
  return next === undefined
    ? { index: indexes.at(-1)! + 1, section: rules[indexes.at(-1)!]! }
    : { index: next, section: rules[next]! };
}
