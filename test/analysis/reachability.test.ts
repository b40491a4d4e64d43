import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { IP_KINDS } from "../../src/analysis/boxes.ts";
import { prepareEntries } from "../../src/analysis/entries.ts";
import { firstMatch, matchRule } from "../../src/analysis/first-match.ts";
import { Reachability, type RuleFacts as ListFacts } from "../../src/analysis/reachability.ts";
import type { Rule } from "../../src/model/rule.ts";
import { filterOf, listOf } from "../support/dumps.ts";
import {
  interpretations,
  outcome,
  packetClasses,
  stopper,
  takes,
  type PacketClass,
} from "../support/interpretations.ts";
import { PACKETS, smallDump } from "../support/universe.ts";

const RUNS = 1200;

type RuleFacts = ListFacts & { readonly removable: boolean };

function analyse(rules: readonly Rule[]): RuleFacts[] {
  const reachability = new Reachability(prepareEntries(rules));
  return reachability.facts().map((facts, index) => ({
    ...facts,
    removable: facts.status === "reachable" && reachability.isRemovable(index),
  }));
}

describe("reachability of every rule, against complete enumeration by the naive evaluator", () => {
  it("agrees exactly where the dump says everything", () => {
    fc.assert(
      fc.property(smallDump({ known: true, most: 7 }), (text) => {
        const rules = listOf(filterOf(text));
        const classes = packetClasses(rules, PACKETS);
        for (const [index, facts] of analyse(rules).entries()) {
          expect(facts.certain).toBe(true);
          expect(facts.status).toBe(trueStatus(rules, index, classes));
          expect(facts.removable).toBe(facts.status === "reachable" && isRemovable(rules, index, classes));
          checkBlockers(rules, index, facts, classes);
          checkWitness(rules, index, facts);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("claims nothing that some interpretation of the unknown contradicts", () => {
    fc.assert(
      fc.property(smallDump({ known: false, most: 6 }), (text) => {
        const rules = listOf(filterOf(text));
        const worlds = interpretations(rules);
        fc.pre(worlds !== null);
        const classes = packetClasses(rules, PACKETS);
        for (const [index, facts] of analyse(rules).entries()) {
          const mine = classes.filter(({ matches }) => matches[index] !== "no");
          const reached = mine.some((packets) =>
            worlds.some(
              (world) =>
                takes(rules, index, packets, world) && stopsBefore(rules, index, packets, world) === null,
            ),
          );
          expect(facts.status === "never-matches").toBe(mine.length === 0);
          expect(facts.status === "reachable").toBe(reached);
          if (facts.status === "reachable" && facts.certain) {
            const sure = mine.some((packets) =>
              worlds.every(
                (world) =>
                  takes(rules, index, packets, world) && stopsBefore(rules, index, packets, world) === null,
              ),
            );
            expect(sure).toBe(true);
          }
          const differs = (packets: PacketClass): boolean[] =>
            worlds
              .filter((world) => takes(rules, index, packets, world))
              .map((world) => outcome(rules, stopper(rules, packets, world)) !== outcome(rules, index));
          if (facts.status === "shadowed")
            expect(mine.some((packets) => differs(packets).every(Boolean))).toBe(true);
          if (facts.status === "redundant" && facts.certain) {
            expect(mine.some((packets) => differs(packets).some(Boolean))).toBe(false);
          }
          if (facts.removable) {
            for (const packets of classes) {
              for (const world of worlds) {
                expect(outcome(rules, stopper(rules, packets, world, index))).toBe(
                  outcome(rules, stopper(rules, packets, world)),
                );
              }
            }
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("finds a packet that no rule takes exactly if there is one", () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        smallDump({ known: true, most: 3 }),
        smallDump({ known: false, most: 3 }),
        (known, one, two) => {
          const rules = listOf(filterOf(known ? one : two));
          const gap = new Reachability(prepareEntries(rules)).unmatched(IP_KINDS);
          const classes = packetClasses(rules, PACKETS);
          const certain = classes.some(({ matches }) => matches.every((match) => match === "no"));
          const possible = classes.some((packets) => stopper(rules, packets, nothing) === null);
          expect(gap === null).toBe(!possible);
          if (gap === null) return;
          expect(gap.certain).toBe(certain);
          expect(firstMatch(rules, gap.packet).rule).toBeNull();
        },
      ),
      { numRuns: 600 },
    );
  });

  function stopsBefore(
    rules: readonly Rule[],
    index: number,
    packets: PacketClass,
    world: ReadonlySet<string>,
  ): number | null {
    return stopper(rules.slice(0, index), packets, world);
  }

  const nothing: ReadonlySet<string> = new Set();

  function trueStatus(rules: readonly Rule[], index: number, classes: readonly PacketClass[]): string {
    const mine = classes.filter((packets) => takes(rules, index, packets, nothing));
    if (mine.length === 0) return "never-matches";
    if (mine.some((packets) => stopper(rules, packets, nothing) === index)) return "reachable";
    const same = mine.every(
      (packets) => outcome(rules, stopper(rules, packets, nothing)) === outcome(rules, index),
    );
    return same ? "redundant" : "shadowed";
  }

  function isRemovable(rules: readonly Rule[], index: number, classes: readonly PacketClass[]): boolean {
    return classes.every(
      (packets) =>
        outcome(rules, stopper(rules, packets, nothing, index)) ===
        outcome(rules, stopper(rules, packets, nothing)),
    );
  }

  /** The blockers are earlier rules, together they take everything, and none of them can be left out. */
  function checkBlockers(
    rules: readonly Rule[],
    index: number,
    facts: RuleFacts,
    classes: readonly PacketClass[],
  ): void {
    const blockers = facts.by.map((rule) => rules.indexOf(rule));
    expect(blockers.every((blocker) => blocker < index)).toBe(true);
    if (facts.status !== "shadowed" && facts.status !== "redundant") {
      expect(blockers).toEqual([]);
      return;
    }
    const mine = classes.filter((packets) => takes(rules, index, packets, nothing));
    const covers = (chosen: readonly number[]): boolean =>
      mine.every((packets) => chosen.some((blocker) => takes(rules, blocker, packets, nothing)));
    expect(covers(blockers)).toBe(true);
    for (const left of blockers) expect(covers(blockers.filter((blocker) => blocker !== left))).toBe(false);
  }

  function checkWitness(rules: readonly Rule[], index: number, facts: RuleFacts): void {
    if (facts.status === "never-matches") {
      expect(facts.witness).toBeNull();
      return;
    }
    const witness = facts.witness!;
    const rule = rules[index]!;
    expect(matchRule(rule, witness).matches).toBe("yes");
    const decider = firstMatch(rules, witness).rule!;
    if (facts.status === "reachable") expect(decider).toBe(rule);
    if (facts.status === "shadowed") expect(decider.action).not.toBe(rule.action);
    if (facts.status === "redundant") expect(decider.action).toBe(rule.action);
  }
});
