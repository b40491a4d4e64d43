import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { describeHosts, type HostFacts } from "../../src/engine/host.ts";
import { hostTables } from "../../src/report/host-tables.ts";
import { lostWords } from "./words.ts";

/** The seed's page is the only input: the host view has to hold every fact that it prints. */

const TEXT = readFileSync(new URL("../../rules-fixtures/seed/session.md", import.meta.url), "utf8");
const { hosts } = describeHosts([{ file: "session.md", text: TEXT }]);
const [host] = hosts as [HostFacts];

/** Values without the places where they stand, in the order of their names. */
function row(value: object, ...names: string[]): unknown[] {
  return names.map((name) => (value as Record<string, unknown>)[name]);
}

it("is one host", () => {
  expect(hosts.map(({ name }) => name)).toEqual(["ESXi-04"]);
});

describe("facts", () => {
  it("AW1 with its one vNIC and its one firewall filter of 16 rules and 4 sets", () => {
    expect(host.machines.map((machine) => row(machine, "name", "world", "uuid"))).toEqual([
      ["AW1", "36445", "50 19 37 10 7d 3b 25 9f-40 6f a4 bc 7e 0d af b8"],
    ]);
    expect(
      host.machines[0]!.vnics.map((vnic) => row(vnic, "name", "port", "switchPort", "firewall", "whole")),
    ).toEqual([
      [
        "AW1.eth0",
        "50331654",
        { switch: "vDS-C-Transport", port: "16" },
        "nic-36445-eth0-vmware-sfw.2",
        true,
      ],
    ]);
    expect(
      host.filters.map((filter) =>
        row(
          filter,
          "name",
          "machine",
          "vnic",
          "slot",
          "state",
          "failurePolicy",
          "rules",
          "addrsets",
          "sameAs",
        ),
      ),
    ).toEqual([
      ["nic-36445-eth0-vmware-sfw.2", "AW1", "AW1.eth0", 2, "IOChain Attached", "failClosed", 16, 4, null],
    ]);
    expect(host.filters[0]!.rulesets.map((set) => row(set, "name", "rules", "generation"))).toEqual([
      ["domain-c28", 15, null],
      ["domain-c28_L2", 1, null],
    ]);
    expect(host.filterList).toBe("whole");
  });

  it("all filters in their slots", () => {
    const slots = [...host.ports, ...host.machines[0]!.vnics].flatMap(({ name, filters }) =>
      filters.map((filter) => [
        name,
        ...row(
          filter,
          "place",
          "slot",
          "name",
          "agent",
          "state",
          "vmState",
          "failurePolicy",
          "slowPathId",
          "origin",
        ),
      ]),
    );
    const attached = ["IOChain Attached", "Detached"];
    const own = [
      "vNic",
      0,
      "nic-0-eth4294967295-ESXi-Firewall.0",
      "ESXi-Firewall",
      ...attached,
      "failOpen",
      "none",
      "Invalid",
    ];
    const generic = (port: number): unknown[] => [
      "dvPort",
      0,
      `${port}-sw10 8d 19 50 cc bb 47 a6-5d a5 40 54 96 7e 94 18.dvfilter-generic-vmware.0`,
      "dvfilter-generic-vmware",
      ...attached,
      "failClosed",
      "none",
      "Invalid",
    ];
    expect(slots).toEqual([
      ["vmk0", ...own],
      ["vmk1", ...own],
      ["vmk2", ...generic(8)],
      ["vmk2", ...own],
      [
        "AW1.eth0",
        "vNic",
        2,
        "nic-36445-eth0-vmware-sfw.2",
        "vmware-sfw",
        ...attached,
        "failClosed",
        "none",
        "Dynamic Filter Creation",
      ],
      ["AW1.eth0", ...generic(16)],
      [
        "AW1.eth0",
        "vNic",
        1,
        "nic-36445-eth0-dvfilter-generic-vmware-swsec.1",
        "dvfilter-generic-vmware-swsec",
        ...attached,
        "failClosed",
        "none",
        "Alternate Opaque Channel",
      ],
    ]);
    expect(host.ports.map((port) => row(port, "id", "name"))).toEqual([
      ["33554436", "vmk0"],
      ["33554437", "vmk1"],
      ["50331652", "vmk2"],
    ]);
    expect(host.agents.map((agent) => row(agent, "path", "name", "references", "module"))).toEqual([
      ["fast", "dvfilter-faulter", 1, "dvfilter"],
      ["fast", "ESXi-Firewall", 4, "esxfw"],
      ["fast", "dvfilter-generic-vmware", 3, "dvfilter-generic-fastpath"],
      ["fast", "dvfilter-generic-vmware-swsec", 2, "dvfilter-switch-security"],
      ["fast", "bridgelearningfilter", 1, "vdrb"],
      ["fast", "dvfg-igmp", 1, "dvfg-igmp"],
      ["fast", "vmware-sfw", 2, "vsip"],
    ]);
    for (const { more } of host.agents) {
      expect(more).toEqual([
        { name: "rev", value: "0x1010000" },
        { name: "apiRev", value: "0x1010000" },
      ]);
    }
  });

  it("vmkernel addresses", () => {
    const names = [
      "name",
      "network",
      "family",
      "address",
      "netmask",
      "broadcast",
      "mac",
      "mtu",
      "tsoMss",
      "enabled",
      "type",
      "stack",
    ];
    expect(host.vmkernel.map((vmk) => row(vmk, ...names))).toEqual([
      [
        "vmk0",
        "Management Network",
        "IPv4",
        "172.18.128.14",
        "255.255.192.0",
        "172.18.191.255",
        "c4:34:6b:b8:fd:40",
        1500,
        65535,
        "true",
        "STATIC",
        "defaultTcpipStack",
      ],
      [
        "vmk1",
        "ISCSI",
        "IPv4",
        "172.18.0.114",
        "255.255.255.0",
        "172.18.0.255",
        "00:50:56:6b:b7:14",
        1500,
        65535,
        "true",
        "STATIC",
        "defaultTcpipStack",
      ],
      [
        "vmk2",
        "8",
        "IPv4",
        "172.18.192.21",
        "255.255.192.0",
        "172.18.255.255",
        "00:50:56:65:d0:7f",
        1600,
        65535,
        "true",
        "STATIC",
        "vxlan",
      ],
    ]);
  });

  it("switches, port groups and ports", () => {
    const names = ["kind", "name", "ports", "usedPorts", "configuredPorts", "mtu", "uplinks"];
    expect(host.switches.map((found) => row(found, ...names))).toEqual([
      ["standard", "vSwitch0", 8192, 5, 128, 1500, ["vmnic0"]],
      ["distributed", "vDS-C-Transport", 8192, 6, 512, 1600, ["vmnic1"]],
      ["distributed", "dvSwitch", 8192, 3, 512, 1500, ["vmnic2"]],
      ["distributed", "DSwitch", 8192, 3, 512, 1500, ["vmnic10"]],
    ]);
    expect(
      host.switches[0]!.portGroups.map((group) => row(group, "name", "vlan", "usedPorts", "uplinks")),
    ).toEqual([
      ["MGMT", 50, 0, ["vmnic0"]],
      ["ISCSI", 0, 1, ["vmnic0"]],
      ["Management Network", 50, 1, ["vmnic0"]],
    ]);
    const ports = host.switches.flatMap(({ name, switchPorts }) =>
      switchPorts.map(({ id, inUse, client }) => `${name} ${id} ${inUse} ${client}`),
    );
    const free = [5, 24, 8056, 8072, 40, 19, 56, 41].map((id) => `vDS-C-Transport ${id} 0 null`);
    expect(ports).toEqual([
      "vDS-C-Transport 4 1 vmnic1",
      free[0],
      "vDS-C-Transport 8 1 vmk2",
      ...free.slice(1),
      "vDS-C-Transport 16 1 AW1.eth0",
      ...[42, 26, 49].map((id) => `vDS-C-Transport ${id} 0 null`),
      "dvSwitch 1 1 vmnic2",
      "DSwitch 12 1 vmnic10",
      ...[13, 14, 15].map((id) => `DSwitch ${id} 0 null`),
    ]);
  });

  it("VXLANs", () => {
    const names = ["id", "name", "mtu", "segmentId", "gateway", "gatewayMac", "networks", "vmknics"];
    expect(host.tunnelSwitches.map((found) => row(found, ...names))).toEqual([
      [
        "10 8d 19 50 cc bb 47 a6-5d a5 40 54 96 7e 94 18",
        "vDS-C-Transport",
        1600,
        "172.18.192.0",
        "172.18.192.1",
        "cc:3e:5f:3c:03:ae",
        12,
        1,
      ],
    ]);
    const live = ["N/A (headend replication)", "Enabled (multicast proxy,ARP proxy)"];
    const dead = (id: number): unknown[] => [
      id,
      "vDS-C-Transport",
      "0.0.0.0",
      "Disabled",
      "0.0.0.0 (down)",
      1,
      0,
      0,
    ];
    expect(
      host.segments.map((found) =>
        row(
          found,
          "id",
          "switch",
          "multicast",
          "controlPlane",
          "controller",
          "ports",
          "macEntries",
          "arpEntries",
        ),
      ),
    ).toEqual([
      [5000, "vDS-C-Transport", ...live, "172.18.128.22 (up)", 2, 2, 0],
      dead(5001),
      dead(5002),
      [5003, "vDS-C-Transport", ...live, "172.18.128.21 (up)", 1, 3, 0],
      ...[5006, 5004, 5005, 5007, 5008, 5010, 5011, 5009].map(dead),
    ]);
  });

  it("routers with interfaces and routes", () => {
    const names = [
      "name",
      "id",
      "state",
      "interfaceCount",
      "routeCount",
      "controller",
      "controlPlane",
      "controlPlaneActive",
      "nextHops",
      "generation",
      "edgeActive",
    ];
    const router = (name: string, id: string, controller: string, hops: number): unknown[] => [
      name,
      id,
      "Enabled",
      4,
      14,
      controller,
      "172.18.128.14",
      "Yes",
      hops,
      0,
      "No",
    ];
    expect(host.routers.map((found) => row(found, ...names))).toEqual([
      router("ClientB+edge-4", "0x00001389", "172.18.128.22", 1),
      router("ClientA+edge-8", "0x00001388", "172.18.128.22", 2),
      router("ClientC+edge-10", "0x0000138a", "172.18.128.21", 1),
    ]);
    const [, client] = host.routers;
    const inner = ["vDS-C-Transport", "Enabled", "0.0.0.1", "Enabled"];
    expect(
      client!.interfaces.map((found) =>
        row(
          found,
          "name",
          "mode",
          "id",
          "address",
          "netmask",
          "switch",
          "controlPlane",
          "multicast",
          "state",
          "flags",
          "dhcpRelay",
        ),
      ),
    ).toEqual([
      [
        "138800000002",
        "Routing, Distributed, Uplink",
        "Vxlan:5003",
        "10.10.1.5",
        "255.255.255.0",
        ...inner,
        "0x2308",
        "Not enabled",
      ],
      [
        "13880000000c",
        "Routing, Distributed, Internal",
        "Vxlan:5002",
        "10.10.30.1",
        "255.255.255.0",
        ...inner,
        "0x2288",
        "Not enabled",
      ],
      [
        "13880000000b",
        "Routing, Distributed, Internal",
        "Vxlan:5001",
        "10.10.20.1",
        "255.255.255.0",
        ...inner,
        "0x2288",
        "Not enabled",
      ],
      [
        "13880000000a",
        "Routing, Distributed, Internal",
        "Vxlan:5000",
        "10.10.10.1",
        "255.255.255.0",
        ...inner,
        "0x2288",
        "Not enabled",
      ],
    ]);
    const far = (network: string): unknown[] => [
      network,
      "255.255.255.0",
      "10.10.1.2",
      "UG",
      1,
      "AUTO",
      29536,
      "138800000002",
    ];
    const near = (network: string, by: string): unknown[] => [
      network,
      "255.255.255.0",
      "0.0.0.0",
      "UCI",
      1,
      "MANUAL",
      29536,
      by,
    ];
    expect(
      client!.routes.map((found) =>
        row(
          found,
          "destination",
          "netmask",
          "gateway",
          "flags",
          "references",
          "origin",
          "upTime",
          "interface",
        ),
      ),
    ).toEqual([
      ["0.0.0.0", "0.0.0.0", "10.10.1.3", "UG", 4, "AUTO", 29536, "138800000002"],
      far("10.1.0.0"),
      near("10.10.1.0", "138800000002"),
      near("10.10.10.0", "13880000000a"),
      near("10.10.20.0", "13880000000b"),
      near("10.10.30.0", "13880000000c"),
      ...[
        "10.20.1.0",
        "10.20.10.0",
        "10.20.20.0",
        "10.20.30.0",
        "10.30.1.0",
        "10.30.10.0",
        "10.30.20.0",
        "10.30.30.0",
      ].map(far),
    ]);
    expect(client!.legend.map(({ name, value }) => `${name} ${value}`)).toEqual([
      "U Up",
      "G Gateway",
      "C Connected",
      "I Interface",
      "H Host",
      "F Soft Flush",
      "! Reject",
      "E ECMP",
    ]);
  });

  it("offload, and what could not be asked", () => {
    expect(host.nics.map((nic) => row(nic, "name", "tso", "notes"))).toEqual([
      [
        "vmnic1",
        "on",
        [
          "Cannot get device udp large send offload settings: Function not implemented",
          "Cannot get device generic segmentation offload settings: Function not implemented",
        ],
      ],
    ]);
    expect(host.nics[0]!.offload.map(({ name, value }) => `${name} ${value}`)).toEqual([
      "rx-checksumming on",
      "tx-checksumming on",
      "scatter-gather on",
      "tcp segmentation offload on",
      "udp fragmentation offload off",
      "generic segmentation offload off",
    ]);
  });

  it("the capture, and the options of pktcap-uw", () => {
    expect(host.captures.map((capture) => row(capture, "point", "filter", "file"))).toEqual([
      ["PreDVFilter", "nic-36445-eth0-vmware-sfw.2", "aw2_pre.pcap"],
    ]);
    const options = host.captureHelp!.sections.flatMap((section) => section.options);
    expect(options).toHaveLength(32);
    expect(options).toContainEqual({ option: "--srcip <x.x.x.x[/<range>]>", text: "The source IP address." });
    expect(options).toContainEqual({ option: "--vxlan <vxlan id>", text: "The vxlan id of flow." });
    expect(host.captureHelp!.usages.map(({ title, lines }) => [title, lines.length])).toEqual([
      ["Create session to capture packets", 10],
      ["Create session to trace packets path", 5],
    ]);
  });

  it("every command, each of them read, and no line left over", () => {
    expect(host.commands.map(({ command, kind, location }) => `${location.line} ${kind} ${command}`))
      .toMatchInlineSnapshot(`
     [
       "70 read ethtool -k vmnic1",
       "88 read esxcli network nic tso get -n vmnic1",
       "100 read esxcfg-vmknic -l",
       "119 read esxcfg-vswitch -l",
       "179 read esxcli network vswitch dvs vmware vxlan list",
       "183 read esxcli network vswitch dvs vmware vxlan network list --vds-name=vDS-C-Transport",
       "219 read net-vdr --instance -l",
       "270 read net-vdr --lif -l ClientA+edge-8",
       "326 read net-vdr -R -l ClientA+edge-8",
       "356 read summarize-dvfilter",
       "439 dump vsipioctl getaddrsets -f nic-36445-eth0-vmware-sfw.2",
       "479 dump vsipioctl getrules -f nic-36445-eth0-vmware-sfw.2",
       "525 read pktcap-uw -h",
       "642 read pktcap-uw --capture PreDVFilter --dvfilter nic-36445-eth0-vmware-sfw.2 -o aw2_pre.pcap",
     ]
    `);
    expect(host.unread).toEqual([]);
  });
});

it("no word of any output is lost", () => {
  expect(lostWords(TEXT, hosts)).toEqual([]);
});

it("the tables for people show all but the options of pktcap-uw", () => {
  expect(hostTables(host).map(({ title, rows }) => `${title}: ${rows.length}`)).toEqual([
    "virtual machines: 1",
    "firewall filters: 2",
    "filters by slot: 7",
    "filter agents: 7",
    "vmkernel addresses: 3",
    "switches: 4",
    "port groups: 3",
    "switch ports: 7",
    "switches with VXLANs: 1",
    "segments: 12",
    "routers: 3",
    "interfaces of ClientA+edge-8: 4",
    "routes of ClientA+edge-8: 14",
    "offload of network cards: 9",
    "packet captures: 1",
  ]);
});
