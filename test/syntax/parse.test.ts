import { describe, expect, it } from "@jest/globals";
import { readCommand } from "../../src/syntax/commands.ts";
import { readRemark } from "../../src/syntax/remark.ts";
import { parseDump } from "../../src/syntax/parse.ts";
import {
  addrsetsOf,
  itemsOf,
  membersOf,
  problemsOf,
  ruleOf,
  rulesOf,
  rulesetsOf,
  withoutRanges,
} from "./support.ts";

/** A rule with one part of it replaced. */
function ruleWith(part: { match?: string; from?: string; to?: string; rest?: string }): string {
  const { match = "protocol any", from = "any", to = "any", rest = "accept" } = part;
  return `rule 7 at 3 inout ${match} from ${from} to ${to} ${rest};`;
}

describe("a rule", () => {
  it("has an id, a position and a direction", () => {
    expect(ruleOf("rule 1014 at 21 inout protocol any from any to any accept;")).toMatchObject({
      id: 1014,
      position: 21,
      direction: "inout",
      family: null,
      internal: false,
      action: "accept",
    });
    expect(ruleOf("rule 7 at 3 in protocol any from any to any accept;").direction).toBe("in");
    expect(ruleOf("rule 7 at 3 out protocol any from any to any accept;").direction).toBe("out");
  });

  it("has no position in nsxcli", () => {
    expect(ruleOf("rule 1031 inout protocol any from any to any accept;")).toMatchObject({
      id: 1031,
      position: null,
    });
  });

  it("may hold for one family of addresses", () => {
    expect(ruleOf("rule 7 at 3 inout inet protocol tcp from any to any accept;").family).toBe("inet");
    expect(ruleOf("rule 7 at 3 out inet6 protocol tcp from any to any accept;").family).toBe("inet6");
  });

  it("is a rule behind # internal # too", () => {
    const text = "# internal # rule 1014 at 22 inout protocol tcp from any to any port 135 accept;";
    expect(ruleOf(text)).toMatchObject({ id: 1014, position: 22, internal: true });
    expect(ruleOf(`ruleset domain-c26 {\n  ${text}\n}`)).toMatchObject({ id: 1014, internal: true });
    expect(ruleOf(text.replace("# internal #", "#internal#")).internal).toBe(true);
  });

  it.each(["any", "tcp", "udp", "igmp", "gre", "esp", "ipv6-opts", "ip", "47", "frobnicate", "l2tp+x"])(
    "matches protocol %s, known or not",
    (name) => {
      expect(ruleOf(ruleWith({ match: `protocol ${name}` })).match).toMatchObject({
        type: "protocol",
        name,
        icmp: null,
        stateless: false,
        strict: false,
      });
    },
  );

  it("may be stateless or strict", () => {
    expect(ruleOf(ruleWith({ match: "protocol tcp strict" })).match).toMatchObject({
      strict: true,
      stateless: false,
    });
    expect(ruleOf(ruleWith({ match: "protocol udp stateless" })).match).toMatchObject({
      strict: false,
      stateless: true,
    });
    expect(ruleOf(ruleWith({ match: "protocol tcp stateless strict" })).match).toMatchObject({
      strict: true,
      stateless: true,
    });
  });

  it.each([
    ["protocol icmp", null],
    ["protocol icmp icmptype 8", { icmpType: 8, icmpCode: null }],
    ["protocol icmp typecode 8", { icmpType: 8, icmpCode: null }],
    ["protocol icmp icmptype 3:1", { icmpType: 3, icmpCode: 1 }],
    ["protocol icmp typecode 3:1", { icmpType: 3, icmpCode: 1 }],
    ["protocol icmp icmptype 3 icmpcode 1", { icmpType: 3, icmpCode: 1 }],
    ["protocol icmp icmpcode 1", { icmpType: null, icmpCode: 1 }],
    ["protocol ipv6-icmp icmptype 135", { icmpType: 135, icmpCode: null }],
    ["protocol ipv6-icmp typecode 1:4 stateless", { icmpType: 1, icmpCode: 4 }],
    ["protocol icmp with {stateless, icmptype 8}", { icmpType: 8, icmpCode: null }],
    ["protocol icmp with { stateless , typecode 3:1 }", { icmpType: 3, icmpCode: 1 }],
    ["protocol 1 icmptype 0", { icmpType: 0, icmpCode: null }],
    ["protocol icmp icmptype echo-request", { icmpType: "echo-request", icmpCode: null }],
    ["protocol icmp icmptype any", null],
  ])("reads the ICMP type and code of `%s`", (match, icmp) => {
    expect(ruleOf(ruleWith({ match })).match).toMatchObject({ icmp, stateless: match.includes("stateless") });
  });

  it.each(["any", "arp", "IPv4", "0x0806", "2054"])("matches the EtherType %s", (name) => {
    expect(ruleOf(ruleWith({ match: `ethertype ${name}` })).match).toMatchObject({
      type: "ethertype",
      name,
      stateless: false,
    });
    expect(ruleOf(ruleWith({ match: `ethertype ${name} stateless` })).match).toMatchObject({
      name,
      stateless: true,
    });
  });

  it.each([
    ["any", { type: "any" }],
    ["addrset ip-ipset-3", { type: "addrset", name: "ip-ipset-3", negated: false }],
    ["addrset a34212cb-acb2-49b3-b74c-7683c0345a19", { type: "addrset", negated: false }],
    ["not addrset src1048", { type: "addrset", name: "src1048", negated: true }],
    ["ip 192.0.2.1", { type: "literal", family: "ip", text: "192.0.2.1", negated: false }],
    ["ip 2001:db8::/32", { type: "literal", family: "ip", text: "2001:db8::/32", negated: false }],
    ["not ip 192.0.2.0/24", { type: "literal", family: "ip", text: "192.0.2.0/24", negated: true }],
    ["ip 192.0.2.1-192.0.2.9", { type: "literal", family: "ip", text: "192.0.2.1-192.0.2.9" }],
    ["mac 00:50:56:01:02:03", { type: "literal", family: "mac", text: "00:50:56:01:02:03" }],
  ])("comes from or goes to `%s`", (address, node) => {
    expect(ruleOf(ruleWith({ from: address })).from).toMatchObject(node);
    expect(ruleOf(ruleWith({ to: address })).to).toMatchObject(node);
  });

  it.each([
    ["80", [[80, 80]]],
    ["49152-65535", [[49152, 65535]]],
    [
      "{8887, 8888}",
      [
        [8887, 8887],
        [8888, 8888],
      ],
    ],
    [
      "{8887,8888,9000-9010}",
      [
        [8887, 8887],
        [8888, 8888],
        [9000, 9010],
      ],
    ],
    [
      "{ 80 , 443 }",
      [
        [80, 80],
        [443, 443],
      ],
    ],
    ["{80}", [[80, 80]]],
    [
      "{80, 443,}",
      [
        [80, 80],
        [443, 443],
      ],
    ],
  ])("has source and destination ports `%s`", (ports, spans) => {
    const nodes = spans.map(([first, last]) => ({ first, last }));
    const rule = ruleOf(
      ruleWith({ match: "protocol tcp", from: `any port ${ports}`, to: `any port ${ports}` }),
    );
    expect(rule.sourcePorts).toEqual(nodes);
    expect(rule.destinationPorts).toEqual(nodes);
  });

  it("keeps source and destination ports apart", () => {
    const source = ruleOf(ruleWith({ match: "protocol udp", from: "any port 53" }));
    expect([source.sourcePorts, source.destinationPorts]).toEqual([[{ first: 53, last: 53 }], null]);
    const destination = ruleOf(ruleWith({ match: "protocol udp", to: "any port 53" }));
    expect([destination.sourcePorts, destination.destinationPorts]).toEqual([
      null,
      [{ first: 53, last: 53 }],
    ]);
  });

  it.each([
    ["with attribute TLS-V12", "attribute", "attribute TLS-V12"],
    ["with attribute addrset 5f1a", "attribute", "attribute addrset 5f1a"],
    ["with attribute profile web-app", "attribute", "attribute profile web-app"],
    [
      "with extended src ba9e01bc-5779-4eb2-813e-4c5b8e3ff1bf",
      "extended",
      "extended src ba9e01bc-5779-4eb2-813e-4c5b8e3ff1bf",
    ],
    ["with extended  dst   d-1", "extended", "extended dst d-1"],
    ["with ids profile 7b1b28f7", "ids", "ids profile 7b1b28f7"],
    ["with url-category 12 strict", "unknown", "url-category 12 strict"],
  ])("may be narrowed `%s`", (qualifier, kind, text) => {
    for (const rest of [
      `${qualifier} drop`,
      `${qualifier} drop with log tag 'x'`,
      `${qualifier} jump_to as ftp`,
    ]) {
      expect(ruleOf(ruleWith({ rest })).qualifiers).toMatchObject([{ kind, text }]);
    }
  });

  it("may have several qualifiers", () => {
    const rest = "with attribute A with extended src B with ids profile C idp_detect with log";
    expect(ruleOf(ruleWith({ rest }))).toMatchObject({
      qualifiers: [{ text: "attribute A" }, { text: "extended src B" }, { text: "ids profile C" }],
      action: "idp_detect",
      suffixes: [{ type: "log" }],
    });
  });

  it.each([
    "accept",
    "drop",
    "reject",
    "punt",
    "redirect",
    "copy",
    "idp_detect",
    "idp_prevent",
    "jump-to-application",
  ])("has the action %s, known or not", (action) => {
    expect(ruleOf(ruleWith({ rest: action })).action).toBe(action);
    expect(ruleOf(ruleWith({ rest: `${action} with log` })).action).toBe(action);
    expect(ruleOf(ruleWith({ rest: `with attribute A ${action} tag 'x'` })).action).toBe(action);
  });

  it("has its log, ALG and tag in any order", () => {
    const log = { type: "log" };
    const alg = { type: "alg", name: "dcerpc" };
    const tag = { type: "tag", text: "app one" };
    const suffixes = (rest: string): unknown => ruleOf(ruleWith({ rest })).suffixes;
    expect(suffixes("accept")).toEqual([]);
    expect(suffixes("accept with log as dcerpc tag 'app one'")).toEqual([log, alg, tag]);
    expect(suffixes("accept as dcerpc with log tag 'app one'")).toEqual([alg, log, tag]);
    expect(suffixes("accept tag 'app one' as dcerpc with log")).toEqual([tag, alg, log]);
    expect(suffixes("accept tag 'app one' with log as dcerpc")).toEqual([tag, log, alg]);
  });

  it.each([
    "",
    " ",
    "app one",
    "it's",
    "o'clock; really",
    "a;b;c",
    "';",
    "'quoted'",
    "rule 5 at 6 in tag",
    "}",
    "# no comment",
    "with log as ftp",
    "the users' with love",
    "as 'x' as y",
    "Überwachung 웹",
  ])("keeps the tag `%s`", (text) => {
    for (const behind of [";", " ;", " with log;", " as ftp;", "; "]) {
      const rule = `rule 7 at 3 inout protocol any from any to any accept tag '${text}'${behind}`;
      const tags = (dump: string): unknown[] =>
        rulesOf(itemsOf(dump)).map(({ suffixes }) => suffixes.find(({ type }) => type === "tag"));
      const tag = { type: "tag", text };
      expect(tags(rule)).toEqual([tag]);
      expect(tags(`${rule}\n${rule}\n`)).toEqual([tag, tag]);
      expect(tags(`ruleset r { ${rule} ${rule} # internal # ${rule} } ruleset s { ${rule} }`)).toEqual([
        tag,
        tag,
        tag,
        tag,
      ]);
    }
  });

  it("may be broken over lines anywhere between its words", () => {
    const text = ruleWith({
      match: "protocol tcp",
      to: "addrset web port {80, 443}",
      rest: "accept with log tag 'a'",
    });
    expect(withoutRanges(ruleOf(text.replace(/ /g, "\r\n\t ")))).toEqual(withoutRanges(ruleOf(text)));
  });
});

