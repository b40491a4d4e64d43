import { expect, it } from "@jest/globals";
import { diff } from "../../src/engine/diff.ts";
import { readInput } from "../../src/engine/input.ts";
import type { DiffFilterResult, DiffResult } from "../../src/engine/results.ts";

const SETS = `addrset desks {
ip 10.77.1.0/24,
}
addrset files {
ip 10.77.9.5,
}
`;
const RULES = [
  "rule 101 at 1 inout protocol tcp from addrset desks to addrset files port 445 accept;",
  "rule 102 at 2 inout protocol tcp from addrset desks to addrset files port 139 accept;",
  "rule 103 at 3 inout protocol tcp from any to addrset files drop;",
  "rule 104 at 4 inout protocol tcp from addrset desks to addrset files port 3260 drop;",
  "rule 105 at 5 inout protocol any from any to any drop;",
];

function compare(before: readonly string[], after: readonly string[], sets = [SETS, SETS]): DiffResult {
  const [was, is] = [before, after].map((rules, side) =>
    readInput([
      { file: "rules.txt", text: `ruleset mainrs {\n${rules.map((rule) => `  ${rule}\n`).join("")}}\n` },
      { file: "sets.txt", text: sets[side]! },
    ]),
  );
  return diff(was!, is!);
}

function only({ filters }: DiffResult): DiffFilterResult {
  expect(filters).toHaveLength(1);
  return filters[0]!;
}

it("a rule that passes another with which it shares no packet changes nothing, and it is said", () => {
  const result = compare(RULES, [RULES[1]!, RULES[0]!, ...RULES.slice(2)]);
  expect(result).toMatchObject({ equivalent: true, sameTreatment: true });
  expect(only(result).edits).toMatchObject([
    { type: "moved", effects: [], note: "no rule that it passed decides its packets otherwise" },
  ]);
});

it("an edit of a rule that nothing reaches has no effect, and the rule that takes its packets is named", () => {
  const result = compare(RULES, RULES.with(3, RULES[3]!.replace("drop", "accept")));
  expect(result).toMatchObject({ equivalent: true, sameTreatment: true });
  expect(only(result).edits).toMatchObject([
    {
      type: "edited",
      id: 104,
      fields: ["action"],
      values: [{ field: "action", before: ["drop"], after: ["accept"] }],
      effects: [],
      note: "it can never be reached: rule 103 at 3 takes its packets first",
    },
  ]);
});

it("a rule that nothing reached is taken away without effect", () => {
  const result = compare(RULES, RULES.toSpliced(3, 1));
  expect(result).toMatchObject({ equivalent: true, sameTreatment: true });
  expect(only(result).edits).toMatchObject([{ type: "removed", id: 104, effects: [] }]);
});

it("what a set gains and loses is told with the sets' names and the edits behind it", () => {
  const result = compare(RULES, RULES, [SETS, SETS.replace("10.77.9.5", "10.77.9.6")]);
  const { changes, addrsets } = only(result);
  expect(addrsets).toMatchObject([{ name: "files", gained: ["10.77.9.6"], lost: ["10.77.9.5"], rules: 4 }]);
  expect(changes.filter(({ kind }) => kind === "newly-accepted").map(({ region }) => region)).toMatchObject([
    [{ srcName: "desks", dst: ["10.77.9.6"], dstPorts: ["445"] }],
    [{ srcName: "desks", dst: ["10.77.9.6"], dstPorts: ["139"] }],
  ]);
});

it("the same words about an undefined set are the same, and other words are not", () => {
  const unknown = RULES.with(0, RULES[0]!.replace("addrset desks", "addrset lost"));
  const same = compare(unknown, unknown);
  expect(same.equivalent).toBe(true);
  expect(only(same).assumptions).toEqual(["address set lost is not defined in the input"]);
  const other = compare(unknown, unknown.with(0, unknown[0]!.replace("addrset lost", "addrset found")));
  expect(other.equivalent).toBe(false);
  expect(other.summary.uncertain).toBeGreaterThan(0);
  expect(only(other).changes).toEqual([]);
});
