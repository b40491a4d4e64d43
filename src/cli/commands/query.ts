import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import type { FlowFields } from "../../model/flow.ts";
import type { QueryResult } from "../../engine/results.ts";
import type { PlannedInput } from "../read.ts";
import type { Shown } from "../fleet/ask.ts";
import type { FlowsOutcome } from "../flows.ts";
import { examples } from "../help.ts";
import { EXIT_COULD_NOT_RUN, EXIT_FOUND, EXIT_OK, UserError, type Io } from "../io.ts";
import {
  configurationOption,
  selectionOptions,
  type ConfigurationOptions,
  type SelectionOptions,
} from "../options.ts";
import {
  EXPECT,
  HEADER_OPTIONS,
  fieldOption,
  givenFields,
  headerOptions,
  notMet,
  type TextOptions,
} from "../flow-options.ts";
import { filesPositional, outputOptions, type OutputOptions } from "../output.ts";

const FORMATS = ["pretty", "compact", "json", "ndjson", "csv"] as const;
/** The option that says each field of a flow. */
const OPTION_OF = {
  direction: "direction",
  src: "src",
  dst: "dst",
  ...HEADER_OPTIONS,
} as const satisfies Readonly<Record<keyof FlowFields, string>>;

interface QueryOptions
  extends
    OutputOptions,
    ConfigurationOptions,
    SelectionOptions,
    TextOptions<(typeof OPTION_OF)[keyof FlowFields]> {
  readonly files: string[];
  readonly format: (typeof FORMATS)[number] | undefined;
  readonly trace: boolean;
  readonly capture: boolean;
  readonly expect: (typeof EXPECT)[number] | undefined;
  readonly flows: string | undefined;
}

export function queryCommand(io: Io, exit: (code: number) => void): CommandModule<object, QueryOptions> {
  return {
    command: "query [files..]",
    describe: "what happens to a flow, by which rule, and why",
    builder: (argv: Argv) =>
      examples(
        headerOptions(
          selectionOptions(configurationOption(outputOptions(filesPositional(argv))))
            .option(
              "src",
              fieldOption("source: address, CIDR, range, list, any, or the name of an address set"),
            )
            .option("dst", fieldOption("destination, likewise"))
            .option("direction", fieldOption("in (towards the VM) or out (from the VM)")),
          "EtherType by name or number (default: IPv4 and IPv6)",
        )
          .option("trace", {
            type: "boolean",
            default: false,
            describe: "say why each earlier rule did not match",
          })
          .option("capture", {
            type: "boolean",
            default: false,
            describe: "also print pktcap-uw lines that capture the flow and its reply at the filter",
          })
          .option("expect", {
            choices: EXPECT,
            requiresArg: true,
            describe: "exit with 1 unless every packet gets this verdict (deny: drop or reject)",
          })
          .option("flows", {
            type: "string",
            requiresArg: true,
            describe: "answer a list: CSV with a header of field names, or NDJSON; - is standard input",
          })
          .option("format", {
            alias: "f",
            choices: FORMATS,
            requiresArg: true,
            describe: "pretty, or ndjson with --flows",
            defaultDescription: "pretty",
          })
          .epilogue("Exit codes: 0 answered, 1 --expect is not met, 2 could not run, or not in full."),
        [
          ["one flow, both directions", "dfwlint query --src 10.10.1.5 --dst 10.10.20.11 --port 8080"],
          [
            "a region, with reasons",
            "dfwlint query session.log --src web --dst 10.1.2.0/24 --direction out --trace",
          ],
          ["how to see its packets", "dfwlint query session.log --dst 10.10.20.11 --port 8080 --capture"],
          ["an assertion for a pipeline", "dfwlint query --dst db --port 1433 --expect deny"],
          ["many flows", "dfwlint query rules.txt addrsets.txt --flows flows.csv --format csv"],
          ["many flows on many hosts", "dfwlint query sessions --flows flows.csv --format csv"],
        ],
      ),
    handler: async (options: ArgumentsCamelCase<QueryOptions>) => {
      exit(await run(options, io));
    },
  };
}

