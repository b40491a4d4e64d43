import type { AddressNode, RuleNode } from "../syntax/nodes.ts";
import type { Problem } from "../syntax/parse.ts";
import {
  ALL_ADDRESSES,
  AddressError,
  IPV4_ALL,
  IPV6_ALL,
  MAC_ALL,
  NO_ADDRESSES,
  addressRanges,
  parseAddress,
  type AddressRanges,
} from "./address.ts";
import { etherTypeNumber } from "./ethertypes.ts";
import { difference, single } from "./ranges.ts";
import {
  DIRECTIONS,
  type AddressSet,
  type Condition,
  type Endpoint,
  type Family,
  type Rule,
  type RuleReference,
  type Treatment,
  type Verdict,
} from "./rule.ts";
import { readService } from "./service.ts";

export const ALL_ETHERTYPES: readonly number[] = [0, 65_536];

const ANY: Endpoint = { must: ALL_ADDRESSES, may: ALL_ADDRESSES };
/** Words of the dump are pieces of its text: where the same one word stands for all, comparing them costs nothing. */
const VERDICTS: ReadonlyMap<string, Verdict> = new Map(
  (["accept", "drop", "reject"] as const).map((verdict) => [verdict, verdict]),
);
const NO_TREATMENT: Treatment = { log: false, tags: [], alg: null, strict: false, stateless: false };

/** Gives a rule its meaning. A literal address that cannot be read is a problem, and then the rule may match. */
export function readRule(
  node: RuleNode,
  reference: RuleReference,
  sets: ReadonlyMap<string, AddressSet>,
): { rule: Rule; problems: Problem[] } {
  const problems: Problem[] = [];
  const conditions: Condition[] = [];
  const ethernet = node.match.type === "ethertype";
  const endpoint = (side: "from" | "to"): Endpoint =>
    readEndpoint(node[side], side, ethernet, sets, conditions, (message) => {
      const { start, end } = node[side].range;
      problems.push({
        kind: "unparsed",
        file: reference.source.dump.file,
        range: node[side].range,
        at: end - (node[side].type === "literal" ? node[side].text.length : end - start),
        message,
      });
    });
  const source = endpoint("from");
  const destination = endpoint("to");
  for (const { text } of node.qualifiers) {
    conditions.push({
      key: `with ${text}`,
      reason: `the dump does not say which packets "with ${text}" matches`,
    });
  }

  const isIds = isIdsRule(node.action, reference.category);
  const verdict = VERDICTS.get(node.action) ?? null;
  const base = {
    reference,
    node,
    internal: node.internal,
    directions: node.direction === "inout" ? DIRECTIONS : [node.direction],
    source,
    destination,
    action: verdict ?? node.action,
    verdict,
    decides: verdict !== null || (isIds && node.action.startsWith("idp_")),
    treatment: readTreatment(node),
  };

  if (node.match.type === "ethertype") {
    const { name } = node.match;
    const number = name === "any" ? null : etherTypeNumber(name);
    if (name !== "any" && number === null) {
      conditions.push({ key: `ethertype ${name}`, reason: `the EtherType "${name}" is not known` });
    }
    const etherTypes = number === null ? ALL_ETHERTYPES : number > 65_535 ? [] : single(number);
    return { rule: { ...base, layer: "ethernet", etherTypes, conditions }, problems };
  }
  const { service, conditions: unknown } = readService(node.match, node.sourcePorts, node.destinationPorts);
  conditions.push(...unknown);
  const families: readonly Family[] =
    node.family === null ? ["ipv4", "ipv6"] : node.family === "inet" ? ["ipv4"] : ["ipv6"];
  return { rule: { ...base, layer: "ip", families, service, conditions }, problems };
}

export function isIdsRule(action: string, category: string | null): boolean {
  return (category !== null && /^(?:IDP|IDS|IDPS)\b/i.test(category)) || action.startsWith("idp_");
}

/** Text that stands where a rule should, or rules that a cut dump may have lost: it may match anything. */
export function opaqueRule(reference: RuleReference, layer: Rule["layer"], reason: string): Rule {
  const { dump, range } = reference.source;
  const base = {
    reference,
    node: null,
    internal: false,
    directions: DIRECTIONS,
    source: ANY,
    destination: ANY,
    conditions: [{ key: `${dump.file}:${range.start}-${range.end}`, reason }],
    action: "",
    verdict: null,
    decides: false,
    treatment: NO_TREATMENT,
  };
  return layer === "ethernet"
    ? { ...base, layer, etherTypes: ALL_ETHERTYPES }
    : { ...base, layer, families: ["ipv4", "ipv6"], service: { type: "any" } };
}

function readEndpoint(
  node: AddressNode,
  side: "from" | "to",
  ethernet: boolean,
  sets: ReadonlyMap<string, AddressSet>,
  conditions: Condition[],
  report: (message: string) => void,
): Endpoint {
  switch (node.type) {
    case "any":
      return ANY;
    case "addrset": {
      const set = sets.get(node.name);
      if (set !== undefined) return node.negated ? negate(set) : set;
      const key = `${side} ${node.negated ? "not " : ""}addrset ${node.name}`;
      conditions.push({ key, reason: `address set ${node.name} is not defined in the input` });
      return ANY;
    }
    case "literal": {
      const key = `${side} ${node.negated ? "not " : ""}${node.family} ${node.text}`;
      // A MAC address says nothing that a layer-3 packet shows, and the reverse.
      if ((node.family === "mac") !== ethernet) {
        conditions.push({ key, reason: `${node.family} ${node.text} cannot be compared on this layer` });
        return ANY;
      }
      try {
        const span = parseAddress(node.text);
        if ((span.family === "mac") !== (node.family === "mac")) {
          throw new AddressError(`"${node.family}" cannot stand before this address`);
        }
        const must = addressRanges([span]);
        return node.negated ? negate({ must, may: must }) : { must, may: must };
      } catch (error) {
        if (!(error instanceof AddressError)) throw error;
        report(`"${node.text}" is not an address: ${error.message}`);
        conditions.push({ key, reason: `"${node.text}" is no address` });
        return ANY;
      }
    }
  }
}

const negations = new WeakMap<AddressRanges, AddressRanges>();

function negate({ must, may }: Endpoint): Endpoint {
  const negatedMay = complement(must);
  return { must: may === must ? negatedMay : complement(may), may: negatedMay };
}

function complement(addresses: AddressRanges): AddressRanges {
  if (addresses === ALL_ADDRESSES) return NO_ADDRESSES;
  const known = negations.get(addresses);
  if (known !== undefined) return known;
  const result: AddressRanges = {
    ipv4: difference(IPV4_ALL, addresses.ipv4),
    ipv6: difference(IPV6_ALL, addresses.ipv6),
    mac: difference(MAC_ALL, addresses.mac),
  };
  negations.set(addresses, result);
  return result;
}

function readTreatment(node: RuleNode): Treatment {
  const tags = node.suffixes.flatMap((suffix) => (suffix.type === "tag" ? [suffix.text] : []));
  const alg = node.suffixes.findLast((suffix) => suffix.type === "alg");
  return {
    log: node.suffixes.some(({ type }) => type === "log"),
    tags,
    alg: alg?.type === "alg" ? alg.name : null,
    strict: node.match.type === "protocol" && node.match.strict,
    stateless: node.match.stateless,
  };
}
