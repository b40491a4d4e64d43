import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./folders.ts";

/** Runs the built command line as users do: as a process. */

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const SEED = join(ROOT, "rules-fixtures/seed");
export const CLI = join(ROOT, "dist/cli.js");

const LOCK = join(tmpdir(), `dfwlint-build-${Buffer.from(ROOT).toString("hex").slice(-40)}.lock`);
const BUILD_SECONDS = 60;

/** Builds once if dist/ is missing or older than what it is made from; several test files may ask at a time. */
function ensureBuilt(): void {
  const start = Date.now();
  while (isOld()) {
    try {
      closeSync(openSync(LOCK, "wx"));
    } catch {
      if (Date.now() - start > BUILD_SECONDS * 1000) rmSync(LOCK, { force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      continue;
    }
    try {
      if (isOld()) execFileSync("npm", ["run", "build"], { cwd: ROOT, stdio: "pipe" });
    } finally {
      rmSync(LOCK, { force: true });
    }
    return;
  }
}

function isOld(): boolean {
  if (!existsSync(CLI)) return true;
  const built = statSync(CLI).mtimeMs;
  return ["src", "grammar", "scripts"].some((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }).some(
      (entry) =>
        // The parser in there is made by the build itself.
        entry.isFile() &&
        !entry.parentPath.endsWith("generated") &&
        statSync(join(entry.parentPath, entry.name)).mtimeMs > built,
    ),
  );
}

ensureBuilt();

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly stdin?: string | Buffer;
  readonly env?: Record<string, string>;
  /** Another build than dist/. */
  readonly program?: string;
}

/** Runs `dfwlint ARGS`, in the seed's folder unless said. */
export async function dfwlint(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [options.program ?? CLI, ...args], {
    cwd: options.cwd ?? SEED,
    env: environment(options.env),
    stdio: "pipe",
  });
  // A process that refuses its input closes it early.
  child.stdin.on("error", () => {});
  child.stdin.end(options.stdin ?? "");
  return outcome(child);
}

/** Runs a line of bash in which `dfwlint` is a command. */
export async function bash(line: string, cwd = SEED): Promise<Outcome> {
  const env = { ...environment(), PATH: `${commandFolder()}:${process.env["PATH"]}` };
  const child = spawn("bash", ["-c", line], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  return outcome(child);
}

let folder: string | null = null;

function commandFolder(): string {
  if (folder === null) {
    folder = temporaryFolder({});
    writeFileSync(join(folder, "dfwlint"), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`, {
      mode: 0o755,
    });
  }
  return folder;
}

function environment(more: Record<string, string> = {}): Record<string, string> {
  return { PATH: dirname(process.execPath), HOME: tmpdir(), SHELL: "/bin/bash", LANG: "C.UTF-8", ...more };
}

async function outcome(child: ChildProcess): Promise<Outcome> {
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.setEncoding("utf8").on("data", (chunk: string) => {
      text[name] += chunk;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ ...text, code });
    });
  });
}

export function linesOf(text: string): string[] {
  if (text === "") return [];
  if (!text.endsWith("\n")) throw new Error(`no line end at the end of ${JSON.stringify(text.slice(-60))}`);
  return text.slice(0, -1).split("\n");
}
