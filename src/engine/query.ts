import type { FilterAnalysis } from "../analysis/analysis.ts";
import { firstMatch } from "../analysis/first-match.ts";
import type { QueryPiece } from "../analysis/query.ts";
import { FlowReader, readFlow, type FlowFields } from "../model/flow.ts";
import type { AddressSet, Rule } from "../model/rule.ts";
import { flowResult, referenceResult, regionResult } from "./convert.ts";
import type { Input } from "./input.ts";
import {
  VERSION,
  type FlowAnswer,
  type PieceResult,
  type PieceVerdict,
  type QueryFilterResult,
  type QueryResult,
  type RuleReferenceResult,
  type TraceResult,
} from "./results.ts";

/**
 * What happens to a region of packets, in every filter.
 * @throws FlowError if the fields do not describe a flow
 */
export function query(input: Input, fields: FlowFields, options: { trace?: boolean } = {}): QueryResult {
  const filters = filtersWithRules(input).map((analysis): QueryFilterResult => {
    const pieces = analysis.query(readFlow(fields, setsFor(fields, analysis, input)));
    return {
      name: analysis.filter.name,
      verdict: overall(pieces),
      pieces: pieces.map((piece) => pieceResult(piece, options.trace === true ? analysis : null)),
    };
  });
  return { version: VERSION, filters };
}

/** Answers flows one after the other; keeps what flows of a list have in common. */
export class FlowAnswerer {
  readonly #input: Input;
  readonly #filters: readonly { readonly analysis: FilterAnalysis; readonly reader: FlowReader }[];
  readonly #references = new Map<Rule, RuleReferenceResult>();

  constructor(input: Input) {
    this.#input = input;
    this.#filters = filtersWithRules(input).map((analysis) => ({
      analysis,
      reader: new FlowReader(analysis.filter.addressSets),
    }));
  }

  /**
   * The answer to one flow, for each filter.
   * @throws FlowError if the fields do not describe a flow
   */
  answer(flow: Readonly<Record<string, unknown>>, fields: FlowFields): FlowAnswer[] {
    return this.#filters.map(({ analysis, reader }) => {
      const sets = setsFor(fields, analysis, this.#input);
      const own = sets === analysis.filter.addressSets ? reader : new FlowReader(sets);
      const { service, source, destination } = own.read(fields);
      const filter = this.#filters.length > 1 ? { filter: analysis.filter.name } : {};
      const deciders = analysis.flowClassifier.deciders(service, source, destination);
      if (deciders !== null) {
        return { flow, ...filter, verdict: verdictOf(deciders), certain: true, rule: this.#only(deciders) };
      }
      const pieces = analysis.query({ ...service, source, destination });
      return {
        flow,
        ...filter,
        verdict: overall(pieces),
        certain: pieces.every(({ certain }) => certain),
        rule: this.#only(new Set(pieces.map(({ rule }) => rule))),
      };
    });
  }

  /** The one rule that decides everything; null if there is none, or several. */
  #only(rules: ReadonlySet<Rule | null>): RuleReferenceResult | null {
    const [rule] = rules;
    if (rules.size !== 1 || rule === null || rule === undefined) return null;
    const known = this.#references.get(rule);
    if (known !== undefined) return known;
    const reference = referenceResult(rule.reference);
    this.#references.set(rule, reference);
    return reference;
  }
}

function verdictOf(deciders: ReadonlySet<Rule | null>): PieceVerdict | "mixed" {
  let verdict: PieceVerdict | null = null;
  for (const rule of deciders) {
    const own = rule?.verdict ?? "no-match";
    if (verdict !== null && verdict !== own) return "mixed";
    verdict = own;
  }
  return verdict ?? "no-match";
}

function filtersWithRules(input: Input): readonly FilterAnalysis[] {
  return input.filters.filter(({ filter }) => filter.rules.length > 0);
}

/** A set that only another filter defines is no mistake of the name: it has no addresses to ask for here. */
function setsFor(
  fields: FlowFields,
  { filter }: FilterAnalysis,
  input: Input,
): ReadonlyMap<string, AddressSet> {
  if (input.filters.length === 1) return filter.addressSets;
  const missing = [fields.src, fields.dst].some(
    (name) => name !== undefined && /[a-z]/i.test(name) && !filter.addressSets.has(name),
  );
  if (!missing) return filter.addressSets;
  return new Map(
    input.filters
      .toReversed()
      .flatMap((other) => [...other.filter.addressSets])
      .concat([...filter.addressSets]),
  );
}

function overall(pieces: readonly QueryPiece[]): PieceVerdict | "mixed" {
  if (pieces.some(({ certain }) => !certain)) return "uncertain";
  const verdicts = new Set(pieces.map(({ verdict }) => verdict));
  const [verdict] = verdicts;
  return verdicts.size === 1 ? verdict! : "mixed";
}

function pieceResult(piece: QueryPiece, traced: FilterAnalysis | null): PieceResult {
  return {
    verdict: piece.verdict,
    certain: piece.certain,
    rule: piece.rule === null ? null : referenceResult(piece.rule.reference),
    dependsOn: piece.dependsOn.map(({ rule, reason }) => ({ rule: referenceResult(rule.reference), reason })),
    region: regionResult(piece.packets),
    witness: flowResult(piece.witness),
    ...(traced === null ? {} : { trace: trace(piece, traced) }),
  };
}

function trace({ witness }: QueryPiece, analysis: FilterAnalysis): TraceResult[] {
  const list = analysis.list(witness.layer === "ethernet" ? "ethernet" : "firewall");
  return firstMatch(list?.rules ?? [], witness).trace.map(({ rule, match }) => ({
    rule: referenceResult(rule.reference),
    matches: match.matches,
    reason: match.matches === "yes" ? null : match.reason,
  }));
}

/** Whether all packets of all filters certainly get the verdict; `deny` is drop or reject. */
export function meetsExpectation(
  result: QueryResult,
  expected: "accept" | "drop" | "reject" | "deny",
): boolean {
  return result.filters.every(({ pieces }) =>
    pieces.every(({ verdict, certain }) =>
      certain && expected === "deny"
        ? verdict === "drop" || verdict === "reject"
        : certain && verdict === expected,
    ),
  );
}
