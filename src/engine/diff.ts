import type { FilterAnalysis, ListAnalysis } from "../analysis/analysis.ts";
import { differenceOf, type Change, type SideDecision } from "../analysis/difference.ts";
import { ruleEdits, setEdits, type RuleEdit, type SetEdit } from "../analysis/edits.ts";
import { equalSets, packetSet, setSize, type PacketSet } from "../analysis/packet-set.ts";
import { ruleBoxes } from "../analysis/rule-boxes.ts";
import { printAddresses } from "../model/address.ts";
import { addressNodes, type ListName, type Rule } from "../model/rule.ts";
import { flowResult, powerOfTwo, referenceResult, regionResult } from "./convert.ts";
import type { Input } from "./input.ts";
import type { Intent } from "./intent/intent.ts";
import { judgeIntent, type ComparedFilter } from "./intent/judge.ts";
import { AddressNames } from "./names.ts";
import { pairFilters, type FilterPairs } from "./pairs.ts";
import { namesFilter } from "./policy/policy.ts";
import {
  VERSION,
  type AddrsetEditResult,
  type ChangeKindResult,
  type ChangeResult,
  type CollateralResult,
  type DiffFilterResult,
  type DiffResult,
  type EditResult,
  type IntentResult,
  type PieceVerdict,
  type RuleReferenceResult,
  type UncertainChangeResult,
  type UnmetResult,
  type VnicResult,
} from "./results.ts";

export interface DiffOptions {
  /** The filters to compare; all of them unless it is said. */
  readonly pairs?: FilterPairs;
  /** Work allowed for each edited rule; beyond it its packets are not decided. */
  readonly budget?: number;
  readonly progress?: (done: number, total: number) => void;
  /** What the change is for. */
  readonly intent?: Intent;
}

const LISTS: readonly ListName[] = ["ethernet", "firewall", "ids"];

/** What a change does: every packet whose verdict, treatment or deciding rule differs, and the edits behind it. */
export function diff(before: Input, after: Input, options: DiffOptions = {}): DiffResult {
  const { pairs, onlyBefore, onlyAfter, vnics } = options.pairs ?? pairFilters(before, after);
  const compared = pairs.map(([was, is]) => diffFilter(was, is, options));
  const filters = compared.map(({ result, filter }) => ofFilters(result, filter.before, filter.after, vnics));
  const result = joinedDiff(filters, { onlyBefore, onlyAfter, vnics });
  return options.intent === undefined ? result : { ...result, intent: intentResult(options.intent) };

  function intentResult(intent: Intent): IntentResult {
    const names = [...pairs.flat(), ...onlyBefore, ...onlyAfter].map(({ filter }) => filter.name);
    // What is to happen in other filters than those that are asked about is not judged.
    const changes = intent.changes.filter(
      ({ filters: patterns }) =>
        patterns === null || patterns.some((pattern) => names.some((name) => namesFilter(pattern, name))),
    );
    const result = judgeIntent(
      { ...intent, changes },
      compared.map(({ filter }) => filter),
    );
    const withVnic = <Item extends UnmetResult | CollateralResult>(item: Item): Item => {
      const vnic = filters.find(({ name }) => name === item.filter && name !== null)?.vnic;
      return vnic === undefined ? item : { ...item, vnic };
    };
    return {
      ...result,
      met: result.met && onlyBefore.length + onlyAfter.length === 0,
      unmet: result.unmet.map(withVnic),
      collateral: result.collateral.map(withVnic),
    };
  }
}

