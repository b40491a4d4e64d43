import { code, codeOrWords, prose } from "./markdown-text.ts";
import { clip } from "./safe.ts";
import { counted } from "./words.ts";

/** What can be posted as a comment on GitHub, in sections of which the gravest come first. */

/** A comment on GitHub takes 65,536 characters; whoever posts it may add words of their own. */
const MOST_CHARACTERS = 60_000;
/** So much is kept for the sentence on what was left out. */
const RESERVE = 400;
/** Of one text from a dump; a name in it may be as long as a file. */
const MOST_TEXT = 600;
export const MOST_LINE = 150;

export interface Section {
  readonly one: string;
  readonly many: string;
  readonly open: boolean;
  /** Made only while there is room. */
  readonly items: readonly (() => string)[];
}

/** Text that grows up to the limit, and tells what did not fit. */
export class Page {
  #text = "";
  readonly #left: string[] = [];
  readonly #command: string;

  /** @param command the one that shows all of it */
  constructor(command = "dfwlint") {
    this.#command = command;
  }

  add(block: string): void {
    this.#text += this.#text === "" ? `${block}\n` : `\n${block}\n`;
  }

  addSection({ one, many, open, items }: Section): void {
    if (items.length === 0) return;
    const title = counted(items.length, one, many);
    const start = `<details${open ? " open" : ""}><summary>${title}</summary>\n`;
    const end = "\n</details>";
    let block = "";
    let shown = 0;
    const room = MOST_CHARACTERS - RESERVE - this.#text.length - start.length - end.length - 2;
    // What is less grave must not fill the page where something graver found no room.
    if (this.#left.length === 0) {
      for (const make of items) {
        const next = `\n${make()}`;
        if (block.length + next.length > room) break;
        block += next;
        shown += 1;
      }
    }
    if (shown > 0) this.add(`${start}${block}\n${end}`);
    const left = items.length - shown;
    if (left > 0) this.#left.push(counted(left, one, many));
  }

  text(): string {
    if (this.#left.length > 0) {
      this.add(
        `Left out, because a comment has to be short: ${this.#left.join(", ")}. \`${this.#command} --format json\` has them all.`,
      );
    }
    return this.#text;
  }
}

export function short(text: string): string {
  return code(clip(text, 0, MOST_LINE));
}

export function words(text: string): string {
  return codeOrWords(clip(text, 0, MOST_TEXT));
}

/** What a check says for itself, with code of its own. */
export function sentences(text: string): string {
  return prose(clip(text, 0, MOST_TEXT));
}
