import { printAddress } from "../syntax/print.ts";
import type { AddressNode } from "../syntax/nodes.ts";
import { protocolName } from "../model/protocols.ts";
import { isEmpty } from "../model/ranges.ts";
import type { Endpoint, IpRule, Rule } from "../model/rule.ts";
import { allLists, isInDeadTail, type Check } from "./check.ts";
import { isOwnRule } from "./duplicates.ts";
import { enumerate, ruleName } from "./words.ts";

export const neverMatches: Check = {
  id: "never-matches",
  severity: "error",
  label: "can never match",
  summary: "The rule's own match is empty, so no packet can ever match it.",
  why: "The rule looks as if it were in force and does nothing.",
  help: "Fill the empty group, correct the contradiction, or delete the rule.",
  example: `ruleset domain-c1 {
  rule 1041 at 1 inout protocol tcp from addrset printers to any port 9100 accept;
  rule 1001 at 2 inout protocol any from any to any drop;
}
addrset printers {
}
}`,
  *find(context) {
    for (const { list } of allLists(context)) {
      for (const [index, { rule, status }] of list.facts.entries()) {
        if (status !== "never-matches" || !isOwnRule(list, rule) || isInDeadTail(list, index)) continue;
        const reason = emptyReason(rule);
        yield {
          message: `${ruleName(rule)} can never match: ${reason.text}`,
          at: rule.reference.source,
          rule,
          data: { reason: reason.kind },
        };
      }
    }
  },
};

function emptyReason(rule: Rule): { kind: string; text: string } {
  if (rule.layer === "ip" && rule.service.type === "none") {
    return { kind: "service", text: rule.service.reason };
  }
  for (const [side, endpoint] of sidesOf(rule)) {
    if (isEmpty(endpoint.may.ipv4) && isEmpty(endpoint.may.ipv6) && isEmpty(endpoint.may.mac)) {
      return {
        kind: "empty-addrset",
        text: `its ${side.name}, ${printAddress(side.node)}, holds no address`,
      };
    }
  }
  if (rule.layer === "ethernet") {
    for (const [side, endpoint] of sidesOf(rule)) {
      if (isEmpty(endpoint.may.mac)) {
        return { kind: "family", text: `its ${side.name}, ${printAddress(side.node)}, holds no MAC address` };
      }
    }
    return { kind: "service", text: "there is no such EtherType" };
  }
  return { kind: "family", text: familyReason(rule) };
}

function sidesOf(rule: Rule): [{ name: string; node: AddressNode }, Endpoint][] {
  return [
    [{ name: "source", node: rule.node!.from }, rule.source],
    [{ name: "destination", node: rule.node!.to }, rule.destination],
  ];
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
  for (const [side, endpoint] of sidesOf(rule)) {
    const held = (["ipv4", "ipv6"] as const).filter((family) => !isEmpty(endpoint.may[family]));
    const what = `its ${side.name}, ${printAddress(side.node)}, holds`;
    if (held.length === 0) return `${what} no IP address`;
    if (held.length === 1) parts.push(`${what} only ${say(held)} addresses`);
  }
  return `no address family is left, because ${enumerate(parts)}`;
}
