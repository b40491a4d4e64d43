import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import { examples } from "../help.ts";
import { EXIT_OK, UserError, type Io } from "../io.ts";

interface CollectCommandOptions {
  readonly vm: string | undefined;
  readonly filter: string | undefined;
  readonly statistics: boolean;
  readonly output: string | undefined;
}

export function collectCommand(
  io: Io,
  exit: (code: number) => void,
): CommandModule<object, CollectCommandOptions> {
  return {
    command: "collect",
    describe: "a read-only script for an ESXi host, which prints a session with all that host reads",
    builder: (argv: Argv) =>
      examples(
        argv
          .option("vm", {
            type: "string",
            requiresArg: true,
            describe: "only the filters of this machine (its name or UUID) or vNIC",
          })
          .option("filter", { type: "string", requiresArg: true, describe: "only the filter of this name" })
          .option("statistics", {
            type: "boolean",
            default: false,
            describe: "also how often each rule was evaluated (getrules -s)",
          })
          .option("output", {
            alias: "o",
            type: "string",
            requiresArg: true,
            describe: "write the script to this file",
          })
          .epilogue("Then: ssh root@HOST sh < collect.sh > host.log")
          .epilogue("\nThe script writes nothing on the host. Exit codes: 0 printed, 2 could not run."),
        [
          ["a script for any host", "dfwlint collect > collect.sh"],
          ["of one machine, with counters", "dfwlint collect --vm web-01 --statistics --output web-01.sh"],
        ],
      ),
    handler: async (options: ArgumentsCamelCase<CollectCommandOptions>) => {
      await run(options, io);
      exit(EXIT_OK);
    },
  };
}

async function run({ vm, filter, statistics, output }: CollectCommandOptions, io: Io): Promise<void> {
  for (const [name, value] of Object.entries({ vm, filter })) {
    if (value === "") throw new UserError(`--${name} is empty: leave it out for all filters`);
    // The host prints names on one line each, so this can only be a mistake.
    if (value !== undefined && /[\p{Cc}\p{Zl}\p{Zp}]/u.test(value))
      throw new UserError(`--${name}: a name has no line end and no control character in it`);
  }
  const [{ collectScript }, { print }] = await Promise.all([
    import("../../engine/collect-script.ts"),
    import("../output.ts"),
  ]);
  await print(collectScript({ vm, filter, statistics }), { output, quiet: false, color: undefined }, io);
}
