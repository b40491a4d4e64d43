import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { run } from "../support/run.ts";

const BANK = fileURLToPath(new URL("../../rules-fixtures/hosts/bank/", import.meta.url));
const SEED = fileURLToPath(new URL("../../rules-fixtures/seed/", import.meta.url));

async function json(
  args: readonly string[],
  cwd = BANK,
): Promise<{ filters: { name: string }[]; findings: Finding[] }> {
  const { stdout } = await run([...args, "--no-config", "--format", "json"], cwd);
  return JSON.parse(stdout) as { filters: { name: string }[]; findings: Finding[] };
}

interface Finding {
  readonly check: string;
  readonly vnic?: { machine: string; name: string };
}

describe("--vm and --filter", () => {
  it.each([
    [["--vm", "teller-02"], ["nic-7002-eth0-vmware-sfw.2"]],
    [["--vm", "teller-02.eth0"], ["nic-7002-eth0-vmware-sfw.2"]],
    [["--vm", "vault 03"], ["nic-7003-eth1-vmware-sfw.2"]],
    [
      ["--vm", "atm-04", "--vm", "teller-01.eth0"],
      ["nic-7001-eth0-vmware-sfw.2", "nic-7004-eth0-vmware-sfw.2"],
    ],
    [["--filter", "nic-7004-eth0-vmware-sfw.2"], ["nic-7004-eth0-vmware-sfw.2"]],
    [
      [],
      [
        "nic-7001-eth0-vmware-sfw.2",
        "nic-7002-eth0-vmware-sfw.2",
        "nic-7003-eth1-vmware-sfw.2",
        "nic-7004-eth0-vmware-sfw.2",
      ],
    ],
  ])("%j: lint, rules and query of these filters only", async (options, names) => {
    for (const command of [["lint"], ["rules"], ["query", "--port", "443"]]) {
      const { filters } = await json([...command, ...options, "session.log"]);
      expect({ command, names: filters.map(({ name }) => name) }).toEqual({ command, names });
    }
  });

  it("findings are those of the machine, and name it", async () => {
    const { findings } = await json(["lint", "--vm", "atm-04", "session.log"]);
    // It is still compared with its neighbours.
    for (const check of ["fail-open-filter", "stale-filter", "set-drift"])
      expect(findings.map((finding) => finding.check)).toContain(check);
    expect(findings.map(({ check }) => check)).not.toContain("unprotected-vnic");
    const owned = findings.filter(({ check }) => check !== "skipped-input");
    expect(owned.length).toBeGreaterThan(2);
    for (const { vnic } of owned) expect(vnic).toEqual({ machine: "atm-04", name: "atm-04.eth0" });
  });

  it("a session without rules is checked for what it shows of the host", async () => {
    const log = `[root@esx-07:~] summarize-dvfilter
Filters:
world 7001 vmm0:kiosk-01 vcUuid:'50 1e 01'
 port 50331654 kiosk-01.eth0
  vNic slot 2
   name: nic-7001-eth0-vmware-sfw.2
   agentName: vmware-sfw
   state: IOChain Attached
   failurePolicy: failOpen
[root@esx-07:~]
`;
    const { code, stdout, stderr } = await run(["-", "--no-config", "--format", "compact"], BANK, log);
    expect(stdout).toMatch(/kiosk-01\.eth0 of kiosk-01 fails open.*\[fail-open-filter\]/);
    expect(stderr).toBe("dfwlint: no rules in (standard input): only what is shown of the host is checked\n");
    expect(code).toBe(2);
    const query = await run(["query", "-", "--port", "22", "--no-config"], BANK, log);
    expect(query.code).toBe(2);
  });

  it("every report says whose a finding is", async () => {
    const args = ["lint", "--vm", "atm-04", "session.log", "--no-config", "--format"];
    const sarif = JSON.parse((await run([...args, "sarif"], BANK)).stdout) as {
      runs: { results: { ruleId: string; properties: { vnic?: unknown } }[] }[];
    };
    const exposed = sarif.runs[0]!.results.find(({ ruleId }) => ruleId === "infrastructure-exposed");
    expect(exposed!.properties.vnic).toEqual({ machine: "atm-04", name: "atm-04.eth0" });
    expect((await run([...args, "junit"], BANK)).stdout).toMatch(
      /rule 1202 at 2 lets the machine reach[^<]*\nvNIC atm-04\.eth0\n/,
    );
  });

  it("what is wrong in another filter is not asked about", async () => {
    const log = `[root@esx-07:~] vsipioctl getrules -f nic-1-eth0-vmware-sfw.2
ruleset a {
  rule 1 at 1 inout protocol any from any to any drop;
}
[root@esx-07:~] vsipioctl getrules -f nic-2-eth0-vmware-sfw.2
ruleset a {
  rule 1 at 1 inout protocol broken;
}
`;
    const checks = async (name: string): Promise<string[]> => {
      const { stdout } = await run(["--filter", name, "--no-config", "-f", "json", "-"], SEED, log);
      return (JSON.parse(stdout) as { findings: Finding[] }).findings.map(({ check }) => check);
    };
    expect(await checks("nic-1-eth0-vmware-sfw.2")).not.toContain("unparsed-input");
    expect(await checks("nic-2-eth0-vmware-sfw.2")).toContain("unparsed-input");
  });

  it.each([
    [
      ["--vm", "teller-2"],
      BANK,
      '--vm: no session here shows a machine or vNIC "teller-2" (closest: teller-02, teller-01)',
    ],
    [["--vm", "teller-01", "--vm", "kiosk-05"], BANK, '--vm: no firewall filter of "kiosk-05" is shown'],
    [["--vm", "kiosk-05"], BANK, '--vm: no firewall filter of "kiosk-05" is shown'],
    [
      ["--vm", "vault 03.eth0"],
      BANK,
      '--vm: the rules of "vault 03.eth0" are not in the input: add the output of vsipioctl getrules -f nic-7003-eth0-vmware-sfw.2',
    ],
    [["--vm", ""], BANK, "--vm is empty: leave it out for all filters"],
    [
      ["--filter", "nic-7001"],
      BANK,
      '--filter: no filter "nic-7001" in the input (closest: nic-7001-eth0-vmware-sfw.2)',
    ],
    [
      ["--vm", "AW1", "--no-config"],
      SEED,
      "--vm: no session here shows which filter is whose: add the output of summarize-dvfilter",
    ],
  ])("%j", async (options, cwd, message) => {
    const files = cwd === BANK ? ["session.log"] : ["rules.txt", "addrsets.txt"];
    expect(await run([...options, ...files], cwd)).toEqual({
      stdout: "",
      stderr: `dfwlint: ${message}\n`,
      code: 2,
    });
  });
});
