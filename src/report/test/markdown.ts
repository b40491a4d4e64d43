import type { AssertionResult, FailureResult, TestResult } from "../../engine/policy/results.ts";
import { Page, short, words } from "../markdown-page.ts";
import { code } from "../markdown-text.ts";
import { counted, filterText, flowText, locationText, placeText, ruleText } from "../words.ts";
import {
  coverageLines,
  coverageText,
  dependencyTexts,
  outcomeOf,
  regionLines,
  summaryText,
  type TestContext,
} from "./words.ts";

const MOST_FAILURES = 5;

/** For a comment on a pull request: what failed open, the rest folded. */
export function markdownTest(result: TestResult, context: TestContext): string {
  const page = new Page("`dfwlint test --format json` has them all");
  const { summary, coverage, assertions } = result;
  if (!context.quiet) {
    page.add(
      [
        `### dfwlint test: ${summaryText(result)}`,
        "",
        "| assertions | |",
        "| --- | ---: |",
        `| passed | ${summary.passed} |`,
        `| failed | ${summary.failed} |`,
        `| uncertain | ${summary.uncertain} |`,
        "",
        `${coverageText(coverage)}.`,
      ].join("\n"),
    );
  }
  for (const { outcome, open } of SECTIONS) {
    const some = assertions.filter((assertion) => outcomeOf(assertion) === outcome);
    page.addSection({
      one: `assertion ${outcome}`,
      many: `assertions ${outcome}`,
      open,
      items: some.map((assertion) => () => item(assertion, result)),
    });
  }
  if (context.coverage) {
    const lines = coverage.filters.flatMap((filter) =>
      coverageLines(filter).map((line) =>
        result.filters.length > 1 ? `${line} (${filterText(filter.name)})` : line,
      ),
    );
    page.addSection({
      one: "rule without an assertion",
      many: "lines on rules without an assertion",
      open: false,
      items: lines.map((line) => () => `- ${words(line)}`),
    });
  }
  return page.text();
}

const SECTIONS = [
  { outcome: "failed", open: true },
  { outcome: "uncertain", open: true },
  { outcome: "passed", open: false },
] as const;

function item({ name, owner, location, failures }: AssertionResult, result: TestResult): string {
  const notes = failures
    .slice(0, MOST_FAILURES)
    .flatMap((failure) => [
      `  - ${headOf(failure, result)}`,
      ...regionLines(failure).map((text) => `    - for ${short(text)}`),
      ...dependencyTexts(failure).map((text) => `    - uncertain: ${words(text)}`),
      ...(failure.witness === null ? [] : [`    - packet: ${code(flowText(failure.witness))}`]),
    ]);
  const more = failures.length - MOST_FAILURES;
  if (more > 0) notes.push(`  - ${counted(more, "more failure")}`);
  const whose = owner === null ? "" : ` (owner: ${short(owner)})`;
  return [`- ${short(name)} at ${short(locationText(location))}${whose}`, ...notes].join("\n");
}

function headOf({ message, filter, rule }: FailureResult, { filters }: TestResult): string {
  const by = rule === null ? "" : `, by ${ruleText(rule)} (${short(placeText(rule))})`;
  const where = filters.length === 1 ? "" : `, in ${short(filterText(filter))}`;
  return `${words(message)}${by}${where}`;
}
