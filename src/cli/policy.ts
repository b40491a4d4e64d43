import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Policy } from "../engine/policy/policy.ts";
import { displayPath, framed, readText } from "./configuration.ts";
import { FILE_NAME, UserError, type Io } from "./io.ts";
import { protect, type LoadedInput } from "./read.ts";

/** Finds and reads policy.yaml. */

const POLICY_NAME = "policy.yaml";

/**
 * @param given a file; undefined for the one beside dfwlint.yaml or in the working directory
 * @throws UserError for a file that is not there, is no policy or holds mistakes
 */
export async function loadPolicy(
  given: string | undefined,
  output: string | undefined,
  { input, configuration }: LoadedInput,
  io: Io,
): Promise<Policy> {
  if (given === "") throw new UserError("--policy is empty: name a file");
  const path =
    given === undefined ? await find(configuration?.folder ?? null, io) : resolve(io.workingDirectory, given);
  const name = given ?? displayPath(path, io);
  await protect([path], output, io);
  const text = await readText(name, path, "policy");
  const { readPolicy } = await import("../engine/policy/read.ts");
  const { policy, problems } = readPolicy(name, text, input, configuration ?? undefined);
  if (problems !== null) throw await framed(name, text, problems, io);
  return policy;
}

async function find(configurationFolder: string | null, io: Io): Promise<string> {
  const folders = configurationFolder === null ? [] : [configurationFolder];
  if (!folders.includes(io.workingDirectory)) folders.push(io.workingDirectory);
  for (const folder of folders) {
    const path = join(folder, POLICY_NAME);
    if ((await stat(path).catch(() => null)) !== null) return path;
  }
  const places = folders.map((folder) =>
    folder === configurationFolder ? `beside ${displayPath(join(folder, FILE_NAME), io)}` : `in ${folder}`,
  );
  throw new UserError(
    `no --policy given, and no ${POLICY_NAME} ${places.join(" or ")}: name the policy's file`,
  );
}
