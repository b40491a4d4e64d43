import type { PathPiece, PathResult } from "../engine/path/results.ts";
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
import { counted } from "./words.ts";

const MOST_BOXES = 4;
const MOST_CODE = 300;

/** For a ticket: each piece with its steps as a list. */
export function markdownPath(
  { verdict, pieces, notes }: PathResult,
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
  return page.text();
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
