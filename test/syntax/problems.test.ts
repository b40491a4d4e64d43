import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { parseDump } from "../../src/syntax/parse.ts";
import { addrsetsOf, membersOf, problemsOf, rulesOf, rulesetsOf } from "./support.ts";

const FIRST = "  rule 901 at 1 inout protocol any from any to any drop;\n";
const LAST = "  rule 902 at 3 inout protocol any from any to any drop;\n";

/** A statement between two rules of a ruleset; it stands in line 3. */
function amongRules(statement: string): string {
  return `ruleset r {\n${FIRST}  ${statement}\n${LAST}}\n`;
}

/** A line between two members of an address set; it stands in line 3. */
function amongMembers(line: string): string {
  return `addrset s {\nip 192.0.2.1,\n${line}\nip 192.0.2.2,\n}\n`;
}

describe("a rule that does not parse is a problem, and its neighbours are still read", () => {
  it.each([
    [
      "rule 5 at 2 inout protocol tcp from any to any port 80 accept",
      64,
      'expected ";" but the rule ends here',
    ],
    ["rul 5 at 2 inout protocol tcp from any to any accept;", 3, 'expected "rule" but found "rul"'],
    ["Rule 5 at 2 inout protocol tcp from any to any accept;", 3, 'expected "rule" but found "Rule"'],
    ["rule5 at 2 inout protocol tcp from any to any accept;", 3, 'expected "rule" but found "rule5"'],
    ["rule x at 2 inout protocol tcp from any to any accept;", 8, 'expected a number but found "x"'],
    [
      "rule 1234567890123456 at 2 in protocol tcp from any to any accept;",
      8,
      'expected a number but found "1234567890123456"; a number has at most 15 digits',
    ],
    ["rule 5 att 2 inout protocol tcp from any to any accept;", 10, 'expected "at" but found "att"'],
    ["rule 5 at two inout protocol tcp from any to any accept;", 13, 'expected a number but found "two"'],
    [
      "rule 5 at 2 both protocol tcp from any to any accept;",
      15,
      'expected "in", "inout" or "out" but found "both"',
    ],
    ["rule 5 at 2 inuot protocol tcp from any to any accept;", 15, 'expected "inout" but found "inuot"'],
    ["rule 5 at 2 inout protocl tcp from any to any accept;", 21, 'expected "protocol" but found "protocl"'],
    [
      "rule 5 at 2 inout tcp from any to any accept;",
      21,
      'expected "ethertype", "inet", "inet6" or "protocol" but found "tcp"',
    ],
    [
      "rule 5 at 2 inout protocol tcp/80 from any to any accept;",
      30,
      'expected a protocol but found "tcp/80"',
    ],
    ["rule 5 at 2 inout protocol from any to any accept;", 30, 'expected a protocol but found "from"'],
    ["rule 5 at 2 inout ethertype from any to any accept;", 31, 'expected an EtherType but found "from"'],
    ["rule 5 at 2 inout protocol tcp form any to any accept;", 34, 'expected "from" but found "form"'],
    [
      "rule 5 at 2 inout protocol tcp any to any accept;",
      34,
      'expected "from" or an option of the protocol such as "icmptype" or "stateless" but found "any"',
    ],
    [
      "rule 5 at 2 inout protocol icmp icmtype 8 from any to any accept;",
      35,
      'expected "icmptype" but found "icmtype"',
    ],
    [
      "rule 5 at 2 inout protocol icmp icmptype from any to any accept;",
      44,
      'expected an ICMP type or code but found "from"',
    ],
    [
      "rule 5 at 2 inout protocol tcp icmptype 8 from any to any accept;",
      44,
      "protocol tcp has no ICMP type or code",
    ],
    [
      "rule 5 at 2 inout protocol icmp with {stateless, icmptype 8 from any to any accept;",
      63,
      'expected "," or "}" but found "from"',
    ],
    [
      "rule 5 at 2 inout protocol tcp from 192.0.2.1 to any accept;",
      39,
      'expected "addrset", "any", "ip", "mac" or "not" but found "192.0.2.1"',
    ],
    ["rule 5 at 2 inout protocol tcp from anyy to any accept;", 39, 'expected "any" but found "anyy"'],
    [
      "rule 5 at 2 inout protocol tcp from not any to any accept;",
      43,
      'expected "addrset", "ip" or "mac" but found "any"',
    ],
    [
      "rule 5 at 2 inout protocol tcp from addrset to any accept;",
      47,
      'expected the name of an address set but found "to"',
    ],
    ["rule 5 at 2 inout protocol tcp from any any accept;", 43, 'expected "port" or "to" but found "any"'],
    [
      "rule 5 at 2 inout protocol tcp from any to any port http accept;",
      55,
      'expected a port number or "{" but found "http"',
    ],
    [
      "rule 5 at 2 inout protocol tcp from any to any port 80x accept;",
      55,
      'expected a port number or "{" but found "80x"',
    ],
    [
      "rule 5 at 2 inout protocol tcp from any to any port 80, 443 accept;",
      57,
      'expected an action or "with" but found ","; several ports stand in braces, as in port {80, 443}',
    ],
    [
      "rule 5 at 2 inout protocol tcp from any to any port {80 443} accept;",
      59,
      'expected "," or "}" but found "443"',
    ],
    [
      "rule 5 at 2 inout protocol tcp from any to any port {80, 443 accept;",
      64,
      'expected "," or "}" but found "accept"',
    ],
    [
      "rule 5 at 2 inout protocol tcp from any to any port {} accept;",
      56,
      'expected a port number but found "}"',
    ],
    [
      "rule 5 at 2 inout protocol tcp from any to any port 80;",
      57,
      'expected an action or "with" but found ";"',
    ],
    [
      "rule 5 at 2 inout protocol tcp from any to any with log accept;",
      50,
      'expected an action or "port" but found "with"; the action stands before its log',
    ],
    [
      "rule 5 at 2 inout protocol tcp from any to any with attribute accept;",
      65,
      'expected a name but found "accept"',
    ],
    [
      "rule 5 at 2 inout protocol tcp from any to any accept log;",
      57,
      'expected ";", "as", "tag" or "with" but found "log"',
    ],
    ["rule 5 at 2 inout protocol tcp from any to any accept with lgo;", 62, 'expected "log" but found "lgo"'],
    ["rule 5 at 2 inout protocol tcp from any to any accept as;", 59, 'expected a name but found ";"'],
    [
      "rule 5 at 2 inout protocol tcp from any to any accept tag web;",
      61,
      'expected an apostrophe but found "web"',
    ],
    [
      "rule 5 at 2 inout protocol tcp from any to any accept tag 'web;",
      66,
      "expected an apostrophe but the rule ends here",
    ],
    [
      "# rule 5 at 2 inout protocol tcp from any to any accept;",
      3,
      'no rule stands behind a comment sign, except behind "# internal #"',
    ],
    [
      "# internal # rul 5 at 2 in protocol tcp from any to any accept;",
      16,
      'expected "rule" but found "rul"',
    ],
    ["drop everything;", 3, 'expected a rule, a comment or "}" but found "drop"'],
    ["--More--", 3, 'expected a rule, a comment or "}" but found "--More--"'],
    ["{", 3, 'expected a rule, a comment or "}" but found "{"'],
    [";", 3, 'expected a rule, a comment or "}" but found ";"'],
    ["ip 192.0.2.1,", 3, 'expected a rule, a comment or "}" but found "ip"'],
  ])("%s", (statement, column, message) => {
    const text = amongRules(statement);
    expect(problemsOf(text)).toEqual([`3:${column} unparsed ${message}`]);
    const { items, problems } = parseDump("dump.txt", text);
    expect(rulesOf(items).map(({ id }) => id)).toEqual([901, 902]);
    expect(rulesetsOf(items)).toMatchObject([{ closed: true }]);
    expect(text.slice(problems[0]!.range.start, problems[0]!.range.end)).toBe(statement);
    expect(problems[0]!.file).toBe("dump.txt");
  });

  it("even where the rest of its line is lost", () => {
    const text = `ruleset r {\n${FIRST.trimEnd()};\n${FIRST.trimEnd()} and more\n${LAST}}\n`;
    expect(problemsOf(text)).toEqual([
      '2:57 unparsed expected a rule, a comment or "}" but found ";"',
      '3:58 unparsed expected a rule, a comment or "}" but found "and"',
    ]);
    expect(rulesOf(parseDump("dump.txt", text).items).map(({ id }) => id)).toEqual([901, 901, 902]);
  });

  it("even where it has a tag that looks like the end of its ruleset", () => {
    const text = amongRules("rule 5 at 2 inout protocl tcp from any to any accept tag 'a}b; c';");
    expect(problemsOf(text)).toEqual(['3:21 unparsed expected "protocol" but found "protocl"']);
  });

  it("even where it goes over several lines", () => {
    const text = amongRules("rule 5 at 2 inout protocl tcp\n from any to any\n port {80,\n 443} accept;");
    expect(problemsOf(text)).toEqual(['3:21 unparsed expected "protocol" but found "protocl"']);
    expect(rulesOf(parseDump("dump.txt", text).items).map(({ id }) => id)).toEqual([901, 902]);
  });

  it("even where all line ends are lost", () => {
    const text = amongRules("rule 5 at 2 inout protocl tcp from any to any accept;").replace(/\s+/g, " ");
    expect(problemsOf(text)).toEqual(['1:86 unparsed expected "protocol" but found "protocl"']);
    expect(rulesOf(parseDump("dump.txt", text).items).map(({ id }) => id)).toEqual([901, 902]);
  });

  it("even where rules stand without a ruleset", () => {
    for (const broken of [
      "    rule 5 inout protocl tcp from any to any accept;",
      "    rule five inout protocol tcp from any to any accept;",
      "    rul 5 inout protocol tcp from any to any accept;",
      "    5 inout protocol tcp from any to any accept;",
      "    rule 5 inout protocol tcp from any to any accept",
      "    # rule 5 inout protocol tcp from any to any accept;",
      "    # internal # rule 5 at 2 inuot protocol tcp from any to any accept;",
    ]) {
      const text = `Rule count : 3\n${FIRST}${broken}\n${LAST}`;
      expect(problemsOf(text)).toEqual([expect.stringMatching(/^3:\d+ unparsed /)]);
      expect(rulesOf(parseDump("dump.txt", text).items).map(({ id }) => id)).toEqual([901, 902]);
    }
  });

  it("each with its own reason", () => {
    const text = amongRules(
      "rule 5 at 2 inout protocol tcp from any to any accept\n  rul 6 at 3 in protocol tcp from any to any accept;\n  rule 7 at 4 in protocol tcp from any to any;",
    );
    expect(problemsOf(text)).toEqual([
      '3:56 unparsed expected ";" but the line ends here',
      '5:46 unparsed expected an action, "port" or "with" but found ";"',
    ]);
  });
});

