import type { FilterAnalysis } from "../analysis/analysis.ts";
import { firstMatch } from "../analysis/first-match.ts";
import type { Deciders, QueryPiece } from "../analysis/query.ts";
import { ipv4Host } from "../model/address.ts";
import {
  FlowReader,
  fieldWords,
  looksLikeAddress,
  readFlow,
  type FlowFields,
  type FlowService,
} from "../model/flow.ts";
import type { AddressSet, Rule } from "../model/rule.ts";
import { flowResult, referenceResult, regionResult } from "./convert.ts";
import type { Input } from "./input.ts";
import {
  VERSION,
  type FlowAnswer,
  type FlowOutcome,
  type PieceResult,
  type PieceVerdict,
  type QueryFilterResult,
  type QueryResult,
  type TraceResult,
} from "./results.ts";

export interface QueryOptions {
  readonly trace?: boolean;
  /** Sets of filters that are not in the input. */
  readonly sets?: ReadonlyMap<string, AddressSet>;
}

/**
 * What happens to a region of packets, in every filter.
 * @throws FlowError if the fields do not describe a flow
 */
export function query(input: Input, fields: FlowFields, options: QueryOptions = {}): QueryResult {
  const filters = filtersWithRules(input).map((analysis): QueryFilterResult => {
    const pieces = analysis.query(readFlow(fields, setsFor(fields, analysis, input, options.sets)));
    return {
      name: analysis.filter.name,
      verdict: overall(pieces),
      pieces: pieces.map((piece) => pieceResult(piece, options.trace === true ? analysis : null)),
    };
  });
  return { version: VERSION, filters };
}

/** One filter that flows are asked of, with the outcomes that were met, by their rule. */
interface AskedFilter {
  readonly analysis: FilterAnalysis;
  readonly reader: FlowReader;
  readonly outcomes: Map<Rule | null, FlowOutcome[]>;
}

/** What flows between two IPv4 hosts ask beside them, for each filter. */
export interface HostQuestion {
  readonly services: readonly FlowService[];
}

/** Answers flows one after the other; keeps what flows of a list have in common. */
export class FlowAnswerer {
  readonly #input: Input;
  readonly #filters: readonly AskedFilter[];
  readonly #named: boolean;

