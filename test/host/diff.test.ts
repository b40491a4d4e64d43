import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import type { DiffFilterResult, DiffResult } from "../../src/engine/results.ts";
import { dfwlint } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { faults, published } from "../report/schemas.ts";
import { run } from "../support/run.ts";

/**
 * A host before and after a change: saw-01 got a port, saw-02 came back under another number and a set of it has another
 * member, kiln-01 is gone, kiln-02 is new, and nobody asked for the sets of store-01.
 */
const MILL = fileURLToPath(new URL("../../rules-fixtures/host-changes/mill/", import.meta.url));
const SIDES = ["before.log", "after.log"] as const;
const NO_SETS =
  "dfwlint: the rules of filter nic-5104-eth0-vmware-sfw.2 name address set ip-securitygroup-stores and the input defines none: add the output of vsipioctl getaddrsets\n";

interface Told {
  readonly result: DiffResult;
  readonly stderr: string;
  readonly code: number;
}

async function diff(options: readonly string[], sides: readonly string[] = SIDES, cwd = MILL): Promise<Told> {
  const args = ["diff", ...sides, ...options, "--no-config", "--format", "json"];
  const { stdout, stderr, code } = await run(args, cwd);
  expect({ stderr, stdout }).not.toMatchObject({ stdout: "" });
  return { result: JSON.parse(stdout) as DiffResult, stderr, code };
}

/** The machines that a result is about, those that are on one side only with a sign. */
function machines({ filters, unpaired }: DiffResult): string[] {
  return [
    ...filters.map(({ vnic }) => vnic!.machine!),
    ...unpaired.map(({ side, vnic }) => `${side === "before" ? "-" : "+"}${vnic!.machine}`),
  ];
}

describe("without a selection", () => {
  it("filters are paired by their vNICs, and named with them", async () => {
    const { result, stderr, code } = await diff([]);
    expect(faults(published("diff"), result)).toEqual([]);
    expect(machines(result)).toEqual(["saw-01", "saw-02", "store-01", "-kiln-01", "+kiln-02"]);
    expect(result.filters[1]).toMatchObject({
      name: "nic-5180-eth0-vmware-sfw.2",
      nameBefore: "nic-5102-eth0-vmware-sfw.2",
      vnic: { machine: "saw-02", name: "saw-02.eth0" },
    });
    expect(result.filters[1]).not.toHaveProperty("vnicBefore");
    expect({ stderr, code }).toEqual({ stderr: NO_SETS.repeat(2), code: 2 });
  });

  /** The host after the change, with a machine called otherwise or another number in the name of a filter. */
  async function withAfter(change: (log: string) => string): Promise<string[]> {
    const folder = temporaryFolder({ "after.log": change(readFileSync(join(MILL, "after.log"), "utf8")) });
    const { result } = await diff([], [join(MILL, "before.log"), "after.log"], folder);
    return machines(result);
  }

  it("another machine that got the number of one that is gone is not compared with it", async () => {
    expect(await withAfter((log) => log.replaceAll("5190", "5103"))).toEqual([
      "saw-01",
      "saw-02",
      "store-01",
      "-kiln-01",
      "+kiln-02",
    ]);
  });

  it("a machine that got another name is the same one by its UUID", async () => {
    const renamed = (log: string): string => log.replaceAll("saw-02", "planer-02");
    expect(await withAfter(renamed)).toEqual(["saw-01", "store-01", "planer-02", "-kiln-01", "+kiln-02"]);
  });

  it("two machines are compared where there is nothing else, and both are named", async () => {
    const one = ["--filter", "nic-5103-eth0-vmware-sfw.2"];
    const text = (name: string): string => readFileSync(join(MILL, name), "utf8");
    const cut = (log: string, from: string, to: string): string =>
      log.slice(0, log.indexOf("[root@mill-esx-01:~] vsipioctl")) +
      log.slice(log.indexOf(`[root@mill-esx-01:~] vsipioctl getrules -f ${from}`), log.indexOf(to));
    const folder = temporaryFolder({
      "before.log": cut(
        text("before.log"),
        "nic-5103",
        "[root@mill-esx-01:~] vsipioctl getrules -f nic-5104",
      ),
      "after.log": cut(text("after.log"), "nic-5190", "[root@mill-esx-01:~]\n"),
    });
    const { result } = await diff(one, SIDES, folder);
    expect(result.filters).toMatchObject([
      { vnic: { machine: "kiln-02" }, vnicBefore: { machine: "kiln-01", name: "kiln-01.eth0" } },
    ]);
    const { stdout } = await run(["diff", ...SIDES, "--vm", "kiln-02", "--no-config"], folder);
    expect(stdout).toBe(
      "filter nic-5190-eth0-vmware-sfw.2, vNIC kiln-02.eth0 (before: nic-5103-eth0-vmware-sfw.2, vNIC kiln-01.eth0)\n\n" +
        "proved: no packet's verdict changes, nor any packet's treatment\n",
    );
  });
});

