import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { run } from "../support/run.ts";
import { expectGolden } from "../support/golden.ts";
import { ROOT } from "./dfwlint.ts";
import { temporaryFolder } from "./folders.ts";
import { OFFICE } from "./inputs.ts";
import { configShape } from "./shapes.ts";

const FIXTURES = join(ROOT, "rules-fixtures/configuration");

interface Values {
  readonly file: string | null;
  readonly values: readonly {
    key: string;
    value: unknown;
    source: { from: string; file?: string; line?: number };
  }[];
}

/** What is in force, by key: the value, and its source in words. */
async function inForce(
  cwd: string,
  ...args: string[]
): Promise<Map<string, [value: unknown, source: string]>> {
  const { stdout, stderr, code } = await run(["config", "--format", "json", ...args], cwd);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  const result = JSON.parse(stdout) as Values;
  configShape(result, "config");
  return new Map(
    result.values.map(({ key, value, source: { from, file, line } }) => [
      key,
      [value, from === "file" ? `${file}:${line}` : from],
    ]),
  );
}

describe("mistakes in a configuration file", () => {
  it.each(readdirSync(FIXTURES).filter((name) => name.endsWith(".yaml")))("%s", async (name) => {
    const { stdout, stderr, code } = await run(["config", "--config", name], FIXTURES);
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expect(stderr).toMatch(/^dfwlint: /);
    expectGolden(join(FIXTURES, name.replace(/yaml$/, "expected.txt")), stderr);
  });

  it("keep every command from running", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE, "dfwlint.yaml": "chekcs: {}\n" });
    for (const args of [["lint"], ["rules"], ["query", "--port", "443"], ["config"]]) {
      const { stdout, stderr, code } = await run(args, cwd);
      expect({ args, stdout, code }).toEqual({ args, stdout: "", code: 2 });
      expect(stderr).toMatch(
        /^dfwlint: there is no key "chekcs" \(closest: checks\)\n {2}--> dfwlint\.yaml:1:1\n/,
      );
      expect((await run([...args, "--no-config"], cwd)).code).toBeLessThan(2);
    }
  });

  it("that are none of its text are one line", async () => {
    const cwd = temporaryFolder({
      "rules.txt": OFFICE,
      "large.yaml": Buffer.alloc(2 ** 20 + 1, "#"),
      "binary.yaml": Buffer.from([0, 1, 2]),
    });
    mkdirSync(join(cwd, "dfwlint.yaml"));
    const refused = async (args: string[], message: string): Promise<void> => {
      expect(await run(args, cwd)).toEqual({ stdout: "", stderr: `dfwlint: ${message}\n`, code: 2 });
    };
    await refused([], "dfwlint.yaml: is a directory: expected a configuration file");
    await refused(["--config", "none.yaml"], "none.yaml: no such file");
    await refused(
      ["--config", "large.yaml"],
      "large.yaml: is larger than 1 MiB: expected a configuration file, not a dump",
    );
    await refused(["--config", "binary.yaml"], "binary.yaml: is a binary file: expected text");
    await refused(["--config", "rules.txt/x"], "rules.txt/x: a part of its path is no directory");
  });

  // Each of these brought the YAML reader down, or would.
  it.each([
    ["flow lists", `files: ${"[".repeat(400_000)}`],
    ["block lists", "- ".repeat(400_000)],
    ["explicit keys", "? ".repeat(400_000)],
    [
      "deeper and deeper lines",
      Array.from({ length: 1400 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
    ],
    [
      "networks in networks",
      `networks:\n${Array.from({ length: 20_000 }, (_, n) => `  n${n}: n${n + 1}\n`).join("")}`,
    ],
  ])("that nest %s without end are found", async (_, text) => {
    const cwd = temporaryFolder({ "dfwlint.yaml": text });
    const { stderr, code } = await run(["config"], cwd);
    expect(stderr).toContain("nested too deeply");
    expect(stderr.length).toBeLessThan(10_000);
    expect(code).toBe(2);
  });
});

