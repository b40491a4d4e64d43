import type { FindingResult, LintResult } from "../engine/results.ts";
import { sessionNames, type SessionNames } from "../engine/session-names.ts";
import type { LintContext } from "./context.ts";
import { safeJson } from "./safe.ts";

/** One line a session, for programs that read results as they come. */

export function ndjsonLint(result: LintResult, { input }: LintContext): string {
  return [...ndjsonPieces(result, result.findings, sessionNames(input))].join("");
}

/** The same in pieces: a host of many filters is a long line. */
export function* ndjsonPieces(
  result: Omit<LintResult, "findings">,
  findings: Iterable<FindingResult>,
  session: SessionNames,
): Generator<string> {
  const { version, tool, filters, suppressed, baseline, summary } = result;
  const head = safeJson({ version, tool, ...session, filters });
  yield `${head.slice(0, -1)},"findings":[`;
  let before = "";
  for (const finding of findings) {
    yield before + safeJson(finding);
    before = ",";
  }
  yield `],${safeJson({ suppressed, baseline, summary }).slice(1)}\n`;
}

/** A session whose file has the same bytes as one before: what was found there holds. */
export function ndjsonSame(
  { version, summary }: Pick<LintResult, "version" | "summary">,
  session: SessionNames,
): string {
  return `${safeJson({ version, ...session, summary })}\n`;
}

/** A session that could not be read. */
export function ndjsonError(version: LintResult["version"], files: readonly string[], error: string): string {
  return `${safeJson({ version, files, error })}\n`;
}
