import { isBlank, type HelpSection, type Reader } from "./reading.ts";

/** `pktcap-uw …`: what a capture was asked for; it prints packets, which are not ours to read. */
export const capture: Reader = {
  command: /\bpktcap-uw\s+(?!-h\b|--help\b)-/,
  begins: null,
  read({ command, lines }) {
    const options: (readonly [string, string])[] = [];
    const words = [...command.slice(command.indexOf("pktcap-uw")).matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
      ([, double, single, plain]) => double ?? single ?? plain!,
    );
    for (let at = 1; at < words.length; at += 1) {
      const word = words[at]!;
      if (!word.startsWith("-")) continue;
      const next = words[at + 1];
      options.push([word, next === undefined || (next.startsWith("-") && next !== "-") ? "" : next]);
    }
    return { reading: { type: "capture", options }, unread: lines.filter((line) => !isBlank(line)) };
  },
};

/** `pktcap-uw -h`: the options of this host's version. */
export const captureHelp: Reader = {
  command: /\bpktcap-uw\s+(?:-h|--help)\b/,
  begins: /^Packet Capture and Trace command usage:\s*$/,
  read({ lines }) {
    const usages: { title: string; lines: string[] }[] = [];
    const sections: { title: string; options: { option: string; text: string }[] }[] = [];
    const unread: (typeof lines)[number][] = [];
    let inUsage = true;
    let note = "";
    for (const line of lines) {
      if (isBlank(line)) continue;
      const text = line.text.trim().replace(/\s+/g, " ");
      const title = /^== (.*) ==$/.exec(text)?.[1];
      const section: HelpSection["title"] | null = /^\S/.test(line.text) ? text.replace(/:$/, "") : null;
      const open = sections.at(-1);
      if (title !== undefined) usages.push({ title, lines: [] });
      else if (text.startsWith("Packet Capture and Trace command usage")) inUsage = true;
      else if (section !== null && text.startsWith("(") && open !== undefined) {
        note = text;
        sections[sections.length - 1] = { ...open, title: `${open.title} ${note}` };
      } else if (section !== null) {
        inUsage = false;
        sections.push({ title: section, options: [] });
      } else if (inUsage && usages.length > 0) usages.at(-1)!.lines.push(text);
      else if (open !== undefined && text.startsWith("-")) open.options.push({ option: text, text: "" });
      else if (open !== undefined && open.options.length > 0) {
        const last = open.options.pop()!;
        open.options.push({ ...last, text: last.text === "" ? text : `${last.text} ${text}` });
      } else unread.push(line);
    }
    return { reading: { type: "capture-help", usages, sections }, unread };
  },
};
