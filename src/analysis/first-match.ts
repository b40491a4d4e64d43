import type { AddressRanges } from "../model/address.ts";
import { implies } from "../model/conditions.ts";
import { printAddress } from "../model/address.ts";
import { etherTypeName } from "../model/ethertypes.ts";
import type { IpPacket, Packet } from "../model/packet.ts";
import { protocolName } from "../model/protocols.ts";
import type { Ranges } from "../model/ranges.ts";
import type { Endpoint, EthernetRule, IpRule, Rule } from "../model/rule.ts";

/**
 * The naive evaluator: one concrete packet against the rules in order, field by field, as the data plane does it.
 * It shares no code with packet sets, so that each can be checked against the other.
 */

/** How a rule takes a packet; `reason` says which field decides, or what is not known. */
export type Match =
  | { readonly matches: "yes" }
  | { readonly matches: "no"; readonly reason: string }
  | { readonly matches: "unknown"; readonly reason: string };

export interface TraceStep {
  readonly rule: Rule;
  readonly match: Match;
}

export interface Decision {
  /** The first rule that certainly matches and decides; null if there is none. */
  readonly rule: Rule | null;
  /** Earlier rules that possibly decide otherwise, with the reason. */
  readonly dependsOn: readonly { readonly rule: Rule; readonly reason: string }[];
  /** Every rule that was looked at, in order. */
  readonly trace: readonly TraceStep[];
}

/** Walks one list. `dependsOn` holds only rules whose match would change the action. */
export function firstMatch(rules: readonly Rule[], packet: Packet): Decision {
  const trace: TraceStep[] = [];
  const possible: { rule: Rule; reason: string }[] = [];
  const settled: Rule[] = [];
  let decider: Rule | null = null;
  for (const rule of rules) {
    const match = matchRule(rule, packet);
    trace.push({ rule, match });
    if (match.matches === "no") continue;
    if (match.matches === "yes" && rule.decides) {
      decider = rule;
      break;
    }
    // A rule that needs all that an earlier one needs, and more, is never asked: the earlier one has decided.
    if (settled.some((earlier) => implies(rule.conditions, earlier.conditions))) continue;
    if (rule.decides && matchesFields(rule, packet, "must").matches === "yes") settled.push(rule);
    possible.push({
      rule,
      reason: match.matches === "unknown" ? match.reason : `what "${rule.action}" does is not known`,
    });
  }
  const action = decider?.action ?? null;
  return {
    rule: decider,
    dependsOn: possible.filter(({ rule }) => !rule.decides || rule.action !== action),
    trace,
  };
}

/** Whether a rule takes a packet, whatever stands before it. */
export function matchRule(rule: Rule, packet: Packet): Match {
  const may = matchesFields(rule, packet, "may");
  if (may.matches === "no") return may;
  const [condition] = rule.conditions;
  if (condition !== undefined) return { matches: "unknown", reason: condition.reason };
  if (matchesFields(rule, packet, "must").matches === "no") {
    return { matches: "unknown", reason: "a member of an address set that it names could not be read" };
  }
  return { matches: "yes" };
}

function matchesFields(rule: Rule, packet: Packet, reading: keyof Endpoint): Match {
  if (!rule.directions.includes(packet.direction)) {
    return no(`direction ${packet.direction} is not ${rule.directions.join("")}`);
  }
  if (rule.layer === "ethernet") {
    if (packet.layer === "ip") return no("a layer-2 rule");
    if (!isIn(rule.etherTypes, packet.etherType)) {
      return no(`EtherType ${etherTypeName(packet.etherType)} is not ${describeMatch(rule)}`);
    }
    if (!isIn(rule.source[reading].mac, packet.sourceMac))
      return addressMismatch(rule, "from", "mac", packet.sourceMac);
    if (!isIn(rule.destination[reading].mac, packet.destinationMac)) {
      return addressMismatch(rule, "to", "mac", packet.destinationMac);
    }
    return { matches: "yes" };
  }
  if (packet.layer === "ethernet") return no("a layer-3 rule");
  if (!rule.families.includes(packet.family)) {
    return no(
      `${packet.family === "ipv4" ? "IPv4" : "IPv6"} is not ${rule.families[0] === "ipv4" ? "inet" : "inet6"}`,
    );
  }
  const service = matchService(rule, packet);
  if (service.matches === "no") return service;
  if (!holds(rule.source[reading], packet.family, packet.source)) {
    return addressMismatch(rule, "from", packet.family, packet.source);
  }
  if (!holds(rule.destination[reading], packet.family, packet.destination)) {
    return addressMismatch(rule, "to", packet.family, packet.destination);
  }
  return { matches: "yes" };
}

function matchService(rule: IpRule, packet: IpPacket): Match {
  const { service } = rule;
  const found = protocolName(packet.protocol);
  switch (service.type) {
    case "any":
      return { matches: "yes" };
    case "protocol":
      if (service.protocol === packet.protocol) return { matches: "yes" };
      return no(`protocol ${found} is not ${protocolName(service.protocol)}`);
    case "ports":
      if (!service.protocols.includes(packet.protocol)) {
        return no(`protocol ${found} is not ${service.protocols.map(protocolName).join(" or ")}`);
      }
      if (!isIn(service.sourcePorts, packet.sourcePort!)) {
        return no(`source port ${packet.sourcePort} is not ${describePorts(service.sourcePorts)}`);
      }
      if (!isIn(service.destinationPorts, packet.destinationPort!)) {
        return no(`port ${packet.destinationPort} is not ${describePorts(service.destinationPorts)}`);
      }
      return { matches: "yes" };
    case "icmp":
      if (service.protocol !== packet.protocol)
        return no(`protocol ${found} is not ${protocolName(service.protocol)}`);
      if (!isIn(service.types, packet.icmpType!)) {
        return no(`ICMP type ${packet.icmpType} is not ${describePorts(service.types)}`);
      }
      if (!isIn(service.codes, packet.icmpCode!)) {
        return no(`ICMP code ${packet.icmpCode} is not ${describePorts(service.codes)}`);
      }
      return { matches: "yes" };
    case "none":
      return no(service.reason);
  }
}

function no(reason: string): Match {
  return { matches: "no", reason };
}

function addressMismatch(
  rule: Rule,
  side: "from" | "to",
  family: keyof AddressRanges,
  value: number | bigint,
): Match {
  const node = rule.node?.[side];
  const name = side === "from" ? "source" : "destination";
  const where =
    node?.type === "addrset" ? `addrset ${node.name}` : node?.type === "literal" ? node.text : "any";
  const relation = node?.type !== "any" && node?.negated === true ? "is in" : "is not in";
  return no(`${name} ${printAddress(family, value)} ${relation} ${where}`);
}

function describeMatch(rule: EthernetRule): string {
  return rule.node?.match.type === "ethertype" ? rule.node.match.name : "any";
}

function describePorts(ranges: Ranges<number>): string {
  const items: string[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const last = ranges[i + 1]! - 1;
    items.push(ranges[i] === last ? `${last}` : `${ranges[i]}-${last}`);
  }
  return items.join(", ");
}

function holds(addresses: AddressRanges, family: "ipv4" | "ipv6", value: number | bigint): boolean {
  return family === "ipv4" ? isIn(addresses.ipv4, Number(value)) : isIn(addresses.ipv6, BigInt(value));
}

function isIn<T extends number | bigint>(ranges: Ranges<T>, value: T): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (ranges[i]! <= value && value < ranges[i + 1]!) return true;
  return false;
}
