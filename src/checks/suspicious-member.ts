import {
  IPV4_ALL,
  IPV6_ALL,
  IPV6_LINK_LOCAL,
  parseAddress,
  type AddressRanges,
  type AddressSpan,
} from "../model/address.ts";
import { contains, isEmpty, overlaps, type Ranges } from "../model/ranges.ts";
import type { Family } from "../model/rule.ts";
import type { Check, Found } from "./check.ts";
import { MOST_MEMBERS_RELATED, memberAt, memberNames, relatedMember, type Member } from "./members.ts";
import { sidesOf, usedSets, type Use, type UsedSet } from "./uses.ts";
import { relatedRule, ruleNames } from "./words.ts";

export const suspiciousMember: Check = {
  id: "suspicious-member",
  severity: "warning",
  label: "has a member that cannot be meant so",
  summary:
    "A used address set holds a member that is hardly meant so: all addresses (0.0.0.0/0 or ::/0), loopback, an IPv6 " +
    "address that only wraps an IPv4 one (::ffff:0:0/96), bits behind the prefix (10.1.1.5/24); multicast or broadcast in " +
    "a set that is only used as a source; or nothing but link-local addresses, in a rule whose other side names " +
    "addresses that are not. Link-local addresses among others are normal, because IP discovery finds them, and so is multicast in a " +
    "destination.",
  why:
    "The set holds other addresses than its name promises, or addresses that no packet has, so its rules match more or " +
    "less than they seem to.",
  help: "Correct the group in the manager, or see where IP discovery found the address.",
  example: `ruleset domain-c1 {
  rule 1221 at 1 inout protocol tcp from addrset admins to addrset web port 22 accept;
  rule 1001 at 2 inout protocol any from any to any drop with log;
}
addrset admins {
ip 10.1.1.5/24,
ip 127.0.0.1,
}
addrset web {
ip 10.1.2.10,
ip fe80::250:56ff:fe99:1461,
}`,
  *find(context) {
    for (const used of usedSets(context.filters)) {
      const suspicions = suspicionsIn(used);
      for (const [kind, members] of suspicions) yield memberFinding(used, kind, members);
      for (const family of ["ipv4", "ipv6"] as const) yield* linkLocalFinding(used, family);
    }
  },
};

type Kind = "everything" | "loopback" | "mapped" | "host-bits" | "multicast" | "broadcast";

const range4 = (first: number, bits: number): Ranges<number> => [first, first + 2 ** (32 - bits)];
const range6 = (first: bigint, bits: bigint): Ranges<bigint> => [first, first + (1n << (128n - bits))];

const LOOPBACK = { ipv4: range4(0x7f000000, 8), ipv6: range6(1n, 128n) };
const MULTICAST = { ipv4: range4(0xe0000000, 4), ipv6: range6(0xff00n << 112n, 8n) };
const LINK_LOCAL = { ipv4: range4(0xa9fe0000, 16), ipv6: IPV6_LINK_LOCAL };
const BROADCAST = range4(0xffffffff, 32);
const MAPPED = range6(0xffffn << 32n, 96n);

/** In order. Whoever holds none of these holds nothing suspicious, but for bits behind a prefix. */
const ODD: Pick<AddressRanges, Family> = {
  ipv4: [...LOOPBACK.ipv4, ...MULTICAST.ipv4, ...BROADCAST],
  ipv6: [...LOOPBACK.ipv6, ...MAPPED, ...MULTICAST.ipv6],
};

function suspicionsIn({ set, uses }: UsedSet): Map<Kind, Member[]> {
  const found = new Map<Kind, Member[]>();
  const { must, spans } = set;
  const onlySource =
    uses.some(({ side, negated }) => side === "source" && !negated) &&
    uses.every(({ side }) => side === "source");
  const odd = overlaps(must.ipv4, ODD.ipv4) || overlaps(must.ipv6, ODD.ipv6);
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index]!;
    if (span === null || span.family === "mac" || (!odd && span.first === span.last)) continue;
    const member = memberAt(set, index)!;
    const kind = oddKind(span, onlySource) ?? (hasHostBits(member) ? "host-bits" : null);
    if (kind === null) continue;
    const members = found.get(kind);
    if (members === undefined) found.set(kind, [member]);
    else members.push(member);
  }
  return found;
}

function oddKind(span: AddressSpan, onlySource: boolean): Kind | null {
  switch (span.family) {
    case "ipv4":
      if (liesIn(IPV4_ALL, span) && span.last - span.first === IPV4_ALL[1]! - 1) return "everything";
      if (liesIn(LOOPBACK.ipv4, span)) return "loopback";
      if (onlySource && liesIn(MULTICAST.ipv4, span)) return "multicast";
      return onlySource && liesIn(BROADCAST, span) ? "broadcast" : null;
    case "ipv6":
      if (span.last - span.first === IPV6_ALL[1]! - 1n) return "everything";
      if (liesIn(LOOPBACK.ipv6, span)) return "loopback";
      if (liesIn(MAPPED, span)) return "mapped";
      return onlySource && liesIn(MULTICAST.ipv6, span) ? "multicast" : null;
    case "mac":
      return null;
  }
}

function liesIn<T extends number | bigint>(
  [first, end]: Ranges<T>,
  span: { readonly first: T; readonly last: T },
): boolean {
  return first! <= span.first && span.last < end!;
}

function hasHostBits({ text, span }: Member): boolean {
  const slash = text.indexOf("/");
  return slash !== -1 && parseAddress(text.slice(0, slash)).first !== span.first;
}

