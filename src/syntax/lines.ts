/** A place in a text, both counted from 1; the column counts UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where the lines of a text are: of the text itself, or of the file that it is a part of. */
export interface Lines {
  readonly count: number;
  position(offset: number): Position;
  /** The text of a line, counted from 1, without its line end and without a byte order mark. */
  line(number: number): string;
}

/** Finds lines and columns of offsets without walking the text again for each. */
export class LineIndex implements Lines {
  readonly #text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
  }

  get count(): number {
    return this.#starts.length;
  }

  position(offset: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.#starts[low]! + 1 };
  }

  line(number: number): string {
    const start = this.#starts[number - 1] ?? this.#text.length;
    const end = this.#starts[number] ?? this.#text.length;
    return this.#text
      .slice(start, end)
      .replace(/^\ufeff/, "")
      .replace(/\r?\n?$/, "");
  }
}
