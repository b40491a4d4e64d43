import { describe, expect, it } from "@jest/globals";
import { DEFAULT_SETTINGS } from "../../src/checks/settings.ts";
import { readInput } from "../../src/engine/input.ts";
import { lint } from "../../src/engine/lint.ts";
import type { FindingResult } from "../../src/engine/results.ts";
import { dumpOf, found, ids } from "./support.ts";

/** Rules of which a part is lost or that change nothing: `partly-shadowed` and `removable-rule`. */

const SETS = {
  office: ["10.0.0.0/16"],
  floor: ["10.0.0.0/17"],
  team: ["10.0.3.0/24"],
  elsewhere: ["10.1.0.0/16"],
  across: ["10.0.255.0/24", "10.1.0.0/24"],
  both: ["10.0.0.0/16", "2001:db8::/48"],
  web: ["10.9.0.10", "10.9.0.11", "2001:db8:9::10"],
  web1: ["10.9.0.10"],
  odd: ["10.0.3.0/24", "10.0.4.999"],
};
const DEFAULT = "inout protocol any from any to any drop with log";
const dump = (...rules: Parameters<typeof dumpOf>[0]): string => dumpOf([...rules, DEFAULT], SETS);

describe("a part that earlier rules take", () => {
  const parts = (...rules: Parameters<typeof dumpOf>[0]): string[] =>
    found("partly-shadowed", dump(...rules)).map(
      ({ message, certain, ...finding }) =>
        `${ids(finding as FindingResult)}: ${/ takes? (.*) first/.exec(message)![1]}${certain ? "" : "?"}`,
    );
  const ACCEPT = "inout inet protocol tcp from addrset office to addrset web port {80, 443} accept";

  it.each([
    // Half of the packets and more, in the family where it is most.
    ["from addrset floor to any", ["102 by 101: 50 %"]],
    ["from addrset office to addrset web1", ["102 by 101: 50 %"]],
    ["from any to any port 80", ["102 by 101: 50 %"]],
    ["from not addrset team to any", ["102 by 101: nearly all"]],
    // Less than half, but all of a set within its own.
    ["from addrset team to any", ["102 by 101: all from addrset team"]],
    ["from addrset team to addrset web port 80-443", ["102 by 101: all from addrset team"]],
    // Some of a port, some of a set, a set that lies outside too, an address without a name.
    ["from addrset team to any port 80", []],
    ["from addrset across to any", []],
    ["from addrset odd to any", []],
    ["from ip 10.0.3.0/24 to any", []],
    ["from addrset elsewhere to any", []],
  ])("drop %s: %j", (drop, expected) => {
    expect(parts(`inout protocol tcp ${drop} drop`, ACCEPT)).toEqual(expected);
  });

  it("all of one port that the rule lists, or of several", () => {
    const list =
      "inout inet protocol tcp from addrset office to addrset web port {22, 80, 443, 8000-8009} accept";
    expect(parts("inout protocol tcp from any to any port 443 drop", list)).toEqual([
      "102 by 101: all of port 443",
    ]);
    expect(parts("inout protocol tcp from any to any port {1-79, 443} reject", list)).toEqual([
      "102 by 101: all of ports 22 and 443",
    ]);
    expect(parts("inout protocol tcp from any to any port 8000-8004 drop", list)).toEqual([]);
    expect(parts("inout protocol udp from any to any port 443 drop", list)).toEqual([]);
    expect(
      parts(
        "inout protocol tcp from addrset floor to any port 443 drop",
        "inout protocol tcp from not addrset floor to any port 443 reject",
        list,
      ),
    ).toEqual(["103 by 101, 102: all of port 443"]);
  });

  it("not if a rule with the same verdict takes some of it before", () => {
    const list = "inout inet protocol tcp from addrset office to addrset web port {22, 80, 443} accept";
    expect(
      parts(
        "inout protocol tcp from addrset team to any port 443 accept with log",
        "inout protocol tcp from any to any port 443 drop",
        list,
      ),
    ).toEqual([]);
  });

  it("perhaps not if a rule that the dump does not say all about stands before", () => {
    const qualified = (action: string): string =>
      `inout protocol tcp from any to any port 443 with attribute profile APP ${action}`;
    const rules = ["inout protocol tcp from addrset floor to any drop", ACCEPT];
    expect(parts(qualified("accept"), ...rules)).toEqual(["103 by 102: 50 %?"]);
    expect(parts(qualified("punt"), ...rules)).toEqual(["103 by 102: 50 %?"]);
    expect(parts(qualified("drop"), ...rules)).toEqual(["103 by 102: 50 %"]);
  });

  it("says the family if the rule is about both", () => {
    const rule = "inout protocol tcp from addrset both to addrset web port 443 accept";
    expect(parts("inout inet6 protocol tcp from any to any drop", rule)).toEqual([
      "102 by 101: all of its IPv6 packets",
    ]);
    expect(parts("inout protocol tcp from addrset floor to any drop", rule)).toEqual([
      "102 by 101: 50 % of its IPv4 packets",
    ]);
  });

  it("a port is lost only if it is in both families", () => {
    const rule = "inout protocol tcp from addrset both to addrset web port {80, 443, 8443} accept";
    expect(parts("inout inet protocol tcp from any to any port 443 drop", rule)).toEqual([]);
    expect(parts("inout protocol tcp from any to any port 443 drop", rule)).toEqual([
      "102 by 101: all of port 443",
    ]);
  });

  it("exceptions above a rule without addresses of its own are how firewalls are written", () => {
    for (const from of ["any", "not addrset elsewhere"]) {
      expect(
        parts(
          "inout protocol any from addrset team to any drop",
          "inout protocol any from addrset floor to any drop",
          `inout protocol tcp from ${from} to addrset web port {80, 443} accept`,
        ),
      ).toEqual([]);
    }
  });

  it("nothing is said of the system's rules, of dead ones, and of what the dump does not say", () => {
    expect(
      parts(
        "inout protocol udp from any to addrset web port 67 drop",
        "inout protocol udp from any to not addrset web port 67 drop",
        [1002, "inout protocol udp from any to any port 67-68 accept"],
      ),
    ).toEqual([]);
    expect(parts("inout protocol tcp from any to any drop", ACCEPT)).toEqual([]);
    expect(
      parts(
        "inout protocol tcp from addrset floor to any drop",
        "inout protocol tcp from addrset office to addrset web port 443 with attribute profile APP accept",
      ),
    ).toEqual([]);
  });

  it("the percentage is a parameter", () => {
    const text = dump("inout protocol tcp from addrset floor to any port 80 drop", ACCEPT);
    const at = (percent: number): number =>
      lint(readInput([{ file: "dump.txt", text }]), {
        settings: { ...DEFAULT_SETTINGS, parameters: new Map([["partly-shadowed", { percent }]]) },
      }).findings.filter(({ check }) => check === "partly-shadowed").length;
    expect([at(25), at(26)]).toEqual([1, 0]);
  });
});

