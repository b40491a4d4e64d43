import { describe, expect, it } from "@jest/globals";
import { dumpOf, findingsOf, found, ids } from "./support.ts";

const HALVES = {
  v4: ["0.0.0.0/1", "128.0.0.0/1"],
  v6: ["::/1", "8000::/1"],
  both: ["0.0.0.0-127.255.255.255", "128.0.0.0-255.255.255.255", "::/0"],
  almost: ["0.0.0.0/1", "128.0.0.0-255.255.255.254", "::/0"],
  none: [],
};

describe("catch-all-accept", () => {
  const matches = (body: string): string[] =>
    found("catch-all-accept", dumpOf([body, "inout protocol any from any to any drop"], HALVES)).flatMap(
      ({ severity, data }) =>
        (data["matches"] as { name: string; directions: string[] }[]).map(
          ({ name, directions }) => `${severity} ${name} ${directions.join("+")}`,
        ),
    );
  const v4 = "warning IPv4 in+out";
  const v6 = "warning IPv6 in+out";

  it.each([
    ["inout protocol any from any to any accept", [v4, v6]],
    ["inout protocol ip from any to any accept with log", [v4, v6]],
    ["inout protocol any from addrset v4 to any accept", [v4]],
    ["inout protocol any from any to addrset v6 accept", [v6]],
    ["inout protocol any from addrset both to addrset both accept", [v4, v6]],
    ["inout protocol any from not addrset none to any accept", [v4, v6]],
    ["inout protocol any from not addrset v6 to not addrset none accept", [v4]],
    ["inout inet6 protocol any from any to any accept", [v6]],
    ["in protocol any from any to any accept", ["warning IPv4 in", "warning IPv6 in"]],
    ["out inet protocol any from addrset v4 to any accept", ["warning IPv4 out"]],
  ])("%s: %j", (body, expected) => {
    expect(matches(body)).toEqual(expected);
  });

  it.each([
    "inout protocol tcp from any to any accept",
    "inout protocol any from any to any port 0-65535 accept",
    "inout protocol any from addrset v4 to addrset v6 accept",
    "inout protocol any from addrset almost to ip 10.0.0.1 accept",
    "inout inet protocol any from any to addrset almost accept",
    "inout protocol any from not ip 10.0.0.1 to not ip 2001:db8::1 accept",
    "inout protocol any from any to any with attribute profile APP_X accept",
    "inout protocol any from any to addrset gone accept",
    "inout protocol any from any to any reject",
    "inout protocol any from any to any punt",
  ])("%s: not said", (body) => {
    expect(matches(body)).toEqual([]);
  });

  it("is for information on layer 2, and only there", () => {
    const layer2 = (body: string): string[] =>
      found("catch-all-accept", `ruleset domain-c1_L2 {\n  rule 1004 at 1 inout ${body};\n}`).map(
        ({ severity }) => severity,
      );
    expect(layer2("ethertype any from any to any accept")).toEqual(["info"]);
    expect(layer2("ethertype ipv4 from any to any accept")).toEqual([]);
    expect(layer2("ethertype any from any to any drop")).toEqual([]);
  });

  it("is not said of a rule that nothing reaches, nor of IDP rules", () => {
    const text = `ruleset mainrs {
      # FILTER rules
      rule 501 at 1 inout inet protocol any from any to any drop;
      rule 502 at 2 inout inet6 protocol any from any to any drop;
      rule 503 at 3 inout protocol any from any to any accept;
      rule 2 at 4 inout protocol any from any to any accept;
      # IDP rules
      rule 504 at 1 inout protocol any from any to any accept;
    }`;
    expect(found("catch-all-accept", text)).toEqual([]);
  });
});

