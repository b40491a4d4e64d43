import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import type { PathFields } from "../../engine/path/ends.ts";
import type { PathResult } from "../../engine/path/results.ts";
import type { PathSessions } from "../../engine/path/sessions.ts";
import {
  EXPECT,
  HEADER_OPTIONS,
  fieldOption,
  givenFields,
  headerOptions,
  notMet,
  type TextOptions,
} from "../flow-options.ts";
import { examples } from "../help.ts";
import { EXIT_FOUND, EXIT_OK, UserError, type Io } from "../io.ts";
import { configurationOption, type ConfigurationOptions } from "../options.ts";
import { filesPositional, outputOptions, type OutputOptions } from "../output.ts";

const FORMATS = ["pretty", "compact", "json", "markdown"] as const;

/** The option that says each field. */
const OPTION_OF = {
  src: "src",
  dst: "dst",
  srcVm: "src-vm",
  dstVm: "dst-vm",
  router: "router",
  ...HEADER_OPTIONS,
} as const satisfies Readonly<Record<keyof PathFields, string>>;

interface PathOptions
  extends OutputOptions, ConfigurationOptions, TextOptions<(typeof OPTION_OF)[keyof PathFields]> {
  readonly files: string[];
  readonly format: (typeof FORMATS)[number];
  readonly expect: (typeof EXPECT)[number] | undefined;
  readonly capture: boolean;
}

export function pathCommand(io: Io, exit: (code: number) => void): CommandModule<object, PathOptions> {
  const end = (describe: string): ReturnType<typeof fieldOption> => fieldOption(describe, "From and to:");
  return {
    command: "path [files..]",
    describe: "what happens from VM to VM: both filters, and the network between them",
    builder: (argv: Argv) =>
      examples(
        headerOptions(
          configurationOption(outputOptions(filesPositional(argv)))
            .option("src", end("source: address, CIDR, range, list, address set, machine or vNIC"))
            .option("dst", end("destination, likewise"))
            .option("src-vm", end("machine or vNIC that has the source's address (none: no filter there)"))
            .option("dst-vm", end("machine or vNIC that has the destination's address, likewise"))
            .option("router", end("the distributed router, where several have the same network")),
          "ipv4 or ipv6 (default: both)",
        )
          .option("capture", {
            type: "boolean",
            default: false,
            describe: "also the pktcap-uw lines for it, at every filter on the way",
          })
          .option("expect", {
            choices: EXPECT,
            requiresArg: true,
            describe: "exit with 1 unless every packet certainly gets this verdict (deny: drop or reject)",
          })
          .option("format", {
            alias: "f",
            choices: FORMATS,
            default: "pretty" as const,
            requiresArg: true,
            describe: "how the answer is printed",
          })
          .epilogue(
            "Files are sessions of one host or several: terminal logs, folders of them, Markdown pages.",
          )
          .epilogue("\nExit codes: 0 answered, 1 --expect is not met, 2 could not run."),
        [
          [
            "from an address to another",
            "dfwlint path session.log --src 10.4.7.5 --dst 10.4.1.10 --port 443",
          ],
          [
            "the machine of an address is known",
            "dfwlint path session.log --src 10.4.7.5 --src-vm web-01 --dst 10.4.1.10 --port 443",
          ],
          [
            "how to see its packets at both filters",
            "dfwlint path session.log --src 10.4.7.5 --src-vm web-01 --dst 10.4.1.10 --port 443 --capture",
          ],
          [
            "an assertion for a pipeline",
            "dfwlint path session.log --src 10.4.7.0/24 --dst 10.4.1.10 --port 23 --expect deny",
          ],
        ],
      ),
    handler: async (options: ArgumentsCamelCase<PathOptions>) => {
      exit(await run(options, io));
    },
  };
}

/** Sessions, read as they are best read, for one question. */
export interface PathInput {
  readonly sessions: PathSessions;
  /** @throws FlowError or PathError */
  readonly answer: () => Promise<PathResult>;
  /** The text of a line, counted from 1. */
  readonly line: (file: string, number: number) => string;
  readonly close: () => Promise<void>;
}

