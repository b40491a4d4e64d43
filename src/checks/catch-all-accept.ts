import { printAddress } from "../syntax/print.ts";
import type { Rule } from "../model/rule.ts";
import { allLists, isInDeadTail, type Check } from "./check.ts";
import { describeWholes, wholesIn } from "./whole.ts";
import { enumerate, ruleName } from "./words.ts";

export const catchAllAccept: Check = {
  id: "catch-all-accept",
  severity: "warning",
  label: "accepts everything",
  summary:
    "A rule accepts every packet of an address family and direction, by the word any or by address sets that add up to " +
    "it. On layer 2 that is the usual default and only worth knowing.",
  why:
    "Whatever no earlier rule stops is let through: the firewall is open by default, and only the drops and rejects " +
    "above this rule protect anything.",
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
      for (const [index, groups] of wholesIn(list)) {
        const rule = list.rules[index]!;
        if (rule.action !== "accept" || rule.conditions.length > 0 || isInDeadTail(list, index)) continue;
        if (list.facts[index]!.status !== "reachable") continue;
        const layer2 = list.name === "ethernet";
        yield {
          severity: layer2 ? "info" : "warning",
          message: `${ruleName(rule)} accepts ${describeWholes(groups, layer2 ? "frame" : "packet")} that gets to it${bySets(rule)}`,
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

/** Names the sets that stand where one would look for `any`. */
function bySets(rule: Rule): string {
  const sides = [rule.node!.from, rule.node!.to].filter(({ type }) => type !== "any").map(printAddress);
  const names = [...new Set(sides)];
  return names.length === 0
    ? ""
    : `, because ${enumerate(names)} ${names.length === 1 ? "covers" : "cover"} every such address`;
}
