import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { HOSTILE_NAMES } from "../report/hostile.ts";
import { faults, published } from "../report/schemas.ts";
import { expectGolden } from "../support/golden.ts";
import { run } from "../support/run.ts";
import { ROOT, linesOf } from "./dfwlint.ts";
import { temporaryFolder } from "./folders.ts";
import { OFFICE, TWO_FILTERS } from "./inputs.ts";

const CLINIC = join(ROOT, "rules-fixtures/try");
const schema = published("try");
const office = temporaryFolder({ "rules.txt": OFFICE });

interface Answer {
  readonly rule: string;
  readonly filters: readonly {
    readonly name: string | null;
    readonly list: string;
    readonly notes: readonly string[];
    readonly need: { readonly status: string; readonly reason: string | null };
    readonly place: { readonly position: number | null; readonly category: string | null } | null;
    readonly best: { readonly position: number | null } | null;
    readonly effect: { readonly reached: string } | null;
    readonly summary: Readonly<Record<string, number>>;
  }[];
}

async function ask(cwd: string, ...args: string[]): Promise<Answer> {
  const { stdout, stderr, code } = await run(["try", "--format", "json", ...args], cwd);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  const answer = JSON.parse(stdout) as Answer;
  expect(faults(schema, answer)).toEqual([]);
  return answer;
}

describe("as people read it", () => {
  it.each([
    ["not-needed", ["in protocol tcp from partners to shop port 443 accept"]],
    ["best-place", ["in protocol tcp from monitoring to orders port {22, 9100} accept"]],
    ["too-late", ["in protocol tcp from clinic-wifi to shop port 22 accept", "--after", "5205"]],
    ["kills", ["inout protocol tcp from any to all-servers port {22, 9100} drop with log", "--at", "3"]],
    ["uncertain", ["in protocol tcp from partners to shop port 8443 accept with log"]],
    ["qualified", ["in protocol tcp from partners to shop port 8443 with attribute profile TLS_V12 drop"]],
    ["edge-of-category", ["in protocol tcp from any to shop port 443 drop"]],
    ["frames", ["inout ethertype arp from any to any drop"]],
  ])("%s", async (name, [rule, ...place]) => {
    const category = place[0] === "--at" ? ["--category", "FILTER (APP Category)"] : [];
    const args = ["try", "--rule", rule!, ...place, ...category];
    const { stdout, stderr, code } = await run(args, CLINIC);
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    const compact = await run([...args, "--format", "compact"], CLINIC);
    expectGolden(join(CLINIC, `${name}.expected.txt`), `${stdout}\n${compact.stdout}`);
    await ask(CLINIC, ...args.slice(1));
  });
});

