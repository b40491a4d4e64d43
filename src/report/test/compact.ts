import type { TestResult } from "../../engine/policy/results.ts";
import { safe } from "../safe.ts";
import { filterText, flowText, locationText, placeText, ruleText } from "../words.ts";
import { coverageLines, outcomeOf, type TestContext } from "./words.ts";

/** One line an assertion that passed, and one a failure. */
export function compactTest(result: TestResult, { coverage }: TestContext): string {
  const lines = result.assertions.flatMap((assertion) => {
    const place = locationText(assertion.location);
    const owner = assertion.owner === null ? "" : ` (owner: ${assertion.owner})`;
    if (assertion.passed) return [`${place}: ${outcomeOf(assertion)}: ${assertion.name}${owner}`];
    return assertion.failures.map(({ filter, certain, message, rule, witness }) => {
      const by = rule === null ? "" : ` by ${ruleText(rule)} (${placeText(rule)})`;
      const such = witness === null ? "" : `, such as ${flowText(witness)}`;
      const where = result.filters.length > 1 ? ` (${filterText(filter)})` : "";
      return `${place}: ${certain ? "failed" : "uncertain"}: ${assertion.name}: ${message}${by}${such}${where}${owner}`;
    });
  });
  if (coverage) {
    for (const filter of result.coverage.filters) {
      const where = result.filters.length > 1 ? ` (${filterText(filter.name)})` : "";
      lines.push(...coverageLines(filter).map((line) => `${line}${where}`));
    }
  }
  return lines.map((line) => `${safe(line)}\n`).join("");
}
