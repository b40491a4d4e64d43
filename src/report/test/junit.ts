import type { AssertionResult, TestResult } from "../../engine/policy/results.ts";
import { element, junitDocument, text, type Case } from "../junit-xml.ts";
import { plainPath } from "../paths.ts";
import { safe } from "../safe.ts";
import { detailLines, outcomeOf, type TestContext } from "./words.ts";

/** JUnit XML: the policy as a suite, an assertion as a test. */
export function junitTest(result: TestResult, context: TestContext): string {
  const cases = result.assertions.map((assertion) => caseOf(assertion, result, context));
  return junitDocument([{ name: result.policy, cases }]);
}

function caseOf(assertion: AssertionResult, result: TestResult, { separator }: TestContext): Case {
  const { name, owner, location, passed, failures } = assertion;
  const place = { file: plainPath(location.file, separator).path, line: location.line };
  const attributes = { classname: owner ?? "policy", name, ...place, time: 0 };
  if (passed) return { outcome: "passed", xml: `    ${element("testcase", attributes, "/")}` };
  const lines = failures.flatMap((failure) => [failure.message, ...detailLines(failure, result)]);
  const [first] = failures;
  const start = element("failure", { type: outcomeOf(assertion), message: first!.message });
  const content = text(lines.map((line) => safe(line)).join("\n"));
  return {
    outcome: "failed",
    xml: `    ${element("testcase", attributes)}\n      ${start}${content}</failure>\n    </testcase>`,
  };
}
