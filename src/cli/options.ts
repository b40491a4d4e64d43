import type { Argv } from "yargs";

/** Options about the configuration, shared by commands. */

export interface ConfigurationOptions {
  /** False for none. */
  readonly config: string | false | undefined;
}

export interface FindingOptions extends ConfigurationOptions {
  readonly "vnic-ip": readonly string[] | undefined;
  readonly baseline: string | false | undefined;
  readonly "update-baseline": boolean;
}

export function configurationOption<T>(argv: Argv<T>): Argv<T & ConfigurationOptions> {
  return argv.option("config", {
    type: "string",
    requiresArg: true,
    describe: "configuration file (--no-config: none)",
    defaultDescription: "dfwlint.yaml here or in a folder above",
  });
}

export function vnicOption<T>(argv: Argv<T>): Argv<T & { "vnic-ip": string[] | undefined }> {
  return argv.option("vnic-ip", {
    type: "string",
    array: true,
    requiresArg: true,
    describe: "the vNIC's own addresses or CIDRs, a list or the option again",
  });
}

export interface SelectionOptions {
  readonly vm: readonly string[] | undefined;
  readonly filter: string | undefined;
}

export function selectionOptions<T>(argv: Argv<T>): Argv<T & SelectionOptions> {
  return argv
    .option("vm", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "only the filters of this machine or vNIC, as a session shows them; or the option again",
    })
    .option("filter", { type: "string", requiresArg: true, describe: "only the filter of this name" });
}

export function baselineOptions<T>(
  argv: Argv<T>,
): Argv<T & Pick<FindingOptions, "baseline" | "update-baseline">> {
  return argv
    .option("baseline", {
      type: "string",
      requiresArg: true,
      describe: "report only what this file does not hold (--no-baseline: all)",
    })
    .option("update-baseline", {
      type: "boolean",
      default: false,
      describe: "write the findings that are there now to the baseline",
    });
}
