import { allLists, isInDeadTail, type Check } from "./check.ts";
import { duplicatesIn } from "./duplicates.ts";
import { relatedRule, ruleName } from "./words.ts";

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
      const duplicates = duplicatesIn(list);
      for (const [index, rule] of list.rules.entries()) {
        const first = duplicates.get(rule);
        if (first === undefined || rule.internal || isInDeadTail(list, index)) continue;
        yield {
          message: `${ruleName(rule)} repeats ${ruleName(first)}`,
          at: rule.reference.source,
          rule,
          related: [relatedRule("the same rule", first)],
        };
      }
    }
  },
};
