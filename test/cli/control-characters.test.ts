import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { LINT_FORMAT_NAMES } from "../../src/report/lint-formats.ts";
import { run } from "../support/run.ts";
import { dfwlint, linesOf, type Outcome } from "./dfwlint.ts";
import { temporaryFolder } from "./folders.ts";

/** Whatever stands in a dump, a file's name or an argument: a terminal gets none of it raw. */

const CSI = "\u009b";
const SET = `ev${CSI}31mil`;
const GONE = "gone\u0007\u202e";
const UNUSED = "un\u001bZused\u200b";
const FILTER = `nic-1${CSI}2J-eth0`;
const FILE = "ru\u001b[31mles\u202e\u0085.txt";

const DUMP = `[root@esx:~] vsipioctl getrules -f ${FILTER}
ruleset main${CSI}0rs {
  # FILTER (\u2028App\u001b[2J) rules
  # \u001b]0;title\u0007 comment ${CSI}
  rule 1 at 1 inout protocol tcp from addrset ${SET} to any port 22 accept tag 'a${CSI}2J\u202eb\u0007c\udb40\udc41';
  rule 2 at 2 inout protocol tcp from addrset ${GONE} to any port 23 drop;
  rule 3 at 3 inout protocol tcp from addrset ${SET} to any port 22 drop;
  rule 4 at 4 inout protocol tcp from any to any port 24 with attribute profile x${CSI}y accept;
  rule 5 at 5 inout protocol tc${CSI}p form any to any port 25 drop;
  rule 6 at 6 inout protocol any from any to any ob${CSI}ey;
  rule 7 at 7 inout protocol any from any to any drop;
}
[root@esx:~] vsipioctl getaddrsets -f ${FILTER}
addrset ${SET} {
ip 10.0.0.1,
}
addrset ${UNUSED} {
ip 10.0.${CSI}0.3,
}
[root@esx:~] vsipioctl getrules -f second${CSI}filter
ruleset mainrs {
  rule 7 at 1 inout protocol any from any to any drop;
}
`;

const COLOUR = new RegExp(String.raw`\u001b\[\d+m`, "g");

/** Written out here by number, so that it is not the same list as the code's. */
function unsafeIn(text: string): string[] {
  const unsafe = Array.from(text).filter((character) => {
    const code = character.codePointAt(0)!;
    return (
      (code < 0x20 && character !== "\n") ||
      (code >= 0x7f && code <= 0x9f) ||
      (code >= 0x200b && code <= 0x200f) ||
      (code >= 0x2028 && code <= 0x202e) ||
      (code >= 0x2066 && code <= 0x2069) ||
      (code >= 0xe0000 && code <= 0xe007f) ||
      code === 0xfeff
    );
  });
  return unsafe.map((character) => `U+${character.codePointAt(0)!.toString(16)}`);
}

function expectSafe(args: readonly string[], { stdout, stderr }: Outcome): void {
  // Colours are the one thing that --color may add.
  const plain = args.includes("--color") ? stdout.replaceAll(COLOUR, "") : stdout;
  expect({ args, stdout: unsafeIn(plain), stderr: unsafeIn(stderr) }).toEqual({
    args,
    stdout: [],
    stderr: [],
  });
}

const FLOWS = `name,src,dst\nred${CSI}31m\u202e,10.0.0.1,10.0.0.2\nblue,${CSI}10.0.0.1,10.0.0.2\n`;
const cwd = temporaryFolder({ [FILE]: DUMP, [`flows${CSI}.csv`]: FLOWS, [`empty${CSI}`]: "" });

