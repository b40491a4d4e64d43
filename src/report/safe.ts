/**
 * Control characters, those that turn, join or hide the text around them, line separators and halves of characters:
 * a terminal must never get them raw.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** As JSON writes it, so that the name in a line of text and the one in JSON are the same. */
function escape(character: string): string {
  return Array.from({ length: character.length }, (_, unit) => {
    const number = character.charCodeAt(unit);
    return `\\u${number.toString(16).padStart(4, "0")}`;
  }).join("");
}

/** Nearly all text is plain; telling that apart first is much quicker than looking every character up. */
const PLAIN = /^[ -~]*$/;
const PLAIN_LINES = /^[ -~\n]*$/;

export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/** Text from a dump, fit for one line of a terminal. */
export function safe(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNSAFE, escape);
}

/** A line of source for a code frame, character for character: tabs and unsafe ones keep a column of their own. */
export function safeLine(line: string): string {
  return line.replaceAll("\t", " ").replace(UNSAFE, (character) => "\ufffd".repeat(character.length));
}

/** A part of a line of source for people, marked where it was cut. */
export function clip(line: string, start: number, most: number): string {
  const from = beside(line, start);
  const to = beside(line, start + most);
  return `${from > 0 ? "…" : ""}${line.slice(from, to)}${to < line.length ? "…" : ""}`;
}

/** The offset itself, or the one behind it if it stands inside a character of two code units. */
function beside(line: string, offset: number): number {
  const inside = /^[\ud800-\udbff][\udc00-\udfff]/.test(line.slice(Math.max(0, offset - 1), offset + 1));
  return Math.min(line.length, offset + (inside && offset > 0 ? 1 : 0));
}

/** JSON of a value, in which no character is left that a terminal would act on. */
export function safeJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  if (indent === undefined) return safe(text);
  return PLAIN_LINES.test(text) ? text : text.replace(UNSAFE, keepLines);
}

/** In indented JSON a line feed is layout; in strings JSON has escaped it already. */
function keepLines(character: string): string {
  return character === "\n" ? character : escape(character);
}
