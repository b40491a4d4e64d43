import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { run } from "../support/run.ts";
import { bash, dfwlint, linesOf } from "./dfwlint.ts";
import { temporaryFolder } from "./folders.ts";
import { OFFICE, TWO_FILTERS } from "./inputs.ts";

const [, rules, sets] = /^([^]*?\n\}\n)([^]*)$/.exec(OFFICE)!;
const QUESTION = ["query", "--src", "10.4.9.3", "--dst", "web", "--port", "443"];
const ACCEPTED = "accept by rule 3101 at 1";

describe("files", () => {
  it("are rules.txt and addrsets.txt here if none is named, and one of them is enough", async () => {
    const both = temporaryFolder({ "rules.txt": rules!, "addrsets.txt": sets! });
    const one = temporaryFolder({ "rules.txt": OFFICE });
    const none = temporaryFolder({ "other.txt": OFFICE });
    const [first, second, third] = await Promise.all(
      [both, one, none].map((cwd) => dfwlint(QUESTION, { cwd })),
    );
    expect(first!.stdout).toContain(ACCEPTED);
    expect(second!.stdout).toContain(ACCEPTED);
    expect(third).toEqual({
      stdout: "",
      stderr: `dfwlint: no files given, no dfwlint.yaml names any, and neither rules.txt nor addrsets.txt in ${none}: name the dumps, or - for standard input\n`,
      code: 2,
    });
  });

  it("may begin with a dash behind --, be a pipe with a name, and be text of Windows", async () => {
    const utf16 = Buffer.from(`\ufeff${OFFICE.replaceAll("\n", "\r\n")}`, "utf16le");
    const cwd = temporaryFolder({
      "-rules.txt": OFFICE,
      "utf16le.txt": utf16,
      "utf16be.txt": Buffer.from(utf16).swap16(),
      "utf8.txt": `\ufeff${OFFICE.replaceAll("\n", "\r\n")}`,
    });
    execFileSync("mkfifo", [join(cwd, "pipe")]);
    const expected = (await run(["rules", "-q", "--", "-rules.txt"], cwd)).stdout;
    expect(linesOf(expected)).toHaveLength(9);
    for (const name of ["utf16le.txt", "utf16be.txt", "utf8.txt"]) {
      expect(await run(["rules", "-q", name], cwd)).toEqual({ stdout: expected, stderr: "", code: 0 });
    }
    const piped = await bash("cat ./-rules.txt > pipe & dfwlint rules -q pipe", cwd);
    expect(piped).toEqual({ stdout: expected, stderr: "", code: 0 });
  });

  it("may be a pipe beside a folder", async () => {
    const cwd = temporaryFolder({ "b.log": TWO_FILTERS, "flows.csv": "dst,dstPort\n10.4.1.10,443\n" });
    mkdirSync(join(cwd, "sessions"));
    writeFileSync(join(cwd, "sessions/a.log"), OFFICE);
    execFileSync("mkfifo", [join(cwd, "pipe")]);
    for (const command of [
      "lint --format compact --fail-on never",
      "rules",
      "query --dst 10.4.1.10 --port 443",
      "query --flows flows.csv",
      "host --format json",
      "path --src 10.4.7.5 --dst 10.4.1.10 --port 443",
    ]) {
      const named = await bash(`dfwlint ${command} sessions b.log`, cwd);
      const piped = await bash(`cat b.log > pipe & dfwlint ${command} sessions pipe`, cwd);
      const told = JSON.parse(JSON.stringify(named).replaceAll("b.log", "pipe")) as typeof piped;
      expect({ command, piped }).toEqual({ command, piped: told });
    }
  });
});

it("an answer quotes the rule, also where a text lost its line ends", async () => {
  const oneLine = temporaryFolder({ "rules.txt": OFFICE.replaceAll("\n", " ") });
  const { stdout } = await run(["query", "--src", "10.4.7.5", "--dst", "web", "--port", "8085"], oneLine);
  expect(linesOf(stdout)[1]).toBe(
    "    rule 3105 at 5 inout protocol tcp from addrset admins to addrset web port {80, 8080-8090} accept tag 'kept; as it is';",
  );
});

describe("--output", () => {
  it("holds the result without colours, and standard output nothing; the exit code stays", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE });
    const shown = await dfwlint([], { cwd });
    const outcome = await dfwlint(["-o", "out.txt"], { cwd, env: { FORCE_COLOR: "1" } });
    expect(outcome).toEqual({ stdout: "", stderr: "", code: 1 });
    expect(readFileSync(join(cwd, "out.txt"), "utf8")).toBe(shown.stdout);
    expect(shown.code).toBe(1);
  });

  it("never goes over an input, and says why it cannot be written", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE, "flows.csv": "src\n10.4.7.5\n" });
    const refused = async (args: string[], message: string): Promise<void> => {
      expect(await run(args, cwd)).toEqual({ stdout: "", stderr: `dfwlint: ${message}\n`, code: 2 });
    };
    await refused(["-o", "rules.txt"], "--output rules.txt would overwrite the input rules.txt");
    await refused(
      ["query", "--flows", "./flows.csv", "-o", join(cwd, "flows.csv")],
      `--output ${join(cwd, "flows.csv")} would overwrite the input ./flows.csv`,
    );
    await refused(
      ["-o", "none/out.txt"],
      "--output none/out.txt: cannot be written: no such file or directory",
    );
    await refused(["-o", "."], "--output .: cannot be written: is a directory");
    expect(readFileSync(join(cwd, "rules.txt"), "utf8")).toBe(OFFICE);
    expect(readFileSync(join(cwd, "flows.csv"), "utf8")).toBe("src\n10.4.7.5\n");
    expect(readdirSync(cwd).toSorted()).toEqual(["flows.csv", "rules.txt"]);
    if (!existsSync("/dev/full")) return;
    const full = await bash("dfwlint -o /dev/full; dfwlint > /dev/full", cwd);
    expect(full).toEqual({
      stdout: "",
      stderr:
        "dfwlint: --output /dev/full: cannot be written: no space left on device\n" +
        "dfwlint: standard output: no space left on device\n",
      code: 2,
    });
  });
});