describe("--vm and --filter", () => {
  it.each([
    [["--vm", "saw-01"], ["saw-01"], 1],
    [["--vm", "saw-02.eth0"], ["saw-02"], 1],
    [["--vm", "store-01"], ["store-01"], 2],
    [["--vm", "kiln-01"], ["-kiln-01"], 1],
    [["--vm", "kiln-02"], ["+kiln-02"], 1],
    [["--vm", "kiln-02", "--vm", "saw-01", "--vm", "kiln-01"], ["saw-01", "-kiln-01", "+kiln-02"], 1],
    [["--filter", "nic-5101-eth0-vmware-sfw.2"], ["saw-01"], 1],
    [["--filter", "nic-5102-eth0-vmware-sfw.2"], ["saw-02"], 1],
    [["--filter", "nic-5180-eth0-vmware-sfw.2"], ["saw-02"], 1],
    [["--filter", "nic-5103-eth0-vmware-sfw.2"], ["-kiln-01"], 1],
    [["--vm", "saw-02", "--filter", "nic-5102-eth0-vmware-sfw.2"], ["saw-02"], 1],
    [["--vm", "saw-01", "--fail-on", "newly-denied"], ["saw-01"], 0],
    [["--vm", "kiln-01", "--fail-on", "newly-denied"], ["-kiln-01"], 1],
  ])("%j: what is said of these filters without it, and nothing else", async (options, names, code) => {
    const whole = (await diff([])).result;
    const told = await diff(options);
    expect(faults(published("diff"), told.result)).toEqual([]);
    expect(machines(told.result)).toEqual(names);
    const kept = ({ vnic }: DiffFilterResult | DiffResult["unpaired"][number]): boolean =>
      names.some((name) => name.replace(/^[-+]/, "") === vnic!.machine);
    expect(told.result.filters).toEqual(whole.filters.filter(kept));
    expect(told.result.unpaired).toEqual(whole.unpaired.filter(kept));
    const changes = told.result.filters.flatMap((filter) => filter.changes);
    expect(told.result.summary["newly-accepted"]).toBe(
      changes.filter(({ kind }) => kind === "newly-accepted").length,
    );
    expect({ code: told.code, stderr: told.stderr }).toEqual({
      code,
      stderr: names.includes("store-01") ? NO_SETS.repeat(2) : "",
    });
  });

  it.each([
    [
      ["--vm", "kiln-03"],
      '--vm: no session here shows a machine or vNIC "kiln-03" (closest: kiln-01, kiln-02)',
    ],
    [["--vm", "saw-01", "--vm", "kiln"], '--vm: no session here shows a machine or vNIC "kiln" (closest: '],
    [
      ["--filter", "nic-5190-eth0-vmware-sfw"],
      '--filter: no filter "nic-5190-eth0-vmware-sfw" in the input (closest: nic-5190-eth0-vmware-sfw.2',
    ],
    [
      ["--vm", "saw-01", "--filter", "nic-5103-eth0-vmware-sfw.2"],
      '--filter: "nic-5103-eth0-vmware-sfw.2" is not of what --vm names: that has "nic-5101-eth0-vmware-sfw.2"',
    ],
    [["--vm", ""], "--vm is empty: leave it out for all filters"],
  ])("%j: is on neither side", async (options, message) => {
    const { stdout, stderr, code } = await run(["diff", ...SIDES, ...options, "--no-config"], MILL);
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expect(stderr.startsWith(`dfwlint: ${message}`)).toBe(true);
    expect(stderr.split("\n")).toHaveLength(2);
  });

  it("every format tells of the machine, and of no other", async () => {
    for (const format of ["pretty", "compact", "markdown", "github", "json"]) {
      const args = ["--vm", "saw-01", "--vm", "kiln-01", "--format", format, "--no-config"];
      const { stdout, stderr } = await run(["diff", ...SIDES, ...args], MILL);
      expect(stderr).toBe("");
      for (const told of ["saw-01.eth0", "kiln-01.eth0", "nic-5103-eth0-vmware-sfw.2"])
        expect({ format, stdout }).toEqual({ format, stdout: expect.stringContaining(told) });
      expect(stdout).not.toMatch(/saw-02|store|kiln-02|5102|5180/);
    }
  });

  it("a side where the machine is shown and its rules are missing says what was not printed", async () => {
    const folder = temporaryFolder({});
    const cut = (name: string, filter: string): void => {
      const text = readFileSync(join(MILL, name), "utf8");
      const block = new RegExp(
        `\\[root@mill-esx-01:~\\] vsipioctl getrules -f ${filter}\\n[^[]*\\[root@mill-esx-01:~\\] vsipioctl getaddrsets -f ${filter}\\n[^[]*`,
      );
      expect(text).toMatch(block);
      writeFileSync(join(folder, name), text.replace(block, ""));
    };
    cut("after.log", "nic-5101-eth0-vmware-sfw.2");
    const sides = [join(MILL, "before.log"), "after.log"];
    const { result, code, stderr } = await diff(["--vm", "saw-01"], sides, folder);
    expect({ machines: machines(result), code, stderr }).toEqual({
      machines: ["-saw-01"],
      code: 1,
      stderr: "",
    });
    cut("before.log", "nic-5101-eth0-vmware-sfw.2");
    const neither = await run(["diff", ...SIDES, "--vm", "saw-01", "--no-config"], folder);
    expect(neither).toEqual({
      stdout: "",
      stderr:
        'dfwlint: --vm: the rules of "saw-01" are not in the input: add the output of vsipioctl getrules -f nic-5101-eth0-vmware-sfw.2\n',
      code: 2,
    });
  });

  it("what a collection could not print of these filters is said, and of no other", async () => {
    const filter = "nic-5180-eth0-vmware-sfw.2";
    const failed = readFileSync(join(MILL, "after.log"), "utf8").replace(
      new RegExp(`(vsipioctl getrules -f ${filter}\\n)[^[]*\\[[^[]*`),
      "$1[root@mill-esx-01:~] # dfwlint collect error: no such filter\n[root@mill-esx-01:~] # dfwlint collect status: 1\n",
    );
    const folder = temporaryFolder({ "after.log": failed });
    const sides = [join(MILL, "before.log"), "after.log"];
    expect(await diff(["--vm", "saw-01"], sides, folder)).toMatchObject({ code: 1, stderr: "" });
    const { result, code, stderr } = await diff(["--vm", "saw-02"], sides, folder);
    expect(machines(result)).toEqual(["-saw-02"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `dfwlint: after.log: vsipioctl getrules -f ${filter} failed with status 1: no such filter\n`,
    });
  });

  it("the list of filters may stand in a file of its own", async () => {
    const folder = temporaryFolder({});
    for (const name of SIDES) {
      const text = readFileSync(join(MILL, name), "utf8");
      const at = text.indexOf("[root@mill-esx-01:~] vsipioctl");
      const side = join(folder, name.replace(".log", ""));
      mkdirSync(side);
      writeFileSync(join(side, "filters.log"), `${text.slice(0, at)}[root@mill-esx-01:~]\n`);
      writeFileSync(join(side, "rules.log"), text.slice(at));
      writeFileSync(join(side, "notes.txt"), "a world without rules\n");
    }
    const { result, code, stderr } = await diff(["--vm", "saw-02"], ["before", "after"], folder);
    expect({ machines: machines(result), code, stderr }).toEqual({
      machines: ["saw-02"],
      code: 1,
      stderr: "",
    });
    const files = ["lint", "after/filters.log", "after/rules.log", "--vm", "saw-02", "--no-config"];
    expect(await run([...files, "--fail-on", "never"], folder)).toMatchObject({ stderr: "", code: 0 });
  });

  it("an intent is judged in the filters that are asked about", async () => {
    const change = (name: string, filter: string, port: number): string =>
      `  - name: ${name}\n    filter: ${filter}\n    service: tcp/${port}\n    from: ip-securitygroup-saws\n    to: ip-securitygroup-plans\n    expect: accept\n`;
    const intent = `changes:\n${change("plans", "nic-5101-eth0-vmware-sfw.2", 8443)}${change("more", "nic-5102-eth0-vmware-sfw.2", 443)}`;
    const folder = temporaryFolder({ "intent.yaml": intent });
    const sides = SIDES.map((name) => join(MILL, name));
    const judged = async (vm: string): Promise<unknown> => {
      const { result, code } = await diff(["--vm", vm, "--intent", "intent.yaml"], sides, folder);
      const { changes, met, unmet, collateral } = result.intent!;
      const whose = [...unmet, ...collateral].map(({ vnic }) => vnic?.name);
      return { changes: changes.map(({ name }) => name), met, whose, code };
    };
    expect(await judged("saw-01")).toEqual({ changes: ["plans"], met: true, whose: [], code: 0 });
    // The filter is named as it was called before.
    expect(await judged("saw-02")).toEqual({ changes: ["more"], met: true, whose: [], code: 0 });
    writeFileSync(
      join(folder, "intent.yaml"),
      change("none", "nic-5102-eth0-vmware-sfw.2", 80).replace(/^/, "changes:\n"),
    );
    expect(await judged("saw-01")).toEqual({ changes: [], met: false, whose: ["saw-01.eth0"], code: 1 });
    expect(await judged("saw-02")).toEqual({
      changes: ["none"],
      met: false,
      whose: ["saw-02.eth0", "saw-02.eth0"],
      code: 1,
    });
  });

  it("revisions of git are narrowed likewise", async () => {
    const folder = temporaryFolder({ "host.log": readFileSync(join(MILL, "before.log"), "utf8") });
    const git = (...args: string[]): unknown =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
        cwd: folder,
        stdio: ["ignore", "pipe", "pipe"],
      });
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "before");
    writeFileSync(join(folder, "host.log"), readFileSync(join(MILL, "after.log")));
    const env = { PATH: process.env["PATH"]! };
    const args = ["diff", "--base", "HEAD", "host.log", "--vm", "saw-02", "--format", "compact"];
    const { stdout, stderr, code } = await dfwlint(args, { cwd: folder, env });
    expect(stdout).toMatch(/^host\.log:62: newly-accepted: .*HEAD:host\.log:63.* \(vNIC saw-02\.eth0\)\n$/);
    expect({ stderr, code }).toEqual({ stderr: "", code: 1 });
  });
});
