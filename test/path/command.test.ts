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

it("a configuration that is named has to be there, one that is found is not needed beside named files", async () => {
  const cwd = temporaryFolder({
    "esx-01.log": readFileSync(`${MILL}/esx-01.log`, "utf8"),
    "dfwlint.yaml": "nonsense: 1\n",
  });
  const asked = ["path", "esx-01.log", "--src", "10.71.20.11", "--dst", "10.71.30.21"];
  expect(await run(asked, cwd)).toMatchObject({ stderr: "", code: 0 });
  expect(await run([...asked, "--config", "missing.yaml"], cwd)).toEqual({
    stdout: "",
    stderr: "dfwlint: missing.yaml: no such file\n",
    code: 2,
  });
});

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
  expect([source.place!.filter, destination.place!.filter]).toEqual([
    "nic-8101-eth0-vmware-sfw.2@mill-esx-01",
    "nic-8101-eth0-vmware-sfw.2@mill-esx-02",
  ]);
  expect([source.rule!.file, destination.rule!.file]).toEqual(["mill/esx-01.log", "mill/esx-02.log"]);
});

it("a folder's pictures are no sessions, and a session too large to read is not left out silently", async () => {
  const cwd = temporaryFolder({ "host.log": readFileSync(`${MILL}/esx-01.log`, "utf8") });
  writeFileSync(`${cwd}/rack.png`, Buffer.from([0x89, 0x50, 0, 1]));
  const args = ["--src", "10.71.20.11", "--src-vm", "loom-web-01", "--dst", "10.71.30.21", "--port", "5432"];
  expect((await json(cwd, ".", ...args)).pieces.length).toBeGreaterThan(0);
  writeFileSync(`${cwd}/large.log`, "no prompt stands in this line\n".repeat(2_300_000));
  const { code, stderr } = await run(["path", ".", ...args, "--no-config"], cwd);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^dfwlint: large\.log: .*64 MiB/),
  });
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

it("rules of a filter are not those of another host's filter of the same name", async () => {
  const host = (name: string, machine: string, rules: string): string => `[root@${name}:~] summarize-dvfilter
world 1 vmm0:${machine} vcUuid:'50 01'
 port 2 ${machine}.eth0
  vNic slot 2
   name: nic-1-eth0-vmware-sfw.2
   agentName: vmware-sfw
   state: IOChain Attached
${rules}[root@${name}:~] `;
  const rules = `[root@b:~] vsipioctl getrules -f nic-1-eth0-vmware-sfw.2
ruleset domain-c1 {
  rule 1 at 1 inout protocol any from any to any drop;
}
`;
  const cwd = temporaryFolder({ "a.log": host("a", "web", ""), "b.log": host("b", "db", rules) });
  const ask = async (...ends: string[]): Promise<PathResult["pieces"][0]> =>
    (await json(cwd, "a.log", "b.log", "--src", "10.1.1.1", "--dst", "10.1.1.2", ...ends)).pieces[0]!;
  const a = await ask("--src-vm", "web", "--dst-vm", "none");
  expect(a.steps[0]).toMatchObject({ status: "not-shown", place: { vnic: "web.eth0" } });
  expect(a.missing[0]).toContain("getrules -f nic-1-eth0-vmware-sfw.2 and");
  const b = await ask("--src-vm", "db", "--dst-vm", "none");
  expect(b.steps[0]).toMatchObject({ status: "decided", rule: { id: 1 }, place: { vnic: "db.eth0" } });
  // Asked about by the filter's name, it may be either.
  expect((await ask("--src-vm", "nic-1-eth0-vmware-sfw.2", "--dst-vm", "none")).steps[0]).toMatchObject({
    status: "several",
  });
});

it("rules without any host are the only filter there is", async () => {
  const { pieces } = await json(
    `${FIXTURES}tour`,
    "rules.txt",
    "addrsets.txt",
    "--src",
    "web",
    "--dst",
    "db",
    "--port",
    "1433",
  );
  const step = pieces[0]!.steps[0] as FilterStep;
  expect(step).toMatchObject({ status: "decided", verdict: "accept", certain: false });
  expect(pieces.every(({ verdict }) => verdict === "unknown")).toBe(true);
});

