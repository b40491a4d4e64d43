import type { Direction } from "../../model/rule.ts";
import type { NamedService } from "../configuration/configuration.ts";
import type { Expectation, Term, Without } from "../policy/policy.ts";
import type { Location } from "../results.ts";

/** What a change is meant to do, read and checked. */

export interface IntendedChange {
  readonly name: string;
  readonly owner: string | null;
  /** Of the name. */
  readonly location: Location;
  readonly from: Without<readonly Term[]>;
  readonly to: Without<readonly Term[]>;
  readonly service: Without<NamedService>;
  readonly directions: readonly Direction[];
  readonly expect: Expectation;
  /** Null for all filters that are compared. */
  readonly filters: readonly string[] | null;
}

export interface Intent {
  /** As people are to read it. */
  readonly file: string;
  readonly text: string;
  readonly changes: readonly IntendedChange[];
}
