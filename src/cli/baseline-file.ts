import { readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { BaselineError, printBaseline, readBaseline, toBaseline, type Baseline } from "../engine/baseline.ts";
import type { FindingResult } from "../engine/results.ts";
import { safe } from "../report/safe.ts";
import { UserError, faultOf, type Io } from "./io.ts";

export { allKnown } from "../engine/baseline.ts";

export interface NamedFile {
  /** As people are to read it. */
  readonly name: string;
  readonly path: string;
}

/** Null if it is yet to be written. */
export async function loadBaseline({ name, path }: NamedFile, update: boolean): Promise<Baseline | null> {
  try {
    return readBaseline(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof BaselineError) throw new UserError(`${name}: ${error.message}`);
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (missing && update) return null;
    throw new UserError(
      missing ? `${name}: no such baseline: --update-baseline writes it` : `${name}: ${faultOf(error)}`,
    );
  }
}

/** Writes the findings that are there now, and says on standard error what that changes. */
export async function updateBaseline(
  file: NamedFile,
  former: Baseline,
  findings: readonly FindingResult[],
  quiet: boolean,
  io: Io,
): Promise<void> {
  const next = toBaseline(findings, former);
  await writeWhole(file, printBaseline(next));
  if (!quiet) io.stderr.write(`dfwlint: ${safe(file.name)}: ${changes(former, next)}\n`);
}

function changes(before: Baseline, after: Baseline): string {
  const known = new Set(before.map(({ fingerprint }) => fingerprint));
  const kept = after.filter(({ fingerprint }) => known.has(fingerprint)).length;
  return `${after.length} known ${after.length === 1 ? "finding" : "findings"}, ${after.length - kept} added, ${before.length - kept} removed`;
}

/** Never leaves a part of a file behind. */
async function writeWhole({ name, path }: NamedFile, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const temporary = `${target}.${crypto.randomUUID()}.tmp`;
  try {
    await writeFile(temporary, text, { flag: "wx" });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new UserError(`${name}: cannot be written: ${faultOf(error)}`);
  }
}
