import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { inputFaults, readInput, type Input, type SourceText } from "../engine/input.ts";
import { safe } from "../report/safe.ts";
import { UserError, type Io } from "./io.ts";

/** A dump of a full vNIC has 10 MB; what is much larger is something else, or a session for another command. */
const MOST_BYTES = 256 * 2 ** 20;
/** Text that lost its line ends is one line, so a line may be long; but not without end. */
const MOST_LINE_BYTES = 64 * 2 ** 20;

export const DEFAULT_FILES: readonly string[] = ["rules.txt", "addrsets.txt"];

export interface LoadedInput {
  readonly input: Input;
  /** True if a part of what was asked could not be answered; the reasons are on standard error. */
  readonly incomplete: boolean;
}

/**
 * Reads the files, or the default ones. Faults of the input as a whole go to standard error, a line each.
 * @throws UserError if nothing can be said
 */
export async function loadInput(files: readonly string[], io: Io): Promise<LoadedInput> {
  const names = files.length > 0 ? files : await defaultFiles(io);
  const texts: SourceText[] = [];
  // One after the other, so that errors come in the order of the arguments.
  // oxlint-disable-next-line no-await-in-loop -- see above
  for (const name of new Set(names)) texts.push({ file: displayName(name), text: await readText(name, io) });
  const input = readInput(texts);
  const faults = inputFaults(input);
  const fatal = faults.findLast((fault) => fault.fatal);
  if (fatal !== undefined) throw new UserError(faults.map(({ message }) => message).join("; "));
  for (const { message } of faults) io.stderr.write(`dfwlint: ${safe(message)}\n`);
  return { input, incomplete: faults.length > 0 };
}

async function defaultFiles(io: Io): Promise<string[]> {
  const found: string[] = [];
  for (const name of DEFAULT_FILES) {
    // oxlint-disable-next-line no-await-in-loop -- two files
    const status = await stat(join(io.workingDirectory, name)).catch(() => null);
    if (status?.isFile() === true) found.push(name);
  }
  if (found.length === 0) {
    throw new UserError(
      `no files given, and neither ${DEFAULT_FILES.join(" nor ")} in ${io.workingDirectory}: name the dumps, or - for standard input`,
    );
  }
  return found;
}

function displayName(name: string): string {
  return name === "-" ? "(standard input)" : name;
}

/** @throws UserError naming the file and what is wrong with it */
export async function readText(name: string, io: Io): Promise<string> {
  if (name === "-") return decode(await readBytes(displayName(name), io.stdin), displayName(name));
  const path = join(io.workingDirectory, name);
  const absolute = name.startsWith("/") || /^[A-Za-z]:[\\/]/.test(name) ? name : path;
  const status = await stat(absolute).catch((error: unknown) => {
    throw new UserError(`${safe(name)}: ${reason(error)}`);
  });
  if (status.isDirectory()) throw new UserError(`${safe(name)}: is a directory: name the dumps in it`);
  if (status.isFile() && status.size > MOST_BYTES) throw new UserError(tooLarge(name));
  return decode(await readBytes(name, createReadStream(absolute)), name);
}

async function readBytes(name: string, stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  let line = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer | string>) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      if (total === 0 && isBinary(bytes)) throw new UserError(`${safe(name)}: is a binary file, not a dump`);
      chunks.push(bytes);
      total += bytes.length;
      const lastLineEnd = bytes.lastIndexOf(10);
      line = lastLineEnd === -1 ? line + bytes.length : bytes.length - lastLineEnd - 1;
      if (line > MOST_LINE_BYTES) {
        throw new UserError(`${safe(name)}: a line is longer than ${MOST_LINE_BYTES / 2 ** 20} MiB: this is not a dump`);
      }
      if (total > MOST_BYTES) throw new UserError(tooLarge(name));
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${safe(name)}: ${reason(error)}`);
  } finally {
    stream.destroy();
  }
  return Buffer.concat(chunks);
}

function tooLarge(name: string): string {
  return `${safe(name)}: is larger than ${MOST_BYTES / 2 ** 20} MiB: give the dumps of one host`;
}

function isBinary(bytes: Buffer): boolean {
  return !isUtf16(bytes) && bytes.subarray(0, 65_536).includes(0);
}

/** Windows' shell saves redirected output as UTF-16 with a byte order mark. */
function isUtf16(bytes: Buffer): boolean {
  return bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));
}

function decode(bytes: Buffer, name: string): string {
  if (isUtf16(bytes)) return new TextDecoder(bytes[0] === 0xff ? "utf-16le" : "utf-16be").decode(bytes);
  if (bytes.includes(0)) throw new UserError(`${safe(name)}: is a binary file, not a dump`);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case "ENOENT":
      return "no such file";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "is a directory: name the dumps in it";
    default:
      return error instanceof Error ? safe(error.message) : "cannot be read";
  }
}
