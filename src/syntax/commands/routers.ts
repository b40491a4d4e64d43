import { readGroups, type Reader } from "./reading.ts";

/** `net-vdr --instance -l`: the distributed routers of the host. */
export const routers: Reader = {
  command:
    /\bnet-vdr\s+(?:.*\s)?(?:--instance|-I)\b|\bshow\s+logical-router\s+host\s+\S+\s+dlr\s+\S+\s+(?:verbose|brief)\b/,
  begins: /^VDR Instance Information\b/,
  read({ lines }) {
    const { groups, unread } = readGroups(lines, ["Vdr Name"], /^VDR Instance Information\s*:?\s*$|^-+\s*$/);
    return { reading: { type: "routers", groups }, unread };
  },
};
