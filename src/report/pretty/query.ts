import type {
  PieceResult,
  PieceVerdict,
  QueryFilterResult,
  QueryResult,
  RuleReferenceResult,
} from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import { safe } from "../safe.ts";
import { counted, filterText, flowText, placeText, regionTexts, ruleText } from "../words.ts";
import { prettyCapture } from "./capture.ts";
import { quotedRule } from "./quoted.ts";

/** For people: one line where one rule decides everything, else each piece with its verdict and a packet. */
export function prettyQuery(result: QueryResult, context: ReportContext): string {
  const several = result.filters.length > 1;
  const captures = (result.capture ?? []).map((capture) => prettyCapture(capture, context));
  return [...result.filters.map((filter) => prettyFilter(filter, several, context)), ...captures].join("\n");
}

function prettyFilter(filter: QueryFilterResult, named: boolean, context: ReportContext): string {
  const { chalk } = context;
  const lines: string[] = [];
  if (filter.name !== null || named) lines.push(chalk.dim(safe(filterText(filter.name))));
  const { pieces } = filter;
  if (pieces.length > 1) lines.push(headline(filter, context));
  for (const piece of pieces)
    for (const line of pieceLines(piece, pieces.length > 1, context)) lines.push(line);
  return `${lines.join("\n")}\n`;
}

/** `mixed: accept in 2 of 3 pieces, drop in 1`. */
function headline({ verdict, pieces }: QueryFilterResult, context: ReportContext): string {
  const counts = new Map<PieceVerdict, number>();
  for (const piece of pieces) counts.set(piece.verdict, (counts.get(piece.verdict) ?? 0) + 1);
  const total = counted(pieces.length, "piece");
  const shown = verdictText(verdict, context);
  const answers = [...counts].map(([each, count]) => `${each} in ${count}`);
  const uncertain = pieces.filter(({ certain }) => !certain).length;
  if (uncertain > 0) return `${shown} in ${uncertain} of ${total}: ${answers.join(", ")}`;
  if (counts.size > 1) return `${shown} in ${total}: ${answers.join(", ")}`;
  return `${shown} in ${total}, by the rule that decides`;
}

function pieceLines(piece: PieceResult, split: boolean, context: ReportContext): string[] {
  const { chalk } = context;
  const { texts, more } = regionTexts(piece.region, MOST_BOXES);
  const where = texts.length === 1 ? ` for ${texts[0]}` : "";
  const lines = [`${split ? "- " : ""}${answer(piece, context)}${where}`];
  if (piece.rule !== null) lines.push(`    ${quoted(piece.rule, context)}`);
  for (const { rule, reason } of piece.dependsOn) {
    lines.push(`    ${chalk.yellow("unless")} ${by(rule, context)} matches: ${safe(reason)}`);
    lines.push(`        ${quoted(rule, context)}`);
  }
  if (texts.length > 1) for (const text of texts) lines.push(`    for ${text}`);
  if (more > 0) lines.push(`    and for ${counted(more, "more region")}`);
  if (split || piece.trace !== undefined) lines.push(`    such as ${flowText(piece.witness)}`);
  for (const { rule, matches, reason } of piece.trace ?? []) {
    lines.push(`        ${ruleText(rule)} ${traced(matches, safe(reason ?? ""), context)}`);
  }
  return lines;
}

const MOST_BOXES = 12;

function answer({ verdict, certain, rule }: PieceResult, context: ReportContext): string {
  const shown = `${verdictText(verdict, context)}${certain ? "" : context.chalk.yellow(" (uncertain)")}`;
  switch (verdict) {
    case "uncertain":
      return `${verdictText(verdict, context)}: too many cases to follow, ask for less`;
    case "no-match":
      return `${shown} by no rule`;
    default:
      return rule === null ? shown : `${shown} by ${by(rule, context)}`;
  }
}

function by(rule: RuleReferenceResult, { chalk }: ReportContext): string {
  return `${chalk.bold(ruleText(rule))} ${chalk.dim(`(${safe(placeText(rule))})`)}`;
}

function quoted(rule: RuleReferenceResult, context: ReportContext): string {
  return context.chalk.dim(quotedRule(rule, context));
}

function traced(matches: "yes" | "no" | "unknown", reason: string, { chalk }: ReportContext): string {
  switch (matches) {
    case "yes":
      return chalk.green("matches");
    case "no":
      return `does not match: ${reason}`;
    case "unknown":
      return `${chalk.yellow("may match")}: ${reason}`;
  }
}

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
