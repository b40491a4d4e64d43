import type { AddressRanges } from "../../model/address.ts";
import type { Direction } from "../../model/rule.ts";
import type { NamedService } from "../configuration/configuration.ts";
import type { Location } from "../results.ts";

/** What a policy.yaml says, read and checked. */

export type Expectation = "accept" | "deny" | "drop" | "reject";

/** What an end of an assertion names: addresses, or a set whose members each filter has of its own. */
export type Term =
  | { readonly type: "addresses"; readonly text: string; readonly addresses: AddressRanges }
  | { readonly type: "set"; readonly name: string };

/** What is left of these; of everything, if `of` is null. */
export interface Without<T> {
  readonly of: T | null;
  readonly except: T | null;
}

export interface Assertion {
  readonly name: string;
  readonly owner: string | null;
  /** Of the name. */
  readonly location: Location;
  readonly from: Without<readonly Term[]>;
  readonly to: Without<readonly Term[]>;
  readonly service: Without<NamedService>;
  readonly directions: readonly Direction[];
  readonly expect: Expectation | null;
  readonly by: number | null;
  readonly only: boolean;
  /** Null for all filters that have rules. */
  readonly filters: readonly string[] | null;
  readonly allowEmpty: boolean;
}

export interface Policy {
  /** As people are to read it. */
  readonly file: string;
  readonly text: string;
  readonly assertions: readonly Assertion[];
}

/** Whether a filter's name is one that an assertion speaks of. */
export function namesFilter(pattern: string, name: string | null): boolean {
  if (name === null) return false;
  const parts = pattern.split("*");
  if (parts.length === 1) return pattern === name;
  let at = parts[0]!.length;
  if (!name.startsWith(parts[0]!)) return false;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  const last = parts.at(-1)!;
  return name.length - last.length >= at && name.endsWith(last);
}
