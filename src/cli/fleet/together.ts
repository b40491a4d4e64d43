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

interface TogetherOptions {
  readonly output: string | undefined;
  readonly quiet: boolean;
  /** Those of another input that is open, to be asked with it. */
  readonly answers?: Answers;
  /** A file that is not wanted is left out. */
  readonly isWanted?: (file: SessionFile) => boolean;
}

/**
 * Files and folders that are too large to be read at once and are asked about as one: a host may be in several, and a way
 * leads from one to another.
 * @param unreadable is told of a file that cannot be read, and throws if nothing can be said without it
 * @throws UserError
 */
export async function openTogether(
  planned: PlannedInput,
  { output, quiet, answers: known, isWanted = () => true }: TogetherOptions,
  io: Io,
  unreadable: (error: UserError) => void,
): Promise<Together> {
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
  const progress = new FleetProgress(io, quiet, sessions.length, bytes);
  const answers = known ?? new Answers(startPool(io));
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
