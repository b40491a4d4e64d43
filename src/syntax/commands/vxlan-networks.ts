import { SHAPES } from "../columns.ts";
import { QUOTED, unquoted } from "../quoted.ts";
import type { Reader } from "./reading.ts";
import { readTable } from "./table.ts";

/** `esxcli network vswitch dvs vmware vxlan network list --vds-name=NAME`: the segments of a switch. */
export const vxlanNetworks: Reader = {
  command: /\besxcli\s.*\bvxlan\s+network\s+list\b/,
  begins: /^VXLAN ID\s+Multicast IP\b/,
  read({ command, lines }) {
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
    return { reading: { type: "vxlan-networks", switchName: switchOf(command), rows }, unread };
  },
};

const OPTION = new RegExp(`\\s--vds-name(?:=|\\s+)(${QUOTED})|\\s('--vds-name=[^']*'(?:\\\\''[^']*'){0,99})`);

/** The switch that the command names, in quotes or not, also where the option stands in the same quotes. */
function switchOf(command: string): string | null {
  const [, name, whole] = OPTION.exec(command) ?? [];
  if (name !== undefined) return unquoted(name);
  if (whole !== undefined) return unquoted(whole).slice("--vds-name=".length);
  const [, quoted, plain] = /--vds-name(?:=|\s+)(?:["']([^"']+)["']|([^\s"'|;&]+))/.exec(command) ?? [];
  return quoted ?? plain ?? null;
}
