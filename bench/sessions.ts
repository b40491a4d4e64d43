/**
 * Terminal logs of whole hosts, as `generate.ts` would fill their filters: the same options always give the same
 * text, in pieces, because a large log is longer than a string may be.
 */

import { generate, type GeneratedDump } from "./generate.ts";

export interface SessionOptions {
  readonly host: string;
  /** vNICs, each with a firewall filter. */
  readonly vnics: number;
  /** How many of the filters differ; the others repeat them in turn. */
  readonly distinct: number;
  /** Of each filter. */
  readonly rules: number;
  readonly sets: number;
  readonly members: number;
  readonly seed: number;
}

/** What is printed at the prompts of one host: its machines, an address of its own, and every filter. */
export function* session(options: SessionOptions): Generator<string> {
  const { host, vnics, distinct } = options;
  const prompt = `[root@${host}:~] `;
  const filters = Array.from({ length: vnics }, (_, index) => `nic-${20_000 + index}-eth0-vmware-sfw.2`);
  yield `${prompt}summarize-dvfilter\nFilters:\n`;
  for (const [index, filter] of filters.entries()) {
    const uuid = `50 0a 11 22 33 44 55 66-77 88 99 aa ${[24, 16, 8, 0].map((shift) => (((index + 1) >>> shift) & 255).toString(16).padStart(2, "0")).join(" ")}`;
    yield [
      `world ${20_000 + index} vmm0:machine-${index} vcUuid:'${uuid}'`,
      ` port ${67_108_000 + index} machine-${index}.eth0`,
      "  vNic slot 2",
      `   name: ${filter}`,
      "   agentName: vmware-sfw",
      "   state: IOChain Attached",
      "   failurePolicy: failClosed",
      "",
    ].join("\n");
  }
  yield `${prompt}esxcfg-vmknic -l
Interface  Port Group/DVPort/Opaque Network  IP Family IP Address  Netmask        Broadcast     MAC Address       MTU   TSO MSS  Enabled Type    NetStack
vmk0       Management Network                IPv4      10.7.0.11   255.255.255.0  10.7.0.255    00:50:56:00:07:11 1500  65535    true    STATIC  defaultTcpipStack
`;
  const dumps = new Map<number, Pick<GeneratedDump, "rules" | "addrsets">>();
  for (const [index, filter] of filters.entries()) {
    const which = index % distinct;
    const dump = dumps.get(which) ?? dumpOf(which, options);
    dumps.set(which, dump);
    yield `${prompt}vsipioctl getrules -f ${filter}\n${dump.rules}`;
    yield `${prompt}vsipioctl getaddrsets -f ${filter}\n${dump.addrsets}`;
  }
  yield `${prompt}\n`;
}

/** Filters of one host share no set here: sets of one name that differ would be a finding each. */
function dumpOf(
  which: number,
  { rules, sets, members, seed }: SessionOptions,
): Pick<GeneratedDump, "rules" | "addrsets"> {
  const dump = generate({ rules, sets, members, seed: seed * 1000 + which, shape: "scattered" });
  const renamed = (text: string): string =>
    text.replaceAll(
      /\bip-(securitygroup|ipset|virtualwire)-(\d+)\b/g,
      (_, kind: string, number: string) => `ip-${kind}-${(which + 1) * 10_000 + Number(number)}`,
    );
  return { rules: renamed(dump.rules), addrsets: renamed(dump.addrsets) };
}
