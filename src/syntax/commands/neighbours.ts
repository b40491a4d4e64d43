import { SHAPES } from "../columns.ts";
import { readLegend } from "./legend.ts";
import type { Reader } from "./reading.ts";
import { argumentOf, titled } from "./router-name.ts";
import { readTable } from "./table.ts";

const TITLE = /^VDR (\S.*?) ARP Information\s*:?\s*$/;

/** `net-vdr --nbr -l NAME`: the addresses that a distributed router has seen, with the ports at which it saw them. */
export const neighbours: Reader = {
  command: /\bnet-vdr\s+(?:.*\s)?--nbr\b|\bshow\s+logical-router\s+host\s+\S+\s+dlr\s+\S+\s+arp\b/,
  begins: TITLE,
  read({ command, lines }) {
    const router = titled(lines, TITLE) ?? argumentOf(command);
    const { legend, others, mixed } = readLegend(lines.filter(({ text }) => !TITLE.test(text)));
    const { rows, unread } = readTable(others, [
      { title: "Network", shape: SHAPES.address },
      { title: "Mac", shape: SHAPES.mac },
      { title: "Flags", shape: /^[A-Z]+$/ },
      { title: "Expiry", shape: /^(?:permanent|\d+)$/ },
      { title: "SrcPort", shape: SHAPES.number },
      // NSX-V prints the interface before the count, NSX-T behind it.
      { title: "Refcnt", shape: SHAPES.number },
      { title: "Interface", shape: /^\S+$/ },
    ]);
    return { reading: { type: "neighbours", router, legend, rows }, unread: [...mixed, ...unread] };
  },
};
