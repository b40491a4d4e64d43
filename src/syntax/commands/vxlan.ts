import { SHAPES } from "../columns.ts";
import type { Reader } from "./reading.ts";
import { readTable } from "./table.ts";

/** `esxcli network vswitch dvs vmware vxlan list`: the distributed switches that carry VXLANs. */
export const vxlan: Reader = {
  command: /\besxcli\s.*\bvxlan\s+list\b/,
  begins: /^VDS ID\s+VDS Name\s+MTU\b/,
  read({ lines }) {
    const { rows, unread } = readTable(lines, [
      { title: "VDS ID", shape: /^[0-9a-f][- 0-9a-f]*$/i },
      { title: "VDS Name" },
      { title: "MTU", shape: SHAPES.number },
      { title: "Segment ID", shape: SHAPES.address },
      { title: "Gateway IP", shape: SHAPES.address },
      { title: "Gateway MAC", shape: SHAPES.mac },
      { title: "Network Count", shape: SHAPES.number },
      { title: "Vmknic Count", shape: SHAPES.number },
    ]);
    return { reading: { type: "vxlan", rows }, unread };
  },
};
