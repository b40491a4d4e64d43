import { resolve } from "node:path";
import { lintOptions } from "../engine/configuration/lint-options.ts";
import { lint, type LintOptions } from "../engine/lint.ts";
import type { LintResult } from "../engine/results.ts";
import { DEFAULT_SETTINGS } from "../checks/settings.ts";
import { AddressError, addressRanges, parseAddress, type AddressRanges } from "../model/address.ts";
import type { NamedFile } from "./baseline-file.ts";
import { displayPath, type LoadedConfiguration } from "./configuration.ts";
import { UserError, type Io } from "./io.ts";
import type { FindingOptions } from "./options.ts";
import { protect, type LoadedInput } from "./read.ts";

/** Runs the checks as the configuration and the command line say; what the command line says counts. */
export async function findings(
  { input, incomplete, configuration }: LoadedInput,
  options: JudgeOptions,
  io: Io,
): Promise<LintResult> {
  return judged((asked) => lint(input, asked), { incomplete, configuration }, options, io);
}

type JudgeOptions = FindingOptions & { readonly output: string | undefined; readonly quiet: boolean };

/** What is asked of the checks, without a baseline. */
export function askedOf(
  configuration: LoadedConfiguration | null,
  options: Pick<FindingOptions, "vnic-ip">,
  io: Io,
): LintOptions {
  const vnicAddresses = vnicAddressesOf(options["vnic-ip"]);
  const configured = configuration === null ? {} : lintOptions(configuration, dayOf(io.now));
  const { settings = DEFAULT_SETTINGS } = configured;
  return vnicAddresses === null ? configured : { ...configured, settings: { ...settings, vnicAddresses } };
}

/** What comes of the checks, compared with the baseline that is asked for. */
export async function judged(
  lint: (asked: LintOptions) => LintResult,
  { incomplete, configuration }: Pick<LoadedInput, "incomplete" | "configuration">,
  options: JudgeOptions,
  io: Io,
): Promise<LintResult> {
  const asked = askedOf(configuration, options, io);
  const file = baselineOf(options.baseline, configuration, io);
  const update = options["update-baseline"];
  if (file === null && update) {
    throw new UserError("--update-baseline needs a file: --baseline FILE, or baseline in dfwlint.yaml");
  }
  if (file === null) return lint(asked);
  await protect([file.path], options.output, io);
  const { allKnown, loadBaseline, updateBaseline } = await import("./baseline-file.ts");
  const baseline = await loadBaseline(file, update);
  if (!update) return lint({ ...asked, baseline });
  if (incomplete) throw new UserError(`${file.name}: not written, because the input is incomplete`);
  const result = lint(asked);
  await updateBaseline(file, baseline ?? [], result.findings, options.quiet, io);
  return allKnown(result);
}

/** Addresses of `--vnic-ip`, given as lists or several times; null if it is not given. */
export function vnicAddressesOf(given: readonly string[] | undefined): AddressRanges | null {
  if (given === undefined) return null;
  const words = given.flatMap((text) => text.split(",")).map((word) => word.trim());
  return addressRanges(
    words.map((word) => {
      try {
        return parseAddress(word);
      } catch (error) {
        if (!(error instanceof AddressError)) throw error;
        throw new UserError(`--vnic-ip: "${word}" is not an address: ${error.message}`);
      }
    }),
  );
}

/** The baseline's file; null if findings are not to be compared. */
export function baselineOf(
  option: string | false | undefined,
  configuration: LoadedConfiguration | null,
  io: Io,
): NamedFile | null {
  if (option === false) return null;
  if (option === "") throw new UserError("--baseline is empty: name a file");
  if (option !== undefined) return { name: option, path: resolve(io.workingDirectory, option) };
  if (configuration === null || configuration.baseline === null) return null;
  const path = resolve(configuration.folder, configuration.baseline);
  return { name: displayPath(path, io), path };
}

/** The day at this place, as YYYY-MM-DD. */
export function dayOf(now: Date): string {
  const two = (number: number): string => `${number}`.padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
