import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { ROOT, dfwlint, linesOf } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";

/** Each folder is a fleet; beside it stands what the command line says of it. UPDATE_GOLDEN=1 writes it. */

const FLEETS = join(ROOT, "rules-fixtures/fleets");

const COMMANDS: readonly (readonly [golden: string, args: readonly string[]])[] = [
  ["lint.expected.txt", ["lint", "sessions"]],
  ["lint.expected.compact.txt", ["lint", "sessions", "--format", "compact"]],
  ["lint.expected.ndjson", ["lint", "sessions", "--format", "ndjson"]],
  [
    "query.expected.txt",
    ["query", "sessions", "--src", "ip-securitygroup-gate", "--dst", "10.61.3.20", "--port", "8443"],
  ],
  [
    "query.expected.ndjson",
    ["query", "sessions", "--dst", "10.61.3.20", "--port", "8443", "--format", "ndjson"],
  ],
  ["flows.expected.ndjson", ["query", "sessions", "--flows", "flows.csv"]],
  ["flows.expected.csv", ["query", "sessions", "--flows", "flows.csv", "--format", "csv"]],
  ["rules.expected.txt", ["rules", "sessions", "--format", "compact"]],
  ["host.expected.txt", ["host", "sessions"]],
];

describe.each(readdirSync(FLEETS))("the fleet %s", (name) => {
  const cwd = join(FLEETS, name);

  it.each(COMMANDS)("%s", async (golden, args) => {
    const { stdout, stderr, code } = await dfwlint([...args, "--no-config"], { cwd });
    const path = join(cwd, golden);
    const actual = `${stdout}${stderr === "" ? "" : `--- standard error\n${stderr}`}--- exit code ${code}\n`;
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, actual);
    expect(actual).toBe(existsSync(path) ? readFileSync(path, "utf8") : null);
  });

  it("has in each line what the session has alone", async () => {
    const { stdout } = await dfwlint(["lint", "sessions", "--format", "ndjson", "--no-config"], { cwd });
    for (const line of linesOf(stdout)) {
      const { files, hosts, sameAs, ...rest } = JSON.parse(line) as Record<string, unknown> & {
        files: string[];
      };
      if (sameAs !== null) continue;
      const alone = await dfwlint(["lint", files[0]!, "--format", "json", "--no-config"], { cwd });
      expect(rest).toEqual(JSON.parse(alone.stdout));
      expect(hosts).toEqual([expect.stringMatching(/./)]);
    }
  });
});

const harbour = join(FLEETS, "harbour/sessions");

describe("sets that a flow names, of which some filters have only one", () => {
  const lists = [
    ["--src", "ip-securitygroup-gate, ip-securitygroup-cranes", "--dst", "ip-securitygroup-tally"],
    ["--src", "ip-securitygroup-gate,10.9.9.9", "--direction", "in"],
    ["--src-mac", "ip-securitygroup-gate,02:00:00:00:00:09", "--direction", "out"],
  ];

  it.each(lists)("are known to all of them: %s %s", async (...flow) => {
    const folder = temporaryFolder({});
    const text = readFileSync(join(harbour, "quay-01.log"), "utf8");
    mkdirSync(join(folder, "fleet"));
    writeFileSync(
      join(folder, "fleet/quay-01.log"),
      text.replaceAll("addrset ip-securitygroup-gate {\n", "$&mac 02:00:00:00:00:01,\n"),
    );
    const asked = async (input: string): Promise<unknown> => {
      const { stdout, stderr } = await dfwlint(["query", input, ...flow, "--format", "json", "--no-config"], {
        cwd: folder,
      });
      return { stderr, answer: JSON.parse(stdout) as unknown };
    };
    expect(await asked("fleet")).toEqual(await asked("fleet/quay-01.log"));
  });
});

function fleetWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = temporaryFolder({});
  mkdirSync(join(folder, "fleet"));
  cpSync(join(harbour, "quay-02.log"), join(folder, "fleet/quay-02.log"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, "fleet", name), content);
  return folder;
}

