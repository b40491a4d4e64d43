import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { matchRule } from "../../src/analysis/first-match.ts";
import { readInput } from "../../src/engine/input.ts";
import { addressRanges, parseAddress } from "../../src/model/address.ts";
import { PACKETS, smallDump } from "../support/universe.ts";
import { dumpOf, findingsWith, found } from "./support.ts";

const DEFAULT = "inout protocol any from any to any drop with log";

describe("rule-limit", () => {
  const limits = { rulesPerFilter: 10, rulesPerHost: 25, warnAtPercent: 80 };
  const rules = (count: number): string =>
    dumpOf([
      ...Array.from(
        { length: count - 1 },
        (_, n) => `inout protocol tcp from any to any port ${n + 1} accept`,
      ),
      DEFAULT,
    ]);
  const of = (text: string, over: Partial<typeof limits> = {}): string[] =>
    findingsWith({ limits: { ...limits, ...over } }, text)
      .filter(({ check }) => check === "rule-limit")
      .map(({ severity, data }) => [severity, data["scope"], data["rules"]].join(" "));

  it.each([
    [7, []],
    [8, ["warning filter 8"]],
    [10, ["warning filter 10"]],
    [11, ["error filter 11"]],
  ])("%i rules of 10: %j", (count, expected) => {
    expect(of(rules(count))).toEqual(expected);
  });

  it("is set by the configuration, and 4,000 by default", () => {
    expect(of(rules(8), { warnAtPercent: 81 })).toEqual([]);
    expect(of(rules(8), { rulesPerFilter: 7 })).toEqual(["error filter 8"]);
    expect(of(rules(8), { rulesPerFilter: 1000, rulesPerHost: 7 })).toEqual(["error host 8"]);
    expect(found("rule-limit", rules(3199))).toEqual([]);
    expect(found("rule-limit", rules(3200)).map(({ severity }) => severity)).toEqual(["warning"]);
    expect(found("rule-limit", rules(4001)).map(({ message }) => message)).toEqual([
      "the filter holds 4,001 rules, 1 more than the 4,000 that a filter may hold",
    ]);
  });

  it("adds filters up for the host, and counts layer 2, ALG twins and IDP rules as they are printed", () => {
    const vnic = (name: string): string => `# vsipioctl getrules -f nic-${name}
ruleset mainrs {
  # FILTER rules
  rule 501 at 1 inout protocol tcp from any to any port 21 accept as ftp;
  # internal # rule 501 at 2 inout protocol tcp from any to any port 21 accept;
  rule 2 at 3 inout protocol any from any to any drop with log;
  # IDP rules
  rule 504 at 1 inout protocol tcp from any to any with ids profile 5f0c2a3e-0d1b-4a55-9f6e-6a3f6b1c7d10 idp_detect;
}
ruleset mainrs_L2 {
  rule 1 at 1 inout ethertype any stateless from any to any accept;
}
`;
    const all = ["1-eth0", "2-eth0", "3-eth0", "4-eth0"].map(vnic).join("");
    expect(of(all)).toEqual(["warning host 20"]);
    expect(of(all, { rulesPerHost: 19 })).toEqual(["error host 20"]);
    expect(of(all, { rulesPerFilter: 5 }).toSorted()).toEqual([
      ...Array.from({ length: 4 }, () => "warning filter 5"),
      "warning host 20",
    ]);
  });

  it("does not count text that does not parse", () => {
    expect(of(rules(8).replace("from any to any port 1 ", "form any to any port 1 "))).toEqual([]);
  });
});

