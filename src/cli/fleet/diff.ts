import type { FilterAnalysis } from "../../analysis/analysis.ts";
import { joinedDiff, ofFilters } from "../../engine/diff.ts";
import { mayHoldDump, type Input } from "../../engine/input.ts";
import { pairFilters, selectPairs, type FilterPairs } from "../../engine/pairs.ts";
import { placed, type FilterPlace } from "../../engine/parts/places.ts";
import type { DiffFilterResult, DiffResult } from "../../engine/results.ts";
import type { Io } from "../io.ts";
import { choosingBy, sayFaults, type PlannedInput } from "../read.ts";
import { Answers } from "./answers.ts";
import { decodeUtf8, type SessionFile } from "./cut.ts";
import { unpacked } from "./job.ts";
import { questionKey, type OpenSession } from "./session.ts";
import { startPool } from "./pool.ts";
import { cutTogether, openCut, type CutTogether, type Together } from "./together.ts";

/** Two policies that are too large to be read at once: of their filters only a pair is read at a time, in threads. */

export interface LargeDiffOptions {
  readonly output: string | undefined;
  readonly quiet: boolean;
  readonly budget: number | undefined;
  readonly vm: readonly string[] | undefined;
  readonly filter: string | undefined;
  readonly onPair?: (done: number, total: number) => void;
}

/** Null if they have to be read at once. */
export async function diffOfLarge(
  planned: readonly [before: PlannedInput, after: PlannedInput],
  options: LargeDiffOptions,
  io: Io,
): Promise<{ readonly result: DiffResult; readonly incomplete: boolean } | null> {
  const choosing = await choosingBy(options);
  const cut = [await cutPolicy(planned[0], options, io), await cutPolicy(planned[1], options, io)] as const;
  // Rules that were saved without their prompt are all of one filter, or nobody's.
  if (!cut.every(({ files }) => files.some(({ blocks }) => blocks.some(({ filter }) => filter !== null))))
    return null;
  const before = await openCut(cut[0], options, io, new Answers(startPool(io)));
  try {
    const after = await openCut(cut[1], options, io, before.answers);
    const [was, is] = [before.open.session.input, after.open.session.input];
    const asked: { before: Input; after: Input; pairs: FilterPairs } =
      choosing === null
        ? { before: was, after: is, pairs: pairFilters(was, is) }
        : choosing.choose(() => selectPairs(was, is, options));
    const { pairs } = asked;
    const isApart = ({ open }: Together, { filter }: FilterAnalysis): boolean =>
      filter.name !== null && open.textOf(filter.name) !== null;
    if (!pairs.pairs.every(([one, other]) => isApart(before, one) && isApart(after, other))) return null;
    const incomplete = [asked.before, asked.after].map((side) => sayFaults(side, io)).includes(true);
    let done = 0;
    const filters = await Promise.all(
      pairs.pairs.map(async (pair) => {
        const result = await compare(pair, [before.open, after.open], before.answers, pairs, options);
        done += 1;
        options.onPair?.(done, pairs.pairs.length);
        return result;
      }),
    );
    return { result: joinedDiff(filters, pairs), incomplete };
  } finally {
    await before.close();
  }
}

function cutPolicy(planned: PlannedInput, { output }: LargeDiffOptions, io: Io): Promise<CutTogether> {
  const options = planned.kind === "fleet" ? { output, isWanted: mayHold } : { output };
  return cutTogether(planned, options, io, (error) => {
    throw error;
  });
}

/** Whether a file may be a part of a policy: others, such as notes, are passed over. */
function mayHold({ blocks }: SessionFile): boolean {
  return blocks.some(
    ({ filter, kept }) => filter !== null || (kept !== null && mayHoldDump(decodeUtf8(kept))),
  );
}

async function compare(
  [before, after]: FilterPairs["pairs"][number],
  [was, is]: readonly [OpenSession, OpenSession],
  answers: Answers,
  { vnics }: FilterPairs,
  { budget }: LargeDiffOptions,
): Promise<DiffFilterResult> {
  const [name, nameBefore] = [after.filter.name!, before.filter.name!];
  const [one, other] = [was.textOf(nameBefore)!, is.textOf(name)!];
  const question = {
    kind: "compare",
    pieces: one.pieces.length,
    last: one.last,
    budget: budget === undefined ? undefined : budget * 1_000_000,
  } as const;
  const pieces = [...placeOf(was, nameBefore).pieces, ...placeOf(is, name).pieces];
  const answer = await answers.ask(
    { text: `${one.key} / ${other.key}`, question: questionKey(question) },
    { pieces: [...one.pieces, ...other.pieces], last: other.last, question },
    [...new Set(pieces.map(({ file }) => file))].join(" or "),
  );
  if (answer.kind !== "apart") throw new Error(`${name} was read apart before, and now it is not`);
  const place: FilterPlace = { name, nameBefore, pieces, infrastructure: [] };
  return ofFilters(placed(unpacked(answer).compared!, place), before, after, vnics);
}

function placeOf({ session }: OpenSession, name: string): FilterPlace {
  return session.parts.get(name)!.place;
}
