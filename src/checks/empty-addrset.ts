import type { FilterAnalysis } from "../analysis/analysis.ts";
import { isEmpty } from "../model/ranges.ts";
import { addressNodes, type AddressSet, type Rule } from "../model/rule.ts";
import { deadTailOf, type Check } from "./check.ts";
import { counted, relatedRule } from "./words.ts";

export const emptyAddrset: Check = {
  id: "empty-addrset",
  severity: "warning",
  label: "has no members",
  summary:
    "A rule uses an address set without members; an error under `not`, where it widens to every address.",
  why: "An empty set matches nothing, so its rules do nothing: the group's virtual machines are gone, or their addresses are not discovered.",
  help: "Look at the group's effective members in the manager, and at IP discovery (VMware Tools, ARP or DHCP snooping).",
  example: `ruleset domain-c1 {
  rule 1121 at 1 inout protocol tcp from not addrset admins to any port 22 drop;
  rule 1001 at 2 inout protocol any from any to any accept;
}
addrset admins {
}
}`,
  *find(context) {
    for (const analysis of context.filters) {
      const usersOf = usersBySet(analysis);
      for (const set of analysis.filter.addressSets.values()) {
        const users = usersOf.get(set.name);
        if (users === undefined || !isEmptySet(set)) continue;
        const negated = users.filter((rule) => usesNegated(rule, set.name));
        const widened = negated.length > 0;
        yield {
          severity: widened ? "error" : "warning",
          message: widened
            ? `addrset ${set.name} is empty, and ${counted(negated.length, "rule uses", "rules use")} it under \`not\`, which matches every address`
            : `addrset ${set.name} is empty, and ${counted(users.length, "rule uses", "rules use")} it`,
          ...(widened
            ? {
                why: "`not` an empty set is every address: the rule takes traffic that it was written to spare.",
              }
            : {}),
          at: { dump: set.source.dump, range: set.nameRange },
          addressSet: set.name,
          related: (widened ? negated : users).slice(0, 50).map((rule) => relatedRule("uses it", rule)),
          data: { rules: users.length, negated: negated.length },
        };
      }
    }
  },
};

function isEmptySet({ may }: AddressSet): boolean {
  return isEmpty(may.ipv4) && isEmpty(may.ipv6) && isEmpty(may.mac);
}

/** The rules that name each set, without ALG twins and without what nothing reaches. */
function usersBySet(analysis: FilterAnalysis): ReadonlyMap<string, readonly Rule[]> {
  const dead = deadTailOf(analysis);
  const users = new Map<string, Rule[]>();
  for (const rule of analysis.filter.rules) {
    if (rule.internal || dead.has(rule)) continue;
    const names = new Set(addressNodes(rule).flatMap((node) => (node.type === "addrset" ? [node.name] : [])));
    for (const name of names) {
      const known = users.get(name);
      if (known === undefined) users.set(name, [rule]);
      else known.push(rule);
    }
  }
  return users;
}

function usesNegated(rule: Rule, name: string): boolean {
  return addressNodes(rule).some((node) => node.type === "addrset" && node.name === name && node.negated);
}