  /** @param options - `named`: whether answers name the filter also where there is only one */
  constructor(input: Input, options: { readonly named?: boolean } = {}) {
    this.#input = input;
    this.#filters = filtersWithRules(input).map((analysis) => ({
      analysis,
      reader: new FlowReader(analysis.filter.addressSets),
      outcomes: new Map(),
    }));
    this.#named = options.named ?? this.#filters.length > 1;
  }

  /**
   * The answer to one flow, for each filter.
   * @throws FlowError if the fields do not describe a flow
   */
  answer(flow: Readonly<Record<string, unknown>>, fields: FlowFields): FlowAnswer[] {
    return this.outcomes(fields).map((outcome) => ({ flow, ...outcome }));
  }

  /**
   * What becomes of one flow in each filter; equal outcomes are one object.
   * @throws FlowError if the fields do not describe a flow
   */
  outcomes(fields: FlowFields): readonly FlowOutcome[] {
    const source = ipv4Host(fields.src ?? "");
    const destination = ipv4Host(fields.dst ?? "");
    if (source !== null && destination !== null) {
      const outcomes = this.between(source, destination, this.hostQuestion(fields));
      if (outcomes !== null) return outcomes;
    }
    return this.#filters.map((asked) => this.#outcome(asked, fields));
  }

  /**
   * Prepares what is asked of many pairs of hosts; `src` and `dst` are not looked at.
   * @throws FlowError if the fields do not describe a flow between IPv4 hosts
   */
  hostQuestion(fields: FlowFields): HostQuestion {
    return { services: this.#filters.map(({ reader }) => reader.readService(fields)) };
  }

  /** The outcomes for two IPv4 addresses, given as numbers; null if these fields have to be asked as a whole. */
  between(source: number, destination: number, { services }: HostQuestion): readonly FlowOutcome[] | null {
    const outcomes: FlowOutcome[] = [];
    for (let index = 0; index < services.length; index += 1) {
      const asked = this.#filters[index]!;
      const classifier = asked.analysis.flowClassifier;
      const deciders = classifier.decidersBetweenHosts(services[index]!, source, destination);
      if (deciders === null) return null;
      outcomes.push(this.#decided(asked, deciders));
    }
    return outcomes;
  }

  #outcome(asked: AskedFilter, fields: FlowFields): FlowOutcome {
    const { analysis, reader } = asked;
    const sets = setsFor(fields, analysis, this.#input);
    const own = sets === analysis.filter.addressSets ? reader : new FlowReader(sets);
    const { service, source, destination } = own.read(fields);
    const deciders = analysis.flowClassifier.deciders(service, source, destination);
    if (deciders !== null) return this.#decided(asked, deciders);
    const pieces = analysis.query({ ...service, source, destination });
    const rules = new Set(pieces.map(({ rule }) => rule));
    const certain = pieces.every((piece) => piece.certain);
    return this.#shared(asked, overall(pieces), certain, rules.size === 1 ? [...rules][0]! : null);
  }

  #decided(asked: AskedFilter, deciders: Deciders): FlowOutcome {
    return this.#shared(asked, verdictOf(deciders), true, deciders.length === 1 ? deciders[0]! : null);
  }

  /** @param rule the one rule that decides everything; null if there is none, or several */
  #shared(
    { analysis, outcomes }: AskedFilter,
    verdict: PieceVerdict | "mixed",
    certain: boolean,
    rule: Rule | null,
  ): FlowOutcome {
    const known = outcomes.get(rule);
    if (known !== undefined)
      for (const outcome of known)
        if (outcome.verdict === verdict && outcome.certain === certain) return outcome;
    const filter = this.#named ? { filter: analysis.filter.name } : {};
    const reference = known?.[0]?.rule ?? (rule === null ? null : referenceResult(rule.reference));
    const outcome: FlowOutcome = { ...filter, verdict, certain, rule: reference };
    if (known === undefined) outcomes.set(rule, [outcome]);
    else known.push(outcome);
    return outcome;
  }
}

function verdictOf(deciders: Deciders): PieceVerdict | "mixed" {
  let verdict: PieceVerdict | null = null;
  for (const rule of deciders) {
    const own = rule?.verdict ?? "no-match";
    if (verdict !== null && verdict !== own) return "mixed";
    verdict = own;
  }
  return verdict ?? "no-match";
}

export function filtersWithRules(input: Input): readonly FilterAnalysis[] {
  return input.filters.filter(({ filter }) => filter.rules.length > 0);
}

/** A set that only another filter defines is no mistake of the name: it has no addresses to ask for here. */
export function setsFor(
  fields: FlowFields,
  { filter }: FilterAnalysis,
  input: Input,
  more: ReadonlyMap<string, AddressSet> = new Map(),
): ReadonlyMap<string, AddressSet> {
  if (input.filters.length === 1 && more.size === 0) return filter.addressSets;
  if (setsAskedFor(fields).every((name) => filter.addressSets.has(name))) return filter.addressSets;
  return new Map([
    ...more,
    ...input.filters
      .toReversed()
      .flatMap((other) => [...other.filter.addressSets])
      .concat([...filter.addressSets]),
  ]);
}

/** What may be the name of a set among the fields of a flow: what does not look like an address. */
export function setsAskedFor({ src, dst, srcMac, dstMac }: FlowFields): string[] {
  return [src, dst, srcMac, dstMac]
    .flatMap((text) => (text === undefined ? [] : fieldWords(text)))
    .filter((word) => !/^(?:any)?$/i.test(word) && !looksLikeAddress(word));
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
