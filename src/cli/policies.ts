import { readdir, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import picomatch from "picomatch";
import type { Input, SourceText } from "../engine/input.ts";
import { mayHoldDump, readInput } from "../engine/input.ts";
import { pairFilters, selectPairs, type FilterPairs } from "../engine/pairs.ts";
import { loadConfiguration, type LoadedConfiguration } from "./configuration.ts";
import { BinaryFile, MEBIBYTE } from "./bytes.ts";
import { filesAtRevision } from "./git.ts";
import { UserError, type Io } from "./io.ts";
import {
  DEFAULT_FILES,
  choosingBy,
  inputFiles,
  protect,
  readTexts,
  sayFaults,
  type PlannedInput,
} from "./read.ts";
import { filesIn } from "./sessions.ts";

/** Memory for some 30 times the text is needed. */
const MOST_CHARACTERS = 128 * MEBIBYTE;

/** The two policies that a review compares: files, folders, or the configured files at revisions of git. */

export interface LoadedPolicies {
  readonly before: Input;
  readonly after: Input;
  /** The filters that are asked about, before and after. */
  readonly pairs: FilterPairs;
  /** True if a part of what was asked could not be answered; the reasons are on standard error. */
  readonly incomplete: boolean;
  readonly configuration: LoadedConfiguration | null;
}

export interface PolicyOptions {
  readonly base: string | undefined;
  readonly head: string | undefined;
  readonly config: string | false | undefined;
  readonly output: string | undefined;
  readonly quiet: boolean;
  readonly vm: readonly string[] | undefined;
  readonly filter: string | undefined;
}

/**
 * @param given BEFORE and AFTER, or with `--base` the files to compare
 * @throws UserError for what cannot be read
 */
export async function loadPolicies(
  given: readonly string[],
  options: PolicyOptions,
  io: Io,
): Promise<LoadedPolicies> {
  const choosing = await choosingBy(options);
  const configuration = await loadConfiguration(options.config, io);
  const [textsBefore, textsAfter] =
    options.base === undefined
      ? await namedPolicies(given, options, io)
      : await revisions(given, options.base, options, configuration, io);
  const characters = [...textsBefore, ...textsAfter].reduce((sum, { text }) => sum + text.length, 0);
  if (characters > MOST_CHARACTERS)
    throw new UserError(
      `both policies together are larger than ${MOST_CHARACTERS / MEBIBYTE} MiB, and cannot be read filter by filter, as terminal logs can whose prompts name every filter: compare fewer files at once`,
    );
  const before = readInput(textsBefore);
  const after = readInput(textsAfter);
  const asked =
    choosing === null
      ? { before, after, pairs: pairFilters(before, after) }
      : choosing.choose(() => selectPairs(before, after, options));
  const incomplete = [asked.before, asked.after].map((side) => sayFaults(side, io)).includes(true);
  return { before, after, pairs: asked.pairs, incomplete, configuration };
}

async function namedPolicies(
  given: readonly string[],
  { head, output }: PolicyOptions,
  io: Io,
): Promise<[SourceText[], SourceText[]]> {
  if (head !== undefined) throw new UserError("--head goes with --base: name the revision to compare with");
  if (given.length !== 2) {
    const many = given.length === 0 ? "" : `, not ${given.length}`;
    throw new UserError(
      `expected two policies${many}: BEFORE and AFTER, each a file, a folder or a list of files with commas, or --base REVISION`,
    );
  }
  const texts: SourceText[][] = [];
  for (const policy of given) texts.push(await policyTexts(policy, output, io));
  return [texts[0]!, texts[1]!];
}

/** A policy of plain files before anything of it is read, and its size; null where one of them is none. */
export async function planPolicy(
  policy: string,
  output: string | undefined,
  io: Io,
): Promise<{ readonly planned: PlannedInput; readonly bytes: number } | null> {
  const names = await namesIn(policy, io);
  await protect(names, output, io);
  const statesOf = (files: readonly string[]) =>
    Promise.all(files.map((name) => stat(resolve(io.workingDirectory, name)).catch(() => null)));
  let states = await statesOf(names);
  const isFolder = names.length === 1 && states[0]?.isDirectory() === true;
  if (isFolder) states = await statesOf(await filesIn(policy, resolve(io.workingDirectory, policy)));
  if (states.some((state) => state?.isFile() !== true)) return null;
  const bytes = states.reduce((sum, state) => sum + state!.size, 0);
  return { planned: { configuration: null, names, kind: isFolder ? "fleet" : "large" }, bytes };
}

async function policyTexts(policy: string, output: string | undefined, io: Io): Promise<SourceText[]> {
  if (policy.trim() === "") throw new UserError("a policy is empty: name a file or a folder");
  const path = resolve(io.workingDirectory, policy);
  const status = await stat(path).catch(() => null);
  if (status?.isDirectory() === true) return folderTexts(policy, path, output, io);
  const names = await namesIn(policy, io);
  await protect(names, output, io);
  return readTexts(names, io);
}

/** A name that exists is one file, commas and all. */
async function namesIn(policy: string, io: Io): Promise<string[]> {
  const exists = (await stat(resolve(io.workingDirectory, policy)).catch(() => null)) !== null;
  return exists || !policy.includes(",") ? [policy] : policy.split(",").map((name) => name.trim());
}

const MOST_FILES = 10_000;

/** All dumps in a folder and below; other files, such as notes, are passed over. */
async function folderTexts(
  policy: string,
  path: string,
  output: string | undefined,
  io: Io,
): Promise<SourceText[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(policy, relative(path, join(entry.parentPath, entry.name))))
    .filter((name) => !name.split(sep).some((part) => part.startsWith(".") && part !== "." && part !== ".."))
    .toSorted();
  if (names.length > MOST_FILES) throw new UserError(`${policy}: holds more than ${MOST_FILES} files`);
  await protect(names, output, io);
  const texts: SourceText[] = [];
  for (const name of names) {
    const read = await readTexts([name], io).catch((error: unknown) => {
      // A picture beside the dumps is no mistake.
      if (error instanceof BinaryFile) return [];
      throw error;
    });
    texts.push(...read.filter(({ text }) => mayHoldDump(text)));
  }
  if (texts.length === 0) throw new UserError(`${policy}: no file in it holds rules or address sets`);
  return texts;
}

