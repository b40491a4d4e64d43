import { describe, expect, it } from "@jest/globals";
import { dumpOf, findingsOf, found, ids } from "./support.ts";

const DEFAULT = "inout protocol any from any to any drop";
const DEFAULT_RULE: [number, string] = [1001, DEFAULT];

describe("never-matches", () => {
  const SETS = {
    v4: ["10.0.0.0/24"],
    v6: ["2001:db8::/64"],
    macs: ["mac 00:50:56:00:00:01"],
    none: [],
    all: ["0.0.0.0/0", "::/0"],
  };
  const reasonOf = (body: string): unknown =>
    found("never-matches", dumpOf([body, DEFAULT], SETS)).map(({ data }) => data["reason"]);

  it.each([
    ["inout protocol tcp from not addrset all to any accept", "family"],
    ["inout protocol gre from addrset none to any port 80 accept", "service"],
    ["inout protocol tcp from addrset v4 to addrset v6 accept", "family"],
    ["inout protocol tcp from addrset macs to any accept", "family"],
    ["inout inet6 protocol tcp from addrset v4 to any accept", "family"],
    ["inout inet6 protocol icmp from any to any accept", "family"],
    ["inout protocol ipv6-icmp from any to addrset v4 accept", "family"],
    ["inout protocol gre from any to any port 80 accept", "service"],
    ["inout protocol tcp from any to any port 70000-80000 accept", "service"],
    ["inout protocol 300 from any to any accept", "service"],
  ])("%s: %s", (body, reason) => {
    expect(reasonOf(body)).toEqual([reason]);
  });

  it.each([
    "inout protocol tcp from not addrset none to any accept",
    "inout protocol tcp from not addrset v4 to addrset v4 accept",
    "inout protocol tcp from addrset gone to any accept",
    "inout protocol tcp from any to any port 65535-80000 accept",
    "inout protocol icmp from addrset v4 to any accept",
    // Said once, of the empty set.
    "inout protocol tcp from addrset none to any accept",
    "inout protocol tcp from any to addrset none port 80 accept",
    "inout protocol frobnicate from any to any accept",
  ])("%s: it may match, or another finding says so", (body) => {
    expect(reasonOf(body)).toEqual([]);
  });

  it("names both families that do not meet", () => {
    const [finding] = found(
      "never-matches",
      dumpOf(["inout protocol tcp from addrset v4 to addrset v6 accept", DEFAULT], SETS),
    );
    expect(finding!.message).toMatch(/addrset v4, holds only IPv4.*addrset v6, holds only IPv6/);
    expect(finding!.witness).toBeNull();
  });

  it("is one finding for the lines of one rule that cannot match for the same reason", () => {
    const text = dumpOf(
      [
        [7, "inout inet6 protocol tcp from addrset v4 to any port 80 accept"],
        [7, "inout inet6 protocol udp from addrset v4 to any port 80 accept"],
        [7, "inout inet6 protocol tcp from addrset v6 to addrset v4 port 80 accept"],
        [8, "inout inet6 protocol tcp from addrset v4 to any port 80 accept"],
        DEFAULT_RULE,
      ],
      SETS,
    );
    expect(found("never-matches", text).map((finding) => finding.message.split(" can never")[0])).toEqual([
      "rule 7 at 1 and 2",
      "rule 7 at 3",
      "rule 8 at 4",
    ]);
    expect(found("never-matches", text)[0]!.data).toMatchObject({ positions: [1, 2] });
  });
});

