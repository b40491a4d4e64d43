import { BinaryFile, MEBIBYTE } from "../bytes.ts";
import { UserError, type Io } from "../io.ts";
import type { PlannedInput } from "../read.ts";
import { Answers } from "./answers.ts";
import { cutFile, type SessionFile } from "./cut.ts";
import { startPool } from "./pool.ts";
import { FleetProgress } from "./progress.ts";
import { openSession, type OpenSession } from "./session.ts";
import { sessionsOf } from "./sessions.ts";

/** What of all sessions is not the rules or sets of a filter is in memory together. */
const MOST_KEPT = 128 * MEBIBYTE;

export interface Together {
  readonly open: OpenSession;
  readonly files: readonly SessionFile[];
  readonly answers: Answers;
  readonly close: () => Promise<void>;
}

interface CutOptions {
  readonly output: string | undefined;
  /** A file that is not wanted is left out. */
  readonly isWanted?: (file: SessionFile) => boolean;
}

/** Files that are cut and not yet read. */
export interface CutTogether {
  readonly files: readonly SessionFile[];
  readonly sessions: number;
  readonly bytes: number;
}

/**
 * Cuts files and folders that are too large to be read at once and are asked about as one: a host may be in several, and a
 * way leads from one to another.
 * @param unreadable is told of a file that cannot be read, and throws if nothing can be said without it
 * @throws UserError
 */
export async function cutTogether(
  planned: PlannedInput,
  { output, isWanted = () => true }: CutOptions,
  io: Io,
  unreadable: (error: UserError) => void,
): Promise<CutTogether> {
  const sessions = await sessionsOf(planned, output, io);
  const files: SessionFile[] = [];
  let kept = 0;
  for (const name of sessions.flatMap(({ names }) => names)) {
    try {
      const file = await cutFile(name, io);
      if (!isWanted(file)) continue;
      files.push(file);
      kept += file.blocks.reduce((sum, block) => sum + (block.kept?.length ?? 0), 0);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // A picture beside the sessions is no mistake.
      if (planned.kind !== "fleet" || !(error instanceof BinaryFile)) unreadable(error);
    }
    if (kept > MOST_KEPT)
      throw new UserError(
        `the sessions together hold more than ${MOST_KEPT / MEBIBYTE} MiB that are not the rules or sets of filters: name those that are asked about`,
      );
  }
  const bytes = sessions.reduce((sum, session) => sum + session.bytes, 0);
  return { files, sessions: sessions.length, bytes };
}

/** The same, and opens them. */
export async function openTogether(
  planned: PlannedInput,
  options: CutOptions & { readonly quiet: boolean },
  io: Io,
  unreadable: (error: UserError) => void,
): Promise<Together> {
  const cut = await cutTogether(planned, options, io, unreadable);
  return openCut(cut, options, io, new Answers(startPool(io)));
}

/** @throws UserError */
export async function openCut(
  { files, sessions, bytes }: CutTogether,
  { quiet }: { readonly quiet: boolean },
  io: Io,
  answers: Answers,
): Promise<Together> {
  const progress = new FleetProgress(io, quiet, sessions, bytes);
  const close = (): Promise<void> => answers.close();
  progress.beginAll();
  try {
    const open = await openSession(files, answers, {
      question: () => ({ kind: "facts" }),
      selection: { vm: undefined, filter: undefined },
      budget: undefined,
      onFilter: (done, total) => {
        progress.filters(done, total);
      },
    });
    return { open, files, answers, close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    progress.clear();
  }
}
