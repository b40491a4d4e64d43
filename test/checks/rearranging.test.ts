import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { union } from "../../src/model/ranges.ts";
import type { AddressRanges } from "../../src/model/address.ts";
import type { Endpoint, IpRule, Rule } from "../../src/model/rule.ts";
import { interpretations, packetClasses, stopper } from "../support/interpretations.ts";
import { filterOf, listOf } from "../support/dumps.ts";
import { PACKETS } from "../support/universe.ts";
import { dumpOf, findingsWith, found } from "./support.ts";

/** Merges that two checks propose, carried out as their findings say, against every packet of a small universe. */

const SETS = {
  web: ["10.0.0.0/31", "2001:db8::"],
  db: ["10.0.0.1", "10.0.0.2"],
  ops: ["10.0.0.3", "2001:db8::1"],
};
const DEFAULT = "inout protocol any from any to any drop with log";

const ALWAYS = {
  parameters: new Map([
    ["service-explosion", { leastLines: 1, leastPercent: 0 }],
    ["mergeable-rules", { leastRules: 1, leastPercent: 0 }],
  ]),
};

function dataOf(check: string, text: string): Readonly<Record<string, unknown>> | null {
  const findings = findingsWith(ALWAYS, text).filter((finding) => finding.check === check);
  expect(findings.length).toBeLessThanOrEqual(1);
  return findings[0]?.data ?? null;
}

interface Line {
  readonly match: string;
  /** Behind the destination. */
  readonly rest: string;
}

/** Services that come again and again. */
const USUAL: readonly (readonly Line[])[] = [
  [{ match: "tcp", rest: " port 80" }],
  [{ match: "tcp", rest: " port 443" }],
  [
    { match: "tcp", rest: " port 443 with attribute profile WEB" },
    { match: "udp", rest: " port 443" },
  ],
];

const line: fc.Arbitrary<Line> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom("tcp", "tcp", "tcp", "udp", "tcp strict"),
        fc.constantFrom("80", "443", "81", "80-81", "{80, 443}"),
        fc.constantFrom("", "", "", "", " with attribute profile WEB", " with attribute profile DB"),
      )
      .map(([match, ports, qualifier]) => ({ match, rest: ` port ${ports}${qualifier}` })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("icmp icmptype 8", "gre", "any").map((match) => ({ match, rest: "" })),
  },
);

const lines: fc.Arbitrary<readonly Line[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...USUAL) },
  { weight: 1, arbitrary: fc.array(line, { minLength: 1, maxLength: 4 }) },
);

interface ManagerRule {
  readonly change: "from" | "to" | "lines" | "action" | "all";
  readonly goesOn: number;
  readonly from: string;
  readonly to: string;
  readonly action: string;
  readonly lines: readonly Line[];
  readonly odd: number;
}

function nextRule(before: ManagerRule, rule: ManagerRule): ManagerRule {
  switch (rule.change) {
    case "all":
      return rule;
    // One rule between others that takes other packets, and some of theirs.
    case "action":
      return { ...rule, lines: before.lines };
    default:
      return { ...before, goesOn: rule.goesOn, [rule.change]: rule[rule.change] };
  }
}

/**
 * Rules of the manager of one to four lines, most of which differ from the one before in one field; now and then a
 * line of another action, or an id that goes on.
 */