describe("the text of the rule", () => {
  it("may be as vsipioctl prints it, or without what goes without saying", async () => {
    const texts = [
      "rule 77 at 4 in protocol tcp from addrset admins to ip 10.4.1.0/24 port 443 accept with log tag 'a; from b to c';",
      "in protocol tcp from addrset admins to ip 10.4.1.0/24 port 443 accept with log tag 'a; from b to c'",
      "  in protocol tcp from admins to 10.4.1.0/24 port 443 accept with log tag 'a; from b to c' ;",
    ];
    const answers = await Promise.all(texts.map(async (text) => ask(office, "--rule", text)));
    expect(answers[0]!.rule).toBe(
      "in protocol tcp from addrset admins to ip 10.4.1.0/24 port 443 accept with log tag 'a; from b to c';",
    );
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it("may name addresses of every kind alone", async () => {
    const rules = await Promise.all(
      [
        "in protocol any from 10.1.1.1 to not 2001:db8::/32 drop",
        "in protocol any from 10.1.1.1-10.1.1.9 to not admins drop",
        "in ethertype any from 00:50:56:00:00:01 to any drop",
      ].map(async (text) => (await ask(office, "--rule", text)).rule),
    );
    expect(rules).toEqual([
      "in protocol any from ip 10.1.1.1 to not ip 2001:db8::/32 drop;",
      "in protocol any from ip 10.1.1.1-10.1.1.9 to not addrset admins drop;",
      "in ethertype any from mac 00:50:56:00:00:01 to any drop;",
    ]);
  });

  /** The message, and the part of the rule's text that begins at the mark. */
  async function mistake(rule: string): Promise<[message: string, at: string]> {
    const { stdout, stderr, code } = await run(["try", "--rule", rule], office);
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    const [first, , source, mark, ...rest] = linesOf(stderr);
    expect(rest).toEqual([]);
    expect(source).toBe(`1 | ${rule}`);
    return [first!.replace("dfwlint: --rule: ", ""), source!.slice(mark!.indexOf("^"))];
  }

  it.each([
    ["in protocol tcp from any too web accept", 'expected "to" but found "too"', "too web accept"],
    [
      "in protocol tcp from adrset web to any accept",
      'expected "addrset" but found "adrset"',
      "adrset web to any accept",
    ],
    [
      "in protocol tcp from any to any port 80, 443 accept",
      /^expected .* but found ","; several ports stand in braces/,
      ", 443 accept",
    ],
    ["in protocol tcp from any to any port 80", 'expected an action or "with" but the rule ends here', ""],
    ["in protocol tcp from any to any acept", 'expected accept, drop or reject but found "acept"', "acept"],
    ["in protocol tcp from any to any punt", 'expected accept, drop or reject but found "punt"', "punt"],
    [
      "in protocol tcp from any to any accept; in protocol",
      "expected one rule, but more text stands behind its semicolon",
      "in protocol",
    ],
    [
      "rule 5 at 3 inn protocol tcp from any to any accept",
      'expected "in" but found "inn"',
      "inn protocol tcp from any to any accept",
    ],
    [
      "in protocol tcp from any to wbe port 443 accept",
      "there is no address set wbe (closest: web)",
      "wbe port 443 accept",
    ],
    [
      "in protocol tcp from addrset gues to any accept",
      "there is no address set gues (closest: guests)",
      "gues to any accept",
    ],
    [
      "in protocol tcp from any to 10.4.1.999 accept",
      '"10.4.1.999" is not an address: a number is over 255',
      "10.4.1.999 accept",
    ],
    ["in protocol tcp from 10.4 to any accept", /^"10\.4" is not an address: /, "10.4 to any accept"],
    ["in protocol gre icmptype 3 from any to any accept", "protocol gre has no ICMP type or code", /./],
    ["garbage", /^expected /, "garbage"],
    [";", /^expected /, ";"],
    ["", "the rule is empty", ""],
  ])("%j is shown with what is wrong with it", async (rule, message, at) => {
    const [found, marked] = await mistake(rule);
    expect(found).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
    expect(marked).toEqual(typeof at === "string" ? at : expect.stringMatching(at));
  });

  it("cannot put anything on a terminal, nor can names of the dump", async () => {
    for (const [index, name] of HOSTILE_NAMES.entries()) {
      const dump = `ruleset main {\n# FILTER ${name} rules\nrule 1 at 1 in protocol tcp from addrset ${name} to any accept tag '${name}';\nrule 2 at 2 in protocol any from any to any drop;\n}\n`;
      const cwd = temporaryFolder({ "rules.txt": `[root@esx:~] vsipioctl getrules -f nic-${name}\n${dump}` });
      const rules = [
        "in protocol tcp from any to any drop",
        `in protocol tcp from addrset ${name} to any drop tag '${name}'`,
        `in protocol ${name} from any to any ${name}`,
        `in protocol tcp from addrset x${name} to any drop`,
      ];
      for (const [place, rule] of rules.entries()) {
        const format = ["pretty", "compact", "json"][(place + index) % 3]!;
        const { stdout, stderr } = await run(["try", "--rule", rule, "-f", format], cwd);
        expect(stdout + stderr).not.toBe("");
        expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }
    }
    // Some two hundred command lines.
  });
});

describe("the place", () => {
  const RULE = "in protocol tcp from any to web port 9443 accept";

  it("is above or below all lines of a rule", async () => {
    const lines = `ruleset mainrs {
  # FILTER rules
  rule 1 at 1 in protocol tcp from any to any port 1 accept;
  rule 7 at 2 in protocol tcp from any to any port 2 accept;
  rule 7 at 3 in protocol tcp from any to any port 3 accept;
  # internal # rule 7 at 4 in protocol tcp from any to any port 4 accept;
  rule 9 at 5 in protocol any from any to any drop;
}
`;
    const cwd = temporaryFolder({ "rules.txt": lines });
    const at = async (...place: string[]): Promise<number | null> => {
      const [filter] = (await ask(cwd, "--rule", "in protocol any from any to any drop", ...place)).filters;
      return filter!.place!.position;
    };
    expect(await at("--before", "7")).toBe(2);
    expect(await at("--after", "7")).toBe(5);
    expect(await at("--after", "9")).toBe(6);
    expect(await at("--at", "3")).toBe(3);
    expect(await at("--at", "6")).toBe(6);
    // Only line 3 of rule 7 would take packets from it, and yet it cannot stand between the lines.
    const [filter] = (await ask(cwd, "--rule", "in protocol tcp from any to any port 3 drop")).filters;
    expect(filter!.best!.position).toBe(2);
  });

  it("is counted in the category that is named", async () => {
    const rule = "in protocol tcp from any to shop port 9443 accept";
    const [filter] = (await ask(CLINIC, "--rule", rule, "--at", "2", "--category", "filter (app category)"))
      .filters;
    expect(filter!.place).toMatchObject({ position: 2, category: "FILTER (APP Category)" });
    // Only one of the categories has a place for it.
    const [other] = (await ask(CLINIC, "--rule", rule, "--at", "7")).filters;
    expect(other!.place).toMatchObject({ position: 7, category: "FILTER (APP Category)" });
    const [last] = (await ask(CLINIC, "--rule", rule, "--after", "3")).filters;
    expect(last!.place).toMatchObject({ position: 3, category: "PRE_FILTER" });
  });

  it.each([
    [["--before", "4711"], "--before: there is no rule 4711 among the layer-3 rules"],
    [["--after", "310"], "--after: there is no rule 310 among the layer-3 rules (closest: 3101, 3102, 3103)"],
    [["--before", "web"], '--before: "web" is not the id of a rule'],
    [["--at", "0"], '--at: "0" is not a position from 1'],
    [["--at", "12"], '--at: there is no position 12: "Filter" ends at 7'],
    [["--at", "1", "--before", "3101"], "--before and --at are two places: say one"],
    [["--category", "Filter"], "--category says where --before, --after or --at count: say one of them"],
    [["--at", "1", "--category", "Filtr"], "--category: there is no category Filtr (closest: Filter)"],
    [["--at", "1", "--category", "PRE"], '--category: there is no category PRE: the rules have "Filter"'],
    [["--filter", "nic-1"], '--filter: no filter "nic-1" in the input; no prompt here names any'],
    [["--rule", "x"], "option rule is given 2 times: give it once"],
  ])("%j cannot be", async (args, message) => {
    expect(await run(["try", "--rule", RULE, ...args], office)).toEqual({
      stdout: "",
      stderr: `dfwlint: ${message}\n`,
      code: 2,
    });
  });

  it("is asked for where an id or a position stands in several categories", async () => {
    const rule = "in protocol tcp from any to any drop";
    const twice = `ruleset mainrs {
  # PRE_FILTER rules
  rule 5 at 1 in protocol tcp from any to any port 1 accept;
  # FILTER rules
  rule 5 at 1 in protocol tcp from any to any port 2 accept;
}
`;
    const cwd = temporaryFolder({
      "rules.txt": twice,
      "listed.txt": "rule 5 in protocol any from any to any drop;\n",
    });
    for (const [args, what] of [
      [["--before", "5"], "--before: rule 5"],
      [["--at", "1"], "--at: position 1"],
    ] as const) {
      expect(await run(["try", "--rule", rule, ...args], cwd)).toEqual({
        stdout: "",
        stderr: `dfwlint: ${what} stands in several categories: say --category, one of "PRE_FILTER", "FILTER"\n`,
        code: 2,
      });
    }
    expect((await run(["try", "--rule", rule, "--at", "1", "listed.txt"], cwd)).stderr).toBe(
      "dfwlint: --at: the rules have no positions: say --before or --after a rule\n",
    );
  });

  it("needs a rule", async () => {
    expect(await run(["try"], office)).toEqual({
      stdout: "",
      stderr: "dfwlint: --rule is missing: say the new rule as vsipioctl would print it\n",
      code: 2,
    });
  });
});

describe("several filters", () => {
  const cwd = temporaryFolder({ "two.log": TWO_FILTERS });
  const RULE = "inout protocol tcp from any to web port 443 accept";

  it("are answered each with its own rules and sets", async () => {
    const { filters } = await ask(cwd, "--rule", RULE, "two.log");
    expect(filters.map(({ name, need }) => [name, need.status])).toEqual([
      ["nic-100-eth0-vmware-sfw.2", "not-needed"],
      ["nic-200-eth0-vmware-sfw.2", "needed"],
    ]);
    const { stdout } = await run(["try", "--rule", RULE, "two.log"], cwd);
    expect(linesOf(stdout).filter((line) => line.startsWith("filter "))).toHaveLength(2);
  });

  it("or one of them", async () => {
    const two = "nic-200-eth0-vmware-sfw.2";
    const { filters } = await ask(cwd, "--rule", RULE, "--filter", two, "--before", "4109", "two.log");
    expect(filters.map(({ name, place }) => [name, place?.position])).toEqual([[two, 2]]);
    expect((await run(["try", "--rule", RULE, "--before", "4109", "two.log"], cwd)).stderr).toMatch(
      /^dfwlint: --before: there is no rule 4109 among the layer-3 rules in filter nic-100-eth0-vmware-sfw\.2/,
    );
    expect((await run(["try", "--rule", RULE, "--filter", `${two}0`, "two.log"], cwd)).stderr).toBe(
      `dfwlint: --filter: no filter "${two}0" in the input (closest: ${two}, nic-100-eth0-vmware-sfw.2)\n`,
    );
  });
});

describe("what is not known is said", () => {
  it("of frames that layer 2 stops", async () => {
    const layer2 = `ruleset mainrs_L2 {\n  rule 8 at 1 in ethertype ipv4 from any to any drop;\n  rule 1 at 2 inout ethertype any from any to any accept;\n}\n`;
    const cwd = temporaryFolder({ "l2.txt": layer2, "rules.txt": OFFICE });
    const rule = "inout protocol tcp from any to web port 9443 accept";
    const [filter] = (await ask(cwd, "--rule", rule, "rules.txt", "l2.txt")).filters;
    expect(filter!.notes).toEqual([
      "Only the layer-3 rules are asked; the layer-2 rules do not accept all frames for certain (rule 8).",
    ]);
  });

  it("of a set that could not be read, and of one that only rules name", async () => {
    const dump = `ruleset main {
  rule 1 at 1 in protocol tcp from addrset gone to any port 22 accept;
  rule 2 at 2 in protocol any from any to any drop;
}
addrset odd {
ip 10.0.0.1,
ip 10.0.0.999,
}
`;
    const cwd = temporaryFolder({ "rules.txt": dump });
    const notes = async (rule: string): Promise<readonly string[]> =>
      (await ask(cwd, "--rule", rule)).filters[0]!.notes;
    expect(await notes("in protocol tcp from odd to any port 22 accept")).toEqual([
      "The rule may match more or less than is known: a member of address set odd is no address.",
    ]);
    // The same unknown set: what rule 1 takes of it is known all the same.
    const answer = await ask(cwd, "--rule", "in protocol tcp from gone to any port 22 accept");
    expect(answer.filters[0]!.need.status).toBe("not-needed");
    expect(answer.filters[0]!.notes).toEqual([
      "All of this is about the packets that the rule does match: address set gone is not defined in the input.",
    ]);
  });

  it("of a rule without packets, why", async () => {
    const reason = async (rule: string): Promise<string | null> => {
      const [filter] = (await ask(office, "--rule", rule)).filters;
      expect(filter).toMatchObject({
        need: { status: "never-matches" },
        place: null,
        best: null,
        effect: null,
      });
      return filter!.need.reason;
    };
    expect(await reason("in protocol gre from any to any port 80 drop")).toBe("protocol gre has no ports");
    expect(await reason("in inet6 protocol tcp from web to any drop")).toMatch(
      /^its source, destination and protocol/,
    );
  });
});

it("the schema misses every field that is not there", async () => {
  const optional = await ask(
    CLINIC,
    "--rule",
    "inout protocol tcp from any to all-servers port 22 drop",
    "--after",
    "3",
  );
  const visit = (part: unknown, path: string): void => {
    if (Array.isArray(part)) for (const each of part.slice(0, 2)) visit(each, `${path}[]`);
    else if (typeof part === "object" && part !== null && !path.endsWith(".summary")) {
      const object = part as Record<string, unknown>;
      for (const [name, field] of Object.entries(object)) {
        delete object[name];
        expect({ missing: `${path}.${name}`, valid: schema(optional) }).toEqual({
          missing: `${path}.${name}`,
          valid: false,
        });
        object[name] = field;
        visit(field, `${path}.${name}`);
      }
    }
  };
  visit(optional, "");
  expect(faults(schema, optional)).toEqual([]);
});
