import type { FilterAnalysis } from "../analysis/analysis.ts";
import type { AddressSet } from "../model/rule.ts";
import type { Check } from "./check.ts";
import { setNamesIn, placeOf, unreadWords } from "./uses.ts";
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
    for (const { set, used, complete } of usesOf(context.filters)) {
      if (used) continue;
      const what = `addrset ${set.name} (${counted(set.members, "member")})`;
      yield {
        message: `${what} is used by no rule${complete ? "" : " up to where the dump ends"}`,
        certain: complete,
        at: { dump: set.source.dump, range: set.nameRange },
        addressSet: set.name,
      };
    }
  },
};

interface Use {
  readonly set: AddressSet;
  used: boolean;
  /** False if rules of a filter that has the set were cut off. */
  complete: boolean;
}

/** Whether each set is used by some filter: sets that were saved without a prompt belong to several. */
function usesOf(filters: readonly FilterAnalysis[]): Iterable<Use> {
  const uses = new Map<string, Use>();
  for (const { filter } of filters) {
    if (filter.rules.length === 0) continue;
    const named = setNamesIn(filter);
    const unread = unreadWords(filter);
    for (const set of filter.addressSets.values()) {
      const key = placeOf(set);
      const use = uses.get(key) ?? { set, used: false, complete: true };
      uses.set(key, use);
      if (named.has(set.name) || unread.words.has(set.name)) use.used = true;
      if (unread.cut) use.complete = false;
    }
  }
  return uses.values();
}
