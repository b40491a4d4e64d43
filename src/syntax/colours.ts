import type { Item, Range } from "./nodes.ts";

/** Colours, cursor moves and window titles of a terminal: ECMA-48 sequences, each on one line. */
const SEQUENCE =
  // oxlint-disable-next-line no-control-regex
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\r\n]*(?:\u0007|\u001b\\)|[()*+][0-9A-Za-z]|[=>78cDEHM])/g;

/** A text without its colours, and the way back to where its characters stood. */
export interface Uncoloured {
  readonly text: string;
  /** Null if there was nothing to take away. */
  readonly original: ((offset: number) => number) | null;
}

export function withoutColours(text: string): Uncoloured {
  if (!text.includes("\u001b")) return { text, original: null };
  // Offsets, in the text without colours, before which something was taken away, and how much up to there.
  const places: number[] = [];
  const taken: number[] = [];
  let total = 0;
  const plain = text.replaceAll(SEQUENCE, (sequence: string, at: number) => {
    total += sequence.length;
    places.push(at + sequence.length - total);
    taken.push(total);
    return "";
  });
  if (places.length === 0) return { text, original: null };
  const original = (offset: number): number => {
    let low = 0;
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (places[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return offset + (taken[low - 1] ?? 0);
  };
  return { text: plain, original };
}

/** The same range in the original text; it ends with its last character, not with the colours behind it. */
export function originalRange({ start, end }: Range, original: (offset: number) => number): Range {
  return { start: original(start), end: end > start ? original(end - 1) + 1 : original(end) };
}

/** The same items with ranges of the original text. */
export function originalItems(items: readonly Item[], original: (offset: number) => number): readonly Item[] {
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copy);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [
        key,
        key === "range" || key === "nameRange" ? originalRange(part as Range, original) : copy(part),
      ]),
    );
  };
  return copy(items) as readonly Item[];
}
