import { describe, expect, it } from "@jest/globals";
import { dumpOf, findingsOf, found, ids } from "./support.ts";

/** Findings that say that nothing reaches a rule. */
function dead(text: string): string[] {
  return findingsOf(text)
    .filter(({ check }) => ["shadowed-rule", "redundant-rule", "duplicate-rule", "dead-tail"].includes(check))
    .map((finding) => `${finding.check} ${ids(finding)}`)
    .toSorted();
}

const OFFICE = {
  office: ["10.0.0.0/24"],
  east: ["10.0.0.0/25"],
  west: ["10.0.0.128/25"],
  web: ["10.9.0.10"],
};
const DEFAULT_ANY = "protocol any from any to any drop";
const DEFAULT = `inout ${DEFAULT_ANY}`;

describe("a rule that other rules cover together", () => {
  const halves = [
    "inout protocol tcp from addrset east to addrset web port 443 drop",
    "inout protocol tcp from addrset west to addrset web port 443 drop",
  ];

  it("is shadowed by both, each with its part", () => {
    const text = dumpOf(
      [...halves, "inout protocol tcp from addrset office to addrset web port 443 accept", DEFAULT],
      OFFICE,
    );
    const [finding, ...others] = found("shadowed-rule", text);
    expect(others).toEqual([]);
    expect(finding!.severity).toBe("error");
    expect(ids(finding!)).toBe("103 by 101, 102");
    expect(finding!.message).toContain("101 at 1 and 102 at 2");
    expect(finding!.related.map(({ label }) => label)).toEqual([
      expect.stringContaining("10.0.0.0/25"),
      expect.stringContaining("10.0.0.128/25"),
    ]);
    expect(finding!.data["impact"]).toBe("availability");
    expect(finding!.witness).toMatchObject({ dst: "10.9.0.10", dstPort: 443, protocol: "tcp" });
  });

  it("is redundant if they decide the same", () => {
    const text = dumpOf(
      [...halves, "inout protocol tcp from addrset office to addrset web port 443 drop", DEFAULT],
      OFFICE,
    );
    expect(dead(text)).toEqual(["redundant-rule 103 by 101, 102"]);
  });

  it.each([0, 1])("is reached if half %i of the cover depends on a profile", (which) => {
    const qualified = halves.map((body, index) =>
      index === which ? body.replace(" drop", " with attribute profile APP_WEB drop") : body,
    );
    const text = dumpOf(
      [...qualified, "inout protocol tcp from addrset office to addrset web port 443 accept", DEFAULT],
      OFFICE,
    );
    expect(dead(text)).toEqual([]);
  });

  it("is covered again if it depends on the same profile", () => {
    const profile = "with attribute profile APP_WEB";
    const text = dumpOf(
      [
        halves[0]!,
        halves[1]!.replace("drop", `${profile} drop`),
        `inout protocol tcp from addrset office to addrset web port 443 ${profile} accept`,
        DEFAULT,
      ],
      OFFICE,
    );
    expect(dead(text)).toEqual(["shadowed-rule 103 by 101, 102"]);
  });
});

