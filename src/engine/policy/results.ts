import type { FlowResult, Location, PieceVerdict, Region, RuleReferenceResult, VERSION } from "../results.ts";
import type { Expectation } from "./policy.ts";

/** What `dfwlint test` answers, version 1: plain data. */

export interface TestResult {
  readonly version: typeof VERSION;
  readonly tool: { readonly name: string; readonly version: string };
  /** The policy's file. */
  readonly policy: string;
  readonly filters: readonly { readonly name: string | null; readonly rules: number }[];
  /** In the order of the policy. */
  readonly assertions: readonly AssertionResult[];
  readonly coverage: CoverageResult;
  readonly summary: {
    readonly assertions: number;
    readonly passed: number;
    /** Certainly broken; those that may be broken are `uncertain`. */
    readonly failed: number;
    readonly uncertain: number;
  };
}

export interface AssertionResult {
  readonly name: string;
  readonly owner: string | null;
  /** Of the name in the policy. */
  readonly location: Location;
  readonly passed: boolean;
  /** It did not pass, and what the dumps do not say may yet make it true. */
  readonly uncertain: boolean;
  readonly failures: readonly FailureResult[];
}

export type FailureKind =
  /** Packets get another verdict than `expect`. */
  | "verdict"
  /** Another rule than `by` decides packets, though the verdict is right. */
  | "rule"
  /** Packets from elsewhere are accepted, which `only` forbids. */
  | "reach"
  /** There is no packet to look at, so that it could never fail. */
  | "empty";

export interface FailureResult {
  readonly kind: FailureKind;
  /** In one line, what is wrong. */
  readonly message: string;
  readonly filter: string | null;
  /** False if it holds only if what the dumps do not say turns out so. */
  readonly certain: boolean;
  readonly expected: Expectation | "not accept" | null;
  readonly expectedRule: number | null;
  /** Null if there is no packet. */
  readonly verdict: PieceVerdict | null;
  readonly rule: RuleReferenceResult | null;
  /** Where the rule stands. */
  readonly location: Location | null;
  readonly dependsOn: readonly {
    /** Null where it is no rule that is not known but a member of an address set. */
    readonly rule: RuleReferenceResult | null;
    readonly reason: string;
  }[];
  readonly region: Region;
  readonly witness: FlowResult | null;
}

/** Counted over layer-3 rules that something reaches. */
export interface CoverageResult {
  readonly rules: number;
  /** Rules that decide no packet of any assertion. */
  readonly untouched: number;
  readonly accepting: number;
  /** Accepting rules that get packets of which no assertion speaks. */
  readonly outside: number;
  /** Rules for which that takes more work than allowed. */
  readonly undecided: number;
  readonly filters: readonly CoverageFilterResult[];
}

export interface CoverageFilterResult {
  readonly name: string | null;
  readonly untouched: readonly (RuleReferenceResult & { readonly action: string })[];
  readonly outside: readonly {
    readonly rule: RuleReferenceResult;
    /** Whether an assertion speaks of other packets of the rule. */
    readonly touched: boolean;
    /** Whether the witness certainly gets to the rule. */
    readonly certain: boolean;
    readonly witness: FlowResult;
  }[];
  readonly undecided: readonly RuleReferenceResult[];
}
