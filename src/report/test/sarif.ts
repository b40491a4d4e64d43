import type { ReportingDescriptor, Result } from "sarif";
import type { AssertionResult, FailureResult, TestResult } from "../../engine/policy/results.ts";
import { messageText, place, relatedLocations, sarifLog } from "../sarif-log.ts";
import { detailLines, ruleLabel, type TestContext } from "./words.ts";

/** SARIF 2.1.0: every failure as a result at its assertion in the policy, with the deciding rule beside it. */
export function sarifTest(result: TestResult, context: TestContext): string {
  const results = result.assertions.flatMap((assertion) =>
    assertion.failures.map((failure) => resultOf(assertion, failure, result, context)),
  );
  return sarifLog(result.tool, RULES, results);
}

const BROKEN = "broken-assertion";
const UNCERTAIN = "uncertain-assertion";

const RULES: ReportingDescriptor[] = [
  {
    id: BROKEN,
    name: "BrokenAssertion",
    shortDescription: { text: "An assertion of the policy does not hold." },
    fullDescription: { text: "The rules do with some packet what an assertion of the policy forbids." },
    help: { text: "Change the rules, or the assertion if it is what is wrong." },
    defaultConfiguration: { level: "error" },
  },
  {
    id: UNCERTAIN,
    name: "UncertainAssertion",
    shortDescription: { text: "Whether an assertion of the policy holds is not known." },
    fullDescription: { text: "It depends on what the dumps do not say." },
    help: { text: "See on which rules it depends, and ask for less or add what is missing." },
    defaultConfiguration: { level: "error" },
  },
];

function resultOf(
  { name, owner, location }: AssertionResult,
  failure: FailureResult,
  result: TestResult,
  context: TestContext,
): Result {
  const { certain, message, filter, verdict, rule, witness } = failure;
  const ruleIndex = certain ? 0 : 1;
  const details = detailLines(failure, result).map((line) => messageText(line));
  return {
    ruleId: RULES[ruleIndex]!.id,
    ruleIndex,
    level: "error",
    message: { text: [`${messageText(name)}: ${message}`, ...details].join("\n") },
    locations: [{ physicalLocation: place(location, context) }],
    ...relatedLocations(
      failure.location === null ? [] : [{ label: ruleLabel(failure), location: failure.location }],
      context,
    ),
    properties: { assertion: name, owner, certain, filter, verdict, rule, witness },
  };
}
