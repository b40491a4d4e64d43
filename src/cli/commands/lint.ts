import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import type { SeverityResult } from "../../engine/results.ts";
import { LINT_FORMATS, LINT_FORMAT_NAMES, type LintFormatName } from "../../report/lint-formats.ts";
import { examples } from "../help.ts";
import { EXIT_COULD_NOT_RUN, EXIT_FOUND, EXIT_OK, type Io } from "../io.ts";
import {
  baselineOptions,
  configurationOption,
  selectionOptions,
  vnicOption,
  type FindingOptions,
  type SelectionOptions,
} from "../options.ts";
import { budgetOption, filesPositional, outputOptions, type OutputOptions } from "../output.ts";

const FAIL_ON = ["error", "warning", "info", "never"] as const;

export interface LintCommandOptions extends OutputOptions, FindingOptions, SelectionOptions {
  readonly files: string[];
  readonly budget: number | undefined;
  readonly format: LintFormatName;
  readonly "fail-on": (typeof FAIL_ON)[number];
}

export function lintCommand(io: Io, exit: (code: number) => void): CommandModule<object, LintCommandOptions> {
  return {
    command: ["lint [files..]", "$0"],
    describe: "find what is wrong with the rules (the default)",
    builder: (argv: Argv) =>
      examples(
        baselineOptions(
          vnicOption(
            selectionOptions(configurationOption(budgetOption(outputOptions(filesPositional(argv))))),
          ),
        )
          .option("format", {
            alias: "f",
            choices: LINT_FORMAT_NAMES,
            default: "pretty" as const,
            requiresArg: true,
            describe: "how findings are printed",
          })
          .option("fail-on", {
            choices: FAIL_ON,
            default: "warning" as const,
            requiresArg: true,
            describe: "the mildest severity that makes the exit code 1",
          })
          .epilogue(
            "Exit codes: 0 clean, 1 findings at or above --fail-on, 2 could not run, or not in full.",
          ),
        [
          ["the dumps of one filter", "dfwlint rules.txt addrsets.txt"],
          ["all filters in a terminal log", "dfwlint session.log"],
          ["a folder of many hosts' logs, a line each", "dfwlint sessions --format ndjson"],
          ["rules from standard input", "ssh root@esxi vsipioctl getrules -f NAME | dfwlint - addrsets.txt"],
          ["a page for the browser", "dfwlint --format html --output report.html"],
          ["what is there now, as a baseline", "dfwlint --baseline dfwlint-baseline.json --update-baseline"],
          ["only what is new since then", "dfwlint --baseline dfwlint-baseline.json"],
          ["for a pipeline", "dfwlint --format json --fail-on error > findings.json"],
          ["for code scanning", "dfwlint --format sarif --output findings.sarif"],
        ],
      ),
    handler: async (options: ArgumentsCamelCase<LintCommandOptions>) => {
      exit(await run(options, io));
    },
  };
}

async function run(options: LintCommandOptions, io: Io): Promise<number> {
  const { loadInput, planInput } = await import("../read.ts");
  const planned = await planInput(options.files, options, io);
  if (planned.kind !== "small") {
    const code = await (await import("../fleet/lint.ts")).lintLarge(planned, options, io);
    if (code !== null) return code;
  }
  const [{ findings }, { checkPages, checkLabel }, { lintContext, print }, format] = await Promise.all([
    import("../findings.ts"),
    import("../../engine/explain.ts"),
    import("../output.ts"),
    LINT_FORMATS[options.format](),
  ]);
  const loaded = await loadInput(options.files, options, io, planned);
  const { input, incomplete, configuration } = loaded;
  const result = await findings(loaded, options, io);
  const context = lintContext(input, { checks: checkPages(), checkLabel }, options, io, configuration);
  await print(format(result, context), options, io);
  if (incomplete) return EXIT_COULD_NOT_RUN;
  return result.findings.some(({ severity }) => fails(severity, options["fail-on"])) ? EXIT_FOUND : EXIT_OK;
}

export function fails(severity: SeverityResult, failOn: LintCommandOptions["fail-on"]): boolean {
  return failOn !== "never" && FAIL_ON.indexOf(severity) <= FAIL_ON.indexOf(failOn);
}
