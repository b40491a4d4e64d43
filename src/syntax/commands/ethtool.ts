import { fieldOf, isBlank, type Field, type Named, type Reader } from "./reading.ts";
import type { Line } from "../session.ts";

/** `ethtool -k NIC`: what a network card does itself, such as cutting large segments. */
export const ethtool: Reader = {
  command: /\bethtool\s+(?:-k|--show-offload|--show-features)\b/,
  begins: /^(?:Offload parameters|Features) for \S.*:\s*$/,
  read({ command, lines }) {
    const settings: Field[] = [];
    const notes: Line[] = [];
    const unread: Line[] = [];
    let nic: Named | null = null;
    const [, typed] = /\s(?:-k|--show-\w+)\s+(\S+)/.exec(command) ?? [];
    for (const line of lines) {
      if (isBlank(line)) continue;
      const [, name] = /^(?:Offload parameters|Features) for (\S.*?):\s*$/.exec(line.text) ?? [];
      const field = fieldOf(line);
      if (name !== undefined) nic = { name, line };
      else if (line.text.startsWith("Cannot get ")) notes.push(line);
      else if (field !== null && /^(?:on|off)\b/.test(field.value)) settings.push(field);
      else unread.push(line);
    }
    const [first] = settings;
    if (nic === null && typed !== undefined && first !== undefined) nic = { name: typed, line: first.line };
    const nameless = nic === null ? [...settings.map((setting) => setting.line), ...notes] : [];
    return { reading: { type: "ethtool", nic, settings, notes }, unread: [...unread, ...nameless] };
  },
};
