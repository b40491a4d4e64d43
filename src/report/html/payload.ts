/**
 * What the page's script reads: texts ready to be shown, each said once, and numbers that point at them. The types
 * are all that the page's script and this side share.
 */

export type StatusName = "reachable" | "shadowed" | "redundant" | "never-matches";

/** One letter each, so that nothing is told by colour alone. */
export const STATUSES: readonly { readonly name: StatusName; readonly letter: string }[] = [
  { name: "reachable", letter: "r" },
  { name: "shadowed", letter: "S" },
  { name: "redundant", letter: "D" },
  { name: "never-matches", letter: "N" },
];

export interface Payload {
  readonly filters: readonly PayloadFilter[];
  readonly files: readonly string[];
  /** Rulesets with their categories. */
  readonly groups: readonly string[];
  /** Sources and destinations as the rules name them; the first is `any`. */
  readonly ends: readonly string[];
  /** Explanations and advice. */
  readonly texts: readonly string[];
  readonly rules: readonly PayloadRule[];
  readonly findings: readonly PayloadFinding[];
}

/** The rules of a filter stand together. */
export interface PayloadFilter {
  readonly name: string;
  readonly first: number;
  readonly count: number;
}

export interface PayloadRule {
  readonly filter: number;
  readonly group: number;
  readonly id: number | null;
  readonly position: number | null;
  readonly file: number;
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly action: string;
  readonly from: number;
  readonly to: number;
  /** A place in `STATUSES`. */
  readonly status: number;
  readonly by?: readonly number[];
  readonly removable?: true;
  /** Why its status is not certain. */
  readonly uncertain?: string;
  readonly packet?: string;
  /** Unless it is a firewall rule of layer 3. */
  readonly list?: "ethernet" | "ids";
}

export interface PayloadFinding {
  readonly check: string;
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  readonly why: number;
  readonly help: number;
  readonly uncertain?: true;
  readonly filter?: number;
  readonly rule?: number;
  readonly packet?: string;
  /** Its own place first. */
  readonly places: readonly PayloadPlace[];
  /** Places that are left out. */
  readonly more?: number;
  /** Unless it is open. */
  readonly state?: "suppressed" | "known";
  /** Why and until when it is suppressed. */
  readonly reason?: string;
}

export interface PayloadPlace {
  readonly label: string;
  readonly file: number;
  readonly line: number;
  readonly column: number;
  readonly rule?: number;
  /** The line, unless it is a rule's, which has it. */
  readonly text?: string;
  /** Where in the line or the rule's text it stands: first code unit and length. */
  readonly mark?: readonly [number, number];
}
