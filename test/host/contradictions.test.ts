import { expect, it } from "@jest/globals";
import { describeHosts } from "../../src/engine/host.ts";
import { run } from "../support/run.ts";

const SESSION = `[root@esx-05:~] summarize-dvfilter
Filters:
world 7001 vmm0:web-01 vcUuid:'50 1e 01'
 port 50331654 web-01.eth0
  vNic slot 2
   name: nic-7001-eth0-vmware-sfw.2
   agentName: vmware-sfw
   state: IOChain Attached
   failurePolicy: failClosed
[root@esx-05:~] vsipioctl getfilters

Filter Name              : nic-7001-eth0-vmware-sfw.2
VM UUID                  : 50 1e 02
VNIC Index               : 1
Service Profile          : --NOT SET--
Filter Hash              : 4101

[root@esx-05:~]
`;

it("two commands that do not say the same of whose a filter is are both told", async () => {
  const [host] = describeHosts([{ file: "session.log", text: SESSION }]).hosts;
  expect(host!.filters).toMatchObject([
    {
      machine: "web-01",
      vnic: "web-01.eth0",
      more: [
        { name: "VM UUID", value: "50 1e 02" },
        { name: "VNIC Index", value: "1" },
      ],
    },
  ]);
  const { stdout } = await run(["host", "--no-config", "-"], ".", SESSION);
  expect(stdout).toContain("50 1e 02");
  const agreed = SESSION.replace("50 1e 02", "50 1e 01").replace("Index               : 1", "Index : 0");
  expect(describeHosts([{ file: "session.log", text: agreed }]).hosts[0]!.filters[0]!.more).toEqual([]);
});
