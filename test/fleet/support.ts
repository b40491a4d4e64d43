import { PassThrough, Readable } from "node:stream";
import { Answers } from "../../src/cli/fleet/answers.ts";
import { decodeUtf8, cutFile } from "../../src/cli/fleet/cut.ts";
import { apartSessions } from "../../src/engine/path/apart.ts";
import { pathCaptures } from "../../src/engine/path/captures.ts";
import { PathError, type PathFields } from "../../src/engine/path/ends.ts";
import { pathOf } from "../../src/engine/path/path.ts";
import type { PathResult } from "../../src/engine/path/results.ts";
import { readPathSessions, type PathSessions } from "../../src/engine/path/sessions.ts";
import { FlowError } from "../../src/model/flow.ts";
import { startPool } from "../../src/cli/fleet/pool.ts";
import { openSession, type OpenSession } from "../../src/cli/fleet/session.ts";
import type { Io } from "../../src/cli/io.ts";
import { DEFAULT_SETTINGS } from "../../src/checks/settings.ts";
import type { Question } from "../../src/engine/parts/apart.ts";
import { conclude, filterResults, lint } from "../../src/engine/lint.ts";
import { findInSession, partsOf } from "../../src/engine/parts/session.ts";
import { readInput } from "../../src/engine/input.ts";
import type { LintResult } from "../../src/engine/results.ts";
import { select } from "../../src/engine/select.ts";

/** Both ways to read files: all at once, and cut into filters that are read apart. */

export function ioIn(workingDirectory: string): Io {
  return {
    stdin: Readable.from([]),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    env: {},
    workingDirectory,
    now: new Date("2025-06-15T12:00:00"),
  };
}

export const LINT = (infrastructure: Extract<Question, { kind: "lint" }>["infrastructure"]): Question => ({
  kind: "lint",
  settings: DEFAULT_SETTINGS,
  severities: undefined,
  infrastructure,
  budget: undefined,
});

export async function openApart(
  folder: string,
  names: readonly string[],
  selection: { vm?: readonly string[]; filter?: string } = {},
  question: (infrastructure: Extract<Question, { kind: "lint" }>["infrastructure"]) => Question = LINT,
): Promise<{ open: OpenSession; parts: number }> {
  const io = ioIn(folder);
  const files = [];
  for (const name of names) files.push(await cutFile(name, io));
  const open = await openSession(files, new Answers(startPool(io)), {
    selection,
    budget: undefined,
    question,
  });
  return { open, parts: partsOf(files, decodeUtf8).length };
}

export async function lintApart(
  folder: string,
  names: readonly string[],
  selection: { vm?: readonly string[]; filter?: string } = {},
): Promise<{ result: LintResult; apart: number; parts: number }> {
  const { open, parts } = await openApart(folder, names, selection);
  const { session } = open;
  const found = findInSession(session, (name) => open.foundIn(name), {});
  return {
    result: plain(conclude(found, names, filterResults(session.input.model.filters), {})),
    apart: session.parts.size,
    parts,
  };
}

export function lintAtOnce(
  texts: readonly { file: string; text: string }[],
  selection: { vm?: readonly string[]; filter?: string } = {},
): LintResult {
  const input = readInput(texts);
  return plain(lint(Object.keys(selection).length === 0 ? input : select(input, selection)));
}

/** As JSON writes it. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** What is said of a way: the answer with its captures, or why there is none. */
type Way = { readonly result: unknown; readonly capture: unknown } | { readonly error: string };

async function wayOf(
  sessions: PathSessions,
  fields: PathFields,
  answer: () => Promise<PathResult>,
): Promise<Way> {
  try {
    const result = await answer();
    return { result: plain(result), capture: plain(pathCaptures(sessions, fields, result)) };
  } catch (error) {
    if (error instanceof FlowError || error instanceof PathError)
      return { error: `${error.field}: ${error.message}` };
    throw error;
  }
}

export async function pathApart(open: OpenSession, fields: PathFields): Promise<Way> {
  const { sessions, answer } = await apartSessions(open.session, fields, open.ask);
  return wayOf(sessions, fields, answer);
}

export function pathAtOnce(
  texts: readonly { file: string; text: string }[],
  fields: PathFields,
): Promise<Way> {
  const sessions = readPathSessions(texts);
  return wayOf(sessions, fields, async () => pathOf(sessions, fields));
}
