/**
 * The results as people and pipelines see them: plain data, version 1. Text in them may hold anything that stands
 * in a dump; whoever prints it makes it safe.
 */

export const VERSION = 1;

export interface FlowResult {
  readonly direction: "in" | "out";
  readonly src: string | null;
  readonly dst: string | null;
  /** A name for the protocols that have ports or ICMP types, else the number; null for a frame without IP. */
  readonly protocol: string | number | null;
  readonly srcPort: number | null;
  readonly dstPort: number | null;
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
  /** Only of a frame. */
  readonly srcMac?: string;
  readonly dstMac?: string;
  readonly etherType?: string;
}

export interface RuleReferenceResult {
  readonly filter: string | null;
  readonly ruleset: string | null;
  readonly category: string | null;
  readonly id: number | null;
  readonly position: number | null;
  readonly file: string;
  readonly line: number;
}

export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export type SeverityResult = "error" | "warning" | "info";

export interface FindingResult {
  readonly check: string;
  readonly severity: SeverityResult;
  readonly message: string;
  readonly why: string;
  readonly help: string;
  readonly certain: boolean;
  readonly location: Location;
  readonly rule: RuleReferenceResult | null;
  readonly addrset: string | null;
  readonly related: readonly RelatedResult[];
  readonly witness: FlowResult | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly fingerprint: string;
  /** The vNIC that it is about, where a session shows whose filter it is. */
  readonly vnic?: VnicResult;
}

export interface VnicResult {
  readonly machine: string | null;
  readonly name: string;
}

export interface RelatedResult {
  readonly label: string;
  readonly location: Location;
  readonly rule?: RuleReferenceResult;
  readonly addrset?: string;
}

/** A finding that the configuration suppresses. */
export interface SuppressedResult extends FindingResult {
  readonly suppression: {
    readonly reason: string;
    /** The last day on which it holds, as YYYY-MM-DD; null for always. */
    readonly until: string | null;
  };
}

export interface BaselineResult {
  /** Findings that the baseline holds too. */
  readonly known: readonly FindingResult[];
  /** What the baseline holds and is no longer found. */
  readonly gone: readonly BaselineEntry[];
}

export interface BaselineEntry {
  readonly check: string;
  readonly fingerprint: string;
  readonly message: string;
}

export interface LintResult {
  readonly version: typeof VERSION;
  readonly tool: { readonly name: string; readonly version: string };
  readonly filters: readonly {
    readonly name: string | null;
    readonly rules: number;
    readonly addrsets: number;
  }[];
  /** What is to be looked at: neither suppressed nor known from a baseline. */
  readonly findings: readonly FindingResult[];
  readonly suppressed: readonly SuppressedResult[];
  /** Null if findings were not compared with a baseline. */
  readonly baseline: BaselineResult | null;
  readonly summary: Readonly<Record<SeverityResult | "suppressed", number>>;
}

/** What is in force and where each value comes from. */
export interface ConfigurationResult {
  readonly version: typeof VERSION;
  /** The configuration file; null if there is none. */
  readonly file: string | null;
  readonly values: readonly ConfigurationValue[];
}

export interface ConfigurationValue {
  /** Keys with dots between them: `limits.rulesPerHost`. */
  readonly key: string;
  /** An empty list for what is not set. */
  readonly value: string | number | readonly string[];
  readonly source: ConfigurationSource;
}

export type ConfigurationSource =
  | { readonly from: "default" | "command line" }
  | { readonly from: "file"; readonly file: string; readonly line: number };

export interface RuleRow extends RuleReferenceResult {
  readonly action: string;
  readonly internal: boolean;
  readonly status: "reachable" | "shadowed" | "redundant" | "never-matches";
  readonly by: readonly RuleReferenceResult[];
  readonly removable: boolean;
  readonly certain: boolean;
  /** Why `certain` is false. */
  readonly reason: string | null;
  readonly witness: FlowResult | null;
  /** Only if asked for. */
  readonly effect?: EffectResult;
}

