import { describe, expect, it } from "@jest/globals";
import { Random, generate } from "../../bench/generate.ts";
import { differenceOf } from "../../src/analysis/difference.ts";
import { firstMatch, matchRule } from "../../src/analysis/first-match.ts";
import { hasPacket } from "../../src/analysis/packet-set.ts";
import { ruleBoxes } from "../../src/analysis/rule-boxes.ts";
import { sampleBox, type Box } from "../../src/analysis/boxes.ts";
import type { Packet } from "../../src/model/packet.ts";
import type { Rule } from "../../src/model/rule.ts";
import { filterOf, listOf } from "../support/dumps.ts";

/** Dumps shaped like the field with random edits; packets at the edges of what changes and of what the rules match. */

function edited(dump: { rules: string; addrsets: string }, random: Random, catchAll: boolean) {
  const lines = dump.rules.split("\n");
  const rules = lines.flatMap((line, index) =>
    /^ {2}rule \d+ .* addrset .* addrset /.test(line) ? [index] : [],
  );
  for (let step = 0; step < 10; step += 1) {
    const at = random.pick(rules);
    const line = lines[at]!;
    if (step % 5 === 0)
      lines[at] = line.replace(/ (accept|drop|reject)/, line.includes(" accept") ? " drop" : " accept");
    else if (step % 5 === 1) lines[at] = "";
    else if (step % 5 === 2) lines[at] = line.replace(/ port \S+ (accept|drop|reject)/, " port 4711 $1");
    else if (step % 5 === 3) {
      const other = random.pick(rules);
      [lines[at], lines[other]] = [lines[other]!, line];
    } else lines[at] = line.replace(/from addrset (\S+) to addrset (\S+)/, "from addrset $2 to addrset $1");
  }
  const text = lines.join("\n");
  const members = dump.addrsets.split("\n");
  for (let step = 0; step < 3; step += 1) {
    const at = random.below(members.length);
    if (members[at]!.startsWith("ip 10.")) members[at] = `ip 10.250.${step}.0/28,`;
  }
  return {
    rules: catchAll ? text.replace(/(rule 1001 .* any to any) drop/, "$1 reject") : text,
    addrsets: members.join("\n"),
  };
}

/** A packet of a box at the ends of its ranges, or just outside. */
function edge({ kind, sides }: Box, random: Random): Packet | null {
  const moved = sides.map((side, index) => {
    const at = random.below(side.length / 2) * 2;
    const value = random.chance(0.5) ? side[at]! : nextTo(side[at + 1]!, -1);
    const outside = index > 0 && random.chance(0.1) ? nextTo(value, random.chance(0.5) ? 1 : -1) : value;
    return [outside, nextTo(outside, 1)] as Box["sides"][number];
  });
  if (moved.some(([first]) => first! < 0)) return null;
  const [, source, destination] = moved;
  const most = kind.startsWith("ipv6") ? 2n ** 128n : kind.startsWith("ipv4") ? 2 ** 32 : 2 ** 48;
  if (source![0]! >= most || destination![0]! >= most) return null;
  const limits = kind.endsWith("ports") ? [0, 65_536, 65_536] : [256, 256];
  if (
    kind.endsWith("ports")
      ? moved.slice(4).some(([first]) => first! >= 65_536)
      : moved.slice(3).some(([first]) => first! >= limits[0]!)
  )
    return null;
  if (kind.endsWith("ports") && ![6, 17, 132].includes(Number(moved[3]![0]))) return null;
  if (kind.endsWith("other") && [1, 6, 17, 58, 132].includes(Number(moved[3]![0]))) return null;
  return sampleBox({ kind, sides: moved });
}

function nextTo(value: number | bigint, step: number): number | bigint {
  return typeof value === "bigint" ? value + BigInt(step) : value + step;
}

function name(rule: Rule | null): string {
  return rule === null ? "none" : `${rule.action} ${rule.reference.id}`;
}

describe("generated policies with ten random edits", () => {
  it.each([
    [1000, 300, 15_000, 5000, false],
    [1000, 300, 9000, 3000, true],
    [4000, 1150, 60_000, 1000, true],
  ])(
    "%s rules: a packet is in a change exactly if the naive evaluator decides it otherwise",
    (rules, sets, members, samples, catchAll) => {
      const random = new Random(rules + samples);
      const dump = generate({ rules, sets, members, seed: 21, shape: "scattered" });
      const other = edited(dump, random, catchAll);
      const was = listOf(filterOf(dump.rules, dump.addrsets));
      const is = listOf(filterOf(other.rules, other.addrsets));
      const { changes, undecided } = differenceOf(was, is);
      expect(undecided).toEqual([]);
      expect(changes.length).toBeGreaterThan(10);
      expect(changes.some(({ except }) => except.length > 0)).toBe(catchAll);
      const all = [...was, ...is];
      let changed = 0;
      const wrong: unknown[] = [];
      const check = (packet: Packet): void => {
        const [a, b] = [firstMatch(was, packet).rule, firstMatch(is, packet).rule];
        const same = name(a) === name(b) && JSON.stringify(a?.treatment) === JSON.stringify(b?.treatment);
        const found = changes.filter(
          ({ packets, except }) =>
            hasPacket(packets, packet) && except.every((rule) => matchRule(rule, packet).matches === "no"),
        );
        const said = found.map(({ before, after }) => `${name(before.rule)} -> ${name(after.rule)}`).join();
        const expected = same ? "" : `${name(a)} -> ${name(b)}`;
        if (said !== expected) wrong.push({ packet, said, expected });
        changed += Number(!same);
      };
      for (const { witness } of changes) check(witness);
      for (let sample = 0; sample < samples; sample += 1) {
        const boxes = random.chance(0.6)
          ? random.pick(changes).packets
          : [...ruleBoxes(random.pick(all), "may").values()];
        if (boxes.length === 0) continue;
        const packet = edge(random.pick(boxes), random);
        if (packet !== null) check(packet);
      }
      expect(wrong).toEqual([]);
      expect(changed).toBeGreaterThan(samples / 10);
    },
  );
});
