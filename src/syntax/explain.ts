import leven from "leven";
import { parse as parseGrammar, SyntaxError } from "./generated/vsip.js";
import type { UnparsedNode } from "./nodes.ts";

/** Why a statement does not parse. */
export interface Failure {
  /** Where reading stopped, an offset into the statement. */
  readonly at: number;
  /** The reason, without what stands there instead. */
  readonly expected: string;
  /** What stands there instead; null if the expectation says it all. */
  readonly found: string | null;
  /** Reading went well up to the end of the statement, or up to a last word that was just begun. */
  readonly atEnd: boolean;
  readonly hint: string | null;
}

export function explain(node: UnparsedNode, inBlock: boolean): Failure {
  const text = node.text.trimEnd();
  switch (node.kind) {
    case "block":
      return explainBlock(text);
    case "member":
      return explainStatement(text, "Member", 'a member such as "ip 192.0.2.1," or "}"');
    case "rule":
      if (/^#(?!\s*internal\s*#)/.test(text)) {
        const expected = 'no rule stands behind a comment sign, except behind "# internal #"';
        return { at: 0, expected, found: null, atEnd: false, hint: null };
      }
      return explainStatement(text, "Rule", inBlock ? 'a rule, a comment or "}"' : "a rule");
  }
}

function explainBlock(text: string): Failure {
  const [first = "", name] = text.split(/\s+/);
  const words = ['"ruleset"', '"addrset"'];
  if (!text.endsWith("{") && words.some((word) => word.startsWith(`"${first}`))) {
    const at = Math.max(text.lastIndexOf(" "), text.lastIndexOf("\t")) + 1;
    if (name !== undefined && /[^\w.-]/.test(text.slice(at))) {
      return { at, expected: 'expected "{"', found: token(text, at), atEnd: false, hint: null };
    }
    const expected = name === undefined ? 'expected a name and "{"' : 'expected "{" behind the name';
    return { at: text.length, expected, found: null, atEnd: true, hint: null };
  }
  return {
    at: 0,
    expected: `expected ${choose(words, first)}`,
    found: token(text, 0),
    atEnd: false,
    hint: null,
  };
}

/** Reads the statement alone, by the grammar, and says where that stopped and why. */
function explainStatement(text: string, startRule: "Rule" | "Member", whole: string): Failure {
  // With a blank behind it, text that ends too early is asked for its next word.
  const error = syntaxError(`${text} `, startRule);
  if (error === null)
    return { at: 0, expected: "this cannot stand here", found: null, atEnd: false, hint: null };
  const at = Math.min(error.location.start.offset, text.length);
  // The grammar itself has the reason.
  if (error.expected === null) return { at, expected: error.message, found: null, atEnd: false, hint: null };
  const words = describe(error.expected);
  if (at === text.length) {
    return {
      at,
      expected: `expected ${words.includes('";"') ? '";"' : list(words)}`,
      found: null,
      atEnd: true,
      hint: null,
    };
  }
  const found = token(text, at);
  const begun = words.filter((word) => word.startsWith(`"${found}`));
  if (begun.length > 0 && at + found.length === text.length) {
    return { at, expected: `expected ${list(begun)}`, found, atEnd: true, hint: null };
  }
  const lineEnd = text.slice(0, at).trimEnd().length;
  if (words.includes('";"') && /[\r\n]/.test(text.slice(lineEnd, at))) {
    return {
      at: lineEnd,
      expected: 'expected ";" but the line ends here',
      found: null,
      atEnd: false,
      hint: null,
    };
  }
  const expected = at === 0 && nearest(words, found) === null ? whole : choose(words, found);
  return { at, expected: `expected ${expected}`, found, atEnd: false, hint: hint(text, at, found) };
}

/** What to write instead, for mistakes whose message alone would not say it. */
function hint(text: string, at: number, found: string): string | null {
  if (found === "," && /\bport\s+[-0-9]+\s*$/.test(text.slice(Math.max(0, at - 30), at))) {
    return "several ports stand in braces, as in port {80, 443}";
  }
  if (/^[0-9]{16,}$/.test(found)) return "a number has at most 15 digits";
  if (found === "with" && /^with\s+log\b/.test(text.slice(at, at + 20)))
    return "the action stands before its log";
  return null;
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

/** Words that may follow a protocol; together they are one expectation. */
const PROTOCOL_OPTIONS = new Set(['"icmptype"', '"icmpcode"', '"typecode"', '"stateless"', '"strict"']);

/** What could have stood there, each as a reader would name it. */
function describe(expected: readonly Expectation[]): string[] {
  const words = new Set<string>();
  for (const { type, text, description } of expected) {
    if (type === "literal" && text !== undefined) words.add(quote(text));
    if (type === "other" && description !== undefined) words.add(description);
  }
  // A blank, or the dash of a range, could stand almost anywhere.
  for (const weak of ["a blank", '"-"', '":"']) if (words.size > 1) words.delete(weak);
  if (words.delete(`"'"`)) words.add("an apostrophe");
  const literal = (word: string): boolean => word.startsWith('"');
  return [...words].toSorted((a, b) => Number(literal(a)) - Number(literal(b)) || (a < b ? -1 : 1));
}

/** The word that was probably meant, or else everything that could stand there. */
function choose(words: readonly string[], found: string): string {
  const near = nearest(words, found);
  if (near !== null) return near;
  const options = words.filter((word) => PROTOCOL_OPTIONS.has(word));
  if (options.length < 3) return list(words.filter((word) => word !== quote(found)));
  const others = words.filter((word) => !options.includes(word) && word !== '"with"');
  return list([...others, 'an option of the protocol such as "icmptype" or "stateless"']);
}

function nearest(words: readonly string[], found: string): string | null {
  const word = found.toLowerCase();
  if (word.length < 3) return null;
  const literals = words.filter((candidate) => /^"[a-z0-9]{2,}"$/.test(candidate));
  const distances = literals.map((candidate) => leven(candidate.slice(1, -1), word));
  const least = Math.min(...distances);
  if (least > (word.length > 4 ? 2 : 1) && !isSwap(literals, word)) return null;
  return literals[distances.indexOf(least)]!;
}

/** Two letters exchanged count as two changes, and are the most common slip in a short word. */
function isSwap(literals: readonly string[], word: string): boolean {
  const letters = (text: string): string => text.split("").toSorted().join("");
  return literals.some((literal) => letters(literal.slice(1, -1)) === letters(word));
}

function list(words: readonly string[]): string {
  if (words.length === 0) return "something else";
  return words.length === 1 ? words[0]! : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** The word at a place, or the character if there is none. */
function token(text: string, at: number): string {
  const part = text.slice(at, at + 60);
  return /^(?:[^\s;,{}']+|.)/su.exec(part)?.[0] ?? "";
}

export function quote(text: string): string {
  return JSON.stringify(text);
}