describe("a member that does not parse is a problem, and its neighbours are still read", () => {
  it.each([
    ["ip 192.0.2.9", 13, 'expected "," but the member ends here'],
    ["ip 192.0.2.9;", 13, 'expected "," but found ";"'],
    ["ip 192.0.2.9 192.0.2.10,", 14, 'expected "," but found "192.0.2.10"'],
    ["ipp 192.0.2.9,", 1, 'expected "ip" but found "ipp"'],
    ["192.0.2.9,", 1, 'expected a member such as "ip 192.0.2.1," or "}" but found "192.0.2.9"'],
    ["ip ,", 4, 'expected an address but found ","'],
    ["not ip 192.0.2.9,", 1, 'expected a member such as "ip 192.0.2.1," or "}" but found "not"'],
    ["addrset web,", 1, 'expected a member such as "ip 192.0.2.1," or "}" but found "addrset"'],
    [",", 1, 'expected a member such as "ip 192.0.2.1," or "}" but found ","'],
    ["--More--", 1, 'expected a member such as "ip 192.0.2.1," or "}" but found "--More--"'],
    ["# web servers", 1, 'expected a member such as "ip 192.0.2.1," or "}" but found "#"'],
  ])("%s", (line, column, message) => {
    const text = amongMembers(line);
    expect(problemsOf(text)).toEqual([`3:${column} unparsed ${message}`]);
    const [set] = addrsetsOf(parseDump("dump.txt", text).items);
    expect(set!.closed).toBe(true);
    expect(membersOf(set!)).toEqual(["ip 192.0.2.1", "ip 192.0.2.2"]);
  });
});

