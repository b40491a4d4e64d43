import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import type { DiffResult } from "../../src/engine/results.ts";
import { expectGolden } from "../support/golden.ts";
import { run } from "../support/run.ts";
import { faults, published } from "../report/schemas.ts";

/**
 * Changes as they come before a change board: a folder each, with the policy before and after, and what `dfwlint diff`
 * says of it for people and for a pull request. UPDATE_GOLDEN=1 writes them; read the difference before it is committed.
 */

const ROOT = fileURLToPath(new URL("../../rules-fixtures/reviews/", import.meta.url));
const reviews = readdirSync(ROOT).toSorted();
const schema = published("diff");

async function diff(name: string, sides: readonly [string, string], format: string): Promise<string> {
  const args = ["diff", ...sides, "--format", format, "--no-config", "--fail-on", "never"];
  const { stdout, stderr, code } = await run(args, join(ROOT, name));
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  return stdout;
}

async function json(name: string, sides: readonly [string, string]): Promise<DiffResult> {
  return JSON.parse(await diff(name, sides, "json")) as DiffResult;
}

/** What each review has to say, by kind. */
const EXPECTED: Readonly<Record<string, Partial<DiffResult["summary"]>>> = {
  "change-alg": { treatment: 1 },
  "change-log-only": { treatment: 2 },
  "deny-too-low": { attribution: 1 },
  "open-a-port": { "newly-accepted": 1 },
  "pure-renumbering": {},
  reorder: { "newly-accepted": 1 },
  "replace-a-group": { "newly-accepted": 1, "newly-denied": 1 },
  "split-a-rule": { "newly-denied": 1, attribution: 2 },
  "swap-set-members": { "newly-accepted": 3, "newly-denied": 4 },
  "tighten-the-catch-all": { "newly-denied": 1 },
};

it("every review has its expectation, and every expectation a review", () => {
  expect(reviews).toEqual(Object.keys(EXPECTED).toSorted());
  expect(reviews.every((name) => existsSync(join(ROOT, name, "before/rules.txt")))).toBe(true);
});

describe.each(reviews)("%s", (name) => {
  it("reads as it should, for people and in a pull request", async () => {
    expectGolden(join(ROOT, name, "expected.pretty.txt"), await diff(name, ["before", "after"], "pretty"));
    expectGolden(join(ROOT, name, "expected.md"), await diff(name, ["before", "after"], "markdown"));
  });

  it("is JSON as schema/diff-1 says, with the changes that it is about and no others", async () => {
    const result = await json(name, ["before", "after"]);
    expect(faults(schema, result)).toEqual([]);
    const counts = Object.entries(result.summary).filter(([, count]) => count > 0);
    expect(Object.fromEntries(counts)).toEqual(EXPECTED[name]);
    const [filter] = result.filters;
    for (const { edits } of filter!.changes) expect(edits.length).toBeGreaterThan(0);
    const noVerdict = ["newly-accepted", "newly-denied", "verdict"] as const;
    expect(result.equivalent).toBe(noVerdict.every((kind) => result.summary[kind] === 0));
    expect(result.sameTreatment).toBe(result.equivalent && result.summary.treatment === 0);
  });

  it("is mirrored the other way round, and nothing against itself", async () => {
    const [there, back, none] = await Promise.all([
      json(name, ["before", "after"]),
      json(name, ["after", "before"]),
      json(name, ["before", "before"]),
    ]);
    const mirror = (result: DiffResult, turn: boolean): string[] =>
      result.filters
        .flatMap(({ changes }) =>
          changes.map(({ kind, before, after, region, size }) => {
            const turned =
              kind === "newly-accepted" ? "newly-denied" : kind === "newly-denied" ? "newly-accepted" : kind;
            // The rules differ in the file that they stand in, and sets in the side that names them.
            const ids = [before, after].map(({ verdict, rule }) => `${verdict} ${rule?.id}`);
            return JSON.stringify([
              turn ? turned : kind,
              turn ? ids.toReversed() : ids,
              region.length > 0,
              size,
            ]);
          }),
        )
        .toSorted();
    expect(mirror(back, true)).toEqual(mirror(there, false));
    expect(none).toMatchObject({ equivalent: true, sameTreatment: true });
    expect(none.filters.map(({ changes, edits, addrsets }) => [changes, edits, addrsets])).toEqual([
      [[], [], []],
    ]);
  });
});
