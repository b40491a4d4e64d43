import { withoutColours } from "./colours.ts";
import type { PromptNode, Range } from "./nodes.ts";
import type { Dump } from "./parse.ts";

/** A line of a command's output, without its line end and its colours. */
export interface Line {
  readonly text: string;
  /** Where it stands in the text of the file. */
  readonly range: Range;
}

/** What a command printed, or what stands before the first prompt or behind the end of a page's block. */
export interface Output {
  readonly dump: Dump;
  /** Null where no prompt is seen. */
  readonly prompt: PromptNode | null;
  /** As it was typed, joined again where the terminal broke it; empty at a prompt at which nothing was typed. */
  readonly command: string;
  /** All but rulesets, rules and address sets, which the grammar has read. */
  readonly lines: readonly Line[];
  /** True if a prompt or the end of a block follows: nothing was cut off. */
  readonly ended: boolean;
}

/** The fence of a block in a Markdown page. */
const FENCE = /^\s*(?:```|~~~)/;

/** Cuts a file at the prompts that the grammar found, and at the ends of a page's blocks. */
export function cutSession(dump: Dump): Output[] {
  const outputs: Output[] = [];
  let prompt: PromptNode | null = null;
  let lines: Line[] = [];
  const end = (ended: boolean): void => {
    if (prompt !== null || lines.some(({ text }) => text.trim() !== "")) {
      outputs.push(joined({ dump, prompt, command: prompt?.command ?? "", lines, ended }));
    }
    prompt = null;
    lines = [];
  };
  let from = 0;
  const take = (to: number): void => {
    for (const line of linesOf(dump.text, from, to)) {
      if (FENCE.test(line.text)) end(true);
      else lines.push(line);
    }
  };
  for (const item of dump.items) {
    switch (item.type) {
      case "prompt":
        take(item.range.start);
        end(true);
        prompt = item;
        from = item.range.end;
        break;
      case "ruleset":
      case "addrset":
      case "rule":
        take(item.range.start);
        from = item.range.end;
        break;
      case "comment":
      case "header":
      case "foreign":
      case "other":
      case "unparsed":
        break;
    }
  }
  take(dump.text.length);
  end(false);
  return outputs;
}

function* linesOf(text: string, start: number, end: number): Generator<Line> {
  let at = start;
  while (at < end) {
    const lineEnd = text.indexOf("\n", at);
    const stop = lineEnd === -1 || lineEnd > end ? end : lineEnd;
    const line = text.slice(at, stop).replace(/\r$/, "");
    // What stands between two rules is next to nothing, many times.
    if (line !== "") {
      yield {
        text: withoutColours(line).text.replace(/^\ufeff/, ""),
        range: { start: at, end: at + line.length },
      };
    } else if (stop > start) yield { text: "", range: { start: at, end: at } };
    at = stop + 1;
  }
}

/** A narrow terminal breaks a long command: what begins with `=` behind an option is the option's value. */
function joined(output: Output): Output {
  const [first, ...lines] = output.lines.slice(output.lines[0]?.text === "" ? 1 : 0);
  if (first === undefined || !/\s--[a-z-]+$/.test(output.command) || !/^=\S/.test(first.text)) return output;
  return { ...output, command: output.command + first.text.trimEnd(), lines };
}

/** The host that a command typed at a prompt is about: the one that it names, else the prompt's; null if neither says. */
export function hostOf({ text }: Pick<PromptNode, "text">, command: string): string | null {
  return (
    /^[^#]*\bshow\s+(?:dfw|logical-router|logical-switch)\s+host\s+(\S+)/.exec(command)?.[1] ??
    /^\[[^@\]]+@([^\]:\s]+)/.exec(text)?.[1] ??
    /^[-A-Za-z0-9_.]+@([-A-Za-z0-9_.]+)/.exec(text)?.[1] ??
    null
  );
}
