import { SHAPES } from "../columns.ts";
import type { Line } from "../session.ts";
import type { Field, Reader } from "./reading.ts";
import { argumentOf, titled } from "./router-name.ts";
import { readTable } from "./table.ts";

const ENTRY = /\[([^:[\]]+):\s*([^[\]]*)\]/g;
const TITLE = /^VDR (\S.*?) Route Table\s*$/;

/** `net-vdr -R -l NAME`: the routes of a distributed router. */
export const routes: Reader = {
  command: /\bnet-vdr\s+(?:.*\s)?(?:-R|--route)\b|\bshow\s+logical-router\s+host\s+\S+\s+dlr\s+\S+\s+route\b/,
  begins: TITLE,
  read({ command, lines }) {
    const router = titled(lines, TITLE) ?? argumentOf(command);
    const legend: Field[] = [];
    const table: Line[] = [];
    const mixed: Line[] = [];
    for (const line of lines) {
      if (TITLE.test(line.text)) continue;
      if (line.text.startsWith("Legend:")) {
        const others = line.text.slice("Legend:".length).replaceAll(ENTRY, "");
        if (others.replaceAll(/[\s,]/g, "") !== "") mixed.push(line);
        for (const [, key, value] of line.text.matchAll(ENTRY))
          legend.push({ key: key!, value: value!, line });
      } else table.push(line);
    }
    const { rows, unread } = readTable(table, [
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
