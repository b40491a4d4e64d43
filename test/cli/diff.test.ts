import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import type { DiffResult } from "../../src/engine/results.ts";
import { DIFF_FORMAT_NAMES } from "../../src/report/diff-formats.ts";
import { run, type Outcome } from "../support/run.ts";
import { dfwlint } from "./dfwlint.ts";
import { temporaryFolder } from "./folders.ts";
import { OFFICE, TWO_FILTERS } from "./inputs.ts";

const OPENED = OFFICE.replace("port 443 accept", "port {443, 8443} accept");
const CLOSED = OFFICE.replace("port {80, 8080-8090} accept", "port 80 accept").replace(/.*rule 3106.*\n/, "");
const LOGGED = OFFICE.replace("port 443 drop with log", "port 443 drop").replace(
  "port 443 accept",
  "port 443 accept with log",
);

const cwd = temporaryFolder({
  "office.txt": OFFICE,
  "same.txt": OFFICE.replaceAll("rule 3101 at 1 ", "rule 3101 at 1   "),
  "opened.txt": OPENED,
  "closed.txt": CLOSED,
  "logged.txt": LOGGED,
  "two.txt": TWO_FILTERS,
  "two-after.txt": TWO_FILTERS.replace("port 443 reject", "port 443 drop"),
  "one-filter.txt": TWO_FILTERS.slice(
    0,
    TWO_FILTERS.indexOf("[root@esx-07:~] vsipioctl getrules -f nic-200"),
  ),
  "other.txt": OFFICE.replaceAll("domain-c9", "domain-c10"),
  "cut.txt": OFFICE.slice(0, OFFICE.indexOf("rule 3106") + 20),
});

async function json(args: readonly string[], folder = cwd): Promise<DiffResult> {
  const { stdout, stderr } = await run(["diff", ...args, "--format", "json"], folder);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as DiffResult;
}

async function outcome(args: readonly string[], folder = cwd): Promise<Outcome> {
  return run(["diff", ...args], folder);
}

describe("what --fail-on names makes the exit code 1", () => {
  it.each([
    ["opened.txt", { verdict: 1, "newly-accepted": 1, "newly-denied": 0, treatment: 0, any: 1, never: 0 }],
    ["closed.txt", { verdict: 1, "newly-accepted": 0, "newly-denied": 1, treatment: 0, any: 1, never: 0 }],
    ["logged.txt", { verdict: 0, "newly-accepted": 0, "newly-denied": 0, treatment: 1, any: 1, never: 0 }],
    ["same.txt", { verdict: 0, "newly-accepted": 0, "newly-denied": 0, treatment: 0, any: 0, never: 0 }],
  ] as const)("%s", async (after, codes) => {
    const found: Record<string, number> = {};
    for (const gate of Object.keys(codes))
      found[gate] = (await outcome(["office.txt", after, "--fail-on", gate])).code;
    expect(found).toEqual(codes);
    const byDefault = await dfwlint(["diff", "office.txt", after], { cwd });
    expect({ code: byDefault.code, stderr: byDefault.stderr }).toEqual({ code: codes.verdict, stderr: "" });
  });

  it("a list of them fails where one does, and a word that is none is refused", async () => {
    const both = await outcome(["office.txt", "opened.txt", "--fail-on", "newly-denied, newly-accepted"]);
    expect(both.code).toBe(1);
    expect(await outcome(["office.txt", "opened.txt", "--fail-on", "verdict,all"])).toEqual({
      stdout: "",
      stderr:
        'dfwlint: --fail-on: "all" is none of verdict, newly-accepted, newly-denied, treatment, any, never\n',
      code: 2,
    });
  });
});

