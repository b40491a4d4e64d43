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
}

export function explain(node: UnparsedNode): Failure {
  const text = node.text.trimEnd();
  switch (node.kind) {
    case "block":
      return explainBlock(text);
    case "member":
      return explainStatement(text, "Member", 'a member such as "ip 192.0.2.1," or "}"');
    case "rule":
      if (/^#(?!\s*internal\s*#)/.test(text)) {
        const expected = 'no rule stands behind a comment sign, except behind "# internal #"';
        return { at: 0, expected, found: null, atEnd: false };
      }
      return explainStatement(text, "Rule", 'a rule, a comment or "}"');
  }
}

function explainBlock(text: string): Failure {
  const [first = "", name] = text.split(/\s+/);
  const words = ['"ruleset"', '"addrset"'];
  const begun = words.some((word) => word.slice(1, -1).startsWith(first));
  if (begun) {
    const brace = /\s\S*[^\w\s.-]\S*$/.exec(text);
    if (name !== undefined && brace !== null) {
      const at = brace.index + 1;
      return { at, expected: 'expected "{"', found: token(text, at), atEnd: false };
    }
    const expected = name === undefined ? 'expected a name and "{"' : 'expected "{" behind the name';
    return { at: text.length, expected, found: null, atEnd: true };
  }
  return { at: 0, expected: `expected ${choose(words, first)}`, found: token(text, 0), atEnd: false };
}

/** Reads the statement alone, by the grammar, and says where that stopped and why. */
function explainStatement(text: string, startRule: "Rule" | "Member", whole: string): Failure {
  // With a blank behind it, text that ends too early is asked for its next word.
  const error = syntaxError(`${text} `, startRule);
  if (error === null) return { at: 0, expected: "this cannot stand here", found: null, atEnd: false };
  const at = Math.min(error.location.start.offset, text.length);
  // The grammar itself has the reason.
  if (error.expected === null) return { at, expected: error.message, found: null, atEnd: false };
  const words = describe(error.expected as readonly Expectation[]);
  if (at === text.length) {
    return { at, expected: `expected ${words.includes('";"') ? '";"' : list(words)}`, found: null, atEnd: true };
  }
  const found = token(text, at);
  const begun = at + found.length === text.length && words.some((word) => word.startsWith(`"${found}`));
  const near = at === 0 ? nearest(words, found) : null;
  const expected = at === 0 && near === null ? whole : choose(words, found);
  return { at, expected: `expected ${expected}`, found, atEnd: begun };
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
const PROTOCOL_OPTIONS = ['"icmptype"', '"icmpcode"', '"typecode"', '"stateless"', '"strict"'];

/** What could have stood there, each as a reader would name it. */
function describe(expected: readonly Expectation[]): string[] {
  const words = new Set<string>();
  for (const { type, text, description } of expected) {
    if (type === "literal" && text !== undefined) words.add(quote(text));
    if (type === "other" && description !== undefined) words.add(description);
  }
  // A blank, or the dash of a range, could stand almost anywhere.
  for (const weak of ["a blank", '"-"', '":"']) if (words.size > 1) words.delete(weak);
  return [...words].toSorted();
}

/** The word that was probably meant, or else everything that could stand there. */
function choose(words: readonly string[], found: string): string {
  const near = nearest(words, found);
  if (near !== null) return near;
  const options = words.filter((word) => PROTOCOL_OPTIONS.includes(word));
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
  const letters = (text: string): string => [...text].toSorted().join("");
  return literals.some((literal) => letters(literal.slice(1, -1)) === letters(word));
}

function list(words: readonly string[]): string {
  if (words.length === 0) return "something else";
  return words.length === 1 ? words[0]! : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** The word at a place, or the character if there is none. */
function token(text: string, at: number): string {
  const part = text.slice(at, at + 60);
  return /^[^\s;,{}']+/.exec(part)?.[0] ?? [...part][0] ?? "";
}

export function quote(text: string): string {
  return JSON.stringify(text);
}