/** What of a rule's packets gets to it. Numbers of packets are given as powers of two. */
export interface EffectResult {
  /** `unknown` if working it out takes more work than allowed. */
  readonly part: "whole" | "part" | "empty" | "unknown";
  /** How many packets it may match; null if none. */
  readonly matches: number | null;
  /** How many get to it; null if none, or unknown. */
  readonly left: number | null;
  /** Earlier rules in order, with what each takes before this one. */
  readonly lost: readonly ShareResult[];
  /** If it is removable: the later rules that would take what gets to it. */
  readonly heirs: readonly ShareResult[];
}

export interface ShareResult {
  readonly rule: RuleReferenceResult;
  readonly packets: number;
  readonly witness: FlowResult;
}

export interface RulesResult {
  readonly version: typeof VERSION;
  readonly filters: readonly { readonly name: string | null; readonly rules: readonly RuleRow[] }[];
}

/** What a rule would do that is not there yet. */
export interface TryResult {
  readonly version: typeof VERSION;
  /** The new rule as a dump would print it, without its place. */
  readonly rule: string;
  readonly verdict: "accept" | "drop" | "reject";
  readonly filters: readonly TryFilterResult[];
}

export interface TryFilterResult {
  readonly name: string | null;
  readonly list: "firewall" | "ethernet";
  /** What the answers take as given, or leave out, a sentence each. */
  readonly notes: readonly string[];
  readonly need: NeedResult;
  /** Where the answers suppose it to be; null if no place is asked about and none is needed. */
  readonly place: TryPlace | null;
  /** The lowest place where all its packets get its verdict; null if it is not needed. */
  readonly best: BestPlaceResult | null;
  readonly effect: TryEffectResult | null;
  /** Disjoint, and together every packet that the rule decides. */
  readonly changes: readonly TryChangeResult[];
  readonly summary: Readonly<Partial<Record<TryChangeResult["kind"], number>>>;
  /** Rules that are reached now and would not be any more, each with a packet that gets to it now. */
  readonly dead: readonly {
    readonly rule: RuleReferenceResult;
    /** Null for an action whose meaning is not known. */
    readonly verdict: "accept" | "drop" | "reject" | null;
    readonly witness: FlowResult;
  }[];
  /** Rules that would lose a part of their packets to it. */
  readonly narrowed: readonly RuleReferenceResult[];
}

/** Packets of the new rule that one rule decides. */
export interface TryPart {
  readonly verdict: PieceVerdict;
  readonly certain: boolean;
  /** Null where no rule does. */
  readonly rule: TryRuleReference | null;
  readonly dependsOn: readonly { readonly rule: TryRuleReference; readonly reason: string }[];
  readonly region: Region;
  readonly witness: FlowResult;
}

export interface NeedResult {
  /**
   * Whether its packets get its verdict without it: all of them (`not-needed`), some (`partly`), none (`needed`), or
   * that is not known. `never-matches`: it has no packets.
   */
  readonly status: "needed" | "partly" | "not-needed" | "uncertain" | "never-matches";
  /** Why it never matches. */
  readonly reason: string | null;
  /** What happens to all its packets without it; empty if splitting them takes too much work. */
  readonly now: readonly TryPart[];
  /** A packet that certainly gets its verdict without it; null if there is none. */
  readonly already: FlowResult | null;
  /** A packet that certainly does not; null if there is none. */
  readonly missing: FlowResult | null;
}

export interface TryPlace {
  /** Its neighbours; null at either end of the list. */
  readonly after: RuleReferenceResult | null;
  readonly before: RuleReferenceResult | null;
  readonly ruleset: string | null;
  readonly category: string | null;
  /** The position that it would have. */
  readonly position: number | null;
}

export interface BestPlaceResult extends TryPlace {
  /** True if the answers are about this place. */
  readonly chosen: boolean;
  /** The rule below that would take packets from it first, with one of them; null if none would. */
  readonly limit: {
    readonly rule: RuleReferenceResult;
    readonly witness: FlowResult;
    readonly certain: boolean;
  } | null;
}