describe("unlogged-rule", () => {
  const of = (...bodies: (string | [number, string])[]): string[] =>
    found("unlogged-rule", dumpOf(bodies, { all: ["0.0.0.0/0", "::/0"] })).map(({ message }) => message);

  it.each([
    ["inout protocol any from any to any drop", "drops every IPv4 and IPv6 packet"],
    ["inout protocol ip from any to any reject", "rejects every IPv4 and IPv6 packet"],
    ["inout protocol any from any to any accept", "accepts every IPv4 and IPv6 packet"],
    ["inout inet6 protocol any from any to any drop", "drops every IPv6 packet"],
    ["in protocol any from any to any drop", "drops every inbound IPv4 and IPv6 packet"],
    ["inout protocol any from addrset all to any drop", "drops every IPv4 and IPv6 packet"],
  ])("%s", (body, words) => {
    expect(of(body)).toEqual([`rule 101 at 1 ${words} that gets to it, and does not log`]);
  });

  it.each([
    "inout protocol any from any to any drop with log",
    "inout protocol tcp from any to any drop",
    "inout protocol any from any to ip 10.0.0.1 drop",
    "inout protocol any from any to any with attribute profile APP_X drop",
    "inout protocol any from any to addrset gone drop",
    "inout protocol any from any to any punt",
  ])("%s: not said", (body) => {
    expect(of(body)).toEqual([]);
  });

  it("is said of what is reached only, and once an id", () => {
    expect(of(DEFAULT, "inout protocol any from any to any drop")).toEqual([]);
    expect(
      of(
        "inout inet protocol any from any to any drop with log",
        "inout inet6 protocol any from any to any drop with log",
        "inout protocol any from any to any drop",
      ),
    ).toEqual([]);
    expect(
      of(
        [7, "inout inet protocol any from any to any drop"],
        [7, "inout inet6 protocol any from any to any drop"],
      ),
    ).toEqual(["rule 7 at 1 and 2 drops every IPv4 and IPv6 packet that gets to it, and does not log"]);
  });

  it("names rules without positions, as nsxcli prints them", () => {
    const rule = (id: number, family: string): string =>
      `rule ${id} inout ${family} protocol any from any to any drop;\n`;
    const named = (text: string): string[] =>
      found("unlogged-rule", text).map(({ message }) => message.split(" drops")[0]!);
    expect(named(rule(7, "inet") + rule(7, "inet6"))).toEqual(["rule 7 (2 lines)"]);
    expect(named(rule(7, "inet") + rule(8, "inet6"))).toEqual(["rule 7", "rule 8"]);
  });

  it("leaves layer 2's accepts alone, and IDP rules", () => {
    const text = `ruleset mainrs_L2 {
      rule 501 at 1 inout ethertype any stateless from any to any ACTION;
    }
    ruleset mainrs {
      # IDP rules
      rule 504 at 1 inout protocol any from any to any idp_detect;
    }`;
    expect(found("unlogged-rule", text.replace("ACTION", "accept"))).toEqual([]);
    expect(found("unlogged-rule", text.replace("ACTION", "drop"))).toHaveLength(1);
  });
});