const dump = fc
  .array(
    fc.record<ManagerRule>({
      change: fc.constantFrom("from", "from", "to", "to", "lines", "action", "action", "all"),
      goesOn: fc.nat(15),
      from: fc.constantFrom(
        "addrset web",
        "addrset db",
        "addrset ops",
        "ip 10.0.0.0",
        "ip 10.0.0.2",
        "not addrset db",
        "any",
      ),
      to: fc.constantFrom("addrset web", "addrset ops", "ip 10.0.0.3", "ip 10.0.0.2", "any"),
      action: fc.constantFrom("accept", "accept", "accept", "drop", "accept with log", "reject"),
      lines,
      odd: fc.nat(15),
    }),
    { minLength: 2, maxLength: 8 },
  )
  .map((rules) => {
    let id = 100;
    let before = rules[0]!;
    const bodies = rules.flatMap((rule): [number, string][] => {
      const { change, goesOn, odd } = rule;
      const next = nextRule(before, rule);
      if (change !== "action") before = next;
      if (goesOn > 0) id += 1;
      return next.lines.map(({ match, rest }, index) => [
        id,
        `inout protocol ${match} from ${next.from} to ${next.to}${rest} ${index === odd ? "drop" : next.action}`,
      ]);
    });
    return dumpOf([...bodies, [1001, DEFAULT]], SETS);
  });

/** Lines of one rule, each with its own action: what packs, and what stands in its way. */
const exploded = fc
  .array(fc.tuple(line, fc.constantFrom("accept", "accept", "accept", "drop", "accept with log")), {
    minLength: 3,
    maxLength: 7,
  })
  .map((all) =>
    dumpOf(
      [
        ...all.map(([{ match, rest }, action]): [number, string] => [
          7,
          `inout protocol ${match} from any to any${rest} ${action}`,
        ]),
        [1001, DEFAULT],
      ],
      SETS,
    ),
  );

/** Verdict and treatment of every packet, however the unknown turns out, before and after. */
function expectSame(before: readonly Rule[], after: readonly Rule[]): void {
  const worlds = interpretations([...before, ...after])!;
  for (const { packet } of packetClasses([...before, ...after], PACKETS)) {
    for (const world of worlds) {
      const said = [before, after].map((rules) => {
        const index = stopper(rules, packetClasses(rules, [packet])[0]!, world);
        const rule = index === null ? null : rules[index]!;
        return JSON.stringify([rule?.action, rule?.treatment]);
      });
      expect(said[1]).toBe(said[0]);
    }
  }
}

function uniteEndpoints(a: Endpoint, b: Endpoint): Endpoint {
  const unite = (x: AddressRanges, y: AddressRanges): AddressRanges => ({
    ipv4: union(x.ipv4, y.ipv4),
    ipv6: union(x.ipv6, y.ipv6),
    mac: union(x.mac, y.mac),
  });
  return { must: unite(a.must, b.must), may: unite(a.may, b.may) };
}

