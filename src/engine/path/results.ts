import type { Place } from "../host.ts";
import type { CaptureResult, FlowResult, Region, RuleReferenceResult } from "../results.ts";

/** Results of `dfwlint path`: plain data, version 1. */

export type PathVerdict = "accept" | "drop" | "reject" | "no-match" | "unknown";

export interface PathResult {
  readonly version: 1;
  /** `mixed` where pieces have different ones. */
  readonly verdict: PathVerdict | "mixed";
  readonly certain: boolean;
  /** What holds of the whole answer, a sentence each. */
  readonly notes: readonly string[];
  /** Disjoint; together all packets that are asked about, as the source sends them. */
  readonly pieces: readonly PathPiece[];
  /** Only where captures were asked for: one for each filter on the way. */
  readonly capture?: readonly CaptureResult[];
}

/** Packets that go the same way, and of which each step on it says the same. */
export interface PathPiece {
  /** `accept` only if every step lets them through; `unknown` where sessions do not show a step. */
  readonly verdict: PathVerdict;
  /** False where something is taken to be so, or may be otherwise. */
  readonly certain: boolean;
  /** Whether they certainly get there (`yes`), certainly do not (`no`), or that is open. */
  readonly delivered: "yes" | "no" | "unknown";
  /** The step that drops or rejects them, as a place in `steps`; null if none does. */
  readonly decidedBy: number | null;
  readonly remarks: readonly PathRemark[];
  /** What would tell more, a sentence each. */
  readonly missing: readonly string[];
  readonly region: Region;
  readonly witness: FlowResult;
  /** In the order in which packets meet them. */
  readonly steps: readonly PathStep[];
}

export interface PathRemark {
  /**
   * `half-protected`: one side lets them through by a rule of their own, the other only by what lets everything through.
   * `split`: one side lets them through, and the other does not.
   */
  readonly kind: "half-protected" | "split";
  readonly message: string;
}

export type PathStep = FilterStep | NetworkStep;

/** A firewall filter, or what stands in its place. */
export interface FilterStep {
  readonly type: "filter";
  readonly side: "source" | "destination";
  readonly direction: "in" | "out";
  readonly status: FilterStatus;
  readonly verdict: PathVerdict;
  readonly certain: boolean;
  /** Null where it is not known which, or it is none. */
  readonly place: PathPlace | null;
  readonly rule: RuleReferenceResult | null;
  /** Rules that may decide otherwise. */
  readonly dependsOn: readonly { readonly rule: RuleReferenceResult; readonly reason: string }[];
  /** False where only a rule that takes everything decides, or none does; null where no rule is asked. */
  readonly specific: boolean | null;
  /** A packet as this filter sees it. */
  readonly flow: FlowResult;
  /** Why the verdict is what it is, where no rule says it. */
  readonly reason: string | null;
  /** What is taken to be so, and not shown. */
  readonly assumption: string | null;
  /** Where a router's neighbours show that the addresses are those of the place. */
  readonly seen: readonly Place[];
  /** Where it may be one of several, each with what it would say. */
  readonly candidates: readonly {
    readonly place: PathPlace;
    readonly verdict: PathVerdict | "mixed";
    readonly rule: RuleReferenceResult | null;
  }[];
}

/**
 * `decided` by its rules; `unprotected`: the vNIC has no filter; `not-attached`: it has one that enforces nothing;
 * `not-shown`: no session shows the machine, or its rules; `several` machines may be meant; `outside`: it is said that
 * the packets come from, or go to, something without a filter; `host`: a port of the host itself or a router, without one.
 */
export type FilterStatus =
  "decided" | "unprotected" | "not-attached" | "not-shown" | "several" | "outside" | "host";

/** A vNIC and its filter, as far as they are known. */
export interface PathPlace {
  readonly host: string | null;
  readonly machine: string | null;
  readonly vnic: string | null;
  /** The port of the host's switch. */
  readonly port: string | null;
  readonly switch: {
    readonly name: string;
    readonly port: string;
    readonly uplinks: readonly string[];
  } | null;
  readonly filter: string | null;
  /** As printed, such as `IOChain Attached`. */
  readonly state: string | null;
  readonly location: Place | null;
}

/** What the network does: a switch, or a distributed router. */
export interface NetworkStep {
  readonly type: "network";
  readonly status: NetworkStatus;
  readonly verdict: "accept" | "drop" | "unknown";
  readonly certain: boolean;
  /** Of the router's tables. */
  readonly host: string | null;
  readonly router: string | null;
  readonly from: PathInterface | null;
  readonly to: PathInterface | null;
  /** All routes of the longest prefix: where there are several, they share the packets. */
  readonly routes: readonly PathRoute[];
  readonly reason: string | null;
  readonly assumptions: readonly string[];
}

/**
 * `local`: they never leave the machine; `switched` on one segment; `routed` to a network with machines; `forwarded` to
 * another router that is shown; `leaves` by a next hop that is not; `enters`: they come to a router from outside; `router`:
 * they are for the router itself; `group`: a multicast or broadcast; `dropped`: no route, or a reject route.
 */
export type NetworkStatus =
  | "local"
  | "switched"
  | "routed"
  | "forwarded"
  | "leaves"
  | "enters"
  | "router"
  | "group"
  | "dropped"
  | "unknown";

export interface PathInterface {
  readonly name: string;
  /** Such as `10.10.10.0/24`. */
  readonly network: string;
  /** Such as `Vxlan:5000`. */
  readonly segment: string | null;
  readonly uplink: boolean | null;
  readonly location: Place;
}

export interface PathRoute {
  readonly destination: string;
  /** Null for a network that the router is connected to. */
  readonly gateway: string | null;
  readonly flags: string | null;
  readonly interface: string | null;
  readonly location: Place;
}