describe("protocols", () => {
  const reached: [string, string[]][] = [
    ["tcp, then any", ["protocol tcp from any to any accept", "protocol any from any to any drop"]],
    [
      "tcp port 53, then any port 53",
      [
        "protocol tcp from any to any port 53 accept",
        "protocol any from any to any port 53 drop",
        DEFAULT_ANY,
      ],
    ],
    [
      "tcp and udp port 53, then any port 53, which is sctp too",
      [
        "protocol tcp from any to any port 53 accept",
        "protocol udp from any to any port 53 accept",
        "protocol any from any to any port 53 drop",
        DEFAULT_ANY,
      ],
    ],
    [
      "icmp, then ipv6-icmp",
      ["protocol icmp from any to any accept", "protocol ipv6-icmp from any to any drop"],
    ],
    [
      "every port of tcp but one, then tcp",
      ["protocol tcp from any to any port {0-442, 444-65535} accept", "protocol tcp from any to any drop"],
    ],
    [
      "source port, then destination port",
      ["protocol udp from any port 53 to any accept", "protocol udp from any to any port 53 drop"],
    ],
  ];
  it.each(reached)("%s: every rule is reached", (_, rules) => {
    expect(dead(dumpOf(rules.map((rule) => `inout ${rule}`)))).toEqual([]);
  });

  const covered: [string, string[], string][] = [
    [
      "tcp and udp, then tcp",
      [
        "protocol tcp from any to any port 53 accept",
        "protocol udp from any to any port 53 accept",
        "protocol tcp from any to any port 53 drop",
      ],
      "shadowed-rule 103 by 101",
    ],
    [
      "any port 53, then udp port 53",
      ["protocol any from any to any port 53 accept", "protocol udp from any to any port 53 drop"],
      "shadowed-rule 102 by 101",
    ],
    [
      "tcp, udp and sctp, then any with ports",
      [
        "protocol tcp from any to any accept",
        "protocol udp from any to any accept",
        "protocol 132 from any to any accept",
        "protocol any from any port 0-65535 to any drop",
      ],
      "shadowed-rule 104 by 101, 102, 103",
    ],
    [
      "strict tcp, then tcp: a first packet is the same",
      ["protocol tcp strict from any to any port 22 drop", "protocol tcp from any to any port 22 drop"],
      "redundant-rule 102 by 101",
    ],
    [
      "icmp by IPv4, then icmp for both families",
      ["inet protocol icmp from any to any accept", "protocol icmp from any to any drop"],
      "shadowed-rule 102 by 101",
    ],
  ];
  it.each(covered)("%s: the last rule is dead", (_, rules, expected) => {
    expect(dead(dumpOf(rules.map((rule) => `inout ${rule}`)))).toEqual([expected]);
  });
});

describe("the part that each of several rules takes", () => {
  const partsOf = (last: string, ...before: string[]): string[] => {
    const text = dumpOf(
      [...before, last].map((body) => `inout ${body}`),
      OFFICE,
    );
    const [finding] = found("shadowed-rule", text);
    return finding!.related.map(({ label }) => label);
  };

  it.each([
    [
      ["inet protocol any from any to any drop", "inet6 protocol any from any to any drop"],
      "protocol any from any to any accept",
      ["IPv4", "IPv6"],
    ],
    [
      [
        "protocol tcp from any to any drop",
        "protocol udp from any to any drop",
        "protocol sctp from any to any drop",
      ],
      "protocol any from any port 0-65535 to any accept",
      ["tcp", "udp", "sctp"],
    ],
    [
      [
        "protocol any from addrset office to any port 0-65535 drop",
        "protocol icmp from addrset office to any drop",
        "protocol any from addrset east to any drop",
        "protocol any from addrset west to any drop",
      ],
      "protocol any from addrset office to any accept",
      ["from 10.0.0.0/25", "from 10.0.0.128/25"],
    ],
    [
      ["protocol any from any port 0-9 to any drop", "protocol any from any port 10-65535 to any drop"],
      "protocol any from any to any port 53 accept",
      ["source port 0-9", "source port 10-65535"],
    ],
    [
      ["protocol tcp from any to any port 80 drop", "protocol tcp from any to any port 443 drop"],
      "protocol tcp from any to any port {80, 443} accept",
      ["port 80", "port 443"],
    ],
    [
      ["protocol udp from any port 0-52 to any drop", "protocol udp from any port 53-65535 to any drop"],
      "protocol udp from any to any accept",
      ["source port 0-52", "source port 53-65535"],
    ],
    [
      [
        "protocol icmp icmptype 8:0 from any to any drop",
        "protocol icmp icmptype 8 from addrset west to any drop",
      ],
      "protocol icmp icmptype 8:0 from addrset west to any accept",
      null,
    ],
    [
      ["protocol tcp from any to addrset east port 80 drop", "protocol any from any to addrset west drop"],
      "protocol tcp from any to addrset office port 80 accept",
      ["to 10.0.0.0/25", "to 10.0.0.128/25"],
    ],
  ] as [string[], string, string[] | null][])("%j before %s: %j", (before, last, parts) => {
    const labels = parts?.map((part) => `takes first: ${part}`) ?? ["takes them first"];
    expect(partsOf(last, ...before)).toEqual(labels);
  });

  it("is said by direction too", () => {
    const text = dumpOf([
      "in protocol gre from any to any drop",
      "out protocol gre from any to any drop",
      "inout protocol gre from any to any accept",
    ]);
    const [finding] = found("shadowed-rule", text);
    expect(finding!.related.map(({ label }) => label)).toEqual(["takes first: in", "takes first: out"]);
  });
});

