import type { ListAnalysis } from "../analysis/analysis.ts";
import type { AddressNode, Range } from "../syntax/nodes.ts";
import { printAddress } from "../syntax/print.ts";
import type { Rule } from "../model/rule.ts";
import { parameterOf, type Check, type Found } from "./check.ts";
import { rearrangingOf, sameAddress, type Rearranging, type Run } from "./rearranging.ts";
import { counted, enumerate, grouped, isSystemRule, relatedRule } from "./words.ts";

const MOST_RELATED = 10;
const MOST_NAMED = 4;
/** Lines with another decision that a rule is compared with on its way up. */
const MOST_COMPARED = 50;

export const mergeableRules: Check = {
  id: "mergeable-rules",
  severity: "info",
  label: "merges with others",
  summary:
    "Rules of the manager that say the same but for their source, their destination or their services, and that can be " +
    "one rule with every verdict and treatment unchanged: no rule between them that decides otherwise takes packets of " +
    "the one that moves. It is said if at least leastRules rules (10) and leastPercent of the rules (5 %) would be saved.",
  why: "One rule with two groups is easier to read than two rules, and there is one place to change.",
  help: "Put the groups or services of the later rules into the first one, if one purpose stands behind them, and delete the later.",
  parameters: {
    leastRules: {
      default: 10,
      minimum: 1,
      maximum: 1_000_000,
      describe: "how many rules must be saved at least",
    },
    leastPercent: {
      default: 5,
      minimum: 0,
      maximum: 100,
      describe: "how many of a filter's rules (ids) must be saved at least, in per cent",
    },
  },
  example: `ruleset domain-c1 {
  rule 1281 at 1 inout protocol tcp from addrset app-1 to addrset db port 5432 accept;
  rule 1282 at 2 inout protocol tcp from addrset app-2 to addrset db port 5432 accept;
  rule 1283 at 3 inout protocol tcp from addrset app-3 to addrset db port 5432 accept;
  rule 1284 at 4 inout protocol tcp from addrset app-4 to addrset db port 5432 accept;
  rule 1285 at 5 inout protocol tcp from addrset app-5 to addrset db port 5432 accept;
  rule 1286 at 6 inout protocol tcp from addrset app-6 to addrset db port 5432 accept;
  rule 1287 at 7 inout protocol tcp from ip 10.1.7.10 to addrset db port 5432 accept;
  rule 1288 at 8 inout protocol tcp from ip 10.1.8.10 to addrset db port 5432 accept;
  rule 1289 at 9 inout protocol tcp from ip 10.1.9.10 to addrset db port 5432 accept;
  rule 1290 at 10 inout protocol tcp from ip 10.1.10.10 to addrset db port 5432 accept;
  rule 1291 at 11 inout protocol tcp from ip 10.1.11.10 to addrset db port 5432 accept;
  rule 1001 at 12 inout protocol any from any to any drop with log;
}
${[1, 2, 3, 4, 5, 6].map((app) => `addrset app-${app} {\nip 10.1.${app}.10,\n}\n`).join("")}addrset db {
ip 10.2.1.10,
}`,
  *find(context) {
    const leastRules = parameterOf(context, this, "leastRules");
    const leastPercent = parameterOf(context, this, "leastPercent");
    for (const { lists } of context.filters) {
      let rules = 0;
      const groups: Group[] = [];
      for (const list of lists) {
        if (list.name === "ethernet") continue;
        rules += rearrangingOf(list).runs.length;
        for (const group of groupsIn(list)) groups.push(group);
      }
      const saved = groups.reduce((sum, { members }) => sum + members.length - 1, 0);
      if (saved < leastRules || saved * 100 < rules * leastPercent || saved === 0) continue;
      yield describe(groups, saved, rules);
    }
  },
};

type Field = "source" | "destination" | "service";
const FIELDS: readonly Field[] = ["source", "destination", "service"];

/** One rule of the manager with all its lines. */
interface Unit extends Run {
  readonly lines: readonly Rule[];
  /** For each field that may be merged along: equal text for rules that differ in this field only. */
  readonly keys: Readonly<Partial<Record<Field, string>>>;
}

interface Group {
  readonly field: Field;
  /** In order; the others move up to the first. */
  readonly members: readonly Unit[];
}

