import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { firstMatch, matchRule } from "../../src/analysis/first-match.ts";
import type { Found } from "../../src/checks/check.ts";
import { CHECKS } from "../../src/checks/index.ts";
import { DEFAULT_SETTINGS } from "../../src/checks/settings.ts";
import { readInput, type Input } from "../../src/engine/input.ts";
import { lint } from "../../src/engine/lint.ts";
import type { Packet } from "../../src/model/packet.ts";
import type { Rule } from "../../src/model/rule.ts";
import {
  interpretations,
  outcome,
  packetClasses,
  stopper,
  takes,
  type PacketClass,
} from "../support/interpretations.ts";
import { PACKETS, smallDump } from "../support/universe.ts";

/** What the checks say of dead rules, against every packet of a small universe and the naive evaluator. */

const RUNS = 150;

function findings(input: Input, check: string): readonly Found[] {
  return [
    ...CHECKS.find(({ id }) => id === check)!.find({ ...input, settings: DEFAULT_SETTINGS, hosts: [] }),
  ];
}

function rulesOf({ filters }: Input): readonly Rule[] {
  const [filter] = filters;
  return filter!.lists.find(({ name }) => name === "firewall")!.rules;
}

/** One packet for all that no rule tells apart, with the rule that decides it. */
interface Fate {
  readonly packet: Packet;
  readonly matches: readonly boolean[];
  readonly decider: Rule | null;
}

function fatesOf(rules: readonly Rule[]): Fate[] {
  return packetClasses(rules, PACKETS).map(({ packet, matches }) => ({
    packet,
    matches: matches.map((match) => match === "yes"),
    decider: firstMatch(rules, packet).rule,
  }));
}

/** What the findings of empty sets say of rules: that they can never match. */
function emptiedRules(input: Input): ReadonlySet<Rule> {
  return new Set(
    findings(input, "empty-addrset").flatMap(({ related = [] }) =>
      related.flatMap(({ label, rule }) => (label === "can never match" && rule !== null ? [rule] : [])),
    ),
  );
}

function blockersOf(found: Found): Rule[] {
  return (found.related ?? []).flatMap(({ rule, label }) =>
    rule === null || label.includes("some of them") ? [] : [rule],
  );
}

