import { printAddress } from "../syntax/print.ts";
import type { Rule } from "../model/rule.ts";
import { allLists, isInDeadTail, type Check } from "./check.ts";
import { isOwnRule, repeatsIn } from "./duplicates.ts";
import { enumerate, isSystemRule, relatedRule, ruleName } from "./words.ts";

export const duplicateRule: Check = {
  id: "duplicate-rule",
  severity: "warning",
  label: "repeats it",
  summary:
    "The rule says exactly what an earlier rule with another id says: same match, same action, same treatment.",
  why: "Two rules of the manager do one job. Whoever changes one of them changes nothing, and wonders why.",
  help: "Delete the later rule in the manager.",
  example: `ruleset domain-c1 {
  rule 1051 at 1 inout protocol tcp from addrset app to addrset db port 1433 accept with log;
  rule 1063 at 2 inout protocol tcp from addrset app to addrset db port 1433 accept with log;
  rule 1001 at 3 inout protocol any from any to any drop;
}
addrset app {
ip 10.3.0.11,
}
addrset db {
ip 10.3.1.11,
}`,
  *find(context) {
    for (const { list } of allLists(context)) {
      const { duplicates } = repeatsIn(list);
      for (const [index, rule] of list.rules.entries()) {
        const first = duplicates.get(rule);
        if (first === undefined || !isOwnRule(list, rule) || isInDeadTail(list, index)) continue;
        // Nobody can delete a system rule.
        if (isSystemRule(rule)) continue;
        yield {
          message: `${ruleName(rule)} repeats ${ruleName(first)}${otherNames(rule, first)}`,
          // An action that is not known may let packets go on to the second rule.
          certain: rule.decides,
          at: rule.reference.source,
          rule,
          related: [relatedRule("the same rule", first)],
        };
      }
    }
  },
};

/** Sets of other names with equal members are equal today; tomorrow they may not be. */
function otherNames(rule: Rule, first: Rule): string {
  const pairs = (["from", "to"] as const)
    .map((side) => [printAddress(rule.node![side]), printAddress(first.node![side])] as const)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => `${a} and ${b}`);
  return pairs.length === 0 ? "" : `: ${enumerate([...new Set(pairs)])} hold the same addresses`;
}