/** What is said of pairs of filters, as one result. */
export function joinedDiff(
  filters: readonly DiffFilterResult[],
  { onlyBefore, onlyAfter, vnics }: Pick<FilterPairs, "onlyBefore" | "onlyAfter" | "vnics">,
): DiffResult {
  const count = (kind: ChangeKindResult): number =>
    filters.reduce((sum, { changes }) => sum + changes.filter((change) => change.kind === kind).length, 0);
  const summary = {
    "newly-accepted": count("newly-accepted"),
    "newly-denied": count("newly-denied"),
    verdict: count("verdict"),
    treatment: count("treatment"),
    attribution: count("attribution"),
    uncertain: filters.reduce((sum, { uncertain }) => sum + uncertain.length, 0),
    undecided: filters.reduce((sum, { undecided }) => sum + undecided.length, 0),
  };
  const known = summary.uncertain + summary.undecided + onlyBefore.length + onlyAfter.length === 0;
  const equivalent = known && summary["newly-accepted"] + summary["newly-denied"] + summary.verdict === 0;
  return {
    version: VERSION,
    equivalent,
    sameTreatment: equivalent && summary.treatment === 0,
    filters,
    onlyBefore: onlyBefore.map(({ filter }) => filter.name),
    onlyAfter: onlyAfter.map(({ filter }) => filter.name),
    unpaired: [
      ...onlyBefore.map(({ filter: { name } }) => ({
        side: "before" as const,
        ...owned(name, vnics.before),
      })),
      ...onlyAfter.map(({ filter: { name } }) => ({ side: "after" as const, ...owned(name, vnics.after) })),
    ],
    summary,
  };
}

/** What is said of two filters, with their names and whose they are. */
export function ofFilters(
  said: ComparedRules,
  { filter: before }: FilterAnalysis,
  { filter: after }: FilterAnalysis,
  vnics: FilterPairs["vnics"],
): DiffFilterResult {
  return {
    name: after.name,
    nameBefore: before.name === after.name ? null : before.name,
    ...vnicsOf(vnics.before.get(before.name), vnics.after.get(after.name)),
    ...said,
  };
}

/** What is said of the rules of two filters, whatever those are called. */
export type ComparedRules = Omit<DiffFilterResult, "name" | "nameBefore" | "vnic" | "vnicBefore">;

/** The same of two filters alone. */
export function compareFilters(
  before: FilterAnalysis,
  after: FilterAnalysis,
  options: Pick<DiffOptions, "budget"> = {},
): ComparedRules {
  return diffFilter(before, after, options).result;
}

/** A filter's name, and whose it is where a session shows it. */
function owned(
  name: string | null,
  vnics: FilterPairs["vnics"]["after"],
): { name: string | null; vnic?: VnicResult } {
  const vnic = vnics.get(name);
  return { name, ...(vnic === undefined ? {} : { vnic }) };
}

/** Whose a filter is; before the change it may be another's, or of a machine that had another name. */
function vnicsOf(
  before: VnicResult | undefined,
  after: VnicResult | undefined,
): Pick<DiffFilterResult, "vnic" | "vnicBefore"> {
  const vnic = after ?? before;
  if (vnic === undefined) return {};
  const same = before === undefined || (before.machine === vnic.machine && before.name === vnic.name);
  return same ? { vnic } : { vnic, vnicBefore: before };
}

function diffFilter(
  before: FilterAnalysis,
  after: FilterAnalysis,
  options: DiffOptions,
): { result: ComparedRules; filter: ComparedFilter } {
  const sets = setEdits(before.filter.addressSets, after.filter.addressSets);
  const changedSets = new Set(sets.map(({ name }) => name));
  const names = new AddressNames(before.filter.addressSets, after.filter.addressSets);
  const edits: RuleEdit[] = [];
  const changes: ListedChange[] = [];
  const undecided: Rule[] = [];
  const assumptions = new Set<string>();
  let renumbered = 0;
  for (const list of LISTS) {
    const was = before.list(list)?.rules ?? [];
    const is = after.list(list)?.rules ?? [];
    if (was.length + is.length === 0) continue;
    const found = differenceOf(was, is, options);
    edits.push(...ruleEdits(was, is, found.unchanged, changedSets));
    changes.push(...found.changes.map((change) => ({ ...change, list })));
    undecided.push(...found.undecided);
    for (const text of found.assumptions) assumptions.add(text);
    for (const [one, other] of found.unchanged)
      renumbered += Number(one.reference.position !== other.reference.position);
  }
  const editsOf = (change: ChangeGroup): number[] => {
    const rules = new Set<Rule | null>([change.before.rule, change.after.rule, ...change.causes]);
    rules.delete(null);
    return edits.flatMap((edit, place) =>
      [...edit.before, ...edit.after].some((rule) => rules.has(rule)) ? [place] : [],
    );
  };
  const results = grouped(changes).map((group) => ({
    group,
    result: changeResult(group, editsOf(group), names),
  }));
  const certain = results.flatMap(({ group, result }): ChangeResult[] => {
    const kind = kindIn(group);
    return kind === "uncertain" ? [] : [{ kind, ...result }];
  });
  const uncertain = results.flatMap(({ group, result }): UncertainChangeResult[] =>
    group.kind === "uncertain"
      ? [
          {
            ...result,
            before: { ...result.before, dependsOn: references(group.before.dependsOn) },
            after: { ...result.after, dependsOn: references(group.after.dependsOn) },
          },
        ]
      : [],
  );
  const lists = new Map(after.lists.map((list) => [list.name, list]));
  const result: ComparedRules = {
    changes: certain.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)),
    uncertain,
    undecided: references(undecided),
    edits: edits.map((edit, place) => {
      const effects = new Set<EditResult["effects"][number]>();
      for (const { kind, edits: by } of certain) if (by.includes(place)) effects.add(kind);
      if (uncertain.some(({ edits: by }) => by.includes(place))) effects.add("uncertain");
      if ([...edit.before, ...edit.after].some((rule) => undecided.includes(rule))) effects.add("undecided");
      return editResult(edit, [...effects], [...lists.values()], before.lists);
    }),
    addrsets: sets.map((set) => setResult(set, before, after)),
    renumbered,
    assumptions: [...assumptions],
  };
  return {
    result,
    filter: {
      before,
      after,
      names,
      changes: results.map(({ group, result: asResult }) => ({ ...group, result: asResult })),
      complete: undecided.length === 0,
    },
  };
}

