import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { firstMatch, matchRule } from "../../src/analysis/first-match.ts";
import { readInput } from "../../src/engine/input.ts";
import type { FlowResult, TryFilterResult } from "../../src/engine/results.ts";
import { tryRule, type PlaceQuestion } from "../../src/engine/try.ts";
import { addressRanges, parseAddress } from "../../src/model/address.ts";
import type { IpPacket } from "../../src/model/packet.ts";
import { protocolNumber } from "../../src/model/protocols.ts";
import type { Rule } from "../../src/model/rule.ts";
import { filterOf, listOf } from "../support/dumps.ts";
import { interpretations, outcome, packetClasses, stopper, takes } from "../support/interpretations.ts";
import { regionHas } from "../support/region.ts";
import { PACKETS, smallDump } from "../support/universe.ts";

/** The lines of a small dump: rules come from the second on, one a line. */
function linesOf(text: string): { rules: string[]; rest: string } {
  const end = text.indexOf("\n}\n");
  return { rules: text.slice(0, end).split("\n").slice(1), rest: text.slice(end) };
}

/** The same dump with a rule inserted as text, before the rule at an index. */
function withRule(text: string, body: string, index: number): string {
  const { rules, rest } = linesOf(text);
  return `ruleset domain-c1 {\n${rules.toSpliced(index, 0, `  rule 999 at 1 ${body}`).join("\n")}${rest}`;
}

const bodyOf = (dump: string): string => linesOf(dump).rules[0]!.replace(/^ *rule \d+ at \d+ /, "");

function ask(text: string, rule: string, place: PlaceQuestion | null = null): TryFilterResult {
  const { filters } = tryRule(readInput([{ file: "rules.txt", text }]), { rule, place });
  expect(filters).toHaveLength(1);
  return filters[0]!;
}

/** The index in the list that a place stands for. */
function indexOf({ before }: { before: { line: number } | null }, count: number): number {
  return before === null ? count : before.line - 2;
}

/** Every rule of the dump is told by its line. */
const lineOf = (rule: Rule): number =>
  rule.reference.source.dump.lines.position(rule.reference.source.range.start).line;

const packets = PACKETS as readonly IpPacket[];

