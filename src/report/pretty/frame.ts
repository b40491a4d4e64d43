import stringWidth from "string-width";
import type { Location } from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import { locationText } from "../words.ts";
import { clip, safe, safeLine } from "../safe.ts";

/** A place in the input with what is to be said about it. */
export interface Label {
  readonly location: Location;
  readonly text: string;
  readonly primary: boolean;
  /** Marks this one column instead of the beginning of the place. */
  readonly caret?: { readonly line: number; readonly column: number };
}

/** Long lines of a tag or a port list say little more; the rest is cut. */
export const WIDTH = 150;
/** So much is shown before a mark that lies far behind. */
const BEFORE = 60;

/** Lines of the input with labels under them, in the order of the text: one block a file. */
export function codeFrame(labels: readonly Label[], context: ReportContext): string[] {
  const { chalk } = context;
  const files = [...new Set(labels.map(({ location }) => location.file))];
  const rows = files.flatMap((file) =>
    labels.filter(({ location }) => location.file === file).toSorted(inTextOrder),
  );
  const gutter = Math.max(...rows.map((label) => `${lineOf(label)}`.length));
  const lines: string[] = [];
  let previous: Label | null = null;
  let shown = "";
  for (const label of rows) {
    const { source, offset, length } = show(label, context);
    if (previous === null || previous.location.file !== label.location.file) {
      // The heading of the first block is the finding's own place, wherever its labels stand.
      const primary = rows.find((row) => row.primary && row.location.file === label.location.file);
      lines.push(
        `${" ".repeat(gutter)} ${chalk.blue("-->")} ${safe(locationText((primary ?? label).location))}`,
      );
      shown = "";
    } else if (lineOf(label) > lineOf(previous) + 1) lines.push(chalk.blue("..."));
    const row = `${chalk.blue(`${lineOf(label)}`.padStart(gutter))} ${chalk.blue("|")} ${source}`;
    if (row !== shown) lines.push(row);
    shown = row;
    const paint = label.primary ? chalk.red : chalk.blue;
    const mark = (label.primary ? "^" : "-").repeat(length);
    lines.push(
      `${" ".repeat(gutter)} ${chalk.blue("|")} ${" ".repeat(offset)}${paint(`${mark} ${safe(label.text)}`)}`,
    );
    previous = label;
  }
  return lines;
}

function inTextOrder(a: Label, b: Label): number {
  return lineOf(a) - lineOf(b) || a.location.column - b.location.column;
}

function lineOf({ caret, location }: Label): number {
  return caret?.line ?? location.line;
}

/** The source line, and where under it the mark stands, in columns of a terminal. */
function show(label: Label, context: ReportContext): { source: string; offset: number; length: number } {
  const text = safeLine(context.line(label.location.file, lineOf(label)));
  const column = (label.caret?.column ?? label.location.column) - 1;
  const start = text.length <= WIDTH || column < WIDTH - 40 ? 0 : column - BEFORE;
  const marked = text.slice(column, column + markedLength(label, text, column));
  return {
    source: clip(text, start, WIDTH),
    offset: (start > 0 ? 1 : 0) + stringWidth(text.slice(start, column)),
    length: Math.max(1, stringWidth(marked)),
  };
}

/** The head of a rule is enough: a mark under a whole rule is only a longer line. */
function markedLength({ caret, location }: Label, text: string, column: number): number {
  if (caret !== undefined) return 1;
  const rest = text.slice(column, column + 100);
  const head =
    /^(?:# internal # )?(?:rule \d+(?: at \d+)?|(?:ruleset|addrset) \S+|\S+)/.exec(rest)?.[0] ?? "";
  const end = location.endLine === location.line ? location.endColumn - 1 : text.length;
  return Math.max(1, Math.min(head.length, Math.max(1, end - column)));
}
