import type {
  AssertionResult,
  CoverageResult,
  FailureResult,
  TestResult,
} from "../../engine/policy/results.ts";
import type { RuleReferenceResult } from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import { counted, filterText, flowText, placeText, regionTexts, ruleText } from "../words.ts";

/** What formats say alike of assertions. Text in it is as it stands in the files: whoever prints it makes it safe. */

export interface TestContext extends ReportContext {
  /** Between the folders of a path: `/`, or a backslash on Windows. */
  readonly separator: string;
  /** Whether rules that no assertion speaks of are listed, and not only counted. */
  readonly coverage: boolean;
}

export function outcomeOf({ passed, uncertain }: AssertionResult): "passed" | "failed" | "uncertain" {
  if (passed) return "passed";
  return uncertain ? "uncertain" : "failed";
}

/** So many boxes of a region are written out. */
const MOST_BOXES = 4;

export function regionLines({ region }: FailureResult): string[] {
  const { texts, more } = regionTexts(region, MOST_BOXES);
  return more === 0 ? texts : [...texts, `and ${counted(more, "more region")}`];
}

/** `rule 2106 at 6 decides`, under the place of the rule. */
export function ruleLabel({ verdict, rule }: FailureResult): string {
  return `${ruleText(rule!)} decides: ${verdict}`;
}

export function dependencyTexts({ dependsOn }: FailureResult): string[] {
  return dependsOn.map(({ rule, reason }) =>
    rule === null ? reason : `unless ${ruleText(rule)} (${placeText(rule)}) matches: ${reason}`,
  );
}

/** Everything about a failure but its message, a line each. */
export function detailLines(failure: FailureResult, result: TestResult): string[] {
  const { filter, rule, witness } = failure;
  return [
    ...(result.filters.length > 1 ? [`in ${filterText(filter)}`] : []),
    ...(rule === null ? [] : [`${ruleLabel(failure)} (${placeText(rule)})`]),
    ...regionLines(failure).map((text) => `for ${text}`),
    ...(failure.certain || dependencyTexts(failure).length > 0 ? [] : ["uncertain"]),
    ...dependencyTexts(failure).map((text) => `uncertain: ${text}`),
    ...(witness === null ? [] : [`packet: ${flowText(witness)}`]),
  ];
}

export function summaryText({ summary }: TestResult): string {
  const { assertions, passed, failed, uncertain } = summary;
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (uncertain > 0) parts.push(`${uncertain} uncertain`);
  return `${counted(assertions, "assertion")}: ${parts.join(", ")}`;
}

export function coverageText({ rules, untouched, accepting, outside, undecided }: CoverageResult): string {
  const open = undecided === 0 ? "" : `, ${counted(undecided, "rule")} not decided`;
  return (
    `coverage: no assertion touches ${untouched} of ${counted(rules, "reachable rule")}; ` +
    `${outside} of ${counted(accepting, "accepting rule")} let through packets that no assertion covers${open}`
  );
}

/** The rules of one filter that lack assertions, a line each. */
export function coverageLines(filter: CoverageResult["filters"][number]): string[] {
  const packets = new Map(
    filter.outside.map(({ rule, certain, witness }) => [
      key(rule),
      `, such as ${certain ? "" : "perhaps "}${flowText(witness)}`,
    ]),
  );
  return [
    ...filter.untouched.map((rule) => {
      const such = packets.get(key(rule)) ?? "";
      return `${placeText(rule)}: ${ruleText(rule)} ${rule.action}: no assertion touches it${such}`;
    }),
    ...filter.outside
      .filter(({ touched }) => touched)
      .map(
        ({ rule }) =>
          `${placeText(rule)}: ${ruleText(rule)} accept: no assertion covers all of it${packets.get(key(rule))}`,
      ),
    ...filter.undecided.map(
      (rule) => `${placeText(rule)}: ${ruleText(rule)}: not decided, too many cases to follow`,
    ),
  ];
}

function key(rule: RuleReferenceResult): string {
  return `${placeText(rule)} ${ruleText(rule)}`;
}
