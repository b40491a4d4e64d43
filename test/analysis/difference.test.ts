import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { differenceOf, type ChangeKind, type ListDifference } from "../../src/analysis/difference.ts";
import { firstMatch, matchRule } from "../../src/analysis/first-match.ts";
import { hasPacket } from "../../src/analysis/packet-set.ts";
import type { Packet } from "../../src/model/packet.ts";
import type { Rule } from "../../src/model/rule.ts";
import { filterOf, listOf } from "../support/dumps.ts";
import { packetClasses } from "../support/interpretations.ts";
import { PACKETS, smallDump } from "../support/universe.ts";

const RUNS = 400;

/** Two dumps that have most rules in common, as before and after a change. */
function pair(known: boolean): fc.Arbitrary<{ before: string; after: string }> {
  return fc
    .tuple(
      smallDump({ known, most: 8 }),
      smallDump({ known, most: 4 }),
      fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }),
      fc.boolean(),
    )
    .map(([first, second, dice, otherSets]) => {
      const rulesOf = (text: string): string[] =>
        [...text.matchAll(/^ {2}rule \d+ at \d+ (.*)$/gm)].map(([, body]) => body!);
      const setsOf = (text: string): string => text.slice(text.indexOf("\naddrset") + 1);
      const rules = rulesOf(first).map((body, index) => ({
        id: 101 + index,
        body: dice[index]! % 3 === 0 ? body.replace(/;$/, " with log;") : body,
      }));
      const edited = [...rules];
      for (const [step, body] of rulesOf(second).entries()) {
        const at = dice[step + 4]! % Math.max(1, edited.length);
        switch (dice[step + 8]! % 5) {
          case 0:
            edited.splice(at, 0, { id: 201 + step, body });
            break;
          case 1:
            edited.splice(at, 1);
            break;
          case 2:
            if (edited.length > 0) edited.splice(at, 1, { id: edited[at]!.id, body });
            break;
          case 3:
            edited.splice(dice[step]! % Math.max(1, edited.length), 0, ...edited.splice(at, 1));
            break;
          default:
            if (edited.length > 0)
              edited.splice(at, 1, {
                id: edited[at]!.id,
                body: edited[at]!.body.replace(/(accept|drop|reject)/, "drop"),
              });
        }
      }
      const text = (list: readonly { id: number; body: string }[], sets: string): string =>
        `ruleset domain-c1 {\n${list.map(({ id, body }, index) => `  rule ${id} at ${index + 1} ${body}\n`).join("")}}\n${sets}`;
      return { before: text(rules, setsOf(first)), after: text(edited, setsOf(otherSets ? second : first)) };
    });
}

function rulesOf(text: string): readonly Rule[] {
  return listOf(filterOf(text));
}

/** One packet for all that no rule of the two lists tells apart. */
function distinct([before, after]: [readonly Rule[], readonly Rule[]]): Packet[] {
  return packetClasses([...before, ...after], PACKETS).map(({ packet }) => packet);
}

function expectedKind(before: Rule | null, after: Rule | null): ChangeKind | null {
  const [was, is] = [before?.action ?? "none", after?.action ?? "none"];
  if (was !== is) return is === "accept" ? "newly-accepted" : was === "accept" ? "newly-denied" : "verdict";
  if (JSON.stringify(before?.treatment) !== JSON.stringify(after?.treatment)) return "treatment";
  return before?.reference.id === after?.reference.id ? null : "attribution";
}

function holding({ changes }: ListDifference, packet: Packet) {
  return changes.filter(
    ({ packets, except }) =>
      hasPacket(packets, packet) && except.every((rule) => matchRule(rule, packet).matches === "no"),
  );
}

/** What of a rule the dump does not say; an unknown action stops every packet or none. */
function unknownsOf(rule: Rule): string[] {
  return [...rule.conditions.map(({ key }) => key), ...(rule.decides ? [] : [`stop ${rule.action}`])];
}

/** Every way in which the unknown may turn out; null if there are too many. */
function subsets(unknowns: readonly string[]): ReadonlySet<string>[] | null {
  if (unknowns.length > 8) return null;
  let all: ReadonlySet<string>[] = [new Set()];
  for (const unknown of unknowns) all = all.flatMap((world) => [world, new Set([...world, unknown])]);
  return all;
}

function deciderIn(rules: readonly Rule[], packet: Packet, world: ReadonlySet<string>): Rule | null {
  return (
    rules.find(
      (rule) =>
        matchRule({ ...rule, conditions: [] }, packet).matches === "yes" &&
        rule.conditions.every(({ key }) => world.has(key)) &&
        (rule.decides || world.has(`stop ${rule.action}`)),
    ) ?? null
  );
}

/** As the packets of any-any rules are told where few, or where very many rules overlap them. */
const WAYS = [undefined, 0];

