import { printAddress } from "../syntax/print.ts";
import type { ListAnalysis } from "../analysis/analysis.ts";
import { protocolName } from "../model/protocols.ts";
import { isEmpty } from "../model/ranges.ts";
import type { IpRule, Rule } from "../model/rule.ts";
import { allLists, type Check, type Found } from "./check.ts";
import { ownRulesOf } from "./duplicates.ts";
import { joinLines } from "./lines.ts";
import { emptiedBy, holdsNothing, sidesOf } from "./uses.ts";
import { enumerate, ruleName } from "./words.ts";

export const neverMatches: Check = {
  id: "never-matches",
  severity: "error",
  label: "can never match",
  summary:
    "The rule's own match is empty, so no packet can ever match it: no address family in common, ports that cannot be. " +
    "What an empty address set empties is said of the set, by empty-addrset.",
  why: "The rule looks as if it were in force and does nothing.",
  help: "Correct the contradiction, or delete the rule.",
  example: `ruleset domain-c1 {
  rule 1041 at 1 inout inet6 protocol tcp from addrset printers to any port 9100 accept;
  rule 1001 at 2 inout protocol any from any to any drop;
}
addrset printers {
ip 10.20.30.0/24,
}`,
  *find(context) {
    for (const { list } of allLists(context)) yield* joinLines(findIn(list), "can never match either");
  },
};

function* findIn(list: ListAnalysis): Generator<Found> {
  for (const { rule, facts } of ownRulesOf(list)) {
    if (facts.status !== "never-matches") continue;
    // The set is the cause, and it may empty many rules.
    if (emptiedBy(rule).length > 0) continue;
    const reason = emptyReason(rule);
    yield {
      message: `${ruleName(rule)} can never match: ${reason.text}`,
      at: rule.reference.source,
      rule,
      data: { reason: reason.kind },
    };
  }
}

function emptyReason(rule: Rule): { kind: string; text: string } {
  if (rule.layer === "ip" && rule.service.type === "none") {
    return { kind: "service", text: rule.service.reason };
  }
  for (const { side, node, endpoint } of sidesOf(rule)) {
    if (holdsNothing(endpoint)) {
      return { kind: "addresses", text: `its ${side}, ${printAddress(node)}, holds no address` };
    }
  }
  if (rule.layer === "ethernet") {
    for (const { side, node, endpoint } of sidesOf(rule)) {
      if (isEmpty(endpoint.may.mac)) {
        return { kind: "family", text: `its ${side}, ${printAddress(node)}, holds no MAC address` };
      }
    }
    return { kind: "service", text: "there is no such EtherType" };
  }
  return { kind: "family", text: familyReason(rule) };
}

function familyReason(rule: IpRule): string {
  const say = (families: readonly string[]): string =>
    families.map((family) => (family === "ipv4" ? "IPv4" : "IPv6")).join(" and ");
  const parts: string[] = [];
  if (rule.families.length === 1) parts.push(`the rule is for ${say(rule.families)} only`);
  if (rule.service.type === "icmp") {
    const { protocol } = rule.service;
    parts.push(`its protocol, ${protocolName(protocol)}, exists in ${protocol === 1 ? "IPv4" : "IPv6"} only`);
  }
  for (const { side, node, endpoint } of sidesOf(rule)) {
    const held = (["ipv4", "ipv6"] as const).filter((family) => !isEmpty(endpoint.may[family]));
    const what = `its ${side}, ${printAddress(node)}, holds`;
    if (held.length === 0) return `${what} no IP address`;
    if (held.length === 1) parts.push(`${what} only ${say(held)} addresses`);
  }
  return `no address family is left, because ${enumerate(parts)}`;
}
