import { QUOTED, unquoted } from "../quoted.ts";
import type { Line } from "../session.ts";

/** The router that a title names. */
export function titled(lines: readonly Line[], title: RegExp): string | null {
  for (const { text } of lines) {
    const [, name] = title.exec(text) ?? [];
    if (name !== undefined) return name;
  }
  return null;
}

/** The router that a command names: the last word that is no option; `dlr NAME` in the central CLI. */
export function argumentOf(command: string): string | null {
  const [, central] = /\bdlr\s+(\S+)/.exec(command) ?? [];
  if (central !== undefined) return central;
  const [, quoted] = new RegExp(`\\s-l\\s+(${QUOTED})`).exec(command) ?? [];
  if (quoted !== undefined) return unquoted(quoted);
  const [, typed] = /\s-l\s+["']?([^\s"'|;&-][^\s"'|;&]*)/.exec(command) ?? [];
  return typed ?? null;
}
