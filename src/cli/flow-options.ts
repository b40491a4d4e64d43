import type { Argv } from "yargs";
import type { FlowFields } from "../model/flow.ts";
import { UserError } from "./io.ts";

/** Options that say a flow, for the commands that ask about one. */

export const EXPECT = ["accept", "drop", "reject", "deny"] as const;

/** The options of a packet's headers, by the fields of a flow that they say. */
export const HEADER_OPTIONS = {
  protocol: "protocol",
  srcPort: "src-port",
  dstPort: "port",
  icmpType: "icmp-type",
  icmpCode: "icmp-code",
  srcMac: "src-mac",
  dstMac: "dst-mac",
  etherType: "ethertype",
} as const satisfies Partial<Record<keyof FlowFields, string>>;

/** What yargs gives for options of texts. */
export type TextOptions<Names extends string> = { readonly [Name in Names]: string | undefined };

export type HeaderOptions = TextOptions<(typeof HEADER_OPTIONS)[keyof typeof HEADER_OPTIONS]>;

interface FieldOption {
  readonly type: "string";
  readonly requiresArg: true;
  readonly group: string;
  readonly describe: string;
}

export const FLOW_GROUP = "Flow (what is left out is every value):";

export function fieldOption(describe: string, group = FLOW_GROUP): FieldOption {
  return { type: "string", requiresArg: true, group, describe };
}

/** @param etherTypes which of them may be said */
export function headerOptions<T>(argv: Argv<T>, etherTypes: string): Argv<T & HeaderOptions> {
  return argv
    .option("port", { ...fieldOption("destination port, range or list"), alias: "dst-port" })
    .option("src-port", fieldOption("source port, range or list"))
    .option("protocol", fieldOption("name or number (default: tcp with a port, else any)"))
    .option("icmp-type", fieldOption("ICMP type (default protocol: icmp and ipv6-icmp)"))
    .option("icmp-code", fieldOption("ICMP code"))
    .option("src-mac", fieldOption("source MAC address or address set, for layer-2 rules"))
    .option("dst-mac", fieldOption("destination MAC address or address set, for layer-2 rules"))
    .option("ethertype", fieldOption(etherTypes));
}

/**
 * The fields that are given, by the options that say them.
 * @throws UserError for an empty one: a script's empty variable must not become a question about all addresses
 */
export function givenFields<Field extends string, Option extends string>(
  optionOf: Readonly<Record<Field, Option>>,
  options: TextOptions<Option>,
): Partial<Record<Field, string>> {
  const given: Partial<Record<Field, string>> = {};
  for (const [field, option] of Object.entries(optionOf) as [Field, Option][]) {
    const value = options[option];
    if (value === undefined) continue;
    if (value.trim() === "") throw new UserError(`--${option} is empty: leave it out for every value`);
    given[field] = value;
  }
  return given;
}

/** Why the exit code says that an assertion does not hold. */
export function notMet(expected: string): string {
  return `dfwlint: expected ${expected}, but not every packet of the flow certainly gets it\n`;
}