export interface TryEffectResult {
  /** Which of its packets get to it at its place. */
  readonly reached: "all" | "part" | "none" | "uncertain";
  /** True if every one of its packets gets its verdict there, from it or from a rule above. */
  readonly enforced: boolean;
  /** What rules above take, or may take. */
  readonly taken: readonly TryPart[];
  /** A packet that gets to it; null if none certainly does. */
  readonly witness: FlowResult | null;
}

/** One of the rules of the list, or the new rule itself, whose file is `--rule`. */
export interface TryRuleReference extends RuleReferenceResult {
  readonly isNew: boolean;
}

export interface TrySide {
  readonly verdict: PieceVerdict;
  readonly rule: TryRuleReference | null;
  /** Rules that may decide otherwise. */
  readonly dependsOn: readonly TryRuleReference[];
}

export interface TryChangeResult {
  readonly kind: "newly-accepted" | "newly-denied" | "verdict" | "treatment" | "attribution" | "uncertain";
  readonly before: TrySide;
  readonly after: TrySide;
  /** Null if working it out takes too much work. */
  readonly region: Region | null;
  readonly witness: FlowResult;
}

/** A rule with all that a report shows of it. */
export interface ReportRule extends RuleRow {
  /** The evaluation order that it belongs to. */
  readonly list: "ethernet" | "firewall" | "ids";
  readonly location: Location;
  /** As it stands in the dump. */
  readonly text: string;
  /** Its source and destination as printed: `any`, `addrset web`, `not addrset web`, `ip 10.0.0.1`. */
  readonly from: string;
  readonly to: string;
  /** The rules of `by`, as places among the rules of the filter. */
  readonly blockers: readonly number[];
}

export interface ReportFilter {
  readonly name: string | null;
  readonly rules: readonly ReportRule[];
}

export type PieceVerdict = "accept" | "drop" | "reject" | "no-match" | "uncertain";

/** A union of boxes; a box is every combination of its values. */
export type Region = readonly RegionBox[];

export type RegionBox =
  | {
      readonly directions: readonly ("in" | "out")[];
      readonly family: "ipv4" | "ipv6";
      readonly src: readonly string[];
      readonly dst: readonly string[];
      /** The address set that is exactly this, or one without another, where there is one and it was looked for. */
      readonly srcName?: string;
      readonly dstName?: string;
      readonly protocols: readonly string[];
      readonly srcPorts: readonly string[] | null;
      readonly dstPorts: readonly string[] | null;
      readonly icmpTypes: readonly string[] | null;
      readonly icmpCodes: readonly string[] | null;
    }
  | {
      readonly directions: readonly ("in" | "out")[];
      readonly srcMacs: readonly string[];
      readonly dstMacs: readonly string[];
      readonly etherTypes: readonly string[];
    };

export interface TraceResult {
  readonly rule: RuleReferenceResult;
  readonly matches: "yes" | "no" | "unknown";
  readonly reason: string | null;
}

export interface PieceResult {
  readonly verdict: PieceVerdict;
  readonly certain: boolean;
  readonly rule: RuleReferenceResult | null;
  readonly dependsOn: readonly { readonly rule: RuleReferenceResult; readonly reason: string }[];
  readonly region: Region;
  readonly witness: FlowResult;
  /** Of the witness, if asked for. */
  readonly trace?: readonly TraceResult[];
}

export interface QueryFilterResult {
  readonly name: string | null;
  readonly verdict: PieceVerdict | "mixed";
  readonly pieces: readonly PieceResult[];
}

export interface QueryResult {
  readonly version: typeof VERSION;
  readonly filters: readonly QueryFilterResult[];
  /** Only where captures were asked for: one for each filter. */
  readonly capture?: readonly CaptureResult[];
}

