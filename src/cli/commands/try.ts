import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import type { PlaceQuestion, TryError } from "../../engine/try.ts";
import type { TryResult } from "../../engine/results.ts";
import { examples } from "../help.ts";
import { EXIT_COULD_NOT_RUN, EXIT_OK, FramedError, UserError, type Io } from "../io.ts";
import { configurationOption, type ConfigurationOptions } from "../options.ts";
import { filesPositional, outputOptions, type OutputOptions } from "../output.ts";

const FORMATS = ["pretty", "compact", "json"] as const;
const PLACES = ["before", "after", "at"] as const;

interface TryOptions extends OutputOptions, ConfigurationOptions {
  readonly files: string[];
  readonly rule: string | undefined;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly at: string | undefined;
  readonly category: string | undefined;
  readonly filter: string | undefined;
  readonly format: (typeof FORMATS)[number];
}

export function tryCommand(io: Io, exit: (code: number) => void): CommandModule<object, TryOptions> {
  const place = (
    describe: string,
  ): { type: "string"; requiresArg: true; group: string; describe: string } => ({
    type: "string",
    requiresArg: true,
    group: "Place (default: the best one):",
    describe,
  });
  return {
    command: "try [files..]",
    describe: "what a new rule would do, before it is made",
    builder: (argv: Argv) =>
      examples(
        configurationOption(outputOptions(filesPositional(argv)))
          .option("rule", {
            type: "string",
            requiresArg: true,
            describe: "the rule as vsipioctl prints it, without its place",
          })
          .option("before", place("above all lines of the rule with this id"))
          .option("after", place("below all lines of the rule with this id"))
          .option("at", place("where it gets this position; the rules below move down"))
          .option("category", place("the category of the place, where an id or position stands in several"))
          .option("filter", {
            type: "string",
            requiresArg: true,
            describe: "one of several filters",
            defaultDescription: "all, an answer each",
          })
          .option("format", {
            alias: "f",
            choices: FORMATS,
            default: "pretty" as const,
            requiresArg: true,
            describe: "how the answer is printed",
          })
          .epilogue(
            "Addresses: any, a set by name (addrset web), ip 10.0.0.0/24; in front of each, not.\n" +
              "Exit codes: 0 answered, 2 could not run, or not in full.",
          ),
        [
          [
            "is it needed, and where is the best place",
            "dfwlint try --rule 'inout protocol tcp from any to addrset db port 5432 accept'",
          ],
          [
            "what it would change at a place",
            "dfwlint try --rule 'in protocol tcp from 10.9.0.0/16 to any port 22 drop' --at 1",
          ],
          [
            "a line a fact, for each filter of a session",
            "dfwlint try session.log --rule 'out protocol icmp from any to any drop' --format compact",
          ],
        ],
      ),
    handler: async (options: ArgumentsCamelCase<TryOptions>) => {
      exit(await run(options, io));
    },
  };
}

async function run(options: TryOptions, io: Io): Promise<number> {
  const { rule, category = null, filter = null } = options;
  if (rule === undefined)
    throw new UserError("--rule is missing: say the new rule as vsipioctl would print it");
  const place = placeOf(options);
  const [{ loadInput }, engine, { print }] = await Promise.all([
    import("../read.ts"),
    import("../../engine/try.ts"),
    import("../output.ts"),
  ]);
  const { input, incomplete } = await loadInput(options.files, options, io);
  let result: TryResult;
  try {
    result = engine.tryRule(input, { rule, place, category, filter });
  } catch (error) {
    if (error instanceof engine.TryError) throw await userError(error, rule, options, io);
    throw error;
  }
  await print(await format(), options, io);
  return incomplete ? EXIT_COULD_NOT_RUN : EXIT_OK;

  async function format(): Promise<string> {
    switch (options.format) {
      case "pretty": {
        const [{ prettyTry }, { reportContext }] = await Promise.all([
          import("../../report/pretty/try.ts"),
          import("../output.ts"),
        ]);
        return prettyTry(result, reportContext(input, options, io));
      }
      case "compact":
        return (await import("../../report/pretty/try.ts")).compactTry(result);
      case "json":
        return `${(await import("../../report/safe.ts")).safeJson(result, 2)}\n`;
    }
  }
}

function placeOf(options: TryOptions): PlaceQuestion | null {
  const [beside, second] = PLACES.filter((option) => options[option] !== undefined);
  if (second !== undefined) throw new UserError(`--${beside} and --${second} are two places: say one`);
  if (beside === undefined) {
    if (options.category !== undefined)
      throw new UserError("--category says where --before, --after or --at count: say one of them");
    return null;
  }
  const text = options[beside]!.trim();
  const number = Number(text);
  const what = beside === "at" ? "a position from 1" : "the id of a rule";
  if (!/^\d{1,15}$/.test(text) || (beside === "at" && number === 0))
    throw new UserError(`--${beside}: "${text}" is not ${what}`);
  return beside === "at" ? { beside, position: number } : { beside, id: number };
}

async function userError(error: TryError, rule: string, options: TryOptions, io: Io): Promise<UserError> {
  if (error.at !== null) {
    const { prettyRuleMistake } = await import("../../report/pretty/try.ts");
    const { reportContext } = await import("../output.ts");
    // One line of a terminal, character for character, so that the mark stands under the right one.
    const text = rule.replace(/[\r\n]/g, " ");
    const context = reportContext(null, { ...options, color: false }, io, { file: "--rule", text });
    return new FramedError(prettyRuleMistake(error.message, error.at, context));
  }
  const option = error.part === "place" ? PLACES.find((name) => options[name] !== undefined) : error.part;
  return new UserError(`--${option}: ${error.message}`);
}