describe("address sets", () => {
  it("an empty set is an error where it empties a rule and under `not`, else a warning", () => {
    const of = (body: string): string[] =>
      found("empty-addrset", dumpOf([body, DEFAULT], { none: [], one: ["10.0.0.1"] })).map(
        ({ severity, addrset }) => `${severity} ${addrset}`,
      );
    expect(of("inout protocol gre from addrset none to any port 80 accept")).toEqual(["warning none"]);
    expect(of("inout protocol tcp from addrset none to any accept")).toEqual(["error none"]);
    expect(of("inout protocol tcp from any to not addrset none accept")).toEqual(["error none"]);
    expect(of("inout protocol tcp from addrset none to not addrset none accept")).toEqual(["error none"]);
    expect(of("inout protocol tcp from not addrset one to any accept")).toEqual([]);
    expect(of("inout protocol tcp from any to any accept")).toEqual([]);
  });

  it("an empty set is one finding with the rules that it empties, and they get none of their own", () => {
    const text = dumpOf(
      [
        "inout protocol tcp from addrset none to any port 1 accept",
        [7, "inout protocol tcp from any to addrset none port 2 accept"],
        [7, "inout protocol udp from any to addrset none port 2 accept"],
        "inout protocol tcp from not addrset none to any port 3 drop",
        "inout protocol gre from addrset none to any port 4 accept",
        DEFAULT,
      ],
      { none: [] },
    );
    const findings = findingsOf(text).filter(({ severity }) => severity !== "info");
    expect(findings.map(({ check, rule }) => `${check} ${rule?.id}`)).toEqual([
      "never-matches 105",
      "empty-addrset undefined",
    ]);
    const { related, severity, data } = findings[1]!;
    expect(severity).toBe("error");
    expect(data).toEqual({ rules: 5, negated: 1, emptied: 3 });
    expect(related.map(({ label, rule }) => `${rule!.id} at ${rule!.position}: ${label}`)).toEqual([
      "104 at 4: matches every address",
      "101 at 1: can never match",
      "7 at 2: can never match",
      "7 at 3: can never match",
      "105 at 5: uses it",
    ]);
  });

  it("a rule between two empty sets is said of both", () => {
    const text = dumpOf(
      ["inout protocol tcp from addrset none to addrset nobody accept", `${DEFAULT} with log`],
      {
        none: [],
        nobody: [],
      },
    );
    expect(findingsOf(text).map(({ check, addrset }) => `${check} ${addrset}`)).toEqual([
      "empty-addrset none",
      "empty-addrset nobody",
    ]);
  });

  it("a set that could not be read is not empty", () => {
    const text = dumpOf(["inout protocol tcp from not addrset odd to any accept", DEFAULT], {
      odd: ["10.0.0.300"],
    });
    expect(found("empty-addrset", text)).toEqual([]);
  });

  it("an undefined set is one finding, with every rule that names it", () => {
    const text = dumpOf(
      [
        "inout protocol tcp from addrset gone to any port 1 accept",
        "inout protocol tcp from any to not addrset gone port 2 accept",
        "inout protocol tcp from addrset web to addrset gone port 3 accept",
        DEFAULT,
      ],
      { web: ["10.0.0.1"] },
    );
    const [finding, ...others] = found("undefined-addrset", text);
    expect(others).toEqual([]);
    expect([finding!.severity, finding!.addrset, ids(finding!)]).toEqual([
      "error",
      "gone",
      "101 by 102, 103",
    ]);
  });

  it("an undefined set is looked for in the same filter only", () => {
    const vnic = (name: string, set: string): string => `[root@esx:~] vsipioctl getrules -f nic-${name}
ruleset mainrs {
  rule 501 at 1 inout protocol tcp from addrset web to any accept;
  rule 2 at 2 inout protocol any from any to any drop;
}
[root@esx:~] vsipioctl getaddrsets -f nic-${name}
addrset ${set} {
ip 10.0.0.1,
}
`;
    const findings = found("undefined-addrset", `${vnic("1-eth0", "web")}${vnic("2-eth0", "wep")}`);
    expect(findings.map(({ rule }) => rule!.filter)).toEqual(["nic-2-eth0"]);
    expect(findings[0]!.message).toContain("closest: wep");
  });

  it("an unused set is not used by a rule, a dead rule or text that does not parse", () => {
    const text = dumpOf(
      [
        "inout protocol tcp from not addrset a to any accept",
        "inout protocol tcp form addrset b to any accept",
        DEFAULT,
        "inout protocol tcp from any to addrset c accept",
      ],
      { a: ["10.0.0.1"], b: ["10.0.0.2"], c: ["10.0.0.3"], d: ["10.0.0.4"] },
    );
    expect(found("unused-addrset", text).map(({ addrset, certain }) => [addrset, certain])).toEqual([
      ["d", true],
    ]);
  });

  it("is uncertain if rules were cut off", () => {
    const text =
      "addrset a {\nip 10.0.0.1,\n}\nruleset domain-c1 {\n  rule 101 at 1 inout protocol tcp from any to any accept;\n";
    expect(found("unused-addrset", text).map(({ certain }) => certain)).toEqual([false]);
  });

  it("sets without any rule are not called unused", () => {
    expect(findingsOf("addrset a {\nip 10.0.0.1,\n}\n")).toEqual([]);
  });
});

