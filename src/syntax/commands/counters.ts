import { readCommand } from "../commands.ts";
import type { Line } from "../session.ts";
import { isBlank, type CounterNode, type Reader } from "./reading.ts";

const LINE =
  /^\s*rule\s+(\d{1,15})\s*: (\d{1,15}) evals, in (\d{1,15}) out (\d{1,15}) pkts, in (\d{1,15}) out (\d{1,15}) bytes\s*$/;

/** `vsipioctl getrules -s`: how often each rule was looked at, and what it passed. */
export const counters: Reader = {
  command: /\bvsipioctl\s+get(?:fw)?rules\b.*\s-s\b/,
  begins: /^rule\s+\d+\s*: \d+ evals\b/,
  read({ command, lines }) {
    const rows: CounterNode[] = [];
    const unread: Line[] = [];
    for (const line of lines) {
      if (isBlank(line)) continue;
      const match = LINE.exec(line.text);
      if (match === null) unread.push(line);
      else rows.push({ rule: match[1]!, numbers: match.slice(2), line });
    }
    return { reading: { type: "counters", filter: readCommand(command).filter, rows }, unread };
  },
};
