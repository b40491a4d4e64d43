import type { PathResult } from "../engine/path/results.ts";
import { piecePackets, stepText, stepTitle, verdictWords } from "./path-words.ts";
import { clip, safe } from "./safe.ts";
import { captureTexts, flowText } from "./words.ts";

const MOST_TEXT = 2000;

/** One line a piece: verdict, packets, and what each step says. */
export function compactPath({ pieces, capture = [] }: PathResult): string {
  const captures = capture.flatMap(captureTexts).map((text) => `${safe(text)}\n`);
  return pieces
    .map((piece) => {
      const { verdict, more: who } = verdictWords(piece);
      const { texts, more } = piecePackets(piece, 1);
      const where =
        more === 0
          ? texts[0]!
          : `${more + 1} regions, such as ${flowText(piece.witness).replace(/^out /, "")}`;
      const steps = piece.steps.map((step) => `${stepTitle(step)} ${stepText(step)}`);
      const remarks = piece.remarks.map(({ kind, message }) => `${kind}: ${message}`);
      return `${safe(clip(`${verdict}${who}: ${where}: ${[...steps, ...remarks].join("; ")}`, 0, MOST_TEXT))}\n`;
    })
    .concat(captures)
    .join("");
}
