import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./folders.ts";

/** A pretended ESXi host: its commands are small shell scripts that print what they were told. */

export interface Answer {
  readonly words: readonly string[];
  readonly stdout: string;
  readonly stderr?: string;
  readonly status?: number;
}

/** What the script may use of BusyBox, and what the stand-ins need. */
const APPLETS = ["awk", "cat", "grep", "sed", "sh"] as const;

const BUSYBOX = found("busybox");

/** BusyBox's shell, as on ESXi, where it is installed. */
export const SHELL = BUSYBOX === null ? "sh" : "BusyBox's sh";

function found(name: string): string | null {
  const result = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : null;
}

/** `$ COMMAND`, then what it prints; `2> TEXT` goes to standard error, `status N` is its exit status. */
export function readAnswers(text: string): Answer[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((block): Answer => {
      const [command, ...lines] = block.replace(/\n$/, "").split("\n");
      const errors = lines.filter((line) => line.startsWith("2> ")).map((line) => line.slice(3));
      const status = lines.flatMap((line) => /^status (\d+)$/.exec(line)?.[1] ?? [])[0];
      const printed = lines.filter((line) => !/^(?:2> |status \d+$)/.test(line));
      return {
        words: [...command!.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!),
        stdout: printed.length === 0 ? "" : `${printed.join("\n")}\n`,
        ...(errors.length === 0 ? {} : { stderr: `${errors.join("\n")}\n` }),
        ...(status === undefined ? {} : { status: Number(status) }),
      };
    });
}

export interface Session {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  /** Files that are on the host now and were not before. */
  readonly written: readonly string[];
}

/** Runs a script on a host with these commands and no others, as `ssh root@host sh < SCRIPT` does. */
export function runOnHost(script: string, answers: readonly Answer[]): Session {
  const host = temporaryFolder({});
  const path = { bin: join(host, "bin"), work: join(host, "work"), tmp: join(host, "tmp") };
  for (const folder of Object.values(path)) mkdirSync(folder);
  for (const applet of APPLETS) symlinkSync(BUSYBOX ?? found(applet)!, join(path.bin, applet));
  for (const name of new Set(answers.map(({ words }) => words[0]!))) {
    const own = answers.filter(({ words }) => words[0] === name);
    writeFileSync(join(path.bin, name), standIn(name, own));
    chmodSync(join(path.bin, name), 0o755);
  }
  const before = listed(host);
  const { stdout, stderr, status } = spawnSync(join(path.bin, "sh"), [], {
    input: script,
    cwd: path.work,
    env: { PATH: path.bin, HOME: path.work, TMPDIR: path.tmp },
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  return { stdout, stderr, status, written: listed(host).filter((name) => !before.includes(name)) };
}

function listed(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
}

function standIn(name: string, answers: readonly Answer[]): string {
  const cases = answers.map(({ words, stdout, stderr = "", status = 0 }) => {
    const pattern = words.slice(1).map(word).join(SEPARATOR);
    return `  ${pattern === "" ? "''" : pattern})\n${text(stdout, "")}${text(stderr, " >&2")}    exit ${status} ;;`;
  });
  // A stand-in that reads its input must not get the script.
  return `#!/bin/sh
cat >/dev/null
IFS='|'
case "$*" in
${cases.join("\n")}
  *) printf '%s: unknown arguments: %s\\n' ${word(name)} "$*" >&2; exit 2 ;;
esac
`;
}

const SEPARATOR = "'|'";

function word(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

function text(value: string, to: string): string {
  return value === ""
    ? ""
    : `    cat${to} <<'END OF ANSWER'\n${value}${value.endsWith("\n") ? "" : "\n"}END OF ANSWER\n`;
}

/** The commands of a session of a terminal and what they printed. */
export function answersOf(session: string): Answer[] {
  return session
    .replaceAll(/^```.*$/gm, "\u0000")
    .split(/^\[[^@\]]+@[^\]]+\] ?/m)
    .slice(1)
    .map((block) => block.split("\u0000")[0]!)
    .filter((block) => /^\S/.test(block))
    .map((block) => {
      const joined = block.replace(/(--[a-z-]+)\n=/, "$1=");
      const end = joined.indexOf("\n");
      return { words: joined.slice(0, end).trim().split(/\s+/), stdout: joined.slice(end + 1) };
    });
}

/** Checks a script's syntax with the same shell. */
export function checkSyntax(script: string): string {
  const [command, args] = BUSYBOX === null ? ["sh", ["-n"]] : [BUSYBOX, ["sh", "-n"]];
  return execFileSync(command, args, { input: script, encoding: "utf8" });
}
