import { readGroups, type Reader } from "./reading.ts";
import { argumentOf, titled } from "./router-name.ts";

const TITLE = /^VDR (\S.*?) LIF Information\s*:?\s*$/;

/** `net-vdr --lif -l NAME`: the interfaces of a distributed router. */
export const routerInterfaces: Reader = {
  command:
    /\bnet-vdr\s+(?:.*\s)?(?:--lif|-L)\b|\bshow\s+logical-router\s+host\s+\S+\s+dlr\s+\S+\s+interface\b/,
  begins: TITLE,
  read({ command, lines }) {
    const router = titled(lines, TITLE) ?? argumentOf(command);
    const { groups, unread } = readGroups(lines, ["Name"], TITLE);
    return { reading: { type: "router-interfaces", router, groups }, unread };
  },
};