describe("dead-tail", () => {
  it("is one finding, and what stands there gets none of its own", () => {
    const text = dumpOf(
      [
        "inout protocol tcp from any to any port 443 accept",
        "inout protocol any from any to any drop with log",
        "inout protocol tcp from any to any port 443 drop",
        "inout protocol tcp from addrset none to any port 80 accept",
        "inout protocol tcp from not addrset none to any port 80 accept",
        "inout protocol tcp from addrset gone to any port 80 accept",
        "inout inet6 protocol icmp from any to any accept",
        "inout protocol frobnicate from any to any with posture good punt",
        "inout protocol any from any to any accept",
        [110, "inout protocol tcp from any to any port 22 accept"],
        [110, "inout protocol tcp from any to any port 22 drop"],
      ],
      { none: [] },
    );
    const findings = findingsOf(text);
    expect(findings.map((finding) => `${finding.check} ${finding.severity} ${ids(finding)}`)).toEqual([
      "any-source info 101",
      "dead-tail info 103 by 102",
    ]);
    expect(findings[1]!.data["count"]).toBe(9);
  });

  it("begins behind the first rule that takes everything, by sets or `not` an empty set too", () => {
    for (const end of ["from addrset both to any", "from any to not addrset none"]) {
      const text = dumpOf(
        [
          "inout protocol tcp from any to any port 443 accept",
          `inout protocol any ${end} reject`,
          "inout protocol udp from any to any port 53 accept",
        ],
        HALVES,
      );
      expect(found("dead-tail", text).map(ids)).toEqual(["103 by 102"]);
    }
  });

  it.each([
    "inout inet protocol any from any to any drop",
    "in protocol any from any to any drop",
    "inout protocol any from addrset almost to any drop",
    "inout protocol any from any to any with attribute profile APP_X drop",
    "inout protocol any from addrset gone to any drop",
    "inout protocol any from any to any punt",
    "inout protocol tcp from any to any drop",
  ])("does not begin behind: %s", (body) => {
    const text = dumpOf([body, "inout protocol udp from any to any port 53 accept"], HALVES);
    expect(found("dead-tail", text)).toEqual([]);
  });

  it("is normal for system rules, ALG twins and further lines of the catch-all's own id", () => {
    const text = dumpOf([
      [501, "inout protocol any from any to any drop"],
      [501, "inout protocol any from any to any drop"],
      [501, "inout protocol tcp from any to any drop"],
      [1003, "inout protocol ipv6-icmp icmptype 135 from any to any accept"],
      [1002, "inout protocol udp from any to any port 67 accept"],
      [1001, "inout protocol any from any to any accept"],
    ]);
    expect(found("dead-tail", text)).toEqual([]);
  });

  it("does not count system rules among a user's", () => {
    const text = dumpOf([
      [501, "inout protocol any from any to any drop"],
      [1002, "inout protocol udp from any to any port 67 accept"],
      [502, "inout protocol tcp from any to any port 22 accept"],
      [1001, "inout protocol any from any to any accept"],
    ]);
    const [finding, ...others] = found("dead-tail", text);
    expect(others).toEqual([]);
    expect(ids(finding!)).toBe("502 by 501");
    expect(finding!.data["count"]).toBe(1);
  });

  it("is one finding a list", () => {
    const text = `ruleset mainrs {
      # FILTER rules
      rule 501 at 1 inout protocol any from any to any drop;
      rule 502 at 2 inout protocol tcp from any to any accept;
      # IDP rules
      rule 503 at 1 inout protocol any from any to any idp_detect;
      rule 504 at 2 inout protocol tcp from any to any idp_prevent;
    }
    ruleset mainrs_L2 {
      # FILTER rules
      rule 505 at 1 inout ethertype any stateless from any to any accept;
      rule 506 at 2 inout ethertype arp stateless from any to any drop;
    }`;
    expect(found("dead-tail", text).map(ids)).toEqual(["502 by 501", "504 by 503", "506 by 505"]);
  });
});

describe("no-default", () => {
  const gaps = (...bodies: string[]): string[] =>
    found("no-default", dumpOf(bodies, HALVES)).map(({ certain }) => (certain ? "some" : "perhaps"));
  const rest = "inout protocol any from addrset both to any drop";

  it("is not said if rules add up to everything", () => {
    expect(gaps(rest)).toEqual([]);
    expect(
      gaps("inout inet protocol any from any to any drop", "inout inet6 protocol any from any to any drop"),
    ).toEqual([]);
    expect(gaps("in protocol any from any to any drop", "out protocol any from any to any accept")).toEqual(
      [],
    );
    expect(
      gaps(
        "inout protocol any from addrset almost to any drop",
        "inout protocol any from not addrset almost to any drop",
      ),
    ).toEqual([]);
  });

  it("is said, with the packet, if one is left over", () => {
    expect(gaps("inout protocol tcp from any to any accept")).toEqual(["some"]);
    expect(gaps("inout inet protocol any from any to any drop")).toEqual(["some"]);
    const [finding] = found(
      "no-default",
      dumpOf(
        [
          "inout inet protocol any from addrset almost to any drop",
          "inout inet6 protocol any from any to any drop",
        ],
        HALVES,
      ),
    );
    expect(finding!.witness!.src).toBe("255.255.255.255");
    expect(finding!.rule!.id).toBe(102);
  });

  it("is uncertain if a rule may take what is left over", () => {
    expect(gaps("inout protocol any from any to any with attribute profile APP_X drop")).toEqual(["perhaps"]);
    expect(gaps("inout protocol any from addrset gone to any drop")).toEqual(["perhaps"]);
    expect(gaps("inout protocol any from any to any punt")).toEqual(["perhaps"]);
  });

  it("is not said where the default may have been lost", () => {
    const start =
      "ruleset domain-c1 {\n  rule 101 at 1 inout protocol tcp from any to any port 443 accept;\n";
    expect(found("no-default", start)).toEqual([]);
    expect(
      found("no-default", `${start}  rule 1001 at 2 inout protocol any form any to any drop;\n}`),
    ).toEqual([]);
    expect(found("no-default", `${start}}`)).toHaveLength(1);
  });
});
