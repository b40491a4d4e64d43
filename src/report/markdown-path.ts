import type { PathPiece, PathResult } from "../engine/path/results.ts";
import type { CaptureResult } from "../engine/results.ts";
import { Page, words } from "./markdown-page.ts";
import { code } from "./markdown-text.ts";
import {
  candidateTexts,
  piecePackets,
  piecesText,
  stepDoubts,
  stepText,
  stepTitle,
  verdictWords,
} from "./path-words.ts";
import { clip } from "./safe.ts";
import { captureLineText, captureText, counted } from "./words.ts";

const MOST_BOXES = 4;
const MOST_CODE = 300;

/** For a ticket: each piece with its steps as a list. */
export function markdownPath(
  { verdict, pieces, notes, capture = [] }: PathResult,
  { quiet }: { readonly quiet: boolean },
): string {
  const page = new Page("`dfwlint path --format json` has all of it");
  if (!quiet && notes.length > 0) page.add(notes.map((note) => `- ${words(note)}`).join("\n"));
  const [only] = pieces.length === 1 ? pieces : [];
  if (only !== undefined) page.add(pieceText(only).trimEnd());
  else {
    page.addItems(`**${verdict}** in ${piecesText(pieces)}.`, {
      one: "piece",
      many: "pieces",
      items: pieces.map((piece) => () => pieceText(piece)),
    });
  }
  for (const one of capture) page.add(captureMarkdown(one));
  return page.text();
}

function captureMarkdown(capture: CaptureResult): string {
  const { lines, widened, warnings } = capture;
  const rows = [`**Capture** ${words(captureText(capture))}`, ""];
  for (const line of lines) rows.push(`- ${words(captureLineText(line))}: ${code(line.command)}`);
  for (const text of widened) rows.push(`- more is captured: ${words(text)}`);
  for (const text of warnings) rows.push(`- ${words(text)}`);
  return rows.join("\n");
}

function headline(text: string): string {
  if (text.startsWith(": ")) return `: ${words(text.slice(2))}`;
  return text === "" ? "" : ` ${words(text.trim())}`;
}

function pieceText(piece: PathPiece): string {
  const { verdict, more: who } = verdictWords(piece);
  const { texts, more } = piecePackets(piece, MOST_BOXES);
  const rest = more === 0 ? "" : ` and ${counted(more, "more region")}`;
  const lines = [
    `**${verdict}**${headline(who)}`,
    "",
    `${texts.map((text) => code(clip(text, 0, MOST_CODE))).join(", ")}${rest}`,
    "",
  ];
  for (const step of piece.steps) {
    lines.push(`- **${stepTitle(step)}**: ${words(stepText(step))}`);
    const more = [...stepDoubts(step), ...(step.type === "filter" ? candidateTexts(step) : [])];
    for (const one of more) lines.push(`  - ${words(one)}`);
  }
  for (const { kind, message } of piece.remarks) lines.push(`- **${kind}**: ${words(message)}`);
  for (const missing of piece.missing) lines.push(`- to know: ${words(missing)}`);
  return `${lines.join("\n")}\n`;
}
