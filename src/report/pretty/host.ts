import type { HostResult } from "../../engine/host.ts";
import type { ReportContext } from "../context.ts";
import { hostSummary, hostTables, hostTitle } from "../host-tables.ts";
import { clip, safe } from "../safe.ts";
import { table } from "../table.ts";

/** A line of a hostile session may be as long as a file. */
const MOST_CELL = 120;

/** For people: each host as tables. */
export function prettyHosts(
  { hosts }: HostResult,
  { chalk, quiet }: Pick<ReportContext, "chalk" | "quiet">,
): string {
  const blocks = hosts.map((host) => {
    const lines = [chalk.bold(safe(hostTitle(host)))];
    if (!quiet) lines.push(hostSummary(host));
    for (const { title, head, rows } of hostTables(host)) {
      const cells = rows.map((row) => row.map((cell) => safe(clip(cell, 0, MOST_CELL))));
      lines.push("", chalk.bold(safe(title)));
      for (const line of table([head.map((cell) => chalk.dim(cell)), ...cells])) lines.push(line);
    }
    return `${lines.join("\n")}\n`;
  });
  return blocks.join("\n");
}
