import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { run } from "../support/run.ts";
import { bash, dfwlint, linesOf, type Outcome } from "./dfwlint.ts";
import { temporaryFolder } from "./folders.ts";
import { OFFICE } from "./inputs.ts";

/** Each gets exactly one line on standard error that names the thing, exit code 2, and no stack. */

const EDGE = `SNAT rule count: 1
    Rule ID   : 536870913
    Rule      : out inet protocol any prenat from addrset {10.4.5.3} to any snat EIP table id: 11111111-2222

Firewall rule count: 0
`;
const RULES = "ruleset domain-c9 {\n  rule 1 at 1 inout protocol any from addrset web to any accept;\n}\n";
const SETS = "addrset web {\nip 10.4.1.10,\n}\n";

const cwd = temporaryFolder({
  "rules.txt": OFFICE,
  "empty.txt": "",
  "blank.txt": " \r\n\n",
  "binary.txt": Buffer.concat([Buffer.from("ruleset a {\n"), Buffer.from([0, 1, 2, 255])]),
  "late.txt": Buffer.concat([Buffer.from("# prose\n".repeat(20_000)), Buffer.from([0])]),
  "prose.txt": "Dear colleagues,\nthe dump will follow.\n",
  "sets.txt": SETS,
  "no-sets.txt": RULES,
  "closed.txt": "ruleset domain-c9 {\n}\n",
  "stats.txt": "rule  1002: 317802 evals, in 2959418 out 3212647 pkts, in 648188117 out 719943929 bytes\n",
  "line.txt": Buffer.alloc(17 * 2 ** 20, "a"),
  "flows.csv": "src,dst\n10.4.7.5,10.4.1.10\n",
});
execFileSync("mkdir", [join(cwd, "folder")]);

function query(...args: string[]): string[] {
  return ["query", ...args];
}

/** The line that is expected, or what it begins with if it ends with an ellipsis. */
type Case = readonly [args: string[], message: string];

const FILES: readonly Case[] = [
  [["nowhere.txt"], "nowhere.txt: no such file"],
  [["rules.txt/x"], "rules.txt/x: a part of its path is no directory"],
  [["folder"], "folder: no file in it: expected sessions"],
  [["binary.txt"], "binary.txt: is a binary file: expected text"],
  [["late.txt"], "late.txt: is a binary file: expected text"],
  [["empty.txt"], "empty.txt: the file is empty"],
  [["blank.txt"], "blank.txt: the file is empty"],
  [["prose.txt"], "prose.txt: no rules and no address sets here: …"],
  [["sets.txt"], "no rules in sets.txt, only address sets: add the output of vsipioctl getrules"],
  [["closed.txt"], "no rules in closed.txt"],
  [["stats.txt"], "stats.txt: these are rule statistics …"],
  [["line.txt"], "line.txt: a line is longer than 16 MiB: this is no text of lines"],
  [["-", "-"], "- stands twice among the files: standard input can be read once"],
];

const QUESTIONS: readonly Case[] = [
  [query("--flows", "-", "-"), "standard input cannot be both the dumps and the flows"],
  [query("--src", "10.4.1.500"), '--src: "10.4.1.500" is not an address: …'],
  [query("--dst", "10.4.1.1/33"), '--dst: "10.4.1.1/33" is not an address: …'],
  [query("--src", "wep"), '--src: "wep" is neither an address nor a defined address set (closest: web)'],
  [
    query("--src", "10.4.1.1", "--dst", "2001:db8::1"),
    "--dst: source 10.4.1.1 is IPv4 and destination 2001:db8::1 is IPv6…",
  ],
  [
    query("--port", "70000"),
    '--port: "70000" is not a port: expected a number from 0 to 65535, a range or a list',
  ],
  [query("--port", "443-80"), '--port: the range "443-80" ends before it begins'],
  [query("--protocol", "tcpp"), '--protocol: "tcpp" is not a protocol (closest: …'],
  [
    query("--protocol", "udp", "--icmp-type", "8"),
    "--icmp-type: ICMP types and codes exist in icmp and ipv6-icmp only, not in udp",
  ],
  [query("--direction", "up"), '--direction: "up" is not a direction: expected in or out'],
  [query("--flows", "nowhere.csv"), "nowhere.csv: no such file"],
  [query("--flows", "folder"), "folder: is a directory: expected a file"],
  [query("--flows", "empty.txt"), "empty.txt: holds no flows"],
  [query("--flows", "binary.txt"), "binary.txt: is a binary file: expected text"],
  [query("--flows", "line.txt"), "line.txt: a line is longer than 1 MiB: this is no text of lines"],
];

