/**
 * Cuts a session file into blocks at its prompts, line by line and without holding it. What `vsipioctl getrules` and
 * its like print for a named filter is most of a large file: of that only a hash and the place are kept. All other text
 * is kept as it is.
 *
 * The cuts are guesses, because only the grammar knows what a prompt is. Whoever reads a block parses it with a prompt
 * behind it and so sees whether the guess was right.
 */

/** Hashes bytes; given from outside, because the fastest one is the platform's. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  digest(): string;
}

/**
 * A prompt at which rules or sets of a filter are printed, with what was printed; or all between two of these, which may
 * begin with a prompt of another kind.
 */
export interface Block {
  /** Where its first line is, counted from 1, and that of what was printed. */
  readonly line: number;
  readonly bodyLine: number;
  /** In bytes of the file: where it begins, where its prompt's line ends, where it ends. */
  readonly start: number;
  readonly body: number;
  readonly end: number;
  /** The prompt's line, as bytes. */
  readonly head: Uint8Array;
  /** The filter whose rules or sets are printed, if all else of the block is left where it is; null if it is kept. */
  readonly filter: string | null;
  /** Of what was printed; empty where that is kept. */
  readonly hash: string;
  /** What was printed; null where it is left where it is. */
  readonly kept: Uint8Array | null;
}

