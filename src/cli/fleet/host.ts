import { hostResult, type HostResult } from "../../engine/host.ts";
import { safe } from "../../report/safe.ts";
import { BinaryFile } from "../bytes.ts";
import { UserError, type Io } from "../io.ts";
import type { PlannedInput } from "../read.ts";
import { Answers } from "./answers.ts";
import { cutFile, type SessionFile } from "./cut.ts";
import { startPool } from "./pool.ts";
import { openSession } from "./session.ts";
import { sessionsOf } from "./sessions.ts";

/** The hosts of files and folders that are too large to be read at once. All are of one view: a host may be in several. */
export async function hostsOfLarge(
  planned: PlannedInput,
  { output }: { readonly output: string | undefined },
  io: Io,
): Promise<{ result: HostResult; names: string[]; incomplete: boolean }> {
  const files: SessionFile[] = [];
  let incomplete = false;
  for (const { names } of await sessionsOf(planned, output, io)) {
    for (const name of names) {
      try {
        files.push(await cutFile(name, io));
      } catch (error) {
        if (planned.kind !== "fleet" || !(error instanceof UserError)) throw error;
        // A picture beside the sessions is no mistake.
        if (error instanceof BinaryFile) continue;
        io.stderr.write(`dfwlint: ${safe(error.message)}\n`);
        incomplete = true;
      }
    }
  }
  const answers = new Answers(startPool(io));
  try {
    const { session } = await openSession(files, answers, {
      question: () => ({ kind: "facts" }),
      selection: { vm: undefined, filter: undefined },
      budget: undefined,
    });
    return { result: hostResult(session.hosts), names: files.map(({ file }) => file), incomplete };
  } finally {
    await answers.close();
  }
}
