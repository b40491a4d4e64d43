import { randomUUID } from "node:crypto";
import { readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { BaselineError, printBaseline, readBaseline, toBaseline, type Baseline } from "../engine/baseline.ts";
import type { Configuration } from "../engine/configuration/configuration.ts";
import { lint, type LintOptions } from "../engine/lint.ts";
import type { LintResult } from "../engine/results.ts";
import { DEFAULT_SETTINGS } from "../checks/settings.ts";
import { AddressError, addressRanges, parseAddress, type AddressRanges } from "../model/address.ts";
import { safe } from "../report/safe.ts";
import { displayPath, type LoadedConfiguration } from "./configuration.ts";
import { UserError, faultOf, type Io } from "./io.ts";
import type { FindingOptions } from "./options.ts";
import { protect, type LoadedInput } from "./read.ts";

/** Runs the checks as the configuration and the command line say; what the command line says counts. */
export async function findings(
  { input, incomplete, configuration }: LoadedInput,
  options: FindingOptions & { readonly output: string | undefined; readonly quiet: boolean },
  io: Io,
): Promise<LintResult> {
  const vnicAddresses = vnicAddressesOf(options["vnic-ip"]);
  const file = baselineOf(options.baseline, configuration, io);
  const update = options["update-baseline"];
  if (file === null && update) {
    throw new UserError("--update-baseline needs a file: --baseline FILE, or baseline in dfwlint.yaml");
  }
  if (file !== null) await protect([file.path], options.output, io);
  const baseline = file === null ? null : await loadBaseline(file, update);
  const configured = configuration === null ? {} : lintOptions(configuration, io);
  const { settings = DEFAULT_SETTINGS } = configured;
  const asked: LintOptions =
    vnicAddresses === null ? configured : { ...configured, settings: { ...settings, vnicAddresses } };
  if (file === null || !update) return lint(input, { ...asked, baseline });
  if (incomplete) throw new UserError(`${file.name}: not written, because the input is incomplete`);
  const all = lint(input, asked);
  const next = toBaseline(all.findings, baseline ?? []);
  await writeWhole(file, printBaseline(next));
  if (!options.quiet) io.stderr.write(`dfwlint: ${safe(file.name)}: ${changes(baseline ?? [], next)}\n`);
  return lint(input, { ...asked, baseline: next });
}

/** What a configuration says to the checks, on this day. */
export function lintOptions(
  { settings, severities, suppressions }: Configuration,
  io: Io,
): Pick<LintOptions, "settings" | "severities" | "suppressions"> {
  return { settings, severities, suppressions: { list: suppressions, today: dayOf(io.now) } };
}

function changes(before: Baseline, after: Baseline): string {
  const known = new Set(before.map(({ fingerprint }) => fingerprint));
  const kept = after.filter(({ fingerprint }) => known.has(fingerprint)).length;
  return `${after.length} known ${after.length === 1 ? "finding" : "findings"}, ${after.length - kept} added, ${before.length - kept} removed`;
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

interface NamedFile {
  /** As people are to read it. */
  readonly name: string;
  readonly path: string;
}

/** The baseline's file; null if findings are not to be compared. */
function baselineOf(
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

/** Null if it is yet to be written. */
async function loadBaseline({ name, path }: NamedFile, update: boolean): Promise<Baseline | null> {
  try {
    return readBaseline(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof BaselineError) throw new UserError(`${name}: ${error.message}`);
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (missing && update) return null;
    throw new UserError(
      missing ? `${name}: no such baseline: --update-baseline writes it` : `${name}: ${faultOf(error)}`,
    );
  }
}

/** Never leaves a part of a file behind. */
async function writeWhole({ name, path }: NamedFile, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const temporary = `${target}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, text, { flag: "wx" });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new UserError(`${name}: cannot be written: ${faultOf(error)}`);
  }
}

/** The day at this place, as YYYY-MM-DD. */
function dayOf(now: Date): string {
  const two = (number: number): string => `${number}`.padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
