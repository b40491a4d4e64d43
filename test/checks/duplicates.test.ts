import { describe, expect, it } from "@jest/globals";
import { dumpOf, found, ids } from "./support.ts";

const SETS = { app: ["10.3.0.11"], db: ["10.3.1.11"], same: ["10.3.0.11/32"] };
const DEFAULT: [number, string] = [1001, "inout protocol any from any to any drop"];

function duplicates(...bodies: (string | [number, string])[]): string[] {
  return found("duplicate-rule", dumpOf([...bodies, DEFAULT], SETS)).map(ids);
}

describe("duplicate-rule", () => {
  const rule = "inout protocol tcp from addrset app to addrset db port {80, 443} accept with log";

  it("is the same match and treatment under another id, however it is written", () => {
    expect(duplicates(rule, rule)).toEqual(["102 by 101"]);
    expect(duplicates(rule, rule.replace("{80, 443}", "{443, 80}"))).toEqual(["102 by 101"]);
    expect(duplicates(rule, rule.replace("app", "same"))).toEqual(["102 by 101"]);
    expect(duplicates(rule, rule.replace("tcp", "6"))).toEqual(["102 by 101"]);
    expect(duplicates(rule, "inout protocol udp from any to any port 53 drop", rule, rule)).toEqual([
      "103 by 101",
      "104 by 101",
    ]);
  });

  it.each([
    ["direction", "inout", "in"],
    ["family", "inout", "inout inet"],
    ["protocol", "tcp", "udp"],
    ["ports", "{80, 443}", "80-443"],
    ["source", "addrset app", "not addrset app"],
    ["destination", "addrset db", "any"],
    ["qualifier", "accept", "with attribute profile APP_X accept"],
    ["action", "accept", "reject"],
    ["log", " with log", ""],
    ["tag", "with log", "with log tag 'x'"],
    ["ALG", "with log", "with log as ftp"],
    ["strict", "tcp", "tcp strict"],
  ])("is not a rule that differs in its %s", (_, from, to) => {
    expect(rule.includes(from)).toBe(true);
    expect(duplicates(rule, rule.replace(from, to))).toEqual([]);
  });

  it("is not said of lines of one id, once of an id whose line is repeated, and not of an ALG's twin", () => {
    expect(duplicates([101, rule], [101, rule])).toEqual([]);
    expect(duplicates([101, rule], [102, rule], [102, rule])).toEqual(["102 by 101"]);
    const text = dumpOf(
      [
        [101, "inout protocol tcp from any to any port 21 accept as ftp"],
        [101, "inout protocol tcp from any to any port 21 accept"],
        [102, "inout protocol tcp from any to any port 21 accept"],
        DEFAULT,
      ],
      {},
    ).replace("rule 101 at 2", "# internal # rule 101 at 2");
    expect(found("duplicate-rule", text)).toEqual([]);
    expect(found("redundant-rule", text).map(ids)).toEqual(["102 by 101"]);
  });

  it("is not said of sets that may differ in a member that could not be read, nor of empty ones", () => {
    const text = dumpOf(
      [
        "inout protocol tcp from addrset a to any accept",
        "inout protocol tcp from addrset b to any accept",
        "inout protocol tcp from addrset none to any port 1 accept",
        "inout protocol tcp from addrset nobody to any port 1 accept",
        "inout protocol tcp from addrset a to any accept",
        "inout protocol any from any to any drop",
      ],
      { a: ["10.0.0.1", "10.0.0.300"], b: ["10.0.0.1", "10.0.0.400"], none: [], nobody: [] },
    );
    expect(found("duplicate-rule", text).map(ids)).toEqual(["105 by 101"]);
  });

  it("is uncertain for an action that may let packets go on", () => {
    const text = dumpOf([
      "inout protocol tcp from any to any punt",
      "inout protocol tcp from any to any punt",
    ]);
    expect(found("duplicate-rule", text).map(({ certain }) => certain)).toEqual([false]);
  });

  it("says it once: the same rule is not redundant too", () => {
    expect(found("redundant-rule", dumpOf([rule, rule, DEFAULT], SETS))).toEqual([]);
  });
});

describe("duplicate-rule-id", () => {
  const line = "inout protocol tcp from addrset app to addrset db port 80 accept";
  const of = (...bodies: string[]): string[] =>
    found(
      "duplicate-rule-id",
      dumpOf([...bodies.map((body): [number, string] => [7, body]), DEFAULT], SETS),
    ).map(({ severity, data }) => `${severity}: ${(data["differences"] as string[]).join(", ")}`);

  it.each([
    ["ports", line.replace("80", "443")],
    ["protocol", line.replace("tcp", "udp")],
    ["strict, which is printed for TCP only", line.replace("tcp", "tcp strict").replace("80", "81")],
    ["ICMP type", "inout protocol icmp icmptype 8 from addrset app to addrset db accept"],
    ["family", line.replace("inout", "inout inet6")],
    ["profile", line.replace("accept", "with attribute profile APP_X accept")],
    ["ALG", line.replace("accept", "accept as dcerpc")],
    ["nothing", line],
  ])("is for information if the lines differ in %s", (_, other) => {
    expect(of(line, other)).toEqual(["info: "]);
  });

  it.each([
    ["source", line.replace("addrset app", "any")],
    ["source", line.replace("addrset app", "not addrset app")],
    ["source", line.replace("addrset app", "addrset same")],
    ["destination", line.replace("addrset db", "ip 10.3.1.11")],
    ["direction", line.replace("inout", "out")],
    ["verdict", line.replace("accept", "drop")],
    ["treatment", `${line} with log`],
    ["treatment", `${line} tag 'x'`],
  ])("is a warning if the lines differ in %s", (difference, other) => {
    expect(of(line, other)).toEqual([`warning: ${difference}`]);
    expect(of(line, line.replace("80", "81"), other)).toEqual([`warning: ${difference}`]);
  });

  it("tells sets apart that no dump defines, which match the same as far as it is known", () => {
    const from = (set: string): string => line.replace("addrset app", `addrset ${set}`);
    expect(of(from("gone"), from("lost"))).toEqual(["warning: source"]);
  });

  it("does not blame a rule for what its ALG's internal twin lacks", () => {
    const text = dumpOf([
      [7, "inout protocol tcp from any to any port 135 accept with log as dcerpc"],
      [7, "inout protocol tcp from any to any port 135 accept"],
      DEFAULT,
    ]).replace("rule 7 at 2", "# internal # rule 7 at 2");
    expect(found("duplicate-rule-id", text).map(({ severity }) => severity)).toEqual(["info"]);
  });

  it("is one finding an id, with every line, and not across rulesets", () => {
    const text = dumpOf([
      [7, "inout protocol tcp from any to any port 1 accept"],
      [8, "inout protocol tcp from any to any port 2 accept"],
      [7, "inout protocol tcp from any to any port 3 accept"],
      [7, "inout protocol tcp from any to any port 4 accept"],
      DEFAULT,
    ]);
    const [finding, ...others] = found("duplicate-rule-id", text);
    expect(others).toEqual([]);
    expect(finding!.data["positions"]).toEqual([1, 3, 4]);
    expect(finding!.related).toHaveLength(2);
    const layer2 = "ruleset domain-c1_L2 {\n rule 8 at 1 inout ethertype any from any to any accept;\n}\n";
    expect(found("duplicate-rule-id", text + layer2)).toHaveLength(1);
  });
});
