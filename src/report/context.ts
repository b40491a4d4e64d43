import type { ChalkInstance } from "chalk";

/** What a format needs beside the results. */
export interface ReportContext {
  /** Colours, or none. */
  readonly chalk: ChalkInstance;
  /** The text of a line of a file, counted from 1; empty if there is no such line. */
  line(file: string, number: number): string;
  /** Leaves out all but the result itself, such as a summary. */
  readonly quiet: boolean;
}
