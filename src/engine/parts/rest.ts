import { lastBefore } from "../../model/ordered.ts";
import type { Block } from "../../syntax/blocks.ts";
import { LineIndex, type Lines, type Position } from "../../syntax/lines.ts";
import type { PromptNode } from "../../syntax/nodes.ts";
import { parseDump, type Dump } from "../../syntax/parse.ts";

/**
 * What of a session file is left without the text of the filters that are read apart: their prompts stand with one
 * blank for every place that somebody may speak of.
 */

export interface CutFile {
  /** As it is called in results. */
  readonly file: string;
  readonly blocks: readonly Block[];
}

/** A block whose text is read apart, with the places in it; or, by `text`, one that is read with the rest after all. */
export type Left = { readonly places: readonly Position[] } | { readonly text: string };

export interface Rest {
  readonly dump: Dump;
  /** Of each block that is read apart: its prompt, and its first place; the others follow, a character each. */
  readonly prompts: ReadonlyMap<Block, PromptNode>;
  readonly places: ReadonlyMap<Block, number>;
  /** False if a prompt at which the file was cut is none. */
  readonly cutRight: boolean;
}

interface Piece {
  /** Where it begins in the text of the rest, and the lines there and in the file. */
  readonly offset: number;
  readonly line: number;
  readonly fileLine: number;
}

interface Places {
  readonly offset: number;
  readonly positions: readonly Position[];
}

export function restOf(
  { file, blocks }: CutFile,
  left: ReadonlyMap<Block, Left>,
  decode: (bytes: Uint8Array) => string,
): Rest {
  const texts: string[] = [];
  let length = 0;
  let line = 1;
  const add = (text: string): void => {
    texts.push(text);
    length += text.length;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) line += 1;
  };
  const pieces: Piece[] = [];
  const allPlaces: Places[] = [];
  const heads: { block: Block; start: number; end: number }[] = [];
  const places = new Map<Block, number>();
  for (const block of blocks) {
    pieces.push({ offset: length, line, fileLine: block.line });
    const start = length;
    add(decode(block.head));
    const out = left.get(block);
    if (out === undefined) add(decode(block.kept!));
    else if ("text" in out) add(out.text);
    else {
      heads.push({ block, start, end: length });
      if (out.places.length > 0) {
        places.set(block, length);
        allPlaces.push({ offset: length, positions: out.places });
        add(`${" ".repeat(out.places.length)}\n`);
      }
    }
  }
  const text = texts.join("");
  const dump = { ...parseDump(file, text), lines: new RestLines(text, pieces, allPlaces) };
  const all = dump.items.filter((item) => item.type === "prompt");
  const prompts = new Map<Block, PromptNode>();
  let next = 0;
  for (const { block, start, end } of heads) {
    while (next < all.length && all[next]!.range.start < start) next += 1;
    const prompt = all[next];
    if (prompt !== undefined && prompt.range.start < end) prompts.set(block, prompt);
  }
  return { dump, prompts, places, cutRight: prompts.size === heads.length };
}

/** Lines of the file, for offsets in the text that is left of it. */
class RestLines implements Lines {
  readonly #index: LineIndex;
  readonly #pieces: readonly Piece[];
  readonly #places: readonly Places[];

  constructor(text: string, pieces: readonly Piece[], places: readonly Places[]) {
    this.#index = new LineIndex(text);
    this.#pieces = pieces;
    this.#places = places;
  }

  get count(): number {
    return this.#index.count;
  }

  position(offset: number): Position {
    const places = lastBefore(this.#places, (place) => place.offset <= offset);
    const known = places?.positions[offset - places.offset];
    if (known !== undefined) return known;
    const { line, column } = this.#index.position(offset);
    const piece = lastBefore(this.#pieces, (one) => one.line <= line);
    return piece === null ? { line, column } : { line: line - piece.line + piece.fileLine, column };
  }

  /** Of the file; empty for a line that was left where it is. */
  line(number: number): string {
    const piece = lastBefore(this.#pieces, (one) => one.fileLine <= number);
    if (piece === null) return "";
    const line = number - piece.fileLine + piece.line;
    const next = this.#pieces[this.#pieces.indexOf(piece) + 1];
    return next !== undefined && line >= next.line ? "" : this.#index.line(line);
  }
}
