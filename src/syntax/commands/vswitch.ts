import { Columns, SHAPES, type Column, type Row } from "../columns.ts";
import type { Line } from "../session.ts";
import { isBlank, type Reader, type SwitchNode } from "./reading.ts";

const COUNTS: readonly Column[] = [
  { title: "Num Ports", shape: SHAPES.number },
  { title: "Used Ports", shape: SHAPES.number },
  { title: "Configured Ports", shape: SHAPES.number },
  { title: "MTU", shape: SHAPES.number },
  { title: "Uplinks", shape: /^\S+$/ },
];
const STANDARD: readonly Column[] = [{ title: "Switch Name" }, ...COUNTS];
const DISTRIBUTED: readonly Column[] = [{ title: "DVS Name" }, ...COUNTS];
const GROUPS: readonly Column[] = [
  { title: "PortGroup Name" },
  { title: "VLAN ID", shape: SHAPES.number },
  { title: "Used Ports", shape: SHAPES.number },
  { title: "Uplinks", shape: /^\S+$/ },
];
const PORTS: readonly Column[] = [
  { title: "DVPort ID", shape: /^\S+$/ },
  { title: "In Use", shape: SHAPES.number },
  { title: "Client" },
];

/** `esxcfg-vswitch -l`: switches, their port groups or ports, and who is connected to them. */
export const vswitch: Reader = {
  command: /\besxcfg-vswitch\s+(?:.*\s)?(?:-l|--list)\b/,
  begins: /^(?:Switch|DVS) Name\s+Num Ports\b/,
  read({ lines }) {
    const switches: { kind: SwitchNode["kind"]; row: Row; portGroups: Row[]; ports: Row[] }[] = [];
    const unread: Line[] = [];
    let table: Columns | null = null;
    let take: (row: Row) => boolean = () => false;
    const begin = (found: Columns | null, taker: (row: Row) => boolean): boolean => {
      if (found === null) return false;
      table = found;
      take = taker;
      return true;
    };
    const addSwitch = (kind: SwitchNode["kind"]) => (row: Row) => {
      switches.push({ kind, row, portGroups: [], ports: [] });
      return true;
    };
    const addTo = (part: "portGroups" | "ports") => (row: Row) => {
      const owner = switches.at(-1);
      owner?.[part].push(row);
      return owner !== undefined;
    };
    for (const line of lines) {
      if (isBlank(line)) continue;
      const [, first] = /^\s*(Switch|DVS|PortGroup|DVPort) (?:Name|ID)\s/.exec(line.text) ?? [];
      const isHeader =
        (first === "Switch" && begin(Columns.of(line, STANDARD, 2), addSwitch("standard"))) ||
        (first === "DVS" && begin(Columns.of(line, DISTRIBUTED, 2), addSwitch("distributed"))) ||
        (first === "PortGroup" && begin(Columns.of(line, GROUPS, 2), addTo("portGroups"))) ||
        (first === "DVPort" && begin(Columns.of(line, PORTS, 2), addTo("ports")));
      if (isHeader) continue;
      const row = (table as Columns | null)?.row(line) ?? null;
      if (row === null || !take(row)) unread.push(line);
    }
    return { reading: { type: "vswitch", switches }, unread };
  },
};
