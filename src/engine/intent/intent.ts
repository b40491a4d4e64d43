import type { Entry } from "../policy/entries.ts";
import type { Expectation } from "../policy/policy.ts";

/** What a change is meant to do, read and checked. */

export interface IntendedChange extends Entry {
  readonly expect: Expectation;
}

export interface Intent {
  /** As people are to read it. */
  readonly file: string;
  readonly text: string;
  readonly changes: readonly IntendedChange[];
}