/** The same files at a revision and at another, or as they are in the working tree. */
async function revisions(
  files: readonly string[],
  base: string,
  { head, output }: PolicyOptions,
  configuration: LoadedConfiguration | null,
  io: Io,
): Promise<[SourceText[], SourceText[]]> {
  const patterns = patternsOf(files, configuration, io);
  const matches = patterns.map((pattern) => picomatch(pattern.replaceAll("\\", "/"), { dot: false }));
  const wanted = (path: string): boolean =>
    patterns.includes(path) ||
    matches.some((match) => match(path)) ||
    files.some((folder) => folder === "." || path.startsWith(`${folder.replace(/\/+$/, "")}/`));
  const what = patterns.join(", ");
  const before = await filesAtRevision(base, wanted, what, io);
  if (head !== undefined) return [before, await filesAtRevision(head, wanted, what, io)];
  const names: string[] = [];
  if (files.length === 0) names.push(...(await inputFiles([], configuration, io)));
  for (const file of files) {
    const path = resolve(io.workingDirectory, file);
    const status = await stat(path).catch(() => null);
    if (status === null) names.push(...(await matching(file, io)));
    else if (!status.isDirectory()) names.push(file);
    else names.push(...(await folderTexts(file, path, output, io)).map(({ file: name }) => name));
  }
  await protect(names, output, io);
  const texts = await readTexts(names, io);
  return [before, files.length === 0 ? texts : texts.filter(({ text }) => mayHoldDump(text))];
}

/** The files that a glob names now; at a revision there may have been others. */
async function matching(pattern: string, io: Io): Promise<string[]> {
  const { glob, isDynamicPattern } = await import("tinyglobby");
  if (!isDynamicPattern(pattern)) return [pattern];
  const options = { cwd: io.workingDirectory, onlyFiles: true, expandDirectories: false };
  const found = await glob(pattern, { ...options, followSymbolicLinks: false });
  if (found.length === 0) throw new UserError(`no file matches ${pattern}`);
  return found.toSorted();
}

/** Names and globs relative to the working directory. */
function patternsOf(files: readonly string[], configuration: LoadedConfiguration | null, io: Io): string[] {
  const plain = (name: string): string => {
    const path = isAbsolute(name) ? relative(io.workingDirectory, name) : name;
    return path.replace(/^\.\//, "");
  };
  if (files.includes("-")) throw new UserError("standard input has no revisions: name files");
  if (files.length > 0) return files.map(plain);
  if (configuration === null || configuration.files === null) return [...DEFAULT_FILES];
  return configuration.files.map((entry) => plain(resolve(configuration.folder, entry)));
}