describe("service-explosion", () => {
  interface Packing {
    readonly positions: readonly number[];
    readonly packed: number;
  }

  /** The list with the lines of each packing replaced by one line with all their ports. */
  function packed(rules: readonly Rule[], packings: readonly Packing[]): Rule[] {
    const result: (Rule | null)[] = [...rules];
    for (const { positions } of packings) {
      const [first, ...others] = positions.map((position) => position - 1);
      for (const other of others) {
        const into = result[first!] as IpRule;
        const from = rules[other] as IpRule;
        if (into.service.type !== "ports" || from.service.type !== "ports") throw new Error("no ports");
        expect(from.service.protocols).toEqual(into.service.protocols);
        const destinationPorts = union(into.service.destinationPorts, from.service.destinationPorts);
        result[first!] = { ...into, service: { ...into.service, destinationPorts } };
        result[other] = null;
      }
    }
    return result.filter((rule) => rule !== null);
  }

  it("changes no packet's verdict or treatment", () => {
    let packings = 0;
    fc.assert(
      fc.property(fc.oneof(exploded, dump), (text) => {
        const data = dataOf("service-explosion", text);
        if (data === null) return;
        const before = listOf(filterOf(text));
        const after = packed(before, data["packings"] as Packing[]);
        packings += (data["packings"] as Packing[]).length;
        expect(data["saved"]).toBeGreaterThan(0);
        expectSame(before, after);
      }),
      { numRuns: 150 },
    );
    expect(packings).toBeGreaterThan(20);
  });

  const tcp = (ports: string, rest = "accept"): [number, string] => [
    7,
    `inout protocol tcp from addrset web to any port ${ports} ${rest}`,
  ];
  const savedIn = (lines: readonly [number, string][]): unknown =>
    (dataOf("service-explosion", dumpOf([...lines, [1001, DEFAULT]], SETS)) ?? {})["saved"];
  const each = (count: number, ports: (index: number) => string): [number, string][] =>
    Array.from({ length: count }, (_, index) => tcp(ports(index)));

  it.each([
    ["two ports", each(2, (n) => `${n * 2}`), 1],
    ["15 ports", each(15, (n) => `${n * 2}`), 14],
    ["16 ports", each(16, (n) => `${n * 2}`), 14],
    ["ports that are neighbours make a range", each(30, (n) => `${n}`), 29],
    ["7 ranges", each(7, (n) => `${n * 10}-${n * 10 + 3}`), 6],
    ["8 ranges", each(8, (n) => `${n * 10}-${n * 10 + 3}`), 6],
    ["7 ranges and a port", [...each(7, (n) => `${n * 10}-${n * 10 + 3}`), tcp("999")], 7],
    ["7 ranges and two ports", [...each(7, (n) => `${n * 10}-${n * 10 + 3}`), tcp("997"), tcp("999")], 7],
    [
      "lines that are full",
      each(3, (n) => `{${Array.from({ length: 15 }, (_, m) => 100 * n + 2 * m).join(", ")}}`),
      undefined,
    ],
    ["equal lines", [tcp("80"), tcp("80")], 1],
  ] as [string, [number, string][], number | undefined][])("%s", (_, lines, saved) => {
    expect(savedIn(lines)).toBe(saved);
  });

  it.each([
    ["protocol", "inout protocol udp from addrset web to any port 81 accept"],
    ["source", "inout protocol tcp from addrset db to any port 81 accept"],
    ["destination", "inout protocol tcp from addrset web to addrset db port 81 accept"],
    ["source port", "inout protocol tcp from addrset web port 1000 to any port 81 accept"],
    ["family", "inout inet protocol tcp from addrset web to any port 81 accept"],
    ["direction", "in protocol tcp from addrset web to any port 81 accept"],
    ["verdict", "inout protocol tcp from addrset web to any port 81 drop"],
    ["log", "inout protocol tcp from addrset web to any port 81 accept with log"],
    ["profile", "inout protocol tcp from addrset web to any port 81 with attribute profile X accept"],
    ["ALG", "inout protocol tcp from addrset web to any port 81 accept as ftp"],
    ["strict", "inout protocol tcp strict from addrset web to any port 81 accept"],
    ["no ports", "inout protocol tcp from addrset web to any accept"],
  ])("lines that differ in %s do not pack", (_, other) => {
    expect(savedIn([tcp("80"), [7, other]])).toBeUndefined();
    expect(savedIn([tcp("80"), [7, other], tcp("82")])).toBe(1);
  });

  it("a line passes what takes none of its packets, and not what decides otherwise about some", () => {
    expect(savedIn([tcp("80"), tcp("443", "drop"), tcp("81")])).toBe(1);
    expect(savedIn([tcp("80"), tcp("81-90", "drop"), tcp("81")])).toBeUndefined();
    expect(savedIn([tcp("80"), tcp("81-90", "drop"), tcp("81"), tcp("82")])).toBe(1);
    expect(
      savedIn([tcp("80"), [8, "inout protocol tcp from any to any port 443 drop"], tcp("81")]),
    ).toBeUndefined();
  });

  it("is quiet where little is saved: ten lines at least, and one in twenty", () => {
    const rest = (count: number): [number, string][] =>
      Array.from({ length: count }, (_, n) => [
        100 + n,
        `inout protocol udp from any to ip 10.9.0.${n % 250} port ${n} drop`,
      ]);
    const said = (lines: readonly [number, string][]): number =>
      found("service-explosion", dumpOf([...lines, [1001, DEFAULT]], SETS)).length;
    expect(said(each(10, (n) => `${n * 2}`))).toBe(0);
    expect(said(each(11, (n) => `${n * 2}`))).toBe(1);
    expect(said([...each(11, (n) => `${n * 2}`), ...rest(188)])).toBe(1);
    expect(said([...each(11, (n) => `${n * 2}`), ...rest(189)])).toBe(0);
  });
});

