import { describe, expect, it } from "@jest/globals";
import { adversarialShapes } from "../../bench/adversarial.ts";
import { Random, generate } from "../../bench/generate.ts";
import { FilterAnalysis, type ListAnalysis } from "../../src/analysis/analysis.ts";
import { firstMatch, matchRule } from "../../src/analysis/first-match.ts";
import { setSize } from "../../src/analysis/packet-set.ts";
import { Reachability } from "../../src/analysis/reachability.ts";
import { prepareEntries } from "../../src/analysis/entries.ts";
import { readFlow } from "../../src/model/flow.ts";
import type { IpPacket } from "../../src/model/packet.ts";
import { filterOf } from "../support/dumps.ts";
import { analyseReachability as analyseSimply, isCover } from "../support/simple/reachability.ts";

function analysed(dump: { rules: string; addrsets: string }): ListAnalysis {
  return FilterAnalysis.ofAll([filterOf(dump.rules, dump.addrsets)])[0]!.list("firewall")!;
}

const SETS = [
  { rules: 500, sets: 150, members: 7500, seed: 11, shape: "scattered" },
  { rules: 1000, sets: 300, members: 15_000, seed: 12, shape: "scattered" },
  { rules: 1000, sets: 300, members: 9000, seed: 13, shape: "clustered" },
  { rules: 2000, sets: 580, members: 30_000, seed: 14, shape: "scattered" },
] as const;

describe("generated sets shaped like the field", () => {
  it.each(SETS)("agree with the simple engine: $rules rules, $shape", (options) => {
    const dump = generate(options);
    const list = analysed(dump);
    const entries = prepareEntries(list.rules);
    const simple = analyseSimply(entries, { removable: options.rules <= 500 });
    for (const [index, facts] of list.facts.entries()) {
      const other = simple[index]!;
      const { id, position } = facts.rule.reference;
      expect({ id, position, status: facts.status, certain: facts.certain }).toEqual({
        id,
        position,
        status: other.status,
        certain: other.certain,
      });
      if (facts.witness !== null) expect(matchRule(facts.rule, facts.witness).matches).toBe("yes");
      if (facts.status === "reachable") {
        expect(firstMatch(list.rules, facts.witness!).rule).toBe(facts.rule);
        if (options.rules <= 500) expect(list.isRemovable(index)).toBe(other.removable);
        continue;
      }
      if (facts.status === "never-matches") continue;
      // Both name a cover to which nothing can be spared; which of several is a matter of taste.
      const by = facts.by.map((rule) => list.rules.indexOf(rule));
      expect(isCover(entries, index, by)).toBe(true);
      if (by.length > 1)
        for (const one of by)
          expect(
            isCover(
              entries,
              index,
              by.filter((blocker) => blocker !== one),
            ),
          ).toBe(false);
      expect(by.length === 1).toBe(other.by.length === 1);
    }
    const dead = new Map(
      list.facts.map(({ rule, status, by }) => [rule.reference.position, { status, by: by.length }]),
    );
    expect(dump.truth.shadowed.length).toBeGreaterThan(0);
    for (const { position, kind } of dump.truth.shadowed) {
      expect(dead.get(position)!.status).toBe("shadowed");
      expect(dead.get(position)!.by > 1).toBe(kind === "union");
    }
  });

  it("decide sampled packets the same by classes, by regions and one rule after the other", () => {
    const dump = generate({ rules: 1000, sets: 300, members: 15_000, seed: 15, shape: "scattered" });
    const analysis = FilterAnalysis.ofAll([filterOf(dump.rules, dump.addrsets)])[0]!;
    const list = analysis.list("firewall")!;
    const witnesses = list.facts.flatMap(({ witness }) => (witness?.layer === "ip" ? [witness] : []));
    const random = new Random(7);
    const mixed = Array.from({ length: 400 }, () => {
      const [one, two] = [random.pick(witnesses), random.pick(witnesses)];
      return one.family === two.family ? { ...one, source: two.source } : one;
    });
    for (const packet of [...witnesses.slice(0, 400), ...mixed]) {
      const truth = firstMatch(list.rules, packet).rule;
      const flow = readFlow(fieldsOf(packet), new Map());
      const { flowClassifier } = analysis;
      expect(flowClassifier.deciders(flow, flow.source, flow.destination)).toEqual([truth]);
      if (typeof packet.source === "number" && typeof packet.destination === "number")
        expect(flowClassifier.decidersBetweenHosts(flow, packet.source, packet.destination)).toEqual([truth]);
      expect(analysis.query(flow).map(({ rule }) => rule)).toEqual([truth]);
    }
  });

  it("split the packets of a rule among the rules that take them, down to the last one", () => {
    const list = analysed(generate({ rules: 500, sets: 150, members: 7500, seed: 16, shape: "clustered" }));
    for (const [index, { status }] of list.facts.entries()) {
      const { size, left, lost } = list.effectOf(index);
      if (left === null) continue;
      expect(left === 0n).toBe(status !== "reachable");
      expect(lost.reduce((sum, share) => sum + setSize(share.packets), left)).toBe(size);
      for (const { rule, witness } of lost)
        expect(firstMatch(list.rules.slice(0, index), witness).rule).toBe(rule);
    }
  });

  it("names the rules that take over from a removable rule", () => {
    const list = analysed(generate({ rules: 500, sets: 150, members: 7500, seed: 17, shape: "scattered" }));
    const removable = list.rules.map((_, index) => index).filter((index) => list.isRemovable(index));
    expect(removable.length).toBeGreaterThan(0);
    for (const index of removable.slice(0, 40)) {
      const without = list.rules.toSpliced(index, 1);
      const heirs = list.heirsOf(index);
      expect(heirs.length).toBeGreaterThan(0);
      for (const { rule, witness } of heirs) {
        expect(firstMatch(without, witness).rule).toBe(rule);
        expect(rule.action).toBe(list.rules[index]!.action);
      }
    }
  });
});