describe("a block that does not parse is a problem", () => {
  it.each([
    ["ruleset r\n", '1:10 unparsed expected "{" behind the name but the line ends here'],
    ["ruleset r (\n", '1:11 unparsed expected "{" but found "("'],
    ["rulset r {\n", '1:1 unparsed expected "ruleset" but found "rulset"'],
    ["r {\n", '1:1 unparsed expected "ruleset" or "addrset" but found "r"'],
  ])("%j, and its rules are still read", (head, problem) => {
    const text = `${head}  # Filter rules\n${FIRST}${LAST}}\n`;
    expect(problemsOf(text)).toEqual([problem]);
    expect(rulesOf(parseDump("dump.txt", text).items).map(({ id }) => id)).toEqual([901, 902]);
  });

  it("says so for address sets too", () => {
    expect(problemsOf("adrset s {\nip 192.0.2.1,\n}\n")).toEqual([
      '1:1 unparsed expected "addrset" but found "adrset"',
    ]);
    expect(problemsOf("addrset s\nip 192.0.2.1,\n}\n")).toEqual([
      '1:10 unparsed expected "{" behind the name but the line ends here',
    ]);
  });
});

describe("a block that is not closed", () => {
  it("is cut off where the next one begins", () => {
    const text = `ruleset a {\n${FIRST}\nruleset b {\n${LAST}}\naddrset c {\nip 192.0.2.1,\naddrset d {\nip 192.0.2.2,\n}\n`;
    expect(problemsOf(text)).toEqual([
      '2:57 truncated ruleset a is not closed: expected "}" here, so a part of it may be missing',
      '8:14 truncated addrset c is not closed: expected "}" here, so a part of it may be missing',
    ]);
    const { items } = parseDump("dump.txt", text);
    expect(rulesetsOf(items).map(({ name, closed }) => [name, closed])).toEqual([
      ["a", false],
      ["b", true],
    ]);
    expect(addrsetsOf(items).map((set) => [set.name, membersOf(set)])).toEqual([
      ["c", ["ip 192.0.2.1"]],
      ["d", ["ip 192.0.2.2"]],
    ]);
  });

  it("is cut off where a prompt follows", () => {
    for (const prompt of [
      "[root@esx-07:~] ",
      "nsxmgr01> show dfw host h filter f rules",
      "~ # vsipioctl getfilters",
      "# vsipioctl x",
    ]) {
      expect(problemsOf(`ruleset a {\n${FIRST}${prompt}\n`)).toEqual([
        '2:57 truncated ruleset a is not closed: expected "}" here, so a part of it may be missing',
      ]);
      expect(problemsOf(`addrset a {\nip 192.0.2.1,\n${prompt}\n`)).toEqual([
        '2:14 truncated addrset a is not closed: expected "}" here, so a part of it may be missing',
      ]);
    }
  });

  it("is one problem together with the rule that was cut off", () => {
    expect(
      problemsOf(`ruleset a {\n${FIRST}  rule 5 at 2 inout proto\n[root@esx-07:~] \nruleset b {\n}\n`),
    ).toEqual(['3:21 truncated the text ends inside this rule: expected "protocol"']);
  });

  it("is another problem beside a rule that is wrong", () => {
    expect(problemsOf(`ruleset a {\n  rule 5 at 2 inuot protocol tcp from any to any accept;\n`)).toEqual([
      '2:15 unparsed expected "inout" but found "inuot"',
      '2:57 truncated ruleset a is not closed: expected "}" here, so a part of it may be missing',
    ]);
  });

  it("is a listing of nsxcli with fewer addresses than it counts", () => {
    expect(
      problemsOf("Addrset UUID : 986c\nAddress Count : 3\nAddress : 192.0.2.1\nAddress : 192.0.2.2\n"),
    ).toEqual([
      "4:20 truncated address set 986c lists fewer addresses than it counts, so members may be missing",
    ]);
  });
});