const KINDS: readonly ChangeKindResult[] = [
  "newly-accepted",
  "newly-denied",
  "verdict",
  "treatment",
  "attribution",
];

type ListedChange = Change & { readonly list: ListName };

/** What intrusion detection does is treatment: it sees only what the firewall accepted. */
function kindIn({ kind, list }: ChangeGroup): ChangeKindResult | "uncertain" {
  return list === "ids" && kind !== "uncertain" && kind !== "attribution" ? "treatment" : kind;
}

interface ChangeGroup extends Omit<ListedChange, "cause"> {
  readonly causes: readonly Rule[];
}

/** Changes between the same two rules are one, whatever edits they come from. */
function grouped(changes: readonly ListedChange[]): ChangeGroup[] {
  const groups = new Map<string, ChangeGroup>();
  const numbers = new Map<Rule, number>();
  const numberOf = (rule: Rule | null): number => {
    if (rule === null) return -1;
    const known = numbers.get(rule) ?? numbers.size;
    numbers.set(rule, known);
    return known;
  };
  const side = ({ rule, dependsOn }: SideDecision): unknown => [numberOf(rule), dependsOn.map(numberOf)];
  for (const { cause, ...change } of changes) {
    // What is told by exception stays apart: only its own packets are meant to be taken out.
    const apart = change.except.length === 0 ? null : groups.size;
    const key = JSON.stringify([change.kind, side(change.before), side(change.after), apart]);
    const known = groups.get(key);
    groups.set(
      key,
      known === undefined
        ? { ...change, causes: [cause] }
        : { ...known, packets: [...known.packets, ...change.packets], causes: [...known.causes, cause] },
    );
  }
  return [...groups.values()];
}

function changeResult(
  { before, after, causes, packets, except, witness }: ChangeGroup,
  edits: readonly number[],
  names: AddressNames,
): Omit<ChangeResult, "kind"> {
  const likely = [before.rule, after.rule, ...causes].flatMap((rule) =>
    rule === null ? [] : setNames(rule),
  );
  const side = ({ rule }: SideDecision): { verdict: PieceVerdict; rule: RuleReferenceResult | null } => ({
    verdict: rule === null ? "no-match" : (rule.verdict ?? "uncertain"),
    rule: rule === null ? null : referenceResult(rule.reference),
  });
  return {
    before: side(before),
    after: side(after),
    region: regionResult(packets, (family, ranges) => names.nameOf(family, ranges, [...new Set(likely)])),
    except: references(except),
    size: powerOfTwo(setSize(packets))!,
    witness: flowResult(witness),
    edits,
  };
}

function setNames(rule: Rule): string[] {
  return addressNodes(rule).flatMap((node) => (node.type === "addrset" ? [node.name] : []));
}