function memberFinding({ set, complete }: UsedSet, kind: Kind, members: readonly Member[]): Found {
  const { what, why, help } = WORDS[kind];
  return {
    message: `addrset ${set.name} holds ${memberNames(set, members)}: ${what(members.length > 1)}`,
    why,
    ...(help === undefined ? {} : { help }),
    // Some other rule may send to it.
    certain: complete || (kind !== "multicast" && kind !== "broadcast"),
    at: { dump: set.source.dump, range: set.nameRange },
    addressSet: set.name,
    subject: `addrset ${set.name} ${kind}`,
    related: members
      .slice(0, MOST_MEMBERS_RELATED)
      .map((member) => relatedMember(set, member, WORDS[kind].label)),
    data: { kind, members: members.map(({ text }) => text) },
  };
}

interface Words {
  readonly label: string;
  readonly what: (plural: boolean) => string;
  readonly why: string;
  readonly help?: string;
}

const WORDS: Readonly<Record<Kind, Words>> = {
  everything: {
    label: "every address",
    what: () => "every address of its family",
    why: "A rule that names this set reads as if it were narrow, and is as wide as `any`.",
    help: "Write `any` in the rule if that is meant; otherwise take the member out of the group.",
  },
  loopback: {
    label: "loopback",
    what: (plural) => (plural ? "loopback addresses" : "a loopback address"),
    why: "Loopback traffic never leaves the machine, so no packet at a vNIC has such an address.",
  },
  mapped: {
    label: "an IPv4 address in IPv6 form",
    what: (plural) => (plural ? "IPv4 addresses written as IPv6" : "an IPv4 address written as IPv6"),
    why: "Packets of IPv4 have IPv4 addresses. This is an IPv6 address that no packet has, so the machine is not in the set.",
    help: "Write the address in its IPv4 form.",
  },
  "host-bits": {
    label: "bits behind the prefix",
    what: (plural) =>
      plural
        ? "bits are set behind the prefixes"
        : "a bit is set behind the prefix, so it means the whole block",
    why: "One machine was meant, or the block begins elsewhere. The filter matches the whole block and ignores the bits behind the prefix.",
    help: "Write the address alone, or the block's first address with the prefix length.",
  },
  multicast: {
    label: "multicast",
    what: (plural) =>
      `${plural ? "multicast addresses" : "multicast"}, in a set that rules use as source only`,
    why: "Multicast is an address to send to: no packet comes from it, so the member never matches.",
  },
  broadcast: {
    label: "broadcast",
    what: () => "the broadcast address, in a set that rules use as source only",
    why: "Broadcast is an address to send to: no packet comes from it, so the member never matches.",
  },
};

/**
 * A set of link-local addresses only, in a rule whose other side names addresses and none of them link-local: no router
 * forwards such packets. Against `any` or other link-local addresses the rule is meant for the link.
 */
function* linkLocalFinding({ set, uses }: UsedSet, family: Family): Generator<Found> {
  if (set.uncertainty !== null || isEmpty(set.must[family]) || !isLinkLocal(set.must)) return;
  const rules = [
    ...new Set(uses.flatMap((use) => (!use.negated && isRouted(use, family) ? [use.rule] : []))),
  ];
  if (rules.length === 0) return;
  const word = family === "ipv4" ? "IPv4" : "IPv6";
  const members = set.spans.flatMap((span, index) =>
    span?.family === family ? (memberAt(set, index) ?? []) : [],
  );
  yield {
    message: `addrset ${set.name} holds no address but link-local ones, such as ${memberNames(set, members.slice(0, 1))}, and ${ruleNames(rules)} ${rules.length === 1 ? "uses" : "use"} it with ${word} addresses that are not`,
    why: `No router forwards a packet with a link-local address, so these packets exist on the machine's own link only.${
      family === "ipv4" ? " A machine gives itself such an address if it finds no DHCP server." : ""
    }`,
    help: "See why the group's machines have no other address: DHCP, VMware Tools, or IP discovery.",
    at: { dump: set.source.dump, range: set.nameRange },
    addressSet: set.name,
    subject: `addrset ${set.name} link-local ${family}`,
    related: rules.slice(0, 50).map((rule) => relatedRule("uses it with other addresses", rule)),
    data: { kind: "link-local", family, members: members.map(({ text }) => text), rules: rules.length },
  };
}

/** IPv6 link-local addresses beside IPv4 ones are what IP discovery finds on every machine. */
function isLinkLocal({ ipv4, ipv6 }: AddressRanges): boolean {
  return contains(LINK_LOCAL.ipv4, ipv4) && contains(LINK_LOCAL.ipv6, ipv6);
}

function isRouted({ rule, side }: Use, family: Family): boolean {
  if (rule.layer === "ethernet" || !rule.families.includes(family)) return false;
  const { node, endpoint } = sidesOf(rule).find((other) => other.side !== side)!;
  if (node.type === "any" || node.negated) return false;
  // A set that no dump defines stands for every address, and so for link-local ones.
  return family === "ipv4"
    ? isFar(endpoint.may.ipv4, LINK_LOCAL.ipv4)
    : isFar(endpoint.may.ipv6, LINK_LOCAL.ipv6);
}

function isFar<T extends number | bigint>(addresses: Ranges<T>, linkLocal: Ranges<T>): boolean {
  return !isEmpty(addresses) && !overlaps(addresses, linkLocal);
}
