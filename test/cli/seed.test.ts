import { describe, expect, it } from "@jest/globals";
import { SEED, dfwlint, linesOf } from "./dfwlint.ts";
import { answerShape, lintShape, queryShape, rulesShape } from "./shapes.ts";

/** What issue 2 says of the seed's own dump, through the command line. */

const QUESTION = ["query", "--src", "10.10.1.5", "--dst", "10.10.20.11", "--port", "8080"];

interface Finding {
  check: string;
  severity: string;
  rule: { id: number; position: number; ruleset: string } | null;
}

interface Row {
  id: number;
  position: number;
  ruleset: string;
  status: string;
  removable: boolean;
  certain: boolean;
}

describe("the seed", () => {
  it("is linted: 16 rules, no problem, and the findings that are known", async () => {
    const { stdout, stderr, code } = await dfwlint(["--format", "json"]);
    expect({ stderr, code }).toEqual({ stderr: "", code: 1 });
    const result = JSON.parse(stdout) as {
      filters: unknown[];
      findings: Finding[];
      summary: Record<string, number>;
    };
    lintShape(result, "lint");
    expect(result.filters).toEqual([{ name: null, rules: 16, addrsets: 4 }]);
    const found = result.findings.map(
      ({ check, severity, rule }) => `${check} ${severity} ${rule?.id} ${rule?.ruleset}`,
    );
    expect(found.toSorted()).toEqual(
      [
        "catch-all-accept info 1010 domain-c28_L2",
        "catch-all-accept warning 1007 domain-c28",
        "removable-rule info 1007 domain-c28",
        ...[1046, 1038, 1037, 1009, 1008].map((id) => `duplicate-rule-id info ${id} domain-c28`),
      ].toSorted(),
    );
    expect(result.findings.find(({ severity }) => severity === "warning")!.rule!.position).toBe(15);
    expect(result.summary).toEqual({ error: 0, warning: 1, info: 7, suppressed: 0 });
  });

  it("has 15 layer-3 rules and 1 layer-2 rule, all reached, and all layer-3 rules but the last removable", async () => {
    const { stdout, stderr, code } = await dfwlint(["rules", "--format", "json"]);
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    const result = JSON.parse(stdout) as { filters: { rules: Row[] }[] };
    rulesShape(result, "rules");
    const rows = result.filters.flatMap(({ rules }) => rules);
    expect(rows.map(({ status, certain }) => `${status} ${certain}`)).toEqual(
      rows.map(() => "reachable true"),
    );
    const firewall = rows.filter(({ ruleset }) => ruleset === "domain-c28");
    expect(firewall).toHaveLength(15);
    expect(firewall.map(({ removable }) => removable)).toEqual([...Array<boolean>(14).fill(true), false]);
    expect(firewall.at(-1)).toMatchObject({ id: 1007, position: 15 });
    expect(rows).toHaveLength(16);
  });

  it("accepts the mission's flow by 1007 at 15, in both directions, from all source ports: in one line", async () => {
    const { stdout, stderr, code } = await dfwlint(QUESTION);
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(stdout).toBe(
      "accept by rule 1007 at 15 (rules.txt:17) for both directions, tcp, 10.10.1.5 -> 10.10.20.11, all source ports, port 8080\n" +
        "    rule 1007 at 15 inout protocol any from any to any accept with log;\n",
    );
  });

  it("and says the same in JSON", async () => {
    const { stdout } = await dfwlint([...QUESTION, "--format", "json"]);
    const result = JSON.parse(stdout) as { filters: { pieces: { witness: object }[] }[] };
    queryShape(result, "query");
    const { witness } = result.filters[0]!.pieces[0]!;
    expect(witness).toMatchObject({ src: "10.10.1.5", dst: "10.10.20.11", protocol: "tcp", dstPort: 8080 });
    expect(result).toEqual({
      version: 1,
      filters: [
        {
          name: null,
          verdict: "accept",
          pieces: [
            {
              verdict: "accept",
              certain: true,
              rule: {
                filter: null,
                ruleset: "domain-c28",
                category: "Filter",
                id: 1007,
                position: 15,
                file: "rules.txt",
                line: 17,
              },
              dependsOn: [],
              region: [
                {
                  directions: ["in", "out"],
                  family: "ipv4",
                  src: ["10.10.1.5"],
                  dst: ["10.10.20.11"],
                  protocols: ["tcp"],
                  srcPorts: ["0-65535"],
                  dstPorts: ["8080"],
                  icmpTypes: null,
                  icmpCodes: null,
                },
              ],
              witness,
            },
          ],
        },
      ],
    });
  });

  it("gives the same answers from the whole session in one file", async () => {
    for (const args of [["rules"], ["lint"], QUESTION]) {
      const [command, ...options] = args as [string, ...string[]];
      const [files, session] = await Promise.all([
        dfwlint([command, ...options]),
        dfwlint([command, "session.md", ...options]),
      ]);
      expect(session.code).toBe(files.code);
      expect(withoutPlaces(session.stdout)).toBe(withoutPlaces(files.stdout));
    }
  });

  it("takes its two files in any order, twice, by standard input, and without line ends", async () => {
    const expected = (await dfwlint(["rules"])).stdout;
    const rules = await readSeed("rules.txt");
    const outcomes = await Promise.all([
      dfwlint(["rules", "rules.txt", "addrsets.txt"]),
      dfwlint(["rules", "addrsets.txt", "rules.txt"]),
      dfwlint(["rules", "rules.txt", "./rules.txt", "addrsets.txt", "rules.txt"]),
      dfwlint(["rules", "-", "addrsets.txt"], { stdin: rules }),
      dfwlint(["rules", "addrsets.txt", "--", "-"], { stdin: rules.replaceAll("\n", " ") }),
    ]);
    for (const { stdout, stderr, code } of outcomes) {
      expect({ stdout, stderr, code }).toEqual({ stdout: expected, stderr: "", code: 0 });
    }
  });

  it("is answered in every format", async () => {
    const [compact, rules, answer] = await Promise.all([
      dfwlint(["--format", "compact"]),
      dfwlint(["rules", "-f", "compact"]),
      dfwlint([...QUESTION, "-f", "compact"]),
    ]);
    expect(linesOf(compact.stdout)).toHaveLength(8);
    expect(linesOf(compact.stdout)[0]).toBe(
      "rules.txt:17:3: warning: rule 1007 at 15 accepts every IPv4 and IPv6 packet that gets to it [catch-all-accept]",
    );
    expect(linesOf(rules.stdout)).toHaveLength(16);
    expect(linesOf(rules.stdout)[3]).toBe("rules.txt:6: rule 1043 at 4 accept: reachable, removable");
    expect(answer.stdout).toBe(
      "accept by rule 1007 at 15 (rules.txt:17): both directions, tcp, 10.10.1.5 -> 10.10.20.11, all source ports, port 8080\n",
    );
  });

  it("decides a rule's own example packet by that rule", async () => {
    const { stdout } = await dfwlint(["rules", "--format", "json"]);
    const rows = (JSON.parse(stdout) as { filters: { rules: (Row & { witness: object })[] }[] }).filters[0]!
      .rules;
    const firewall = rows.filter(({ ruleset }) => ruleset === "domain-c28");
    const answers = await dfwlint(["query", "--flows", "-"], {
      stdin: firewall.map(({ witness }) => `${JSON.stringify(witness)}\n`).join(""),
    });
    expect(answers).toMatchObject({ stderr: "", code: 0 });
    const decided = linesOf(answers.stdout).map((line) => JSON.parse(line) as { rule: Row; verdict: string });
    for (const answer of decided) answerShape(answer, "answer");
    expect(decided.map(({ rule }) => rule.position)).toEqual(firewall.map(({ position }) => position));
  });
});

/** Lines of the session stand elsewhere, and its prompt names the filter; all else has to be equal. */
function withoutPlaces(text: string): string {
  return text
    .replace(/^ {2}= vNIC: AW1\.eth0\n| \(vNIC AW1\.eth0\)$/gm, "")
    .replace(/^filter nic-36445-eth0-vmware-sfw\.2(?: \/ |\n)/gm, "")
    .replace(/(?:rules\.txt|session\.md):\d+/g, "PLACE")
    .replace(/^ *\d+ \|/gm, "LINE |")
    .replace(/^ *(?=\||-->)/gm, "");
}

async function readSeed(name: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return readFile(`${SEED}/${name}`, "utf8");
}
