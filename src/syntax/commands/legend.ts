import type { Line } from "../session.ts";
import type { Field } from "./reading.ts";

const ENTRY = /\[([^:[\]]+):\s*([^[\]]*)\]/g;

/** Lines `Legend: [U: Up], [G: Gateway]` apart from others, with those that hold something else too. */
export function readLegend(lines: readonly Line[]): { legend: Field[]; others: Line[]; mixed: Line[] } {
  const legend: Field[] = [];
  const others: Line[] = [];
  const mixed: Line[] = [];
  for (const line of lines) {
    if (!line.text.startsWith("Legend:")) {
      others.push(line);
      continue;
    }
    const rest = line.text.slice("Legend:".length).replaceAll(ENTRY, "");
    if (rest.replaceAll(/[\s,]/g, "") !== "") mixed.push(line);
    for (const [, key, value] of line.text.matchAll(ENTRY)) legend.push({ key: key!, value: value!, line });
  }
  return { legend, others, mixed };
}
