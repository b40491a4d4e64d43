import { SHAPES } from "../columns.ts";
import type { Reader } from "./reading.ts";
import { readTable } from "./table.ts";

/** `esxcfg-vmknic -l`: the host's own addresses. */
export const vmknic: Reader = {
  command: /\besxcfg-vmknic\s+(?:.*\s)?(?:-l|--list)\b/,
  begins: /^Interface\s+Port Group\/DVPort/,
  read({ lines }) {
    const { rows, unread } = readTable(lines, [
      { title: "Interface", shape: /^\S+$/ },
      { title: "Port Group/DVPort/Opaque Network" },
      { title: "Port Group/DVPort" },
      { title: "IP Family", shape: /^IPv[46]$/ },
      { title: "IP Address", shape: SHAPES.address },
      { title: "Netmask", shape: /^(?:\d+\.\d+\.\d+\.\d+|\/?\d+|N\/A)$/ },
      { title: "Broadcast", shape: SHAPES.address },
      { title: "MAC Address", shape: SHAPES.mac },
      { title: "MTU", shape: SHAPES.number },
      { title: "TSO MSS", shape: SHAPES.number },
      { title: "Enabled", shape: SHAPES.boolean },
      { title: "Type", shape: /^[A-Z][A-Za-z0-9_, ]*$/ },
      { title: "NetStack", shape: /^\S+$/ },
    ]);
    return { reading: { type: "vmknic", rows }, unread };
  },
};
