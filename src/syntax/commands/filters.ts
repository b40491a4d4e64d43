import { readGroups, type Reader } from "./reading.ts";

/** `vsipioctl getfilters`: the firewall's filters, each with the UUID of its machine. */
export const filters: Reader = {
  command: /\bvsipioctl\s+getfilters\b/,
  begins: /^Filter Name\s*:/,
  read({ lines }) {
    const { groups, unread } = readGroups(lines, ["Filter Name"], /^-+\s*$/);
    return { reading: { type: "filters", groups }, unread };
  },
};