it("thousands of mistakes are told in no time", async () => {
  const lines = Array.from({ length: 15_000 }, (_, number) => `  net-${number}: nett-${number}\n`);
  const cwd = temporaryFolder({ "dfwlint.yaml": `networks:\n${lines.join("")}` });
  const { stderr, code } = await run(["config"], cwd);
  expect(stderr).toContain('there is no network "nett-0" (closest: net-0');
  expect(stderr).toMatch(/\ndfwlint: 14980 more mistakes in the file\n$/);
  expect(code).toBe(2);
});

describe("dfwlint.yaml", () => {
  it("is found in the working directory or the nearest folder above, unless --config or --no-config says otherwise", async () => {
    const top = temporaryFolder({
      "dfwlint.yaml": "limits: {warnAtPercent: 1}\n",
      "other.yaml": "limits: {warnAtPercent: 3}\n",
    });
    mkdirSync(join(top, "a/b/c"), { recursive: true });
    const source = async (cwd: string, ...args: string[]): Promise<unknown> =>
      (await inForce(cwd, ...args)).get("limits.warnAtPercent");
    expect(await source(top)).toEqual([1, "dfwlint.yaml:1"]);
    expect(await source(join(top, "a/b/c"))).toEqual([1, "../../../dfwlint.yaml:1"]);
    writeFileSync(join(top, "a/b/dfwlint.yaml"), "\nlimits:\n  warnAtPercent: 2\n");
    expect(await source(join(top, "a/b/c"))).toEqual([2, "../dfwlint.yaml:3"]);
    expect(await source(join(top, "a"))).toEqual([1, "../dfwlint.yaml:1"]);
    expect(await source(join(top, "a/b"), "--config", "../../other.yaml")).toEqual([3, "../../other.yaml:1"]);
    expect(await source(top, "--no-config")).toEqual([80, "default"]);
  });

  it("may be all comments, have keys without values, a byte order mark and Windows' line ends", async () => {
    for (const text of [
      "# nothing yet\n",
      "checks:\nfiles:\n",
      "\ufeff# notes\r\nlimits:\r\n  rulesPerFilter: 4000\r\n",
    ]) {
      const cwd = temporaryFolder({ "dfwlint.yaml": text });
      expect((await inForce(cwd)).get("limits.rulesPerFilter")![0]).toBe(4000);
    }
  });

  it("is never written over by a result", async () => {
    const cwd = temporaryFolder({
      "rules.txt": OFFICE,
      "dfwlint.yaml": "limits: {}\n",
      "known.json": '{"version":1,"findings":[]}',
    });
    for (const [args, file] of [
      [["-o", "dfwlint.yaml"], "dfwlint.yaml"],
      [["rules", "-o", "dfwlint.yaml"], "dfwlint.yaml"],
      [["config", "-o", "dfwlint.yaml"], "dfwlint.yaml"],
      [["--baseline", "known.json", "-o", "known.json"], "known.json"],
    ] as const) {
      const { stderr, code } = await run(args, cwd);
      expect(stderr).toContain(`--output ${file} would overwrite the input `);
      expect(code).toBe(2);
    }
  });
});

