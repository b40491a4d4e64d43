import { readdir, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import type { SourceText } from "../engine/input.ts";
import { BinaryFile, MEBIBYTE } from "./bytes.ts";
import { loadConfiguration } from "./configuration.ts";
import { UserError, type Io } from "./io.ts";
import { inputFiles, protect, readTexts } from "./read.ts";

const MOST_FILES = 10_000;
/** What is no plain file, such as standard input, cannot be cut: then all is in memory together. */
const MOST_CHARACTERS = 128 * MEBIBYTE;

/**
 * The texts of sessions: files, or folders with all that is text in them.
 * @throws UserError for what cannot be read
 */
export async function sessionTexts(
  given: readonly string[],
  { config, output }: { readonly config: string | false | undefined; readonly output: string | undefined },
  io: Io,
): Promise<SourceText[]> {
  const configuration = given.length > 0 ? null : await loadConfiguration(config, io);
  const names = await inputFiles(given, configuration, io);
  if (names.filter((name) => name === "-").length > 1)
    throw new UserError("- stands twice among the files: standard input can be read once");
  const texts: SourceText[] = [];
  let characters = 0;
  for (const name of names) {
    const path = resolve(io.workingDirectory, name);
    const folder = name !== "-" && (await stat(path).catch(() => null))?.isDirectory() === true;
    const files = folder ? await filesIn(name, path) : [name];
    await protect(files, output, io);
    for (const file of files) {
      const read = await readTexts([file], io).catch((error: unknown) => {
        // A picture beside the sessions is no mistake.
        if (folder && error instanceof BinaryFile) return [];
        throw error;
      });
      texts.push(...read.filter((text) => texts.every((other) => other.file !== text.file)));
      characters += read.reduce((sum, { text }) => sum + text.length, 0);
      if (characters > MOST_CHARACTERS)
        throw new UserError(
          `the sessions together are larger than ${MOST_CHARACTERS / MEBIBYTE} MiB, and are read at once where one is no plain file: give files`,
        );
    }
  }
  return texts;
}

export async function filesIn(folder: string, path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))
    .filter((name) => !name.split(sep).some((part) => part.startsWith(".")))
    .toSorted();
  if (names.length > MOST_FILES) throw new UserError(`${folder}: holds more than ${MOST_FILES} files`);
  return names.map((name) => join(folder, name));
}