describe("the difference of random small policies", () => {
  it.each(WAYS)(
    "holds every packet that the naive evaluator decides otherwise, once, with its kind and rules, and no other (%s)",
    (fewOverlaps) => {
      let changed = 0;
      let byException = 0;
      const options = fewOverlaps === undefined ? {} : { fewOverlaps };
      fc.assert(
        fc.property(pair(true), ({ before, after }) => {
          const [was, is] = [rulesOf(before), rulesOf(after)];
          const difference = differenceOf(was, is, options);
          expect(difference.undecided).toEqual([]);
          const wrong: unknown[] = [];
          for (const packet of distinct([was, is])) {
            const [a, b] = [firstMatch(was, packet).rule, firstMatch(is, packet).rule];
            const kind = expectedKind(a, b);
            const found = holding(difference, packet);
            const expected = kind === null ? "" : `${kind} ${a?.reference.id} ${b?.reference.id}`;
            const said = found
              .map(
                (change) =>
                  `${change.kind} ${change.before.rule?.reference.id} ${change.after.rule?.reference.id}`,
              )
              .join();
            if (said !== expected) wrong.push({ packet, said, expected });
            changed += Number(kind !== null);
          }
          expect(wrong).toEqual([]);
          for (const change of difference.changes) {
            const { kind, witness } = change;
            byException += Number(change.except.length > 0);
            expect(holding(difference, witness)).toEqual([change]);
            expect(expectedKind(firstMatch(was, witness).rule, firstMatch(is, witness).rule)).toBe(kind);
          }
        }),
        { numRuns: RUNS },
      );
      expect(changed).toBeGreaterThan(500);
      expect(byException > 10).toBe(fewOverlaps === 0);
    },
  );

  it.each(WAYS)(
    "is right whatever the unknown turns out to be, the same before and after (%s)",
    (fewOverlaps) => {
      const options = fewOverlaps === undefined ? {} : { fewOverlaps };
      let uncertain = 0;
      fc.assert(
        fc.property(pair(false), (texts) => {
          const [was, is] = [texts.before, texts.after].map((text) =>
            rulesOf(text.replaceAll("ip 10.0.0.999,\n", "")),
          );
          const difference = differenceOf(was!, is!, options);
          const all = [...was!, ...is!];
          const worlds = subsets([...new Set(all.flatMap((rule) => unknownsOf(rule)))]);
          if (worlds === null) return;
          const wrong: unknown[] = [];
          for (const packet of distinct([was!, is!])) {
            const kinds = new Set(
              worlds.map(
                (world) =>
                  expectedKind(deciderIn(was!, packet, world), deciderIn(is!, packet, world)) ?? "none",
              ),
            );
            const said = holding(difference, packet).map(({ kind }) => kind);
            const [only = "none"] = said;
            uncertain += Number(only === "uncertain");
            // What differs in some world is said, and what is said for certain holds in all of them.
            const verdicts = new Set([...kinds].filter((kind) => kind !== "attribution"));
            const right =
              said.length <= 1 &&
              (only === "uncertain" ||
                (only === "none" && kinds.size === 1 && kinds.has("none")) ||
                (only === "attribution" && [...verdicts].every((kind) => kind === "none")) ||
                (kinds.size === 1 && kinds.has(only)));
            if (!right) wrong.push({ packet, said, kinds: [...kinds] });
          }
          expect(wrong).toEqual([]);
        }),
        { numRuns: 150 },
      );
      expect(uncertain).toBeGreaterThan(20);
    },
  );

  it.each(WAYS)("is mirrored when before and after change places (%s)", (fewOverlaps) => {
    const options = fewOverlaps === undefined ? {} : { fewOverlaps };
    const mirrored: Partial<Record<ChangeKind, ChangeKind>> = {
      "newly-accepted": "newly-denied",
      "newly-denied": "newly-accepted",
    };
    fc.assert(
      fc.property(pair(false), ({ before, after }) => {
        const there = differenceOf(rulesOf(before), rulesOf(after), options);
        const back = differenceOf(rulesOf(after), rulesOf(before), options);
        const wrong = distinct([rulesOf(before), rulesOf(after)]).filter((packet) => {
          const kinds = holding(there, packet).map(({ kind }) => mirrored[kind] ?? kind);
          return (
            holding(back, packet)
              .map(({ kind }) => kind)
              .join() !== kinds.join()
          );
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("of a policy with itself is empty, whatever is unknown in it", () => {
    fc.assert(
      fc.property(smallDump({ known: false, most: 8 }), (text) => {
        expect(differenceOf(rulesOf(text), rulesOf(text))).toMatchObject({ changes: [], undecided: [] });
      }),
      { numRuns: 100 },
    );
  });
});