/** Command lines that capture a flow at one filter. */
export interface CaptureResult {
  /** Null for text without a prompt; there is no line then. */
  readonly filter: string | null;
  /** The host on which to run them, and the vNIC; null where no session says it. */
  readonly host: string | null;
  readonly vnic: string | null;
  /** For each part of the flow one line before the filter and one behind it. */
  readonly lines: readonly CaptureLine[];
  /** What the options cannot say of the flow: more packets than its own are captured. */
  readonly widened: readonly string[];
  /** What else to know of the captured packets, or why there is no line. */
  readonly warnings: readonly string[];
}

export interface CaptureLine {
  /** Packets of the flow, of its reply, or of both where no option tells them apart. */
  readonly packets: "flow" | "reply" | "both";
  /** Null for every kind of packet, or for frames of a kind. */
  readonly family: "ipv4" | "ipv6" | null;
  /** Which way they pass the filter: `in` is towards the machine. */
  readonly directions: readonly ("in" | "out")[];
  readonly point: "PreDVFilter" | "PostDVFilter";
  readonly command: string;
  /** The file that the command writes on the host. */
  readonly file: string;
}

/** What becomes of one flow of a list; `verdict` is null for a flow that could not be read, with the `error`. */
export interface FlowOutcome {
  readonly verdict: PieceVerdict | "mixed" | null;
  readonly certain: boolean;
  readonly rule: RuleReferenceResult | null;
  /** Only where the input holds several filters. */
  readonly filter?: string | null;
  /** In a folder of sessions: the file, and the host that has the filter; null where nothing says its name. */
  readonly session?: string;
  readonly host?: string | null;
  readonly error?: string;
}

/** The answer to one flow of a list. */
export interface FlowAnswer extends FlowOutcome {
  readonly flow: Readonly<Record<string, unknown>>;
}

export type ChangeKindResult = "newly-accepted" | "newly-denied" | "verdict" | "treatment" | "attribution";

export interface SideResult {
  readonly verdict: PieceVerdict;
  readonly rule: RuleReferenceResult | null;
}

/** Packets that change in the same way, between the same two rules. */
export interface ChangeResult {
  readonly kind: ChangeKindResult;
  readonly before: SideResult;
  readonly after: SideResult;
  readonly region: Region;
  /**
   * Rules of both sides whose packets are to be taken out of the region; empty as a rule. What a catch-all takes in a
   * long list is all that the others leave over, for which there is no short list of boxes.
   */
  readonly except: readonly RuleReferenceResult[];
  /** How many packets, as a power of two; with `except` at most so many. */
  readonly size: number;
  readonly witness: FlowResult;
  /** The edits that bring it about, as places in `edits` of the filter. */
  readonly edits: readonly number[];
}

/** Packets for which the dumps do not say whether anything changes. */
export interface UncertainChangeResult extends Omit<ChangeResult, "kind"> {
  readonly before: SideResult & { readonly dependsOn: readonly RuleReferenceResult[] };
  readonly after: SideResult & { readonly dependsOn: readonly RuleReferenceResult[] };
}

/** What was done to one rule of the manager. */
export interface EditResult {
  /** `addrset`: the rule says the same and a set that it names has other members. */
  readonly type: "added" | "removed" | "moved" | "edited" | "addrset";
  readonly id: number | null;
  readonly ruleset: string | null;
  /** The lines that differ, before and after. */
  readonly before: readonly RuleReferenceResult[];
  readonly after: readonly RuleReferenceResult[];
  /** In what an edited rule differs. */
  readonly fields: readonly string[];
  /** What its lines say in each of these fields on one side only. */
  readonly values: readonly {
    readonly field: string;
    readonly before: readonly string[];
    readonly after: readonly string[];
  }[];
  readonly addrsets: readonly string[];
  /** What it changes for packets, alone or with other edits; none if it has no effect. */
  readonly effects: readonly (ChangeKindResult | "uncertain" | "undecided")[];
  /** Why it has no effect, or changes no verdict, where that is known. */
  readonly note: string | null;
}

