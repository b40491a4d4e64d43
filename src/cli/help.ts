import type { Argv } from "yargs";

/** Command lines to copy, each under what it does: yargs' own two columns break long ones. */
export function examples<T>(
  argv: Argv<T>,
  lines: readonly (readonly [what: string, command: string])[],
): Argv<T> {
  const text = lines.map(([what, command]) => `  # ${what}\n  ${command}`);
  return argv.epilogue(`\nExamples:\n${text.join("\n")}`);
}
