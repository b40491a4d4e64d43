import { addressNodes } from "../model/rule.ts";
import type { Check } from "./check.ts";
import { counted } from "./words.ts";

export const unusedAddrset: Check = {
  id: "unused-addrset",
  severity: "info",
  label: "used by no rule",
  summary: "An address set is defined and no rule uses it.",
  why: "It costs memory at the vNIC and reading time, and often it is left over from a rule that was deleted.",
  help: "See in the manager why the group is still applied here.",
  example: `ruleset domain-c1 {
  rule 1001 at 1 inout protocol any from any to any drop;
}
addrset ip-securitygroup-77 {
ip 10.1.1.10,
}`,
  *find(context) {
    for (const { filter } of context.filters) {
      if (filter.rules.length === 0) continue;
      const used = new Set(
        filter.rules.flatMap((rule) =>
          addressNodes(rule).flatMap((node) => (node.type === "addrset" ? [node.name] : [])),
        ),
      );
      for (const set of filter.addressSets.values()) {
        if (used.has(set.name)) continue;
        yield {
          message: `addrset ${set.name} (${counted(set.members, "member")}) is used by no rule`,
          at: { dump: set.source.dump, range: set.nameRange },
          addressSet: set.name,
        };
      }
    }
  },
};
