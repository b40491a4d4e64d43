import type { Argv, CommandModule } from "yargs";

export function completionCommand(): CommandModule<object, object> {
  let parser: Argv | null = null;
  return {
    command: "completion",
    describe: "print a script that completes dfwlint's commands in bash or zsh",
    builder: (argv: Argv) => {
      parser = argv;
      return argv;
    },
    handler: () => {
      parser?.showCompletionScript();
    },
  };
}
