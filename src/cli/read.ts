import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { inputFaults, readInput, type Input, type SourceText } from "../engine/input.ts";
import { safe } from "../report/safe.ts";
import { STANDARD_INPUT } from "../report/words.ts";
import { MEBIBYTE, binary, decode, isUtf16, longLine, tooLarge } from "./bytes.ts";
import { configuredFiles, loadConfiguration, type LoadedConfiguration } from "./configuration.ts";
import { FILE_NAME, MissingFile, UserError, faultOf, type Io } from "./io.ts";
import { progressOn } from "./progress.ts";

/**
 * A dump of a full vNIC has 10 MB, and memory for 40 times the text is needed. What is much larger or has many more
 * lines is something else, and must not end without memory.
 */
export const MOST_BYTES = 64 * MEBIBYTE;
const MOST_LINES = 4_000_000;
/** Text that lost its line ends is one line, so a line may be long; but not without end. */
export const MOST_LINE_BYTES = 16 * MEBIBYTE;

export const DEFAULT_FILES: readonly string[] = ["rules.txt", "addrsets.txt"];

export interface LoadedInput {
  readonly input: Input;
  /** True if a part of what was asked could not be answered; the reasons are on standard error. */
  readonly incomplete: boolean;
  /** Null where there is no configuration file. */
  readonly configuration: LoadedConfiguration | null;
}

export interface LoadOptions {
  /** A configuration file, false for none; undefined for the one that is found. */
  readonly config?: string | false | undefined;
  /** Where the result will be written; it must not be one of the files. */
  readonly output: string | undefined;
  /** Work allowed for each question about one rule, in millions of comparisons. */
  readonly budget?: number | undefined;
  /** No progress on standard error. */
  readonly quiet: boolean;
  /** The machines or the filter that are asked about; undefined for all. */
  readonly vm?: readonly string[] | undefined;
  readonly filter?: string | undefined;
}

/** The dumps to read: those of the command line, else those of the configuration, else the usual ones. */
export async function inputFiles(
  files: readonly string[],
  configuration: LoadedConfiguration | null,
  io: Io,
): Promise<readonly string[]> {
  if (files.length > 0) return files;
  return (await configuredFiles(configuration, io)) ?? defaultFiles(io);
}

/** A larger input is not read at once, if it holds several filters. */
export const LARGE_BYTES = 8 * MEBIBYTE;

/** What is to be read, before anything of it is. */
export interface PlannedInput {
  readonly configuration: LoadedConfiguration | null;
  readonly names: readonly string[];
  /** `fleet` if there is a folder among the names. */
  readonly kind: "small" | "large" | "fleet";
}

/** @throws UserError if nothing can be read */
export async function planInput(
  files: readonly string[],
  { config, output }: Pick<LoadOptions, "config" | "output">,
  io: Io,
): Promise<PlannedInput> {
  const configuration = await loadConfiguration(config, io);
  const names = await inputFiles(files, configuration, io);
  if (names.filter((name) => name === "-").length > 1)
    throw new UserError("- stands twice among the files: standard input can be read once");
  await protect(configuration === null ? names : [...names, configuration.path], output, io);
  const states = await Promise.all(
    names.map(async (name) =>
      name === "-" ? null : stat(resolve(io.workingDirectory, name)).catch(() => null),
    ),
  );
  if (files.length > 0 && states.some((state) => state?.isDirectory() === true))
    return { configuration, names, kind: "fleet" };
  const seekable = states.every((state) => state?.isFile() === true);
  const bytes = states.reduce((sum, state) => sum + (state?.size ?? 0), 0);
  return { configuration, names, kind: seekable && bytes > LARGE_BYTES ? "large" : "small" };
}

/**
 * Reads the files, or the default ones. Faults of the input as a whole go to standard error, a line each.
 * @throws UserError if nothing can be said, or if `output` names one of the files
 */
export async function loadInput(
  files: readonly string[],
  { config, output, budget, quiet, vm, filter }: LoadOptions,
  io: Io,
  planned?: PlannedInput,
): Promise<LoadedInput> {
  const narrow = await narrowing({ vm, filter });
  const { configuration, names } = planned ?? (await planInput(files, { config, output }, io));
  const texts = await readTexts(names, io);
  return { ...inputOf(texts, { budget, quiet, narrow }, io), configuration };
}

/** The texts of files, one after the other, so that errors come in the order of the names. */
export async function readTexts(names: readonly string[], io: Io): Promise<SourceText[]> {
  const texts: SourceText[] = [];
  const different = new Map(
    names.map((name) => [name === "-" ? name : resolve(io.workingDirectory, name), name]),
  );
  for (const name of different.values())
    texts.push({ file: displayName(name), text: await readText(name, io) });
  return texts;
}

/**
 * Joins texts into an input, and says on standard error what is wrong with them as a whole.
 * @throws UserError if nothing can be said
 */
export function inputOf(
  texts: readonly SourceText[],
  { budget, quiet, narrow }: Pick<LoadOptions, "budget" | "quiet"> & { narrow?: (input: Input) => Input },
  io: Io,
): { input: Input; incomplete: boolean } {
  const progress = quiet ? undefined : progressOn(io);
  const whole = readInput(texts, {
    ...(budget === undefined ? {} : { budget: budget * 1_000_000 }),
    ...(progress === undefined ? {} : { progress }),
  });
  const input = narrow === undefined ? whole : narrow(whole);
  return { input, incomplete: sayFaults(input, io) };
}

