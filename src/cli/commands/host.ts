import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import type { HostResult } from "../../engine/host.ts";
import { examples } from "../help.ts";
import { EXIT_COULD_NOT_RUN, EXIT_OK, UserError, type Io } from "../io.ts";
import { configurationOption, type ConfigurationOptions } from "../options.ts";
import { filesPositional, outputOptions, type OutputOptions } from "../output.ts";

const FORMATS = ["pretty", "json", "markdown"] as const;

interface HostOptions extends OutputOptions, ConfigurationOptions {
  readonly files: string[];
  readonly format: (typeof FORMATS)[number];
}

export function hostCommand(io: Io, exit: (code: number) => void): CommandModule<object, HostOptions> {
  return {
    command: "host [files..]",
    describe: "what a terminal log shows of a host: machines, filters, networks",
    builder: (argv: Argv) =>
      examples(
        configurationOption(outputOptions(filesPositional(argv)))
          .option("format", {
            alias: "f",
            choices: FORMATS,
            default: "pretty" as const,
            requiresArg: true,
            describe: "how the host is printed",
          })
          .epilogue("A file may be a terminal log, a folder of them, or a Markdown page with console blocks.")
          .epilogue("\nExit codes: 0 answered, 2 could not run, or not in full."),
        [
          ["whose filter is which", "dfwlint host session.log"],
          ["everything, for a program", "dfwlint host session.log --format json"],
        ],
      ),
    handler: async (options: ArgumentsCamelCase<HostOptions>) => {
      exit(await run(options, io));
    },
  };
}

async function run(options: HostOptions, io: Io): Promise<number> {
  const [{ planInput }, { chalkFor, print }] = await Promise.all([
    import("../read.ts"),
    import("../output.ts"),
  ]);
  const planned = await planInput(options.files, options, io);
  const large = planned.kind === "small" ? null : await import("../fleet/host.ts");
  const { result, names, incomplete } = await (large?.hostsOfLarge(planned, options, io) ??
    hostsOf(options, io));
  if (result.hosts.length === 0) {
    const files = names.join(", ") || options.files.join(", ");
    throw new UserError(
      `no output of a host's commands in ${files}: expected a terminal log with, for example, summarize-dvfilter`,
    );
  }
  await print(await format(), options, io);
  return incomplete ? EXIT_COULD_NOT_RUN : EXIT_OK;

  async function format(): Promise<string> {
    switch (options.format) {
      case "pretty": {
        const { prettyHosts } = await import("../../report/pretty/host.ts");
        return prettyHosts(result, { chalk: chalkFor(options, io), quiet: options.quiet });
      }
      case "json":
        return `${(await import("../../report/safe.ts")).safeJson(result, 2)}\n`;
      case "markdown":
        return (await import("../../report/markdown-host.ts")).markdownHosts(result, options);
    }
  }
}

async function hostsOf(
  options: HostOptions,
  io: Io,
): Promise<{ result: HostResult; names: string[]; incomplete: boolean }> {
  const [{ sessionTexts }, { describeHosts }] = await Promise.all([
    import("../sessions.ts"),
    import("../../engine/host.ts"),
  ]);
  const texts = await sessionTexts(options.files, options, io);
  return { result: describeHosts(texts), names: texts.map(({ file }) => file), incomplete: false };
}
