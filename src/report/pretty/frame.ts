import type { Location } from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import { locationText } from "../words.ts";
import { safe, safeLine } from "../safe.ts";

/** A place in the input with what is to be said about it. */
export interface Label {
  readonly location: Location;
  readonly text: string;
  readonly primary: boolean;
  /** Marks this one column instead of the beginning of the place. */
  readonly caret?: { readonly line: number; readonly column: number };
}

/** Long lines of a tag or a port list say little more; the rest is cut. */
const WIDTH = 150;

/** Lines of the input with labels under them, in the order of the text: one block a file. */
export function codeFrame(labels: readonly Label[], context: ReportContext): string[] {
  const { chalk } = context;
  const [first] = labels;
  if (first === undefined) return [];
  const files = [...new Set(labels.map(({ location }) => location.file))];
  const rows = files.flatMap((file) =>
    labels.filter(({ location }) => location.file === file).toSorted(inTextOrder),
  );
  const gutter = Math.max(...rows.map((label) => `${lineOf(label)}`.length));
  const lines: string[] = [];
  let previous: Label | null = null;
  for (const label of rows) {
    if (previous === null || previous.location.file !== label.location.file) {
      const place = label.primary || previous !== null ? label.location : first.location;
      lines.push(`${" ".repeat(gutter)} ${chalk.blue("-->")} ${safe(locationText(place))}`);
    } else if (lineOf(label) > lineOf(previous) + 1) lines.push(chalk.blue("..."));
    if (
      previous === null ||
      lineOf(previous) !== lineOf(label) ||
      previous.location.file !== label.location.file
    ) {
      lines.push(
        `${chalk.blue(`${lineOf(label)}`.padStart(gutter))} ${chalk.blue("|")} ${sourceLine(label, context)}`,
      );
    }
    const { from, length } = marked(label, context);
    const paint = label.primary ? chalk.red : chalk.blue;
    const mark = (label.primary ? "^" : "-").repeat(length);
    lines.push(
      `${" ".repeat(gutter)} ${chalk.blue("|")} ${" ".repeat(from)}${paint(`${mark} ${safe(label.text)}`)}`,
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

function sourceLine(label: Label, context: ReportContext): string {
  const text = safeLine(context.line(label.location.file, lineOf(label)));
  const { start } = window(label, text.length);
  const cut = text.slice(start, start + WIDTH);
  return `${start > 0 ? "…" : ""}${cut}${start + WIDTH < text.length ? "…" : ""}`;
}

/** The part of a long line that is shown: from its beginning, or around a mark that lies far behind. */
function window(label: Label, length: number): { start: number } {
  const column = (label.caret?.column ?? label.location.column) - 1;
  return { start: length <= WIDTH || column < WIDTH - 40 ? 0 : column - 60 };
}

function marked(label: Label, context: ReportContext): { from: number; length: number } {
  const text = context.line(label.location.file, lineOf(label));
  const { start } = window(label, text.length);
  const shift = start > 0 ? 1 - start : 0;
  if (label.caret !== undefined) return { from: Math.max(0, label.caret.column - 1 + shift), length: 1 };
  const column = label.location.column - 1;
  // The head of a rule is enough: a mark under a whole rule is only a longer line.
  const head =
    /^(?:# internal # )?(?:rule \d+(?: at \d+)?|(?:ruleset|addrset) \S+|\S+)/.exec(text.slice(column))?.[0] ??
    "";
  const end = label.location.endLine === label.location.line ? label.location.endColumn - 1 : text.length;
  return {
    from: Math.max(0, column + shift),
    length: Math.max(1, Math.min(head.length, Math.max(1, end - column))),
  };
}
