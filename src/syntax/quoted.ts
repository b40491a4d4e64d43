/** A word in single quotes, as a shell takes it; a quote in it is written `'\''`. It may be as long as a file. */
export const QUOTED = String.raw`'[^']*'(?:\\''[^']*'){0,99}`;

/** The text of a word that may be in such quotes. */
export function unquoted(word: string): string {
  return word.length > 1 && word.startsWith("'") && word.endsWith("'")
    ? word.slice(1, -1).replaceAll("'\\''", "'")
    : word;
}
