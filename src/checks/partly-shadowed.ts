import { allLists, isInDeadTail, parameterOf, type Check } from "./check.ts";
import { isOwnRule } from "./duplicates.ts";
import { actionWords, isSystemRule, relatedRule, ruleName, ruleNames } from "./words.ts";

export const partlyShadowed: Check = {
  id: "partly-shadowed",
  severity: "info",
  label: "only a part gets here",
  summary: "Earlier rules with another verdict take a large part of the rule's packets.",
  why: "The rule does much less than it says. Often that is meant, as when exceptions stand above it; often it is not.",
  help: "Compare the rule with those that take its packets. Narrow its source, destination or ports to what is really left if the rest is not wanted.",
  parameters: {
    percent: {
      default: 50,
      minimum: 1,
      maximum: 100,
      describe: "the part of the rule's packets, in per cent, from which on it is worth naming",
    },
  },
  example: `ruleset domain-c1 {
  rule 1021 at 1 inout protocol tcp from any to addrset web port {80, 8080} drop;
  rule 1022 at 2 inout protocol tcp from addrset office to addrset web port {80, 443} accept;
  rule 1001 at 3 inout protocol any from any to any drop;
}
addrset web {
ip 10.1.1.10,
}
addrset office {
ip 10.20.0.0/16,
}`,
  *find(context) {
    const least = parameterOf(context, partlyShadowed, "percent") / 100;
    for (const { list } of allLists(context)) {
      for (const [index, { rule, status }] of list.facts.entries()) {
        if (status !== "reachable" || !isOwnRule(list, rule) || isInDeadTail(list, index)) continue;
        // What is left for the last resort is meant to be little.
        if (isSystemRule(rule) || rule.conditions.length > 0) continue;
        const lost = list.effective.lostShare(index, least);
        if (lost === null) continue;
        const takers = lost.takers.map((taker) => list.rules[taker]!);
        const verb = takers.length === 1 ? "takes" : "take";
        const actions = new Set(takers.map(({ action }) => action));
        const does =
          actions.size === 1 ? ` and ${actionWords([...actions][0]!, "them", takers.length > 1)}` : "";
        yield {
          message: `${ruleName(rule)} (${rule.action}) gets only a part of its packets: ${ruleNames(takers, 3)} ${verb} ${share(lost.share)} first${does}`,
          at: rule.reference.source,
          rule,
          related: takers.slice(0, MOST_RELATED).map((taker) => relatedRule("takes a part first", taker)),
          witness: lost.witness,
          data: { percent: Math.round(lost.share * 10_000) / 100 },
        };
      }
    }
  },
};

const MOST_RELATED = 50;

function share(part: number): string {
  const percent = Math.floor(part * 100);
  return percent === 100 ? "nearly all" : `${percent} %`;
}
