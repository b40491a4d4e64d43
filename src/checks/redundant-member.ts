import type { AddressSet } from "../model/rule.ts";
import type { Check } from "./check.ts";
import { MOST_MEMBERS_RELATED, memberAt, memberName, relatedMember, type Member } from "./members.ts";
import { usedSets } from "./uses.ts";
import { counted } from "./words.ts";

const MOST_NAMED = 3;

export const redundantMember: Check = {
  id: "redundant-member",
  severity: "info",
  label: "has members inside others",
  summary:
    "A member of an address set lies inside another member of the same set. Only sets that a rule uses are looked at.",
  why:
    "The member changes nothing, and it misleads: whoever takes it out of the group to stop the machine's traffic stops " +
    "nothing, because the wider member still holds it.",
  help: "Delete the member, or narrow the wider one.",
  example: `ruleset domain-c1 {
  rule 1211 at 1 inout protocol tcp from addrset office to any port 443 accept;
  rule 1001 at 2 inout protocol any from any to any drop with log;
}
addrset office {
ip 10.20.0.0/16,
ip 10.20.0.7,
ip 10.21.0.9,
}`,
  *find(context) {
    for (const { set } of usedSets(context.filters)) {
      const found = redundantMembers(set);
      if (found.length === 0) continue;
      const named = found
        .slice(0, MOST_NAMED)
        .map(({ inner, outer }) => `${memberName(set, inner)} in ${memberName(set, outer)}`)
        .join(", ");
      const more = found.length > MOST_NAMED ? ` and ${found.length - MOST_NAMED} more` : "";
      yield {
        message: `${counted(found.length, "member")} of addrset ${set.name} ${found.length === 1 ? "lies" : "lie"} inside another: ${named}${more}`,
        at: { dump: set.source.dump, range: set.nameRange },
        addressSet: set.name,
        related: found
          .slice(0, MOST_MEMBERS_RELATED)
          .map(({ inner, outer }) => relatedMember(set, inner, `inside ${outer.text}`)),
        data: {
          members: found.map(({ inner, outer }) => ({ member: inner.text, inside: outer.text })),
        },
      };
    }
  },
};

interface Nested {
  readonly inner: Member;
  readonly outer: Member;
}

/** Members that one other member holds all of, in the order of the text; of equal members all but the first. */
function redundantMembers(set: AddressSet): Nested[] {
  const { must, spans } = set;
  // Where every member became a range of its own, none touches another.
  if ((must.ipv4.length + must.ipv6.length + must.mac.length) / 2 === spans.length) return [];
  const nested: Nested[] = [];
  for (const family of ["ipv4", "ipv6", "mac"] as const) {
    const members = spans.flatMap((span, index) =>
      span?.family === family ? (memberAt(set, index) ?? []) : [],
    );
    members.sort(byStartThenWidth);
    let widest: Member | null = null;
    // All members before this one begin no later, so the one that reaches farthest holds it if any does.
    for (const member of members) {
      if (widest !== null && member.span.last <= widest.span.last)
        nested.push({ inner: member, outer: widest });
      else widest = member;
    }
  }
  return nested.toSorted((a, b) => a.inner.index - b.inner.index);
}

function byStartThenWidth(a: Member, b: Member): number {
  if (a.span.first !== b.span.first) return a.span.first < b.span.first ? -1 : 1;
  if (a.span.last !== b.span.last) return a.span.last > b.span.last ? -1 : 1;
  return a.index - b.index;
}
