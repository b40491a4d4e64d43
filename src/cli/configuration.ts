import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { Configuration, ConfigurationProblem } from "../engine/configuration/configuration.ts";
import { MEBIBYTE, decode } from "./bytes.ts";
import { FILE_NAME, FramedError, MissingFile, UserError, faultOf, type Io } from "./io.ts";

/** Finds and reads dfwlint.yaml. What reads YAML is loaded only where there is one. */

export interface LoadedConfiguration extends Configuration {
  /** Absolute. */
  readonly path: string;
  /** What the paths in it are relative to. */
  readonly folder: string;
}

/** Names, networks and a thousand suppressions have room in it. */
const MOST_BYTES = MEBIBYTE;
const MOST_SHOWN = 20;

/**
 * @param config a file, false for none; undefined for the one in the working directory or a folder above
 * @throws UserError for a file that is not there, is no configuration or holds mistakes
 */
export async function loadConfiguration(
  config: string | false | undefined,
  io: Io,
): Promise<LoadedConfiguration | null> {
  if (config === false) return null;
  if (config === "") throw new UserError("--config is empty: name a file, or say --no-config");
  const path = config === undefined ? await find(io.workingDirectory) : resolve(io.workingDirectory, config);
  if (path === null) return null;
  const name = config ?? displayPath(path, io);
  const text = await readText(name, path);
  const { readConfiguration } = await import("../engine/configuration/read.ts");
  const { configuration, problems } = readConfiguration(name, text);
  if (problems !== null) throw await framed(name, text, problems, io);
  return { ...configuration, path, folder: dirname(path) };
}

async function find(workingDirectory: string): Promise<string | null> {
  for (let folder = workingDirectory; ; folder = dirname(folder)) {
    const path = join(folder, FILE_NAME);
    const isThere = await stat(path).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        // A folder that may not be looked into is nobody's project.
        if (["ENOENT", "ENOTDIR", "EACCES", "EPERM"].includes(error.code ?? "")) return false;
        throw new UserError(`${path}: ${faultOf(error)}`);
      },
    );
    if (isThere) return path;
    if (dirname(folder) === folder) return null;
  }
}

/** Relative to the working directory, as people would type it. */
export function displayPath(path: string, io: Io): string {
  return relative(io.workingDirectory, path) || path;
}

export async function readText(
  name: string,
  path: string,
  what: "configuration" | "policy" | "intent" = "configuration",
): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    // One byte more than allowed is enough to know.
    for await (const chunk of createReadStream(path, { end: MOST_BYTES })) chunks.push(chunk as Buffer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new MissingFile(name);
    if (code === "EISDIR") throw new UserError(`${name}: is a directory: expected a ${what} file`);
    throw new UserError(`${name}: ${faultOf(error)}`);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length > MOST_BYTES) {
    throw new UserError(
      `${name}: is larger than ${MOST_BYTES / MEBIBYTE} MiB: expected a ${what} file, not a dump`,
    );
  }
  return decode(bytes, name);
}

/** Every mistake with its line, as findings are shown. */
export async function framed(
  name: string,
  text: string,
  problems: readonly ConfigurationProblem[],
  io: Io,
): Promise<FramedError> {
  const [{ prettyConfigurationProblems }, { reportContext }] = await Promise.all([
    import("../report/pretty/configuration.ts"),
    import("./output.ts"),
  ]);
  const options = { output: undefined, quiet: false, color: false };
  const context = reportContext(null, options, io, { file: name, text });
  return new FramedError(prettyConfigurationProblems(problems, MOST_SHOWN, context));
}

/**
 * The dumps that the configuration names; null if it names none.
 * @throws UserError for a path or a glob without a file
 */
export async function configuredFiles(
  configuration: LoadedConfiguration | null,
  io: Io,
): Promise<string[] | null> {
  if (configuration === null || configuration.files === null) return null;
  const { folder, file, files } = configuration;
  const found: string[] = [];
  for (const [index, entry] of files.entries()) {
    const place = configuration.placeOf(["files", index]) ?? configuration.placeOf(["files"]);
    const where = place === undefined ? file : `${file}:${place.line}`;
    const path = resolve(folder, entry);
    // A name that exists is no glob, whatever characters it has.
    if (
      await stat(path).then(
        () => true,
        () => false,
      )
    ) {
      found.push(displayPath(path, io));
      continue;
    }
    const { glob, isDynamicPattern } = await import("tinyglobby");
    if (!isDynamicPattern(entry)) throw new UserError(`${where}: files: there is no file ${entry}`);
    const matches = await glob(entry, {
      cwd: folder,
      absolute: true,
      onlyFiles: true,
      expandDirectories: false,
      followSymbolicLinks: false,
    });
    if (matches.length === 0) throw new UserError(`${where}: files: no file matches ${entry}`);
    for (const match of matches.toSorted()) found.push(displayPath(match, io));
  }
  if (found.length === 0) throw new UserError(`${file}: files: the list is empty`);
  return found;
}
