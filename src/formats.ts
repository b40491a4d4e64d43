/**
 * Findings as text, in the formats of `dfwlint lint --format`; only the format that is asked for is loaded.
 *
 *     console.log(await formatFindings("sarif", lint(input), input));
 */

import { Chalk } from "chalk";
import { checkLabel, checkPages } from "./engine/explain.ts";
import type { Input } from "./engine/input.ts";
import { filterOf, lineReader } from "./engine/places.ts";
import type { LintResult } from "./engine/results.ts";
import { LINT_FORMATS, LINT_FORMAT_NAMES, type LintFormatName } from "./report/lint-formats.ts";

export { LINT_FORMAT_NAMES, type LintFormatName };

export interface FormatOptions {
  /** Leaves out all but the result itself, such as a summary. */
  readonly quiet?: boolean;
  /** With the escape sequences of a terminal. */
  readonly colours?: boolean;
  /** Between the folders in the names of the files: `/`, or a backslash on Windows. */
  readonly separator?: "/" | "\\";
  /** The configuration, if findings may be about it: its lines are shown too. */
  readonly configuration?: { readonly file: string; readonly text: string };
}

export async function formatFindings(
  format: LintFormatName,
  result: LintResult,
  input: Input,
  { quiet = false, colours = false, separator = "/", configuration }: FormatOptions = {},
): Promise<string> {
  const write = await LINT_FORMATS[format]();
  return write(result, {
    chalk: new Chalk({ level: colours ? 1 : 0 }),
    quiet,
    line: lineReader(input, configuration ?? null),
    filterOf: (finding) => filterOf(input, finding),
    input,
    checks: checkPages(),
    checkLabel,
    separator,
  });
}
