import { explain } from "./explain.ts";
import { parse as parseGrammar, SyntaxError } from "./generated/vsip.js";
import { LineIndex } from "./lines.ts";
import type { RuleNode } from "./nodes.ts";
import type { Dump } from "./parse.ts";
import { messageOf } from "./problems.ts";

/** A rule that a person wrote, read as one of a dump. */
export interface WrittenRule {
  readonly node: RuleNode;
  /** The text that the node's ranges point into. */
  readonly dump: Dump;
  /** Where an offset into that text lies in what was written. */
  readonly written: (offset: number) => number;
}

/** Why what was written is no rule. */
export class RuleTextError extends Error {
  /** An offset into what was written. */
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** The name that a written rule goes by where rules of a dump have their file. */
export const WRITTEN = "--rule";

const PLACE = "rule 0 at 0 ";
const HAS_PLACE = /^\s*(?:#\s*internal\s*#\s*)?rule\s+\d/;
/** `from web to`, `to 10.0.0.1 accept`: what stands there alone, without `addrset` or `ip`. */
const BARE =
  /(?<=\b(?:from|to)\s+(?:not\s+)?)(?!(?:any|not|from|to|port|with)\s)[^\s;,{}']+(?=\s+(?:to|port|with|accept|drop|reject)\b)/g;
const MAC = /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i;
const ADDRESS = /^(?:\d+(?:\.\d*)+|[0-9a-f]*:[0-9a-f:.]*)(?:[/-].*)?$/i;

/**
 * Reads a rule as `vsipioctl getrules` prints it. `rule ID at POSITION` and the semicolon may be missing, and so may
 * `ip`, `mac` and `addrset` before an address or a name.
 * @throws RuleTextError if it does not parse
 */
export function readRuleText(text: string): WrittenRule {
  const inserted: { at: number; length: number }[] = [];
  const start = HAS_PLACE.test(text) ? "" : PLACE;
  if (start !== "") inserted.push({ at: 0, length: start.length });
  // A tag may say anything.
  const tag = text.indexOf("'");
  const head = tag === -1 ? text : text.slice(0, tag);
  let shift = start.length;
  const body = head.replace(BARE, (word: string, at: number) => {
    const kind = MAC.test(word) ? "mac " : ADDRESS.test(word) ? "ip " : "addrset ";
    inserted.push({ at: at + shift, length: kind.length });
    shift += kind.length;
    return kind + word;
  });
  const open = `${start}${body}${tag === -1 ? "" : text.slice(tag)}`;
  const whole = open.trimEnd().endsWith(";") ? open : `${open};`;
  const written = (offset: number): number => {
    let result = offset;
    for (const { at, length } of inserted) if (at < offset) result -= Math.min(length, offset - at);
    return Math.max(0, Math.min(text.length, result));
  };
  const node = parsed(whole);
  if (node === null) throw failure(open, text, written);
  const lines = new LineIndex(whole);
  return { node, dump: { file: WRITTEN, text: whole, lines, items: [], problems: [] }, written };
}

function parsed(text: string): RuleNode | null {
  try {
    return parseGrammar(text, { startRule: "Rule" });
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function failure(open: string, text: string, written: (offset: number) => number): RuleTextError {
  if (text.trim() === "") return new RuleTextError(0, "the rule is empty");
  // A semicolon that was not written must not be what was found instead.
  const node = { type: "unparsed", kind: "rule", text: open, range: { start: 0, end: open.length } } as const;
  const reason = explain(node, false);
  if (!/^expected (?:";"|something else)$/.test(reason.expected))
    return new RuleTextError(written(reason.at), messageOf(node, reason));
  return new RuleTextError(
    written(reason.at),
    "expected one rule, but more text stands behind its semicolon",
  );
}
