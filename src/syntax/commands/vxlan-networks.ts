import { SHAPES } from "../columns.ts";
import type { Reader } from "./reading.ts";
import { readTable } from "./table.ts";

/** `esxcli network vswitch dvs vmware vxlan network list --vds-name=NAME`: the segments of a switch. */
export const vxlanNetworks: Reader = {
  command: /\besxcli\s.*\bvxlan\s+network\s+list\b/,
  begins: /^VXLAN ID\s+Multicast IP\b/,
  read({ command, lines }) {
    const [, quoted, plain] = /--vds-name(?:=|\s+)(?:["']([^"']+)["']|([^\s"'|;&]+))/.exec(command) ?? [];
    const { rows, unread } = readTable(lines, [
      { title: "VXLAN ID", shape: SHAPES.number },
      { title: "Multicast IP", shape: /^(?:N\/A.*|\d+\.\d+\.\d+\.\d+|-)$/ },
      { title: "Control Plane", shape: /^[A-Z][a-z]+(?: \(.*\))?$/ },
      { title: "Controller Connection", shape: /^\S+(?: \(\w+\))?$/ },
      { title: "Port Count", shape: SHAPES.number },
      { title: "MAC Entry Count", shape: SHAPES.number },
      { title: "ARP Entry Count", shape: SHAPES.number },
      { title: "VTEP Count", shape: SHAPES.number },
    ]);
    return { reading: { type: "vxlan-networks", switchName: quoted ?? plain ?? null, rows }, unread };
  },
};