describe("layer 2", () => {
  const log = (frames: string): string => `[root@e:~] summarize-dvfilter
world 1 vmm0:a vcUuid:'50 01'
 port 2 a.eth0
  vNic slot 2
   name: nic-1-eth0-vmware-sfw.2
   agentName: vmware-sfw
   state: IOChain Attached
[root@e:~] vsipioctl getrules -f nic-1-eth0-vmware-sfw.2
ruleset domain-c1 {
  rule 1 at 1 inout protocol any from any to any accept;
}
ruleset domain-c1_L2 {
${frames}
  rule 9 at 8 inout ethertype any from any to any accept;
}
[root@e:~] vsipioctl getaddrsets -f nic-1-eth0-vmware-sfw.2
addrset bad {
mac 00:50:56:00:00:01,
}
[root@e:~] `;
  const ask = async (frames: string, ...args: string[]): Promise<FilterStep> => {
    const cwd = temporaryFolder({ "e.log": log(frames) });
    const result = await json(
      cwd,
      "e.log",
      "--src-vm",
      "a",
      "--src",
      "10.1.1.1",
      "--dst",
      "10.2.2.2",
      ...args,
    );
    return result.pieces[0]!.steps[0] as FilterStep;
  };
  const drop = "  rule 7 at 1 inout ethertype any from addrset bad to any drop;";

  it("what it drops for some MAC addresses is not certain before they are said", async () => {
    const unsaid = await ask(drop);
    expect(unsaid).toMatchObject({ verdict: "accept", certain: false, dependsOn: [{ rule: { id: 7 } }] });
    expect(unsaid.dependsOn[0]!.reason).toContain("MAC addresses");
    expect(await ask(drop, "--src-mac", "00:50:56:00:00:01")).toMatchObject({
      verdict: "drop",
      certain: true,
      rule: { id: 7 },
      specific: true,
    });
    expect(await ask(drop, "--src-mac", "00:50:56:00:00:02")).toMatchObject({
      verdict: "accept",
      certain: true,
    });
  });

  it("a frame on its way to a router has the router's MAC address, whatever the destination's is", async () => {
    const router = `net-vdr --lif -l r+edge-1

VDR r+edge-1 LIF Information :

Name:                if1
Mode:                Routing, Distributed, Internal
Ip(Mask):            10.1.1.254(255.255.255.0)

Name:                if2
Mode:                Routing, Distributed, Internal
Ip(Mask):            10.2.2.254(255.255.255.0)

[root@e:~] `;
    const to = "  rule 7 at 1 inout ethertype any from any to addrset bad drop;";
    const cwd = temporaryFolder({ "e.log": log(to) + router });
    const step = async (destination: string): Promise<FilterStep> => {
      const ends = ["--src-vm", "a", "--src", "10.1.1.1", "--dst", destination];
      const result = await json(cwd, "e.log", ...ends, "--dst-mac", "00:50:56:00:00:01");
      return result.pieces[0]!.steps[0] as FilterStep;
    };
    expect(await step("10.1.1.2")).toMatchObject({ verdict: "drop", certain: true, rule: { id: 7 } });
    expect(await step("10.2.2.2")).toMatchObject({ verdict: "accept", certain: false });
  });

  it("drops everything of one family only", async () => {
    const six = "  rule 7 at 1 inout ethertype ipv6 from any to any drop;";
    expect(await ask(six)).toMatchObject({ verdict: "accept", certain: true });
  });
});

describe("a table of routes that may lack some is not certain", () => {
  const session = readFileSync(`${MILL}/esx-01.log`, "utf8");
  const ask = async (text: string): Promise<PathResult["pieces"][0]> => {
    const cwd = temporaryFolder({ "one.log": text });
    const args = ["--src", "10.71.20.11", "--src-vm", "loom-web-01", "--dst", "10.81.1.1", "--port", "80"];
    return (await json(cwd, "one.log", ...args)).pieces[0]!;
  };
  const reject = /^10\.81\.0\.0 .*\n/m;

  it("the whole table is", async () => {
    expect(await ask(session)).toMatchObject({ verdict: "drop", certain: true, delivered: "no" });
  });

  it.each([
    ["a route is missing", session.replace(reject, ""), "1 of the routes that it counts are not shown"],
    [
      "a route cannot be read",
      session.replace(reject, (line) => line.replace("255.255.0.0", "255.0.255.0")),
      "1 of its routes could not be read",
    ],
  ])("%s", async (_, text, doubt) => {
    const { verdict, certain, steps } = await ask(text);
    // The default route takes it then.
    expect({ verdict, certain }).toEqual({ verdict: "unknown", certain: false });
    expect(steps[1]).toMatchObject({ status: "leaves", assumptions: [doubt] });
  });
});

it("colours are for terminals, and the result can be written to a file", async () => {
  const args = [
    "path",
    "--no-config",
    "quay/session.log",
    "--src",
    "10.77.8.10",
    "--dst",
    "10.77.9.20",
    "--port",
    "8443",
  ];
  const plain = await run(args, `${FIXTURES}paths`);
  const coloured = await run([...args, "--color"], `${FIXTURES}paths`);
  // oxlint-disable-next-line no-control-regex
  expect(coloured.stdout.replaceAll(/\u001b\[\d+m/g, "")).toBe(plain.stdout);
  expect(coloured.stdout).not.toBe(plain.stdout);
  const cwd = temporaryFolder({ "s.log": readFileSync(`${FIXTURES}paths/quay/session.log`, "utf8") });
  const rest = ["--src", "10.77.8.10", "--dst", "10.77.9.20", "--port", "8443", "-o", "out.txt"];
  expect(await run(["path", "s.log", ...rest], cwd)).toEqual({ stdout: "", stderr: "", code: 0 });
  expect(readFileSync(`${cwd}/out.txt`, "utf8").split("\n")[0]).toBe("accept (uncertain)");
});
