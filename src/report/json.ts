import type { LintResult } from "../engine/results.ts";
import { safeJson } from "./safe.ts";

/** The result itself, version 1: schema/lint-1.schema.json says what is in it. */
export function jsonLint(result: LintResult): string {
  return `${safeJson(result, 2)}\n`;
}