describe("mergeable-rules", () => {
  interface Group {
    readonly field: "source" | "destination" | "service";
    readonly rules: readonly { readonly id: number; readonly positions: readonly number[] }[];
  }

  /** The list with each group as one rule in the place of the first. */
  function merged(rules: readonly Rule[], groups: readonly Group[]): Rule[] {
    const result: Rule[][] = rules.map((rule) => [rule]);
    for (const { field, rules: members } of groups) {
      const [first, ...others] = members.map(({ positions }) => positions.map((position) => position - 1));
      for (const other of others) {
        if (field === "service") result[first!.at(-1)!]!.push(...other.map((index) => rules[index]!));
        else {
          for (const [line, index] of other.entries()) {
            const at = first![line]!;
            const [into] = result[at]!;
            result[at] = [{ ...into!, [field]: uniteEndpoints(into![field], rules[index]![field]) }];
          }
        }
        for (const index of other) result[index] = [];
      }
    }
    return result.flat();
  }

  it("changes no packet's verdict or treatment", () => {
    const fields = { source: 0, destination: 0, service: 0 };
    fc.assert(
      fc.property(dump, (text) => {
        const data = dataOf("mergeable-rules", text);
        if (data === null) return;
        const groups = data["groups"] as Group[];
        const all = groups.flatMap(({ rules }) => rules.map(({ id }) => id));
        expect(new Set(all).size).toBe(all.length);
        expect(data["saved"]).toBe(all.length - groups.length);
        for (const { field } of groups) fields[field] += 1;
        const before = listOf(filterOf(text));
        expectSame(before, merged(before, groups));
      }),
      { numRuns: 200 },
    );
    for (const count of Object.values(fields)) expect(count).toBeGreaterThan(0);
  });

  const groupsIn = (bodies: readonly (string | [number, string])[]): string[] =>
    (
      (dataOf("mergeable-rules", dumpOf([...bodies, [1001, DEFAULT]], SETS)) ?? { groups: [] })[
        "groups"
      ] as Group[]
    ).map(({ field, rules }) => `${field}: ${rules.map(({ id }) => id).join(", ")}`);
  const rule = "inout protocol tcp from addrset web to addrset ops port 80 accept";

  it.each([
    ["source", [rule, rule.replace("web", "db")], ["source: 101, 102"]],
    ["destination", [rule, rule.replace("ops", "db")], ["destination: 101, 102"]],
    ["service", [rule, rule.replace("80", "443")], ["service: 101, 102"]],
    ["another protocol", [rule, rule.replace("tcp", "udp")], ["service: 101, 102"]],
    ["source and service", [rule, rule.replace("web", "db").replace("80", "443")], []],
    ["verdict", [rule, rule.replace("web", "db").replace("accept", "reject")], []],
    ["log", [rule, `${rule.replace("web", "db")} with log`], []],
    ["direction", [rule, rule.replace("web", "db").replace("inout", "in")], []],
    ["family", [rule, rule.replace("80", "443").replace("inout", "inout inet")], []],
    ["profile", [rule, rule.replace("web", "db").replace("accept", "with attribute profile X accept")], []],
    [
      "groups under not",
      [
        rule.replace("web", "not web").replace("addrset not", "not addrset"),
        rule.replace("addrset web", "not addrset db"),
      ],
      [],
    ],
    ["any", [rule, rule.replace("addrset web", "any").replace("80", "80 ")], []],
    ["unknown actions", [rule, rule.replace("web", "db")].map((body) => body.replace("accept", "punt")), []],
    ["undefined sets, whatever they hold", [rule, rule.replace("web", "gone")], ["source: 101, 102"]],
  ] as [string, string[], string[]][])("rules that differ in %s", (_, bodies, expected) => {
    expect(groupsIn(bodies)).toEqual(expected);
  });

  it("takes the largest group, and every rule once", () => {
    expect(
      groupsIn([
        rule,
        rule.replace("web", "db"),
        rule.replace("web", "ops"),
        rule.replace("80", "443"),
        rule.replace("80", "81"),
      ]),
    ).toEqual(["source: 101, 102, 103", "service: 104, 105"]);
  });

  it("moves past what takes none of its packets or decides the same, not past the rest", () => {
    const other = rule.replace("web", "ops");
    const between = (body: string): string[] => groupsIn([rule, `inout protocol tcp from ${body}`, other]);
    expect(between("any to any port 443 drop")).toEqual(["source: 101, 103"]);
    expect(between("ip 10.0.0.2 to any port 80 drop")).toEqual(["source: 101, 103"]);
    expect(between("ip 10.0.0.3 to any port 80 drop")).toEqual([]);
    expect(between("ip 10.0.0.3 to any port 80 accept")).toEqual(["source: 101, 103"]);
    expect(between("ip 10.0.0.3 to any port 80 accept with log")).toEqual([]);
    expect(between("addrset gone to any port 80 with attribute profile X reject")).toEqual([]);
    expect(between("ip 10.0.0.3 to any port 80 punt")).toEqual([]);
  });

  it("merges whole rules: every line has its counterpart", () => {
    const two = (id: number, from: string): [number, string][] => [
      [id, rule.replace("web", from)],
      [id, rule.replace("web", from).replace("80", "443")],
    ];
    expect(groupsIn([...two(7, "web"), ...two(8, "db")])).toEqual(["source: 7, 8"]);
    expect(groupsIn([...two(7, "web"), [8, rule.replace("web", "db")]])).toEqual([]);
    // An id that comes again, or whose lines differ otherwise, is no rule to merge.
    expect(groupsIn([...two(7, "web"), ...two(8, "db"), [7, rule.replace("web", "ops")]])).toEqual([]);
    expect(
      groupsIn([
        [7, rule],
        [7, `${rule.replace("80", "443")} with log`],
        [8, rule.replace("80", "81")],
      ]),
    ).toEqual([]);
  });

  it("leaves out what nothing reaches, what repeats another rule, system rules and what stands in another category", () => {
    const other = rule.replace("web", "db");
    expect(groupsIn(["inout protocol tcp from any to any port 80 accept", rule, other])).toEqual([]);
    expect(groupsIn([rule, rule])).toEqual([]);
    expect(groupsIn([rule, [1003, other]])).toEqual([]);
    const text = `ruleset mainrs {
      # PRE_FILTER rules
      rule 501 at 1 ${rule};
      # FILTER rules
      rule 502 at 1 ${other};
      rule 2 at 2 ${DEFAULT};
    }
    ${dumpOf([], SETS).replace(/^ruleset.*\n\}\n/, "")}`;
    expect(dataOf("mergeable-rules", text)).toBeNull();
    expect(dataOf("mergeable-rules", text.replace("      # FILTER rules\n", ""))).not.toBeNull();
  });

  it("is quiet where little is saved: ten rules at least, and one in twenty", () => {
    const many = (count: number): string[] =>
      Array.from(
        { length: count },
        (_, n) => `inout protocol tcp from ip 10.1.0.${n} to addrset db port 5432 accept`,
      );
    const rest = (count: number): string[] =>
      Array.from(
        { length: count },
        (_, n) => `inout protocol udp from ip 10.2.0.${n} to ip 10.3.0.${n} port ${n} drop`,
      );
    const said = (bodies: readonly string[]): number =>
      found("mergeable-rules", dumpOf([...bodies, DEFAULT], SETS)).length;
    expect(said(many(10))).toBe(0);
    expect(said(many(11))).toBe(1);
    expect(said([...many(11), ...rest(188)])).toBe(1);
    expect(said([...many(11), ...rest(189)])).toBe(0);
  });
});