export interface AddrsetEditResult {
  readonly type: "added" | "removed" | "edited";
  readonly name: string;
  readonly gained: readonly string[];
  readonly lost: readonly string[];
  /** How many rules after the change, or before it if there are none, name it. */
  readonly rules: number;
}

export interface DiffFilterResult {
  readonly name: string | null;
  /** The other name, where the filter is called otherwise before. */
  readonly nameBefore: string | null;
  /** The vNIC that has the filter, where a session shows it. */
  readonly vnic?: VnicResult;
  /** The one that has it before, where that is another, or has another name. */
  readonly vnicBefore?: VnicResult;
  readonly changes: readonly ChangeResult[];
  readonly uncertain: readonly UncertainChangeResult[];
  /** Edited rules whose packets take more work to compare than allowed. */
  readonly undecided: readonly RuleReferenceResult[];
  readonly edits: readonly EditResult[];
  readonly addrsets: readonly AddrsetEditResult[];
  /** Rules that stand elsewhere only because others came or went. */
  readonly renumbered: number;
  /** What is taken to be the same because it is called the same. */
  readonly assumptions: readonly string[];
}

/** `unchanged`: no packet changed to what is intended; `verdict`: some have another verdict; `empty`: there are none. */
export type UnmetKind = "unchanged" | "verdict" | "empty";

/** What a change was to bring about, and does not. */
export interface UnmetResult {
  readonly name: string;
  readonly owner: string | null;
  readonly location: Location;
  readonly expect: "accept" | "deny" | "drop" | "reject";
  readonly filter: string | null;
  /** The vNIC that has the filter, where a session shows it. */
  readonly vnic?: VnicResult;
  readonly kind: UnmetKind;
  readonly certain: boolean;
  readonly message: string;
  /** Null where it is not about one. */
  readonly verdict: PieceVerdict | null;
  readonly rule: RuleReferenceResult | null;
  /** What may decide otherwise; the rule is null where a doubt is about the packets themselves. */
  readonly dependsOn: readonly { readonly rule: RuleReferenceResult | null; readonly reason: string }[];
  readonly region: Region;
  readonly witness: FlowResult | null;
}

/** The part of a change of verdicts that nobody intended. */
export interface CollateralResult extends Omit<ChangeResult, "kind"> {
  readonly filter: string | null;
  /** The vNIC that has the filter, where a session shows it. */
  readonly vnic?: VnicResult;
  readonly kind: ChangeKindResult | "uncertain";
  /** False where the dumps do not say that the verdict changes, or the part is not exact. */
  readonly certain: boolean;
}

export interface IntentResult {
  readonly file: string;
  readonly changes: readonly Pick<UnmetResult, "name" | "owner" | "location" | "expect">[];
  /** True if it is proved that all that is intended happens, and nothing else. */
  readonly met: boolean;
  readonly unmet: readonly UnmetResult[];
  readonly collateral: readonly CollateralResult[];
}

export interface UnpairedFilterResult {
  readonly side: "before" | "after";
  readonly name: string | null;
  /** The vNIC that has the filter, where a session shows it. */
  readonly vnic?: VnicResult;
}

export interface DiffResult {
  readonly version: typeof VERSION;
  /** True if it is proved that no packet's verdict changes. */
  readonly equivalent: boolean;
  /** True if it is proved that no packet's treatment changes either. */
  readonly sameTreatment: boolean;
  readonly filters: readonly DiffFilterResult[];
  /** Filters that are on one side only; nothing is said about their packets. */
  readonly onlyBefore: readonly (string | null)[];
  readonly onlyAfter: readonly (string | null)[];
  /** The same filters with their vNICs. */
  readonly unpaired: readonly UnpairedFilterResult[];
  readonly summary: Readonly<Record<ChangeKindResult | "uncertain" | "undecided", number>>;
  /** Only where it was said what the change is for. */
  readonly intent?: IntentResult;
}
