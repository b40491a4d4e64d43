import type { ConfigurationProblem } from "../../engine/configuration/configuration.ts";
import type { ConfigurationResult, ConfigurationSource } from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import { safe } from "../safe.ts";
import { table } from "../table.ts";
import { counted } from "../words.ts";
import { codeFrame } from "./frame.ts";

/** What is wrong in a configuration file, each with its line; at most so many. */
export function prettyConfigurationProblems(
  problems: readonly ConfigurationProblem[],
  most: number,
  context: ReportContext,
): string {
  const blocks = problems.slice(0, most).map(({ message, expected, location }) => {
    const label = { location, text: `expected ${expected}`, primary: true };
    return [`dfwlint: ${safe(message)}`, ...codeFrame([label], context)].join("\n");
  });
  const more = problems.length - most;
  if (more > 0) blocks.push(`dfwlint: ${counted(more, "more mistake")} in the file`);
  return `${blocks.join("\n\n")}\n`;
}

/** Every value in force and where it comes from. */
export function prettyConfiguration(
  { file, values }: ConfigurationResult,
  { chalk, quiet }: ReportContext,
): string {
  const rows = values.map(({ key, value, source }) => {
    // Values may be long, so they come last.
    const cells = [safe(key), safe(sourceText(source)), safe(valueText(value))];
    return source.from === "default" ? cells.map((cell) => chalk.dim(cell)) : cells;
  });
  const heading = file === null ? "no configuration file" : `configuration file: ${safe(file)}`;
  return `${[...(quiet ? [] : [heading, ""]), ...table(rows)].join("\n")}\n`;
}

/** A network may hold thousands of addresses. */
const MOST_VALUES = 8;

function valueText(value: string | number | readonly string[]): string {
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (value.length === 0) return "-";
  const more = value.length - MOST_VALUES;
  return `${value.slice(0, MOST_VALUES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function sourceText(source: ConfigurationSource): string {
  return source.from === "file" ? `${source.file}:${source.line}` : source.from;
}
