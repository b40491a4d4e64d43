import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { LINT_FORMAT_NAMES } from "../../src/report/lint-formats.ts";
import { run } from "../support/run.ts";
import { ROOT, SEED, bash, dfwlint, linesOf } from "./dfwlint.ts";
import { temporaryFolder } from "./folders.ts";
import { OFFICE, TWO_FILTERS } from "./inputs.ts";

const COMMANDS = [
  "lint",
  "query",
  "rules",
  "diff",
  "try",
  "textconv",
  "test",
  "host",
  "collect",
  "path",
  "explain",
  "init",
  "config",
  "completion",
];

/** Whose filters they are. */
const MACHINES = `[root@esx-07:~] summarize-dvfilter
world 100 vmm0:web-01 vcUuid:'50 01'
 port 7 web-01.eth0
  vNic slot 2
   name: nic-100-eth0-vmware-sfw.2
   agentName: vmware-sfw
   state: IOChain Attached
[root@esx-07:~] `;

describe("--help", () => {
  it("lists the commands, and says what the exit codes are", async () => {
    const { stdout, stderr, code } = await dfwlint(["--help"]);
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  dfwlint ${command}\\b.*\\w`, "m"));
    expect(stdout).toContain("Exit codes: 0 clean, 1 findings at or above --fail-on, 2 could not run");
    // Nothing may be wider than its 100 columns, or terminals break it anywhere.
    expect(Math.max(...linesOf(stdout).map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  it("has examples that run as they stand", async () => {
    const web = "addrset db {\nip 10.4.3.1,\n}\n";
    const cwd = temporaryFolder({
      "rules.txt": OFFICE,
      "addrsets.txt": web,
      "session.log": TWO_FILTERS + MACHINES,
      "flows.csv": "src,dst,dstPort\n10.4.7.5,10.4.1.10,443\n",
      "intent.yaml": "changes: []\n",
      "policy.yaml": "assertions: [{name: SSH, service: tcp/22, expect: reject}]\n",
      "dfwlint-baseline.json": '{ "version": 1, "findings": [] }\n',
    });
    for (const [side, text] of [
      ["before", OFFICE],
      ["after", OFFICE.replace("port 443 drop with log", "port 443 drop")],
    ] as const) {
      mkdirSync(join(cwd, side));
      writeFileSync(join(cwd, side, "rules.txt"), text);
    }
    mkdirSync(join(cwd, "sessions"));
    writeFileSync(join(cwd, "sessions/host.log"), TWO_FILTERS);
    const commit = "commit -qm all && git update-ref refs/remotes/origin/main HEAD";
    execFileSync(
      "sh",
      ["-c", `git init -q && git add . && git -c user.name=t -c user.email=t@example.com ${commit}`],
      {
        cwd,
      },
    );
    const pages = await Promise.all(COMMANDS.map((command) => dfwlint([command, "--help"])));
    const examples = pages.flatMap(({ stdout }) =>
      [...stdout.matchAll(/^ {2}(dfwlint .*)$/gm)].map(([, line]) => line!),
    );
    const commands = examples.filter((line) => !/\[(?:files|check)/.test(line));
    expect(commands.length).toBeGreaterThanOrEqual(11);
    for (const command of ["query", "rules", "diff", "explain"]) {
      expect(commands.filter((line) => line.startsWith(`dfwlint ${command}`)).length).toBeGreaterThanOrEqual(
        2,
      );
    }
    const outcomes = await Promise.all(commands.map(async (line) => ({ line, ...(await bash(line, cwd)) })));
    for (const { line, code, stderr } of outcomes) {
      const notes = /^dfwlint: (?:expected deny, but |dfwlint-baseline\.json: \d+ known findings, ).*\n/;
      expect({ line, stderr: stderr.replace(notes, "") }).toEqual({ line, stderr: "" });
      expect([0, 1]).toContain(code);
    }
    // Two dozen processes on perhaps two cores.
  });
});

it("--version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  expect(await dfwlint(["--version"])).toEqual({ stdout: `${version}\n`, stderr: "", code: 0 });
});

it("completes commands, options and their values in bash", async () => {
  const { stdout, stderr } = await bash(`
    source <(dfwlint completion)
    complete_line() {
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
      _dfwlint_yargs_completions
      echo "\${COMPREPLY[@]}"
    }
    complete_line dfwlint qu
    complete_line dfwlint query --dir
    complete_line dfwlint lint --fail-on w
    complete_line dfwlint rules --`);
  expect(stderr).toBe("");
  const [command, option, value, all] = linesOf(stdout);
  expect([command, option, value]).toEqual(["query", "--direction", "warning"]);
  expect(all!.split(" ")).toEqual(expect.arrayContaining(["--output", "--format", "--quiet"]));
});

describe("explain", () => {
  it("has a page a check, and lists them all", async () => {
    const [list, json, page] = await Promise.all([
      dfwlint(["explain"]),
      dfwlint(["explain", "--format", "json"]),
      dfwlint(["explain", "shadowed-rule"]),
    ]);
    const pages = JSON.parse(json.stdout) as { id: string; severity: string }[];
    expect(pages.length).toBeGreaterThanOrEqual(15);
    expect(linesOf(list.stdout).map((line) => line.split(/ +/).slice(0, 2).join(" "))).toEqual(
      pages.map(({ id, severity }) => `${id} ${severity}`),
    );
    expect(page.stdout).toMatch(/^shadowed-rule \(error\)\n/);
    for (const title of [
      "Holds when",
      "Why it matters",
      "What to do",
      "Example",
      "What dfwlint says of it",
    ]) {
      expect(page.stdout).toContain(`\n${title}\n`);
    }
    expect(page.stdout).toContain("error[shadowed-rule]: ");
    expect([list.code, json.code, page.code]).toEqual([0, 0, 0]);
  });
});

describe("a command line that cannot be taken", () => {
  it.each([
    [["lnt"], "lnt: no such file, and no command of that name (closest: lint, init)"],
    [["qurey", "--src", "10.1.1.1"], 'there is no command "qurey" (closest: query): dfwlint --help'],
    [["--frmat", "json"], "there is no option --frmat (closest: --format): dfwlint --help"],
    [["query", "--dst-prt=80"], "there is no option --dst-prt (closest: --dst-port): dfwlint query --help"],
    [["query", "--fail-on", "error"], "there is no option --fail-on: dfwlint query --help"],
    [["rules", "-x"], "there is no option -x: dfwlint rules --help"],
    [
      ["--format", "xml"],
      `--format: "xml" is none of ${LINT_FORMAT_NAMES.map((name) => `"${name}"`).join(", ")} (dfwlint --help)`,
    ],
    [
      ["rules", "--effect", "-f", "compact"],
      "--effect takes more than a line a rule: use --format pretty or json",
    ],
    [["--config", "a.yaml", "--config", "b.yaml"], "option config is given 2 times: give it once"],
    [["--config", ""], "--config is empty: name a file, or say --no-config"],
    [["--baseline", ""], "--baseline is empty: name a file"],
    [
      ["--vnic-ip", "10.1.1"],
      '--vnic-ip: "10.1.1" is not an address: expected an IPv4 address of four decimal numbers, an IPv6 address or a MAC address',
    ],
    [
      ["--vnic-ip", "10.1.1.1,"],
      '--vnic-ip: "" is not an address: expected an IPv4 address of four decimal numbers, an IPv6 address or a MAC address',
    ],
    [["--vnic-ip"], "option vnic-ip needs a value (dfwlint --help)"],
    [["--update-baseline"], "--update-baseline needs a file: --baseline FILE, or baseline in dfwlint.yaml"],
    [["rules", "--budget", "none"], "--budget: expected a number above 0"],
    [["query", "--expect"], "option expect needs a value (dfwlint query --help)"],
    [["query", "--src", "10.1.1.1", "--src", "10.1.1.2"], "option src is given 2 times: give it once"],
    [["query", "--port", "80", "--dst-port", "81"], "option port is given 2 times: give it once"],
    [["query", "--src", ""], "--src is empty: leave it out for every value"],
    [
      ["explain", "shadowd-rule"],
      'there is no check "shadowd-rule" (closest: shadowed-rule): dfwlint explain lists them all',
    ],
    [["explain", "no-default", "dead-tail"], '"dead-tail" is one argument too many (dfwlint explain --help)'],
    [
      ["query", "--flows", "flows.csv", "--src", "10.1.1.1"],
      "--src cannot be used with --flows: say it in the list",
    ],
    [["query", "--flows", "flows.csv", "--trace"], "--trace cannot be used with --flows: ask for one flow"],
    [["query", "--port", "80", "--format", "csv"], "--format csv is for --flows"],
  ])("%j", async (args, message) => {
    expect(await run(args, SEED)).toEqual({ stdout: "", stderr: `dfwlint: ${message}\n`, code: 2 });
  });
});