describe("what it says is in force", () => {
  const TEXT = `files: [dumps/*.txt]
checks:
  duplicate-rule: off
  no-default: {severity: error}
networks:
  admins: [10.20.0.0/24, "10.20.1.5-10.20.1.6, 2001:db8::1"]
  all-admins: [admins, 10.20.1.7]
services:
  web: tcp/80, tcp/443
  shop: [web, tcp/8000-8100, udp/443]
sensitive:
  - name: SSH
    allowedFrom: all-admins
  - shop
  - name: Vault
    ports: [tcp/8200, udp/8200]
limits: {rulesPerFilter: 3000}
vnicAddresses: [10.1.1.10, "fe80::/64"]
baseline: known.json
suppressions:
  - {check: dead-tail, rule: 7, reason: It moves, until: 2025-12-31}
`;

  it("over the defaults, and the command line over both", async () => {
    const cwd = temporaryFolder({ "dfwlint.yaml": TEXT });
    const values = await inForce(cwd);
    expect(values.get("files")).toEqual([["dumps/*.txt"], "dfwlint.yaml:1"]);
    expect(values.get("checks.duplicate-rule")).toEqual(["off", "dfwlint.yaml:3"]);
    expect(values.get("checks.no-default")).toEqual(["error", "dfwlint.yaml:4"]);
    expect(values.get("checks.dead-tail")).toEqual(["info", "default"]);
    expect(values.get("networks.admins")).toEqual([
      ["10.20.0.0/24", "10.20.1.5-10.20.1.6", "2001:db8::1"],
      "dfwlint.yaml:6",
    ]);
    expect(values.get("networks.all-admins")![0]).toEqual([
      "10.20.0.0/24",
      "10.20.1.5-10.20.1.7",
      "2001:db8::1",
    ]);
    expect(values.get("services.shop")).toEqual([
      ["tcp/80", "tcp/443", "tcp/8000-8100", "udp/443"],
      "dfwlint.yaml:10",
    ]);
    expect([...values.keys()].filter((key) => key.startsWith("sensitive."))).toEqual([
      "sensitive.SSH",
      "sensitive.shop",
      "sensitive.Vault",
    ]);
    expect(values.get("sensitive.SSH")![0]).toEqual([
      "tcp/22",
      "sctp/22",
      "from 10.20.0.0/24",
      "from 10.20.1.5-10.20.1.7",
      "from 2001:db8::1",
    ]);
    expect(values.get("limits.rulesPerFilter")).toEqual([3000, "dfwlint.yaml:17"]);
    expect(values.get("limits.rulesPerHost")).toEqual([120_000, "default"]);
    expect(values.get("vnicAddresses")).toEqual([["10.1.1.10", "fe80::/64"], "dfwlint.yaml:18"]);
    expect(values.get("baseline")).toEqual(["known.json", "dfwlint.yaml:19"]);
    expect(values.get("suppressions 1")).toEqual([
      "dead-tail for rule 7 until 2025-12-31: It moves",
      "dfwlint.yaml:21",
    ]);
    const asked = await inForce(
      cwd,
      "a.txt",
      "--baseline",
      "b.json",
      "--vnic-ip",
      "10.9.9.9,10.9.9.8",
      "--vnic-ip",
      "::1",
    );
    expect(asked.get("files")).toEqual([["a.txt"], "command line"]);
    expect(asked.get("baseline")).toEqual(["b.json", "command line"]);
    expect(asked.get("vnicAddresses")).toEqual([["10.9.9.8/31", "::1"], "command line"]);
    expect((await inForce(cwd, "--no-baseline")).get("baseline")).toEqual([[], "command line"]);
    const none = await inForce(cwd, "--no-config");
    expect(none.get("files")).toEqual([["rules.txt", "addrsets.txt"], "default"]);
    expect(new Set([...none.values()].map(([, source]) => source))).toEqual(new Set(["default"]));
  });

  it("for people, in columns", async () => {
    const cwd = temporaryFolder({ "dfwlint.yaml": TEXT });
    const { stdout } = await run(["config", "--vnic-ip", "10.9.9.9"], cwd);
    expectGolden(join(ROOT, "test/cli/config.golden.txt"), stdout);
  });

  it('"default" among the sensitive services stands for those that the list does not name', async () => {
    const cwd = temporaryFolder({
      "dfwlint.yaml":
        "sensitive: [default, {name: SSH, allowedFrom: 10.1.1.1}, {name: Telnet, ports: tcp/2323}]\n",
    });
    const values = await inForce(cwd);
    expect(values.get("sensitive.SSH")![0]).toEqual(["tcp/22", "sctp/22", "from 10.1.1.1"]);
    expect(values.get("sensitive.Telnet")![0]).toEqual(["tcp/2323"]);
    expect(values.get("sensitive.Redis")).toEqual([["tcp/6379"], "dfwlint.yaml:1"]);
    const built = [...(await inForce(cwd, "--no-config")).keys()];
    expect([...values.keys()].toSorted()).toEqual(built.toSorted());
  });

  it("severities change findings and the exit code, and off takes them out", async () => {
    const cwd = temporaryFolder({ "rules.txt": OFFICE });
    const OPEN = "any-source: off, any-destination: off";
    const lint = async (checks: string): Promise<[severities: string[], code: number]> => {
      writeFileSync(join(cwd, "dfwlint.yaml"), `checks: {${checks}}\n`);
      const { stdout, code } = await run(["-f", "json"], cwd);
      const { findings } = JSON.parse(stdout) as { findings: { check: string; severity: string }[] };
      return [findings.map(({ check, severity }) => `${severity} ${check}`), code];
    };
    expect(await lint("")).toEqual([
      [
        "error shadowed-rule",
        "warning redundant-rule",
        "warning no-default",
        "info any-source",
        "info any-destination",
        "info unknown-match",
        "info any-source",
      ],
      1,
    ]);
    expect(
      await lint(`${OPEN}, shadowed-rule: info, redundant-rule: off, no-default: {severity: error}`),
    ).toEqual([["error no-default", "info shadowed-rule", "info unknown-match"], 1]);
    expect(await lint(`${OPEN}, shadowed-rule: info, redundant-rule: off, no-default: off`)).toEqual([
      ["info shadowed-rule", "info unknown-match"],
      0,
    ]);
  });
});

