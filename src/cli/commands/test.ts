import { sep } from "node:path";
import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import { TEST_FORMATS, TEST_FORMAT_NAMES, type TestFormatName } from "../../report/test/formats.ts";
import { examples } from "../help.ts";
import { EXIT_COULD_NOT_RUN, EXIT_FOUND, EXIT_OK, type Io } from "../io.ts";
import { configurationOption, type ConfigurationOptions } from "../options.ts";
import { budgetOption, filesPositional, outputOptions, type OutputOptions } from "../output.ts";

interface TestOptions extends OutputOptions, ConfigurationOptions {
  readonly files: string[];
  readonly budget: number | undefined;
  readonly policy: string | undefined;
  readonly format: TestFormatName;
  readonly coverage: boolean;
}

export function testCommand(io: Io, exit: (code: number) => void): CommandModule<object, TestOptions> {
  return {
    command: "test [files..]",
    describe: "whether the rules do what a policy says they have to",
    builder: (argv: Argv) =>
      examples(
        budgetOption(configurationOption(outputOptions(filesPositional(argv))))
          .option("policy", {
            type: "string",
            requiresArg: true,
            describe: "file with the assertions",
            defaultDescription: "policy.yaml beside dfwlint.yaml, or here",
          })
          .option("coverage", {
            type: "boolean",
            default: false,
            describe: "list the rules that no assertion touches, and what is accepted beside all assertions",
          })
          .option("format", {
            alias: "f",
            choices: TEST_FORMAT_NAMES,
            default: "pretty" as const,
            requiresArg: true,
            describe: "how results are printed",
          })
          .epilogue(
            "Exit codes: 0 all assertions hold, 1 one does not or is uncertain, 2 could not run, or not in full.",
          ),
        [
          ["the policy here", "dfwlint test"],
          ["another one, of given dumps", "dfwlint test rules.txt addrsets.txt --policy policy.yaml"],
          ["what it does not speak of", "dfwlint test --coverage"],
          ["for a pipeline", "dfwlint test --format junit --output policy.xml"],
        ],
      ),
    handler: async (options: ArgumentsCamelCase<TestOptions>) => {
      exit(await run(options, io));
    },
  };
}

async function run(options: TestOptions, io: Io): Promise<number> {
  const [{ loadInput }, { loadPolicy }, { testPolicy }, { print, reportContext }, format] = await Promise.all(
    [
      import("../read.ts"),
      import("../policy.ts"),
      import("../../engine/policy/test.ts"),
      import("../output.ts"),
      TEST_FORMATS[options.format](),
    ],
  );
  const loaded = await loadInput(options.files, options, io);
  const policy = await loadPolicy(options.policy, options.output, loaded, io);
  const result = testPolicy(loaded.input, policy);
  const context = {
    ...reportContext(loaded.input, options, io, policy),
    separator: sep,
    coverage: options.coverage,
  };
  await print(format(result, context), options, io);
  if (loaded.incomplete) return EXIT_COULD_NOT_RUN;
  return result.summary.passed === result.summary.assertions ? EXIT_OK : EXIT_FOUND;
}
