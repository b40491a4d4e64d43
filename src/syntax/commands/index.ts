import { readCommand } from "../commands.ts";
import { cutSession, type Line, type Output } from "../session.ts";
import type { Dump } from "../parse.ts";
import { readRemark } from "../remark.ts";
import { capture, captureHelp } from "./capture.ts";
import { counters } from "./counters.ts";
import { dvfilters } from "./dvfilters.ts";
import { ethtool } from "./ethtool.ts";
import { filters } from "./filters.ts";
import { neighbours } from "./neighbours.ts";
import { isBlank, type ReadOutput, type Reader } from "./reading.ts";
import { routerInterfaces } from "./router-interfaces.ts";
import { routers } from "./routers.ts";
import { routes } from "./routes.ts";
import { tso } from "./tso.ts";
import { vmknic } from "./vmknic.ts";
import { vswitch } from "./vswitch.ts";
import { vxlan } from "./vxlan.ts";
import { vxlanNetworks } from "./vxlan-networks.ts";

/** Every command whose output is read here; rules and address sets are the grammar's. */
const READERS: readonly Reader[] = [
  ethtool,
  tso,
  vmknic,
  vswitch,
  vxlanNetworks,
  vxlan,
  routers,
  routerInterfaces,
  routes,
  neighbours,
  dvfilters,
  filters,
  counters,
  captureHelp,
  capture,
];

/** An output with what was read of it. */
export interface SessionPart {
  readonly output: Output;
  /**
   * `read` by a reader of the command; `dump` of rules or address sets, which the grammar has read; `nothing` was
   * printed; a `remark` of the script that collected the session; else the command is `unknown`.
   */
  readonly kind: "read" | "dump" | "nothing" | "remark" | "unknown";
  readonly readings: readonly ReadOutput[];
}

/** No line of these commands is longer; what is could make patterns slow. */
const LONGEST_LINE = 2000;

/** Everything that a session shows, in the order of the text. Prose of a page without a prompt is left out. */
export function readSession(dump: Dump): SessionPart[] {
  return cutSession(dump).flatMap((output): SessionPart[] => {
    if (readRemark(output.command) !== null) {
      return [{ output, kind: output.lines.every(isBlank) ? "remark" : "unknown", readings: [] }];
    }
    const typed = output.command.slice(0, LONGEST_LINE);
    const reader = READERS.find(({ command }) => command.test(typed));
    if (reader !== undefined) return [{ output, kind: "read", readings: [readWith(reader, output)] }];
    const { dump: ofRules } = readCommand(typed);
    const readings = byLook(output);
    if (ofRules) return [{ output, kind: "dump", readings }];
    if (readings.length > 0) return [{ output, kind: "read", readings }];
    if (output.prompt === null || output.command === "") return [];
    return [{ output, kind: output.lines.every(isBlank) ? "nothing" : "unknown", readings }];
  });
}

/** Outputs whose command is missing, or is not known, each from the line with which such an output begins. */
function byLook(output: Output): ReadOutput[] {
  const before: Line[] = [];
  const pieces: { reader: Reader; lines: Line[] }[] = [];
  for (const line of output.lines) {
    const open = pieces.at(-1);
    const reader = READERS.find(
      ({ begins }) => begins !== null && line.text.length <= LONGEST_LINE && begins.test(line.text),
    );
    if (reader !== undefined && reader !== open?.reader) pieces.push({ reader, lines: [line] });
    else (open?.lines ?? before).push(line);
  }
  return pieces.map(({ reader, lines }, index) => {
    const piece = { ...output, lines, ended: output.ended || index < pieces.length - 1 };
    const { reading, unread } = readWith(reader, piece);
    // Where nothing was typed, words before it are a page's.
    const lost = index === 0 && output.prompt !== null ? before.filter((line) => !isBlank(line)) : [];
    return { reading, unread: [...lost, ...unread] };
  });
}

function readWith(reader: Reader, output: Output): ReadOutput {
  const long = output.lines.filter(({ text }) => text.length > LONGEST_LINE);
  if (long.length === 0) return reader.read(output);
  const lines = output.lines.filter((line) => !long.includes(line));
  const { reading, unread } = reader.read({ ...output, lines });
  return { reading, unread: [...unread, ...long].toSorted((a, b) => a.range.start - b.range.start) };
}