describe("policies", () => {
  it("are files, folders and lists of files, and the same file twice is no change", async () => {
    const folder = temporaryFolder({ "x.txt": "" });
    for (const [side, text] of [
      ["before", OFFICE],
      ["after", OPENED],
    ] as const) {
      mkdirSync(join(folder, side));
      writeFileSync(join(folder, side, "rules.txt"), text.slice(0, text.indexOf("addrset web {")));
      writeFileSync(join(folder, side, "sets.txt"), text.slice(text.indexOf("addrset web {")));
      writeFileSync(join(folder, side, "notes.md"), "opened for ticket 4711\n");
    }
    const expected = (await json(["office.txt", "opened.txt"])).summary;
    expect(expected).toMatchObject({ "newly-accepted": 1, "newly-denied": 0 });
    expect((await json(["before", "after"], folder)).summary).toEqual(expected);
    const lists = ["before/rules.txt,before/sets.txt", "after/sets.txt,after/rules.txt"];
    expect((await json(lists, folder)).summary).toEqual(expected);
    expect(await json(["office.txt", "office.txt"])).toMatchObject({ sameTreatment: true });
  });

  it("that are not two, or not there, are refused", async () => {
    for (const [args, message] of [
      [[], /expected two policies: BEFORE and AFTER, /],
      [["office.txt"], /expected two policies, not 1: /],
      [["office.txt", "opened.txt", "same.txt"], /expected two policies, not 3: /],
      [["office.txt", "gone.txt"], /gone\.txt: no such file/],
      [["office.txt", ""], /a policy is empty/],
      [["office.txt", "opened.txt", "--head", "HEAD"], /--head goes with --base/],
    ] as const) {
      const { stdout, stderr, code } = await outcome(args);
      expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
      expect(stderr).toMatch(new RegExp(`^dfwlint: .*${message.source}.*\n$`));
    }
  });

  it("of several filters are paired by name, else by ruleset, and what has no partner is named", async () => {
    const named = await json(["two.txt", "two-after.txt"]);
    expect(named.filters.map(({ name, changes }) => [name, changes.map(({ kind }) => kind)])).toEqual([
      ["nic-100-eth0-vmware-sfw.2", []],
      ["nic-200-eth0-vmware-sfw.2", ["verdict"]],
    ]);
    expect((await json(["office.txt", "other.txt"])).filters).toHaveLength(1);
    const partly = await json(["two.txt", "one-filter.txt"]);
    expect(partly).toMatchObject({ equivalent: false, onlyBefore: ["nic-200-eth0-vmware-sfw.2"] });
    const { stdout, code } = await outcome(["two.txt", "one-filter.txt"]);
    expect(stdout).toContain("only before: filter nic-200-eth0-vmware-sfw.2, not compared\n");
    expect(code).toBe(1);
  });

  it("that are cut are never proved equivalent, not even to themselves", async () => {
    const { stdout } = await run(["diff", "cut.txt", "cut.txt", "--format", "json"], cwd);
    expect(JSON.parse(stdout)).toMatchObject({ equivalent: false });
    expect([1, 2]).toContain((await outcome(["cut.txt", "cut.txt"])).code);
  });

  it("with the same text that does not parse, or the same undefined set, are the same, and it is said", async () => {
    const text = OFFICE.replace("from addrset guests", "from addrset nowhere").replace(
      "rule 3107 at 7 in inet protocol udp from any",
      "rule 3107 at 7 in inet protocol udp frm any",
    );
    const folder = temporaryFolder({
      "a.txt": text,
      "b.txt": `\n\n${text}`,
      "c.txt": text.replace("frm any", "frm all"),
    });
    const same = await json(["a.txt", "b.txt"], folder);
    expect(same).toMatchObject({ equivalent: true, sameTreatment: true });
    expect(same.filters[0]!.assumptions).toEqual(
      expect.arrayContaining([
        "this text does not parse, so it may match anything",
        "address set nowhere is not defined in the input",
      ]),
    );
    const other = await json(["a.txt", "c.txt"], folder);
    expect(other.equivalent).toBe(false);
    expect(other.summary.uncertain + other.summary.undecided).toBeGreaterThan(0);
  });
});

it("--output gets the result, and never takes the place of an input", async () => {
  const folder = temporaryFolder({ "a.txt": OFFICE, "b.txt": OPENED });
  const { stdout, code } = await outcome(["a.txt", "b.txt", "-o", "out.txt"], folder);
  expect({ stdout, code }).toEqual({ stdout: "", code: 1 });
  expect(readFileSync(join(folder, "out.txt"), "utf8")).toContain("becomes possible:\n");
  for (const name of ["a.txt", "b.txt"]) {
    expect((await outcome(["a.txt", "b.txt", "-o", name], folder)).code).toBe(2);
  }
  expect(readFileSync(join(folder, "b.txt"), "utf8")).toBe(OPENED);
});

describe("names from a dump", () => {
  const EVIL = "</details><script>x\u001b[2J\u202e\u009b`@team`::error::";
  const name = EVIL.replaceAll(" ", "");
  const text = OFFICE.replaceAll("addrset web", `addrset ${name}`);
  const folder = temporaryFolder({
    "a.txt": text,
    "b.txt": text.replace("port 443 accept", "port 444 accept").replace("ip 10.4.1.11,", "ip 10.4.1.12,"),
    "huge.txt": text.replace("port 443 accept", "port 444 accept").replaceAll(name, "x".repeat(100_000)),
  });

  it.each(DIFF_FORMAT_NAMES)("stay harmless in %s", async (format) => {
    const { stdout, code } = await outcome(["a.txt", "b.txt", "--format", format], folder);
    expect(code).toBe(1);
    // eslint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    if (format === "github")
      expect(
        stdout.split("\n").filter((line) => line.startsWith("::") && !/^::(?:warning|notice) /.test(line)),
      ).toEqual([]);
    if (format === "markdown") {
      // Out of code nothing of the name is left.
      const plain = stdout.replaceAll(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "");
      expect(plain).not.toMatch(/script|@team/);
      expect(plain.match(/<details/g)?.length).toBe(plain.match(/<\/details>/g)?.length);
    }
  });

  it("may be huge", async () => {
    const { stdout, code } = await outcome(["a.txt", "huge.txt", "--format", "markdown"], folder);
    expect(code).toBe(1);
    expect(stdout.length).toBeLessThan(65_536);
  });
});

