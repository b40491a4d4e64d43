import { resolve } from "node:path";
import type { Input } from "../engine/input.ts";
import type { Intent } from "../engine/intent/intent.ts";
import { framed, readText, type LoadedConfiguration } from "./configuration.ts";
import { UserError, type Io } from "./io.ts";
import { protect } from "./read.ts";

/**
 * Reads what a change is for.
 * @throws UserError for a file that is not there, is no intent or holds mistakes
 */
export async function loadIntent(
  name: string,
  output: string | undefined,
  policies: readonly Input[],
  configuration: LoadedConfiguration | null,
  io: Io,
): Promise<Intent> {
  if (name === "") throw new UserError("--intent is empty: name a file");
  const path = resolve(io.workingDirectory, name);
  await protect([path], output, io);
  const text = await readText(name, path, "intent");
  const { readIntent } = await import("../engine/intent/read.ts");
  const { intent, problems } = readIntent(name, text, policies, configuration ?? undefined);
  if (problems !== null) throw await framed(name, text, problems, io);
  return intent;
}