describe("a file that is cut off", () => {
  const blocks = [
    `ruleset domain-c31 {
  # generation number: 1594621799418
  # realization time : 2026-02-03T04:05:06
  # Filter rules
  rule 2001 at 1 inout inet protocol tcp strict from not addrset ip-ipset-9 port 1024-65535 to ip 192.0.2.7 port {80, 8000-8010} accept with log as ftp tag 'the shop''s; own';
  # internal # rule 2002 at 2 out protocol icmp icmptype 3:1 stateless from any to addrset dst2002 drop;
  rule 2003 at 3 in protocol any from any to any with attribute profile web with extended src ba9e01bc idp_detect;
  rule 2004 at 4 in protocol icmp with {stateless, typecode 8:0} from any to any reject;
}`,
    `ruleset domain-c31_L2 {
  # Filter rules
  rule 2000 at 1 inout ethertype any stateless from mac 00:50:56:01:02:03 to any accept;
}`,
    "addrset ip-ipset-9 {\nip 198.51.100.0/24,\nip fe80::250:56ff:fe99:1461,\nmac 00:50:56:99:14:61,\n}",
    "addrset dst2002 {\n}\n}",
    "addrset last {\nip 192.0.2.1,\n}",
  ];

  it.each<[string, string, (block: string) => string]>([
    ["with line ends", "\n", (block) => block],
    ["with line ends and blank lines", "\n\n", (block) => block],
    ["with CRLF", "\r\n", (block) => block.replace(/\n/g, "\r\n")],
    ["with all line ends lost", " ", (block) => block.replace(/\s+/g, " ")],
  ])(
    "is one problem inside a block and none between blocks, wherever it was cut, %s",
    (_, between, change) => {
      const whole = blocks.map(change).join(between);
      expect(problemsOf(whole)).toEqual([]);
      // A few letters at the start of a file are no block yet, and the second brace of an empty set is not missed.
      const harmless = new Set<number>();
      for (let at = 0; at <= "ruleset ".length; at += 1) harmless.add(at);
      let start = 0;
      for (const block of blocks.map(change)) {
        for (let at = 0; at <= between.length; at += 1) harmless.add(start + block.length + at);
        if (block.startsWith("addrset dst2002")) {
          for (let at = start + block.indexOf("}") + 1; at < start + block.length; at += 1) harmless.add(at);
        }
        start += block.length + between.length;
      }
      const wrong: unknown[] = [];
      for (let cut = 0; cut <= whole.length; cut += 1) {
        const part = whole.slice(0, cut);
        const kinds = parseDump("dump.txt", part).problems.map(({ kind }) => kind);
        if (kinds.join() !== (harmless.has(cut) ? "" : "truncated"))
          wrong.push([part.slice(-30), problemsOf(part)]);
      }
      expect(wrong).toEqual([]);
    },
  );

  it("is one problem where a list without a ruleset ends inside a rule", () => {
    const rule =
      "    rule 2001 inout inet protocol tcp from not addrset a to any port {80, 443} accept with log tag 'x';";
    const list = `Rule count : 2\n${rule}\n`;
    const wrong: unknown[] = [];
    for (let cut = 5; cut < rule.length; cut += 1) {
      const part = list + rule.slice(0, cut);
      const kinds = parseDump("dump.txt", part).problems.map(({ kind }) => kind);
      if (kinds.join() !== "truncated") wrong.push([part.slice(-30), problemsOf(part)]);
    }
    expect(wrong).toEqual([]);
  });

  it("says what was expected where it ends", () => {
    const cut = (words: string): string[] => problemsOf(`ruleset r {\n  ${words}`);
    expect(cut("rule 5 at 1 inout protoc")).toEqual([
      '2:21 truncated the text ends inside this rule: expected "protocol"',
    ]);
    expect(cut("rule 5 at 1 inout protocol any from any to any accept with")).toEqual([
      '2:61 truncated the text ends inside this rule: expected "log"',
    ]);
    expect(cut("rule 5 at 1 inout protocol any from any to any accept")).toEqual([
      '2:56 truncated the text ends inside this rule: expected ";"',
    ]);
    expect(problemsOf("addrset s {\nip 192.0.2.")).toEqual([
      '2:12 truncated the text ends inside this member: expected ","',
    ]);
    expect(problemsOf("addrset s {\n}\nruleset r")).toEqual([
      '3:10 truncated the text ends inside this block: expected "{" behind the name',
    ]);
  });

  it("never has a member whose end may be missing", () => {
    const [set] = addrsetsOf(parseDump("dump.txt", "addrset s {\nip 192.0.2.1,\nip 192.0.2.0/2").items);
    expect(membersOf(set!)).toEqual(["ip 192.0.2.1"]);
  });
});

