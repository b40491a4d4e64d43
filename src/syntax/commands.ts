import { QUOTED, unquoted } from "./quoted.ts";
import { readRemark } from "./remark.ts";

/** What a command typed at a prompt prints, as far as it matters here. */
export interface Command {
  /** The filter (or, in nsxcli, the VIF) whose rules or sets follow; null if the command names none. */
  readonly filter: string | null;
  /** True if the output should be rules or address sets, so that other lines in it are worth a word. */
  readonly dump: boolean;
}

const COMMANDS: readonly RegExp[] = [
  // ESXi: vsipioctl getrules -f NAME; older getfwrules; -s prints statistics
  // A name that the shell makes up (-f $name) is none that the dump can be told by.
  new RegExp(
    String.raw`\bvsipioctl\s+(?:getrules|getfwrules|getaddrsets|getaddrset)\b.{0,200}?\s(?:-f|--filter)[\s=]*` +
      `(?:(?<quoted>${QUOTED})(?=$|[\\s"|;&)])|` +
      String.raw`["']?(?<filter>[^\s"'$\x60|;&()]+)(?=$|[\s"'|;&)]))`,
  ),
  // NSX-V central CLI: show dfw host HOST filter NAME rules | addrsets [SET]
  /\bshow\s+dfw\s+host\s+\S+\s+filter\s+(?<filter>\S+)\s+(?:rules|addrsets)\b/,
  // nsxcli: get firewall VIF ruleset rules | addrset [sets]; without a VIF, the header of the output names it
  /\bget\s+firewall\s+(?<filter>[^\s"']+)\s+(?:ruleset|addrset)/,
];

export function readCommand(command: string): Command {
  if (readRemark(command) !== null) return { filter: null, dump: false };
  for (const pattern of COMMANDS) {
    const { quoted, filter } = pattern.exec(command)?.groups ?? {};
    if (quoted !== undefined) return { filter: unquoted(quoted), dump: true };
    if (filter !== undefined) return { filter, dump: true };
  }
  return {
    filter: null,
    dump: /\bvsipioctl\s+get(?:fw)?(?:rules|addrsets?)\b|\bget\s+firewall\s+(?:rules|addrset)\b/.test(
      command,
    ),
  };
}