describe("what the dump does not say", () => {
  it.each(["punt", "redirect", "copy", "jump_to_application"])("an action %s shadows nothing", (action) => {
    const text = dumpOf([
      `inout protocol tcp from any to any port 443 ${action}`,
      "inout protocol tcp from any to any port 443 accept",
      "inout protocol any from any to any drop",
    ]);
    expect(dead(text)).toEqual([]);
  });

  it("a rule with an unknown action can be shadowed itself", () => {
    const text = dumpOf([
      "inout protocol tcp from any to any accept",
      "inout protocol tcp from any to any port 443 redirect",
      "inout protocol any from any to any drop",
    ]);
    expect(dead(text)).toEqual(["shadowed-rule 102 by 101"]);
  });

  it("a set that no dump defines shadows nothing", () => {
    const text = dumpOf([
      "inout protocol tcp from addrset gone to any accept",
      "inout protocol tcp from ip 10.0.0.1 to any drop",
      "inout protocol tcp from not addrset gone to any drop",
      "inout protocol any from any to any drop",
    ]);
    expect(dead(text)).toEqual([]);
  });

  it("but a rule over the same unknown set is dead behind an equal or wider one", () => {
    const text = dumpOf([
      "inout protocol tcp from addrset gone to any accept",
      "inout protocol tcp from addrset gone to any port 22 drop",
      "inout protocol tcp from addrset gone to any port 443 accept",
      "inout protocol tcp from addrset gone to any accept",
      "inout protocol tcp from any to addrset gone accept",
      "inout protocol any from any to any drop",
    ]);
    expect(dead(text)).toEqual([
      "duplicate-rule 104 by 101",
      "redundant-rule 103 by 101",
      "shadowed-rule 102 by 101",
    ]);
  });

  it("names the verdict of the rule that decides, not of one behind it", () => {
    const text = dumpOf([
      "inout protocol tcp from addrset gone to any port 22 accept",
      "inout protocol tcp from addrset gone to any port 22 drop",
      "inout protocol any from any to any drop",
    ]);
    const [finding] = found("shadowed-rule", text);
    expect(finding!.data).toMatchObject({ impact: "security", verdict: "drop", earlierVerdict: "accept" });
    expect(finding!.message).not.toContain("103");
    expect(ids(finding!)).toBe("102 by 101");
  });

  it("a set with a member that could not be read covers only the members that could", () => {
    const sets = { odd: ["10.0.0.1", "10.0.0.999"] };
    const text = dumpOf(
      [
        "inout protocol tcp from addrset odd to any accept",
        "inout protocol tcp from ip 10.0.0.1 to any drop",
        "inout protocol tcp from ip 10.0.0.2 to any drop",
        "inout protocol tcp from addrset odd to any drop",
        "inout protocol any from any to any drop",
      ],
      sets,
    );
    expect(dead(text)).toEqual(["shadowed-rule 102 by 101"]);
  });

  it("says that the verdict of a redundant rule's packets may differ", () => {
    const text = dumpOf(
      [
        "inout protocol tcp from any to any port 443 with attribute profile APP_X drop",
        "inout protocol tcp from any to addrset web accept",
        "inout protocol tcp from any to addrset web port 443 accept",
        "inout protocol tcp from any to addrset web port 80 accept",
        DEFAULT,
      ],
      OFFICE,
    );
    const findings = found("redundant-rule", text);
    expect(findings.map((finding) => [ids(finding), finding.certain])).toEqual([
      ["103 by 102", false],
      ["104 by 102", true],
    ]);
    expect(findings[0]!.message).not.toBe(findings[1]!.message.replace("104 at 4", "103 at 3"));
  });
});

