import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { SourceText } from "../engine/input.ts";
import { MEBIBYTE, decode } from "./bytes.ts";
import { UserError, type Io } from "./io.ts";

/** Files as they are at a revision of the git repository that the working directory is in. */

const run = promisify(execFile);
const MOST_BYTES = 64 * MEBIBYTE;

/** @throws UserError if there is no repository, no such revision, or none of the files in it */
export async function filesAtRevision(
  revision: string,
  wanted: (path: string) => boolean,
  whatIsWanted: string,
  io: Io,
): Promise<SourceText[]> {
  const commit = await commitOf(revision, io);
  const listed = (await git(["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit], io))
    .toString("utf8")
    .split("\0")
    .filter((path) => path !== "");
  // Names are relative to the top of the repository, and so may what is wanted lie above the working directory.
  const prefix = (await git(["rev-parse", "--show-prefix"], io)).toString("utf8").trim();
  // Forty digits in front of every name say less than ten.
  const shown = /^[0-9a-f]{40,}$/.test(revision) ? revision.slice(0, 10) : revision;
  const found: SourceText[] = [];
  for (const path of listed) {
    const relative = relativeTo(prefix, path);
    if (!wanted(relative)) continue;
    const bytes = await git(["cat-file", "blob", `${commit}:${path}`], io);
    found.push({ file: `${shown}:${relative}`, text: decode(bytes, `${shown}:${relative}`) });
  }
  if (found.length === 0) throw new UserError(`revision ${revision} holds none of ${whatIsWanted}`);
  return found;
}

async function commitOf(revision: string, io: Io): Promise<string> {
  if (revision.trim() === "") throw new UserError("the revision is empty: name a branch, a tag or a commit");
  try {
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
    return (await git(args, io)).toString("utf8").trim();
  } catch (error) {
    if (error instanceof UserError && error.message !== NOT_DONE) throw error;
    throw new UserError(
      `there is no revision ${revision} in this git repository: fetch it first, or name another`,
    );
  }
}

const NOT_DONE = "git did not answer";

async function git(args: readonly string[], io: Io): Promise<Buffer> {
  try {
    const { stdout } = await run("git", [...args], {
      cwd: io.workingDirectory,
      encoding: "buffer",
      maxBuffer: MOST_BYTES,
      env: { ...io.env, LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" },
    });
    return stdout;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: Buffer };
    const said = stderr?.toString("utf8") ?? "";
    if (code === "ENOENT") throw new UserError("--base needs git, and there is no git on the path");
    if (said.includes("not a git repository"))
      throw new UserError(`${io.workingDirectory} is in no git repository: --base needs one`);
    if (said.includes("dubious ownership"))
      throw new UserError(
        "git does not trust this repository, because somebody else owns it: see git's safe.directory",
      );
    if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER")
      throw new UserError(`a file in git is larger than ${MOST_BYTES / MEBIBYTE} MiB`);
    throw new UserError(NOT_DONE);
  }
}

/** A path from the top of the repository, seen from the folder with this prefix. */
function relativeTo(prefix: string, path: string): string {
  const from = prefix.split("/").filter((part) => part !== "");
  const to = path.split("/");
  let common = 0;
  while (common < from.length && from[common] === to[common]) common += 1;
  return [...from.slice(common).map(() => ".."), ...to.slice(common)].join("/");
}