async function run(options: PathOptions, io: Io): Promise<number> {
  const [{ meetsPathExpectation }, { PathError }, { FlowError }, { print }] = await Promise.all([
    import("../../engine/path/path.ts"),
    import("../../engine/path/ends.ts"),
    import("../../model/flow.ts"),
    import("../output.ts"),
  ]);
  const fields: PathFields = givenFields(OPTION_OF, options);
  const input = await read(options, fields, io);
  const { sessions } = input;
  try {
    if (sessions.places.length === 0 && sessions.routers.length === 0) {
      const files = sessions.dumps.map(({ file }) => file).join(", ") || options.files.join(", ");
      throw new UserError(
        `no machine, rules or router in ${files}: expected terminal logs of hosts with, for example, summarize-dvfilter, vsipioctl getrules and net-vdr`,
      );
    }
    const answer = await input.answer();
    const result = options.capture
      ? { ...answer, capture: await linesFor(sessions, fields, answer) }
      : answer;
    await print(await formatted(result, options, input, io), options, io);
    if (options.expect === undefined || meetsPathExpectation(result, options.expect)) return EXIT_OK;
    io.stderr.write(notMet(options.expect));
    return EXIT_FOUND;
  } catch (error) {
    if (error instanceof FlowError) {
      const option = error.field === "direction" ? error.field : OPTION_OF[error.field];
      throw new UserError(`--${option}: ${error.message}`);
    }
    if (error instanceof PathError) throw new UserError(`--${OPTION_OF[error.field]}: ${error.message}`);
    throw error;
  } finally {
    await input.close();
  }
}

/** What is large is cut while it is read, as far as it can be. */
async function read(options: PathOptions, fields: PathFields, io: Io): Promise<PathInput> {
  const { files, config, output } = options;
  const { LARGE_BYTES, planInput } = await import("../read.ts");
  // A configuration says here only which files there are; but one that is named has to be there.
  const needless = files.length > 0 && config === undefined;
  const planned = await planInput(files, { config: needless ? false : config, output }, io);
  if (planned.kind !== "small" && !planned.names.includes("-")) {
    const { sessionsOf } = await import("../fleet/sessions.ts");
    const found = await sessionsOf(planned, output, io);
    if (found.reduce((sum, { bytes }) => sum + bytes, 0) > LARGE_BYTES)
      return (await import("../fleet/path.ts")).pathOfLarge(planned, fields, options, io);
  }
  const [{ sessionTexts }, { readPathSessions }, { pathOf }, { lineReader }] = await Promise.all([
    import("../sessions.ts"),
    import("../../engine/path/sessions.ts"),
    import("../../engine/path/path.ts"),
    import("../../engine/places.ts"),
  ]);
  const sessions = readPathSessions(await sessionTexts(files, options, io));
  return {
    sessions,
    // What it throws is its rejection.
    answer: async () => pathOf(sessions, fields),
    line: lineReader(sessions, null),
    close: async () => {},
  };
}

/** @throws UserError if no filter on the way is known */
async function linesFor(
  sessions: PathSessions,
  fields: PathFields,
  answer: PathResult,
): Promise<import("../../engine/results.ts").CaptureResult[]> {
  const { pathCaptures } = await import("../../engine/path/captures.ts");
  const found = pathCaptures(sessions, fields, answer);
  if (found.length > 0) return found;
  throw new UserError(
    "--capture: no filter on this way is known: say --src-vm or --dst-vm, or give its session",
  );
}

async function formatted(
  result: PathResult,
  options: PathOptions,
  { line }: PathInput,
  io: Io,
): Promise<string> {
  switch (options.format) {
    case "pretty": {
      const [{ prettyPath }, { chalkFor }] = await Promise.all([
        import("../../report/pretty/path.ts"),
        import("../output.ts"),
      ]);
      return prettyPath(result, { chalk: chalkFor(options, io), quiet: options.quiet, line });
    }
    case "compact":
      return (await import("../../report/compact-path.ts")).compactPath(result);
    case "json":
      return `${(await import("../../report/safe.ts")).safeJson(result, 2)}\n`;
    case "markdown":
      return (await import("../../report/markdown-path.ts")).markdownPath(result, options);
  }
}
