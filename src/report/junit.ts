import type { FindingResult, LintResult, SuppressedResult } from "../engine/results.ts";
import type { LintContext } from "./context.ts";
import { element, junitDocument, text, type Case, type Suite } from "./junit-xml.ts";
import { plainPath } from "./paths.ts";
import { safe } from "./safe.ts";
import { filterText, flowText, locationText, ownerText, STANDARD_INPUT } from "./words.ts";

/**
 * JUnit XML as CI systems read it: a suite a filter, a test a finding. Errors and warnings are failures. What is only
 * for information passes, with its text as the test's output: a skipped test is counted by CI systems as one that
 * somebody switched off, which is what suppressed and known findings are.
 */
export function junitLint(result: LintResult, context: LintContext): string {
  const suites = suitesOf(result, context).map(({ name, cases }) => ({
    name,
    cases: cases.length > 0 ? cases : [CLEAN],
  }));
  return junitDocument(suites);
}

/** A suite without any test is to CI systems one that did not run. */
const CLEAN: Case = {
  outcome: "passed",
  xml: `    ${element("testcase", { classname: "dfwlint", name: "no findings", time: 0 }, "/")}`,
};

function suitesOf(result: LintResult, context: LintContext): Suite[] {
  const { filters, findings, suppressed, baseline } = result;
  const [only] = filters;
  const single = filters.length === 1;
  const named = filters.map(({ name }): [string | null, Suite] => [
    name,
    { name: single && name === null ? "dfwlint" : filterText(name), cases: [] },
  ]);
  const suites = new Map<string | null, Suite>(named);
  const several: Suite = { name: "dfwlint", cases: [] };
  const names = new Names();
  const add = (finding: FindingResult, { outcome, body }: Outcome): void => {
    const filter = single ? only!.name : context.filterOf(finding);
    const suite = (filter === undefined ? undefined : suites.get(filter)) ?? several;
    suite.cases.push({ outcome, xml: testcase(finding, names.of(finding), body, context) });
  };
  for (const finding of findings) add(finding, found(finding));
  for (const finding of suppressed) add(finding, skipped(suppression(finding)));
  for (const finding of baseline?.known ?? []) add(finding, skipped("known from the baseline"));
  return several.cases.length > 0 ? [several, ...suites.values()] : [...suites.values()];
}

/** CI systems know a test again by check and name, and drop a second one of the same: it gets a number. */
class Names {
  readonly #seen = new Map<string, number>();

  of({ check, message }: FindingResult): string {
    const key = JSON.stringify([check, message]);
    const count = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, count);
    return count === 1 ? message : `${message} (${count})`;
  }
}

interface Outcome {
  readonly outcome: Case["outcome"];
  /** What stands in the test. */
  readonly body: string;
}

function found(finding: FindingResult): Outcome {
  const { severity, message } = finding;
  const content = text(details(finding));
  if (severity === "info") return { outcome: "passed", body: `<system-out>${content}</system-out>` };
  const start = element("failure", { type: severity, message });
  return { outcome: "failed", body: `${start}${content}</failure>` };
}

function skipped(message: string): Outcome {
  return { outcome: "skipped", body: element("skipped", { message }, "/") };
}

function suppression({ suppression: { reason, until } }: SuppressedResult): string {
  return `suppressed${until === null ? "" : ` until ${until}`}: ${reason}`;
}

function testcase(
  { check, location }: FindingResult,
  name: string,
  body: string,
  context: LintContext,
): string {
  const { file, line } = location;
  const place = file === STANDARD_INPUT ? {} : { file: plainPath(file, context.separator).path, line };
  const start = element("testcase", { classname: check, name, ...place, time: 0 });
  return `    ${start}\n      ${body}\n    </testcase>`;
}

function details(finding: FindingResult): string {
  const { location, severity, message, why, help, certain, related, witness } = finding;
  const owner = ownerText(undefined, finding);
  return [
    `${locationText(location)}: ${severity}: ${message}`,
    ...(owner === undefined ? [] : [owner]),
    ...related.map((other) => `${locationText(other.location)}: ${other.label}`),
    ...(certain ? [] : ["uncertain: it holds only if what the dump does not say turns out so"]),
    `why: ${why}`,
    `help: ${help}`,
    ...(witness === null ? [] : [`packet: ${flowText(witness)}`]),
  ]
    .map((line) => safe(line))
    .join("\n");
}
