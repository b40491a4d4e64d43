import { SHAPES } from "../columns.ts";
import { readLegend } from "./legend.ts";
import type { Reader } from "./reading.ts";
import { argumentOf, titled } from "./router-name.ts";
import { readTable } from "./table.ts";

const TITLE = /^VDR (\S.*?) Route Table\s*$/;

/** `net-vdr -R -l NAME`: the routes of a distributed router. */
export const routes: Reader = {
  command: /\bnet-vdr\s+(?:.*\s)?(?:-R|--route)\b|\bshow\s+logical-router\s+host\s+\S+\s+dlr\s+\S+\s+route\b/,
  begins: TITLE,
  read({ command, lines }) {
    const router = titled(lines, TITLE) ?? argumentOf(command);
    const { legend, others, mixed } = readLegend(lines.filter(({ text }) => !TITLE.test(text)));
    const { rows, unread } = readTable(others, [
      { title: "Destination", shape: SHAPES.address },
      { title: "GenMask", shape: SHAPES.address },
      { title: "Gateway", shape: SHAPES.address },
      { title: "Flags", shape: /^[A-Z!]+$/ },
      { title: "Ref", shape: SHAPES.number },
      { title: "Origin", shape: /^[A-Z]+$/ },
      { title: "UpTime", shape: SHAPES.number },
      { title: "Interface", shape: /^\S+$/ },
    ]);
    return { reading: { type: "routes", router, legend, rows }, unread: [...mixed, ...unread] };
  },
};