describe("security or availability", () => {
  const impactOf = (rules: string[]): unknown[] =>
    found("shadowed-rule", dumpOf([...rules, DEFAULT], OFFICE)).map(({ data }) => data["impact"]);

  it("an accept before a drop opens, whatever else takes a part", () => {
    const drop = "inout protocol tcp from addrset office to any drop";
    expect(impactOf(["inout protocol tcp from any to any accept", drop])).toEqual(["security"]);
    expect(
      impactOf([
        "inout protocol tcp from addrset east to any reject",
        "inout protocol tcp from addrset west to any accept",
        drop,
      ]),
    ).toEqual(["security"]);
  });

  it("a drop before an accept closes, and so does a reject before a drop", () => {
    const any = "inout protocol tcp from any to any";
    expect(impactOf([`${any} drop`, "inout protocol tcp from addrset office to any accept"])).toEqual([
      "availability",
    ]);
    expect(impactOf([`${any} reject`, "inout protocol tcp from addrset office to any drop"])).toEqual([
      "availability",
    ]);
  });

  it("shows a packet of the part that opens", () => {
    const [finding] = found(
      "shadowed-rule",
      dumpOf(
        [
          "inout protocol tcp from addrset east to any reject",
          "inout protocol tcp from addrset west to any accept",
          "inout protocol tcp from addrset office to any drop",
          DEFAULT,
        ],
        OFFICE,
      ),
    );
    expect(finding!.witness!.src).toMatch(/^10\.0\.0\.(12[89]|1[3-9]\d|2\d\d)$/);
    expect(finding!.message).toMatch(/rule 102 at 2 accepts some of them$/);
  });

  it("does not say that one rule takes all where another rule takes a part before it", () => {
    const [finding] = found(
      "shadowed-rule",
      dumpOf(
        [
          "inout protocol tcp from addrset east to any drop",
          "inout protocol tcp from addrset office to any accept",
          "inout protocol tcp from addrset office to any port 443 accept",
          DEFAULT,
        ],
        OFFICE,
      ),
    );
    expect(finding!.message).toMatch(/rule 101 at 1 drops some of its packets and rule 102 at 2 takes all/);
    expect(ids(finding!)).toBe("103 by 102, 101");
  });
});

describe("categories and lists", () => {
  it("PRE_FILTER rules come before FILTER rules, at whatever position", () => {
    const [finding, ...others] = found(
      "shadowed-rule",
      `ruleset mainrs {
        # PRE_FILTER rules
        rule 501 at 9 inout protocol tcp from any to any port 23 drop;
        # FILTER (APP Category) rules
        rule 601 at 1 inout protocol tcp from any to ip 10.0.0.1 port 23 accept;
        rule 2 at 2 inout protocol any from any to any drop;
      }`,
    );
    expect(others).toEqual([]);
    expect(ids(finding!)).toBe("601 by 501");
    expect(finding!.rule!.category).toBe("FILTER (APP Category)");
    expect(finding!.related[0]!.rule!.category).toBe("PRE_FILTER");
  });

  const ids_ = (action: string, port: string): string =>
    `inout protocol tcp from any to any ${port}with ids profile 5f0c2a3e-0d1b-4a55-9f6e-6a3f6b1c7d10 ${action};`;

  it("IDP rules and firewall rules never shadow each other", () => {
    const text = `ruleset mainrs {
      # IDP rules
      rule 701 at 1 inout protocol any from any to any idp_detect;
      # FILTER rules
      rule 702 at 1 inout protocol tcp from any to any port 443 accept;
      rule 2 at 2 inout protocol any from any to any drop;
      # IDP rules
      rule 703 at 2 ${ids_("idp_detect", "port 443 ")}
    }`;
    const others = new Set(["unknown-match", "unlogged-rule", "any-source"]);
    const findings = findingsOf(text).filter(({ check }) => !others.has(check));
    // 703 is dead, but among its own kind.
    expect(findings.map((finding) => `${finding.check} ${ids(finding)}`)).toEqual(["dead-tail 703 by 701"]);
  });

  it("among IDP rules detecting before preventing opens", () => {
    const text = `ruleset mainrs {
      # FILTER rules
      rule 2 at 1 inout protocol any from any to any drop;
      # IDP rules
      rule 701 at 1 ${ids_("idp_detect", "")}
      rule 702 at 2 ${ids_("idp_prevent", "port 443 ")}
    }`;
    const [finding, ...others] = found("shadowed-rule", text);
    expect(others).toEqual([]);
    expect(ids(finding!)).toBe("702 by 701");
    expect(finding!.data["impact"]).toBe("security");
  });

  it("layer-2 rules never shadow layer-3 rules", () => {
    const text = `ruleset domain-c1_L2 {
      rule 801 at 1 inout ethertype any from any to any drop;
    }
    ruleset domain-c1 {
      rule 802 at 1 inout protocol tcp from any to any port 443 accept;
      rule 1001 at 2 inout protocol any from any to any drop;
    }`;
    expect(dead(text)).toEqual([]);
  });
});

