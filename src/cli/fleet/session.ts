import { notApplicable } from "../../checks/not-applicable.ts";
import type { Question, SetMembers } from "../../engine/parts/apart.ts";
import { setsAskedFor } from "../../engine/query.ts";
import type { ApartInfrastructure } from "../../engine/parts/places.ts";
import {
  differingSets,
  infrastructureOfRest,
  narrowedTo,
  partsOf,
  sessionOf,
  withoutPlaces,
  type Part,
  type ReadPart,
  type Session,
} from "../../engine/parts/session.ts";
import type { Candidate } from "../../engine/lint.ts";
import { FlowError, type FlowFields } from "../../model/flow.ts";
import { seenVnicOf, type SeenVnic } from "../../model/seen-addresses.ts";
import type { Selection } from "../../engine/select.ts";
import type { Block } from "../../syntax/blocks.ts";
import { MEBIBYTE } from "../bytes.ts";
import { UserError } from "../io.ts";
import { MOST_BYTES } from "../read.ts";
import type { Answers } from "./answers.ts";
import { decodeUtf8, textOf, type SessionFile } from "./cut.ts";
import { unpacked, type Job, type PackedAnswer, type Unpacked } from "./job.ts";

/** A session that was read, with what its filters answered. */
export interface OpenSession {
  readonly session: Session;
  readonly files: readonly SessionFile[];
  /** Sets of filters read apart that the question names. */
  readonly sets: readonly SetMembers[];
  /** What the filter of that name answered; null if it was not read apart. */
  answerOf(name: string): Unpacked | null;
  /** Asks one that was read apart something else. */
  readonly ask: (name: string, question: Question) => Promise<Unpacked>;
  /** Where the text of one stands that was read apart; null of any other. */
  textOf(name: string): PartText | null;
  /** What the checks of one filter found in it. */
  foundIn(name: string): readonly Candidate[];
}

/** The text of a filter in its files. */
export interface PartText extends Omit<Job, "question"> {
  /** Equal for equal text. */
  readonly key: string;
}

export interface SessionOptions {
  /** What every filter that is asked about is asked, given the infrastructure of the host. */
  readonly question: (infrastructure: readonly ApartInfrastructure[]) => Question;
  readonly selection: Selection;
  readonly budget: number | undefined;
  readonly onFilter?: (done: number, total: number) => void;
}

type Apart = Extract<PackedAnswer, { kind: "apart" }>;

/**
 * Reads a session: its filters apart, each text once, and then the rest.
 * @throws UserError, SelectionError, FlowError
 */
export async function openSession(
  files: readonly SessionFile[],
  answers: Answers,
  options: SessionOptions,
): Promise<OpenSession> {
  const parts = partsOf(files, decodeUtf8);
  const infrastructure = withoutPlaces(infrastructureOfRest(files, decodeUtf8));
  const question = options.question(infrastructure);
  const first = await readApart(files, parts, answers, question, options);
  // Only findings depend on the addresses of the host.
  const same = (session: Session): boolean =>
    question.kind !== "lint" ||
    infrastructureKey(withoutPlaces(session.infrastructure)) === infrastructureKey(infrastructure);
  if (first !== null && same(first.session)) return first;
  // Something in it is not what it seems: it is read as a whole, as a small input is.
  const all = files.flatMap(({ blocks }) => blocks.filter(({ filter }) => filter !== null));
  const more = await textsOf(files, all);
  return {
    session: narrowed(sessionOf(files, [], more, decodeUtf8, engineOptions(options))!, options),
    files,
    sets: [],
    answerOf: () => null,
    ask: (name) => Promise.reject(new Error(`${name} was not read apart`)),
    textOf: () => null,
    foundIn: () => [],
  };
}

