import { expect, it } from "@jest/globals";
import fc from "fast-check";
import { firstMatch } from "../../src/analysis/first-match.ts";
import { readInput } from "../../src/engine/input.ts";
import { flowResult } from "../../src/engine/convert.ts";
import { readPolicy } from "../../src/engine/policy/read.ts";
import { testPolicy } from "../../src/engine/policy/test.ts";
import type { TestResult } from "../../src/engine/policy/results.ts";
import type { IpPacket } from "../../src/model/packet.ts";
import { listOf } from "../support/dumps.ts";
import { PACKETS, smallDump } from "../support/universe.ts";

/** The policy in words of its own, so that it is not read by what is tested. */
const ENDS: Readonly<Record<string, (value: number | bigint) => boolean>> = {
  any: () => true,
  "10.0.0.1": (value) => value === 0x0a000001,
  "10.0.0.0/31": (value) => value === 0x0a000000 || value === 0x0a000001,
  "2001:db8::1": (value) => value === (0x20010db8n << 96n) + 1n,
  "{except: 10.0.0.1}": (value) => value !== 0x0a000001,
};
const SERVICES: Readonly<Record<string, (packet: IpPacket) => boolean>> = {
  any: () => true,
  "tcp/80": ({ protocol, destinationPort }) => protocol === 6 && destinationPort === 80,
  "[tcp/80-443, icmp]": ({ protocol, destinationPort }) =>
    protocol === 1 || (protocol === 6 && destinationPort! >= 80 && destinationPort! <= 443),
  "{except: [tcp/80, udp]}": ({ protocol, destinationPort }) =>
    protocol !== 17 && !(protocol === 6 && destinationPort === 80),
};

const one = (values: Readonly<Record<string, unknown>>): fc.Arbitrary<string> =>
  fc.constantFrom(...Object.keys(values));

const question = fc.record({
  from: one(ENDS),
  to: one(ENDS),
  service: one(SERVICES),
  direction: fc.constantFrom("in", "out", "both"),
  demand: fc.constantFrom(
    "expect: accept",
    "expect: deny",
    "expect: drop",
    "by: 101",
    "by: 102",
    "only: true",
    "expect: deny, by: 102",
  ),
});

function decided(text: string, assertion: string): { result: TestResult; rules: ReturnType<typeof listOf> } {
  const input = readInput([{ file: "dump.txt", text }]);
  const { policy, problems } = readPolicy("policy.yaml", `assertions: [{name: x, ${assertion}}]`, input);
  expect(problems).toBeNull();
  return { result: testPolicy(input, policy!), rules: listOf(input.filters[0]!.filter) };
}

it.each([{ known: true }, { known: false }])(
  "passes exactly if no packet may break it, and every witness is confirmed: $known",
  ({ known }) => {
    fc.assert(
      fc.property(
        smallDump({ known, most: 6 }),
        question,
        (text, { from, to, service, direction, demand }) => {
          const { result, rules } = decided(
            text,
            `from: ${from}, to: ${to}, service: ${service}, direction: ${direction}, ${demand}`,
          );
          const isOnly = demand === "only: true";
          const isIn = (packet: IpPacket): boolean =>
            ENDS[from]!(packet.source) !== isOnly &&
            ENDS[to]!(packet.destination) &&
            SERVICES[service]!(packet) &&
            (direction === "both" || packet.direction === direction);
          const by = /by: (\d+)/.exec(demand)?.[1];
          const expected = /expect: (\w+)/.exec(demand)?.[1];
          const breaks = (verdict: string | null, id: number | null): boolean => {
            if (isOnly) return verdict === "accept";
            const meets =
              expected === "deny" ? verdict === "drop" || verdict === "reject" : verdict === expected;
            return (expected !== undefined && !meets) || (by !== undefined && id !== Number(by));
          };
          let broken = false;
          let certainly = false;
          let asked = 0;
          const possible = new Set<number>();
          for (const packet of PACKETS as readonly IpPacket[]) {
            if (!isIn(packet)) continue;
            asked += 1;
            const truth = firstMatch(rules, packet);
            const own = breaks(truth.rule?.verdict ?? "no-match", truth.rule?.reference.id ?? null);
            // Rules before the decider that may match, whatever their action, can only make it doubtful.
            const others = truth.trace
              .filter(({ rule, match }) => match.matches === "unknown" || !rule.decides)
              .filter(({ match }) => match.matches !== "no");
            for (const { rule } of others) possible.add(rule.reference.id!);
            if (own) broken = true;
            if (own && others.length === 0) certainly = true;
            const turned = truth.dependsOn.some(
              ({ rule }) => rule.verdict === null || breaks(rule.verdict, rule.reference.id),
            );
            if (turned) broken = true;
          }
          const { passed, uncertain, failures } = result.assertions[0]!;
          if (asked === 0) {
            // Nothing of the universe may still be something outside of it.
            return;
          }
          if (certainly) expect({ passed, uncertain }).toEqual({ passed: false, uncertain: false });
          if (broken) expect(passed).toBe(false);
          if (!broken && possible.size === 0) expect(passed).toBe(true);
          for (const { witness, certain, rule } of failures) {
            if (witness === null) continue;
            const packet = packetOf(witness);
            const truth = firstMatch(rules, packet);
            expect(truth.rule?.reference.id ?? null).toBe(rule?.id ?? null);
            expect(flowResult(packet)).toEqual(witness);
            if (certain)
              expect(breaks(truth.rule?.verdict ?? "no-match", truth.rule?.reference.id ?? null)).toBe(true);
          }
        },
      ),
      { numRuns: 250 },
    );
  },
);

