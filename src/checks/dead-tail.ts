import { allLists, type Check } from "./check.ts";
import { isOwnRule } from "./duplicates.ts";
import { bySameId, counted, isSystemRule, relatedRule, ruleName } from "./words.ts";

export const deadTail: Check = {
  id: "dead-tail",
  severity: "info",
  label: "never reached",
  summary: "Rules stand behind a rule that takes every packet; nothing can reach them.",
  why:
    "They do nothing as long as the catch-all stands there. System rules behind a catch-all of your own are normal and " +
    "are not counted.",
  help: "Move them above the catch-all if they are meant to work, or delete them.",
  example: `ruleset domain-c1 {
  rule 1081 at 1 inout protocol tcp from any to addrset web port 443 accept;
  rule 1082 at 2 inout protocol any from any to any drop with log;
  rule 1083 at 3 inout protocol tcp from any to addrset web port 80 accept;
  rule 1001 at 4 inout protocol any from any to any accept;
}
addrset web {
ip 10.1.1.10,
}`,
  *find(context) {
    for (const { list } of allLists(context)) {
      const index = list.catchAllIndex;
      if (index === null) continue;
      const catchAll = list.rules[index]!;
      // Lines of the catch-all's own id are the same rule of the manager, expanded.
      const tail = list.rules
        .slice(index + 1)
        .filter((rule) => isOwnRule(list, rule) && !isSystemRule(rule) && !bySameId(rule, [catchAll]));
      const [first] = tail;
      if (first === undefined) continue;
      yield {
        message:
          tail.length === 1
            ? `${ruleName(first)} is never reached: ${ruleName(catchAll)} takes every packet before it`
            : `${counted(tail.length, "rule")} from ${ruleName(first)} on are never reached: ${ruleName(catchAll)} takes every packet before them`,
        at: first.reference.source,
        rule: first,
        related: [relatedRule("takes every packet", catchAll)],
        data: {
          count: tail.length,
          rules: tail.map(({ reference: { id, position } }) => ({ id, position })),
        },
      };
    }
  },
};