describe("position-order", () => {
  const broken = (...positions: number[]): unknown[] =>
    found(
      "position-order",
      `ruleset domain-c1 {\n${positions
        .map(
          (position, index) =>
            `rule ${101 + index} at ${position} inout protocol tcp from any to any port ${index} accept;\n`,
        )
        .join("")}rule 1001 at ${positions.at(-1)! + 1} inout protocol any from any to any drop;\n}`,
    ).map(({ data, rule }) => [rule!.id, data["kind"], data["breaks"]]);

  it.each([
    [[1, 2, 3], []],
    [[2, 3], [[101, "missing", 1]]],
    [[1, 3], [[102, "missing", 1]]],
    [[1, 1], [[102, "repeated", 1]]],
    [[1, 2, 1], [[103, "back", 1]]],
    [[1, 4, 4, 2, 9], [[102, "missing", 4]]],
  ])("positions %j: %j", (positions, expected) => {
    expect(broken(...positions)).toEqual(expected);
  });

  it("starts again in every category and ruleset", () => {
    const category = (name: string, id: number): string =>
      `# ${name} rules\nrule ${id} at 1 inout protocol tcp from any to any port ${id} accept;\n`;
    const text = `ruleset mainrs {\n${category("PRE_FILTER", 501)}${category("FILTER (APP Category)", 502)}  rule 2 at 2 inout protocol any from any to any drop;\n}\nruleset mainrs_L2 {\n  rule 1 at 1 inout ethertype any from any to any drop;\n}`;
    expect(found("position-order", text)).toEqual([]);
    expect(found("position-order", text.replace("rule 502 at 1", "rule 502 at 2"))).toHaveLength(1);
  });

  it("counts ALG twins and lines that do not parse, and asks nothing of rules without positions", () => {
    expect(
      found(
        "position-order",
        `ruleset domain-c1 {
          rule 101 at 1 inout protocol tcp from any to any port 21 accept as ftp;
          # internal # rule 101 at 2 inout protocol tcp from any to any port 21 accept;
          rule 102 at 3 inout protocol tcp form any to any port 22 accept;
          rule 1001 at 4 inout protocol any from any to any drop;
        }`,
      ),
    ).toEqual([]);
    expect(
      found(
        "position-order",
        "rule 101 inout protocol tcp from any to any accept;\nrule 2 inout protocol any from any to any drop;\n",
      ),
    ).toEqual([]);
  });
});

describe("what is not known", () => {
  it("is said once for each kind of qualifier and each word", () => {
    const text = `ruleset mainrs {
      # FILTER rules
      rule 501 at 1 inout protocol tcp from any to any port 1 with attribute profile A accept;
      rule 502 at 2 inout protocol tcp from any to any port 2 with attribute profile B accept;
      rule 503 at 3 inout protocol tcp from any to any port 3 with extended src 6b9f1d2c-2f51-4c5e-8a44-0d7b0e5d9c21 accept;
      rule 504 at 4 inout protocol tcp from any to any port 4 punt;
      rule 505 at 5 inout protocol udp from any to any port 4 punt;
      rule 506 at 6 inout protocol frobnicate from any to any accept;
      rule 507 at 7 inout protocol tcp from mac 00:50:56:00:00:01 to any port 7 accept;
      rule 2 at 8 inout protocol any from any to any drop;
    }`;
    const findings = found("unknown-match", text);
    expect(
      findings.map(({ rule, data, severity }) => [severity, rule!.id, data["word"], data["rules"]].join(" ")),
    ).toEqual([
      "info 501 attribute 2",
      "info 503 extended 1",
      "info 504 punt 2",
      "info 506 protocol frobnicate 1",
      "info 507 mac 00:50:56:00:00:01 1",
    ]);
  });

  it("text that does not parse is an error with the place, and hides nothing else", () => {
    const text = dumpOf([
      "inout protocol tcp form any to any accept",
      "inout protocol any from any to any accept with log",
    ]);
    expect(
      findingsOf(text).map(({ check, severity, location }) => `${check} ${severity} ${location.line}`),
    ).toEqual(["unparsed-input error 2", "catch-all-accept warning 3"]);
  });

  it("one cut is one finding", () => {
    const text = dumpOf(["inout protocol tcp from any to any port 443 accept", DEFAULT]);
    const cuts = [text.indexOf("rule 102") + 20, text.indexOf("rule 102") - 3, text.lastIndexOf("}")];
    for (const cut of cuts) {
      expect(
        findingsOf(text.slice(0, cut))
          .filter(({ severity }) => severity !== "info")
          .map(({ check }) => check),
      ).toEqual(["truncated-input"]);
    }
  });

  it("a dump given twice is said, and which of two different ones counts", () => {
    const rules = dumpOf(["inout protocol tcp from any to any port 443 accept", DEFAULT]);
    const newer = rules.replace("443", "80");
    expect(found("repeated-dump", rules, rules).map(({ severity }) => severity)).toEqual(["info"]);
    const [finding] = found("repeated-dump", rules, newer);
    expect([finding!.severity, finding!.location.file, finding!.related[0]!.location.file]).toEqual([
      "warning",
      "dump-2.txt",
      "dump-1.txt",
    ]);
  });

  it("lines that are neither rule nor set are one finding a file", () => {
    const text = `global addrset\n${dumpOf([DEFAULT])}No address sets\n`;
    expect(
      found("skipped-input", text, text).map(({ data, location }) => [data["lines"], location.line]),
    ).toEqual([
      [2, 1],
      [2, 1],
    ]);
  });
});
