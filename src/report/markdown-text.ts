import { safe } from "./safe.ts";

/**
 * Text from a dump in Markdown as GitHub reads it. A backslash is not enough: `\@team` is still a mention, since
 * mentions, references and short names of emoji are looked for in the page that comes out. Within code none of them is.
 */

/** Text as code, on one line. Not for a cell of a table, which a bar would end even there. */
export function code(text: string): string {
  const content = safe(text);
  if (content.trim() === "") return "(empty)";
  const runs = content.match(/`+/g) ?? [];
  const fence = "`".repeat(1 + Math.max(0, ...runs.map(({ length }) => length)));
  // A space beside the fence belongs to it, where there is one at both ends.
  const padding = /^[` ]|[` ]$/.test(content) ? " " : "";
  return `${fence}${padding}${content}${padding}${fence}`;
}

/**
 * A word of a sentence, perhaps in parentheses or with a mark behind it, or a number. No letters and digits together:
 * those may be references (`GH-1`) or commits, as may be a word of hexadecimal digits; no dot within: that may be a host.
 */
const PLAIN_WORD = /^\(?(?!(?:[a-f]{7,})\b)(?:[A-Za-z]+(?:[-'][A-Za-z]+)*|\d{1,6})\)?[.,;:]?\)?$/;

/** A sentence in which every word that is more than a word is code. */
export function codeOrWords(text: string): string {
  return words(safe(text).match(/[^ ]+/g) ?? [], code);
}

/** The same of a sentence of our own, in which something may be marked as code already. */
export function prose(text: string): string {
  const parts = safe(text).match(/\(?`[^`]+`\)?[.,;:]?(?= |$)|[^ ]+/g) ?? [];
  return words(parts, (part) => code(/^`([^`]+)`$/.exec(part)?.[1] ?? part));
}

/** The marks of a sentence around a word are not part of it. */
function words(parts: readonly string[], marked: (part: string) => string): string {
  return parts
    .map((part) => {
      if (PLAIN_WORD.test(part)) return part;
      const [before, inner, after] = /^(\(?)(.*?)(\)?[.,;:]?)$/.exec(part)!.slice(1) as [
        string,
        string,
        string,
      ];
      return inner === "" ? code(part) : `${before}${marked(inner)}${after}`;
    })
    .join(" ");
}
