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
    return list.facts.map(({ rule, status, by, certain, witness }, position) => ({
      rule: index(rule),
      status,
      by: by.map(index),
      certain,
      witness,
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

  it("where they have the same sets and other verdicts, or the same rules and other sets", () => {
    fc.assert(
      fc.property(smallDump({ known: false, most: 6 }), (one) => {
        const swapped = one.replaceAll(/ (?:accept|drop)\b/g, (verdict) =>
          verdict === " drop" ? " accept" : " drop",
        );
        const moved = one.replaceAll("10.0.0.2", "10.0.0.3");
        const filters = [one, swapped, moved].map((text) => filterOf(text));
        expect(FilterAnalysis.ofAll(filters).map(answers)).toEqual(filters.map(alone));
      }),
      { numRuns: 200 },
    );
  });
});

describe("the classes of a field are worked out once for all filters with the same sets over it", () => {
  const dump = (web: string, rules: string): string => `ruleset domain-c1 {
  ${rules}
}
addrset office {
ip 10.20.0.0/16,
}
addrset web {
ip ${web},
}`;
  const policy = (port: number, verdict: string): string =>
    `rule 1 at 1 inout protocol tcp from addrset office to addrset web port ${port} ${verdict};`;
  const dimensions = (...texts: string[]): (readonly unknown[])[] =>
    FilterAnalysis.ofAll(texts.map((text) => filterOf(text))).map(
      (analysis) => analysis.list("firewall")!.planes[0]!.dimensions,
    );

  it("all four where only verdicts differ", () => {
    const [one, other] = dimensions(
      dump("10.1.1.10", policy(443, "accept")),
      dump("10.1.1.10", policy(443, "drop")),
    );
    expect(other!.map((dimension, field) => dimension === one![field])).toEqual([true, true, true, true]);
  });

  it("those of the addresses where ports differ, and the source's where the destination differs", () => {
    const [one, ports, destination] = dimensions(
      dump("10.1.1.10", policy(443, "accept")),
      dump("10.1.1.10", policy(80, "accept")),
      dump("10.1.1.11", policy(443, "accept")),
    );
    expect(ports!.map((dimension, field) => dimension === one![field])).toEqual([true, true, true, false]);
    expect(destination!.map((dimension, field) => dimension === one![field])).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it("never one for two fields of a filter, because a dimension answers one question at a time", () => {
    const [own] = dimensions(`ruleset domain-c1 {
  rule 1 at 1 inout protocol tcp from ip 10.1.1.0/24 to ip 10.1.1.0/24 port 443 accept;
}`);
    expect(own![0]).not.toBe(own![1]);
  });
});
