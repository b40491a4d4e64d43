import type { Readable } from "node:stream";
import { TextDecoder } from "node:util";
import { UserError } from "./io.ts";

/** What tells text from other bytes, for dumps and for lists of flows. */

export const MEBIBYTE = 2 ** 20;

/** Windows' shell saves redirected output as UTF-16 with a byte order mark. */
export function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

function decoderFor(start: Uint8Array, options: { ignoreBOM?: boolean }): TextDecoder {
  if (!isUtf16(start)) return new TextDecoder("utf-8", options);
  return new TextDecoder(start[0] === 0xff ? "utf-16le" : "utf-16be", options);
}

/** @throws UserError for bytes that are no text */
export function decode(bytes: Uint8Array, name: string): string {
  if (!isUtf16(bytes) && bytes.includes(0)) throw binary(name);
  // The byte order mark stays in UTF-8 text, so that places in it are those of the file.
  return decoderFor(bytes, { ignoreBOM: !isUtf16(bytes) }).decode(bytes);
}

export class BinaryFile extends UserError {}

export function binary(name: string): BinaryFile {
  return new BinaryFile(`${name}: is a binary file: expected text`);
}

export function longLine(name: string, most: number): UserError {
  return new UserError(`${name}: a line is longer than ${most / MEBIBYTE} MiB: this is no text of lines`);
}

export function tooLarge(name: string, most: number): UserError {
  return new UserError(`${name}: is larger than ${most / MEBIBYTE} MiB: give fewer filters at once`);
}

/**
 * Lines without their ends, as many at a time as arrived together: a list may be longer than memory, one line may
 * not, and waiting for each line alone would cost more than answering it.
 */
export async function* linesOf(stream: Readable, name: string, mostBytes: number): AsyncGenerator<string[]> {
  let decoder: TextDecoder | null = null;
  let rest = "";
  for await (const chunk of stream as AsyncIterable<Buffer | string>) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    decoder ??= decoderFor(bytes, {});
    const text = decoder.decode(bytes, { stream: true });
    if (text.includes("\0")) throw binary(name);
    const joined = rest + text;
    const parts = joined.split("\n");
    rest = parts.pop()!;
    yield joined.includes("\r")
      ? parts.map((part) => (part.endsWith("\r") ? part.slice(0, -1) : part))
      : parts;
    if (rest.length > mostBytes) throw longLine(name, mostBytes);
  }
  rest += decoder?.decode() ?? "";
  if (rest !== "") yield [rest];
}