async function readApart(
  files: readonly SessionFile[],
  parts: readonly Part[],
  answers: Answers,
  asked: Question,
  options: SessionOptions,
): Promise<OpenSession | null> {
  const all = options.selection.vm === undefined && options.selection.filter === undefined;
  let question = asked;
  const known = new Map<string, Apart>();
  const odd: Part[] = [];
  let done = 0;
  const ask = async (part: Part, asked: Question): Promise<Apart | null> => {
    const { key, ...text } = partText(part, files);
    const bytes = text.pieces.reduce((sum, { start, end }) => sum + end - start, 0);
    const { file } = files[part.pieces[0]!.file]!;
    if (bytes > MOST_BYTES)
      throw new UserError(`${file}: filter ${part.name} alone is larger than ${MOST_BYTES / MEBIBYTE} MiB`);
    const job = { ...text, question: asked };
    const answer = await answers.ask({ text: key, question: questionKey(asked) }, job, file);
    if (answer.kind === "flow") throw new FlowError(answer.field as keyof FlowFields, answer.message);
    return answer.kind === "apart" ? answer : null;
  };
  // Whose sets are asked for by name is known once all filters are.
  const named = question.kind === "query" ? setsAskedFor(question.fields) : [];
  const atOnce = all && named.length === 0;
  await Promise.all(
    parts.map(async (part) => {
      const answer = await ask(part, atOnce ? question : { kind: "facts" });
      if (answer === null) odd.push(part);
      else known.set(part.name, answer);
      done += 1;
      options.onFilter?.(done, parts.length);
    }),
  );
  // Which of those that are called the same is whose is certain only if each is one.
  const unsure = new Set(
    parts.flatMap(({ name, printedName, shared }) =>
      shared && (known.get(name)?.facts ?? null) === null ? [printedName] : [],
    ),
  );
  for (const part of parts) if (unsure.has(part.printedName) && known.delete(part.name)) odd.push(part);
  const apart = parts.filter(({ name }) => known.has(name));
  const more = await textsOf(
    files,
    odd.flatMap(({ pieces }) => pieces.map(({ block }) => block)),
  );
  const build = (sets: ReadonlyMap<string, ReadPart["sets"]>): Session | null =>
    sessionOf(
      files,
      apart.map((part): ReadPart => ({
        part,
        answer: known.get(part.name)!,
        sets: sets.get(part.name) ?? [],
      })),
      more,
      decodeUtf8,
      engineOptions(options),
    );
  let session = build(new Map());
  if (session === null) return null;
  if (question.kind === "lint") {
    const differing = differingSets(session);
    if (differing.size > 0) {
      const sets = new Map(
        await Promise.all(
          apart
            .filter(({ name }) => differing.has(name))
            .map(async (part) => {
              const answer = await ask(part, { kind: "sets", names: differing.get(part.name)! });
              return [part.name, unpacked(answer!).sets] as const;
            }),
        ),
      );
      session = build(sets)!;
    }
  }
  const sets: SetMembers[] = [];
  for (const name of named) {
    const definer = apart.find((part) => known.get(part.name)!.facts?.sets.some((set) => set.name === name));
    if (definer === undefined) continue;
    if (known.get(definer.name)!.facts!.sets.find((set) => set.name === name)!.members === null) return null;
    sets.push(...unpacked((await ask(definer, { kind: "sets", names: [name] }))!).sets);
  }
  if (question.kind === "query") question = { ...question, sets };
  session = narrowed(session, options);
  if (!atOnce) {
    await Promise.all(
      session.input.model.filters.map(async ({ name }) => {
        const part = apart.find((one) => one.name === name);
        if (part !== undefined) known.set(part.name, (await ask(part, question))!);
      }),
    );
  }
  const foreign = await notApplicableIn(session, apart, question, ask);
  const keys = new Map(parts.map(({ name, key }) => [name, key]));
  const open = new Map<string, Unpacked>();
  const answerOf = (name: string): Unpacked | null => {
    const answer = known.get(name);
    if (answer === undefined) return null;
    const key = keys.get(name)!;
    const before = open.get(key);
    if (before !== undefined) return before;
    const fresh = unpacked(answer);
    open.set(key, fresh);
    return fresh;
  };
  return {
    session,
    files,
    sets,
    answerOf,
    ask: async (name, asked) => {
      const answer = await ask(
        apart.find((part) => part.name === name)!,
        asked,
      );
      return unpacked(answer!);
    },
    textOf: (name) => {
      const part = apart.find((one) => one.name === name);
      return part === undefined ? null : partText(part, files);
    },
    foundIn: (name) => [...(answerOf(name)?.found ?? []), ...(foreign.get(name) ?? [])],
  };
}

