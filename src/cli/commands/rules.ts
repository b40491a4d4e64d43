import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import { EXIT_COULD_NOT_RUN, EXIT_OK, type Io } from "../io.ts";
import { filesPositional, outputOptions, type OutputOptions } from "../output.ts";

const FORMATS = ["pretty", "compact", "json"] as const;

interface RulesOptions extends OutputOptions {
  readonly files: string[];
  readonly format: (typeof FORMATS)[number];
}

export function rulesCommand(io: Io, exit: (code: number) => void): CommandModule<object, RulesOptions> {
  return {
    command: "rules [files..]",
    describe: "what each rule does: reached or not, what blocks it, a packet",
    builder: (argv: Argv) =>
      outputOptions(filesPositional(argv))
        .option("format", { alias: "f", choices: FORMATS, default: "pretty" as const, describe: "how rules are printed" })
        .example("$0 rules rules.txt addrsets.txt", "a table of all rules")
        .example("$0 rules --format compact | grep shadowed", "the rules that nothing reaches")
        .epilogue(
          "status: reachable; shadowed (never reached, some packet gets another verdict earlier); redundant (never reached,\n" +
            "every packet gets the same verdict earlier); never-matches (its own match is empty).\n" +
            "removable: it is reached, and without it no packet's verdict changes.",
        ),
    handler: async (options: ArgumentsCamelCase<RulesOptions>) => {
      exit(await run(options, io));
    },
  };
}

async function run(options: RulesOptions, io: Io): Promise<number> {
  const [{ loadInput }, { describeRules }, { reportContext, print }] = await Promise.all([
    import("../read.ts"),
    import("../../engine/rules.ts"),
    import("../output.ts"),
  ]);
  const { input, incomplete } = await loadInput(options.files, io);
  const result = describeRules(input);
  await print(await format(), options, io);
  return incomplete ? EXIT_COULD_NOT_RUN : EXIT_OK;

  async function format(): Promise<string> {
    switch (options.format) {
      case "pretty":
        return (await import("../../report/pretty/rules.ts")).prettyRules(result, reportContext(input, options, io));
      case "compact":
        return (await import("../../report/compact.ts")).compactRules(result);
      case "json":
        return `${(await import("../../report/safe.ts")).safeJson(result, 2)}\n`;
    }
  }
}
