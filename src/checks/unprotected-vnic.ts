import type { Host, Machine, Vnic } from "../model/host.ts";
import { isFirewall } from "../model/host.ts";
import type { Check } from "./check.ts";
import { allVnics } from "./vnics.ts";

export const unprotectedVnic: Check = {
  id: "unprotected-vnic",
  scope: "host",
  severity: "warning",
  label: "no firewall here",
  summary:
    "A session shows a vNIC of a virtual machine without a filter of the distributed firewall, or with one that is not " +
    "attached. Silent where the list of filters was cut off, filtered by another command or not printed.",
  why: "Without an attached filter no rule is enforced at the vNIC, whatever the manager shows: every packet passes.",
  help:
    "See in the manager whether the machine is in the exclusion list, and why: managers, controllers and edges are, others " +
    "rarely should be. Else look at the cluster's firewall status, and reconnect the vNIC.",
  example: `[root@esx-11:~] summarize-dvfilter
Filters:
world 2101 vmm0:till-01 vcUuid:'50 0a 11 22 33 44 55 66-77 88 99 aa bb cc dd ee'
 port 67108881 till-01.eth0
  vNic slot 1
   name: nic-2101-eth0-dvfilter-generic-vmware-swsec.1
   agentName: dvfilter-generic-vmware-swsec
   state: IOChain Attached
   failurePolicy: failClosed
world 2102 vmm0:till-02 vcUuid:'50 0a 11 22 33 44 55 66-77 88 99 aa bb cc dd ef'
 port 67108882 till-02.eth0
  vNic slot 2
   name: nic-2102-eth0-vmware-sfw.2
   agentName: vmware-sfw
[root@esx-11:~] vsipioctl getrules -f nic-2102-eth0-vmware-sfw.2
ruleset domain-c7 {
  rule 1001 at 1 inout protocol any from any to any drop with log;
}
[root@esx-11:~]`,
  *find(context) {
    for (const { host, machine, vnic } of allVnics(context)) {
      const message = problemOf(host, machine, vnic);
      if (message === null) continue;
      yield {
        message,
        at: vnic.source,
        subject: vnic.name,
        data: { host: host.name, machine: machine.name, vnic: vnic.name },
      };
    }
  },
};

function problemOf(
  host: Host,
  machine: Machine,
  { name, filters, firewall, whole, port }: Vnic,
): string | null {
  const firewalls = filters.filter(isFirewall);
  const loose = firewalls.find(({ state }) => state !== null && !/\battached$/i.test(state));
  const of = `vNIC ${name} of ${machine.name ?? "a machine"}`;
  if (loose !== undefined)
    return `the firewall filter of ${of} is not attached: its state is "${loose.state}"`;
  if (firewalls.length > 0 || firewall !== null || !whole) return null;
  // A machine that only a switch shows has no filter if the list of filters is whole.
  if (port === null && host.filterList !== "whole") return null;
  return `${of} has no filter of the distributed firewall`;
}
