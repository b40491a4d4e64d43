import { addressNodes, type Rule } from "../model/rule.ts";
import { closest } from "../model/flow.ts";
import { deadTailOf, type Check } from "./check.ts";
import { setNamesIn } from "./uses.ts";
import { counted, relatedRule, ruleName } from "./words.ts";

export const undefinedAddrset: Check = {
  id: "undefined-addrset",
  severity: "error",
  label: "names a set that is not defined",
  summary: "A rule names an address set that no dump defines.",
  why: "Its members are unknown, so the rule may match anything or nothing, and every verdict behind it is uncertain.",
  help:
    "Add the output of `vsipioctl getaddrsets -f FILTER` for the same filter, taken at the same time. If it is there, " +
    "the dump is incomplete or the filter was not realised.",
  example: `ruleset domain-c1 {
  rule 1111 at 1 inout protocol tcp from any to addrset ip-securitygroup-12 port 443 accept;
  rule 1001 at 2 inout protocol any from any to any drop;
}
addrset ip-securitygroup-10 {
ip 10.1.1.10,
}`,
  *find(context) {
    for (const analysis of context.filters) {
      const { filter } = analysis;
      if ([...setNamesIn(filter)].every((name) => filter.addressSets.has(name))) continue;
      const users = new Map<string, Rule[]>();
      const dead = deadTailOf(analysis);
      for (const rule of filter.rules) {
        if (dead.has(rule)) continue;
        for (const node of addressNodes(rule)) {
          if (node.type !== "addrset" || filter.addressSets.has(node.name)) continue;
          const rules = users.get(node.name);
          if (rules === undefined) users.set(node.name, [rule]);
          else if (rules.at(-1) !== rule) rules.push(rule);
        }
      }
      for (const [name, rules] of users) {
        const [first, ...others] = rules;
        const also =
          others.length === 0
            ? ""
            : `; ${counted(others.length, "other rule names", "other rules name")} it too`;
        yield {
          message: `${ruleName(first!)} names addrset ${name}, which is not defined${closest(name, filter.addressSets.keys())}${also}`,
          at: first!.reference.source,
          rule: first!,
          addressSet: name,
          related: others.slice(0, 50).map((rule) => relatedRule("names it too", rule)),
          data: { rules: rules.length },
        };
      }
    }
  },
};
