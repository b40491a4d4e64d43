import { createWriteStream } from "node:fs";
import { resolve, sep } from "node:path";
import type { Writable } from "node:stream";
import { once } from "node:events";
import { Chalk, supportsColor, type ChalkInstance } from "chalk";
import type { Argv } from "yargs";
import type { Input } from "../engine/input.ts";
import { filterOf, lineReader } from "../engine/places.ts";
import type { LintContext, ReportContext } from "../report/context.ts";
import { UserError, faultOf, write, type Io } from "./io.ts";

export interface OutputOptions {
  readonly output: string | undefined;
  readonly quiet: boolean;
  readonly color: boolean | undefined;
}

export function outputOptions<T>(argv: Argv<T>): Argv<T & OutputOptions> {
  return argv
    .option("output", {
      alias: "o",
      type: "string",
      describe: "write the result to this file",
      requiresArg: true,
    })
    .option("quiet", {
      alias: "q",
      type: "boolean",
      default: false,
      describe: "the result only: no summary, no notes",
    })
    .option("color", {
      type: "boolean",
      describe: "colours, also where the output is no terminal (--no-color: none)",
    });
}

export function budgetOption<T>(argv: Argv<T>): Argv<T & { budget: number | undefined }> {
  return argv
    .option("budget", {
      type: "number",
      requiresArg: true,
      describe:
        "work allowed for a rule, in millions of comparisons; beyond it the rule is uncertain (default: 200)",
    })
    .check(({ budget }) => {
      if (budget !== undefined && !(budget > 0)) throw new UserError("--budget: expected a number above 0");
      return true;
    });
}

export function filesPositional<T>(argv: Argv<T>): Argv<T & { files: string[] }> {
  return argv.positional("files", {
    type: "string",
    array: true,
    default: [] as string[],
    defaultDescription: "files of dfwlint.yaml, else rules.txt and addrsets.txt here",
    describe: "dumps in any order and mix; - is standard input",
  });
}

/** The configuration file is given where findings may be about it. */
export function reportContext(
  input: Input | null,
  options: OutputOptions,
  io: Io,
  configuration: { readonly file: string; readonly text: string } | null = null,
): ReportContext {
  return {
    chalk: chalkFor(options, io),
    quiet: options.quiet,
    line: lineReader(input, configuration),
    filterOf: (finding) => filterOf(input, finding),
  };
}

export function lintContext(
  input: Input,
  checks: Pick<LintContext, "checks" | "checkLabel">,
  options: OutputOptions,
  io: Io,
  configuration: Parameters<typeof reportContext>[3] = null,
): LintContext {
  return { ...reportContext(input, options, io, configuration), ...checks, input, separator: sep };
}

export function chalkFor({ color, output }: OutputOptions, io: Io): ChalkInstance {
  const detected = supportsColor === false ? 0 : supportsColor.level;
  if (color === true) return new Chalk({ level: detected === 0 ? 1 : detected });
  const unwanted = color === false || (io.env["NO_COLOR"] ?? "") !== "" || output !== undefined;
  if (unwanted || io.stdout.isTTY !== true) return new Chalk({ level: 0 });
  return new Chalk({ level: detected });
}

/** Writes to standard output or to the file of `--output`. */
export async function withOutput(
  options: OutputOptions,
  io: Io,
  task: (out: Writable) => Promise<void>,
): Promise<void> {
  const { output } = options;
  if (output === undefined) return task(io.stdout);
  const file = createWriteStream(resolve(io.workingDirectory, output));
  const broken = new Promise<never>((_, reject) => {
    file.on("error", (error) => {
      reject(new UserError(`--output ${output}: cannot be written: ${faultOf(error)}`));
    });
  });
  const whole = async (): Promise<void> => {
    await once(file, "open");
    await task(file);
    file.end();
    await once(file, "close");
  };
  await Promise.race([whole(), broken]);
}

export async function print(text: string, options: OutputOptions, io: Io): Promise<void> {
  await withOutput(options, io, (out) => write(out, text));
}
