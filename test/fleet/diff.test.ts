import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "@jest/globals";
import { diffOfLarge } from "../../src/cli/fleet/diff.ts";
import { UserError } from "../../src/cli/io.ts";
import { loadPolicies, planPolicy } from "../../src/cli/policies.ts";
import { diff } from "../../src/engine/diff.ts";
import { ROOT, dfwlint } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { session } from "./random-session.ts";
import { ioIn, plain } from "./support.ts";

/** What changes between two policies is the same whether they are read at once or a pair of filters at a time. */

interface Chosen {
  readonly vm?: readonly string[];
  readonly filter?: string;
}

/** The result and what is said beside it; null where they are not read apart. */
interface Outcome {
  readonly said:
    { readonly result: unknown; readonly incomplete: boolean } | { readonly error: string } | null;
  readonly stderr: string;
}

async function outcomeOf(
  folder: string,
  ask: (io: ReturnType<typeof ioIn>) => Promise<{ result: unknown; incomplete: boolean } | null>,
): Promise<Outcome> {
  const io = ioIn(folder);
  const stderr = (): string => String((io.stderr as PassThrough).read() ?? "");
  try {
    const said = await ask(io);
    return { said: plain(said), stderr: stderr() };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { said: { error: error.message }, stderr: stderr() };
  }
}

const OPTIONS = { base: undefined, head: undefined, config: false, output: undefined, quiet: true } as const;

function atOnce(folder: string, policies: readonly [string, string], chosen: Chosen): Promise<Outcome> {
  return outcomeOf(folder, async (io) => {
    const options = { ...OPTIONS, vm: chosen.vm, filter: chosen.filter };
    const { before, after, pairs, incomplete } = await loadPolicies(policies, options, io);
    return { result: diff(before, after, { pairs }), incomplete };
  });
}

function apart(folder: string, [before, after]: readonly [string, string], chosen: Chosen): Promise<Outcome> {
  return outcomeOf(folder, async (io) => {
    const planned = [(await planPolicy(before, undefined, io))!, (await planPolicy(after, undefined, io))!];
    return diffOfLarge(
      [planned[0]!.planned, planned[1]!.planned],
      { output: undefined, quiet: true, budget: undefined, vm: chosen.vm, filter: chosen.filter },
      io,
    );
  });
}

const FIXTURES = join(ROOT, "rules-fixtures");

describe("every fixture of hosts", () => {
  const cases: readonly (readonly [folder: string, before: string, after: string, chosen?: Chosen])[] = [
    ["host-changes/mill", "before.log", "after.log"],
    ["host-changes/mill", "after.log", "before.log"],
    ["host-changes/mill", "before.log", "before.log"],
    ["host-changes/mill", "before.log", "after.log", { vm: ["saw"] }],
    ["host-changes/mill", "before.log", "after.log", { vm: ["nobody"] }],
    ["paths/mill", "esx-01.log", "esx-02.log"],
    ["fleets/harbour/sessions", "quay-01.log", "quay-02.log"],
    ["fleets/harbour", "sessions/quay-01.log,sessions/quay-02.log", "sessions/quay-01b.log"],
  ];

  it.each(cases)("%s: %s, %s", async (name, before, after, chosen = {}) => {
    const folder = join(FIXTURES, name);
    const parted = await apart(folder, [before, after], chosen);
    expect(parted.said).not.toBeNull();
    expect(parted).toEqual(await atOnce(folder, [before, after], chosen));
  });
});

const texts = [
  "host-changes/mill/before.log",
  "host-changes/mill/after.log",
  "paths/mill/esx-01.log",
  "fleets/harbour/sessions/quay-01.log",
  "fleets/harbour/sessions/quay-02.log",
].map((name) => readFileSync(join(FIXTURES, name), "utf8"));
const log = fc.oneof(session, { weight: 3, arbitrary: fc.constantFrom(...texts) });

/** A session as somebody may find it a day later. */
const edit = fc.constantFrom(
  (text: string) => text.replace(" accept", " drop"),
  (text: string) => text.replace(/ at (\d+)/g, (_, at: string) => ` at ${Number(at) + 1}`),
  (text: string) => text.replace(/^ {2}rule .*\n/m, ""),
  (text: string) => text.replace(/^ip 10\..*\n/m, "ip 10.99.0.0/16,\n"),
  (text: string) => text.replaceAll("nic-7001-", "nic-8001-"),
  (text: string) => text,
);

it("agrees on random sessions and what was edited in them", async () => {
  const folder = temporaryFolder({});
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      log,
      fc.oneof(log, { weight: 2, arbitrary: fc.constant(null) }),
      edit,
      edit,
      async (one, other, first, second) => {
        writeFileSync(join(folder, "before.log"), one);
        writeFileSync(join(folder, "after.log"), other ?? second(first(one)));
        const parted = await apart(folder, ["before.log", "after.log"], {});
        if (parted.said === null) return;
        expect(parted).toEqual(await atOnce(folder, ["before.log", "after.log"], {}));
        if ("result" in parted.said && (parted.said.result as { filters: unknown[] }).filters.length > 0)
          compared += 1;
      },
    ),
    { numRuns: 150 },
  );
  // Most of them are told apart: else nothing would be compared.
  expect(compared).toBeGreaterThan(20);
});

it("a file of a folder that cannot be read is no change, but an error", async () => {
  const log = readFileSync(join(FIXTURES, "host-changes/mill/before.log"), "utf8");
  const cwd = temporaryFolder({});
  for (const folder of ["before", "after"]) {
    mkdirSync(join(cwd, folder));
    for (const name of ["a.log", "b.log"]) writeFileSync(join(cwd, folder, name), log);
  }
  writeFileSync(join(cwd, "after/b.log"), `[root@a:~] date\n${"x".repeat(17 * 2 ** 20)}`);
  const { stdout, stderr, code } = await dfwlint(["diff", "before", "after", "--no-config"], { cwd });
  expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
  expect(stderr).toMatch(/^dfwlint: after\/b\.log: a line is longer than 16 MiB[^\n]*\n$/);
});
