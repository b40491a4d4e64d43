import { IPV6_LINK_LOCAL } from "../model/address.ts";
import { contains, isEmpty } from "../model/ranges.ts";
import type { AddressSet, Family, IpRule } from "../model/rule.ts";
import { ICMP } from "../model/protocols.ts";
import type { Check } from "./check.ts";
import { MOST_MEMBERS_RELATED, memberAt, memberNames, relatedMember, type Member } from "./members.ts";
import { usedSets, type UsedSet } from "./uses.ts";
import { counted } from "./words.ts";

const WORD: Readonly<Record<Family, string>> = { ipv4: "IPv4", ipv6: "IPv6" };

export const familyMismatch: Check = {
  id: "family-mismatch",
  severity: "info",
  label: "has members of a family that no rule matches",
  summary:
    "An address set holds members of one address family, and every rule that uses it is for the other: inet or icmp for " +
    "IPv6 members, inet6 or ipv6-icmp for IPv4 ones. MAC addresses and IPv6 link-local ones are not counted: IP discovery " +
    "brings them into every group.",
  why:
    "Whoever put these members in expects the rules to hold for them, and no rule does: their traffic goes on to the next " +
    "rules.",
  help: "Write the rule for both families, add one for the other family, or leave it if that traffic is decided elsewhere.",
  example: `ruleset domain-c1 {
  rule 1231 at 1 inout inet protocol tcp from any to addrset web port 443 accept;
  rule 1001 at 2 inout protocol any from any to any drop with log;
}
addrset web {
ip 10.1.1.10,
ip 2001:db8:1::10,
}`,
  *find(context) {
    for (const used of usedSets(context.filters)) {
      const { set, uses, complete } = used;
      const families = familiesOf(used);
      const [family, ...others] = families ?? [];
      // Both families are in use; or a set with nothing for its rules, which can never match, and that is said there.
      if (family === undefined || others.length > 0 || isEmpty(set.must[family])) continue;
      const members = membersOf(set, family === "ipv4" ? "ipv6" : "ipv4");
      if (members.length === 0) continue;
      const rules = new Set(uses.map(({ rule }) => rule)).size;
      yield {
        message: `${counted(members.length, "member")} of addrset ${set.name} can never match: ${memberNames(set, members)}; ${rules === 1 ? "the rule that uses it is" : `the ${rules} rules that use it are`} for ${WORD[family]} only`,
        certain: complete,
        at: { dump: set.source.dump, range: set.nameRange },
        addressSet: set.name,
        related: members
          .slice(0, MOST_MEMBERS_RELATED)
          .map((member) => relatedMember(set, member, `not ${WORD[family]}`)),
        data: { family, rules, members: members.map(({ text }) => text) },
      };
    }
  },
};

/** The families of packets that the rules which use a set are for; null if one of them is for frames. */
function familiesOf({ uses }: UsedSet): readonly Family[] | null {
  const families = new Set<Family>();
  for (const { rule } of uses) {
    if (rule.layer === "ethernet") return null;
    for (const family of ruleFamilies(rule)) families.add(family);
    if (families.size === 2) break;
  }
  return [...families];
}

/** ICMP exists in one family only. */
function ruleFamilies({ families, service }: IpRule): readonly Family[] {
  if (service.type !== "icmp") return families;
  return families.filter((family) => (service.protocol === ICMP) === (family === "ipv4"));
}

function membersOf(set: AddressSet, family: Family): Member[] {
  if (family === "ipv6" && contains(IPV6_LINK_LOCAL, set.must.ipv6)) return [];
  return set.spans.flatMap((span, index) => {
    if (span?.family !== family) return [];
    if (span.family === "ipv6" && contains(IPV6_LINK_LOCAL, [span.first, span.last + 1n])) return [];
    return memberAt(set, index) ?? [];
  });
}
