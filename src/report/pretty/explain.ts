import type { CheckPage } from "../../engine/explain.ts";
import type { ReportContext } from "../context.ts";
import { table } from "../table.ts";

/** A check's page, with what it says of its own example. */
export function prettyCheckPage(page: CheckPage, output: string, { chalk }: ReportContext): string {
  const section = (title: string, text: string): string => `${chalk.bold(title)}\n${indent(text)}\n`;
  return [
    `${chalk.bold(page.id)} (${page.severity})\n`,
    section("Holds when", fold(page.summary)),
    section("Why it matters", fold(page.why)),
    section("What to do", fold(page.help)),
    section("Example", page.example),
    ...(page.configuration === null ? [] : [section("With this dfwlint.yaml", page.configuration)]),
    section("What dfwlint says of it", output.trimEnd()),
    ...(page.parameters.length === 0 ? [] : [section("In dfwlint.yaml", parameterLines(page).join("\n"))]),
  ].join("\n");
}

export function prettyCheckList(pages: readonly CheckPage[], { chalk }: ReportContext): string {
  const rows = pages.map(({ id, severity, summary }) => [
    chalk.bold(id),
    severity,
    summary.split(/[.;:]/)[0]!,
  ]);
  return `${table(rows).join("\n")}\n`;
}

/** The parameters with their defaults, to copy. */
function parameterLines({ id, parameters }: CheckPage): string[] {
  return [
    "checks:",
    `  ${id}:`,
    ...parameters.flatMap(({ name, default: standard, minimum, maximum, describe }) => [
      `    # ${describe} (${minimum} to ${maximum})`,
      `    ${name}: ${standard}`,
    ]),
  ];
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

/** Breaks prose at blanks, as a page of a terminal has 80 columns. */
function fold(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length > 77) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}
