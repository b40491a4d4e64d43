import { originalItems, originalRange, withoutColours } from "./colours.ts";
import { parse as parseGrammar } from "./generated/vsip.js";
import { LineIndex, type Lines } from "./lines.ts";
import type { Item } from "./nodes.ts";
import { findProblems, type Problem } from "./problems.ts";

export { FOREIGN, type Problem } from "./problems.ts";

/** One file, read. Every line that is not blank lies in an item. */
export interface Dump {
  readonly file: string;
  readonly text: string;
  readonly lines: Lines;
  readonly items: readonly Item[];
  readonly problems: readonly Problem[];
}

/** Reads a file of any mix of dumps and terminal output. Never throws on any text. */
export function parseDump(file: string, text: string): Dump {
  const plain = withoutColours(text);
  const items = withCutHead(parseGrammar(plain.text, {}));
  const problems = findProblems(file, plain.text, items);
  const { original } = plain;
  const lines = new LineIndex(text);
  if (original === null) return { file, text, lines, items, problems };
  return {
    file,
    text,
    lines,
    items: originalItems(items, original),
    problems: problems.map((problem) => ({
      ...problem,
      range: originalRange(problem.range, original),
      at: original(problem.at),
    })),
  };
}

/** Beginnings of `ruleset NAME {`, `addrset NAME {` and `rule ID at POSITION`. */
const CUT_BLOCK = /^(?:r(?:u(?:l(?:e(?:s(?:e)?)?)?)?)?|a(?:d(?:d(?:r(?:s(?:e)?)?)?)?)?|ruleset|addrset)$/;
const CUT_RULE = /^(?:r(?:u(?:l)?)?|rule(?:\s+\d+(?:\s+\w*)?)?)$/;

/**
 * A text may be cut off before its last statement has enough words to be known as one. Such a last line is no
 * prose if it comes right behind a block or a rule and begins like the next.
 */
function withCutHead(items: readonly Item[]): readonly Item[] {
  const last = items.at(-1);
  const before = items.at(-2);
  if (last?.type !== "other" || before === undefined) return items;
  const { text, range } = last;
  if ((before.type === "ruleset" || before.type === "addrset") && CUT_BLOCK.test(text)) {
    return [...items.slice(0, -1), { type: "unparsed", kind: "block", text, range }];
  }
  if (before.type === "rule" && CUT_RULE.test(text)) {
    return [...items.slice(0, -1), { type: "unparsed", kind: "rule", text, range }];
  }
  return items;
}
