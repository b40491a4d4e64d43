import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { FilterAnalysis } from "../../src/analysis/analysis.ts";
import type { Filter, Rule } from "../../src/model/rule.ts";
import { filterOf } from "../support/dumps.ts";
import { smallDump } from "../support/universe.ts";

/** What is known of each rule, with its own list's positions for rules. */
function answers(analysis: FilterAnalysis): unknown {
  return analysis.lists.map((list) => {
    const index = (rule: Rule): number => list.rules.indexOf(rule);
    return list.facts.map(({ rule, status, by, certain }, position) => ({
      rule: index(rule),
      status,
      by: by.map(index),
      certain,
      removable: list.isRemovable(position),
    }));
  });
}

const alone = (filter: Filter): unknown => answers(FilterAnalysis.ofAll([filter])[0]!);

describe("filters that are analysed together share classes and answers, and that changes none", () => {
  it("whether they are equal or not", () => {
    fc.assert(
      fc.property(smallDump({ known: false, most: 5 }), smallDump({ known: true, most: 5 }), (one, two) => {
        const filters = [filterOf(one), filterOf(two), filterOf(one), filterOf(two)];
        expect(FilterAnalysis.ofAll(filters).map(answers)).toEqual(filters.map(alone));
      }),
      { numRuns: 300 },
    );
  });
});