function references(rules: readonly Rule[]): RuleReferenceResult[] {
  return rules.map(({ reference }) => referenceResult(reference));
}

function editResult(
  edit: RuleEdit,
  effects: EditResult["effects"],
  lists: readonly ListAnalysis[],
  listsBefore: readonly ListAnalysis[],
): EditResult {
  const { type, id, ruleset, before, after, fields, values, addressSets } = edit;
  const onlyAttribution = effects.length === 1 && effects[0] === "attribution";
  const note = (): string | null => {
    if (effects.length === 0) return noteOn(edit, lists, listsBefore);
    return type === "added" && onlyAttribution ? noVerdictNote(after, lists) : null;
  };
  return {
    type,
    id,
    ruleset,
    before: references(before),
    after: references(after),
    fields,
    values,
    addrsets: addressSets,
    effects,
    note: note(),
  };
}

/** Where an added rule only does what was done before: what it might have been meant for is taken by others. */
function noVerdictNote(lines: readonly Rule[], lists: readonly ListAnalysis[]): string | null {
  const [first] = lines;
  if (first === undefined || first.verdict === null || lines.length > MOST_NOTED_LINES) return null;
  const takers = lines.flatMap((rule) => {
    const list = lists.find(({ rules }) => rules.includes(rule))!;
    return list.effectOf(list.rules.indexOf(rule)).lost.map((share) => share.rule);
  });
  const other = takers.find(({ verdict }) => verdict !== null && verdict !== first.verdict);
  const same = `what it gets had the verdict ${first.verdict} before`;
  if (other === undefined) return same;
  return `${same}, and ${ruleName(other)} (${other.action}) takes packets of it first`;
}

const MOST_NOTED_LINES = 20;

function ruleName({ reference: { id, position } }: Rule): string {
  return `rule ${id}${position === null ? "" : ` at ${position}`}`;
}

/** Why an edit changes nothing, if that is easily said. */
function noteOn(
  { type, before, after }: RuleEdit,
  listsAfter: readonly ListAnalysis[],
  listsBefore: readonly ListAnalysis[],
): string | null {
  const [lines, lists] = after.length > 0 ? [after, listsAfter] : [before, listsBefore];
  if (type === "edited" && saysTheSame(before, after)) return "the same packets, written otherwise";
  const facts = lines.map((rule) => {
    const list = lists.find(({ rules }) => rules.includes(rule))!;
    return list.factsAt(list.indexOf(rule));
  });
  if (facts.every(({ status }) => status === "never-matches")) return "it can never match";
  if (!facts.every(({ status }) => status === "shadowed" || status === "redundant"))
    return type === "moved" ? "no rule that it passed decides its packets otherwise" : null;
  const takers = [...new Set(facts.flatMap(({ by }) => by))];
  const [first] = takers;
  if (first === undefined) return "it can never be reached";
  const more = takers.length === 1 ? "" : ` and ${takers.length - 1} more`;
  return `it can never be reached: ${ruleName(first)}${more} ${more === "" ? "takes" : "take"} its packets first`;
}

/** True if lines match the same packets before and after and do the same with them. */
function saysTheSame(before: readonly Rule[], after: readonly Rule[]): boolean {
  const lines = [...before, ...after];
  if (lines.length > MOST_NOTED_LINES || lines.some(({ conditions }) => conditions.length > 0)) return false;
  const doing = (rule: Rule): string => JSON.stringify([rule.action, rule.treatment]);
  if (new Set(lines.map(doing)).size !== 1) return false;
  const packets = (rules: readonly Rule[]): PacketSet =>
    packetSet(rules.flatMap((rule) => [...ruleBoxes(rule, "may").values()]));
  return equalSets(packets(before), packets(after));
}

function setResult(
  { type, name, gained, lost }: SetEdit,
  before: FilterAnalysis,
  after: FilterAnalysis,
): AddrsetEditResult {
  const texts = (ranges: SetEdit["gained"]): string[] =>
    (["ipv4", "ipv6", "mac"] as const).flatMap((family) => printAddresses(family, ranges[family]));
  const { rules } = (type === "removed" ? before : after).filter;
  return {
    type,
    name,
    gained: texts(gained),
    lost: texts(lost),
    rules: rules.filter((rule) => setNames(rule).includes(name)).length,
  };
}