/** The groups that save most, each rule in one of them. */
function groupsIn(list: ListAnalysis): Group[] {
  const { rearranging, runs } = rearrangingOf(list);
  const units = unitsOf(list, runs);
  const groups = FIELDS.flatMap((field) => groupsAlong(field, units, rearranging));
  const used = new Set<Unit>();
  return groups
    .toSorted((a, b) => b.members.length - a.members.length || a.members[0]!.start - b.members[0]!.start)
    .flatMap(({ field, members }) => {
      // Where the first is taken, the others move up to the second: they pass fewer lines than they were checked for.
      const left = members.filter((unit) => !used.has(unit));
      if (left.length < 2) return [];
      for (const unit of left) used.add(unit);
      return [{ field, members: left }];
    });
}

function groupsAlong(field: Field, units: readonly Unit[], rearranging: Rearranging): Group[] {
  const open = new Map<string, Unit[]>();
  const groups: Unit[][] = [];
  for (const unit of units) {
    const key = unit.keys[field];
    if (key === undefined) continue;
    const members = open.get(key);
    if (members !== undefined && joins(field, unit, members[0]!, rearranging)) {
      members.push(unit);
      continue;
    }
    const created = [unit];
    open.set(key, created);
    groups.push(created);
  }
  return groups.filter(({ length }) => length > 1).map((members) => ({ field, members }));
}

/**
 * Whether a rule may move up to another. Two rules that differ in source only have the same lines otherwise, and become
 * lines with both sources: each line moves to its counterpart, and two equal lines of different sources at one place
 * are one line with the union. The same holds for destinations. Two rules that differ in services put their lines one
 * behind the other.
 */
function joins(field: Field, unit: Unit, first: Unit, rearranging: Rearranging): boolean {
  return unit.lines.every((_, line) => {
    const place = field === "service" ? first.end : first.start + line + 1;
    return rearranging.passes(unit.start + line, place, unit.start - 1, MOST_COMPARED);
  });
}

function unitsOf(list: ListAnalysis, runs: readonly Run[]): Unit[] {
  const again = repeatedIds(list.rules, runs);
  const words = new Words();
  const found: Ends[] = [];
  const sources = new Counts();
  const destinations = new Counts();
  for (const run of runs) {
    if (again.has(list.rules[run.start]!.reference.id) || !isWhole(list, run)) continue;
    const { from, to } = list.rules[run.start]!.node!;
    const source = words.numberOf(addressText(from));
    const destination = words.numberOf(addressText(to));
    sources.add(source);
    destinations.add(destination);
    found.push({ run, source, destination });
  }
  // Whatever merges has the same source or the same destination as another.
  return found
    .filter(({ source, destination }) => sources.of(source) > 1 || destinations.of(destination) > 1)
    .map((ends) => {
      const lines = list.rules.slice(ends.run.start, ends.run.end);
      return { ...ends.run, lines, keys: keysOf(lines, ends, words) };
    });
}

interface Ends {
  readonly run: Run;
  readonly source: number;
  readonly destination: number;
}

/** Whether lines are a rule of a user that is in force with every line. */
function isWhole({ rules, facts }: ListAnalysis, { start, end }: Run): boolean {
  const first = rules[start]!;
  if (isSystemRule(first)) return false;
  for (let index = start; index < end; index += 1) {
    const rule = rules[index]!;
    // What nothing reaches is to be deleted, not merged.
    if (!rule.internal && facts[index]!.status !== "reachable") return false;
    if (rule.layer === "ethernet" || !rule.decides) return false;
    if (index > start && !sameBesidesService(rule, first)) return false;
  }
  return true;
}

class Counts {
  readonly #counts: number[] = [];

  add(number: number): void {
    this.#counts[number] = this.of(number) + 1;
  }

  of(number: number): number {
    return this.#counts[number] ?? 0;
  }
}

/** Ids of which some lines stand elsewhere. */
function repeatedIds(rules: readonly Rule[], runs: readonly Run[]): ReadonlySet<number | null> {
  const seen = new Set<number | null>();
  const again = new Set<number | null>();
  for (const { start } of runs) {
    const { id } = rules[start]!.reference;
    if (seen.has(id)) again.add(id);
    seen.add(id);
  }
  return again;
}

/** A number for each text: short keys are quick to compare. */
class Words {
  readonly #numbers = new Map<string, number>();

