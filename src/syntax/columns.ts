import type { Line } from "./session.ts";

/** A column of a table that a command prints. */
export interface Column {
  /** As it stands in the header. */
  readonly title: string;
  /** What its cells look like, where that is known; it tells cells apart when they do not stand under their titles. */
  readonly shape?: RegExp;
}

interface Placed extends Column {
  readonly start: number;
  readonly end: number;
}

export type Row = {
  /** By the titles of the columns; a cell that is not printed is not there. */
  readonly cells: ReadonlyMap<string, string>;
  readonly line: Line;
};

export const SHAPES = {
  number: /^\d{1,15}$/,
  address: /^(?:N\/A|-|\d+\.\d+\.\d+\.\d+(?:\/\d+)?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:\/\d+)?)$/,
  mac: /^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}$/,
  boolean: /^(?:true|false)$/,
} as const;

/** So many words of a line are looked at; a table of a host has no longer ones. */
const MOST_WORDS = 48;

/** A table by its header: a row is read by where its cells stand and by what they look like. */
export class Columns {
  readonly #columns: readonly Placed[];

  /** True if it has columns that nobody knows. */
  hasUnknown(known: readonly Column[]): boolean {
    return this.#columns.some(({ title }) => known.every((column) => column.title !== title));
  }

  private constructor(columns: readonly Placed[]) {
    this.#columns = columns;
  }

  /**
   * Finds the columns in a header; titles that are not known are columns too.
   * @param least so many known titles make a line a header
   */
  static of(header: Line, known: readonly Column[], least: number): Columns | null {
    const { text } = header;
    if (text.length > 2000) return null;
    const columns: Placed[] = [];
    let found = 0;
    let at = text.search(/\S/);
    while (at !== -1 && at < text.length) {
      const rest = text.slice(at);
      const column = known.find(
        ({ title }) => rest.startsWith(title) && /^(?:\s|$)/.test(rest.slice(title.length)),
      );
      const title = column?.title ?? unknownTitle(rest, known);
      if (column !== undefined) found += 1;
      // A title that stands twice must not hide a cell.
      const again = columns.filter((other) => other.title.replace(/ #\d+$/, "") === title).length;
      columns.push({
        title: again === 0 ? title : `${title} #${again + 1}`,
        ...(column?.shape === undefined ? {} : { shape: column.shape }),
        start: at,
        end: at + title.length,
      });
      const next = rest.slice(title.length).search(/\S/);
      at = next === -1 ? -1 : at + title.length + next;
    }
    return found >= least ? new Columns(columns) : null;
  }

  /** Numbers stand at the right of their columns: the ruler under a header says how wide they are. */
  ruled(line: Line): Columns | null {
    if (!/^\s*-+(?:\s+-+)*\s*$/.test(line.text)) return null;
    const rulers = [...line.text.matchAll(/-+/g)];
    if (rulers.length !== this.#columns.length) return this;
    return new Columns(
      this.#columns.map((column, index) => {
        const { index: start, 0: ruler } = rulers[index]!;
        return { ...column, start, end: start + ruler.length };
      }),
    );
  }

  /** A row; null if the words of the line cannot be cells that look like what their columns hold. */
  row(line: Line): Row | null {
    const words = [...line.text.slice(0, 4000).matchAll(/\S+/g)].map(({ index, 0: text }) => ({
      start: index,
      end: index + text.length,
    }));
    if (words.length === 0 || words.length > MOST_WORDS) return null;
    const best = this.#align(line.text, words);
    if (best === null) return null;
    const cells = new Map<string, string>();
    for (const [index, { title }] of this.#columns.entries()) {
      const { from, to } = best[index]!;
      if (from < to) cells.set(title, line.text.slice(words[from]!.start, words[to - 1]!.end));
    }
    return { cells, line };
  }

  /**
   * Gives every word to a column, in order, at the least cost: a cell should stand under its title, blanks within it
   * are single, and what is between two cells is wider where it can be.
   */
  #align(
    text: string,
    words: readonly { start: number; end: number }[],
  ): { from: number; to: number }[] | null {
    const columns = this.#columns;
    const count = words.length;
    let costs = new Float64Array(count + 1).fill(Infinity);
    costs[0] = 0;
    const choices: Int32Array[] = [];
    for (const column of columns) {
      const next = new Float64Array(count + 1).fill(Infinity);
      const choice = new Int32Array(count + 1);
      for (let from = 0; from <= count; from += 1) {
        if (costs[from] === Infinity) continue;
        for (let to = from; to <= count; to += 1) {
          const cost = costs[from]! + cellCost(text, words, from, to, column);
          if (cost < next[to]!) {
            next[to] = cost;
            choice[to] = from;
          }
        }
      }
      costs = next;
      choices.push(choice);
    }
    if (costs[count] === Infinity) return null;
    const cells: { from: number; to: number }[] = [];
    let to = count;
    for (const choice of choices.reverse()) {
      const from = choice[to]!;
      cells.unshift({ from, to });
      to = from;
    }
    return cells;
  }
}

/** More than being far away and close to the next: a shifted row has all its cells. */
const EMPTY_CELL = 12;
const FAR = 8;

function cellCost(
  text: string,
  words: readonly { start: number; end: number }[],
  from: number,
  to: number,
  { shape, start, end }: Placed,
): number {
  if (from === to) return EMPTY_CELL;
  const first = words[from]!;
  const final = words[to - 1]!;
  if (shape !== undefined && !shape.test(text.slice(first.start, final.end))) return Infinity;
  let cost = Math.min(FAR, Math.abs(first.start - start), Math.abs(final.end - end));
  for (let index = from + 1; index < to; index += 1) {
    // Names have single blanks; wider ones are between cells.
    if (words[index]!.start - words[index - 1]!.end > 1) return Infinity;
  }
  // Two cells with one blank between them: possible where one fills its column.
  const following = words[to];
  if (following !== undefined && following.start - final.end === 1) cost += 2;
  return cost;
}

/** Words up to two blanks or to a title that is known. */
function unknownTitle(rest: string, known: readonly Column[]): string {
  const words = [...rest.split(/\s{2,}/, 1)[0]!.matchAll(/\S+/g)];
  for (const word of words.slice(1)) {
    const from = rest.slice(word.index);
    if (known.some(({ title }) => from.startsWith(title) && /^(?:\s|$)/.test(from.slice(title.length))))
      return rest.slice(0, word.index).trimEnd();
  }
  return rest.split(/\s{2,}/, 1)[0]!.trimEnd();
}
