import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import type { RulesResult } from "../../engine/results.ts";
import type { Shown } from "../fleet/ask.ts";
import { examples } from "../help.ts";
import { EXIT_COULD_NOT_RUN, EXIT_OK, UserError, type Io } from "../io.ts";
import {
  configurationOption,
  selectionOptions,
  type ConfigurationOptions,
  type SelectionOptions,
} from "../options.ts";
import { budgetOption, filesPositional, outputOptions, type OutputOptions } from "../output.ts";

const FORMATS = ["pretty", "compact", "json", "ndjson"] as const;

interface RulesOptions extends OutputOptions, ConfigurationOptions, SelectionOptions {
  readonly files: string[];
  readonly budget: number | undefined;
  readonly format: (typeof FORMATS)[number];
  readonly effect: boolean;
}

export function rulesCommand(io: Io, exit: (code: number) => void): CommandModule<object, RulesOptions> {
  return {
    command: "rules [files..]",
    describe: "what each rule does: reached or not, what blocks it, a packet",
    builder: (argv: Argv) =>
      examples(
        selectionOptions(budgetOption(configurationOption(outputOptions(filesPositional(argv)))))
          .option("format", {
            alias: "f",
            choices: FORMATS,
            default: "pretty" as const,
            requiresArg: true,
            describe: "how rules are printed",
          })
          .option("effect", {
            type: "boolean",
            default: false,
            describe: "also say which part of each rule's packets gets to it, and which rules take the rest",
          })
          .epilogue(
            [
              "Status:",
              "  reachable      some packet gets to the rule and matches it",
              "  shadowed       never reached, and some packet gets another verdict earlier",
              "  redundant      never reached, and every packet gets the same verdict earlier",
              "  never-matches  its own match is empty",
              "  removable      it is reached, and without it no packet's verdict changes",
            ].join("\n"),
          )
          .epilogue("\nExit codes: 0 answered, 2 could not run, or not in full."),
        [
          ["a table of all rules", "dfwlint rules rules.txt addrsets.txt"],
          ["what is left of each rule behind those before it", "dfwlint rules session.log --effect"],
          ["the rules that nothing reaches", "dfwlint rules --format compact | grep shadowed"],
        ],
      ),
    handler: async (options: ArgumentsCamelCase<RulesOptions>) => {
      exit(await run(options, io));
    },
  };
}

async function run(options: RulesOptions, io: Io): Promise<number> {
  if (options.effect && options.format === "compact") {
    throw new UserError("--effect takes more than a line a rule: use --format pretty or json");
  }
  const { loadInput, planInput } = await import("../read.ts");
  const planned = await planInput(options.files, options, io);
  const format = await rulesFormat(options, io);
  if (planned.kind !== "small") {
    const { askLarge, rulesAsking } = await import("../fleet/ask.ts");
    const { effect, budget } = options;
    const joined = options.format === "json" || (planned.kind === "large" && format !== null);
    const asking = {
      ...rulesAsking({ kind: "rules", effect, budget }),
      joined,
      format,
      headed: options.format === "pretty",
    };
    const incomplete = await askLarge(planned, asking, options, io);
    if (incomplete !== null) return incomplete ? EXIT_COULD_NOT_RUN : EXIT_OK;
  }
  if (format === null) throw new UserError("--format ndjson is for a folder of sessions: use --format json");
  const [{ describeRules }, { print }] = await Promise.all([
    import("../../engine/rules.ts"),
    import("../output.ts"),
  ]);
  const { input, incomplete } = await loadInput(options.files, options, io, planned);
  await print(format(describeRules(input, { effect: options.effect }), { input }), options, io);
  return incomplete ? EXIT_COULD_NOT_RUN : EXIT_OK;
}

/** Null where each session is a line of JSON. */
async function rulesFormat(
  options: RulesOptions,
  io: Io,
): Promise<((result: RulesResult, shown: Shown) => string) | null> {
  switch (options.format) {
    case "pretty": {
      const [{ prettyRules }, { reportContext }] = await Promise.all([
        import("../../report/pretty/rules.ts"),
        import("../output.ts"),
      ]);
      return (result, { input, line }) =>
        prettyRules(result, {
          ...reportContext(input, options, io),
          ...(line === undefined ? {} : { line }),
        });
    }
    case "compact":
      return (await import("../../report/compact.ts")).compactRules;
    case "json": {
      const { safeJson } = await import("../../report/safe.ts");
      return (result) => `${safeJson(result, 2)}\n`;
    }
    case "ndjson":
      return null;
  }
}