it("--quiet leaves out the summary", async () => {
  const cwd = temporaryFolder({ "rules.txt": OFFICE });
  for (const command of ["lint", "rules"]) {
    const [full, quiet] = [await run([command], cwd), await run([command, "--quiet"], cwd)];
    expect(full.stdout.startsWith(quiet.stdout.trimEnd())).toBe(true);
    expect(full.stdout.slice(quiet.stdout.trimEnd().length).trim()).toMatch(
      /^(?:\d+ errors?, .*|7 rules: .*)$/,
    );
    expect(full.code).toBe(quiet.code);
  }
});

describe("colours", () => {
  const ESCAPE = "\u001b[";
  const plain = (text: string): string => text.replaceAll(new RegExp(String.raw`\u001b\[\d+m`, "g"), "");

  it("appear where they are asked for, and change nothing else", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE });
    for (const args of [["lint"], ["rules"], [...QUESTION, "--trace"], ["explain", "shadowed-rule"]]) {
      const [without, coloured] = [await run(args, cwd), await run([...args, "--color"], cwd)];
      expect(without.stdout).not.toContain(ESCAPE);
      expect(coloured.stdout).toContain(ESCAPE);
      expect(plain(coloured.stdout)).toBe(without.stdout);
    }
  });

  // `script` gives a process a terminal.
  const inTerminal = existsSync("/usr/bin/script") && process.platform === "linux" ? it : it.skip;
  inTerminal("appear in a terminal, unless --no-color or NO_COLOR says otherwise", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE });
    const terminal = async (line: string): Promise<string> =>
      (await bash(`TERM=xterm-256color script -qec ${JSON.stringify(line)} /dev/null`, cwd)).stdout;
    const [shown, written, unwanted, variable] = await Promise.all([
      terminal("dfwlint rules"),
      terminal("dfwlint rules --output out.txt"),
      terminal("dfwlint rules --no-color"),
      terminal("NO_COLOR=1 dfwlint rules"),
    ]);
    expect(shown).toContain(ESCAPE);
    expect(unwanted).not.toContain(ESCAPE);
    expect(written).toBe("");
    expect(readFileSync(join(cwd, "out.txt"), "utf8")).not.toContain(ESCAPE);
    expect(variable).toBe(unwanted);
    expect(plain(shown)).toBe(unwanted);
    expect((await dfwlint(["rules"], { cwd, env: { TERM: "xterm-256color" } })).stdout).not.toContain(ESCAPE);
  });
});

describe("exit codes", () => {
  it("are 1 from the severity of --fail-on on", async () => {
    const error = temporaryFolder({ "rules.txt": OFFICE });
    const info = temporaryFolder({
      "rules.txt":
        "ruleset a {\nrule 1 at 1 inout protocol any from any to any drop with log;\n}\naddrset unused {\nip 10.1.1.1,\n}\n",
    });
    const codes = async (cwd: string): Promise<number[]> =>
      Promise.all(
        ["never", "error", "warning", "info"].map(
          async (level) => (await run(["--fail-on", level], cwd)).code,
        ),
      );
    expect(await codes(error)).toEqual([0, 1, 1, 1]);
    expect(await codes(info)).toEqual([0, 0, 0, 1]);
    expect((await run([], info)).code).toBe(0);
  });

  it("say whether --expect is met: certainly, by every packet, in every filter", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE });
    const expecting = async (verdict: string, ...question: string[]): Promise<number> => {
      const { code, stderr } = await run(["query", ...question, "--expect", verdict], cwd);
      const message = `dfwlint: expected ${verdict}, but not every packet of the flow certainly gets it\n`;
      expect(stderr).toBe(code === 0 ? "" : message);
      return code;
    };
    const web = ["--dst", "web", "--port"];
    expect(await expecting("accept", ...web, "443")).toBe(0);
    expect(await expecting("deny", ...web, "443")).toBe(1);
    // Between IPv4 and IPv6 all port 22 is rejected, but of one address only if the attribute does not match.
    expect(await expecting("reject", ...web, "22", "--src", "10.4.7.6")).toBe(0);
    expect(await expecting("deny", ...web, "22", "--src", "10.4.7.6")).toBe(0);
    expect(await expecting("drop", ...web, "22", "--src", "10.4.7.6")).toBe(1);
    expect(await expecting("reject", ...web, "22")).toBe(1);
    // Accepted from some, and no rule matches for others.
    expect(await expecting("accept", ...web, "80", "--src", "10.4.7.5")).toBe(0);
    expect(await expecting("accept", ...web, "80", "--src", "10.4.7.4/31")).toBe(1);
  });
});