function packetOf(
  witness: NonNullable<TestResult["assertions"][number]["failures"][number]["witness"]>,
): IpPacket {
  const numbers: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132, icmp: 1, "ipv6-icmp": 58 };
  const { src, dst, protocol } = witness;
  const ipv6 = src!.includes(":");
  const value = (text: string): number | bigint =>
    ipv6 ? ipv6Value(text) : text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return {
    layer: "ip",
    direction: witness.direction,
    family: ipv6 ? "ipv6" : "ipv4",
    source: value(src!),
    destination: value(dst!),
    protocol: typeof protocol === "number" ? protocol : numbers[protocol!]!,
    sourcePort: witness.srcPort,
    destinationPort: witness.dstPort,
    icmpType: witness.icmpType,
    icmpCode: witness.icmpCode,
  };
}

function ipv6Value(text: string): bigint {
  const [head = "", tail] = text.split("::");
  const parts = (some: string | undefined): string[] =>
    some === undefined || some === "" ? [] : some.split(":");
  const [first, last] = [parts(head), parts(tail)];
  const middle = Array.from({ length: 8 - first.length - last.length }, () => "0");
  return [...first, ...middle, ...last].reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}

it("counts as touched exactly the rules that decide a packet of an assertion, and finds what lies outside", () => {
  fc.assert(
    fc.property(smallDump({ known: true, most: 6 }), question, (text, { from, to, service, direction }) => {
      const { result, rules } = decided(
        text,
        `from: ${from}, to: ${to}, service: ${service}, direction: ${direction}, expect: deny, allowEmpty: true`,
      );
      const touched = new Set<number>();
      const outside = new Set<number>();
      for (const packet of PACKETS as readonly IpPacket[]) {
        const inside =
          ENDS[from]!(packet.source) &&
          ENDS[to]!(packet.destination) &&
          SERVICES[service]!(packet) &&
          (direction === "both" || packet.direction === direction);
        const { rule } = firstMatch(rules, packet);
        if (rule === null) continue;
        if (inside) touched.add(rule.reference.id!);
        else if (rule.verdict === "accept") outside.add(rule.reference.id!);
      }
      const [filter] = result.coverage.filters;
      for (const { id } of filter!.untouched) expect(touched.has(id!)).toBe(false);
      const found = new Set(filter!.outside.map(({ rule }) => rule.id!));
      for (const id of outside) expect(found.has(id)).toBe(true);
      for (const { rule, witness } of filter!.outside) {
        expect(firstMatch(rules, packetOf(witness)).rule?.reference.id).toBe(rule.id);
      }
    }),
    { numRuns: 200 },
  );
});
