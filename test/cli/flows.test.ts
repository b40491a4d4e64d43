import { describe, expect, it } from "@jest/globals";
import { run } from "../support/run.ts";
import { dfwlint, linesOf } from "./dfwlint.ts";
import { temporaryFolder } from "./folders.ts";
import { OFFICE, TWO_FILTERS } from "./inputs.ts";
import { answerShape } from "./shapes.ts";

interface Answer {
  flow: Record<string, unknown>;
  verdict: string | null;
  certain: boolean;
  rule: { id: number } | null;
  filter?: string;
  error?: string;
}

function answersOf(stdout: string): Answer[] {
  return linesOf(stdout).map((line) => {
    const answer = JSON.parse(line) as Answer;
    answerShape(answer, "answer");
    return answer;
  });
}

function brief({ verdict, certain, rule }: Answer): string {
  return `${verdict}${certain ? "" : "?"} ${rule?.id ?? "-"}`;
}

const CSV = `\ufeffname,src,dst,dstPort,protocol,srcPort\r
shop,192.0.2.7,10.4.1.10,443,tcp,\r
"guests, too",10.4.9.9,web,443,,\r
\r
admins,admins,10.4.1.0/24,"80,8085",tcp,40000\r
maybe,10.4.7.5,10.4.1.10,22,tcp,\r
nothing,10.4.9.9,10.4.1.10,9999,tcp,\r
everything,,,,,\r
`;
const ANSWERS = ["accept 3101", "accept 3101", "mixed -", "uncertain? 3104", "no-match -", "uncertain? -"];

const cwd = temporaryFolder({ "rules.txt": OFFICE, "two.log": TWO_FILTERS, "flows.csv": CSV });