describe("shapes that a naive engine chokes on", () => {
  it.each(Object.keys(adversarialShapes).filter((name) => name !== "all-single-ports"))("%s", (name) => {
    const dump = adversarialShapes[name]!();
    const list = analysed(dump);
    const dead = new Set(
      list.facts.flatMap(({ status, rule }) => (status === "reachable" ? [] : [rule.reference.position])),
    );
    for (const { position } of dump.truth.shadowed) expect(dead.has(position)).toBe(true);
    for (const { status, certain, rule, witness } of list.facts.slice(-20)) {
      expect(certain).toBe(true);
      if (status === "reachable") expect(firstMatch(list.rules, witness!).rule).toBe(rule);
    }
  });

  it("beyond its budget a rule is reported as reached and uncertain, never as shadowed, and the rest goes on", () => {
    const dump = adversarialShapes["checkerboard-filled"]!();
    const entries = prepareEntries(filterOf(dump.rules, dump.addrsets).lists[0]!.rules);
    const facts = new Reachability(entries, { budget: 5000 }).facts();
    const [last] = facts.slice(-1);
    expect(last).toMatchObject({ status: "reachable", certain: false });
    expect(last!.reason).toContain("budget");
    expect(facts[0]).toMatchObject({ status: "reachable", certain: true });
  });
});

function fieldsOf({
  direction,
  source,
  destination,
  family,
  protocol,
  sourcePort,
  destinationPort,
  icmpType,
  icmpCode,
}: IpPacket) {
  const text = (value: number | bigint): string => {
    if (family === "ipv4")
      return [24, 16, 8, 0].map((shift) => Math.floor(Number(value) / 2 ** shift) % 256).join(".");
    const hex = BigInt(value).toString(16).padStart(32, "0");
    return hex.match(/.{4}/g)!.join(":");
  };
  return {
    direction,
    src: text(source),
    dst: text(destination),
    protocol: `${protocol}`,
    ...(sourcePort === null ? {} : { srcPort: `${sourcePort}`, dstPort: `${destinationPort}` }),
    ...(icmpType === null ? {} : { icmpType: `${icmpType}`, icmpCode: `${icmpCode}` }),
  };
}