describe("whatever happens to one line", () => {
  const damage = fc.record({
    at: fc.nat({ max: 120 }),
    deleted: fc.nat({ max: 60 }),
    inserted: fc.oneof(
      fc.constantFrom(
        "",
        ";",
        "'",
        "tag '",
        "as ",
        "with ",
        "with attribute ",
        "rule ",
        "{",
        ",",
        "#",
        "[",
        "protocol ",
      ),
      // A word and "# " or "> " is a prompt.
      fc.string({ maxLength: 6 }).filter((text) => !/[\r\n{}]|[#>]\s/.test(text)),
    ),
  });
  const damaged = (
    line: string,
    { at, deleted, inserted }: { at: number; deleted: number; inserted: string },
  ): string => line.slice(0, at) + inserted + line.slice(at + deleted);

  it("the rules around it are still read", () => {
    const line =
      "  rule 5 at 2 inout protocol tcp from addrset a port 1024-65535 to any port {80, 443} accept with log tag 'x';";
    fc.assert(
      fc.property(damage, fc.constantFrom("\n", "\r\n"), (change, lineEnd) => {
        const text = amongRules(damaged(line, change)).replace(/\n/g, lineEnd);
        const ids = rulesOf(parseDump("dump.txt", text).items).map(
          ({ id, position }) => `${id} at ${position}`,
        );
        expect([text, ids]).toEqual([text, expect.arrayContaining(["901 at 1", "902 at 3"])]);
      }),
      { numRuns: 1000 },
    );
  });

  it("the members around it are still read", () => {
    fc.assert(
      fc.property(damage, fc.constantFrom("\n", "\r\n"), (change, lineEnd) => {
        const text = amongMembers(damaged("ip 2001:db8:1234::9/48,", change)).replace(/\n/g, lineEnd);
        const [set] = addrsetsOf(parseDump("dump.txt", text).items);
        expect([text, membersOf(set!)]).toEqual([
          text,
          expect.arrayContaining(["ip 192.0.2.1", "ip 192.0.2.2"]),
        ]);
      }),
      { numRuns: 1000 },
    );
  });
});
