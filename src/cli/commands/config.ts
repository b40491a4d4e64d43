import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import { examples } from "../help.ts";
import { EXIT_OK, type Io } from "../io.ts";
import { baselineOptions, configurationOption, vnicOption, type FindingOptions } from "../options.ts";
import { filesPositional, outputOptions, type OutputOptions } from "../output.ts";

const FORMATS = ["pretty", "json"] as const;

interface ConfigOptions extends OutputOptions, FindingOptions {
  readonly files: string[];
  readonly format: (typeof FORMATS)[number];
}

export function configCommand(io: Io, exit: (code: number) => void): CommandModule<object, ConfigOptions> {
  return {
    command: "config [files..]",
    describe: "what is in force, and whether a default, dfwlint.yaml or the command line says so",
    builder: (argv: Argv) =>
      examples(
        baselineOptions(vnicOption(configurationOption(outputOptions(filesPositional(argv)))))
          .option("format", {
            alias: "f",
            choices: FORMATS,
            default: "pretty" as const,
            requiresArg: true,
            describe: "how values are printed",
          })
          .hide("update-baseline")
          .epilogue("Exit codes: 0 the configuration is right, 2 it is not."),
        [
          ["all values with their sources", "dfwlint config"],
          ["what dfwlint would do without the file", "dfwlint config --no-config"],
          ["is the configuration right?", "dfwlint config --quiet > /dev/null"],
        ],
      ),
    handler: async (options: ArgumentsCamelCase<ConfigOptions>) => {
      await run(options, io);
      exit(EXIT_OK);
    },
  };
}

async function run(options: ConfigOptions, io: Io): Promise<void> {
  const [
    { DEFAULT_FILES, protect },
    { loadConfiguration },
    { vnicAddressesOf },
    { configurationInForce },
    { print, reportContext },
  ] = await Promise.all([
    import("../read.ts"),
    import("../configuration.ts"),
    import("../findings.ts"),
    import("../../engine/configuration/in-force.ts"),
    import("../output.ts"),
  ]);
  const configuration = await loadConfiguration(options.config, io);
  if (configuration !== null) await protect([configuration.path], options.output, io);
  const overrides = {
    files: options.files,
    vnicAddresses: vnicAddressesOf(options["vnic-ip"]),
    baseline: options.baseline ?? null,
  };
  const result = configurationInForce(configuration, overrides, DEFAULT_FILES);
  switch (options.format) {
    case "pretty": {
      const { prettyConfiguration } = await import("../../report/pretty/configuration.ts");
      await print(prettyConfiguration(result, reportContext(null, options, io)), options, io);
      break;
    }
    case "json": {
      const { safeJson } = await import("../../report/safe.ts");
      await print(`${safeJson(result, 2)}\n`, options, io);
      break;
    }
  }
}