describe("a ruleset", () => {
  it("has a name, its comments and its rules in the order of the text", () => {
    const [ruleset] = rulesetsOf(
      itemsOf(`ruleset mainrs {
  # generation number: 1594621799418
  # realization time : 2020-07-13T06:30:09
  # PRE_FILTER rules
  rule 1 at 1 inout protocol any from any to any accept;
  # FILTER (APP Category) rules
  # asked for by the shop
  rule 2 at 1 inout protocol any from any to any drop;
  # IDP rules
  rule 3 at 1 inout protocol any from any to any with ids profile p idp_detect;
}`),
    );
    expect(withoutRanges(ruleset)).toMatchObject({
      name: "mainrs",
      closed: true,
      items: [
        { type: "comment", kind: "generation", number: "1594621799418" },
        { type: "comment", kind: "realization", time: "2020-07-13T06:30:09" },
        { type: "comment", kind: "category", name: "PRE_FILTER" },
        { type: "rule", id: 1 },
        { type: "comment", kind: "category", name: "FILTER (APP Category)" },
        { type: "comment", kind: "text", text: "asked for by the shop" },
        { type: "rule", id: 2 },
        { type: "comment", kind: "category", name: "IDP" },
        { type: "rule", id: 3 },
      ],
    });
  });

  it("takes no sentence about rules for a category", () => {
    const [ruleset] = rulesetsOf(
      itemsOf("ruleset r {\n# these rules are for the shop, see rule 5 in the wiki\n}"),
    );
    expect(ruleset!.items).toMatchObject([
      { kind: "text", text: "these rules are for the shop, see rule 5 in the wiki" },
    ]);
  });

  it("may hold braces in its comments", () => {
    const items = itemsOf(
      "ruleset r {\n# set {a, b}\nrule 7 at 3 inout protocol any from any to any accept;\n}",
    );
    expect(rulesOf(items)).toHaveLength(1);
  });

  it("may be empty", () => {
    expect(rulesetsOf(itemsOf("ruleset domain-c7_L2 {\n}"))).toMatchObject([
      { name: "domain-c7_L2", items: [] },
    ]);
  });

  it("follows another with or without a blank line", () => {
    const one = "ruleset a {\nrule 1 at 1 inout protocol any from any to any accept;\n}";
    for (const between of ["\n\n", "\n", " ", ""]) {
      expect(rulesetsOf(itemsOf(one + between + one)).map(({ closed }) => closed)).toEqual([true, true]);
    }
  });

  it("may be missing: rules alone keep their categories", () => {
    const items = itemsOf(
      "# PRE_FILTER rules\nrule 1 at 1 inout protocol any from any to any accept;\n# FILTER rules\n",
    );
    expect(withoutRanges(items)).toMatchObject([
      { type: "comment", kind: "category", name: "PRE_FILTER" },
      { type: "rule" },
      { type: "comment", kind: "category", name: "FILTER" },
    ]);
  });

  it("knows where each of its parts stands", () => {
    const text = "ruleset r {\n  rule 7 at 3 inout protocol tcp from addrset a to any accept;\n}\n";
    const [ruleset] = rulesetsOf(itemsOf(text));
    const rule = rulesOf([ruleset!])[0]!;
    const words = ({ start, end }: { start: number; end: number }): string => text.slice(start, end);
    expect(words(ruleset!.range)).toBe(text.trimEnd());
    expect(words(rule.range)).toBe("rule 7 at 3 inout protocol tcp from addrset a to any accept;");
    expect(words(rule.from.range)).toBe("addrset a");
    expect(words(rule.match.range)).toContain("protocol tcp");
  });
});

