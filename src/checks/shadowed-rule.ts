import type { ListAnalysis } from "../analysis/analysis.ts";
import type { RuleFacts } from "../analysis/reachability.ts";
import { firstMatch } from "../analysis/first-match.ts";
import { allLists, isInDeadTail, type Check, type Found } from "./check.ts";
import { actionWords, relatedRule, ruleName, ruleNames } from "./words.ts";

export const shadowedRule: Check = {
  id: "shadowed-rule",
  severity: "error",
  label: "never reached",
  summary: "No packet can reach the rule, and some of its packets get another verdict from an earlier rule.",
  why:
    "Whoever wrote the rule believes that it is in force. What it should block is let through (security), or what " +
    "it should allow is blocked (availability).",
  help:
    "Move the rule above the rules that take its packets, narrow those, or delete it if the earlier verdict is the " +
    "one that is wanted.",
  example: `ruleset domain-c1 {
  rule 1021 at 1 inout protocol tcp from any to addrset web port 443 accept;
  rule 1022 at 2 inout protocol tcp from addrset quarantine to addrset web port 443 drop with log;
  rule 1001 at 3 inout protocol any from any to any drop;
}
addrset web {
ip 10.1.1.10,
ip 10.1.1.11,
}
addrset quarantine {
ip 10.9.0.0/24,
}`,
  *find(context) {
    for (const { list } of allLists(context)) {
      for (const [index, facts] of list.facts.entries()) {
        const { rule, status } = facts;
        if (status !== "shadowed" || rule.node === null || rule.internal || isInDeadTail(list, index))
          continue;
        yield describe(list, facts);
      }
    }
  },
};

function describe(list: ListAnalysis, { rule, by, certain, witness }: RuleFacts): Found {
  const winner = witness === null ? null : firstMatch(list.rules, witness).rule;
  const opens = winner?.action === "accept";
  const together = by.length === 1 ? "takes all its packets first" : "together take all its packets first";
  const verdict =
    winner === null
      ? ""
      : `; ${by.includes(winner) && by.length === 1 ? "it" : ruleName(winner)} ${actionWords(winner.action)}`;
  const related = by.map((blocker) => relatedRule("takes them first", blocker));
  if (winner !== null && !by.includes(winner)) {
    related.push(relatedRule("decides the example packet", winner));
  }
  return {
    message: `${ruleName(rule)} (${rule.action}) is never reached: ${ruleNames(by)} ${together}${verdict}`,
    why: opens
      ? "Security: packets that this rule should stop are accepted by an earlier rule."
      : "Availability: packets that this rule should handle are stopped or answered otherwise by an earlier rule.",
    certain,
    at: rule.reference.source,
    rule,
    related,
    witness,
    data: {
      impact: opens ? "security" : "availability",
      verdict: rule.action,
      earlierVerdict: winner?.action ?? null,
    },
  };
}
