import type { FilterAnalysis } from "../../analysis/analysis.ts";
import { coverageOf, type Coverage } from "../../analysis/coverage.ts";
import { subtract, type PacketSet } from "../../analysis/packet-set.ts";
import type { QueryPiece } from "../../analysis/query.ts";
import type { RuleBoxes } from "../../analysis/rule-boxes.ts";
import type { AddressSet, Rule } from "../../model/rule.ts";
import { location, flowResult, referenceResult } from "../convert.ts";
import type { Input } from "../input.ts";
import { VERSION } from "../results.ts";
import { TOOL } from "../tool.ts";
import { emptyFailure, judge, mayBreak, type Demand, type Failure } from "./judge.ts";
import { namesFilter, type Assertion, type Policy } from "./policy.ts";
import { elsewhere, endOf, hasNone, packetsBetween, productsOf, serviceBoxes, type End } from "./regions.ts";
import type {
  AssertionResult,
  CoverageFilterResult,
  CoverageResult,
  FailureResult,
  TestResult,
} from "./results.ts";

/** Decides every assertion of a policy in every filter that it is about. */
export function testPolicy(input: Input, policy: Policy): TestResult {
  const filters = input.filters
    .filter(({ filter }) => filter.rules.length > 0)
    .map((analysis) => new FilterTest(analysis, input));
  const assertions = policy.assertions.map((assertion): AssertionResult => {
    const services = serviceBoxes(assertion.service);
    const failures = filters
      .filter((filter) => filter.isMeant(assertion))
      .flatMap((filter) => filter.test(assertion, services));
    const passed = failures.length === 0;
    return {
      name: assertion.name,
      owner: assertion.owner,
      location: assertion.location,
      passed,
      uncertain: !passed && failures.every(({ certain }) => !certain),
      failures,
    };
  });
  const count = (wanted: (assertion: AssertionResult) => boolean): number => assertions.filter(wanted).length;
  return {
    version: VERSION,
    tool: TOOL,
    policy: policy.file,
    filters: filters.map(({ analysis: { filter } }) => ({ name: filter.name, rules: filter.rules.length })),
    assertions,
    coverage: coverageResult(filters),
    summary: {
      assertions: assertions.length,
      passed: count(({ passed }) => passed),
      failed: count(({ passed, uncertain }) => !passed && !uncertain),
      uncertain: count(({ uncertain }) => uncertain),
    },
  };
}

/** Boxes of packets that break one assertion; when there are more, the rest is told as such. */
const MOST_BOXES = 300;

/** One filter under test, and what the assertions so far have looked at in it. */
class FilterTest {
  readonly analysis: FilterAnalysis;
  readonly #setNamed: (name: string) => AddressSet | undefined;
  readonly #regions: RuleBoxes[] = [];
  readonly #deciders = new Set<Rule>();

  constructor(analysis: FilterAnalysis, input: Input) {
    this.analysis = analysis;
    // A set that only another filter defines has the addresses that it has there.
    this.#setNamed = (name) =>
      analysis.filter.addressSets.get(name) ??
      input.filters.find(({ filter }) => filter.addressSets.has(name))?.filter.addressSets.get(name);
  }

  isMeant({ filters }: Assertion): boolean {
    return filters === null || filters.some((pattern) => namesFilter(pattern, this.analysis.filter.name));
  }

  test(assertion: Assertion, services: PacketSet): FailureResult[] {
    const from = endOf(assertion.from, this.#setNamed);
    const to = endOf(assertion.to, this.#setNamed);
    const { expect, by, only } = assertion;
    const demand: Demand = { type: "decided", expect, by };
    const failures = this.#look(assertion, from, to, services, demand);
    if (only) failures.push(...this.#look(assertion, elsewhere(from), to, services, { type: "unreached" }));
    return failures.map((failure) => this.#result(failure));
  }

  #look(assertion: Assertion, from: End, to: End, services: PacketSet, demand: Demand): Failure[] {
    const { directions, allowEmpty } = assertion;
    const possible = packetsBetween(from.may, to.may, directions, services);
    // What `only` alone is about is elsewhere: nobody at all may be allowed.
    const isAsked = demand.type === "unreached" || demand.expect !== null || demand.by !== null;
    if (possible.length === 0) {
      if (allowEmpty || !isAsked) return [];
      return [emptyFailure(demand, emptyReason(from, to, services, demand))];
    }
    this.#regions.push(...productsOf(possible));
    if (!isAsked) return [];
    const doubts = [...from.doubts, ...to.doubts];
    const certain = doubts.length === 0 ? possible : packetsBetween(from.must, to.must, directions, services);
    const failures = judge(this.#ask(certain, demand), demand, []);
    if (certain === possible) return failures;
    return [...failures, ...judge(this.#ask(subtract(possible, certain), demand), demand, doubts)];
  }

  /** What of the packets may break the demand, and perhaps more. */
  #ask(packets: PacketSet, demand: Demand): QueryPiece[] {
    if (packets.length === 0) return [];
    const pieces = this.analysis.queryPackets(packets, {
      matters: demand.type === "decided" && demand.by !== null ? "rule" : "verdict",
      wanted: (rule, dependsOn) => mayBreak(rule, dependsOn, demand),
      most: MOST_BOXES,
    });
    for (const { rule, dependsOn } of pieces) {
      if (rule !== null) this.#deciders.add(rule);
      for (const other of dependsOn) this.#deciders.add(other.rule);
    }
    return pieces;
  }

  #result({ rule, dependsOn, witness, ...failure }: Failure): FailureResult {
    return {
      ...failure,
      filter: this.analysis.filter.name,
      rule: rule === null ? null : referenceResult(rule.reference),
      location: rule === null ? null : location(rule.reference.source),
      dependsOn: dependsOn.map(({ rule: other, reason }) => ({
        rule: other === null ? null : referenceResult(other.reference),
        reason,
      })),
      witness: witness === null ? null : flowResult(witness),
    };
  }

  coverage(): Coverage | null {
    const list = this.analysis.list("firewall");
    return list === null ? null : coverageOf(list, this.#regions, this.#deciders);
  }
}

function emptyReason(from: End, to: End, services: PacketSet, demand: Demand): string {
  if (demand.type === "unreached" && hasNone(from.may)) return "from is every address";
  if (hasNone(from.may)) return "from holds no address";
  if (hasNone(to.may)) return "to holds no address";
  if (services.length === 0) return "service holds nothing";
  return "no packet has such a source, destination and service: they are of different address families";
}

function coverageResult(tests: readonly FilterTest[]): CoverageResult {
  const total = { rules: 0, untouched: 0, accepting: 0, outside: 0, undecided: 0 };
  const filters = tests.map((test): CoverageFilterResult => {
    const { name } = test.analysis.filter;
    const coverage = test.coverage();
    if (coverage === null) return { name, untouched: [], outside: [], undecided: [] };
    const { reachable, untouched, accepting, outside, undecided } = coverage;
    total.rules += reachable.length;
    total.untouched += untouched.length;
    total.accepting += accepting.length;
    total.outside += outside.length;
    total.undecided += undecided.length;
    const alone = new Set(untouched);
    return {
      name,
      untouched: untouched.map(({ reference, action }) => ({ ...referenceResult(reference), action })),
      outside: outside.map(({ rule, witness, certain }) => ({
        rule: referenceResult(rule.reference),
        touched: !alone.has(rule),
        certain,
        witness: flowResult(witness),
      })),
      undecided: undecided.map(({ reference }) => referenceResult(reference)),
    };
  });
  return { ...total, filters };
}
