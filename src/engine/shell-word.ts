/** A text as one word of a POSIX shell, which takes nothing in it for more than a letter. */
export function shellWord(text: string): string {
  return /^[-A-Za-z0-9_.,:/=+@%]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
