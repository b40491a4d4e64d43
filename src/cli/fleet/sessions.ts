import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { MissingFile, UserError, type Io } from "../io.ts";
import { protect, type PlannedInput } from "../read.ts";
import { filesIn } from "../sessions.ts";

/** A session of a fleet: files that belong together, and their size. */
export interface FleetSession {
  readonly names: readonly string[];
  readonly bytes: number;
}

/**
 * The sessions of an input: in a fleet every file is one, else all files together are.
 * @throws UserError for a name that is not there
 */
export async function sessionsOf(
  { names, kind }: PlannedInput,
  output: string | undefined,
  io: Io,
): Promise<FleetSession[]> {
  const sizes = new Map<string, number>();
  const paths = new Set<string>();
  for (const name of names) {
    if (name === "-") throw new UserError("- cannot be used with a folder: name the files");
    const path = resolve(io.workingDirectory, name);
    const state = await stat(path).catch(() => null);
    if (state === null) throw new MissingFile(name);
    const files = state.isDirectory() ? await filesIn(name, path) : [name];
    for (const file of files) {
      const own = resolve(io.workingDirectory, file);
      if (paths.has(own)) continue;
      paths.add(own);
      sizes.set(file, (await stat(own).catch(() => null))?.size ?? 0);
    }
  }
  const files = [...sizes.keys()];
  if (files.length === 0) throw new UserError(`${names.join(", ")}: no file in it: expected sessions`);
  await protect(files, output, io);
  if (kind === "fleet") return files.map((file) => ({ names: [file], bytes: sizes.get(file)! }));
  return [{ names: files, bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) }];
}
