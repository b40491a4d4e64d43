import type { Infrastructure } from "../../checks/infrastructure.ts";
import type { Dump } from "../../syntax/parse.ts";
import { LineIndex, type Lines, type Position } from "../../syntax/lines.ts";
import type { Location } from "../results.ts";

/**
 * A filter that is read apart from its session does not know where it stands there, and is of many sessions at once.
 * Until it is put into one, its places are in marked lines: no other number of a result is as large, because the
 * grammar reads no more than 15 digits.
 */

/** What a filter and its file are called while it is read apart. */
export const APART = "dfwlint-part";
/** What the filter is called that one is compared with. */
export const APART_BEFORE = "dfwlint-part-before";
/** The file of what the rest of the session shows; lines count the addresses of its infrastructure. */
const INFRASTRUCTURE = "dfwlint-infrastructure";

const MARK = 2 ** 50;
const LINES_A_PIECE = 2 ** 32;
/** The marked lines that stand in messages: see `members.ts`. */
const IN_MESSAGE = /\(line (\d{16})\)/g;

/** Lines of a text that is put together from pieces, each behind a line of its own. */
export class MarkedLines implements Lines {
  readonly #index: LineIndex;
  /** Where the line before each piece begins, and which line that is. */
  readonly #starts: readonly number[];
  readonly #lines: readonly number[];
  readonly #ends: readonly number[];
  readonly #first: number;

  /**
   * @param ends where each piece ends: a line end that is put behind it is none of its own
   * @param first the number of the first piece, where there are others before this text's
   */
  constructor(text: string, starts: readonly number[], ends: readonly number[], first: number) {
    this.#first = first;
    this.#index = new LineIndex(text);
    this.#starts = starts;
    this.#ends = ends;
    this.#lines = starts.map((start) => this.#index.position(start).line);
  }

  get count(): number {
    return this.#index.count;
  }

  position(offset: number): Position {
    // The end of a piece is its own, though the next one begins there.
    let piece = 0;
    while (piece + 1 < this.#starts.length && this.#starts[piece + 1]! < offset) piece += 1;
    const { line, column } = this.#index.position(Math.min(offset, this.#ends[piece]!));
    return { line: MARK + (this.#first + piece) * LINES_A_PIECE + (line - this.#lines[piece]!), column };
  }

  line(): string {
    return "";
  }
}

/** Where a piece of a filter's text stands. */
export interface PiecePlace {
  readonly file: string;
  /** The line of what was printed, counted from 1. */
  readonly bodyLine: number;
}

/** Where a filter that was read apart stands in a session. */
export interface FilterPlace {
  readonly name: string;
  /** What the filter is called that it is compared with. */
  readonly nameBefore?: string;
  /** Of a comparison the pieces of both, those from before first. */
  readonly pieces: readonly PiecePlace[];
  /** Of each address of the infrastructure. */
  readonly infrastructure: readonly Location[];
}

/** The same plain data with the places of a session. */
export function placed<T>(value: T, place: FilterPlace): T {
  return copy(value, place) as T;
}

function copy(value: unknown, place: FilterPlace): unknown {
  switch (typeof value) {
    case "number":
      return value >= MARK ? lineOf(value, place) : value;
    case "string":
      return value.includes("(line 1")
        ? value.replace(IN_MESSAGE, (_, line: string) => `(line ${lineOf(Number(line), place)})`)
        : value;
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) return value.map((part: unknown) => copy(part, place));
      return copyObject(value as Record<string, unknown>, place);
    default:
      return value;
  }
}

function copyObject(value: Record<string, unknown>, place: FilterPlace): unknown {
  const { file, line } = value;
  if (file === INFRASTRUCTURE && typeof line === "number") return place.infrastructure[line - 1];
  const result: Record<string, unknown> = {};
  for (const key in value) {
    const part = value[key];
    if (key === "filter" && part === APART) result[key] = place.name;
    else if (key === "filter" && part === APART_BEFORE) result[key] = place.nameBefore;
    else if (key === "file" && part === APART && typeof line === "number")
      result[key] = pieceOf(line, place).file;
    else result[key] = copy(part, place);
  }
  return result;
}

/** The file of a marked line. */
export function fileOf(line: number, place: FilterPlace): string {
  return pieceOf(line, place).file;
}

function pieceOf(line: number, { pieces }: FilterPlace): PiecePlace {
  return pieces[Math.floor((line - MARK) / LINES_A_PIECE)]!;
}

function lineOf(line: number, place: FilterPlace): number {
  return pieceOf(line, place).bodyLine - 1 + ((line - MARK) % LINES_A_PIECE);
}

/** An address of the infrastructure without where it stands. */
export type ApartInfrastructure = Omit<Infrastructure, "at">;

/** Addresses that stand, one a line, in a text that is nowhere. */
export function apartInfrastructure(addresses: readonly ApartInfrastructure[]): Infrastructure[] {
  const text = "\n".repeat(addresses.length);
  const dump: Dump = { file: INFRASTRUCTURE, text, lines: new LineIndex(text), items: [], problems: [] };
  return addresses.map((address, index) => ({
    ...address,
    at: { dump, range: { start: index, end: index } },
  }));
}
