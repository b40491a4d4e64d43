import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { run } from "../support/run.ts";

/** Worlds are numbered anew on every host, so two hosts may have filters of one name. */
const NAME = "nic-7001-eth0-vmware-sfw.2";

function session(host: string, machine: string, action: string, rules: string): string {
  return `[root@${host}:~] summarize-dvfilter
Filters:
world 7001 vmm0:${machine} vcUuid:'50 1e 01'
 port 50331654 ${machine}.eth0
  vNic slot 2
   name: ${NAME}
   agentName: vmware-sfw
   state: IOChain Attached
   failurePolicy: failClosed
[root@${host}:~] vsipioctl getrules -f ${NAME}
ruleset domain-c7 {
${rules}  rule 1 at 9 inout protocol any from any to any ${action};
}
[root@${host}:~] vsipioctl getaddrsets -f ${NAME}
addrset web {
ip 10.1.1.10,
}
[root@${host}:~]
`;
}

describe("two hosts with filters of one name", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "dfwlint-test-"));
    await writeFile(join(folder, "a.log"), session("esx-a", "web-01", "drop", ""));
    await writeFile(
      join(folder, "b.log"),
      session(
        "esx-b",
        "db-01",
        "accept",
        "  rule 2 at 8 inout protocol tcp from any to addrset web port 22 drop;\n",
      ),
    );
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("each keeps its own rules, and none is taken for a newer state of the other", async () => {
    const { stdout } = await run(
      ["query", "a.log", "b.log", "--port", "443", "--format", "json", "--no-config"],
      folder,
    );
    const { filters } = JSON.parse(stdout) as { filters: { name: string; verdict: string }[] };
    expect(filters.map(({ name, verdict }) => [name, verdict])).toEqual([
      [`${NAME}@esx-a`, "drop"],
      [`${NAME}@esx-b`, "accept"],
    ]);
    const lint = await run(["a.log", "b.log", "--format", "compact", "--no-config"], folder);
    expect(lint.stdout).not.toMatch(/repeated-dump/);
    expect(lint.stdout).toMatch(/catch-all-accept.*vNIC db-01\.eth0/);
  });

  it("a machine is asked about on its own host", async () => {
    const { stdout } = await run(
      ["query", "a.log", "b.log", "--vm", "db-01", "--port", "443", "--format", "compact", "--no-config"],
      folder,
    );
    expect(stdout).toMatch(/accept by rule 1 at 9 \(b\.log:/);
    expect(stdout).not.toMatch(/a\.log/);
  });

  it("limits of a host are counted host by host", async () => {
    await writeFile(join(folder, "dfwlint.yaml"), "limits:\n  rulesPerHost: 2\n");
    const { stdout } = await run(["a.log", "b.log", "--format", "compact"], folder);
    expect(stdout).toMatch(/b\.log.*the one filter of host esx-b holds 2 rules.*\[rule-limit\]/);
    expect(stdout).not.toMatch(/a\.log.*rule-limit/);
  });

  it("what was printed at a prompt without a host's name joins the only such filter", async () => {
    await writeFile(
      join(folder, "sets.log"),
      `~ # vsipioctl getaddrsets -f ${NAME}\naddrset extra {\nip 10.1.1.11,\n}\n`,
    );
    const { stdout } = await run(["a.log", "sets.log", "--format", "json", "--no-config"], folder);
    const { filters } = JSON.parse(stdout) as { filters: { name: string; addrsets: number }[] };
    expect(filters).toEqual([{ name: NAME, rules: 1, addrsets: 2 }]);
  });
});
