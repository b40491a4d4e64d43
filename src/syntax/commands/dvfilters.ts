import type { Line } from "../session.ts";
import {
  fieldOf,
  isBlank,
  type AgentNode,
  type Field,
  type PortNode,
  type Reader,
  type SlotNode,
  type WorldNode,
} from "./reading.ts";

const WORLD = /^\s*world (\d+) (?:<no world>|vmm\d+:(.*?))(?:\s+vcUuid:'([^']*)'?)?\s*$/;
const PORT = /^\s*port (\d+)(?: (.*?))?\s*$/;
const SLOT = /^\s*(\S+) slot (\d{1,15})\s*$/;

/** `summarize-dvfilter`: which filter sits at which port of which virtual machine. */
export const dvfilters: Reader = {
  command: /\bsummarize-dvfilter\b/,
  begins: /^(?:Fastpaths:|world \d+ (?:<no world>|vmm\d+:).*)\s*$/,
  read({ command, lines }) {
    const agents: AgentNode[] = [];
    const worlds: Open<WorldNode, "ports">[] = [];
    const unread: Line[] = [];
    let path: AgentNode["path"] | null = null;
    let port: Open<PortNode, "slots"> | null = null;
    let slot: Open<SlotNode, "fields"> | null = null;
    for (const line of lines) {
      if (isBlank(line)) continue;
      const section = /^(Fast|Slow)paths:\s*$/.exec(line.text)?.[1];
      if (section !== undefined) {
        path = section === "Fast" ? "fast" : "slow";
        continue;
      }
      if (/^Filters:\s*$/.test(line.text)) {
        path = null;
        continue;
      }
      if (/^\s*agent: \S/.test(line.text)) {
        const fields = line.text.split(",").flatMap((part) => fieldOf({ ...line, text: part }) ?? []);
        if (fields.length < line.text.split(",").length) unread.push(line);
        else agents.push({ path: path ?? "fast", fields, line });
        continue;
      }
      const world = WORLD.exec(line.text);
      if (world !== null) {
        const [, id, machine, uuid] = world;
        worlds.push({ id: id!, machine: machine ?? null, uuid: uuid ?? null, ports: [], line });
        port = null;
        slot = null;
        continue;
      }
      const owner = worlds.at(-1);
      const [, portId, name] = PORT.exec(line.text) ?? [];
      if (portId !== undefined && owner !== undefined) {
        port = { id: portId, name: name ?? "", slots: [], line };
        owner.ports.push(port);
        slot = null;
        continue;
      }
      const [, place, number] = SLOT.exec(line.text) ?? [];
      if (place !== undefined && port !== null) {
        slot = { place, slot: number!, fields: [], line };
        port.slots.push(slot);
        continue;
      }
      const field: Field | null = fieldOf(line);
      if (field !== null && slot !== null) slot.fields.push(field);
      else unread.push(line);
    }
    // Behind a pipe only a part may be left: what is not there says nothing.
    return { reading: { type: "dvfilters", agents, worlds, whole: !command.includes("|") }, unread };
  },
};

/** A node that is still growing. */
type Open<T, Part extends keyof T> = Omit<T, Part> & {
  [key in Part]: T[key] extends readonly (infer Item)[] ? Item[] : never;
};