describe("what is no session", () => {
  const cases: readonly (readonly [string, string | Buffer, RegExp])[] = [
    ["picture.png", Buffer.from([0x89, 0x50, 0, 1]), /picture\.png: is a binary file: expected text/],
    ["notes.txt", "we looked at it on Monday\n", /notes\.txt: no rules and no address sets here/],
    ["empty.log", "", /empty\.log: the file is empty/],
    ["long.log", `[root@a:~] date\n${"x".repeat(17 * 2 ** 20)}`, /long\.log: a line is longer than 16 MiB/],
  ];

  it.each(cases)("%s is told, and the others are read", async (name, content, message) => {
    const cwd = fleetWith({ [name]: content });
    const { stdout, stderr, code } = await dfwlint(["fleet", "--format", "ndjson", "--no-config"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(linesOf(stderr)).toHaveLength(1);
    const lines = linesOf(stdout).map((line) => JSON.parse(line) as { files: string[]; error?: string });
    const bad = lines.filter(({ error }) => error !== undefined);
    expect(bad.map(({ files }) => files)).toEqual([[`fleet/${name}`]]);
    expect(lines.map(({ files }) => files[0])).toContain("fleet/quay-02.log");
    expect(lines).toHaveLength(2);
  });

  it("host tells of a session that it cannot read, shows the others, and leaves out pictures", async () => {
    const cwd = fleetWith({ "rack.png": Buffer.from([0x89, 0x50, 0, 1]) });
    const picture = await dfwlint(["host", "fleet", "--format", "json", "--no-config"], { cwd });
    expect({ code: picture.code, stderr: picture.stderr }).toEqual({ code: 0, stderr: "" });
    writeFileSync(join(cwd, "fleet/long.log"), `[root@a:~] date\n${"x".repeat(17 * 2 ** 20)}`);
    const { stdout, stderr, code } = await dfwlint(["host", "fleet", "--format", "json", "--no-config"], {
      cwd,
    });
    expect(stderr).toMatch(/^dfwlint: fleet\/long\.log: a line is longer than 16 MiB[^\n]*\n$/);
    expect(code).toBe(2);
    expect(stdout).toBe(picture.stdout);
  });

  it("links in a circle end nowhere", async () => {
    const cwd = fleetWith({});
    symlinkSync(join(cwd, "fleet"), join(cwd, "fleet/again"));
    const { stdout, stderr, code } = await dfwlint(["fleet", "--format", "ndjson", "--no-config"], { cwd });
    expect({ stderr, code, lines: linesOf(stdout).length }).toEqual({ stderr: "", code: 1, lines: 1 });
  });

  it("an empty folder is answered with what was expected", async () => {
    const cwd = temporaryFolder({});
    mkdirSync(join(cwd, "none"));
    expect(await dfwlint(["none"], { cwd })).toEqual({
      stdout: "",
      stderr: "dfwlint: none: no file in it: expected sessions\n",
      code: 2,
    });
  });

  it("a file in colours, or as Windows writes it, is read as a whole", async () => {
    const text = readFileSync(join(harbour, "quay-02.log"), "utf8");
    const coloured = text.replaceAll("[root@quay-esx-02:~]", "\u001b[1m[root@quay-esx-02:~]\u001b[0m");
    const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
    const cwd = fleetWith({ "coloured.log": coloured, "wide.log": wide });
    const { stdout, stderr, code } = await dfwlint(["fleet", "--format", "ndjson", "--no-config"], { cwd });
    expect({ stderr, code }).toEqual({ stderr: "", code: 1 });
    const found = linesOf(stdout).map((line) => {
      const { findings } = JSON.parse(line) as { findings: { fingerprint: string }[] };
      return findings.map(({ fingerprint }) => fingerprint);
    });
    expect(found).toHaveLength(3);
    expect(found[0]!.length).toBeGreaterThan(0);
    expect(found).toEqual([found[0], found[0], found[0]]);
  });
});

describe("options for a fleet", () => {
  it.each([
    [["--format", "html"], "--format html is for one session: name the file"],
    [
      ["--vm", "barge-9"],
      '--vm: in none of the 4 sessions: no session here shows a machine or vNIC "barge-9"',
    ],
  ])(
    "%j",
    async (args, message) => {
      const { stderr, code } = await dfwlint(["lint", "sessions", "--no-config", ...args], {
        cwd: join(harbour, ".."),
      });
      expect(stderr).toContain(`dfwlint: ${message}`);
      expect(code).toBe(2);
    },
    30_000,
  );

  it("--expect is about all sessions", async () => {
    const ask = (verdict: string): ReturnType<typeof dfwlint> =>
      dfwlint(
        ["query", "sessions", "--vm", "gate-02", "--dst", "10.61.9.5", "--port", "22", "--expect", verdict],
        { cwd: join(harbour, "..") },
      );
    expect((await ask("drop")).code).toBe(0);
    expect((await ask("accept")).code).toBe(1);
  });
});
