import {
  DESTINATION_SIDE,
  DIRECTION_NUMBER,
  DIRECTION_SIDE,
  SOURCE_SIDE,
  familyOf,
  type Box,
} from "../analysis/boxes.ts";
import type { Entry } from "../analysis/entries.ts";
import type { FilterAnalysis } from "../analysis/analysis.ts";
import {
  IPV6_ALL,
  IPV6_LINK_LOCAL,
  addressRanges,
  parseAddress,
  printIpv4,
  type AddressRanges,
} from "../model/address.ts";
import { difference, fromSpans, has, isEmpty, overlaps, union, type Ranges } from "../model/ranges.ts";
import type { Family, Rule } from "../model/rule.ts";
import { rangesOfAddresses, seenVnicOf, type SeenVnic } from "../model/seen-addresses.ts";
import type { Check, CheckContext } from "./check.ts";
import { grouped, relatedRule, ruleNames } from "./words.ts";

const MOST_RELATED = 10;

export const notApplicable: Check = {
  id: "not-applicable",
  severity: "info",
  label: "never this machine's traffic",
  summary:
    "With the vNIC's own addresses known, from --vnic-ip or from a session in which a router has seen them: rules that " +
    "can never match at this vNIC, because what leaves it " +
    "never has one of their sources and what comes to it never has one of their destinations. Multicast and broadcast " +
    "(255.255.255.255) come to every machine; a subnet's own broadcast address counts if it is among the addresses given. " +
    "Layer-2 rules are left out.",
  why:
    "A policy that is applied to everything puts every rule at every vNIC. Such rules cost room and time here and do " +
    "nothing; that is how filters reach their limit.",
  help:
    "Set Applied To of the policies in the manager to the groups that they are about. Give all addresses of the vNIC, " +
    "IPv6 and link-local ones too: to dfwlint any other address is another machine's.",
  example: `ruleset domain-c1 {
  # at the vNIC of 10.1.1.10
  rule 1261 at 1 inout protocol tcp from any to addrset web port 443 accept;
  rule 1262 at 2 inout protocol tcp from addrset app to addrset db port 5432 accept;
  rule 1001 at 3 inout protocol any from any to any drop with log;
}
addrset web {
ip 10.1.1.10,
}
addrset app {
ip 10.1.2.10,
}
addrset db {
ip 10.1.3.10,
}`,
  exampleConfiguration: `vnicAddresses:
  - 10.1.1.10`,
  *find(context) {
    for (const analysis of context.filters) {
      const own = ownAddresses(context, analysis);
      if (own === null) continue;
      const { rules, foreign } = foreignRules(analysis, own.addresses);
      const [first] = foreign;
      if (first === undefined) continue;
      const count = `${grouped(foreign.length)} of ${grouped(rules)} ${rules === 1 ? "rule" : "rules"}`;
      const which = ` can never match at ${own.vnic}: none of its addresses is their source when it sends or their destination when it receives, such as ${ruleNames(foreign, 3)}`;
      yield {
        message: `${count}${which}`,
        ...(own.why === null ? {} : { why: `${this.why} ${own.why}` }),
        certain: own.seen.length === 0,
        at: first.reference.source,
        rule: first,
        subject: "rules of the filter",
        related: foreign
          .slice(0, MOST_RELATED)
          .map((rule) => relatedRule("never this machine's traffic", rule)),
        data: {
          count: foreign.length,
          of: rules,
          ...(own.seen.length === 0 ? {} : { addresses: own.seen }),
          rules: foreign.map(({ reference: { id, position, category } }) => ({ id, position, category })),
        },
      };
    }
  },
};

interface Own {
  readonly addresses: AddressRanges;
  readonly vnic: string;
  /** What else to know of them. */
  readonly why: string | null;
  /** Those that a session shows; none where they are given. */
  readonly seen: readonly string[];
}

