import type { PathPiece, PathResult, PathStep, PathVerdict } from "../../engine/path/results.ts";
import type { RuleReferenceResult } from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import {
  candidateTexts,
  piecePackets,
  piecesText,
  stepDoubts,
  stepText,
  stepTitle,
  verdictWords,
} from "../path-words.ts";
import { clip, safe } from "../safe.ts";
import { counted, flowText } from "../words.ts";
import { prettyCapture } from "./capture.ts";
import { quotedRule } from "./quoted.ts";

export type PathContext = Pick<ReportContext, "chalk" | "quiet" | "line">;

const MOST_PIECES = 40;
const MOST_BOXES = 6;
/** A name in a session may be as long as a file. */
const MOST_TEXT = 600;

/** For people: each piece with its verdict and its steps. */
export function prettyPath(result: PathResult, context: PathContext): string {
  const { chalk, quiet } = context;
  const { pieces } = result;
  const lines: string[] = [];
  if (!quiet) for (const note of result.notes) lines.push(chalk.dim(`note: ${text(note)}`));
  if (pieces.length > 1) lines.push(`${verdictText(result.verdict, context)} in ${piecesText(pieces)}`);
  for (const piece of pieces.slice(0, MOST_PIECES)) {
    if (lines.length > 0) lines.push("");
    for (const line of pieceLines(piece, pieces.length > 1, context)) lines.push(line);
  }
  const more = pieces.length - MOST_PIECES;
  if (more > 0) lines.push("", `and ${counted(more, "more piece")}: --format json has all of them`);
  const captures = (result.capture ?? []).map((capture) => `\n${prettyCapture(capture, context)}`);
  return `${lines.join("\n")}\n${captures.join("")}`;
}

function pieceLines(piece: PathPiece, split: boolean, context: PathContext): string[] {
  const { chalk } = context;
  const { verdict, more: who } = verdictWords(piece);
  const { texts, more } = piecePackets(piece, MOST_BOXES);
  const lines = [`${verdictText(verdict, context)}${text(who)}`];
  for (const one of texts) lines.push(`  ${text(one)}`);
  if (more > 0) lines.push(`  and ${counted(more, "more region")}`);
  if (split || more > 0) lines.push(`  such as ${flowText(piece.witness).replace(/^out /, "")}`);
  for (const step of piece.steps) for (const line of stepLines(step, context)) lines.push(line);
  for (const { kind, message } of piece.remarks)
    lines.push(`  ${chalk.yellow(kind === "split" ? "split verdict" : "half-protected")}: ${text(message)}`);
  for (const missing of piece.missing) lines.push(`  ${chalk.cyan("to know")}: ${text(missing)}`);
  return lines;
}

const TITLE_WIDTH = 13;

function stepLines(step: PathStep, context: PathContext): string[] {
  const { chalk } = context;
  const indent = " ".repeat(TITLE_WIDTH + 2);
  const lines = [`  ${chalk.bold(stepTitle(step).padEnd(TITLE_WIDTH))}${text(stepText(step))}`];
  if (step.type === "filter") {
    if (step.rule !== null) lines.push(`${indent}${rule(step.rule, context)}`);
    for (const candidate of candidateTexts(step)) lines.push(`${indent}${text(candidate)}`);
  }
  for (const doubt of stepDoubts(step)) lines.push(`${indent}${chalk.yellow(text(doubt))}`);
  return lines;
}

function rule(reference: RuleReferenceResult, context: PathContext): string {
  return context.chalk.dim(quotedRule(reference, context));
}

function text(value: string): string {
  return safe(clip(value, 0, MOST_TEXT));
}

function verdictText(verdict: PathVerdict | "mixed", { chalk }: PathContext): string {
  switch (verdict) {
    case "accept":
      return chalk.green.bold(verdict);
    case "drop":
    case "reject":
      return chalk.red.bold(verdict);
    case "no-match":
    case "unknown":
    case "mixed":
      return chalk.yellow.bold(verdict);
  }
}
