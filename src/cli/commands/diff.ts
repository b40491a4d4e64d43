import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import type { DiffResult } from "../../engine/results.ts";
import { DIFF_FORMATS, DIFF_FORMAT_NAMES, type DiffFormatName } from "../../report/diff-formats.ts";
import { examples } from "../help.ts";
import { EXIT_COULD_NOT_RUN, EXIT_FOUND, EXIT_OK, UserError, type Io } from "../io.ts";
import {
  configurationOption,
  selectionOptions,
  type ConfigurationOptions,
  type SelectionOptions,
} from "../options.ts";
import { budgetOption, outputOptions, type OutputOptions } from "../output.ts";
import type { PlannedInput } from "../read.ts";

const GATES = ["verdict", "newly-accepted", "newly-denied", "treatment", "any", "never"] as const;
type Gate = (typeof GATES)[number];

interface DiffOptions extends OutputOptions, ConfigurationOptions, SelectionOptions {
  readonly files: string[];
  readonly base: string | undefined;
  readonly head: string | undefined;
  readonly budget: number | undefined;
  readonly format: DiffFormatName;
  readonly "fail-on": string | undefined;
  readonly intent: string | undefined;
}

export function diffCommand(io: Io, exit: (code: number) => void): CommandModule<object, DiffOptions> {
  return {
    command: "diff [files..]",
    describe: "what a change does: which traffic becomes possible, which breaks, and by which edit",
    builder: (argv: Argv) =>
      examples(
        selectionOptions(configurationOption(budgetOption(outputOptions(argv))))
          .positional("files", {
            type: "string",
            array: true,
            default: [] as string[],
            describe:
              "BEFORE and AFTER: each a file, a folder, or a list of files with commas; with --base: the files to compare",
            defaultDescription: "with --base: the configured files",
          })
          .option("base", {
            type: "string",
            requiresArg: true,
            describe: "compare the files as they are at this git revision with the working tree",
          })
          .option("head", {
            type: "string",
            requiresArg: true,
            describe: "with --base: compare with this revision instead of the working tree",
          })
          .option("format", {
            alias: "f",
            choices: DIFF_FORMAT_NAMES,
            default: "pretty" as const,
            requiresArg: true,
            describe: "how the change is printed",
          })
          .option("intent", {
            type: "string",
            requiresArg: true,
            describe:
              "a file that says what the change is for: any other verdict changed, or none, is exit code 1",
          })
          .option("fail-on", {
            type: "string",
            defaultDescription: "verdict; with --intent: what is not intended",
            requiresArg: true,
            describe: `what makes the exit code 1, a list of: ${GATES.join(", ")}`,
          })
          .epilogue(
            "Exit codes: 0 nothing that --fail-on names, and what --intent says, 1 such a change or one that could not be decided, 2 could not run, or not in full.",
          ),
        [
          ["two dumps of one filter", "dfwlint diff before after"],
          ["a pull request", "dfwlint diff --base origin/main --format markdown"],
          ["a change with a purpose", "dfwlint diff before after --intent intent.yaml"],
          ["no new access", "dfwlint diff --base HEAD --fail-on newly-accepted"],
          ["one machine of a host", "dfwlint diff --base origin/main session.log --vm web-01"],
        ],
      ),
    handler: async (options: ArgumentsCamelCase<DiffOptions>) => {
      exit(await run(options, io));
    },
  };
}

async function run(options: DiffOptions, io: Io): Promise<number> {
  const gates = gatesOf(options["fail-on"], options.intent !== undefined);
  const [{ loadPolicies }, { diff }, { reportContext, print }, { progressOn }, format] = await Promise.all([
    import("../policies.ts"),
    import("../../engine/diff.ts"),
    import("../output.ts"),
    import("../progress.ts"),
    DIFF_FORMATS[options.format](),
  ]);
  const large = await planLarge(options, io);
  if (large !== null) {
    const { diffOfLarge } = await import("../fleet/diff.ts");
    const onPair = options.quiet ? undefined : progressOn(io, "filters compared");
    const apart = await diffOfLarge(large, { ...options, ...(onPair === undefined ? {} : { onPair }) }, io);
    if (apart !== null) {
      await print(format(apart.result, reportContext(null, options, io)), options, io);
      return exitCode(apart.result, apart.incomplete, gates);
    }
  }
  const { before, after, pairs, incomplete, configuration } = await loadPolicies(options.files, options, io);
  const intent =
    options.intent === undefined
      ? undefined
      : await (
          await import("../intent.ts")
        ).loadIntent(options.intent, options.output, [before, after], configuration, io);
  const progress = options.quiet ? undefined : progressOn(io);
  const result = diff(before, after, {
    pairs,
    ...(options.budget === undefined ? {} : { budget: options.budget * 1_000_000 }),
    ...(progress === undefined ? {} : { progress }),
    ...(intent === undefined ? {} : { intent }),
  });
  await print(format(result, reportContext(after, options, io)), options, io);
  return exitCode(result, incomplete, gates);
}

function exitCode(result: DiffResult, incomplete: boolean, gates: readonly Gate[]): number {
  if (incomplete) return EXIT_COULD_NOT_RUN;
  const isUnintended = result.intent?.met === false && !gates.includes("never");
  return isUnintended || gates.some((gate) => fails(result, gate)) ? EXIT_FOUND : EXIT_OK;
}

/** Policies that are too large to be read at once; null for others, and where an intent or a revision asks for all. */
async function planLarge(
  { files, base, intent, output, config }: DiffOptions,
  io: Io,
): Promise<[PlannedInput, PlannedInput] | null> {
  if (files.length !== 2 || base !== undefined || intent !== undefined) return null;
  const [{ planPolicy }, { LARGE_BYTES }, { loadConfiguration }] = await Promise.all([
    import("../policies.ts"),
    import("../read.ts"),
    import("../configuration.ts"),
  ]);
  // Nothing in it matters here; but one that cannot be read is an error for every input.
  await loadConfiguration(config, io);
  const before = await planPolicy(files[0]!, output, io);
  const after = await planPolicy(files[1]!, output, io);
  return before !== null && after !== null && before.bytes + after.bytes > LARGE_BYTES
    ? [before.planned, after.planned]
    : null;
}

/** @throws UserError for a word that is no gate */
function gatesOf(given: string | undefined, hasIntent: boolean): Gate[] {
  // An intended change changes verdicts, and is its own gate.
  if (given === undefined) return hasIntent ? [] : ["verdict"];
  return given.split(",").map((word) => {
    const gate = GATES.find((name) => name === word.trim());
    if (gate === undefined) throw new UserError(`--fail-on: "${word.trim()}" is none of ${GATES.join(", ")}`);
    return gate;
  });
}

/** What could not be decided fails every gate: it is never taken as proof. */
function fails({ summary, onlyBefore, onlyAfter }: DiffResult, gate: Gate): boolean {
  const open = summary.uncertain + summary.undecided + onlyBefore.length + onlyAfter.length > 0;
  switch (gate) {
    case "newly-accepted":
    case "newly-denied":
    case "treatment":
      return open || summary[gate] > 0;
    case "verdict":
      return open || summary["newly-accepted"] + summary["newly-denied"] + summary.verdict > 0;
    case "any":
      return open || Object.values(summary).some((count) => count > 0);
    case "never":
      return false;
  }
}