async function run(options: QueryOptions, io: Io): Promise<number> {
  const [{ loadInput, planInput, protect }, { FlowError }] = await Promise.all([
    import("../read.ts"),
    import("../../model/flow.ts"),
  ]);
  if (options.flows === "-" && options.files.includes("-")) {
    throw new UserError("standard input cannot be both the dumps and the flows");
  }
  const asked: FlowFields = givenFields(OPTION_OF, options);
  if (options.flows !== undefined) {
    const [given] = Object.keys(asked) as (keyof FlowFields)[];
    if (given !== undefined)
      throw new UserError(`--${OPTION_OF[given]} cannot be used with --flows: say it in the list`);
    if (options.flows !== "-") await protect([options.flows], options.output, io);
    for (const option of ["trace", "capture"] as const)
      if (options[option]) throw new UserError(`--${option} cannot be used with --flows: ask for one flow`);
  }
  const planned = await planInput(options.files, options, io);
  if (planned.kind !== "small") {
    const code = await runLarge(planned, asked, options, io);
    if (code !== null) return code;
  }
  const { input, incomplete } = await loadInput(options.files, options, io, planned);
  const failed = incomplete ? EXIT_COULD_NOT_RUN : EXIT_FOUND;
  const passed = incomplete ? EXIT_COULD_NOT_RUN : EXIT_OK;
  if (options.flows !== undefined) {
    const { answerFlows } = await import("../flows.ts");
    const asked = { ...options, flows: options.flows, format: listFormat(options) };
    return flowsCode({ ...(await answerFlows(input, asked, io)), incomplete });
  }
  const [{ query, meetsExpectation }, { print }] = await Promise.all([
    import("../../engine/query.ts"),
    import("../output.ts"),
  ]);
  try {
    const answer = query(input, asked, { trace: options.trace });
    const result = options.capture ? { ...answer, capture: await linesFor(input, asked) } : answer;
    await print((await queryFormat(options, io))(result, { input }), options, io);
    if (options.expect === undefined || meetsExpectation(result, options.expect)) return passed;
    io.stderr.write(notMet(options.expect));
    return failed;
  } catch (error) {
    if (error instanceof FlowError) throw new UserError(`--${OPTION_OF[error.field]}: ${error.message}`);
    throw error;
  }
}

function listFormat({ format }: QueryOptions): Exclude<(typeof FORMATS)[number], "json"> {
  return format === undefined || format === "json" ? "ndjson" : format;
}

function flowsCode({
  unreadable,
  expectationMet,
  incomplete,
}: FlowsOutcome & { readonly incomplete: boolean }): number {
  if (unreadable || incomplete) return EXIT_COULD_NOT_RUN;
  return expectationMet ? EXIT_OK : EXIT_FOUND;
}

/** @throws UserError if no filter has a name that a capture could be asked by */
async function linesFor(
  input: import("../../engine/input.ts").Input,
  asked: FlowFields,
): Promise<import("../../engine/results.ts").CaptureResult[]> {
  const { captures } = await import("../../engine/capture.ts");
  const found = captures(input, asked);
  if (found.every(({ filter }) => filter === null)) {
    throw new UserError(
      "--capture: the dumps do not name their filter: give a session, with the prompt before vsipioctl getrules -f NAME",
    );
  }
  return found;
}

/** Of a folder, or of an input that is too large to be read at once; null if it has to be. */
async function runLarge(
  planned: PlannedInput,
  fields: FlowFields,
  options: QueryOptions,
  io: Io,
): Promise<number | null> {
  if (options.flows !== undefined) {
    if (planned.kind === "large") return null;
    const { answerFleetFlows } = await import("../fleet/flows.ts");
    const asked = { ...options, flows: options.flows, format: listFormat(options), budget: undefined };
    return flowsCode(await answerFleetFlows(planned, asked, io));
  }
  if (options.capture) {
    if (planned.kind === "large") return null;
    throw new UserError("--capture is for one session: name the file");
  }
  const [{ askLarge, queryAsking }, { meetsExpectation }, { FlowError }] = await Promise.all([
    import("../fleet/ask.ts"),
    import("../../engine/query.ts"),
    import("../../model/flow.ts"),
  ]);
  const { expect } = options;
  let met = true;
  const ndjson = options.format === "ndjson" && planned.kind === "fleet";
  const asking = {
    ...queryAsking({ kind: "query", fields, trace: options.trace, sets: [] }),
    headed: (options.format ?? "pretty") === "pretty",
    joined: !ndjson && (options.format === "json" || planned.kind === "large"),
    format: ndjson ? null : await queryFormat(options, io),
    seen: (result: QueryResult): void => {
      if (expect !== undefined && !meetsExpectation(result, expect)) met = false;
    },
  };
  try {
    const incomplete = await askLarge(planned, asking, { ...options, budget: undefined }, io);
    if (incomplete === null) return null;
    if (!met) io.stderr.write(notMet(expect!));
    if (incomplete) return EXIT_COULD_NOT_RUN;
    return met ? EXIT_OK : EXIT_FOUND;
  } catch (error) {
    if (error instanceof FlowError) throw new UserError(`--${OPTION_OF[error.field]}: ${error.message}`);
    throw error;
  }
}

async function queryFormat(
  options: QueryOptions,
  io: Io,
): Promise<(result: QueryResult, shown: Shown) => string> {
  switch (options.format ?? "pretty") {
    case "pretty": {
      const [{ prettyQuery }, { reportContext }] = await Promise.all([
        import("../../report/pretty/query.ts"),
        import("../output.ts"),
      ]);
      return (result, { input, line }) =>
        prettyQuery(result, {
          ...reportContext(input, options, io),
          ...(line === undefined ? {} : { line }),
        });
    }
    case "compact":
      return (await import("../../report/compact.ts")).compactQuery;
    case "json": {
      const { safeJson } = await import("../../report/safe.ts");
      return (result) => `${safeJson(result, 2)}\n`;
    }
    case "ndjson":
    case "csv":
      throw new UserError(
        `--format ${options.format} is for --flows${options.format === "ndjson" ? ", or for a folder" : ""}`,
      );
  }
}
