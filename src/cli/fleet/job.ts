import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { answer, type Answer, type Question } from "../../engine/parts/apart.ts";
import { FlowError } from "../../model/flow.ts";
import { decodeUtf8 } from "./cut.ts";

/** A question to one filter, for any thread: its text is read there, by its place in the file. */

export interface Job {
  readonly pieces: readonly {
    readonly path: string;
    readonly start: number;
    readonly end: number;
    readonly hash: string;
  }[];
  /** True if the last piece ends with its file. */
  readonly last: boolean;
  readonly question: Question;
}

type Apart = Extract<Answer, { apart: true }>;

/** An answer as it is kept: all but what every session needs at once is packed. */
export type PackedAnswer =
  | {
      readonly kind: "apart";
      readonly facts: Apart["facts"];
      readonly lines: Apart["lines"];
      readonly packed: Uint8Array;
    }
  | { readonly kind: "odd" }
  /** The file is not what it was when it was cut. */
  | { readonly kind: "changed" }
  | { readonly kind: "flow"; readonly field: string; readonly message: string };

export function runJob({ pieces, last, question }: Job): PackedAnswer {
  const bodies: string[] = [];
  for (const { path, start, end, hash } of pieces) {
    const bytes = bytesOf(path, start, end);
    if (bytes === null || createHash("sha256").update(bytes).digest("base64url") !== hash)
      return { kind: "changed" };
    bodies.push(decodeUtf8(bytes));
  }
  try {
    const answered = answer({ bodies, last }, question);
    if (!answered.apart) return { kind: "odd" };
    const { facts, lines, apart: _, ...rest } = answered;
    return { kind: "apart", facts, lines, packed: deflateRawSync(JSON.stringify(rest), { level: 1 }) };
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    return { kind: "flow", field: error.field, message: error.message };
  }
}

export type Unpacked = Omit<Apart, "apart" | "facts" | "lines">;

/** The part of an answer that was packed. */
export function unpacked({ packed }: { readonly packed: Uint8Array }): Unpacked {
  const { found, ...rest } = JSON.parse(inflateRawSync(packed).toString("utf8")) as Unpacked;
  // A check says the same of most of its findings; once is enough to hold.
  const texts = new Map<string, string>();
  const once = (text: string): string => {
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return known ?? text;
  };
  return {
    ...rest,
    found: found.map((one) => ({
      ...one,
      result: { ...one.result, why: once(one.result.why), help: once(one.result.help) },
    })),
  };
}

export function bytesOf(path: string, start: number, end: number): Buffer | null {
  const bytes = Buffer.alloc(end - start);
  const file = openSync(path, "r");
  try {
    let read = 0;
    while (read < bytes.length) {
      const count = readSync(file, bytes, read, bytes.length - read, start + read);
      if (count === 0) return null;
      read += count;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}
