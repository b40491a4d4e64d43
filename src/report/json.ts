import type { FindingResult, LintResult } from "../engine/results.ts";
import { safeJson } from "./safe.ts";

/** The result itself, version 1: schema/lint-1.schema.json says what is in it. */
export function jsonLint(result: LintResult): string {
  return `${safeJson(result, 2)}\n`;
}

/** The same in pieces, of findings that come one after the other. */
export function* jsonLintPieces(
  { version, tool, filters, ...rest }: Omit<LintResult, "findings">,
  findings: Iterable<FindingResult>,
): Generator<string> {
  yield `${safeJson({ version, tool, filters }, 2).slice(0, -2)},\n  "findings": [`;
  let before = "\n";
  for (const finding of findings) {
    yield `${before}    ${safeJson(finding, 2).replaceAll("\n", "\n    ")}`;
    before = ",\n";
  }
  yield `${before === "\n" ? "" : "\n  "}],${safeJson(rest, 2).slice(1)}\n`;
}
