import type { PieceResult, PieceVerdict, QueryFilterResult, QueryResult } from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import { safe } from "../safe.ts";
import { boxText, counted, flowText, placeText, ruleText } from "../words.ts";

/** For people: one line where one rule decides everything, else each piece with its verdict and a packet. */
export function prettyQuery(result: QueryResult, context: ReportContext): string {
  return result.filters.map((filter) => prettyFilter(filter, result.filters.length > 1, context)).join("\n");
}

function prettyFilter(filter: QueryFilterResult, named: boolean, context: ReportContext): string {
  const { chalk } = context;
  const lines: string[] = [];
  if (filter.name !== null || named)
    lines.push(chalk.dim(`filter ${safe(filter.name ?? "(text without a prompt)")}`));
  const { pieces } = filter;
  if (pieces.length > 1) {
    lines.push(`${verdictText(filter.verdict, context)}: ${counted(pieces.length, "piece")}, by rule`);
  }
  for (const piece of pieces) lines.push(...pieceLines(piece, pieces.length > 1, context));
  return `${lines.join("\n")}\n`;
}

function pieceLines(piece: PieceResult, split: boolean, context: ReportContext): string[] {
  const { chalk } = context;
  const by =
    piece.rule === null
      ? ""
      : ` by ${chalk.bold(ruleText(piece.rule))} ${chalk.dim(`(${safe(placeText(piece.rule))})`)}`;
  const why =
    piece.verdict === "no-match"
      ? " (no rule matches)"
      : piece.verdict === "uncertain"
        ? " (the question is too wide: narrow it)"
        : "";
  const unless = piece.certain || piece.verdict === "uncertain" ? "" : chalk.yellow(" - uncertain");
  const lines = [`${split ? "- " : ""}${verdictText(piece.verdict, context)}${by}${why}${unless}`];
  if (piece.rule !== null) {
    lines.push(`    ${chalk.dim(safe(context.line(piece.rule.file, piece.rule.line).trim()))}`);
  }
  for (const { rule, reason } of piece.dependsOn) {
    lines.push(
      `    unless ${ruleText(rule)} ${chalk.dim(`(${safe(placeText(rule))})`)} matches: ${safe(reason)}`,
    );
    lines.push(`        ${chalk.dim(safe(context.line(rule.file, rule.line).trim()))}`);
  }
  const boxes = piece.region.slice(0, MOST_BOXES).map(boxText);
  for (const text of boxes) lines.push(`    for ${text}`);
  if (piece.region.length > MOST_BOXES)
    lines.push(`    and ${piece.region.length - MOST_BOXES} more regions`);
  if (split) lines.push(`    such as ${flowText(piece.witness)}`);
  for (const { rule, matches, reason } of piece.trace ?? []) {
    const answer =
      matches === "yes"
        ? chalk.green("matches")
        : matches === "no"
          ? `no: ${safe(reason ?? "")}`
          : chalk.yellow(`unknown: ${safe(reason ?? "")}`);
    lines.push(`    ${chalk.dim("trace")} ${ruleText(rule)}: ${answer}`);
  }
  return lines;
}

const MOST_BOXES = 12;

function verdictText(verdict: PieceVerdict | "mixed", { chalk }: ReportContext): string {
  switch (verdict) {
    case "accept":
      return chalk.green.bold("accept");
    case "drop":
    case "reject":
      return chalk.red.bold(verdict);
    case "no-match":
    case "mixed":
    case "uncertain":
      return chalk.yellow.bold(verdict);
  }
}