/**
 * Says on standard error what is wrong with an input as a whole; true if something is.
 * @param session - the file, where there are others
 * @throws UserError if nothing can be said
 */
export function sayFaults(input: Input, io: Io, session: string | null = null): boolean {
  const faults = inputFaults(input).map((fault) =>
    session === null || fault.message.includes(session)
      ? fault
      : { ...fault, message: `${session}: ${fault.message}` },
  );
  const fatal = faults.findLast((fault) => fault.fatal);
  if (fatal !== undefined) throw new UserError(faults.map(({ message }) => message).join("; "));
  for (const { message } of faults) io.stderr.write(`dfwlint: ${safe(message)}\n`);
  return faults.length > 0;
}

/** What leaves only the filters that are asked about; it is loaded only where there is something to leave out. */
export async function narrowing(selection: SelectionOptions): Promise<(input: Input) => Input> {
  const choosing = await choosingBy(selection);
  return choosing === null
    ? (input) => input
    : (input) => choosing.choose(() => choosing.engine.select(input, selection));
}

type SelectionOptions = Pick<LoadOptions, "vm" | "filter">;

interface Choosing {
  readonly engine: typeof import("../engine/select.ts");
  /** Says what is wrong with a selection by its option. */
  choose<T>(choice: () => T): T;
}

/**
 * What chooses the filters that are asked about; null for all.
 * @throws UserError for an option that is empty
 */
export async function choosingBy({ vm, filter }: SelectionOptions): Promise<Choosing | null> {
  if (vm === undefined && filter === undefined) return null;
  for (const [name, value] of Object.entries({ vm, filter }))
    if (value !== undefined && [value].flat().includes(""))
      throw new UserError(`--${name} is empty: leave it out for all filters`);
  const engine = await import("../engine/select.ts");
  return {
    engine,
    choose(choice) {
      try {
        return choice();
      } catch (error) {
        if (!(error instanceof engine.SelectionError)) throw error;
        throw new UserError(`--${error.option}: ${error.message}`);
      }
    },
  };
}

async function defaultFiles(io: Io): Promise<string[]> {
  const found: string[] = [];
  for (const name of DEFAULT_FILES) {
    const status = await stat(resolve(io.workingDirectory, name)).catch(() => null);
    if (status?.isFile() === true) found.push(name);
  }
  if (found.length === 0) {
    throw new UserError(
      `no files given, no ${FILE_NAME} names any, and neither ${DEFAULT_FILES.join(" nor ")} in ${io.workingDirectory}: name the dumps, or - for standard input`,
    );
  }
  return found;
}

/** @throws UserError if the result would be written over one of the files that it is made from */
export async function protect(names: readonly string[], output: string | undefined, io: Io): Promise<void> {
  if (output === undefined) return;
  const target = await realpath(resolve(io.workingDirectory, output)).catch(() => null);
  if (target === null || !(await stat(target)).isFile()) return;
  for (const name of names) {
    if (name === "-") continue;
    const path = await realpath(resolve(io.workingDirectory, name)).catch(() => null);
    if (path === target) throw new UserError(`--output ${output} would overwrite the input ${name}`);
  }
}

export function displayName(name: string): string {
  return name === "-" ? STANDARD_INPUT : name;
}

/** @throws UserError naming the file and what is wrong with it */
async function readText(name: string, io: Io): Promise<string> {
  if (name === "-") return decode(await readBytes(displayName(name), io.stdin), displayName(name));
  const path = resolve(io.workingDirectory, name);
  const status = await stat(path).catch((error: unknown) => {
    throw failure(name, error);
  });
  if (status.isDirectory()) throw new UserError(isDirectory(name));
  if (status.isFile() && status.size > MOST_BYTES) throw tooLarge(name, MOST_BYTES);
  return decode(await readBytes(name, createReadStream(path)), name);
}

async function readBytes(name: string, stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  let line = 0;
  let lines = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer | string>) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      if (total === 0 && !isUtf16(bytes) && bytes.includes(0)) throw binary(name);
      chunks.push(bytes);
      total += bytes.length;
      const lastLineEnd = bytes.lastIndexOf(10);
      line = lastLineEnd === -1 ? line + bytes.length : bytes.length - lastLineEnd - 1;
      if (line > MOST_LINE_BYTES) throw longLine(name, MOST_LINE_BYTES);
      if (total > MOST_BYTES) throw tooLarge(name, MOST_BYTES);
      for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines += 1;
      if (lines > MOST_LINES)
        throw new UserError(`${name}: has more than ${MOST_LINES} lines: this is not a dump`);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw failure(name, error);
  } finally {
    stream.destroy();
  }
  return Buffer.concat(chunks);
}

export function failure(name: string, error: unknown): UserError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return new MissingFile(name);
  if (code === "EISDIR") return new UserError(isDirectory(name));
  return new UserError(`${name}: ${faultOf(error)}`);
}

function isDirectory(name: string): string {
  return `${name}: is a directory: expected a file`;
}
