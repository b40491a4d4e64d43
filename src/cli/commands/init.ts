import { stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import { examples } from "../help.ts";
import { EXIT_OK, FILE_NAME, UserError, faultOf, write, type Io } from "../io.ts";

interface InitOptions {
  readonly force: boolean;
  readonly quiet: boolean;
}

/** Where the schema for editors is, if dfwlint is one of the project's packages. */
const SCHEMA = "./node_modules/dfwlint/schema/dfwlint.schema.json";

export function initCommand(io: Io, exit: (code: number) => void): CommandModule<object, InitOptions> {
  return {
    command: "init",
    describe: "write dfwlint.yaml here: every key with its default and what it is for, commented out",
    builder: (argv: Argv) =>
      examples(
        argv
          .option("force", { type: "boolean", default: false, describe: "write over the file that is there" })
          .option("quiet", { alias: "q", type: "boolean", default: false, describe: "say nothing" })
          .epilogue("Exit codes: 0 written, 2 not written."),
        [
          ["a configuration to begin with", "dfwlint init"],
          ["what is in force then", "dfwlint config"],
        ],
      ),
    handler: async (options: ArgumentsCamelCase<InitOptions>) => {
      await run(options, io);
      exit(EXIT_OK);
    },
  };
}

async function run({ force, quiet }: InitOptions, io: Io): Promise<void> {
  const { configurationTemplate } = await import("../../engine/configuration/template.ts");
  // An editor would report a schema that is not there.
  const schema = await stat(resolve(io.workingDirectory, SCHEMA)).then(
    (status) => (status.isFile() ? SCHEMA : null),
    () => null,
  );
  try {
    await writeFile(resolve(io.workingDirectory, FILE_NAME), configurationTemplate(schema), {
      flag: force ? "w" : "wx",
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      throw new UserError(`${FILE_NAME} is there already: --force writes over it`);
    }
    throw new UserError(`${FILE_NAME}: cannot be written: ${faultOf(error)}`);
  }
  if (!quiet) await write(io.stdout, `${FILE_NAME} written\n`);
}