describe("rules that can be left out", () => {
  const removable = (...rules: Parameters<typeof dumpOf>[0]): string[] =>
    found("removable-rule", dump(...rules)).map(
      (finding) =>
        `${ids(finding)} of ${(finding.data["rules"] as { id: number }[]).map(({ id }) => id).join()}`,
    );
  const NARROW = "inout protocol tcp from addrset team to addrset web port 443 accept";

  it("are named at the rule that would take over, all together", () => {
    expect(
      removable(
        NARROW,
        "inout protocol tcp from addrset floor to addrset web port 443 accept",
        "inout protocol tcp from addrset office to addrset web accept",
      ),
    ).toEqual(["102 by 101 of 101", "103 by 102 of 102"]);
    expect(
      removable(
        NARROW,
        "inout protocol tcp from addrset floor to addrset web port 80 accept",
        "inout protocol tcp from addrset office to addrset web accept",
      ),
    ).toEqual(["103 by 101, 102 of 101,102"]);
  });

  it("or at themselves if several take over, and never at a rule that does otherwise", () => {
    expect(
      removable(
        NARROW,
        "inout inet protocol tcp from addrset office to addrset web accept",
        "inout inet protocol tcp from addrset office to addrset web1 accept with log",
      ),
    ).toEqual(["102 by 101 of 101"]);
    const [finding] = found(
      "removable-rule",
      dump(
        "inout protocol tcp from addrset office to addrset web port 443 accept",
        "inout protocol tcp from addrset floor to addrset web port 443-444 accept",
        "inout protocol tcp from not addrset floor to addrset web port 443-445 accept",
      ),
    );
    expect(finding!.message).toBe(
      "rule 101 at 1 can be left out: later rules give its packets the same verdict and treatment",
    );
    expect(ids(finding!)).toBe("101");
  });

  it.each([
    ["another verdict", "inout protocol tcp from addrset office to addrset web drop"],
    ["another log", "inout protocol tcp from addrset office to addrset web accept with log"],
    ["another tag", "inout protocol tcp from addrset office to addrset web accept tag 'a'"],
    ["strict", "inout protocol tcp strict from addrset office to addrset web accept"],
    [
      "an attribute",
      "inout protocol tcp from addrset office to addrset web with attribute profile APP accept",
    ],
    ["a set that no dump defines", "inout protocol tcp from addrset gone to addrset web accept"],
    ["less", "inout protocol tcp from addrset office to addrset web1 accept"],
  ])("not with %s below", (_, below) => {
    expect(removable(NARROW, below)).toEqual([]);
  });

  it("not with a rule of another verdict between", () => {
    expect(
      removable(
        NARROW,
        "inout protocol tcp from addrset floor to addrset web1 drop",
        "inout protocol tcp from addrset office to addrset web accept",
      ),
    ).toEqual([]);
  });

  it("not if another check says it already, nor for the lines of one id", () => {
    expect(removable(NARROW, NARROW)).toEqual([]);
    expect(
      removable([500, NARROW], [500, "inout protocol tcp from addrset office to addrset web accept"]),
    ).toEqual([]);
  });
});
