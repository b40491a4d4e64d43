import type { Reader } from "./reading.ts";
import { readTable } from "./table.ts";

/** `esxcli network nic tso get`: whether a network card cuts large TCP segments itself. */
export const tso: Reader = {
  command: /\besxcli\s.*\bnetwork\s+nic\s+tso\s+get\b/,
  begins: /^NIC\s{2,}Value\s*$/,
  read({ lines }) {
    const { rows, unread } = readTable(lines, [{ title: "NIC" }, { title: "Value", shape: /^\S+$/ }]);
    return { reading: { type: "tso", rows }, unread };
  },
};