describe("where the dump says everything", () => {
  it("the checks find exactly the rules that no packet reaches, each once, and say why", () => {
    fc.assert(
      fc.property(smallDump({ known: true, most: 8 }), (text) => {
        const input = readInput([{ file: "dump.txt", text }]);
        const rules = rulesOf(input);
        const fates = fatesOf(rules);
        const found = new Map<Rule, { check: string; finding: Found }>();
        for (const check of ["shadowed-rule", "redundant-rule", "never-matches"]) {
          for (const finding of findings(input, check)) {
            expect(found.has(finding.rule!)).toBe(false);
            found.set(finding.rule!, { check, finding });
          }
        }
        const duplicates = new Set(findings(input, "duplicate-rule").map(({ rule }) => rule!));
        const emptied = emptiedRules(input);
        const catchAll = rules.findIndex((_, index) => fates.every(({ matches }) => matches[index]!));
        for (const [index, rule] of rules.entries()) {
          const { check, finding } = found.get(rule) ?? { check: null, finding: null };
          const own = fates.filter(({ matches }) => matches[index]);
          if (catchAll !== -1 && index > catchAll) expect(check).toBeNull();
          else if (own.length === 0) expect(check).toBe(emptied.has(rule) ? null : "never-matches");
          else if (own.some(({ decider }) => decider === rule)) expect(check).toBeNull();
          else if (own.some(({ decider }) => decider!.action !== rule.action)) {
            expect(check).toBe(duplicates.has(rule) ? null : "shadowed-rule");
            if (finding !== null) checkShadowed(finding, rules, own);
          } else {
            // A copy of another rule is said to be that, and not to be redundant too.
            expect(check).toBe(duplicates.has(rule) ? null : "redundant-rule");
            if (finding !== null) checkBlockers(finding, rules, own);
          }
          if (duplicates.has(rule)) {
            expect(catchAll !== -1 && index > catchAll).toBe(false);
            expect(own.every(({ decider }) => decider !== rule)).toBe(true);
          }
          if (emptied.has(rule)) expect(own).toEqual([]);
        }
        checkDeadTail(findings(input, "dead-tail"), catchAll === -1 ? [] : rules.slice(catchAll));

        const [gap] = findings(input, "no-default");
        expect(gap !== undefined).toBe(fates.some(({ decider }) => decider === null));
        if (gap !== undefined) expect(firstMatch(rules, gap.witness!).rule).toBeNull();
        for (const wide of findings(input, "catch-all-accept")) checkCatchAll(wide);
      }),
      { numRuns: RUNS },
    );
  });

  /** The rules that it names together take all of its packets, and the packet that it shows is one of them. */
  function checkBlockers(finding: Found, rules: readonly Rule[], own: readonly Fate[]): void {
    const blockers = blockersOf(finding).map((rule) => rules.indexOf(rule));
    expect(blockers.every((blocker) => blocker < rules.indexOf(finding.rule!))).toBe(true);
    expect(own.every(({ matches }) => blockers.some((blocker) => matches[blocker]))).toBe(true);
    expect(finding.certain).toBe(true);
    expect(matchRule(finding.rule!, finding.witness!).matches).toBe("yes");
  }

  function checkShadowed(finding: Found, rules: readonly Rule[], own: readonly Fate[]): void {
    checkBlockers(finding, rules, own);
    const rule = finding.rule!;
    const shown = firstMatch(rules, finding.witness!).rule!;
    expect(shown.action).not.toBe(rule.action);
    expect(finding.data!["earlierVerdict"]).toBe(shown.action);
    const actions = new Set(own.map(({ decider }) => decider!.action));
    const opens = rule.action !== "accept" && actions.has("accept");
    expect(finding.data!["impact"]).toBe(opens ? "security" : "availability");
    const forAll = /all its packets first and (accept|drop|reject)s? them$/.exec(finding.message);
    if (forAll !== null) expect([...actions]).toEqual([forAll[1]]);
  }

  function checkDeadTail([finding, ...others]: readonly Found[], [catchAll, ...tail]: readonly Rule[]): void {
    expect(others).toEqual([]);
    expect(finding?.rule).toBe(tail[0]);
    if (finding === undefined) return;
    expect(finding.data).toMatchObject({ count: tail.length });
    expect(blockersOf(finding)).toEqual([catchAll]);
  }

  function checkCatchAll({ rule, data }: Found): void {
    for (const { name, directions } of data!["matches"] as { name: string; directions: string[] }[]) {
      const family = name === "IPv4" ? "ipv4" : "ipv6";
      const all = PACKETS.filter(
        (packet) =>
          packet.layer === "ip" && packet.family === family && directions.includes(packet.direction),
      );
      expect(all.length).toBeGreaterThan(0);
      expect(all.every((packet) => matchRule(rule!, packet).matches === "yes")).toBe(true);
    }
  }

  it("a duplicate matches the same packets as the earlier rule, with the same action", () => {
    fc.assert(
      fc.property(smallDump({ known: true, most: 3 }), fc.nat(2), (text, which) => {
        const bodies = text.match(/(?<=rule \d+ at \d+ ).*;/g)!;
        const copy = bodies[which % bodies.length]!;
        const again = text.replace("}\n", `  rule 200 at ${bodies.length + 1} ${copy}\n}\n`);
        const input = readInput([{ file: "dump.txt", text: again }]);
        const rules = rulesOf(input);
        for (const { rule, related } of findings(input, "duplicate-rule")) {
          const first = related![0]!.rule!;
          expect(first.action).toBe(rule!.action);
          expect(rules.indexOf(first)).toBeLessThan(rules.indexOf(rule!));
          for (const packet of PACKETS) {
            expect(matchRule(first, packet).matches).toBe(matchRule(rule!, packet).matches);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("where the dump does not say everything", () => {
  it("a finding holds however the unknown turns out", () => {
    fc.assert(
      fc.property(smallDump({ known: false, most: 6 }), (text) => {
        const input = readInput([{ file: "dump.txt", text }]);
        const rules = rulesOf(input);
        const worlds = interpretations(rules, 8);
        fc.pre(worlds !== null);
        const classes = packetClasses(rules, PACKETS);
        const classOf = (packet: Packet): PacketClass => packetClasses(rules, [packet])[0]!;

        for (const check of ["shadowed-rule", "redundant-rule", "duplicate-rule", "never-matches"]) {
          for (const found of findings(input, check)) {
            const index = rules.indexOf(found.rule!);
            const own = (packets: PacketClass): (typeof worlds)[number][] =>
              worlds.filter((world) => takes(rules, index, packets, world));
            const outcomes = (packets: PacketClass): string[] =>
              own(packets).map((world) => outcome(rules, stopper(rules, packets, world)));
            const mine = outcome(rules, index);
            if (check === "never-matches") {
              expect(classes.every(({ matches }) => matches[index] === "no")).toBe(true);
              continue;
            }
            if (found.certain !== false || check !== "duplicate-rule") {
              for (const packets of classes) {
                for (const world of own(packets)) expect(stopper(rules, packets, world)).not.toBe(index);
              }
            }
            if (check === "shadowed-rule") {
              const shown = outcomes(classOf(found.witness!));
              expect(shown.length).toBeGreaterThan(0);
              expect(shown).not.toContain(mine);
            }
            if (check === "redundant-rule" && found.certain === true) {
              for (const packets of classes) for (const got of outcomes(packets)) expect(got).toBe(mine);
            }
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("no finding is made twice", () => {
    fc.assert(
      fc.property(smallDump({ known: false, most: 8 }), (text) => {
        const { findings: all } = lint(readInput([{ file: "dump.txt", text }]));
        const keys = all.map(({ check, rule, addrset, location, message }) =>
          JSON.stringify([check, rule?.position, addrset, location, message]),
        );
        expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });
});