describe("an address set", () => {
  it("has members of mixed families, with or without a comma behind the last", () => {
    const text =
      "addrset ip-ipset-3 {\nip 198.51.100.0/24,\nip fe80::250:56ff:fe99:1461,\nmac 00:50:56:99:14:61";
    for (const end of [",\n}", "\n}", "}"]) {
      const [set] = addrsetsOf(itemsOf(text + end));
      expect(set).toMatchObject({ name: "ip-ipset-3", closed: true });
      expect(membersOf(set!)).toEqual([
        "ip 198.51.100.0/24",
        "ip fe80::250:56ff:fe99:1461",
        "mac 00:50:56:99:14:61",
      ]);
    }
  });

  it("may hold address ranges", () => {
    const [set] = addrsetsOf(itemsOf("addrset a {\nip 192.0.2.1-192.0.2.9,\nip 192.0.2.20 - 192.0.2.29,\n}"));
    expect(membersOf(set!)).toEqual(["ip 192.0.2.1-192.0.2.9", "ip 192.0.2.20 - 192.0.2.29"]);
  });

  it("is closed once or twice when it is empty", () => {
    const sets = addrsetsOf(
      itemsOf("addrset a {\n}\n}\naddrset b {\n}\naddrset c {\nip 192.0.2.1,\n}\naddrset d {}}"),
    );
    expect(sets.map((set) => [set.name, set.closed, membersOf(set)])).toEqual([
      ["a", true, []],
      ["b", true, []],
      ["c", true, ["ip 192.0.2.1"]],
      ["d", true, []],
    ]);
  });

  it("is listed by nsxcli with its addresses counted", () => {
    const items = itemsOf(`host-1> get firewall addrset sets
VIF ID : eni-d36ce980
Addrset Count : 2
    Addrset UUID : 986cf106-b987-48bb-bdaa-8b55e1e82756
    Address Count : 2
        Address : 192.0.2.14
        Address : ip 192.0.2.12
    Addrset UUID : 0f0e59d0-63a8-4d0a-8c5e-000000000001
    Address Count : 1
        Address : 00:50:56:99:14:61
`);
    expect(addrsetsOf(items).map((set) => [set.name, membersOf(set)])).toEqual([
      ["986cf106-b987-48bb-bdaa-8b55e1e82756", ["ip 192.0.2.14", "ip 192.0.2.12"]],
      ["0f0e59d0-63a8-4d0a-8c5e-000000000001", ["mac 00:50:56:99:14:61"]],
    ]);
    expect(items).toContainEqual(
      expect.objectContaining({ type: "header", key: "VIF ID", value: "eni-d36ce980" }),
    );
  });

  it("is listed by nsxcli under the name that was asked for", () => {
    const prompt = "host-1> get firewall addrset name 986cf106-b987-48bb-bdaa-8b55e1e82756";
    const items = itemsOf(
      `${prompt}\nAddress Count: 2\nAddress : ip 192.0.2.14\nAddress : ip 192.0.2.12\nhost-1> `,
    );
    expect(items.map(({ type }) => type)).toEqual(["prompt", "addrset", "prompt"]);
    const [set] = addrsetsOf(items);
    expect(set!.name).toBe("986cf106-b987-48bb-bdaa-8b55e1e82756");
    expect(membersOf(set!)).toEqual(["ip 192.0.2.14", "ip 192.0.2.12"]);
  });

  it("is listed by nsxcli without a count too", () => {
    const [set] = addrsetsOf(itemsOf("Addrset UUID : 0f0e\nAddress : 192.0.2.14\n"));
    expect(membersOf(set!)).toEqual(["ip 192.0.2.14"]);
  });

  it("may share its host's memory: lines that say so are no problem", () => {
    const items = itemsOf(
      "global addrset\naddrset is shared for this filter\naddrset a {\nip 192.0.2.1,\n}\n",
    );
    expect(items.map(({ type }) => type)).toEqual(["other", "other", "addrset"]);
  });
});

