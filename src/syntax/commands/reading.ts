import type { Row } from "../columns.ts";
import type { Line, Output } from "../session.ts";

/** `Key: value`, as it is printed. */
export interface Field {
  readonly key: string;
  readonly value: string;
  readonly line: Line;
}

/** Fields that belong together; the first names the thing. */
export interface FieldGroup {
  readonly fields: readonly Field[];
}

/** A line with words that the shape of a row has. */
export interface Named {
  readonly name: string;
  readonly line: Line;
}

export interface SwitchNode {
  readonly kind: "standard" | "distributed";
  readonly row: Row;
  readonly portGroups: readonly Row[];
  readonly ports: readonly Row[];
}

export interface SlotNode {
  readonly place: string;
  readonly slot: string;
  readonly fields: readonly Field[];
  readonly line: Line;
}

export interface PortNode {
  readonly id: string;
  readonly name: string;
  readonly slots: readonly SlotNode[];
  readonly line: Line;
}

export interface WorldNode {
  readonly id: string;
  /** Null for `<no world>`. */
  readonly machine: string | null;
  readonly uuid: string | null;
  readonly ports: readonly PortNode[];
  readonly line: Line;
}

export interface AgentNode {
  readonly path: "fast" | "slow";
  /** `agent`, `refCount`, `module` and what else stands there. */
  readonly fields: readonly Field[];
  readonly line: Line;
}

export interface HelpSection {
  readonly title: string;
  readonly options: readonly { readonly option: string; readonly text: string }[];
}

/** What one command printed, as a tree; nothing in it is a number or an address yet. */
export type Reading =
  | {
      readonly type: "ethtool";
      readonly nic: Named | null;
      readonly settings: readonly Field[];
      readonly notes: readonly Line[];
    }
  | { readonly type: "tso"; readonly rows: readonly Row[] }
  | { readonly type: "vmknic"; readonly rows: readonly Row[] }
  | { readonly type: "vswitch"; readonly switches: readonly SwitchNode[] }
  | { readonly type: "vxlan"; readonly rows: readonly Row[] }
  | { readonly type: "vxlan-networks"; readonly switchName: string | null; readonly rows: readonly Row[] }
  | { readonly type: "routers"; readonly groups: readonly FieldGroup[] }
  | {
      readonly type: "router-interfaces";
      readonly router: string | null;
      readonly groups: readonly FieldGroup[];
    }
  | {
      readonly type: "routes";
      readonly router: string | null;
      readonly legend: readonly Field[];
      readonly rows: readonly Row[];
    }
  | {
      readonly type: "neighbours";
      readonly router: string | null;
      readonly legend: readonly Field[];
      readonly rows: readonly Row[];
    }
  | {
      readonly type: "dvfilters";
      readonly agents: readonly AgentNode[];
      readonly worlds: readonly WorldNode[];
      readonly whole: boolean;
    }
  | { readonly type: "filters"; readonly groups: readonly FieldGroup[] }
  | { readonly type: "counters"; readonly filter: string | null; readonly rows: readonly CounterNode[] }
  | {
      readonly type: "capture-help";
      readonly usages: readonly { readonly title: string; readonly lines: readonly string[] }[];
      readonly sections: readonly HelpSection[];
    }
  | { readonly type: "capture"; readonly options: readonly (readonly [name: string, value: string])[] };

export interface CounterNode {
  readonly rule: string;
  readonly numbers: readonly string[];
  readonly line: Line;
}

/** A tree, and the lines that hold something and are not in it. */
export interface ReadOutput {
  readonly reading: Reading;
  readonly unread: readonly Line[];
}

/** Reads what one command prints. Takes any lines: cut, mutated, or of something else. */
export interface Reader {
  /** Matches the command as it is typed. */
  readonly command: RegExp;
  /** Matches a line with which its output begins, for outputs whose command is missing; null if none is its own. */
  readonly begins: RegExp | null;
  read(output: Output): ReadOutput;
}

export function isBlank({ text }: Line): boolean {
  return text.trim() === "";
}

/** `Key: value` with any blanks around the colon; null for another line. */
export function fieldOf(line: Line): Field | null {
  const colon = line.text.indexOf(":");
  const key = line.text.slice(0, Math.max(0, colon)).trim();
  const rest = line.text.slice(colon + 1);
  return key === "" || /^\S/.test(rest) ? null : { key, value: rest.trim(), line };
}

/**
 * Groups of fields, each begun by one of the keys.
 * @param heading what may stand around them
 */
export function readGroups(
  lines: readonly Line[],
  first: readonly string[],
  heading: RegExp,
): { groups: FieldGroup[]; unread: Line[] } {
  const groups: { fields: Field[] }[] = [];
  const unread: Line[] = [];
  for (const line of lines) {
    if (isBlank(line) || heading.test(line.text)) continue;
    const field = fieldOf(line);
    const open = groups.at(-1);
    if (field === null) unread.push(line);
    else if (first.includes(field.key)) groups.push({ fields: [field] });
    else if (open === undefined) unread.push(line);
    else open.fields.push(field);
  }
  return { groups, unread };
}