describe("not-applicable", () => {
  const SETS = {
    own: ["10.1.1.10"],
    other: ["10.2.2.0/24"],
    v6: ["2001:db8::1"],
    many: ["224.0.0.0/24", "255.255.255.255"],
    many6: ["ff02::1"],
    unset: ["0.0.0.0"],
    odd: ["10.0.0.300"],
  };
  const of = (addresses: readonly string[], ...bodies: string[]): unknown[] =>
    findingsWith(
      { vnicAddresses: addressRanges(addresses.map(parseAddress)) },
      dumpOf([...bodies, DEFAULT], SETS),
    )
      .filter(({ check }) => check === "not-applicable")
      .map(({ data }) => (data["rules"] as { id: number }[]).map(({ id }) => id));

  it.each([
    "inout protocol tcp from addrset own to addrset other accept",
    "inout protocol tcp from addrset other to addrset own accept",
    "out protocol tcp from addrset own to any accept",
    "in protocol tcp from any to addrset own accept",
    "in protocol tcp from any to not addrset other accept",
    "inout protocol tcp from any to addrset other accept",
    "in protocol udp from addrset other to addrset many accept",
    "in protocol udp from any to addrset many6 accept",
    "out protocol udp from addrset unset to any accept",
    "inout protocol tcp from addrset odd to addrset odd accept",
    "inout protocol tcp from addrset gone to addrset other accept",
  ])("%s: it may match", (body) => {
    expect(of(["10.1.1.10"], body)).toEqual([]);
  });

  it.each([
    "inout protocol tcp from addrset other to addrset other accept",
    "in protocol tcp from addrset own to addrset other accept",
    "out protocol tcp from addrset other to addrset own accept",
    "out protocol tcp from addrset v6 to any accept",
    "in protocol tcp from any to addrset v6 accept",
    "out protocol udp from addrset many to any accept",
    "in protocol udp from any to addrset unset accept",
  ])("%s: never this machine's", (body) => {
    expect(of(["10.1.1.10"], body)).toEqual([[101]]);
  });

  it("takes every address of the vNIC", () => {
    const body = "in protocol tcp from any to addrset v6 accept";
    expect(of(["10.1.1.10", "2001:db8::1"], body)).toEqual([]);
    expect(of(["10.2.2.0/25"], "in protocol tcp from any to addrset other accept")).toEqual([]);
    expect(of(["2001:db8::1"], "in protocol tcp from any to addrset own accept")).toEqual([[101]]);
  });

  it("says nothing without addresses, of layer 2, and of what can never match anywhere", () => {
    const other = "inout protocol tcp from addrset other to addrset other accept";
    expect(of([], other)).toEqual([]);
    expect(found("not-applicable", dumpOf([other, DEFAULT], SETS))).toEqual([]);
    expect(of(["10.1.1.10"], "inout inet6 protocol tcp from addrset other to any accept")).toEqual([]);
    const layer2 =
      "ruleset mainrs_L2 {\n  rule 1 at 1 inout ethertype arp from mac 00:50:56:00:00:01 to any accept;\n}";
    const settings = { vnicAddresses: addressRanges([parseAddress("10.1.1.10")]) };
    expect(findingsWith(settings, layer2).filter(({ check }) => check === "not-applicable")).toEqual([]);
  });

  it("is one finding a filter, with how many of how many and all of them", () => {
    const foreign = Array.from({ length: 15 }, (_, n) => `in protocol tcp from any to ip 10.9.0.${n} accept`);
    const findings = findingsWith(
      { vnicAddresses: addressRanges([parseAddress("10.1.1.10")]) },
      dumpOf(["in protocol tcp from any to addrset own accept", ...foreign, DEFAULT], SETS),
    ).filter(({ check }) => check === "not-applicable");
    expect(findings).toHaveLength(1);
    const [{ data, related, message, why }] = findings as [(typeof findings)[0]];
    expect([data["count"], data["of"], (data["rules"] as unknown[]).length, related.length]).toEqual([
      15, 17, 15, 10,
    ]);
    expect(message).toMatch(/^15 of 17 rules can never match at this vNIC/);
    expect(why).toContain("No IPv6 address of the vNIC was given");
  });

  it("is exact: the rules that match no packet which this machine may send or receive", () => {
    const own: readonly (number | bigint)[] = [0x0a000001, (0x20010db8n << 96n) + 1n];
    // No rule tells these from multicast and from the unspecified address.
    const others: readonly (number | bigint)[] = [0x0a000004, (0x20010db8n << 96n) + 2n];
    const mine = PACKETS.filter(
      (packet) =>
        packet.layer === "ip" &&
        [...own, ...others].includes(packet.direction === "out" ? packet.source : packet.destination),
    );
    const settings = { vnicAddresses: addressRanges(["10.0.0.1", "2001:db8::1"].map(parseAddress)) };
    let foreign = 0;
    fc.assert(
      fc.property(smallDump({ known: false, most: 6 }), (text) => {
        const { filters } = readInput([{ file: "dump.txt", text }]);
        const matches = filters[0]!.filter.rules.map((rule) => ({
          id: rule.reference.id,
          any: PACKETS.some((packet) => matchRule(rule, packet).matches !== "no"),
          mine: mine.some((packet) => matchRule(rule, packet).matches !== "no"),
        }));
        const expected = matches.filter((rule) => rule.any && !rule.mine).map(({ id }) => id);
        const finding = findingsWith(settings, text).find(({ check }) => check === "not-applicable");
        expect(((finding?.data["rules"] ?? []) as { id: number }[]).map(({ id }) => id)).toEqual(expected);
        foreign += expected.length;
      }),
      { numRuns: 60 },
    );
    expect(foreign).toBeGreaterThan(0);
  });
});
