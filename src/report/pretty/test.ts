import type { AssertionResult, FailureResult, TestResult } from "../../engine/policy/results.ts";
import { safe } from "../safe.ts";
import {
  coverageLines,
  coverageText,
  dependencyTexts,
  regionLines,
  ruleLabel,
  summaryText,
  type TestContext,
} from "../test/words.ts";
import { counted, filterText, flowText } from "../words.ts";
import { codeFrame, type Label } from "./frame.ts";

/** So many failures of one assertion are shown; JSON has all. */
const MOST_FAILURES = 5;
/** So many rules without assertions are listed of a filter. */
const MOST_RULES = 200;

/** For people: what failed with the lines that it is about, the rest counted. */
export function prettyTest(result: TestResult, context: TestContext): string {
  const { chalk, quiet } = context;
  const blocks = result.assertions
    .filter(({ passed }) => !passed)
    .flatMap((assertion) => failedBlocks(assertion, result, context));
  if (context.coverage) blocks.push(...coverageBlocks(result, context));
  if (!quiet) {
    const { passed, assertions } = result.summary;
    const text = summaryText(result);
    const coverage = coverageText(result.coverage);
    const hint = context.coverage ? "" : " (--coverage lists them)";
    blocks.push(`${passed === assertions ? chalk.green(text) : chalk.red(text)}\n${coverage}${hint}`);
  }
  return blocks.length === 0 ? "" : `${blocks.join("\n\n")}\n`;
}

function failedBlocks(assertion: AssertionResult, result: TestResult, context: TestContext): string[] {
  const { failures } = assertion;
  const blocks = failures
    .slice(0, MOST_FAILURES)
    .map((failure) => failureBlock(assertion, failure, result, context));
  const more = failures.length - blocks.length;
  if (more > 0) {
    const name = context.chalk.bold(safe(assertion.name));
    blocks.push(`${name}: ${counted(more, "more failure")}, which --format json shows`);
  }
  return blocks;
}

function failureBlock(
  assertion: AssertionResult,
  failure: FailureResult,
  { filters }: TestResult,
  context: TestContext,
): string {
  const { chalk } = context;
  const { location, witness } = failure;
  const labels: Label[] = [{ location: assertion.location, text: failure.message, primary: true }];
  if (location !== null) labels.push({ location, text: ruleLabel(failure), primary: false });
  const outcome = failure.certain ? chalk.red.bold("failed") : chalk.yellow.bold("uncertain");
  const lines = [`${outcome}: ${chalk.bold(safe(assertion.name))}`, ...codeFrame(labels, context)];
  const note = (name: string, text: string): void => {
    lines.push(`  ${chalk.blue("=")} ${chalk.bold(name)}: ${safe(text)}`);
  };
  if (assertion.owner !== null) note("owner", assertion.owner);
  if (filters.length > 1 || failure.filter !== null) note("filter", failure.filter ?? filterText(null));
  for (const text of regionLines(failure)) note("region", text);
  for (const text of dependencyTexts(failure)) note(failure.certain ? "note" : "uncertain", text);
  if (witness !== null) note("packet", flowText(witness));
  return lines.join("\n");
}

function coverageBlocks({ coverage, filters }: TestResult, { chalk }: TestContext): string[] {
  return coverage.filters.flatMap((filter) => {
    const lines = coverageLines(filter).map((line) => safe(line));
    if (lines.length === 0) return [];
    const more = lines.length - MOST_RULES;
    const shown = lines.slice(0, MOST_RULES);
    if (more > 0) shown.push(`and ${counted(more, "more line")}, which --format json shows`);
    const where = filters.length > 1 ? ` in ${safe(filterText(filter.name))}` : "";
    return [[chalk.bold(`without an assertion${where}:`), ...shown.map((line) => `  ${line}`)].join("\n")];
  });
}
