import { DIRECTION_NUMBER, UNIVERSE, boxContains, type Box, type Kind } from "../analysis/boxes.ts";
import type { Entry } from "../analysis/entries.ts";
import { single } from "../model/ranges.ts";
import { DIRECTIONS } from "../model/rule.ts";
import { allLists, isInDeadTail, type Check } from "./check.ts";
import { enumerate, ruleName } from "./words.ts";

const GROUPS: readonly { readonly name: string; readonly kinds: readonly Kind[] }[] = [
  { name: "IPv4", kinds: ["ipv4-ports", "ipv4-icmp", "ipv4-other"] },
  { name: "IPv6", kinds: ["ipv6-ports", "ipv6-icmp", "ipv6-other"] },
  { name: "layer-2", kinds: ["ethernet"] },
];

export const catchAllAccept: Check = {
  id: "catch-all-accept",
  severity: "warning",
  label: "accepts everything",
  summary:
    "A rule accepts every packet of an address family and direction, by the word any or by address sets that add up to " +
    "it. On layer 2 that is the usual default and only worth knowing.",
  why: "Whatever no earlier rule stops is let through: the firewall is open by default, and every accept above it is only a comment.",
  help:
    "Log what this rule accepts, write rules for the traffic that is wanted, then turn it into a drop or reject. Keep " +
    "it while a migration runs, and know that it is there.",
  example: `ruleset domain-c1 {
  rule 1091 at 1 inout protocol tcp from any to addrset web port 443 accept;
  rule 1092 at 2 inout protocol any from any to any accept with log;
}
addrset web {
ip 10.1.1.10,
}`,
  *find(context) {
    for (const { list } of allLists(context)) {
      if (list.name === "ids") continue;
      for (const [index, entry] of list.entries.entries()) {
        const { rule } = entry;
        if (rule.action !== "accept" || rule.conditions.length > 0 || isInDeadTail(list, index)) continue;
        const groups = GROUPS.flatMap(({ name, kinds }) => {
          const directions = DIRECTIONS.filter((direction) =>
            kinds.every((kind) => takesAll(entry, kind, DIRECTION_NUMBER[direction])),
          );
          return directions.length === 0 ? [] : [{ name, directions }];
        });
        if (groups.length === 0 || list.facts[index]!.status !== "reachable") continue;
        const what = groups.map(
          ({ name, directions }) => `${name}${directions.length === 2 ? "" : ` ${directions[0]}bound`}`,
        );
        const layer2 = list.name === "ethernet";
        yield {
          severity: layer2 ? "info" : "warning",
          message: `${ruleName(rule)} accepts every ${enumerate(what)} ${layer2 ? "frame" : "packet"} that gets to it`,
          ...(layer2
            ? {
                why: "Normal: what layer 2 accepts goes on to the layer-3 rules, which decide.",
                help: "Nothing to do, unless frames other than IP and ARP should be stopped.",
              }
            : {}),
          at: rule.reference.source,
          rule,
          witness: list.facts[index]!.witness,
          data: { matches: groups },
        };
      }
    }
  },
};

function takesAll(entry: Entry, kind: Kind, direction: number): boolean {
  const box = entry.must.get(kind);
  const all: Box = { kind, sides: UNIVERSE[kind].sides.with(0, single(direction)) };
  return box !== undefined && boxContains(box, all);
}
