import type { HostFacts } from "../../src/engine/host.ts";
import { readSession } from "../../src/syntax/commands/index.ts";
import { parseDump } from "../../src/syntax/parse.ts";

/** Words that only say what stands beside or under them. */
const LABELS = new Set(
  `Offload parameters for settings NIC Value Interface Port Group/DVPort/Opaque Network IP Family Address Netmask Broadcast MAC
  MTU TSO MSS Enabled Type NetStack Switch Name Num Ports Used Configured Uplinks PortGroup VLAN ID DVS DVPort In Use Client
  VDS Segment Gateway Count Vmknic VXLAN Multicast Control Plane Controller Connection Entry ARP VDR Instance Information :
  Vdr Name: Id: Ip Mask Number of Lifs: Routes: State: IP: Active: unique nexthops: Generation Number: Edge LIF Mode: Connected
  Dvs: Plane: Flags: DHCP Relay: Route Table Legend: Destination GenMask Flags Ref Origin UpTime Fastpaths: Slowpaths: Filters:
  agent: refCount: rev: apiRev: module: world <no world> port vNic slot dvPort name: agentName: state: vmState: failurePolicy:
  slowPathID: filter source: Packet Capture and Trace command usage: == Filter VM UUID VNIC Index Service Profile Hash
  evals in out pkts bytes rule Network Mac Expiry SrcPort Refcnt`.split(/\s+/),
);

/** Words of outputs that are read here and that neither the host's facts hold nor a label is. */
export function lostWords(text: string, hosts: readonly HostFacts[]): string[] {
  const held = JSON.stringify(hosts);
  return readSession(parseDump("session.log", text)).flatMap(({ output, kind }) =>
    kind !== "read" || output.prompt === null
      ? []
      : output.lines.flatMap((line) =>
          (line.text.match(/[^\s,()[\]'.:]+/g) ?? []).filter(
            (word) =>
              !LABELS.has(word) &&
              !LABELS.has(`${word}:`) &&
              !/^-+$/.test(word) &&
              !held.includes(JSON.stringify(word).slice(1, -1)) &&
              !held.includes(word.replace(/^vmm0|^vcUuid/, "")),
          ),
        ),
  );
}