const RULESET = `ruleset domain-c31 {
  # Filter rules
  rule 2001 at 1 inout protocol tcp from addrset ip-ipset-9 to any port 443 accept with log;
  rule 2000 at 2 inout protocol any from any to any drop;
}
`;
const ADDRSET = "addrset ip-ipset-9 {\nip 192.0.2.0/28,\n}\n";

describe("a terminal log", () => {
  it.each([
    ["[root@esx-07:~] ", "vsipioctl getrules -f nic-771-eth0-vmware-sfw.2", "nic-771-eth0-vmware-sfw.2"],
    [
      "[root@esx-07:/var/log] ",
      "vsipioctl getfwrules -f nic-771-eth0-vmware-sfw.2",
      "nic-771-eth0-vmware-sfw.2",
    ],
    ["~ # ", "vsipioctl getrules -f nic-771-eth0-vmware-sfw.2", "nic-771-eth0-vmware-sfw.2"],
    ["/tmp # ", "vsipioctl getrules --filter nic-771-eth0-vmware-sfw.2", "nic-771-eth0-vmware-sfw.2"],
    ["# ", 'vsipioctl getrules -f "nic-771-eth0-vmware-sfw.2" | tee x', "nic-771-eth0-vmware-sfw.2"],
    ["root@esx-07:~# ", "vsipioctl getrules -f nic-771-eth0-vmware-sfw.2", "nic-771-eth0-vmware-sfw.2"],
    [
      "nsxmgr01> ",
      "show dfw host host-10 filter nic-771-eth0-vmware-sfw.2 rules",
      "nic-771-eth0-vmware-sfw.2",
    ],
    [
      "esx-07> ",
      "get firewall 4d1f0c5e-1b1b-4e0e-9a53-9d2b6f0a7c11 ruleset rules",
      "4d1f0c5e-1b1b-4e0e-9a53-9d2b6f0a7c11",
    ],
    [
      "> ",
      "get firewall 4d1f0c5e-1b1b-4e0e-9a53-9d2b6f0a7c11 addrset sets",
      "4d1f0c5e-1b1b-4e0e-9a53-9d2b6f0a7c11",
    ],
    ["[root@esx-07:~] ", "nsxcli -c get firewall 4d1f0c5e ruleset rules", "4d1f0c5e"],
    ["[root@esx-07:~] ", "vsipioctl getaddrsets -f nic-771-eth0-vmware-sfw.2", "nic-771-eth0-vmware-sfw.2"],
    [
      "nsxmgr01> ",
      "show dfw host host-10 filter nic-771-eth0-vmware-sfw.2 addrsets ip-ipset-9",
      "nic-771-eth0-vmware-sfw.2",
    ],
  ])("names the filter at `%s%s`", (prompt, command, filter) => {
    const items = itemsOf(`${prompt}${command}\n${RULESET}`);
    expect(items.map(({ type }) => type)).toEqual(["prompt", "ruleset"]);
    const [first] = items;
    if (first?.type !== "prompt") throw new Error("no prompt");
    expect(first).toMatchObject({ text: prompt.trim(), command });
    expect(readCommand(first.command)).toEqual({ filter, dump: true });
  });

  it.each([
    ["'nic 1  of $x'", "nic 1  of $x"],
    [String.raw`'it'\''s'`, "it's"],
    [`'nic-1' | tee x`, "nic-1"],
    [`"nic-1"`, "nic-1"],
  ])("takes the name in quotes as a shell does: %s", (word, filter) => {
    const [first] = itemsOf(`[root@esx-07:~] vsipioctl getrules -f ${word}\n${RULESET}`);
    expect(first?.type === "prompt" && readCommand(first.command).filter).toBe(filter);
  });

  it("a remark of the collecting script is one prompt, whatever it says, and names no filter", () => {
    const text =
      "ERROR:  vsipioctl getrules -f nic-1 ruleset a { rule 1 at 1 inout protocol any from any to any accept; }";
    const items = itemsOf(`${RULESET}[root@esx-07:~] # dfwlint collect error: ${text}\n[root@esx-07:~]\n`);
    expect(items.map(({ type }) => type)).toEqual(["ruleset", "prompt", "prompt"]);
    const [, remark] = items;
    if (remark?.type !== "prompt") throw new Error("no prompt");
    expect(readRemark(remark.command)).toEqual({ kind: "error", text });
    expect(readCommand(remark.command)).toEqual({ filter: null, dump: false });
  });

  it("a command with a quote that opens a text as long as a file", () => {
    const items = itemsOf(`[root@esx-07:~] echo '${"a".repeat(20_000_000)}`);
    expect(items.map(({ type }) => type)).toEqual(["prompt"]);
  });

  it("names no filter where the command takes it from a variable", () => {
    expect(readCommand("vsipioctl getrules -f $f")).toEqual({ filter: null, dump: true });
    expect(readCommand("vsipioctl getrules -f $(summarize-dvfilter | grep sfw)")).toEqual({
      filter: null,
      dump: true,
    });
  });

  it("tells the commands whose output is ours", () => {
    expect(readCommand("get firewall addrset sets")).toEqual({ filter: null, dump: true });
    expect(readCommand("vsipioctl getrules -h")).toEqual({ filter: null, dump: true });
    expect(readCommand("vsipioctl getfilters")).toEqual({ filter: null, dump: false });
    expect(readCommand("summarize-dvfilter")).toEqual({ filter: null, dump: false });
    expect(readCommand("")).toEqual({ filter: null, dump: false });
  });

  it("holds several filters and other commands' output", () => {
    const items = itemsOf(`[root@esx-07:~] summarize-dvfilter | grep -A 9 vmm
world 36445 vmm0:shop-web-01 vcUuid:'50 19 37 10 7d 3b 25 9f-40 6f a4 bc 7e 0d af b8'
 port 50331654 shop-web-01.eth0
   name: nic-771-eth0-vmware-sfw.2
[root@esx-07:~] vsipioctl getrules -f nic-771-eth0-vmware-sfw.2
${RULESET}
[root@esx-07:~] vsipioctl getaddrsets -f nic-771-eth0-vmware-sfw.2
${ADDRSET}[root@esx-07:~] vsipioctl getrules -f nic-880-eth1-vmware-sfw.2
${RULESET}${RULESET.replace("domain-c31", "domain-c31_L2")}[root@esx-07:~] `);
    expect(items.filter(({ type }) => type !== "other").map(({ type }) => type)).toEqual([
      "prompt",
      "prompt",
      "ruleset",
      "prompt",
      "addrset",
      "prompt",
      "ruleset",
      "ruleset",
      "prompt",
    ]);
    const prompts = items
      .filter((item) => item.type === "prompt")
      .map(({ command }) => readCommand(command).filter);
    expect(prompts).toEqual([
      null,
      "nic-771-eth0-vmware-sfw.2",
      "nic-771-eth0-vmware-sfw.2",
      "nic-880-eth1-vmware-sfw.2",
      null,
    ]);
  });

  it("shows nsxcli's list of rules with its header", () => {
    const items = itemsOf(`> get firewall 4d1f0c5e-1b1b-4e0e-9a53-9d2b6f0a7c11 ruleset rules
                          Firewall Rules
--------------------------------------------------
VIF UUID : 4d1f0c5e-1b1b-4e0e-9a53-9d2b6f0a7c11
Ruleset UUID : 7c0e2f11-2222-4333-8444-555566667777
Rule count : 2
    rule 2001 inout protocol tcp from any to any port 443 accept;
    rule 2000 inout protocol any from any to any drop;
`);
    expect(rulesOf(items).map(({ id }) => id)).toEqual([2001, 2000]);
    expect(items).toContainEqual(
      expect.objectContaining({
        type: "header",
        key: "VIF UUID",
        value: "4d1f0c5e-1b1b-4e0e-9a53-9d2b6f0a7c11",
      }),
    );
    expect(items).toContainEqual(expect.objectContaining({ type: "header", key: "Rule count", value: "2" }));
  });

  it("may quote rules in a command", () => {
    const items = itemsOf(`[root@esx-07:~] vsipioctl getrules -f nic-1 | grep 'rule 2001 at'\n${RULESET}`);
    expect(items.map(({ type }) => type)).toEqual(["prompt", "ruleset"]);
  });

  it("speaks of rules in prose without being a dump", () => {
    const text =
      "as rule 5 in the list shows, the ruleset is closed\nrule of thumb: addrset names\n# rule 7 in the wiki\n";
    expect(itemsOf(text).map(({ type }) => type)).toEqual(["other", "other", "other"]);
  });
});

