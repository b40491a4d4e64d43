import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import type { Configuration } from "../../engine/configuration/configuration.ts";
import { examples } from "../help.ts";
import { EXIT_OK, FILE_NAME, UserError, type Io } from "../io.ts";
import { outputOptions, type OutputOptions } from "../output.ts";

const FORMATS = ["pretty", "json"] as const;

interface ExplainOptions extends OutputOptions {
  readonly check: string | undefined;
  readonly format: (typeof FORMATS)[number];
}

export function explainCommand(io: Io, exit: (code: number) => void): CommandModule<object, ExplainOptions> {
  return {
    command: "explain [check]",
    describe:
      "a check's page: what it finds, why it matters, what to do, an example; without a name, all checks",
    builder: (argv: Argv) =>
      examples(
        outputOptions(argv)
          .positional("check", { type: "string", describe: "the check's name" })
          .option("format", {
            alias: "f",
            choices: FORMATS,
            default: "pretty" as const,
            requiresArg: true,
            describe: "how the page is printed",
          }),
        [
          ["one check", "dfwlint explain shadowed-rule"],
          ["a list of all checks", "dfwlint explain"],
        ],
      ),
    handler: async (options: ArgumentsCamelCase<ExplainOptions>) => {
      await run(options, io);
      exit(EXIT_OK);
    },
  };
}

async function run(options: ExplainOptions, io: Io): Promise<void> {
  const [
    { checkPages, checkLabel },
    { lint },
    { readInput },
    { prettyLint },
    { prettyCheckList, prettyCheckPage },
    { lintContext, print, reportContext },
    { dayOf },
    { lintOptions },
    safety,
  ] = await Promise.all([
    import("../../engine/explain.ts"),
    import("../../engine/lint.ts"),
    import("../../engine/input.ts"),
    import("../../report/pretty/lint.ts"),
    import("../../report/pretty/explain.ts"),
    import("../output.ts"),
    import("../findings.ts"),
    import("../../engine/configuration/lint-options.ts"),
    import("../../report/safe.ts"),
  ]);
  const pages = checkPages();
  const name = options.check;
  if (name === undefined) {
    const context = reportContext(null, options, io);
    await print(
      options.format === "json" ? `${safety.safeJson(pages, 2)}\n` : prettyCheckList(pages, context),
      options,
      io,
    );
    return;
  }
  const page = pages.find(({ id }) => id === name);
  if (page === undefined) {
    const { closest } = await import("../../model/flow.ts");
    throw new UserError(
      `there is no check "${name}"${closest(
        name,
        pages.map(({ id }) => id),
      )}: dfwlint explain lists them all`,
    );
  }
  if (options.format === "json") {
    await print(`${safety.safeJson(page, 2)}\n`, options, io);
    return;
  }
  const input = readInput([{ file: "example.txt", text: `${page.example}\n` }]);
  const configuration = await exampleConfiguration(page.configuration);
  const result = lint(input, configuration === null ? {} : lintOptions(configuration, dayOf(io.now)));
  const context = lintContext(
    input,
    { checks: pages, checkLabel },
    { ...options, quiet: true },
    io,
    configuration,
  );
  const own = { ...result, findings: result.findings.filter(({ check }) => check === page.id) };
  await print(prettyCheckPage(page, prettyLint(own, context), context), options, io);
}

async function exampleConfiguration(text: string | null): Promise<Configuration | null> {
  if (text === null) return null;
  const { readConfiguration } = await import("../../engine/configuration/read.ts");
  return readConfiguration(FILE_NAME, `${text}\n`).configuration;
}