function expectLine(message: string, args: readonly string[], { stdout, stderr, code }: Outcome): void {
  const shown =
    message.endsWith("…") && stderr.length > message.length
      ? `${stderr.slice(0, `dfwlint: ${message}`.length - 1)}…\n`
      : stderr;
  expect({ args, line: shown, stdout, code }).toEqual({
    args,
    line: `dfwlint: ${message}\n`,
    stdout: "",
    code: 2,
  });
  expect(linesOf(stderr)).toHaveLength(1);
}

describe("bad input gets one line and exit code 2", () => {
  it("for files", async () => {
    // Two at a time, as there may be two cores.
    for (let at = 0; at < FILES.length; at += 2) {
      await Promise.all(
        FILES.slice(at, at + 2).map(async ([args, message]) => {
          expectLine(message, args, await dfwlint(args, { cwd }));
        }),
      );
    }
  });

  it("for questions", async () => {
    for (const [args, message] of QUESTIONS) expectLine(message, args, await run(args, cwd));
  });

  it("also where a part can be answered: the answer goes to standard output", async () => {
    const outcomes = await Promise.all([
      dfwlint(["no-sets.txt"], { cwd }),
      dfwlint(["rules", "rules.txt", "prose.txt"], { cwd }),
      dfwlint(["rules", "-", "rules.txt"], { cwd, stdin: EDGE }),
    ]);
    for (const { code, stderr } of outcomes) {
      expect(code).toBe(2);
      expect(linesOf(stderr)).toHaveLength(1);
    }
    const [noSets, prose, edge] = outcomes;
    expect(noSets.stderr).toBe(
      "dfwlint: the rules name address set web and the input defines none: add the output of vsipioctl getaddrsets\n",
    );
    expect(noSets.stdout).toContain("error[undefined-addrset]: rule 1 at 1 names addrset web");
    expect(prose.stderr).toMatch(/^dfwlint: prose\.txt: no rules and no address sets here/);
    expect(edge.stderr).toMatch(
      /^dfwlint: \(standard input\): this is an NSX Edge's ruleset, not the distributed/,
    );
    for (const { stdout } of [prose, edge]) expect(stdout).toContain("\n7 rules: ");
  });

  it("an endless input, and input that is closed", async () => {
    const { stdout, stderr, code } = await bash(
      "dfwlint /dev/zero; yes y | dfwlint query --flows - rules.txt; yes abc | tr -d '\\n' | dfwlint -; dfwlint - < /dev/null",
      cwd,
    );
    expect(stdout).toBe("");
    expect(linesOf(stderr)).toEqual([
      "dfwlint: /dev/zero: is a binary file: expected text",
      expect.stringMatching(
        /^dfwlint: \(standard input\):1: "y" is not a field of a flow: expected direction, src, /,
      ),
      "dfwlint: (standard input): a line is longer than 16 MiB: this is no text of lines",
      "dfwlint: (standard input): the file is empty",
    ]);
    expect(code).toBe(2);
  });
});

it("a reader that has seen enough is no error", async () => {
  const rules = Array.from(
    { length: 400 },
    (_, index) =>
      `rule ${index + 1} at ${index + 1} inout protocol tcp from any to any port ${index} accept;\n`,
  );
  const folder = temporaryFolder({ "rules.txt": `ruleset a {\n${rules.join("")}}\n` });
  const { stdout, stderr } = await bash(
    'dfwlint rules --format json | head -1; echo "${PIPESTATUS[@]}"; dfwlint nowhere 2>&1 | true; echo "${PIPESTATUS[0]}"',
    folder,
  );
  expect({ stdout, stderr }).toEqual({ stdout: "{\n0 0\n2\n", stderr: "" });
});
