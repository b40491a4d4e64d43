import yargs, { type ArgumentsCamelCase, type Argv } from "yargs";
import { TOOL } from "../engine/tool.ts";
import { safe } from "../report/safe.ts";
import { collectCommand } from "./commands/collect.ts";
import { completionCommand } from "./commands/completion.ts";
import { configCommand } from "./commands/config.ts";
import { diffCommand } from "./commands/diff.ts";
import { explainCommand } from "./commands/explain.ts";
import { hostCommand } from "./commands/host.ts";
import { initCommand } from "./commands/init.ts";
import { lintCommand } from "./commands/lint.ts";
import { pathCommand } from "./commands/path.ts";
import { queryCommand } from "./commands/query.ts";
import { rulesCommand } from "./commands/rules.ts";
import { tryCommand } from "./commands/try.ts";
import { textconvCommand } from "./commands/textconv.ts";
import { testCommand } from "./commands/test.ts";
import { EXIT_COULD_NOT_RUN, EXIT_OK, FramedError, MissingFile, UserError, type Io } from "./io.ts";

const COMMANDS: readonly string[] = [
  "lint",
  "query",
  "rules",
  "diff",
  "host",
  "collect",
  "path",
  "try",
  "textconv",
  "test",
  "explain",
  "init",
  "config",
  "completion",
];

/** Runs one command line and returns its exit code. Never throws for what a user can put right. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  let code = EXIT_OK;
  const exit = (value: number): void => {
    code = value;
  };
  try {
    await commandLine(guarded(args), io, exit).parseAsync();
    return code;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    io.stderr.write(
      error instanceof FramedError ? error.text : `dfwlint: ${safe(await messageOf(error, args))}\n`,
    );
    return EXIT_COULD_NOT_RUN;
  }
}

function commandLine(args: readonly string[], io: Io, exit: (code: number) => void): Argv {
  const parser: Argv = yargs([...args]);
  return (
    parser
      .scriptName("dfwlint")
      .usage(
        "$0 [command] [files..] - what an NSX vNIC's distributed firewall really enforces, from vsipioctl's dumps",
      )
      .command(lintCommand(io, exit))
      .command(queryCommand(io, exit))
      .command(rulesCommand(io, exit))
      .command(diffCommand(io, exit))
      .command(hostCommand(io, exit))
      .command(collectCommand(io, exit))
      .command(pathCommand(io, exit))
      .command(tryCommand(io, exit))
      .command(textconvCommand(io, exit))
      .command(testCommand(io, exit))
      .command(explainCommand(io, exit))
      .command(initCommand(io, exit))
      .command(configCommand(io, exit))
      .command(completionCommand())
      .middleware((given) => unguard(given), true)
      .parserConfiguration({
        "parse-numbers": false,
        "parse-positional-numbers": false,
        "dot-notation": false,
        "camel-case-expansion": false,
        "greedy-arrays": false,
      })
      .locale("en")
      .updateStrings({
        "Argument: %s, Given: %s, Choices: %s": "--%s: %s is none of %s",
        "Not enough arguments following: %s": "option %s needs a value",
      })
      .epilogue("dfwlint COMMAND --help: the options of each command, with examples.\n")
      .version(TOOL.version)
      .alias("help", "h")
      // Help is laid out on every run, and only wrapping it takes long.
      .wrap(args.some((arg) => /^(?:--h|-[a-z]*h)/.test(arg)) ? HELP_WIDTH : null)
      .strict()
      .exitProcess(false)
      .fail((message: string | null, error: Error | undefined) => {
        if (error !== undefined && error !== null && !isUsage(error)) throw error;
        throw new UsageError(oneLine(message ?? error?.message ?? "wrong usage"), knownOptions(parser));
      })
  );
}

/** Help is also read in files and windows of unknown width. */
const HELP_WIDTH = 100;

/** Behind it stands an argument as it was given: no argument of a process can hold it. */
const GUARD = "\0";

/** yargs drops a lone `-` among the files, and does not count what stands behind `--` among them. */
function guarded(args: readonly string[]): string[] {
  // A shell asks for completions of a command line as it stands.
  if (args[0] === "--get-yargs-completions") return [...args];
  const end = args.indexOf("--");
  const options = end === -1 ? args : args.slice(0, end);
  const files = end === -1 ? [] : args.slice(end + 1);
  return [
    ...options.map((arg) => (arg === "-" ? `${GUARD}-` : arg)),
    ...files.map((file) => `${GUARD}${file}`),
  ];
}

const REPEATABLE: ReadonlySet<string> = new Set(["vnic-ip", "vm"]);

/** Takes the guards away, and refuses what would hide one of two answers. */
function unguard(given: ArgumentsCamelCase): void {
  const plain = <T>(value: T): T | string =>
    typeof value === "string" && value.startsWith(GUARD) ? value.slice(GUARD.length) : value;
  for (const [name, value] of Object.entries(given)) {
    if (!Array.isArray(value)) given[name] = plain(value);
    else if (name === "files" || name === "_") given[name] = value.map((part: string) => plain(part));
    else if (!REPEATABLE.has(name))
      throw new UserError(`option ${name} is given ${value.length} times: give it once`);
  }
}

/** What yargs says of a command line that it cannot take. */
class UsageError extends UserError {
  readonly options: readonly string[];

  constructor(message: string, options: readonly string[]) {
    super(message);
    this.options = options;
  }
}

/** yargs reports wrong usage with an error of its own kind, or with a message only. */
function isUsage(error: Error): boolean {
  return error.name === "YError";
}

function knownOptions(argv: Argv): string[] {
  const { key } = (argv as unknown as { getOptions(): { key: Record<string, unknown> } }).getOptions();
  return Object.keys(key).filter((name) => name.length > 1);
}

function oneLine(text: string): string {
  return text
    .replace("Invalid values:", "")
    .trim()
    .replace(/\s*\n\s*/g, "; ");
}

/** A slip of the pen is answered with what was probably meant. */
async function messageOf(error: UserError, args: readonly string[]): Promise<string> {
  const { closest } = await import("../model/flow.ts");
  const [word = ""] = args;
  const command = COMMANDS.includes(word) ? word : null;
  const near = command === null && /^[a-z]+$/.test(word) ? closest(word, COMMANDS) : "";
  if (error instanceof MissingFile) {
    return error.file === word && near !== ""
      ? `${word}: no such file, and no command of that name${near}`
      : error.message;
  }
  if (!(error instanceof UsageError)) return error.message;
  const help = `${command === null ? "dfwlint" : `dfwlint ${command}`} --help`;
  const unknown = /^Unknown arguments?: (.*)$/.exec(error.message)?.[1]?.split(", ");
  if (unknown === undefined) return `${error.message} (${help})`;
  if (near !== "") return `there is no command "${word}"${near}: ${help}`;
  const [first = ""] = unknown;
  const option = [`--${first}`, `--no-${first}`, `-${first}`].find((text) =>
    args.some((arg) => arg === text || arg.startsWith(`${text}=`)),
  );
  if (option === undefined && !args.some((arg) => arg.startsWith("-") && arg.includes(first))) {
    return `"${first}" is one argument too many (${help})`;
  }
  const names = error.options.map((name) => `--${name}`);
  return `there is no option ${option ?? `-${first}`}${closest(option ?? first, names)}: ${help}`;
}
