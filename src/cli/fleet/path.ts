import { apartSessions } from "../../engine/path/apart.ts";
import type { PathFields } from "../../engine/path/ends.ts";
import type { PathInput } from "../commands/path.ts";
import type { Io } from "../io.ts";
import type { PlannedInput } from "../read.ts";
import { FileLines } from "./lines.ts";
import { openTogether } from "./together.ts";

/** Sessions of a way that are too large to be read at once: of their filters only those on the way are read. */
export async function pathOfLarge(
  planned: PlannedInput,
  fields: PathFields,
  options: { readonly output: string | undefined; readonly quiet: boolean },
  io: Io,
): Promise<PathInput> {
  // Whose an address is may stand in any of them.
  const { open, files, close } = await openTogether(planned, options, io, (error) => {
    throw error;
  });
  try {
    const { sessions, answer } = await apartSessions(open.session, fields, open.ask);
    const lines = new FileLines(files);
    return { sessions, answer, close, line: (file, number) => lines.line(file, number) };
  } catch (error) {
    await close();
    throw error;
  }
}