describe("what is dead by design", () => {
  it("ALG twins and lines that NSX repeats inside one id get no finding", () => {
    const text = dumpOf([
      [101, "inout protocol tcp from any to any port 21 accept as ftp"],
      [101, "inout protocol tcp from any to any port 21 accept as ftp"],
      [101, "inout protocol udp from any to any port 21 accept"],
      [101, "inout protocol udp from any to any port 21 accept"],
      [1001, "inout protocol any from any to any drop with log"],
    ]).replace("rule 101 at 2", "# internal # rule 101 at 2");
    expect(dead(text)).toEqual([]);
    expect(findingsOf(text).map(({ check, severity }) => `${check} ${severity}`)).toEqual([
      "duplicate-rule-id info",
    ]);
  });

  it("lines of one id that the same rule takes are one finding, with every line", () => {
    const line = (port: number): [number, string] => [
      7,
      `inout protocol tcp from addrset east to addrset web port ${port} drop`,
    ];
    const text = dumpOf(
      [
        "inout protocol tcp from any to addrset web port 80-90 accept",
        "inout protocol tcp from any to addrset web port 443 accept",
        line(80),
        line(443),
        line(81),
        DEFAULT,
      ],
      OFFICE,
    );
    const findings = found("shadowed-rule", text);
    expect(findings.map((finding) => [ids(finding), finding.message.split(" is ")[0]])).toEqual([
      ["7 by 101, 7", "rule 7 at 3 and 5 (drop)"],
      ["7 by 102", "rule 7 at 4 (drop)"],
    ]);
    expect(findings[0]!.data["positions"]).toEqual([3, 5]);
  });

  it("a copy of a shadowed rule is a duplicate, and nothing else", () => {
    const copy = "inout protocol tcp from addrset east to addrset web port 443 drop";
    const text = dumpOf(
      ["inout protocol tcp from addrset office to addrset web port 443 accept", copy, copy, DEFAULT],
      OFFICE,
    );
    expect(dead(text)).toEqual(["duplicate-rule 103 by 102", "shadowed-rule 102 by 101"]);
  });

  it("nor do lines of one id that cover each other", () => {
    const text = dumpOf([
      [101, "inout protocol tcp from any to any accept"],
      [101, "inout protocol tcp from any to any port 443 accept"],
      [1001, "inout protocol any from any to any drop"],
    ]);
    expect(dead(text)).toEqual([]);
  });

  it("a dead rule with an ALG twin and a repeated line is one finding", () => {
    const text = dumpOf([
      [101, "inout protocol tcp from any to any drop"],
      [102, "inout protocol tcp from any to any port 21 accept as ftp"],
      [102, "inout protocol tcp from any to any port 21 accept as ftp"],
      [102, "inout protocol tcp from any to any port 21 accept as ftp"],
      [1001, "inout protocol any from any to any drop"],
    ]).replace("rule 102 at 3", "# internal # rule 102 at 3");
    expect(dead(text)).toEqual(["shadowed-rule 102 by 101"]);
  });

  it("a system rule behind a user's catch-all gets no finding, be the catch-all one rule a family", () => {
    const system = (name: string, rules: string): string => `ruleset ${name} {
      rule 501 at 1 inout inet protocol any from any to any drop;
      rule 502 at 2 inout inet6 protocol any from any to any drop;
      ${rules}
    }`;
    expect(
      dead(
        system(
          "domain-c7",
          `rule 1003 at 3 inout protocol ipv6-icmp icmptype 135 from any to any accept;
           rule 1002 at 4 inout protocol udp from any to any port 67 accept;
           rule 1001 at 5 inout protocol any from any to any accept;`,
        ),
      ),
    ).toEqual([]);
    expect(
      dead(
        system(
          "mainrs",
          `rule 3 at 3 inout protocol ipv6-icmp icmptype 135 from any to any accept;
           rule 4 at 4 inout protocol udp from any to any port 67 accept;
           rule 2 at 5 inout protocol any from any to any accept;`,
        ),
      ),
    ).toEqual([]);
  });

  it("the default may be taken by any rules that add up to everything", () => {
    const text = dumpOf(
      [
        "inout protocol any from addrset office to any drop",
        "inout protocol any from not addrset office to any drop",
        [1001, "inout protocol any from any to any accept"],
      ],
      OFFICE,
    );
    expect(dead(text)).toEqual([]);
  });

  it("but the same rules of a user do, and so does a system rule that a narrow rule takes", () => {
    // 1001 to 1004 are the system's only in NSX-V, 1 to 4 only in NSX-T.
    expect(
      dead(`ruleset mainrs {
        rule 501 at 1 inout inet protocol any from any to any drop;
        rule 502 at 2 inout inet6 protocol any from any to any drop;
        rule 1002 at 3 inout protocol udp from any to any port 67 accept;
      }`),
    ).toEqual(["shadowed-rule 1002 by 501, 502"]);
    expect(
      dead(`ruleset domain-c7 {
        rule 501 at 1 inout inet protocol any from any to any drop;
        rule 502 at 2 inout inet6 protocol any from any to any drop;
        rule 4 at 3 inout protocol udp from any to any port 67 accept;
      }`),
    ).toEqual(["shadowed-rule 4 by 501, 502"]);
    expect(
      dead(`ruleset domain-c7 {
        rule 501 at 1 inout inet protocol any from any to any drop;
        rule 502 at 2 inout inet6 protocol udp from any to any port 67 drop;
        rule 1002 at 3 inout protocol udp from any to any port 67 accept;
        rule 1001 at 4 inout protocol any from any to any drop;
      }`),
    ).toEqual(["shadowed-rule 1002 by 501, 502"]);
    expect(
      dead(`ruleset domain-c7 {
        rule 501 at 1 inout protocol udp from any to any port 67-68 drop;
        rule 1002 at 2 inout protocol udp from any to any port 67 accept;
        rule 1001 at 3 inout protocol any from any to any drop;
      }`),
    ).toEqual(["shadowed-rule 1002 by 501"]);
  });
});

