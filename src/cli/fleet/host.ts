import { hostResult, type HostResult } from "../../engine/host.ts";
import { safe } from "../../report/safe.ts";
import type { Io } from "../io.ts";
import type { PlannedInput } from "../read.ts";
import { openTogether } from "./together.ts";

/** The hosts of files and folders that are too large to be read at once. */
export async function hostsOfLarge(
  planned: PlannedInput,
  options: { readonly output: string | undefined; readonly quiet: boolean },
  io: Io,
): Promise<{ result: HostResult; names: string[]; incomplete: boolean }> {
  let incomplete = false;
  const { open, files, close } = await openTogether(planned, options, io, (error) => {
    if (planned.kind !== "fleet") throw error;
    io.stderr.write(`dfwlint: ${safe(error.message)}\n`);
    incomplete = true;
  });
  await close();
  return { result: hostResult(open.session.hosts), names: files.map(({ file }) => file), incomplete };
}
