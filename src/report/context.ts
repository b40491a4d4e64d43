import type { ChalkInstance } from "chalk";
import type { CheckPage } from "../engine/explain.ts";
import type { Input } from "../engine/input.ts";
import type { FindingResult } from "../engine/results.ts";

/** What a format needs beside the results. */
export interface ReportContext {
  /** Colours, or none. */
  readonly chalk: ChalkInstance;
  /** Leaves out all but the result itself, such as a summary. */
  readonly quiet: boolean;
  /** The text of a line of a file, counted from 1; empty if there is no such line. */
  line(file: string, number: number): string;
  /** The filter that a finding is about, null for text without a prompt; undefined if it is about no single one. */
  filterOf(finding: FindingResult): string | null | undefined;
}

/** What a format of findings needs. */
export interface LintContext extends ReportContext {
  /** What was read; only for handing on to the engine, if a format shows more than findings. */
  readonly input: Input;
  /** What is known of every check, in the order of the registry. */
  readonly checks: readonly CheckPage[];
  /** What stands under the place of a check's finding in a code frame. */
  checkLabel(check: string): string;
  /** Between the folders of a path: `/`, or a backslash on Windows. */
  readonly separator: string;
}