describe("treatment that a redundant rule asks for in vain", () => {
  const lostBy = (first: string, second: string): unknown => {
    const [finding] = found(
      "redundant-rule",
      dumpOf([
        `inout protocol tcp from any to any ${first}`,
        `inout protocol tcp from any to any port 21 ${second}`,
        "inout protocol any from any to any drop",
      ]),
    );
    return finding?.data["treatmentLost"];
  };

  it.each([
    ["accept", "accept", []],
    ["accept with log", "accept", []],
    ["accept with log", "accept with log", []],
    ["accept", "accept with log", ["log"]],
    ["accept with log", "accept with log tag 'ftp in'", ["tag 'ftp in'"]],
    ["accept with log tag 'ftp in'", "accept with log tag 'ftp in'", []],
    ["accept", "accept as ftp", ["ALG ftp"]],
    ["accept as tftp", "accept with log as ftp", ["log", "ALG ftp"]],
    ["drop", "drop with log", ["log"]],
  ])("%s, then %s: %j", (first, second, lost) => {
    expect(lostBy(first, second)).toEqual(lost);
  });

  it("is lost if only a part of the packets goes without it, and the rule that takes them is named", () => {
    const [finding] = found(
      "redundant-rule",
      dumpOf(
        [
          "inout protocol tcp from addrset east to any accept with log",
          "inout protocol tcp from addrset west to any accept",
          "inout protocol tcp from addrset office to any port 443 accept with log",
          DEFAULT,
        ],
        OFFICE,
      ),
    );
    expect(finding!.data["treatmentLost"]).toEqual(["log"]);
    expect(finding!.message).toMatch(/without its log \(rule 102 at 2\)$/);
    expect(finding!.witness!.src).toMatch(/^10\.0\.0\.(12[89]|1[3-9]\d|2\d\d)$/);
  });
});
