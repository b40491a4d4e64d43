import type { Writable } from "node:stream";
import { placed } from "../../engine/parts/places.ts";
import { setsFrom } from "../../engine/parts/apart.ts";
import { ownInput } from "../../engine/parts/session.ts";
import { query } from "../../engine/query.ts";
import type { Question } from "../../engine/parts/apart.ts";
import { VERSION, type QueryResult, type RulesResult } from "../../engine/results.ts";
import { FlowError } from "../../model/flow.ts";
import { describeRules } from "../../engine/rules.ts";
import type { Input } from "../../engine/input.ts";
import { safe, safeJson } from "../../report/safe.ts";
import { hostsText, sameText } from "../../report/words.ts";
import { write, type Io } from "../io.ts";
import { chalkFor, withOutput, type OutputOptions } from "../output.ts";
import type { PlannedInput } from "../read.ts";
import { Fleet, type FleetOptions } from "./each.ts";
import { FileLines } from "./lines.ts";
import type { OpenSession } from "./session.ts";

/** `query` and `rules` of a fleet, or of an input that is too large to be read at once. */

interface Answered {
  readonly version: typeof VERSION;
  readonly filters: readonly { readonly name: string | null }[];
}

/** What a format shows beside the result. */
export interface Shown {
  readonly input: Input;
  /** The text of a line of a file; undefined for those of the input. */
  readonly line?: (file: string, number: number) => string;
}

interface Asking<Result extends Answered> {
  readonly question: Question;
  /** Of the filters that were not read apart. */
  own(input: Input, open: OpenSession): Result["filters"];
  /** Of one that was. */
  apart(answer: NonNullable<ReturnType<OpenSession["answerOf"]>>): Result["filters"];
  /** Null where each session is a line of JSON. */
  readonly format: ((result: Result, shown: Shown) => string) | null;
  /** True if each session has a heading. */
  readonly headed: boolean;
  /** True if all sessions are one result. */
  readonly joined: boolean;
  readonly seen?: (result: Result) => void;
}

/** True if something could not be answered; null if the input has to be read at once. */
export async function askLarge<Result extends Answered>(
  planned: PlannedInput,
  asking: Asking<Result>,
  options: OutputOptions & FleetOptions,
  io: Io,
): Promise<boolean | null> {
  const fleet = await Fleet.of(planned, options, io);
  if (fleet === null) return null;
  try {
    await withOutput(options, io, (out) => answerAll(fleet, asking, out, options, io));
  } finally {
    await fleet.close();
  }
  return fleet.incomplete;
}

async function answerAll<Result extends Answered>(
  fleet: Fleet,
  asking: Asking<Result>,
  out: Writable,
  options: OutputOptions,
  io: Io,
): Promise<void> {
  const { format, joined, seen } = asking;
  const chalk = chalkFor(options, io);
  const all: Result["filters"][number][] = [];
  let shown: Shown | null = null;
  let blank = "";
  const headed = fleet.isFleet && asking.headed && !options.quiet;
  const heading = async (files: readonly string[], rest: string): Promise<void> => {
    if (!headed) return;
    await write(out, `${blank}${chalk.bold(safe(files.join(", ")))}${rest}\n`);
    blank = "\n";
  };
  for await (const outcome of fleet.each(() => asking.question, !joined)) {
    fleet.clear();
    switch (outcome.kind) {
      case "error":
        if (format === null)
          await write(out, `${safeJson({ version: VERSION, files: outcome.names, error: outcome.error })}\n`);
        break;
      case "same": {
        const { names: files, hosts, as: sameAs } = outcome;
        if (format === null) await write(out, `${safeJson({ version: VERSION, files, hosts, sameAs })}\n`);
        else await heading(files, `: ${safe(sameText(sameAs))}`);
        break;
      }
      case "open": {
        const { open } = outcome;
        const files = outcome.files.map(({ file }) => file);
        const filters = asked(fleet, files, () => filtersOf(open, asking));
        if (filters === null) break;
        const result = { version: VERSION, filters } as unknown as Result;
        seen?.(result);
        const lines = new FileLines(outcome.files);
        const here = { input: open.session.input, line: lines.line.bind(lines) };
        shown ??= here;
        const hosts = open.session.hosts.map(({ name }) => name);
        if (joined) all.push(...result.filters);
        else if (format === null)
          await write(
            out,
            `${safeJson({ version: VERSION, files, hosts, sameAs: null, filters: result.filters })}\n`,
          );
        else {
          await heading(files, safe(hostsText(hosts)));
          await write(out, format(result, here));
        }
      }
    }
  }
  fleet.clear();
  if (joined && shown !== null)
    await write(out, format!({ version: VERSION, filters: all } as unknown as Result, shown));
}

/** Null for a session that does not know what the flow names. */
function asked<T>(fleet: Fleet, files: readonly string[], answer: () => T): T | null {
  try {
    return answer();
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    fleet.unasked(files, error);
    return null;
  }
}

function filtersOf<Result extends Answered>(
  open: OpenSession,
  asking: Asking<Result>,
): Result["filters"][number][] {
  const { session } = open;
  const own = new Map(asking.own(ownInput(session), open).map((filter) => [filter.name, filter]));
  return session.input.model.filters.flatMap(({ name }) => {
    const part = name === null ? undefined : session.parts.get(name);
    if (part === undefined || open.answerOf(part.place.name) === null) return own.get(name) ?? [];
    return asking
      .apart(open.answerOf(part.place.name)!)
      .map((filter) => ({ ...placed(filter, part.place), name }));
  });
}

export function queryAsking(
  question: Extract<Question, { kind: "query" }>,
): Pick<Asking<QueryResult>, "question" | "own" | "apart"> {
  return {
    question,
    own: (input, { sets }) =>
      query(input, question.fields, { trace: question.trace, sets: setsFrom(sets) }).filters,
    apart: (answer) => answer.query,
  };
}

export function rulesAsking(
  question: Extract<Question, { kind: "rules" }>,
): Pick<Asking<RulesResult>, "question" | "own" | "apart"> {
  return {
    question,
    own: (input) => describeRules(input, { effect: question.effect }).filters,
    apart: (answer) => answer.rules,
  };
}
