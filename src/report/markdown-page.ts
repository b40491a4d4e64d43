import { code, codeOrWords, prose } from "./markdown-text.ts";
import { clip } from "./safe.ts";
import { counted } from "./words.ts";

/** A comment on GitHub takes 65,536 characters; whoever posts it may add words of their own. */
const MOST_CHARACTERS = 60_000;
/** So much is kept for the sentence on what was left out, and for what closes the page. */
const RESERVE = 1200;
/** Of one text from a dump; a name in it may be as long as a file. */
const MOST_TEXT = 600;
export const MOST_LINE = 150;

/** Items under a title that can be folded. */
export interface Section {
  /** Instead of how many there are. */
  readonly title?: string;
  readonly one: string;
  readonly many: string;
  readonly open: boolean;
  /** Made only while there is room. */
  readonly items: readonly (() => string)[];
}

/** Text that grows up to the limit, and tells what did not fit. */
export class Page {
  #text = "";
  readonly #whereAll: string;
  /** How many of what were left out. */
  readonly #left = new Map<string, { count: number; readonly one: string }>();

  /** @param whereAll says where that stands which did not fit */
  constructor(whereAll: string) {
    this.#whereAll = whereAll;
  }

  add(block: string): void {
    this.#text += this.#text === "" ? `${block}\n` : `\n${block}\n`;
  }

  addSection({ one, many, open, items, title = counted(items.length, one, many) }: Section): void {
    if (items.length === 0) return;
    const start = `<details${open ? " open" : ""}><summary>${title}</summary>\n`;
    const end = "\n</details>";
    const room = MOST_CHARACTERS - RESERVE - this.#text.length - start.length - end.length - 2;
    const block = this.#fill(items, room, one, many);
    if (block !== "") this.add(`${start}${block}\n${end}`);
  }

  /** Items under a title that stand open, as far as there is room. */
  addItems(title: string, { one, many, items }: Pick<Section, "one" | "many" | "items">): void {
    const room = MOST_CHARACTERS - RESERVE - this.#text.length - title.length - 4;
    const block = this.#fill(items, room, one, many);
    if (block !== "") this.add(`${title}\n${block}`);
  }

  #fill(items: Section["items"], room: number, one: string, many: string): string {
    let block = "";
    let shown = 0;
    // What is less grave must not fill the page where something graver found no room.
    if (this.#left.size === 0) {
      for (const make of items) {
        const next = `\n${make()}`;
        if (block.length + next.length > room) break;
        block += next;
        shown += 1;
      }
    }
    const left = items.length - shown;
    if (left > 0) this.#left.set(many, { one, count: (this.#left.get(many)?.count ?? 0) + left });
    return block;
  }

  text(): string {
    if (this.#left.size > 0) {
      const left = [...this.#left].map(([many, { count, one }]) => counted(count, one, many));
      this.add(`Left out, because a comment has to be short: ${left.join(", ")}. ${this.#whereAll}.`);
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
