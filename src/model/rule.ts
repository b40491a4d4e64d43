import type { Dump } from "../syntax/parse.ts";
import type { AddressNode, AddrsetNode, Range, RuleNode } from "../syntax/nodes.ts";
import type { AddressRanges, AddressSpan } from "./address.ts";
import type { Ranges } from "./ranges.ts";

/** Towards the VM (`in`) or from the VM (`out`), seen at the vNIC that holds the filter. */
export type Direction = "in" | "out";

export const DIRECTIONS: readonly Direction[] = ["in", "out"];

export type Family = "ipv4" | "ipv6";

/** What the firewall does with a packet; null in a rule whose action is a word with another meaning. */
export type Verdict = "accept" | "drop" | "reject";

/** Where something stands in a dump. */
export interface Source {
  readonly dump: Dump;
  readonly range: Range;
}

/** A rule's place. Positions restart in every category, so only all of it together is unique. */
export interface RuleReference {
  readonly filter: string | null;
  /** Null where rules were printed without a block around them. */
  readonly ruleset: string | null;
  readonly category: string | null;
  /** Null for text that stands where a rule should and does not parse. */
  readonly id: number | null;
  /** Null in nsxcli's form, which prints none. */
  readonly position: number | null;
  readonly source: Source;
}

/**
 * Addresses that certainly belong (`must`) and that possibly belong (`may`), `must` inside `may`. They differ
 * where a set holds a member that could not be read.
 */
export interface Endpoint {
  readonly must: AddressRanges;
  readonly may: AddressRanges;
}

/** What a rule says about the header behind the IP header. */
export type Service =
  | { readonly type: "any" }
  | { readonly type: "protocol"; readonly protocol: number }
  | {
      readonly type: "ports";
      readonly protocols: readonly number[];
      readonly sourcePorts: Ranges<number>;
      readonly destinationPorts: Ranges<number>;
    }
  | {
      readonly type: "icmp";
      readonly protocol: number;
      readonly types: Ranges<number>;
      readonly codes: Ranges<number>;
    }
  /** A contradiction, such as ports in a protocol without ports: no packet has it. */
  | { readonly type: "none"; readonly reason: string };

/**
 * Something that a rule demands of a packet and that the dump does not show: a qualifier, an address set that no
 * dump defines, an unknown protocol. Rules with equal keys demand the same, so they stay comparable.
 */
export interface Condition {
  readonly key: string;
  readonly reason: string;
}

export interface Treatment {
  readonly log: boolean;
  readonly tags: readonly string[];
  readonly alg: string | null;
  readonly strict: boolean;
  readonly stateless: boolean;
}

interface RuleBase {
  readonly reference: RuleReference;
  /** Null for text that does not parse and for the missing end of a ruleset: such a rule may match anything. */
  readonly node: RuleNode | null;
  readonly internal: boolean;
  readonly directions: readonly Direction[];
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly conditions: readonly Condition[];
  /** The action's word, as printed; empty where the text does not parse. */
  readonly action: string;
  readonly verdict: Verdict | null;
  /** True if a packet that matches goes no further down the list. */
  readonly decides: boolean;
  readonly treatment: Treatment;
}

export interface IpRule extends RuleBase {
  readonly layer: "ip";
  readonly families: readonly Family[];
  readonly service: Service;
}

export interface EthernetRule extends RuleBase {
  readonly layer: "ethernet";
  readonly etherTypes: Ranges<number>;
}

export type Rule = IpRule | EthernetRule;

/** One evaluation order: the first rule that matches decides. IDS rules see only what the firewall accepted. */
export type ListName = "ethernet" | "firewall" | "ids";

export interface RuleList {
  readonly name: ListName;
  readonly rules: readonly Rule[];
}

export interface AddressSet extends Endpoint {
  readonly name: string;
  readonly source: Source;
  readonly nameRange: Range;
  readonly node: AddrsetNode;
  /** Members as printed. */
  readonly members: number;
  /** What each member of the node holds; null for one that could not be read. */
  readonly spans: readonly (AddressSpan | null)[];
  /** Why `must` and `may` differ; null if every member was read. */
  readonly uncertainty: string | null;
}

/** What a ruleset says of itself above its rules. */
export interface Ruleset {
  /** Null where rules were printed without a block around them. */
  readonly name: string | null;
  /** NSX-V: when it was published, in milliseconds since 1970; NSX-T prints 0. Null if it is not printed. */
  readonly generation: string | null;
  /** When the host put it into force, as printed. */
  readonly realized: string | null;
  /** Rules as printed. */
  readonly rules: number;
  readonly source: Source;
}

/** The firewall of one vNIC: its rules and the address sets that they name. */
export interface Filter {
  /**
   * No other filter of the input has it: where two hosts have one of the same name, it ends with `@` and the host. Null
   * for text without a prompt that names a filter.
   */
  readonly name: string | null;
  /** As the session calls it. */
  readonly printedName: string | null;
  /** All rules in the order of the text, those that do not parse included. */
  readonly rules: readonly Rule[];
  readonly rulesets: readonly Ruleset[];
  /** Lists that have rules, in the order in which a packet passes them. */
  readonly lists: readonly RuleList[];
  readonly addressSets: ReadonlyMap<string, AddressSet>;
  /** Set if the filter's text was read elsewhere: then rules and sets are as many as it has, and tell nothing more. */
  readonly elsewhere?: Elsewhere;
}

/** What is known of a filter that was read elsewhere. */
export interface Elsewhere {
  /** What is equal for filters with the same rules and the same sets. */
  readonly content: string;
  /** How many sets its rules name, and the first of them. */
  readonly named: { readonly count: number; readonly first: string | null };
}

/** The sets that a rule names, in the order of the text. */
export function addressNodes(rule: Rule): readonly AddressNode[] {
  return rule.node === null ? [] : [rule.node.from, rule.node.to];
}