function partText({ pieces, key }: Part, files: readonly SessionFile[]): PartText {
  return {
    key,
    pieces: pieces.map(({ file, block }) => ({
      path: files[file]!.path,
      start: block.body,
      end: block.end,
      hash: block.hash,
    })),
    last: pieces.at(-1)!.last,
  };
}

/** Equal for equal questions of one command. */
export function questionKey(question: Question): string {
  const { kind } = question;
  switch (kind) {
    case "facts":
    case "rules":
      return kind;
    case "lint":
      return `${kind} ${infrastructureKey(question.infrastructure)}`;
    case "query":
      return `${kind} ${JSON.stringify(question.sets)}`;
    case "sets":
      return `${kind} ${JSON.stringify(question.names)}`;
    case "path":
    case "compare":
      return `${kind} ${JSON.stringify(question)}`;
    case "applicable":
      return `${kind} ${JSON.stringify(question.vnics)}`;
  }
}

/** Equal filters of vNICs with different addresses are asked about at once: their text is read once. */
async function notApplicableIn(
  { input, hosts }: Session,
  parts: readonly Part[],
  question: Question,
  ask: (part: Part, question: Question) => Promise<Apart | null>,
): Promise<ReadonlyMap<string, readonly Candidate[]>> {
  const found = new Map<string, readonly Candidate[]>();
  if (question.kind !== "lint" || question.settings.vnicAddresses !== null) return found;
  const { settings, severities } = question;
  if (severities?.get(notApplicable.id) === "off") return found;
  const groups = new Map<string, { part: Part; names: string[]; vnics: SeenVnic[] }>();
  for (const { name } of input.model.filters) {
    const part = parts.find((one) => one.name === name);
    const seen = name === null ? null : seenVnicOf(hosts, name);
    if (part === undefined || seen === null) continue;
    const group = groups.get(part.key) ?? { part, names: [], vnics: [] };
    group.names.push(part.name);
    group.vnics.push(seen);
    groups.set(part.key, group);
  }
  await Promise.all(
    [...groups.values()].map(async ({ part, names, vnics }) => {
      const answer = await ask(part, { kind: "applicable", settings, severities, vnics });
      const { notApplicable: lists } = unpacked(answer!);
      for (const [index, name] of names.entries()) found.set(name, lists[index]!);
    }),
  );
  return found;
}

function narrowed(session: Session, { selection }: SessionOptions): Session {
  return selection.vm === undefined && selection.filter === undefined
    ? session
    : narrowedTo(session, selection);
}

function engineOptions({ budget }: SessionOptions): { budget?: number } {
  return budget === undefined ? {} : { budget: budget * 1_000_000 };
}

/** Texts of blocks that have to be read with the rest. */
async function textsOf(files: readonly SessionFile[], blocks: readonly Block[]): Promise<Map<Block, string>> {
  const bytes = blocks.reduce((sum, { body, end }) => sum + end - body, 0);
  if (bytes > MOST_BYTES)
    throw new UserError(
      `${files.map(({ file }) => file).join(", ")}: more than ${MOST_BYTES / MEBIBYTE} MiB cannot be told apart by their prompts: give fewer filters at once`,
    );
  const texts = new Map<Block, string>();
  for (const file of files)
    for (const block of file.blocks) if (blocks.includes(block)) texts.set(block, await textOf(file, block));
  return texts;
}

function infrastructureKey(infrastructure: readonly ApartInfrastructure[]): string {
  // Addresses may be large numbers.
  return JSON.stringify(infrastructure, (_, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
}