describe("the text around a dump does not change what is read", () => {
  const dump = `[root@esx-07:~] vsipioctl getrules -f nic-771-eth0-vmware-sfw.2
ruleset mainrs {
  # generation number: 0
  # realization time : 2026-02-03T04:05:06
  # PRE_FILTER rules
  rule 4101 at 1 inout inet protocol tcp strict from not addrset 5f1a to ip 192.0.2.7 port {22, 8000-8010} accept with log tag 'jump; host's';
  # internal # rule 4101 at 2 inout protocol tcp from any port 135 to any accept as dcerpc;
  # FILTER (APP Category) rules
  rule 4102 at 1 in protocol icmp icmptype 3:1 from any to any with attribute profile web drop;
  rule 2 at 2 inout protocol any from any to any reject;
}

ruleset mainrs_L2 {
  # FILTER rules
  rule 1 at 1 inout ethertype any stateless from any to any accept;
}
[root@esx-07:~] vsipioctl getaddrsets -f nic-771-eth0-vmware-sfw.2
addrset 5f1a {
ip 192.0.2.0/28,
mac 00:50:56:01:02:03,
}
addrset none {
}
}
nsxmgr01> show dfw host host-10 filter nic-880-eth0-vmware-sfw.2 rules
${RULESET}~ # vsipioctl getaddrsets -f nic-880-eth0-vmware-sfw.2
${ADDRSET}esx-07> get firewall 4d1f0c5e ruleset rules
Firewall Rules
--------------------------------------------------
VIF UUID : 4d1f0c5e
Ruleset UUID : 7c0e2f11
Rule count : 1
    rule 2001 inout protocol tcp from any to any port 443 accept tag 'x';
esx-07> get firewall 4d1f0c5e addrset sets
Addrset UUID : 986cf106
Address Count : 1
Address : 192.0.2.14
[root@esx-07:~] `;
  const tree = withoutRanges(itemsOf(dump));

  it.each<[string, (text: string) => string]>([
    ["CRLF", (text) => text.replace(/\n/g, "\r\n")],
    ["a byte order mark", (text) => `\ufeff${text}`],
    ["trailing blanks", (text) => text.replace(/\n/g, "   \t\n")],
    ["tabs for indentation", (text) => text.replace(/^ +/gm, "\t\t")],
    ["no indentation", (text) => text.replace(/^ +/gm, "")],
    ["more indentation", (text) => text.replace(/^/gm, "        ")],
    ["empty lines", (text) => text.replace(/\n/g, "\n\n \n")],
    ["non-breaking blanks", (text) => text.replace(/^ +/gm, "\u00a0\u00a0")],
    ["all line ends lost", (text) => text.replace(/\s+/g, " ")],
    ["coloured lines", (text) => text.replace(/^.*$/gm, "\u001b[01;32m$&\u001b[0m\u001b[K")],
    [
      "coloured words",
      (text) => text.replace(/4101|esx|port|rule/g, "\u001b[1;31m\u001b[K$&\u001b[m\u001b[K"),
    ],
    ["window titles", (text) => text.replace(/^\[/gm, "\u001b]0;root@esx-07: ~\u0007[")],
  ])("%s", (_, change) => {
    const changed = change(dump);
    expect(changed).not.toBe(dump);
    expect(problemsOf(changed)).toEqual([]);
    expect(withoutRanges(itemsOf(changed))).toEqual(tree);
  });

  it("places what it reads in the text as it stands, colours and all", () => {
    const text =
      "\u001b[1mruleset\u001b[0m r {\n\u001b[31mrule 7 at 3 inout protocl any from any to any accept;\u001b[0m\n}\n";
    const { items, problems, lines } = parseDump("dump.txt", text);
    const [ruleset] = rulesetsOf(items);
    expect(text.slice(ruleset!.range.start, ruleset!.range.end)).toMatch(/^ruleset[^]*\}$/);
    expect(text.slice(problems[0]!.at)).toMatch(/^protocl/);
    expect(text.slice(problems[0]!.range.start, problems[0]!.range.end)).toMatch(/^rule 7.*accept;$/);
    expect(lines.position(problems[0]!.at).line).toBe(2);
  });
});

