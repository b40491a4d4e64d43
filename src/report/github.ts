import type { FindingResult, LintResult, SeverityResult } from "../engine/results.ts";
import type { LintContext } from "./context.ts";
import { command } from "./github-command.ts";
import { plainPath } from "./paths.ts";
import { counted, ownerText, flowText, placeText, STANDARD_INPUT } from "./words.ts";

/**
 * GitHub shows so many annotations of each kind that one step makes
 * (https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md, "Limitations"); the log has them all.
 */
const MOST_SHOWN = 10;

/** Workflow commands of GitHub Actions, the gravest first: each makes an annotation at a line of a file. */
export function githubLint(result: LintResult, context: LintContext): string {
  const of = (severity: SeverityResult): string[] =>
    result.findings
      .filter((finding) => finding.severity === severity)
      .map((finding) => annotation(finding, result, context));
  const [errors, warnings, infos] = [of("error"), of("warning"), of("info")];
  // The note has to be one of the notices that are shown, so it stands before those of findings.
  const notes = context.quiet ? [] : limitNote(errors.length, warnings.length, infos.length);
  return [...errors, ...warnings, ...notes, ...infos].map((line) => `${line}\n`).join("");
}

const COMMANDS: Readonly<Record<SeverityResult, string>> = {
  error: "error",
  warning: "warning",
  info: "notice",
};

function annotation(finding: FindingResult, { filters }: LintResult, context: LintContext): string {
  const { check, severity, message, why, help, certain, location, witness } = finding;
  const filter = filters.length > 1 ? context.filterOf(finding) : undefined;
  const owner = ownerText(filter, finding);
  const lines = [
    location.file === STANDARD_INPUT ? `${placeText(location)}: ${message}` : message,
    why,
    ...(certain ? [] : ["Uncertain: it holds only if what the dump does not say turns out so."]),
    `Help: ${help}`,
    ...(witness === null ? [] : [`Packet: ${flowText(witness)}`]),
    ...(owner === undefined ? [] : [`In ${owner}`]),
  ];
  return command(COMMANDS[severity], { ...placeOf(finding, context), title: `dfwlint: ${check}` }, lines);
}

/** Columns are for a place within one line only; standard input is no file that could be shown. */
function placeOf({ location }: FindingResult, { separator }: LintContext): Record<string, string | number> {
  const { file, line, column, endLine } = location;
  if (file === STANDARD_INPUT) return {};
  const { path } = plainPath(file, separator);
  if (endLine !== line) return { file: path, line, endLine };
  return { file: path, line, col: column, endLine };
}

function limitNote(errors: number, warnings: number, infos: number): string[] {
  // Of the notices, this one takes a place.
  const most = (count: number, limit: number): number => Math.max(0, count - limit);
  const hidden = most(errors, MOST_SHOWN) + most(warnings, MOST_SHOWN);
  if (hidden === 0 && infos <= MOST_SHOWN) return [];
  const left = hidden + most(infos, MOST_SHOWN - 1);
  const all = `${counted(errors, "error")}, ${counted(warnings, "warning")} and ${infos} for information`;
  const text = `${counted(left, "finding")} of ${all} ${left === 1 ? "is" : "are"} only in the log: GitHub shows ${MOST_SHOWN} annotations of each kind a step.`;
  return [command("notice", { title: "dfwlint" }, [text])];
}