describe("--flows", () => {
  it("answers CSV line by line: header, empty fields, BOM, CRLF, quotes, blank lines, sets", async () => {
    const { stdout, stderr, code } = await dfwlint(["query", "--flows", "flows.csv"], { cwd });
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    const answers = answersOf(stdout);
    expect(answers.map(brief)).toEqual(ANSWERS);
    expect(answers[1]!.flow).toMatchObject({
      name: "guests, too",
      src: "10.4.9.9",
      dst: "web",
      dstPort: "443",
    });
  });

  it("answers NDJSON the same, as JSON has it: numbers, null, missing", async () => {
    const lines = [
      { name: "shop", src: "192.0.2.7", dst: "10.4.1.10", dstPort: 443, protocol: "tcp", srcPort: null },
      { src: "10.4.9.9", dst: "web", dstPort: "443" },
      { src: "admins", dst: "10.4.1.0/24", dstPort: "80,8085", protocol: 6, srcPort: 40_000 },
      { src: "10.4.7.5", dst: "10.4.1.10", dstPort: 22, protocol: "tcp" },
      { src: "10.4.9.9", dst: "10.4.1.10", dstPort: 9999, protocol: "tcp" },
      {},
    ];
    const stdin = lines.map((line) => `${JSON.stringify(line)}\n`).join("\n");
    const { stdout, stderr, code } = await dfwlint(["query", "rules.txt", "--flows", "-"], { cwd, stdin });
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    const answers = answersOf(stdout);
    expect(answers.map(brief)).toEqual(ANSWERS);
    expect(answers.map(({ flow }) => flow)).toEqual(lines);
  });

  it("writes CSV that a spreadsheet reads and that can be asked again", async () => {
    const { stdout } = await run(["query", "--flows", "flows.csv", "--format", "csv"], cwd);
    const [header, ...rows] = linesOf(stdout);
    const columns = header!.split(",");
    expect(columns.slice(0, 12)).toEqual(
      "name,direction,src,dst,protocol,srcPort,dstPort,icmpType,icmpCode,srcMac,dstMac,etherType".split(","),
    );
    expect(rows[0]).toBe(
      "shop,,192.0.2.7,10.4.1.10,tcp,,443,,,,,,accept,true,,domain-c9,Filter,3101,1,rules.txt,3,",
    );
    expect(rows[1]).toMatch(/^"guests, too",,10\.4\.9\.9,web,,,443,/);
    expect(rows).toHaveLength(6);
    // A spreadsheet must not run what stands in a cell.
    const formula = await run(
      ["query", "--flows", "-", "-f", "csv", "rules.txt"],
      cwd,
      "name,dstPort\n=1+1,53\n",
    );
    expect(linesOf(formula.stdout)[1]).toMatch(/^'=1\+1,/);
    const none = await run(["query", "--flows", "-", "-f", "csv", "rules.txt"], cwd, "src,dst\n");
    expect(none).toEqual({ stdout: `${header}\n`, stderr: "", code: 0 });
  });

  it("has a line of text a flow in the compact format", async () => {
    const { stdout } = await run(["query", "--flows", "flows.csv", "--format", "compact"], cwd);
    expect(linesOf(stdout)[0]).toBe(
      "name=shop src=192.0.2.7 dst=10.4.1.10 dstPort=443 protocol=tcp: accept by rule 3101 at 1 (rules.txt:3)",
    );
    expect(linesOf(stdout)[3]).toMatch(/: uncertain by rule 3104 at 4 \(rules\.txt:6\)$/);
  });

  it("names a bad line, answers the others and ends with 2", async () => {
    const csv =
      "src,dst,dstPort\n192.0.2.7,10.4.1.10,443\n192.0.2.7,10.4.1.999,443\n192.0.2.7,10.4.1.10\n192.0.2.7,web,70000\n10.4.9.9,web,443\n";
    const { stdout, stderr, code } = await dfwlint(["query", "rules.txt", "--flows", "-"], {
      cwd,
      stdin: csv,
    });
    expect(code).toBe(2);
    const answers = answersOf(stdout);
    expect(answers.map(brief)).toEqual(["accept 3101", "null? -", "null? -", "null? -", "accept 3101"]);
    const reasons = [
      'dst: "10.4.1.999" is not an address: a number is over 255',
      "holds 2 fields where the header has 3",
      'dstPort: "70000" is not a port: expected a number from 0 to 65535, a range or a list',
    ];
    expect(answers.slice(1, 4).map(({ error }) => error)).toEqual(reasons);
    expect(linesOf(stderr)).toEqual(
      reasons.map((reason, index) => `dfwlint: (standard input):${index + 3}: ${reason}`),
    );

    const json =
      '\n{"src":"10.4.1.10"}\nnot json\n[1]\n{"scr":"10.4.1.10"}\n{"dst":true}\n{"dstPort":53,"protocol":"udp"}\n';
    const second = await run(["query", "rules.txt", "--flows", "-"], cwd, json);
    expect(second.code).toBe(2);
    expect(answersOf(second.stdout).map(({ verdict }) => verdict === null)).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
    ]);
    const places = linesOf(second.stderr).map((line) => /:(\d+): (.{20})/.exec(line)!.slice(1).join(" "));
    expect(places).toEqual([
      "3 expected one JSON ob",
      "4 expected one JSON ob",
      '5 "scr" is not a field',
      "6 dst: expected text, ",
    ]);
  });

  it("does not flood standard error", async () => {
    const csv = `src\n${"10.4.1.999\n".repeat(50)}`;
    const { stdout, stderr } = await run(["query", "rules.txt", "--flows", "-"], cwd, csv);
    expect(linesOf(stdout)).toHaveLength(50);
    expect(linesOf(stderr)).toHaveLength(21);
    expect(linesOf(stderr).at(-1)).toBe("dfwlint: (standard input): and 30 more lines that are no flow");
  });

  it.each([
    [
      "src,port\n1.1.1.1,80\n",
      ':1: "port" is not a field of a flow (closest: srcPort, dstPort): expected direction, src, dst, protocol',
    ],
    ["\n\nsrc,dst,src\n1.1.1.1,1.1.1.1,1.1.1.1\n", ':3: the column "src" stands twice'],
    ['src\n"1.1.1.1\n', ": Quote Not Closed: the parsing is finished with an opening quote at line 2"],
    ["\n \n", ": holds no flows"],
  ])("refuses %j", async (stdin, message) => {
    const { stderr, code, stdout } = await run(["query", "rules.txt", "--flows", "-"], cwd, stdin);
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expect(linesOf(stderr)).toHaveLength(1);
    expect(stderr.startsWith(`dfwlint: (standard input)${message}`)).toBe(true);
  });

  it("asks every filter and says which", async () => {
    const stdin = "src,dst,dstPort\n10.6.2.20,10.6.1.10,443\n";
    const { stdout } = await run(["query", "two.log", "--flows", "-"], cwd, stdin);
    expect(answersOf(stdout).map((answer) => `${answer.filter} ${brief(answer)}`)).toEqual([
      "nic-100-eth0-vmware-sfw.2 accept 4001",
      "nic-200-eth0-vmware-sfw.2 drop 4109",
    ]);
  });

  it("with --expect is an assertion about all of them", async () => {
    const ask = async (list: string): Promise<{ code: number; stderr: string }> => {
      const { code, stderr } = await run(
        ["query", "rules.txt", "--flows", "-", "--expect", "accept"],
        cwd,
        list,
      );
      return { code, stderr };
    };
    expect(await ask("src,dst,dstPort\n10.4.9.9,web,443\n10.4.7.5,web,80\n")).toEqual({
      code: 0,
      stderr: "",
    });
    expect(await ask("src,dst,dstPort\n10.4.9.9,web,443\n10.4.9.9,web,80\n10.4.7.5,web,22\n")).toEqual({
      code: 1,
      stderr: "dfwlint: expected accept, but 2 of 3 flows do not certainly get it\n",
    });
    expect((await ask("src,dst,dstPort\n10.4.9.9,web,80\n10.4.9.x,web,80\n")).code).toBe(2);
  });

  it("decides the example packet of a finding, fed back as it is, by a rule that the finding names", async () => {
    const { stdout } = await run(["--format", "json"], cwd);
    interface Found {
      check: string;
      witness: object | null;
      rule: { id: number };
      related: { rule?: { id: number } }[];
    }
    const findings = (JSON.parse(stdout) as { findings: Found[] }).findings.filter(
      ({ witness }) => witness !== null,
    );
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(["shadowed-rule", "redundant-rule", "no-default"]),
    );
    const stdin = findings.map(({ witness }) => `${JSON.stringify(witness)}\n`).join("");
    const answers = answersOf((await run(["query", "rules.txt", "--flows", "-"], cwd, stdin)).stdout);
    for (const [index, { check, rule, related }] of findings.entries()) {
      const answer = answers[index]!;
      if (check === "no-default") expect(answer.verdict).toBe("no-match");
      // What a rule opens, it decides itself.
      else if (check.startsWith("any-")) expect(answer.rule!.id).toBe(rule.id);
      else {
        expect(answer.rule!.id).not.toBe(rule.id);
        expect(related.map((other) => other.rule?.id)).toContain(answer.rule!.id);
      }
    }
  });
});