  numberOf(text: string): number {
    const number = this.#numbers.get(text) ?? this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }
}

/** Lines of one id that differ otherwise are no rule of the manager to merge: see `duplicate-rule-id`. */
function sameBesidesService(a: Rule, b: Rule): boolean {
  return (
    a.action === b.action &&
    a.node!.direction === b.node!.direction &&
    sameAddress(a.node!.from, b.node!.from) &&
    sameAddress(a.node!.to, b.node!.to)
  );
}

function keysOf(lines: readonly Rule[], { source, destination }: Ends, words: Words): Unit["keys"] {
  const first = lines[0]!;
  const { category, ruleset } = first.reference;
  const { from, to, direction } = first.node!;
  const start = words.numberOf(`${ruleset}\n${category}\n${direction}`);
  const services = lines.map((line) => words.numberOf(serviceText(line))).join(" ");
  const keys: Partial<Record<Field, string>> = {};
  // `any` takes the other rule's packets already; two groups under `not` are not the union of two rules.
  if (from.type !== "any" && !from.negated) keys.source = `${start} ${destination} ${services}`;
  if (to.type !== "any" && !to.negated) keys.destination = `${start} ${source} ${services}`;
  const treatment = commonTreatment(lines);
  if (treatment !== null) {
    keys.service = `${start} ${source} ${destination} ${words.numberOf(treatment)}`;
  }
  return keys;
}

/** Other text for other addresses: a set's name has no blank. */
function addressText(address: AddressNode): string {
  return address.type === "addrset" && !address.negated ? address.name : ` ${printAddress(address)}`;
}

/** What a line says but for its place and addresses, in the dump's own words. */
function serviceText(rule: Rule): string {
  const { from, to, match, family, range } = rule.node!;
  const before = wordsOf(rule, { start: match.range.start, end: from.range.start });
  const between = wordsOf(rule, { start: from.range.end, end: to.range.start });
  const behind = wordsOf(rule, { start: to.range.end, end: range.end });
  return `${rule.internal ? "internal " : ""}${family} ${before}${between}${behind}`;
}

function wordsOf({ reference: { source } }: Rule, { start, end }: Range): string {
  return source.dump.text.slice(start, end);
}

/**
 * The verdict and treatment of all lines as text; null if they differ, if a line is for any service, which holds the
 * other rule's, or if it demands more than addresses and a service.
 */
function commonTreatment(lines: readonly Rule[]): string | null {
  const texts = new Set<string>();
  for (const rule of lines) {
    const { node, internal, action, conditions, treatment } = rule;
    if (rule.layer === "ethernet" || rule.service.type === "any" || conditions.length > 0) return null;
    if (internal) continue;
    const { log, tags, stateless } = treatment;
    texts.add(
      `${node!.family} ${action} ${log ? 1 : 0}${stateless ? 1 : 0} ${tags.length === 0 ? "" : JSON.stringify(tags)}`,
    );
  }
  const [text] = texts;
  if (texts.size !== 1) return null;
  // `strict` is printed for TCP only, and is the same for all rules of a section.
  return `${text} ${lines.some(({ treatment }) => treatment.strict) ? "strict" : ""}`;
}

function describe(groups: readonly Group[], saved: number, rules: number): Found {
  const [largest] = groups;
  const first = largest!.members[0]!.lines[0]!;
  const merged = groups.reduce((sum, { members }) => sum + members.length, 0);
  return {
    message: `${grouped(saved)} of ${counted(rules, "rule")} of the manager would be saved if ${grouped(merged)} rules that differ in one field only were merged into ${grouped(groups.length)}, such as ${membersText(largest!)}, by their ${largest!.field}`,
    at: first.reference.source,
    rule: first,
    subject: "rules of the filter",
    related: groups
      .slice(1, MOST_RELATED)
      .map((group) =>
        relatedRule(`merge by ${group.field}: ${membersText(group)}`, group.members[0]!.lines[0]!),
      ),
    data: {
      saved,
      rules,
      groups: groups.map(({ field, members }) => ({
        field,
        rules: members.map(({ lines }) => {
          const { id, category } = lines[0]!.reference;
          return { id, category, positions: lines.map(({ reference }) => reference.position) };
        }),
      })),
    },
  };
}

function membersText({ members }: Group): string {
  const names = members.slice(0, MOST_NAMED).map(({ lines }) => String(lines[0]!.reference.id));
  if (members.length > MOST_NAMED) names.push(`${members.length - MOST_NAMED} more`);
  return `rules ${enumerate(names)}`;
}