describe("control characters", () => {
  it("of a dump stay out of every format of every command", async () => {
    const question = ["query", "--src", "10.0.0.1", "--port", "22", "--trace"];
    const commands = [
      ["lint"],
      ["lint", "--color"],
      ["rules"],
      ["rules", "--color", "--effect"],
      question,
      [...question, "--color"],
      ["query", "--src", "10.0.0.9", "--port", "23-24", "--trace"],
    ];
    for (const command of ["rules", "query"]) {
      for (const format of ["compact", "json"]) commands.push([command, "--format", format]);
    }
    commands.push(["lint", "--format", "html"]);
    for (const args of commands) {
      const outcome = await run([...args, FILE], cwd);
      expectSafe(args, outcome);
      expect(linesOf(outcome.stdout).length).toBeGreaterThan(3);
    }
    for (const format of ["ndjson", "csv", "compact"]) {
      const args = ["query", "--flows", `flows${CSI}.csv`, "--format", format, FILE];
      const outcome = await run(args, cwd);
      expectSafe(args, outcome);
      // The one bad line is named, and the place of the second filter's missing sets is not.
      expect(linesOf(outcome.stderr)).toHaveLength(1);
      expect(outcome.stderr).toMatch(/^dfwlint: flows\\u009b\.csv:3: src: "\\u009b10\.0\.0\.1" is /);
    }
  });

  it.each(LINT_FORMAT_NAMES)("of a dump stay out of %s", async (format) => {
    const args = ["lint", "--format", format, FILE];
    const outcome = await run(args, cwd);
    expectSafe(args, outcome);
    // One line holds a session.
    expect(linesOf(outcome.stdout).length).toBeGreaterThan(format === "ndjson" ? 0 : 3);
  });

  it("are seen for what they are, in text and in JSON", async () => {
    const [pretty, compact, json] = await Promise.all([
      dfwlint(["lint", FILE], { cwd }),
      dfwlint(["lint", "-f", "compact", FILE], { cwd }),
      dfwlint(["lint", "-f", "json", FILE], { cwd }),
    ]);
    expectSafe([], pretty);
    expectSafe([], compact);
    expectSafe([], json);
    expect(pretty.stdout).toContain("addrset gone\\u0007\\u202e, which is not defined");
    expect(pretty.stdout).toContain("  = filter: nic-1\\u009b2J-eth0\n");
    expect(compact.stdout).toContain("rules: addrset un\\u001bZused\\u200b (1 member)".slice(7));
    const result = JSON.parse(json.stdout) as {
      filters: { name: string }[];
      findings: { addrset: string | null; location: { file: string } }[];
    };
    expect(result.filters[0]!.name).toBe(FILTER);
    expect(result.findings.flatMap(({ addrset }) => addrset ?? [])).toEqual(
      expect.arrayContaining([GONE, UNUSED]),
    );
    expect(result.findings[0]!.location.file).toBe(FILE);
  });

  it("of file names and arguments stay out of errors", async () => {
    for (const [args, message] of [
      [["no\u001b[31m\u0007\u202e"], "no\\u001b[31m\\u0007\\u202e: no such file"],
      [[`empty${CSI}`], "empty\\u009b: the file is empty"],
      [["-o", `none${CSI}/x`, FILE], "--output none\\u009b/x: cannot be written: no such file or directory"],
      [["--fro\u001bmat"], "there is no option --fro\\u001bmat (closest: --format): dfwlint --help"],
      [
        ["--format", `x${CSI}`],
        `--format: "x\\u009b" is none of ${LINT_FORMAT_NAMES.map((name) => `"${name}"`).join(", ")} (dfwlint --help)`,
      ],
      [["explain", `a${CSI}`], 'there is no check "a\\u009b": dfwlint explain lists them all'],
      [
        ["query", "--src", `web${CSI}\u001b[2J`, FILE],
        '--src: "web\\u009b\\u001b[2J" is neither an address nor a defined address set',
      ],
      [["query", "--flows", `no${CSI}`, FILE], "no\\u009b: no such file"],
    ] as const) {
      const { stdout, stderr, code } = await run(args, cwd);
      expect({ stdout, stderr, code }).toEqual({ stdout: "", stderr: `dfwlint: ${message}\n`, code: 2 });
    }
    const folder = join(cwd, "..");
    expect((await run(["lint", `${folder}/x\n\ny`], cwd)).stderr).toMatch(
      /^dfwlint: .*\/x\\u000a\\u000ay: no such file\n$/,
    );
  });
});
