import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import type { FilterStep, PathResult } from "../../src/engine/path/results.ts";
import { run } from "../support/run.ts";
import { temporaryFolder } from "../cli/folders.ts";

const FIXTURES = fileURLToPath(new URL("../../rules-fixtures/", import.meta.url));
const MILL = `${FIXTURES}paths/mill`;

async function json(cwd: string, ...args: string[]): Promise<PathResult> {
  const { stdout, stderr } = await run(["path", "--no-config", ...args, "--format", "json"], cwd);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as PathResult;
}

describe("a question that cannot be answered says why", () => {
  const files = ["esx-01.log", "esx-02.log"];
  it.each([
    [
      ["--src-vm", "loom-web-1", "--dst", "10.71.30.21"],
      'no session here shows a machine or vNIC "loom-web-1" (closest: loom-web-01, loom-web-02)',
      "--src-vm",
    ],
    [
      ["--src", "loom-wob-01", "--dst", "10.71.30.21"],
      '"loom-wob-01" is neither an address nor a machine or address set that a session shows (closest: loom-web-01, loom-web-02, loom-db-01)',
      "--src",
    ],
    [
      ["--src", "10.71.20.11", "--dst", "10.71.30.300"],
      '"10.71.30.300" is not an address: a number is over 255',
      "--dst",
    ],
    [
      ["--src", "10.71.20.11", "--dst", "fd00::1"],
      "source 10.71.20.11 is IPv4 and destination fd00::1 is IPv6: no packet has both",
      "--dst",
    ],
    [["--dst", ""], "--dst is empty: leave it out for every value", ""],
    [
      ["--dst", "10.71.30.21", "--router", "mill+edge-7"],
      'no session here shows a router "mill+edge-7" (closest: mill+edge-6)',
      "--router",
    ],
    [
      ["--dst", "10.71.30.21", "--ethertype", "arp"],
      '"arp" is not IP, and only IP has a way from address to address: ask dfwlint query about one filter',
      "--ethertype",
    ],
    [
      ["--dst", "10.71.30.21", "--protocol", "icmp", "--port", "80"],
      "ports exist in tcp, udp and sctp only, not in icmp",
      "--port",
    ],
  ])("%j", async (args, message, option) => {
    const prefix = option === "" ? "" : `${option}: `;
    expect(await run(["path", "--no-config", ...files, ...args], MILL)).toEqual({
      stdout: "",
      stderr: `dfwlint: ${prefix}${message}\n`,
      code: 2,
    });
  });

  it("a set that holds other addresses in another filter, unless the machine is said", async () => {
    const log = (
      host: string,
      address: string,
    ): string => `[root@${host}:~] vsipioctl getrules -f nic-1-eth0-vmware-sfw.2
ruleset domain-c1 {
  rule 1 at 1 inout protocol any from addrset office to any accept;
}
[root@${host}:~] vsipioctl getaddrsets -f nic-1-eth0-vmware-sfw.2
addrset office {
ip ${address},
}
[root@${host}:~] `;
    const cwd = temporaryFolder({ "a.log": log("a", "10.1.1.1"), "b.log": log("b", "10.1.1.2") });
    expect(await run(["path", "a.log", "b.log", "--src", "office", "--dst", "10.9.9.9"], cwd)).toEqual({
      stdout: "",
      stderr: 'dfwlint: --src: "office" holds other addresses in one filter than in another: say addresses\n',
      code: 2,
    });
    const one = await json(cwd, "a.log", "--src", "office", "--dst", "10.9.9.9");
    expect(one.pieces[0]!.witness.src).toBe("10.1.1.1");
  });

  it("no session at all", async () => {
    expect(await run(["path", "-", "--src", "10.1.1.1"], MILL, "nothing\n")).toEqual({
      stdout: "",
      stderr:
        "dfwlint: no machine, rules or router in (standard input): expected terminal logs of hosts with, for example, summarize-dvfilter, vsipioctl getrules and net-vdr\n",
      code: 2,
    });
  });
});

it("a folder of sessions is asked as a whole", async () => {
  const args = [
    "--src-vm",
    "loom-web-01",
    "--src",
    "10.71.20.11",
    "--dst-vm",
    "loom-db-01",
    "--dst",
    "10.71.30.21",
  ];
  const files = ["esx-01.log", "esx-02.log"].map((name) => [
    `mill/${name}`,
    readFileSync(`${MILL}/${name}`, "utf8"),
  ]);
  const cwd = temporaryFolder({});
  mkdirSync(`${cwd}/mill`);
  for (const [name, text] of files) writeFileSync(`${cwd}/${name}`, text!);
  const { pieces } = await json(cwd, "mill", ...args, "--port", "5432");
  expect(pieces.map(({ delivered }) => delivered)).toEqual(["yes"]);
  // Both hosts have a filter of this name: each has its own rules.
  const [source, , destination] = pieces[0]!.steps as [FilterStep, unknown, FilterStep];
  expect([source.place!.filter, destination.place!.filter]).toEqual(
    Array(2).fill("nic-8101-eth0-vmware-sfw.2"),
  );
  expect([source.rule!.file, destination.rule!.file]).toEqual(["mill/esx-01.log", "mill/esx-02.log"]);
});

it("two hosts in one file that have a filter of one name", async () => {
  const cwd = temporaryFolder({
    "both.log": ["esx-01.log", "esx-02.log"].map((name) => readFileSync(`${MILL}/${name}`, "utf8")).join(""),
  });
  const args = ["--src-vm", "loom-web-01", "--src", "10.71.20.11", "--dst", "10.71.30.21", "--port", "5432"];
  const { pieces } = await json(cwd, "both.log", ...args, "--dst-vm", "loom-db-01");
  const [source, , destination] = pieces[0]!.steps as [FilterStep, unknown, FilterStep];
  expect([source.place!.filter, destination.place!.filter]).toEqual([
    "nic-8101-eth0-vmware-sfw.2@mill-esx-01",
    "nic-8101-eth0-vmware-sfw.2@mill-esx-02",
  ]);
  // Each has its own rules: the second host's stand behind the first's.
  expect(source.rule!.line).toBeLessThan(destination.rule!.line);
  expect(pieces.map(({ delivered }) => delivered)).toEqual(["yes"]);
});
