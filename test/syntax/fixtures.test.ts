import { describe, expect, it } from "@jest/globals";
import { printItems } from "../../src/syntax/print.ts";
import { fixturesIn, golden } from "./fixtures.ts";
import { itemsOf, problemsOf, withoutRanges } from "./support.ts";

describe("rules-fixtures/ok", () => {
  it.each(fixturesIn("ok"))("$name reads without a problem, as its printed form says", (fixture) => {
    const printed = printItems(itemsOf(fixture.text));
    expect(printed).toBe(golden(fixture, "printed", printed));
  });
});

describe("rules-fixtures/broken", () => {
  it.each(fixturesIn("broken"))("$name has the problems that are written beside it", (fixture) => {
    const file = fixture.name.replace(/^broken\//, "");
    const problems = problemsOf(fixture.text)
      .map((problem) => `${file}:${problem}\n`)
      .join("");
    expect(problems).toBe(golden(fixture, "problems", problems));
  });
});

describe("rules-fixtures/seed", () => {
  it.each(fixturesIn("seed"))("$name reads without a problem", ({ text }) => {
    expect(problemsOf(text)).toEqual([]);
  });

  it("session.md holds the same rulesets and sets as the two files", () => {
    const blocks = (name: string): unknown => {
      const { text } = fixturesIn("seed").find((fixture) => fixture.name === name)!;
      return withoutRanges(itemsOf(text).filter(({ type }) => type === "ruleset" || type === "addrset"));
    };
    const [rules, addrsets, session] = ["rules.txt", "addrsets.txt", "session.md"].map((name) =>
      blocks(`seed/${name}`),
    );
    expect(session).toEqual([...(addrsets as unknown[]), ...(rules as unknown[])]);
  });
});
