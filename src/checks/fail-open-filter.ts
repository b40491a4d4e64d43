import { isFirewall } from "../model/host.ts";
import type { Check } from "./check.ts";
import { allVnics } from "./vnics.ts";

export const failOpenFilter: Check = {
  id: "fail-open-filter",
  scope: "host",
  severity: "warning",
  label: "lets all pass if it fails",
  summary:
    "A session shows a filter of the distributed firewall whose failure policy is failOpen. Filters of other agents, such " +
    "as the host's own firewall, are left out.",
  why: "If the filter fails or runs out of memory, every packet passes the vNIC, and nobody notices.",
  help: "The distributed firewall fails closed unless somebody changed it. Set the policy back, or move the machine to a host where it is.",
  example: `[root@esx-11:~] summarize-dvfilter
Filters:
world 2101 vmm0:till-01 vcUuid:'50 0a 11 22 33 44 55 66-77 88 99 aa bb cc dd ee'
 port 67108881 till-01.eth0
  vNic slot 2
   name: nic-2101-eth0-vmware-sfw.2
   agentName: vmware-sfw
   state: IOChain Attached
   failurePolicy: failOpen
[root@esx-11:~] vsipioctl getrules -f nic-2101-eth0-vmware-sfw.2
ruleset domain-c7 {
  rule 1001 at 1 inout protocol any from any to any drop with log;
}
[root@esx-11:~]`,
  *find(context) {
    for (const { host, machine, vnic } of allVnics(context)) {
      for (const filter of vnic.filters) {
        if (!isFirewall(filter) || filter.failurePolicy === null || !/^failopen$/i.test(filter.failurePolicy))
          continue;
        yield {
          message: `the firewall filter of vNIC ${vnic.name} of ${machine.name ?? "a machine"} fails open: if it fails, every packet passes`,
          at: filter.source,
          subject: vnic.name,
          data: { host: host.name, machine: machine.name, vnic: vnic.name, filter: filter.name },
        };
      }
    }
  },
};
