import type { ListAnalysis } from "../analysis/analysis.ts";
import type { RuleFacts } from "../analysis/reachability.ts";
import type { Rule } from "../model/rule.ts";
import { allLists, type Check, type Found } from "./check.ts";
import { ownRulesOf, repeatsIn } from "./duplicates.ts";
import { joinLines } from "./lines.ts";
import { relatedBlockers } from "./parts.ts";
import { isDeadByDesign } from "./whole.ts";
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
    for (const { list } of allLists(context)) yield* joinLines(findIn(list), "never reached either");
  },
};

function* findIn(list: ListAnalysis): Generator<Found> {
  const { duplicates } = repeatsIn(list);
  for (const { index, rule, facts } of ownRulesOf(list)) {
    if (facts.status !== "shadowed") continue;
    // A copy of another rule is said to be that, and its first may be shadowed.
    if (duplicates.has(rule)) continue;
    if (!isDeadByDesign(list, index, facts)) yield describe(list, index, facts);
  }
}

function describe(list: ListAnalysis, index: number, { rule, by, certain, witness }: RuleFacts): Found {
  const differs = (other: Rule): boolean => other.action !== rule.action;
  const opening = (other: Rule): boolean => differs(other) && OPENING.has(other.action);
  // Of several verdicts the one that opens weighs most; of several rules one that is named anyway reads best.
  const wishes = [
    (other: Rule) => by.includes(other) && opening(other),
    opening,
    (other: Rule) => by.includes(other) && differs(other),
    differs,
  ];
  let winner: ReturnType<ListAnalysis["winnerAmong"]> = null;
  for (const wish of wishes) winner ??= list.winnerAmong(index, wish);
  const opens = winner !== null && opening(winner.rule);
  const related = relatedBlockers(list, index, by);
  if (winner !== null && !by.includes(winner.rule)) {
    related.push(relatedRule(actionWords(winner.rule.action, "some of them"), winner.rule));
  }
  return {
    message: `${ruleName(rule)} (${rule.action}) is never reached: ${whoTakes(list, index, by, winner?.rule ?? null)}`,
    why: whyItMatters(rule, winner?.rule ?? null, opens),
    certain,
    at: rule.reference.source,
    rule,
    related,
    witness: winner?.packet ?? witness,
    data: {
      impact: opens ? "security" : "availability",
      verdict: rule.action,
      earlierVerdict: winner?.rule.action ?? null,
    },
  };
}

/** What lets packets through. */
const OPENING: ReadonlySet<string> = new Set(["accept", "idp_detect"]);

function whoTakes(list: ListAnalysis, index: number, by: readonly Rule[], winner: Rule | null): string {
  const [first] = by;
  const { action } = first!;
  const names = ruleNames(by);
  const several = by.length > 1;
  const uniform =
    by.every((blocker) => blocker.action === action) &&
    list.winnerAmong(index, (other) => other.action !== action) === null;
  if (uniform) {
    const take = several ? "together take" : "takes";
    return `${names} ${take} all its packets first and ${actionWords(action, "them", several)}`;
  }
  if (winner === null) return `${names} ${several ? "together take" : "takes"} all its packets first`;
  if (several) {
    return `${names} together take all its packets first; ${ruleName(winner)} ${actionWords(winner.action, "some of them")}`;
  }
  return winner === first
    ? `${names} takes all its packets that are left and ${actionWords(action, "them")}`
    : `${ruleName(winner)} ${actionWords(winner.action, "some of its packets")} and ${names} takes all that are left`;
}

function whyItMatters(rule: Rule, winner: Rule | null, opens: boolean): string {
  const wanted = rule.verdict ?? "handle";
  const got = winner === null ? "handled otherwise" : (PAST[winner.action] ?? "handled otherwise");
  return `${opens ? "Security" : "Availability"}: packets that this rule should ${wanted} are ${got} before they get to it.`;
}

const PAST: Readonly<Record<string, string>> = {
  accept: "accepted",
  drop: "dropped",
  reject: "rejected",
  idp_detect: "only reported",
};