describe("revisions of git", () => {
  const repository = temporaryFolder({ "rules.txt": OFFICE, "notes.txt": "nothing\n" });
  const git = (folder: string, ...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  git(repository, "init", "-q", "-b", "main");
  mkdirSync(join(repository, "site"));
  writeFileSync(join(repository, "site/rules.txt"), CLOSED);
  git(repository, "add", ".");
  git(repository, "commit", "-qm", "before");
  git(repository, "tag", "base");
  writeFileSync(join(repository, "rules.txt"), OPENED);
  git(repository, "commit", "-qam", "after");
  const env = { PATH: process.env["PATH"]! };
  const inGit = async (args: readonly string[], folder = repository) =>
    dfwlint(["diff", ...args], { cwd: folder, env });

  it("are compared with the working tree, or with each other", async () => {
    const tree = await inGit(["--base", "base", "rules.txt"]);
    expect({ code: tree.code, stderr: tree.stderr }).toEqual({ code: 1, stderr: "" });
    expect(tree.stdout).toMatch(
      /^becomes possible:\n {2}- no rule matches\n {2}\+ accept by rule 3101 at 1 \(rules\.txt:3\)\n/,
    );
    const closed = await inGit(["--base", "base", "--format", "json"]);
    const [edit] = (JSON.parse(closed.stdout) as DiffResult).filters[0]!.edits;
    expect([edit!.before[0]!.file, edit!.after[0]!.file]).toEqual(["base:rules.txt", "rules.txt"]);
    const heads = await inGit(["--base", "base", "--head", "HEAD", "rules.txt", "--format", "json"]);
    expect((JSON.parse(heads.stdout) as DiffResult).summary["newly-accepted"]).toBe(1);
    expect((await inGit(["--base", "HEAD", "rules.txt"])).code).toBe(0);
  });

  it("hold the files that are read without being named, and those of a folder below", async () => {
    expect((await inGit(["--base", "base"])).code).toBe(1);
    const below = await inGit(["--base", "base"], join(repository, "site"));
    expect({ code: below.code, stderr: below.stderr }).toEqual({ code: 0, stderr: "" });
    expect((await inGit(["--base", "base", "../rules.txt"], join(repository, "site"))).code).toBe(1);
    expect((await inGit(["--base", "base", "site"])).code).toBe(0);
  });

  it("that do not help are explained in one line", async () => {
    const outside = temporaryFolder({ "rules.txt": OFFICE });
    for (const [args, folder, message] of [
      [["--base", "gone"], repository, /there is no revision gone in this git repository/],
      [["--base=--output=x"], repository, /there is no revision --output=x in this git repository/],
      [["--base", "main:rules.txt"], repository, /there is no revision main:rules\.txt/],
      [["--base", " "], repository, /the revision is empty/],
      [["--base", "base", "new.txt"], repository, /revision base holds none of new\.txt/],
      [["--base", "HEAD"], outside, /is in no git repository: --base needs one/],
    ] as const) {
      const { stdout, stderr, code } = await inGit(args, folder);
      expect({ args, stdout, code }).toEqual({ args, stdout: "", code: 2 });
      expect(stderr).toMatch(new RegExp(`^dfwlint: .*${message.source}.*\n$`));
    }
    const without = await dfwlint(["diff", "--base", "HEAD"], { cwd: repository, env: { PATH: outside } });
    expect(without).toEqual({
      stdout: "",
      stderr: "dfwlint: --base needs git, and there is no git on the path\n",
      code: 2,
    });
  });

  it("may be missing in a shallow clone, and a renamed file is compared under both names", async () => {
    const shallow = temporaryFolder({});
    git(shallow, "clone", "-q", "--depth", "1", `file://${repository}`, "clone");
    const clone = join(shallow, "clone");
    expect((await inGit(["--base", "HEAD~1"], clone)).stderr).toMatch(
      /there is no revision HEAD~1 .*fetch it/,
    );
    expect((await inGit(["--base", "HEAD"], clone)).code).toBe(0);
    mkdirSync(join(clone, "dumps"));
    git(clone, "mv", "rules.txt", "dumps/before.txt");
    git(clone, "commit", "-qm", "a folder");
    renameSync(join(clone, "dumps/before.txt"), join(clone, "dumps/after.txt"));
    const renamed = await inGit(["--base", "HEAD", "dumps"], clone);
    expect({ code: renamed.code, stderr: renamed.stderr }).toEqual({ code: 0, stderr: "" });
    rmSync(join(clone, "dumps/after.txt"));
    expect((await inGit(["--base", "HEAD", "dumps"], clone)).code).toBe(2);
  });
});
