import type { Rule } from "../model/rule.ts";
import type { Check } from "./check.ts";
import { emptiedBy, holdsNothing, usesIn } from "./uses.ts";
import { counted, relatedRule, ruleNames } from "./words.ts";

export const emptyAddrset: Check = {
  id: "empty-addrset",
  severity: "warning",
  label: "has no members",
  summary:
    "A rule uses an address set without members; an error where that empties the rule, so that it can never match, and " +
    "under `not`, where it widens to every address.",
  why: "An empty set matches nothing, so its rules do nothing: the group's virtual machines are gone, or their addresses are not discovered.",
  help: "Look at the group's effective members in the manager, and at IP discovery (VMware Tools, ARP or DHCP snooping).",
  example: `ruleset domain-c1 {
  rule 1121 at 1 inout protocol tcp from not addrset admins to any port 22 drop;
  rule 1122 at 2 inout protocol tcp from addrset printers to any port 9100 accept;
  rule 1001 at 3 inout protocol any from any to any accept;
}
addrset admins {
}
}
addrset printers {
}
}`,
  *find(context) {
    for (const analysis of context.filters) {
      const usesOf = usesIn(analysis);
      for (const set of analysis.filter.addressSets.values()) {
        const uses = usesOf.get(set);
        if (uses === undefined || !holdsNothing(set)) continue;
        const users = [...new Set(uses.map(({ rule }) => rule))];
        const emptied = users.filter((rule) => emptiedBy(rule).includes(set.name));
        // What matches nothing for another reason is not widened either.
        const widened = [
          ...new Set(
            uses.flatMap(({ rule, negated }) => (negated && emptiedBy(rule).length === 0 ? [rule] : [])),
          ),
        ];
        const told = new Set([...emptied, ...widened]);
        const others = users.filter((rule) => !told.has(rule));
        yield {
          severity: emptied.length + widened.length > 0 ? "error" : "warning",
          message: `addrset ${set.name} is empty, ${whatFollows(users, emptied, widened)}`,
          ...(widened.length > 0
            ? {
                why: "`not` an empty set is every address: the rule takes traffic that it was written to spare.",
              }
            : {}),
          at: { dump: set.source.dump, range: set.nameRange },
          addressSet: set.name,
          related: [
            ...widened.map((rule) => relatedRule("matches every address", rule)),
            ...emptied.map((rule) => relatedRule("can never match", rule)),
            ...others.map((rule) => relatedRule("uses it", rule)),
          ].slice(0, 50),
          data: { rules: users.length, negated: widened.length, emptied: emptied.length },
        };
      }
    }
  },
};

function whatFollows(users: readonly Rule[], emptied: readonly Rule[], widened: readonly Rule[]): string {
  const never = `${ruleNames(emptied)} can never match`;
  if (widened.length > 0) {
    const uses = widened.length === 1 ? "uses" : "use";
    const wide = `and ${ruleNames(widened)} ${uses} it under \`not\`, which matches every address`;
    return emptied.length === 0 ? wide : `${wide}; ${never}`;
  }
  return emptied.length === 0 ? `and ${counted(users.length, "rule uses", "rules use")} it` : `so ${never}`;
}
