import type { ListAnalysis } from "../analysis/analysis.ts";
import type { AddressRanges } from "../model/address.ts";
import type { Endpoint, Rule } from "../model/rule.ts";

const texts = new WeakMap<AddressRanges, string>();

/** Equal text for equal addresses, whatever the set is called. */
function addressText(addresses: AddressRanges): string {
  const known = texts.get(addresses);
  if (known !== undefined) return known;
  const text = `${addresses.ipv4.join(",")};${addresses.ipv6.join(",")};${addresses.mac.join(",")}`;
  texts.set(addresses, text);
  return text;
}

function endpointText({ must, may }: Endpoint): string {
  return must === may ? addressText(must) : `${addressText(must)}|${addressText(may)}`;
}

/** Equal text for rules that match the same packets and treat them the same. */
function meaningText(rule: Rule): string {
  const { log, tags, alg, strict, stateless } = rule.treatment;
  return [
    rule.directions.join(""),
    rule.layer === "ip"
      ? `${rule.families.join("")} ${JSON.stringify(rule.service)}`
      : rule.etherTypes.join(","),
    endpointText(rule.source),
    endpointText(rule.destination),
    JSON.stringify(rule.conditions.map(({ key }) => key).toSorted()),
    rule.action,
    JSON.stringify([log, tags, alg, strict, stateless]),
  ].join("\n");
}

const found = new WeakMap<ListAnalysis, ReadonlyMap<Rule, Rule>>();

/** For each rule that says the same as an earlier one of another id: the first such rule. */
export function duplicatesIn(list: ListAnalysis): ReadonlyMap<Rule, Rule> {
  const known = found.get(list);
  if (known !== undefined) return known;
  const firsts = new Map<string, Rule>();
  const duplicates = new Map<Rule, Rule>();
  for (const rule of list.rules) {
    if (rule.node === null) continue;
    const text = meaningText(rule);
    const first = firsts.get(text);
    if (first === undefined) firsts.set(text, rule);
    else if (first.reference.id !== rule.reference.id) duplicates.set(rule, first);
  }
  found.set(list, duplicates);
  return duplicates;
}