/** The addresses of a filter's vNIC: those that are given, else those at which its host's routers have seen it. */
function ownAddresses({ settings, hosts, seen }: CheckContext, { filter }: FilterAnalysis): Own | null {
  const { vnicAddresses } = settings;
  if (vnicAddresses !== null) {
    if (isEmpty(vnicAddresses.ipv4) && isEmpty(vnicAddresses.ipv6)) return null;
    const missing = missingFamily(vnicAddresses);
    const why =
      missing === null
        ? null
        : `No ${missing} address of the vNIC was given, so every ${missing} address counts as another machine's.`;
    return { addresses: vnicAddresses, vnic: "this vNIC", why, seen: [] };
  }
  const shown = seen ?? (filter.name === null ? null : seenVnicOf(hosts, filter.name));
  if (shown === null) return null;
  const texts = shown.addresses.map(({ address }) => printIpv4(address));
  return {
    addresses: {
      ipv4: rangesOfAddresses(shown.addresses),
      ipv6: mayBeOwnIpv6(shown.addresses),
      mac: [],
    },
    vnic: `vNIC ${shown.vnic}`,
    why: `A router has seen it at ${texts.join(", ")}; if it has other IPv4 addresses, --vnic-ip says them. Of IPv6 only link-local addresses of other machines count as foreign.`,
    seen: texts,
  };
}

/** Routers print no IPv6: all of it may be the machine's own, but for link-local addresses that its card does not make. */
function mayBeOwnIpv6(seen: SeenVnic["addresses"]): Ranges<bigint> {
  const own = seen.flatMap(({ mac }) => (mac === null ? [] : [linkLocalOf(mac)]));
  if (own.length < seen.length) return IPV6_ALL;
  return union(
    difference(IPV6_ALL, IPV6_LINK_LOCAL),
    fromSpans(own.map((address) => ({ first: address, last: address }))),
  );
}

/** The link-local address that a card's MAC address makes (RFC 4291, appendix A). */
function linkLocalOf(mac: number): bigint {
  const value = BigInt(mac);
  const high = ((value >> 24n) ^ 0x020000n) << 40n;
  return (0xfe80n << 112n) | high | (0xfffen << 24n) | (value & 0xffffffn);
}

/** A machine without an address yet sends from the unspecified one, as in DHCP and duplicate address detection. */
const UNSPECIFIED = addressRanges(["0.0.0.0", "::"].map(parseAddress));
/** What every machine of a network may get, whatever its own addresses are. */
const TO_MANY = addressRanges(["224.0.0.0/4", "255.255.255.255", "ff00::/8"].map(parseAddress));

/** The layer-3 rules of a filter that match some packet, counted, and those of them that match none at this vNIC. */
function foreignRules(
  { lists }: FilterAnalysis,
  own: AddressRanges,
): { rules: number; foreign: readonly Rule[] } {
  const sends = new Meets(own, UNSPECIFIED);
  const receives = new Meets(own, TO_MANY);
  let rules = 0;
  const foreign: Rule[] = [];
  for (const { name, entries } of lists) {
    if (name === "ethernet") continue;
    for (const entry of entries) {
      // What matches nothing anywhere is said elsewhere.
      if (entry.rule.node === null || entry.may.size === 0) continue;
      rules += 1;
      if (!isOwnTraffic(entry, sends, receives)) foreign.push(entry.rule);
    }
  }
  return { rules, foreign };
}

function isOwnTraffic({ may }: Entry, sends: Meets, receives: Meets): boolean {
  let last: Box | undefined;
  for (const box of may.values()) {
    // The boxes of one family differ only in what stands behind the addresses.
    const again = last !== undefined && familyOf(last.kind) === familyOf(box.kind);
    last = box;
    if (again) continue;
    if (goes(box, "out") && sends.meets(box, SOURCE_SIDE)) return true;
    if (goes(box, "in") && receives.meets(box, DESTINATION_SIDE)) return true;
  }
  return false;
}

function goes({ sides }: Box, direction: "in" | "out"): boolean {
  return has(sides[DIRECTION_SIDE]!, DIRECTION_NUMBER[direction]);
}

/** Whether addresses of a box are among the given; the sets of a filter come again and again. */
class Meets {
  readonly #addresses: Readonly<Record<Family, Ranges>>;
  readonly #known = new Map<Ranges, boolean>();

  constructor(a: AddressRanges, b: AddressRanges) {
    this.#addresses = { ipv4: union(a.ipv4, b.ipv4), ipv6: union(a.ipv6, b.ipv6) };
  }

  meets({ kind, sides }: Box, side: number): boolean {
    const family = familyOf(kind);
    if (family === null) return false;
    const ranges = sides[side]!;
    let meets = this.#known.get(ranges);
    if (meets === undefined) {
      meets = overlaps(ranges, this.#addresses[family]);
      this.#known.set(ranges, meets);
    }
    return meets;
  }
}

function missingFamily({ ipv4, ipv6 }: AddressRanges): string | null {
  if (isEmpty(ipv4)) return "IPv4";
  return isEmpty(ipv6) ? "IPv6" : null;
}