describe("output that is known and not ours", () => {
  it("is named: an NSX Edge's ruleset", () => {
    const text = `edge-02> get firewall 7c0e2f11 ruleset rules
SNAT rule count: 1
    Rule ID   : 536875008
    Rule      : out inet protocol any prenat from addrset {192.0.2.3} to any snat EIP
Firewall rule count: 0
`;
    expect(problemsOf(text)).toEqual([expect.stringMatching(/^2:1 foreign .*NSX Edge/)]);
  });

  it("is named: the counters of rules", () => {
    const text = `~ # vsipioctl getrules -f nic-1 -s
rule  1004: 317802 evals, in 0 out 0 pkts, in 0 out 0 bytes
rule  1003: 0 evals, in 0 out 0 pkts, in 0 out 0 bytes
`;
    expect(problemsOf(text)).toEqual([expect.stringMatching(/^2:1 foreign .*statistics/)]);
  });

  it("is passed over: logs and lists of filters", () => {
    const text = `2026-02-03T04:05:06.004Z 7295 INET match DROP domain-c46/1005 OUT 78 UDP 192.0.2.10/137->192.0.2.255/137
Filter Name              : nic-1744435-eth0-vmware-sfw.2
VNIC Index               : 0
`;
    expect(itemsOf(text).map(({ type }) => type)).toEqual(["other", "other", "other"]);
  });
});
