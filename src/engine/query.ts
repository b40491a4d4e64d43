import type { FilterAnalysis } from "../analysis/analysis.ts";
import { firstMatch } from "../analysis/first-match.ts";
import type { QueryPiece } from "../analysis/query.ts";
import { readFlow, type FlowFields } from "../model/flow.ts";
import type { AddressSet } from "../model/rule.ts";
import { flowResult, referenceResult, regionResult } from "./convert.ts";
import type { Input } from "./input.ts";
import {
  VERSION,
  type FlowAnswer,
  type PieceResult,
  type PieceVerdict,
  type QueryFilterResult,
  type QueryResult,
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

/** The answer to one flow of a list, for each filter. */
export function answerFlow(
  input: Input,
  flow: Readonly<Record<string, unknown>>,
  fields: FlowFields,
): FlowAnswer[] {
  const filters = filtersWithRules(input);
  return filters.map((analysis) => {
    const pieces = analysis.query(readFlow(fields, setsFor(fields, analysis, input)));
    const rules = new Set(pieces.map(({ rule }) => rule));
    const [rule] = rules;
    return {
      flow,
      ...(filters.length > 1 ? { filter: analysis.filter.name } : {}),
      verdict: overall(pieces),
      certain: pieces.every(({ certain }) => certain),
      rule: rules.size === 1 && rule !== null && rule !== undefined ? referenceResult(rule.reference) : null,
    };
  });
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
  const missing = [fields.src, fields.dst].some(
    (name) => name !== undefined && !filter.addressSets.has(name),
  );
  if (!missing || input.filters.length === 1) return filter.addressSets;
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
