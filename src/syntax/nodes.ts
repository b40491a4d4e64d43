/**
 * The abstract syntax tree of a dump. It says what stands in the text, never what it means:
 * names are not resolved, numbers are not checked against the limits of a protocol.
 */

/** Offsets into the text, end exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Everything a dump or a raw terminal log is made of, in the order of the text. */
export type Item =
  | RulesetNode
  | AddrsetNode
  | RuleNode
  | PromptNode
  | CommentNode
  | HeaderNode
  | ForeignNode
  | OtherNode
  | UnparsedNode;

export interface RulesetNode {
  readonly type: "ruleset";
  readonly name: string;
  readonly items: readonly (RuleNode | CommentNode | UnparsedNode)[];
  /** False where the text goes on to something else, or ends, before the closing brace. */
  readonly closed: boolean;
  readonly range: Range;
}

/** A `#` line. `# internal #` is no comment but a part of the rule behind it. */
export type CommentNode = {
  readonly type: "comment";
  readonly range: Range;
} & (
  | { readonly kind: "category"; readonly name: string }
  | { readonly kind: "generation"; readonly number: string }
  | { readonly kind: "realization"; readonly time: string }
  | { readonly kind: "text"; readonly text: string }
);

export interface RuleNode {
  readonly type: "rule";
  readonly internal: boolean;
  readonly id: number;
  /** Null in the nsxcli form, which prints no `at POS`. */
  readonly position: number | null;
  readonly direction: "in" | "out" | "inout";
  readonly family: "inet" | "inet6" | null;
  readonly match: MatchNode;
  readonly from: AddressNode;
  readonly sourcePorts: readonly PortsNode[] | null;
  readonly to: AddressNode;
  readonly destinationPorts: readonly PortsNode[] | null;
  readonly qualifiers: readonly QualifierNode[];
  readonly action: string;
  readonly suffixes: readonly SuffixNode[];
  readonly range: Range;
}

export type MatchNode =
  | {
      readonly type: "protocol";
      readonly name: string;
      readonly icmp: IcmpNode | null;
      readonly stateless: boolean;
      readonly strict: boolean;
      readonly range: Range;
    }
  | { readonly type: "ethertype"; readonly name: string; readonly stateless: boolean; readonly range: Range };

/** A word where a number could not be read; what it means is not ours to guess. */
export interface IcmpNode {
  readonly icmpType: number | string | null;
  readonly icmpCode: number | string | null;
}

export type AddressNode = { readonly range: Range } & (
  | { readonly type: "any" }
  | { readonly type: "addrset"; readonly name: string; readonly negated: boolean }
  | {
      readonly type: "literal";
      readonly family: "ip" | "mac";
      readonly text: string;
      readonly negated: boolean;
    }
);

/** One port or a range; both ends belong to it. */
export interface PortsNode {
  readonly first: number;
  readonly last: number;
}

/** A `with …` before the action: it narrows the match by something that the dump does not hold. */
export interface QualifierNode {
  readonly kind: "attribute" | "extended" | "ids" | "unknown";
  /** All words behind `with`, single spaces between them. */
  readonly text: string;
  readonly range: Range;
}

export type SuffixNode =
  | { readonly type: "log" }
  | { readonly type: "alg"; readonly name: string }
  | { readonly type: "tag"; readonly text: string };

export interface AddrsetNode {
  readonly type: "addrset";
  readonly name: string;
  readonly members: readonly (MemberNode | UnparsedNode)[];
  readonly closed: boolean;
  readonly range: Range;
  readonly nameRange: Range;
}

export interface MemberNode {
  readonly type: "member";
  readonly family: "ip" | "mac";
  readonly text: string;
  readonly range: Range;
}

/** A shell or CLI prompt with the command typed at it; it may name the filter that the next blocks belong to. */
export interface PromptNode {
  readonly type: "prompt";
  readonly text: string;
  readonly command: string;
  readonly range: Range;
}

/** A line of nsxcli's header above a list of rules, such as `VIF UUID : …`. */
export interface HeaderNode {
  readonly type: "header";
  readonly key: string;
  readonly value: string;
  readonly range: Range;
}

/** Output that we know and that is not the distributed firewall's rules or sets. */
export interface ForeignNode {
  readonly type: "foreign";
  readonly kind: "edge" | "statistics";
  readonly text: string;
  readonly range: Range;
}

/** A line of some other command's output, or prose. */
export interface OtherNode {
  readonly type: "other";
  readonly text: string;
  readonly range: Range;
}

/** A statement inside a block, or one that starts like a rule or a block, that no grammar rule takes. */
export interface UnparsedNode {
  readonly type: "unparsed";
  /** What the statement seems to be, from where it stands and how it begins. */
  readonly kind: "rule" | "member" | "block";
  readonly text: string;
  readonly range: Range;
}