describe("files", () => {
  const QUESTION = ["query", "--src", "10.4.9.3", "--dst", "web", "--port", "443"];
  const [, rules, sets] = /^([^]*?\n\}\n)([^]*)$/.exec(OFFICE)!;

  function project(files: string): string {
    const top = temporaryFolder({ "dfwlint.yaml": `files: ${files}\n`, "rules.txt": "nothing of ours\n" });
    mkdirSync(join(top, "dumps/host-2"), { recursive: true });
    mkdirSync(join(top, "work"));
    writeFileSync(join(top, "dumps/a[1].txt"), rules!);
    writeFileSync(join(top, "dumps/host-2/sets.txt"), sets!);
    return top;
  }

  it.each([
    ["paths", "['dumps/a[1].txt', dumps/host-2/sets.txt]"],
    ["globs", "dumps/**/*.txt"],
    ["both, with a file twice", "['dumps/a[1].txt', './dumps/**/*.{txt,log}']"],
  ])("may be %s, relative to the configuration file, for every command", async (_, files) => {
    const top = project(files);
    for (const cwd of [top, join(top, "work")]) {
      const asked = await run(QUESTION, cwd);
      expect(asked.stderr).toBe("");
      expect(asked.stdout).toContain(
        `accept by rule 3101 at 1 (${cwd === top ? "" : "../"}dumps/a[1].txt:3)`,
      );
      expect((await run(["rules", "-q"], cwd)).stdout).toContain("3107");
      expect((await run(["-q", "-f", "compact"], cwd)).stdout).toContain("shadowed-rule");
      expect((await run(["lint", "-"], cwd, OFFICE)).stdout).toContain("(standard input):4");
    }
  });

  it.each([
    ["dumps/none.txt", "dfwlint.yaml:1: files: there is no file dumps/none.txt"],
    ["[dumps/a.txt, dumps/*.log]", "dfwlint.yaml:1: files: there is no file dumps/a.txt"],
    ["dumps/*.log", "dfwlint.yaml:1: files: no file matches dumps/*.log"],
    ["[]", "dfwlint.yaml: files: the list is empty"],
    ["dumps", "dumps: is a directory: expected a file"],
  ])("that are not there are an error: %s", async (files, message) => {
    expect(await run([], project(files))).toEqual({ stdout: "", stderr: `dfwlint: ${message}\n`, code: 2 });
  });
});
