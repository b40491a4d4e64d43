import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { ROOT, dfwlint, linesOf } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { OFFICE, TWO_FILTERS } from "../cli/inputs.ts";
import { run } from "../support/run.ts";

/** A list of flows, asked of every session of a folder. */

const HARBOUR = join(ROOT, "rules-fixtures/fleets/harbour");

interface Answer extends Record<string, unknown> {
  readonly session: string;
  readonly host?: string | null;
  readonly filter?: string | null;
  readonly sameAs?: string;
  readonly error?: string;
}

function answersOf(stdout: string): Answer[] {
  return linesOf(stdout).map((line) => JSON.parse(line) as Answer);
}

const LIST = "src,dst,dstPort,protocol\n10.4.7.5,10.4.1.10,443,tcp\n10.4.9.9,10.4.1.0/24,80,tcp\n";

describe("query FOLDER --flows", () => {
  it("answers for each session what it answers for that alone, with its file and host", async () => {
    const { stdout } = await dfwlint(["query", "sessions", "--flows", "flows.csv"], { cwd: HARBOUR });
    const answers = answersOf(stdout).filter(({ sameAs }) => sameAs === undefined);
    const sessions = [...new Set(answers.map(({ session }) => session))];
    expect(sessions).toEqual(["sessions/quay-01.log", "sessions/quay-02.log", "sessions/unfinished.log"]);
    for (const name of sessions) {
      const alone = await dfwlint(["query", name, "--flows", "flows.csv"], { cwd: HARBOUR });
      const own = answers.filter(({ session }) => session === name);
      const hosts = new Set(own.map(({ host }) => host));
      expect([...hosts]).toEqual([name.includes("01") ? "quay-esx-01" : "quay-esx-02"]);
      const bare = own.map((answer) => {
        // A session of one filter need not name it.
        const more = name.includes("unfinished") ? ["session", "host", "filter"] : ["session", "host"];
        return Object.fromEntries(Object.entries(answer).filter(([field]) => !more.includes(field)));
      });
      expect(bare).toEqual(answersOf(alone.stdout));
    }
  });

  it("gives the list's own mistakes once, and each session's with its name", async () => {
    const cwd = temporaryFolder({
      "flows.ndjson": '{"src":"admins","dstPort":443}\n{"dest":"web"}\n{"dst":"10.4.1.300"}\n',
    });
    mkdirSync(join(cwd, "sessions"));
    writeFileSync(join(cwd, "sessions/a.log"), OFFICE);
    writeFileSync(join(cwd, "sessions/b.log"), TWO_FILTERS);
    const { stdout, stderr, code } = await run(["query", "sessions", "--flows", "flows.ndjson"], cwd);
    expect(linesOf(stderr)).toEqual([
      expect.stringMatching(/^dfwlint: flows\.ndjson:2: "dest" is not a field of a flow/),
      expect.stringMatching(/^dfwlint: sessions\/a\.log: flows\.ndjson:3: dst: "10\.4\.1\.300" is not/),
      expect.stringMatching(/^dfwlint: sessions\/b\.log: flows\.ndjson:1: src: "admins" is neither/),
      expect.stringMatching(/^dfwlint: sessions\/b\.log: flows\.ndjson:3: dst: "10\.4\.1\.300" is not/),
    ]);
    expect(code).toBe(2);
    const answers = answersOf(stdout);
    expect(answers.map(({ session, error }) => [session, error === undefined])).toEqual([
      ["sessions/a.log", true],
      ["sessions/a.log", false],
      ["sessions/a.log", false],
      ["sessions/b.log", false],
      ["sessions/b.log", false],
      ["sessions/b.log", false],
    ]);
    expect(answers[0]).toMatchObject({ host: null, filter: null });
  });

  it("tells of a session that cannot be read, of one with the same bytes, and of what is not expected", async () => {
    const cwd = temporaryFolder({ "flows.csv": LIST });
    mkdirSync(join(cwd, "sessions"));
    writeFileSync(join(cwd, "sessions/a.log"), OFFICE);
    writeFileSync(join(cwd, "sessions/b.log"), OFFICE);
    writeFileSync(join(cwd, "sessions/c.log"), TWO_FILTERS);
    writeFileSync(join(cwd, "sessions/d.log"), "nothing of ours\n");
    const ask = ["query", "sessions", "--flows", "flows.csv", "--expect", "accept"];
    const { stdout, stderr, code } = await run(ask, cwd);
    const answers = answersOf(stdout);
    expect(answers.filter(({ flow }) => flow === undefined)).toEqual([
      { session: "sessions/b.log", sameAs: "sessions/a.log" },
      {
        session: "sessions/d.log",
        error:
          "sessions/d.log: no rules and no address sets here: expected the output of vsipioctl getrules or getaddrsets",
      },
    ]);
    expect(stderr).toMatch(/sessions\/a\.log: expected accept, but 1 of 2 flows do not certainly get it\n/);
    expect(stderr).toMatch(/sessions\/c\.log: expected accept, but 2 of 2 flows do not certainly get it\n/);
    expect(stderr).not.toContain("b.log");
    expect(code).toBe(2);
    // As many cells in every row, with a header that stands once.
    const csv = linesOf((await run([...ask, "--format", "csv"], cwd)).stdout);
    expect(csv.filter((line) => line.startsWith("name,"))).toHaveLength(1);
    expect(csv[0]!.endsWith(",error,session,host,sameAs")).toBe(true);
    expect(csv.find((line) => line.includes("b.log"))).toMatch(/^,+sessions\/b\.log,,sessions\/a\.log$/);
    expect(csv.find((line) => line.includes("d.log"))).toMatch(/^,+.*no rules.*,sessions\/d\.log,,$/);
    expect(csv).toHaveLength(1 + answers.length);
    const compact = await run([...ask, "--format", "compact"], cwd);
    expect(linesOf(compact.stdout)[0]).toMatch(
      /^sessions\/a\.log: text without a prompt: src=10\.4\.7\.5 .*accept by rule 3101/,
    );
    expect(compact.stdout).not.toContain("b.log");
    const pretty = await run([...ask, "--format", "pretty"], cwd);
    expect(pretty.stdout).toContain("sessions/b.log: the same as sessions/a.log, byte for byte\n");
  });

  it("takes --vm and --filter, and leaves out the sessions that do not show them", async () => {
    const ask = ["query", "sessions", "--flows", "flows.csv", "--no-config"];
    const { stdout } = await run([...ask, "--vm", "gate-02"], HARBOUR);
    expect(answersOf(stdout).map(({ session, filter }) => [session, filter])).toEqual([
      ["sessions/quay-02.log", "nic-3202-eth0-vmware-sfw.2"],
      ["sessions/quay-02.log", "nic-3202-eth0-vmware-sfw.2"],
    ]);
    const nobody = await run([...ask, "--vm", "gate-09"], HARBOUR);
    expect(nobody.stdout).toBe("");
    expect(nobody.stderr).toMatch(/^dfwlint: --vm: in none of the 4 sessions: .*"gate-09".*\n$/);
    expect(nobody.code).toBe(2);
  });

  it.each([
    [
      ["--flows", "-"],
      "--flows: (standard input) can be read once, and each session of a folder reads the list again: give a file",
    ],
    [["--flows", "nowhere.csv"], "nowhere.csv: no such file"],
    [["--flows", "sessions"], "sessions: is a directory: expected a file"],
    [["--flows", "flows.csv", "--capture"], "--capture cannot be used with --flows: ask for one flow"],
  ])("%j is refused before anything is read", async (options, message) => {
    expect(await run(["query", "sessions", ...options], HARBOUR, LIST)).toEqual({
      stdout: "",
      stderr: `dfwlint: ${message}\n`,
      code: 2,
    });
  });

  it("a session without rules has no answers, also alone", async () => {
    const cwd = temporaryFolder({
      "flows.csv": LIST,
      "host.log":
        "[root@esx-07:~] summarize-dvfilter\nFilters:\nworld 100 vmm0:web-01 vcUuid:'50 01'\n port 7 web-01.eth0\n  vNic slot 2\n   name: nic-100-eth0-vmware-sfw.2\n   agentName: vmware-sfw\n   state: IOChain Attached\n[root@esx-07:~] \n",
    });
    expect(await run(["query", "host.log", "--flows", "flows.csv"], cwd)).toEqual({
      stdout: "",
      stderr: "dfwlint: no rules in host.log: only what is shown of the host is checked\n",
      code: 2,
    });
  });
});
