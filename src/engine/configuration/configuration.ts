import type { Settings } from "../../checks/settings.ts";
import type { AddressRanges } from "../../model/address.ts";
import type { Ranges } from "../../model/ranges.ts";
import type { Location, SeverityResult } from "../results.ts";
import type { Suppression } from "../suppressions.ts";

/** What a dfwlint.yaml says, read and checked. */

/** One protocol of a named service; null stands for every port, and for protocols without ports. */
export interface ServicePart {
  readonly protocol: number;
  readonly ports: Ranges<number> | null;
}

export type NamedService = readonly ServicePart[];

export type ConfiguredSeverity = SeverityResult | "off";

export interface Configuration {
  /** As people are to read it. */
  readonly file: string;
  readonly text: string;
  /** Paths and globs, relative to the folder of the configuration file; null if there are none. */
  readonly files: readonly string[] | null;
  readonly severities: ReadonlyMap<string, ConfiguredSeverity>;
  readonly settings: Settings;
  readonly networks: ReadonlyMap<string, AddressRanges>;
  readonly services: ReadonlyMap<string, NamedService>;
  /** Relative to the folder of the configuration file. */
  readonly baseline: string | null;
  readonly suppressions: readonly Suppression[];
  /** Where a key or an entry of a list stands, by its path; undefined for what is not in the file. */
  placeOf(path: Path): Location | undefined;
}

/** Keys and indexes from the top of the file. */
export type Path = readonly (string | number)[];

/** Something wrong in a configuration file. */
export interface ConfigurationProblem {
  /** What was found, with the closest valid name. */
  readonly message: string;
  readonly expected: string;
  readonly location: Location;
}

/** What cannot be analysed must not go unnoticed: checks that nobody may silence as a whole, and why. */
export const ALWAYS_HEARD: ReadonlyMap<string, string> = new Map([
  ["unparsed-input", "a rule that does not parse may match anything"],
  ["truncated-input", "rules that are missing may match anything"],
  ["undefined-addrset", "a rule with an unknown set may match anything"],
]);
