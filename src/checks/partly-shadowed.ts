import type { ListAnalysis } from "../analysis/analysis.ts";
import { ALL, NONE } from "../analysis/dimension.ts";
import { DESTINATION, SERVICE, SOURCE, narrowed, type Field, type LostPart } from "../analysis/effective.ts";
import { FIELDS, type Plane } from "../analysis/planes.ts";
import type { AddressRanges } from "../model/address.ts";
import { contains, equals, fromSpans } from "../model/ranges.ts";
import type { Rule } from "../model/rule.ts";
import type { RuleNode } from "../syntax/nodes.ts";
import { allLists, parameterOf, type Check } from "./check.ts";
import { ownRulesOf } from "./duplicates.ts";
import { headersOf } from "./headers.ts";
import { actionWords, enumerate, relatedRule, ruleName, ruleNames } from "./words.ts";

export const partlyShadowed: Check = {
  id: "partly-shadowed",
  severity: "info",
  label: "only a part gets here",
  summary:
    "Earlier rules with another verdict take a part of the rule's packets that is worth naming: half of them, or all of one of its ports, or all of an address set within its own.",
  why: "The rule does less than it says. Often that is meant, as when exceptions stand above it; often it is not.",
  help: "Compare the rule with those that take its packets. Narrow its source, destination or ports to what is really left if the rest is not wanted.",
  parameters: {
    percent: {
      default: 50,
      minimum: 1,
      maximum: 100,
      describe: "the part of the rule's packets, in per cent, from which on it is worth naming",
    },
  },
  example: `ruleset domain-c1 {
  rule 1021 at 1 inout protocol tcp from any to addrset web port {80, 8080} drop;
  rule 1022 at 2 inout protocol tcp from addrset office to addrset web port {80, 443} accept;
  rule 1001 at 3 inout protocol any from any to any drop;
}
addrset web {
ip 10.1.1.10,
}
addrset office {
ip 10.20.0.0/16,
}`,
  *find(context) {
    const least = parameterOf(context, partlyShadowed, "percent") / 100;
    for (const { list } of allLists(context)) {
      for (const { index, rule, facts, isSystem } of ownRulesOf(list)) {
        // What is left for the last resort is meant to be little.
        if (isSystem || facts.status !== "reachable") continue;
        if (list.effective.othersBefore(index).length === 0 || rule.conditions.length > 0) continue;
        const lost = lostOf(list, index, least);
        if (lost === null) continue;
        const { part, words, data } = lost;
        const takers = part.takers.map((taker) => list.rules[taker]!);
        const verb = takers.length === 1 ? "takes" : "take";
        const actions = new Set(takers.map(({ action }) => action));
        const does =
          actions.size === 1 ? ` and ${actionWords([...actions][0]!, "them", takers.length > 1)}` : "";
        yield {
          message: `${ruleName(rule)} (${rule.action}) gets only a part of its packets: ${ruleNames(takers, 3)} ${verb} ${words} first${does}`,
          certain: part.certain,
          at: rule.reference.source,
          rule,
          related: takers.slice(0, MOST_RELATED).map((taker) => relatedRule("takes a part first", taker)),
          witness: part.witness,
          data,
        };
      }
    }
  },
};

const MOST_RELATED = 50;