/** A line that may be a prompt, and the command typed at it. */
const PROMPT =
  /^[ \t]*(?:\[[-\w.]+@[^\][]+\][#$]?|(?:~|\/[-\w./]*)[ \t]+[#$](?=[ \t]|$)|[A-Za-z][-\w.]+(?:\([^)]*\))?[>#](?=[ \t]|$)|[-\w.]+@[-\w.]+(?::|[ \t]+\[[ \t])[^\][#$]*\]?[#$](?=[ \t]|$)|>(?=[ \t]+(?:get|show)[ \t])|[#$](?=[ \t]+(?:vsipioctl|nsxcli)[ \t]))[ \t]*(.*)$/;

/** Commands that print rules or sets of the filter that they name, and nothing else. */
const OF_FILTER =
  /^(?:(?:\/bin\/)?vsipioctl[ \t]+(?:getrules|getfwrules|getaddrsets)[ \t]+(?:-f|--filter)[ \t]+([-\w.]+)|show[ \t]+dfw[ \t]+host[ \t]+[-\w.]+[ \t]+filter[ \t]+([-\w.]+)[ \t]+(?:rules|addrsets)|get[ \t]+firewall[ \t]+([-\w.]+)[ \t]+(?:ruleset[ \t]+rules|addrset[ \t]+sets))[ \t]*$/;

/** A longer line is no prompt. */
const LONGEST_PROMPT = 1000;

const [TAB, LINE_END, RETURN, BLANK] = [9, 10, 13, 32];

export class BlockCutter {
  readonly #hasher: () => Hasher;
  /** The end of what was given and has no line end yet. */
  #rest: Uint8Array = new Uint8Array(0);
  /** Where in the file the next byte stands, and in which line. */
  #at = 0;
  #line = 1;
  #open: Omit<Block, "end" | "hash" | "kept">;
  #hash: Hasher | null = null;
  #pieces: Uint8Array[] = [];
  /** How many bytes were hashed. */
  #hashed = 0;
  readonly #blocks: Block[] = [];
  #keptBytes = 0;

  constructor(hasher: () => Hasher) {
    this.#hasher = hasher;
    this.#open = { line: 1, bodyLine: 1, start: 0, body: 0, head: new Uint8Array(0), filter: null };
  }

  /** How many bytes of the file are held. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** The length of the line that has no end yet. */
  get openLine(): number {
    return this.#rest.length;
  }

  get blocks(): number {
    return this.#blocks.length;
  }

  push(chunk: Uint8Array): void {
    const last = chunk.lastIndexOf(LINE_END);
    if (last === -1) {
      this.#rest = concatenated([this.#rest, chunk]);
      return;
    }
    const lines =
      this.#rest.length === 0
        ? chunk.subarray(0, last + 1)
        : concatenated([this.#rest, chunk.subarray(0, last + 1)]);
    this.#rest = copyOf(chunk, last + 1);
    this.#take(lines);
  }

  /** Every block, in the order of the file; none without text but the first. */
  end(): Block[] {
    if (this.#rest.length > 0) this.#take(this.#rest);
    this.#close();
    return this.#blocks;
  }

  #take(bytes: Uint8Array): void {
    // What lies before it belongs to the open block.
    let from = 0;
    let start = 0;
    while (start < bytes.length) {
      const lineEnd = bytes.indexOf(LINE_END, start);
      const next = lineEnd === -1 ? bytes.length : lineEnd + 1;
      if (mayBePrompt(bytes, start, next)) {
        const command = commandAt(bytes, start, next);
        const filter = command === null ? null : filterOf(command);
        // What is kept anyway needs no cut.
        if (command !== null && (filter !== null || this.#open.filter !== null)) {
          this.#add(bytes.subarray(from, start));
          this.#close();
          this.#open = {
            line: this.#line,
            bodyLine: this.#line + 1,
            start: this.#at + start,
            body: this.#at + next,
            head: copyOf(bytes, start, next),
            filter,
          };
          this.#keptBytes += next - start;
          from = next;
        }
      }
      if (lineEnd !== -1) this.#line += 1;
      start = next;
    }
    this.#add(bytes.subarray(from));
    this.#at += bytes.length;
  }

  #add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#open.filter === null) {
      this.#pieces.push(copyOf(bytes));
      this.#keptBytes += bytes.length;
    } else {
      this.#hash ??= this.#hasher();
      this.#hash.update(bytes);
      this.#hashed += bytes.length;
    }
  }

  #close(): void {
    const { filter, body } = this.#open;
    const kept = filter === null ? concatenated(this.#pieces) : null;
    const length = kept === null ? this.#hashed : kept.length;
    this.#blocks.push({
      ...this.#open,
      end: body + length,
      hash: filter === null ? "" : (this.#hash ?? this.#hasher()).digest(),
      kept,
    });
    this.#pieces = [];
    this.#hash = null;
    this.#hashed = 0;
  }
}

/** The filter whose rules or sets alone a command prints; null for any other command. */
function filterOf(command: string): string | null {
  const [, host, central, nsxcli] = OF_FILTER.exec(command) ?? [];
  return host ?? central ?? nsxcli ?? null;
}

/** Quickly: most lines are members and rules, and no prompt begins like one. */
function mayBePrompt(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && (bytes[at] === BLANK || bytes[at] === TAB)) at += 1;
  const first = bytes[at];
  if (first === undefined || at >= end) return false;
  switch (first) {
    case 0x5b: // [
    case 0x7e: // ~
    case 0x2f: // /
    case 0x3e: // >
    case 0x23: // #
    case 0x24: // $
      return true;
  }
  if (!isNameByte(first)) return false;
  while (at < end && isNameByte(bytes[at]!)) at += 1;
  const behind = bytes[at];
  // > # ( @
  return behind === 0x3e || behind === 0x23 || behind === 0x28 || behind === 0x40;
}

function isNameByte(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x5f
  );
}

/** The command typed at a prompt; null if the line is none. */
function commandAt(bytes: Uint8Array, start: number, end: number): string | null {
  let stop = end;
  if (bytes[stop - 1] === LINE_END) stop -= 1;
  if (bytes[stop - 1] === RETURN) stop -= 1;
  if (stop - start > LONGEST_PROMPT) return null;
  return PROMPT.exec(String.fromCharCode(...bytes.subarray(start, stop)))?.[1] ?? null;
}

/** Some platforms' arrays slice without copying, and so would hold all that was read. */
function copyOf(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
