import yargs, { type Argv } from "yargs";
import { TOOL } from "../engine/tool.ts";
import { safe } from "../report/safe.ts";
import { explainCommand } from "./commands/explain.ts";
import { lintCommand } from "./commands/lint.ts";
import { queryCommand } from "./commands/query.ts";
import { rulesCommand } from "./commands/rules.ts";
import { EXIT_COULD_NOT_RUN, EXIT_OK, UserError, type Io } from "./io.ts";

/** Runs one command line and returns its exit code. Never throws for what a user can put right. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  let code = EXIT_OK;
  const exit = (value: number): void => {
    code = value;
  };
  try {
    await commandLine(args, io, exit).parseAsync([...args]);
    return code;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    io.stderr.write(`dfwlint: ${safe(error.message)}\n`);
    return EXIT_COULD_NOT_RUN;
  }
}

function commandLine(args: readonly string[], io: Io, exit: (code: number) => void): Argv {
  return yargs([...args])
    .scriptName("dfwlint")
    .usage("$0 [command] [files..] - what an NSX vNIC's distributed firewall really enforces, from vsipioctl's dumps")
    .command(lintCommand(io, exit))
    .command(queryCommand(io, exit))
    .command(rulesCommand(io, exit))
    .command(explainCommand(io, exit))
    .completion("completion", "print a script that completes dfwlint's commands in bash or zsh")
    .example("$0 rules.txt addrsets.txt", "findings")
    .example("$0 query --src 10.10.1.5 --dst 10.10.20.11 --port 8080", "what happens to a flow")
    .epilogue(
      "Exit codes: 0 clean, 1 findings at or above --fail-on or --expect not met, 2 could not run, or not in full.",
    )
    .parserConfiguration({
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "duplicate-arguments-array": false,
      "dot-notation": false,
      "greedy-arrays": false,
    })
    .locale("en")
    .version(TOOL.version)
    .alias("help", "h")
    .wrap(110)
    .strict()
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      if (error !== undefined && error !== null && !isUsage(error)) throw error;
      throw new UserError(`${(message ?? error?.message ?? "wrong usage").replaceAll("\n", " ")} (dfwlint --help)`);
    });
}

/** yargs reports wrong usage with an error of its own kind, or with a message only. */
function isUsage(error: Error): boolean {
  return error.name === "YError";
}