interface Lost {
  readonly part: LostPart;
  /** What the takers take. */
  readonly words: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The greatest part that is worth naming. */
function lostOf(list: ListAnalysis, index: number, least: number): Lost | null {
  const rule = list.rules[index]!;
  const share = list.effective.lostShare(index, least);
  if (share !== null) {
    return {
      part: share,
      words: `${percentText(share.share)}${ofFamily(rule, share.plane)}`,
      data: { percent: Math.round(share.share * 10_000) / 100 },
    };
  }
  return lostPorts(list, index) ?? lostSet(list, index);
}

/** `half of its packets` would be wrong where only those of one family are lost. */
function ofFamily(rule: Rule, plane: Plane["name"]): string {
  if (plane === "ethernet" || rule.layer !== "ip" || rule.families.length === 1) return "";
  const both = (["ipv4", "ipv6"] as const).every(
    (family) => rule.source.must[family].length > 0 && rule.destination.must[family].length > 0,
  );
  return both ? ` of its ${plane === "ipv4" ? "IPv4" : "IPv6"} packets` : "";
}

function percentText(part: number): string {
  if (part === 1) return "all";
  return part >= 0.995 ? "nearly all" : `${Math.floor(part * 100)} %`;
}

/** Ports that the rule lists, each of them lost as a whole. */
function lostPorts(list: ListAnalysis, index: number): Lost | null {
  const rule = list.rules[index]!;
  const ports = rule.node?.destinationPorts ?? [];
  if (rule.layer !== "ip" || rule.service.type !== "ports" || ports.length < 2 || ports.length > MOST_PORTS)
    return null;
  const { protocols } = rule.service;
  const lost = ports.flatMap(({ first, last }) => {
    const range = fromSpans([{ first, last }]);
    const part = list.effective.lostWhole(index, (plane, region) =>
      narrowed(region, SERVICE, headersOf(plane, protocols, range)),
    );
    return part === null ? [] : [{ part, text: first === last ? `${first}` : `${first}-${last}` }];
  });
  if (lost.length === 0) return null;
  const texts = lost.map(({ text }) => text);
  return {
    part: together(lost.map(({ part }) => part)),
    words: `all of port${texts.length === 1 ? "" : "s"} ${enumerate(texts)}`,
    data: { ports: texts },
  };
}

/** NSX prints 15 at most; what lists more is read for its share only. */
const MOST_PORTS = 64;

function together(parts: readonly LostPart[]): LostPart {
  return {
    takers: [...new Set(parts.flatMap(({ takers }) => takers))],
    certain: parts.every(({ certain }) => certain),
    witness: parts[0]!.witness,
  };
}

const SIDES = [
  { field: SOURCE, node: "from", endpoint: "source" },
  { field: DESTINATION, node: "to", endpoint: "destination" },
] as const;

/** An address set that an earlier rule names, that lies inside the rule's own and from or to which nothing is left. */
function lostSet(list: ListAnalysis, index: number): Lost | null {
  const others = list.effective.othersBefore(index);
  const rule = list.rules[index]!;
  for (const { field, node, endpoint } of SIDES) {
    if (isWide(rule.node!, node)) continue;
    const asked = new Set<AddressRanges>();
    for (const other of others) {
      if (!mayBeNarrower(list, other, index, field)) continue;
      const { node: named, [endpoint]: part } = list.rules[other]!;
      const address = named![node];
      if (address.type !== "addrset" || address.negated || part.must === rule[endpoint].must) continue;
      if (asked.has(part.must)) continue;
      asked.add(part.must);
      if (part.must !== part.may || !isInside(part.must, rule[endpoint].must)) continue;
      const lost = list.effective.lostWhole(index, (plane, region) => {
        if (plane.name === "ethernet") return null;
        const addresses = part.must[plane.name];
        return addresses.length === 0
          ? null
          : narrowed(region, field, plane.addressClasses(field, addresses, Infinity)!);
      });
      if (lost === null) continue;
      const words = `all ${node} addrset ${address.name}`;
      return { part: lost, words, data: { [node]: address.name } };
    }
  }
  return null;
}

/** Quickly: whether one rule's addresses on a side may be a part of another's, by how many classes they are. */
function mayBeNarrower({ planes }: ListAnalysis, inner: number, outer: number, field: Field): boolean {
  let differ = false;
  for (const { dimensions, must } of planes) {
    const own = must[outer * FIELDS + field]!;
    const other = must[inner * FIELDS + field]!;
    if (own === other && own !== NONE) continue;
    differ = true;
    if (own === ALL || own === NONE || other === NONE) continue;
    const { sets } = dimensions[field];
    if (other === ALL || sets[other]!.length >= sets[own]!.length) return false;
  }
  return differ;
}

/** Exceptions above a rule that names no addresses, or all but some, are the way that firewalls are written. */
function isWide(rule: RuleNode, side: "from" | "to"): boolean {
  const address = rule[side];
  return address.type === "any" || address.negated;
}

function isInside(inner: AddressRanges, outer: AddressRanges): boolean {
  return (
    contains(outer.ipv4, inner.ipv4) &&
    contains(outer.ipv6, inner.ipv6) &&
    !(equals(outer.ipv4, inner.ipv4) && equals(outer.ipv6, inner.ipv6)) &&
    inner.ipv4.length + inner.ipv6.length > 0
  );
}
