import type {
  FindingResult,
  LintResult,
  Location,
  RelatedResult,
  ReportFilter,
  ReportRule,
  RuleReferenceResult,
  SuppressedResult,
} from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import { clip, safeLine } from "../safe.ts";
import { filterText, flowText } from "../words.ts";
import {
  STATUSES,
  type Payload,
  type PayloadFilter,
  type PayloadFinding,
  type PayloadPlace,
  type PayloadRule,
} from "./payload.ts";

/** Other places of a finding; nobody reads more of them. */
const MOST_PLACES = 20;
/** Rules are rarely longer, but a port list or a tag may be; the rest is cut. */
const MOST_TEXT = 1000;
/** Of a line without a rule, so much is shown, and so much of it before the place. */
const WIDTH = 200;
const BEFORE = 60;

/** Texts that come again and again are said once. */
class Pool {
  readonly texts: string[] = [];
  readonly #places = new Map<string, number>();

  place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    this.#places.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }
}

/** Finds the rule that a reference of a finding means. */
class RuleIndex {
  readonly #places = new Map<string, number[]>();
  readonly #rules: readonly ReportRule[];

  constructor(rules: readonly ReportRule[]) {
    this.#rules = rules;
    for (const [index, rule] of rules.entries()) {
      const key = keyOf(rule);
      const known = this.#places.get(key);
      if (known === undefined) this.#places.set(key, [index]);
      else known.push(index);
    }
  }

  /** Rules without positions may stand on one line: then the place tells them apart. */
  find(reference: RuleReferenceResult | null | undefined, { line, column }: Location): number | undefined {
    if (reference === null || reference === undefined) return undefined;
    const places = this.#places.get(keyOf(reference)) ?? [];
    if (places.length < 2 || reference.line !== line) return places[0];
    return places.findLast((place) => this.#rules[place]!.location.column <= column) ?? places[0];
  }

  at(index: number): ReportRule {
    return this.#rules[index]!;
  }
}

function keyOf({ filter, ruleset, category, id, position, file, line }: RuleReferenceResult): string {
  return JSON.stringify([filter, ruleset, category, id, position, file, line]);
}

export function buildPayload(
  lint: LintResult,
  filters: readonly ReportFilter[],
  label: (check: string) => string,
  context: ReportContext,
): Payload {
  const [files, groups, ends, texts] = [new Pool(), new Pool(), new Pool(), new Pool()];
  ends.place("any");
  const index = new RuleIndex(filters.flatMap(({ rules }) => rules));
  const filterPlaces = new Map(filters.map(({ name }, place) => [name, place]));
  const spans: PayloadFilter[] = [];
  const rules: PayloadRule[] = [];
  for (const [filter, { name, rules: own }] of filters.entries()) {
    const first = rules.length;
    spans.push({ name: filterName(name), first, count: own.length });
    for (const rule of own) rules.push(rulePayload(rule, filter, first));
  }
  const findings = [
    ...lint.findings.map((finding) => findingPayload(finding)),
    ...lint.suppressed.map((finding) => ({
      ...findingPayload(finding),
      state: "suppressed" as const,
      reason: suppressionText(finding),
    })),
    ...(lint.baseline?.known ?? []).map((finding) => ({
      ...findingPayload(finding),
      state: "known" as const,
    })),
  ];
  return {
    filters: spans,
    files: files.texts,
    groups: groups.texts,
    ends: ends.texts,
    texts: texts.texts,
    rules,
    findings,
  };

  function rulePayload(rule: ReportRule, filter: number, first: number): PayloadRule {
    const { id, position, status, action, certain, reason, witness, list, location } = rule;
    return {
      filter,
      group: groups.place(groupText(rule)),
      id,
      position,
      file: files.place(location.file),
      line: location.line,
      column: location.column,
      text: clip(oneLine(rule.text), 0, MOST_TEXT),
      action,
      from: ends.place(endText(rule.from)),
      to: ends.place(endText(rule.to)),
      status: STATUSES.findIndex(({ name }) => name === status),
      ...(rule.blockers.length === 0 ? {} : { by: rule.blockers.map((place) => first + place) }),
      ...(rule.removable ? { removable: true } : {}),
      ...(certain ? {} : { uncertain: reason ?? "the dump does not say enough" }),
      ...(witness === null ? {} : { packet: flowText(witness) }),
      ...(list === "firewall" ? {} : { list }),
    };
  }

  function findingPayload(finding: FindingResult): PayloadFinding {
    const { check, severity, message, why, help, certain, witness, related } = finding;
    const name = context.filterOf(finding);
    const filter = name === undefined ? undefined : filterPlaces.get(name);
    const rule = index.find(finding.rule, finding.location);
    const places = [
      placePayload({ label: label(check), location: finding.location, rule: finding.rule }),
      ...related.slice(0, MOST_PLACES).map((other) => placePayload(other)),
    ];
    return {
      check,
      severity,
      message,
      why: texts.place(why),
      help: texts.place(help),
      ...(certain ? {} : { uncertain: true }),
      ...(filter === undefined ? {} : { filter }),
      ...(rule === undefined ? {} : { rule }),
      ...(witness === null ? {} : { packet: flowText(witness) }),
      places,
      ...(related.length > MOST_PLACES ? { more: related.length - MOST_PLACES } : {}),
    };
  }

  function placePayload({
    label,
    location,
    rule: reference,
  }: Pick<RelatedResult, "label" | "location"> & { rule?: RuleReferenceResult | null }): PayloadPlace {
    const { file, line, column, endLine, endColumn } = location;
    const place = { label, file: files.place(file), line, column };
    const rule = index.find(reference, location);
    if (rule !== undefined) {
      const own = index.at(rule).location;
      const mark = column - own.column;
      const inside = line === own.line && mark > 0 && endLine === line && column < MOST_TEXT;
      return { ...place, rule, ...(inside ? { mark: [mark, endColumn - column] } : {}) };
    }
    const text = safeLine(context.line(file, line));
    const start = column - 1 > WIDTH - BEFORE ? column - 1 - BEFORE : 0;
    const end = endLine === line ? endColumn - 1 : text.length;
    const shift = start > 0 ? 1 - start : 0;
    const length = Math.max(1, Math.min(end, start + WIDTH) - (column - 1));
    return { ...place, text: clip(text, start, WIDTH), mark: [column - 1 + shift, length] };
  }
}

/** A rule may be spread over lines; each character keeps its place. */
function oneLine(text: string): string {
  return safeLine(text.replaceAll(/[\r\n]/g, " "));
}

/** A filter where it is clear that it is one. */
export function filterName(name: string | null): string {
  return name ?? filterText(name);
}

export function groupText({ ruleset, category }: RuleReferenceResult): string {
  const parts = [ruleset, category].filter((part) => part !== null);
  return parts.length === 0 ? "rules without a block" : parts.join(" / ");
}

/** A set by its name alone, unless that could be taken for a word of the grammar. */
function endText(text: string): string {
  const name = /^(not )?addrset (?!any$|addrset |not |ip |mac )(.*)$/s.exec(text);
  return name === null ? text : `${name[1] ?? ""}${name[2]}`;
}

function suppressionText({ suppression: { reason, until } }: SuppressedResult): string {
  return until === null ? reason : `${reason} (until ${until})`;
}