describe("the naive evaluator, before and after the rule is inserted as text, agrees", () => {
  const dumps = fc.tuple(
    smallDump({ known: true, most: 6 }),
    smallDump({ known: true, most: 1 }).map(bodyOf),
  );

  it("on what happens without it", () => {
    fc.assert(
      fc.property(dumps, ([text, body]) => {
        const { need } = ask(text, body);
        const before = listOf(filterOf(text));
        const [added] = listOf(filterOf(withRule(text, body, 0)));
        const own = new Set(packets.filter((packet) => matchRule(added!, packet).matches === "yes"));
        const actions = [...own].map((packet) => firstMatch(before, packet).rule?.action ?? "no-match");
        const good = actions.filter((action) => action === added!.action).length;
        expect(need.status).toBe(
          own.size === 0
            ? "never-matches"
            : good === own.size
              ? "not-needed"
              : good === 0
                ? "needed"
                : "partly",
        );
        expect(need.already === null).toBe(good === 0);
        expect(need.missing === null).toBe(good === own.size);
        for (const packet of packets) {
          const parts = need.now.filter(({ region }) => regionHas(region, packet));
          if (!own.has(packet)) {
            if (parts.length > 0) expect({ packet, parts }).toBeNull();
            continue;
          }
          const { rule } = firstMatch(before, packet);
          expect(parts).toHaveLength(1);
          expect(parts[0]).toMatchObject({ certain: true, verdict: rule?.action ?? "no-match" });
          expect(parts[0]!.rule?.line ?? null).toBe(rule === null ? null : lineOf(rule));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("on what it does at every place", () => {
    fc.assert(
      fc.property(dumps, fc.nat(6), ([text, body], at) => {
        const before = listOf(filterOf(text));
        const index = Math.min(at, before.length);
        const answer = ask(text, body, { beside: "at", position: index + 1 });
        const after = listOf(filterOf(withRule(text, body, index)));
        const added = after[index]!;
        if (answer.need.status === "never-matches") {
          expect(answer.changes).toEqual([]);
          return;
        }
        expect(indexOf(answer.place!, before.length)).toBe(index);
        expect(answer.place!.position).toBe(index + 1);
        const reached = new Map<string, number>();
        const lost = new Map<string, number>();
        const left = new Map<string, number>();
        for (const packet of packets) {
          const was = firstMatch(before, packet).rule;
          const is = firstMatch(after, packet).rule;
          const own = matchRule(added, packet).matches === "yes";
          const found = answer.changes.filter(({ region }) => regionHas(region!, packet));
          const line = was === null ? "none" : `${lineOf(was)}`;
          if (own) {
            const to = is === added ? "it" : is?.action === added.action ? "above, same" : "above, other";
            reached.set(to, (reached.get(to) ?? 0) + 1);
          }
          if (is !== added) {
            if (found.length > 0) expect({ packet, found }).toBeNull();
            left.set(line, (left.get(line) ?? 0) + 1);
            continue;
          }
          lost.set(line, (lost.get(line) ?? 0) + 1);
          expect(found).toHaveLength(1);
          const [change] = found;
          expect(change!.kind).toBe(kindOf(was, added));
          expect(change!.after.rule?.isNew).toBe(true);
          expect(regionHas(change!.region!, packetOf(change!.witness))).toBe(true);
          expect(change!.before.rule?.line ?? null).toBe(was === null ? null : lineOf(was));
        }
        const other = reached.has("above, other");
        expect(answer.effect).toMatchObject({
          reached: !reached.has("it") ? "none" : reached.size === 1 ? "all" : "part",
          enforced: !other,
        });
        const dead = [...lost.keys()].filter((line) => line !== "none" && !left.has(line)).map(Number);
        const narrowed = [...lost.keys()].filter((line) => left.has(line) && line !== "none").map(Number);
        expect(answer.dead.map(({ rule }) => rule.line)).toEqual(dead.toSorted((a, b) => a - b));
        expect(answer.narrowed.map(({ line }) => line)).toEqual(narrowed.toSorted((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });

  it("on which rules lose packets, where listing all of them would be too much work", () => {
    fc.assert(
      fc.property(dumps, fc.nat(6), ([text, body], at) => {
        const before = listOf(filterOf(text));
        const index = Math.min(at, before.length);
        const place = { beside: "at", position: index + 1 } as const;
        const input = readInput([{ file: "rules.txt", text }]);
        const [short] = tryRule(input, { rule: body, place, budget: 0 }).filters;
        const whole = ask(text, body, place);
        const { need, changes, effect, notes, ...rest } = short!;
        if (need.status === "never-matches") return;
        expect(notes).toHaveLength(1);
        expect([need.status, need.now, effect!.enforced]).toEqual([
          whole.need.status,
          [],
          whole.effect!.enforced,
        ]);
        expect([rest.dead, rest.narrowed, rest.best]).toEqual([whole.dead, whole.narrowed, whole.best]);
        // One packet for each rule that loses some, and for those that no rule takes.
        const pairs = (all: typeof changes): string[] =>
          all.map(({ kind, before: { rule } }) => `${kind} ${rule?.line}`);
        expect(pairs(changes)).toEqual(pairs(whole.changes));
        const after = listOf(filterOf(withRule(text, body, index)));
        for (const { region, witness } of changes) {
          expect(region).toBeNull();
          const packet = packetOf(witness);
          expect(firstMatch(after, packet).rule).toBe(after[index]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("that the best place is the lowest where all packets of it get its verdict", () => {
    fc.assert(
      fc.property(dumps, ([text, body]) => {
        const { need, best, place } = ask(text, body);
        const before = listOf(filterOf(text));
        if (need.status === "not-needed" || need.status === "never-matches") {
          expect([best, place]).toEqual([null, null]);
          return;
        }
        const { chosen, limit, ...rest } = best!;
        expect(chosen).toBe(true);
        expect(place).toEqual(rest);
        const enforcedAt = before.concat(before[0]!).map((_, index) => {
          const after = listOf(filterOf(withRule(text, body, index)));
          const added = after[index]!;
          return packets.every(
            (packet) =>
              matchRule(added, packet).matches === "no" ||
              firstMatch(after, packet).rule?.action === added.action,
          );
        });
        const index = indexOf(best!, before.length);
        expect(index).toBe(enforcedAt.lastIndexOf(true));
        expect(limit === null).toBe(index === before.length);
        if (limit !== null) expect(limit.rule.line).toBe(lineOf(before[index]!));
      }),
      { numRuns: 60 },
    );
  });
});

/** The packet that a witness describes. */
function packetOf(flow: FlowResult): IpPacket {
  const family = flow.src!.includes(":") ? "ipv6" : "ipv4";
  const number = (address: string): number | bigint => addressRanges([parseAddress(address)])[family][0]!;
  return {
    layer: "ip",
    direction: flow.direction,
    family,
    source: number(flow.src!),
    destination: number(flow.dst!),
    protocol: typeof flow.protocol === "number" ? flow.protocol : protocolNumber(flow.protocol!)!,
    sourcePort: flow.srcPort,
    destinationPort: flow.dstPort,
    icmpType: flow.icmpType,
    icmpCode: flow.icmpCode,
  };
}

function kindOf(was: Rule | null, is: Rule): string {
  if (was?.action !== is.action) {
    if (is.action === "accept") return "newly-accepted";
    return was?.action === "accept" ? "newly-denied" : "verdict";
  }
  return JSON.stringify(was.treatment) === JSON.stringify(is.treatment) ? "attribution" : "treatment";
}

it("claims nothing that some way in which the unknown turns out would break", () => {
  fc.assert(
    fc.property(
      smallDump({ known: false, most: 5 }),
      smallDump({ known: false, most: 1 }).map(bodyOf),
      fc.nat(5),
      (text, body, at) => {
        fc.pre(/(?:accept|drop|reject);$/.test(body));
        const before = listOf(filterOf(text));
        const index = Math.min(at, before.length);
        const after = listOf(filterOf(withRule(text, body, index)));
        fc.pre(!body.includes("gone") || text.slice(0, text.indexOf("\n}\n")).includes("addrset gone"));
        const answer = ask(text, body, { beside: "at", position: index + 1 });
        const ways = interpretations(after, 7);
        fc.pre(ways !== null);
        const best = answer.best === null ? null : indexOf(answer.best, before.length);
        const { action } = after[index]!;
        const deadLines = new Set(answer.dead.map(({ rule }) => rule.line));
        if (answer.effect?.witness != null) {
          // Whatever turns out, it gets to the rule if the rule matches it.
          const [witness] = packetClasses(after, [packetOf(answer.effect.witness)]);
          for (const holding of ways)
            if (takes(after, index, witness!, holding)) expect(stopper(after, witness!, holding)).toBe(index);
        }
        for (const each of packetClasses(after, packets)) {
          const packet = each.packet as IpPacket;
          const found = answer.changes.filter(({ region }) => regionHas(region!, packet));
          if (found.length > 1) expect({ packet, found }).toBeNull();
          for (const holding of ways) {
            const own = takes(after, index, each, holding);
            const was = stopper(after, each, holding, index);
            const is = stopper(after, each, holding);
            const [from, to] = [outcome(after, was), outcome(after, is)];
            if (own && answer.need.status === "not-needed") expect(from).toBe(action);
            if (own && answer.effect?.enforced === true) expect(to).toBe(action);
            if (own && answer.effect?.reached === "none") expect(is).not.toBe(index);
            if (own && answer.effect?.reached === "all") expect(is).toBe(index);
            // Everything above the best place lets all of it through, or gives it the same verdict.
            if (own && best !== null && was !== null) {
              const place = was > index ? was - 1 : was;
              if (place < best) expect(from).toBe(action);
            }
            if (is !== null && is !== index)
              expect(deadLines.has(lineOf(before[is > index ? is - 1 : is]!))).toBe(false);
            if (found.length === 0) expect(to).toBe(from);
            if (!own) continue;
            switch (found[0]?.kind) {
              case "newly-accepted":
                expect([from === "accept", to]).toEqual([false, "accept"]);
                break;
              case "newly-denied":
                expect([from, to === "accept"]).toEqual(["accept", false]);
                break;
              case "treatment":
              case "attribution":
                expect(to).toBe(from);
                break;
              default:
            }
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});

describe("what may be and what is are told apart", () => {
  const ODD = "addrset odd {\nip 10.0.0.1,\nip 10.0.0.999,\n}\n";
  const dump = (first: string): string =>
    `ruleset main {\n  rule 1 at 1 ${first}\n  rule 2 at 2 in protocol any from any to any drop;\n}\n${ODD}`;

  it("where an address may be in a set", () => {
    const text = dump("in protocol tcp from addrset odd to any port 22 accept;");
    const outside = ask(text, "in protocol tcp from ip 10.0.0.7 to any port 22 accept");
    expect(outside.need).toMatchObject({ status: "uncertain", already: null, missing: null });
    expect(outside.best).toMatchObject({ position: 2, limit: { certain: false } });
    expect(outside.effect).toMatchObject({ reached: "uncertain", enforced: true, witness: null });
    expect(outside.summary).toEqual({ uncertain: 1 });
    const inside = ask(text, "in protocol tcp from ip 10.0.0.1 to any port 22 accept");
    expect(inside.need.status).toBe("not-needed");
  });

  it("where a rule asks for more than the dump shows", () => {
    const text = dump("in protocol tcp from any to any with attribute profile WEB accept;");
    const other = ask(text, "in protocol tcp from any to any port 80 accept");
    expect(other.need).toMatchObject({ status: "uncertain", already: null, missing: null });
    expect(other.best).toMatchObject({ position: 2 });
    // A rule that asks for the same gets nothing that the first would leave.
    const same = ask(text, "in protocol tcp from any to any port 80 with attribute profile WEB accept");
    expect(same.need.status).toBe("not-needed");
    expect(same.notes).toHaveLength(1);
  });
});
