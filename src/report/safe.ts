/** Control characters, and those that turn or hide the text around them: a terminal must never get them raw. */
// oxlint-disable-next-line no-control-regex -- they are what it looks for
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Text from a dump, fit for one line of a terminal. */
export function safe(text: string): string {
  return text.replace(UNSAFE, escape);
}

/** A line of source for a code frame: tabs keep their width of one column, so that carets stand right. */
export function safeLine(line: string): string {
  return line.replaceAll("\t", " ").replace(UNSAFE, "\ufffd");
}

/** JSON of a value, in which no character is left that a terminal would act on. */
export function safeJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  return indent === undefined ? text.replace(UNSAFE, escape) : text.replace(UNSAFE, keepLines);
}

/** In indented JSON a line feed is layout; in strings JSON has escaped it already. */
function keepLines(character: string): string {
  return character === "\n" ? character : escape(character);
}
