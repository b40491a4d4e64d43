import { parse as parseGrammar, SyntaxError } from "./generated/vsip.js";
import { LineIndex } from "./lines.ts";
import type { Item, Range, UnparsedNode } from "./nodes.ts";

/** Text that could not be read, or was not meant for us. Offsets are into the file's text. */
export interface Problem {
  readonly kind: "unparsed" | "truncated" | "foreign";
  readonly file: string;
  /** The statement as a whole. */
  readonly range: Range;
  /** Where reading stopped: the caret. */
  readonly at: number;
  readonly message: string;
}

/** One file, read. Every line that is not blank lies in an item. */
export interface Dump {
  readonly file: string;
  readonly text: string;
  readonly lines: LineIndex;
  readonly items: readonly Item[];
  readonly problems: readonly Problem[];
}

/** A reason is worked out for so many statements of one file; a file with more is not a dump. */
const EXPLAINED_PROBLEMS = 1000;

/** Reads a file of any mix of dumps and terminal output. Never throws on any text. */
export function parseDump(file: string, text: string): Dump {
  const items = parseGrammar(text, {});
  return { file, text, lines: new LineIndex(text), items, problems: findProblems(file, text, items) };
}

function findProblems(file: string, text: string, items: readonly Item[]): Problem[] {
  const problems: Problem[] = [];
  const foreign = new Set<string>();
  const end = text.trimEnd().length;

  const unparsed = (node: UnparsedNode): void => {
    const failure =
      problems.length < EXPLAINED_PROBLEMS ? explain(node) : { at: 0, message: "this does not parse", atEnd: false };
    const cutOff = failure.atEnd && node.range.end >= end;
    problems.push({
      kind: cutOff ? "truncated" : "unparsed",
      file,
      range: trimmed(node),
      at: node.range.start + failure.at,
      message: cutOff ? `the file ends inside this ${node.kind}: ${failure.message}` : failure.message,
    });
  };

  const block = (
    node: { type: "ruleset" | "addrset"; name: string; closed: boolean; range: Range },
    children: readonly { type: string; range: Range }[],
  ): void => {
    const before = problems.length;
    for (const child of children) if (child.type === "unparsed") unparsed(child as UnparsedNode);
    if (node.closed) return;
    const last = children.at(-1);
    const contentEnd = last === undefined ? node.range.end : last.range.end;
    const previous = problems.at(-1);
    // One cut is one problem: a statement that was cut off explains why its block is not closed.
    if (problems.length > before && previous!.range.end >= text.slice(0, contentEnd).trimEnd().length) {
      if (previous!.kind === "truncated") return;
      if (explainsCut(last as UnparsedNode)) {
        problems[problems.length - 1] = { ...previous!, kind: "truncated" };
        return;
      }
    }
    const at = text.slice(0, contentEnd).trimEnd().length;
    problems.push({
      kind: "truncated",
      file,
      range: { start: Math.max(node.range.start, at - 1), end: at },
      at,
      message: `${node.type} ${node.name} is not closed: expected "}" here, so a part of it may be missing`,
    });
  };

  for (const item of items) {
    switch (item.type) {
      case "ruleset":
        block(item, item.items);
        break;
      case "addrset":
        block(item, item.members);
        break;
      case "unparsed":
        unparsed(item);
        break;
      case "foreign":
        if (foreign.has(item.kind)) break;
        foreign.add(item.kind);
        problems.push({
          kind: "foreign",
          file,
          range: item.range,
          at: item.range.start,
          message: FOREIGN[item.kind],
        });
        break;
      case "rule":
      case "prompt":
      case "comment":
      case "header":
      case "other":
        break;
    }
  }
  return problems;
}

/** What known output is that is not a dump of a vNIC's firewall. */
export const FOREIGN = {
  edge: "this is an NSX Edge's ruleset, not the distributed firewall of a vNIC; it is skipped",
  statistics: "these are rule statistics (getrules -s), which hold no rules; they are skipped",
} as const;

/** A statement that was cut off ends where more was expected, without its semicolon. */
function explainsCut(node: UnparsedNode): boolean {
  return !/[;,]\s*$/.test(node.text) && explain(node).atEnd;
}

interface Failure {
  /** Offset into the statement. */
  readonly at: number;
  readonly message: string;
  /** Reading went well up to the end of the statement. */
  readonly atEnd: boolean;
}

function explain(node: UnparsedNode): Failure {
  const text = node.text.trimEnd();
  if (node.kind === "block") {
    return { at: text.length, message: 'expected "{" behind the name', atEnd: true };
  }
  if (node.kind === "rule" && /^#(?!\s*internal\s*#)/.test(text)) {
    return { at: 0, message: 'a rule behind a comment sign; expected "# internal #" or a rule', atEnd: false };
  }
  const startRule = node.kind === "rule" ? "Rule" : "Member";
  // With a blank behind it, text that ends too early is asked for its next word, not for a blank.
  const error = syntaxError(`${text} `, startRule);
  if (error !== null) {
    const at = error.location.start.offset;
    const expected = describe(error.expected as Expectation[]);
    const found = at >= text.length ? "the end" : quote(/^\S+|^\s+/.exec(text.slice(at, at + 40))?.[0] ?? "");
    return { at: Math.min(at, text.length), message: `expected ${expected} but found ${found}`, atEnd: at >= text.length };
  }
  return { at: 0, message: "this cannot stand here", atEnd: false };
}

function syntaxError(text: string, startRule: "Rule" | "Member"): SyntaxError | null {
  try {
    parseGrammar(text, { startRule });
    return null;
  } catch (error) {
    if (error instanceof SyntaxError) return error;
    throw error;
  }
}

interface Expectation {
  readonly type: string;
  readonly text?: string;
  readonly description?: string;
}

function describe(expected: readonly Expectation[]): string {
  const words = new Set<string>();
  for (const { type, text, description } of expected) {
    if (type === "literal" && text !== undefined) words.add(quote(text));
    else if (type === "other" && description !== undefined && description !== "blank") words.add(description);
  }
  if (words.size === 0) return "something else";
  const sorted = [...words].toSorted();
  return sorted.length === 1 ? sorted[0]! : `${sorted.slice(0, -1).join(", ")} or ${sorted.at(-1)}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function trimmed(node: UnparsedNode): Range {
  return { start: node.range.start, end: node.range.start + Math.max(1, node.text.trimEnd().length) };
}
