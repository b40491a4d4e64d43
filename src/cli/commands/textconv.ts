import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import { examples } from "../help.ts";
import { EXIT_OK, write, type Io } from "../io.ts";

interface TextconvOptions {
  readonly file: string;
}

/** Characters handed on at once. */
const CHUNK = 65_536;

export function textconvCommand(
  io: Io,
  exit: (code: number) => void,
): CommandModule<object, TextconvOptions> {
  return {
    command: "textconv <file>",
    describe: "a dump as text that git diff compares well: no positions, sets sorted and merged",
    builder: (argv: Argv) =>
      examples(
        argv.positional("file", {
          type: "string",
          demandOption: true,
          describe: "a dump; - is standard input",
        }),
        [
          ["what git diff will compare", "dfwlint textconv rules.txt"],
          ["git diff of dumps, in a repository", 'git config diff.dfwlint.textconv "dfwlint textconv"'],
        ],
      ).epilogue("The repository's .gitattributes says which files are meant: *.txt diff=dfwlint"),
    handler: async (options: ArgumentsCamelCase<TextconvOptions>) => {
      exit(await run(options, io));
    },
  };
}

async function run({ file }: TextconvOptions, io: Io): Promise<number> {
  const [{ readTexts }, { comparableText }, { safe }] = await Promise.all([
    import("../read.ts"),
    import("../../engine/textconv.ts"),
    import("../../report/safe.ts"),
  ]);
  const [source] = await readTexts([file], io);
  let chunk = "";
  const shown = (text: string): string => text.replaceAll("\r\n", "\n").replace(/[^\n\t]+/g, safe);
  for (const text of comparableText(source!.file, source!.text)) {
    chunk += text;
    if (chunk.length < CHUNK) continue;
    await write(io.stdout, shown(chunk));
    chunk = "";
  }
  await write(io.stdout, shown(chunk));
  return EXIT_OK;
}
