import type { BaselineResult, FindingResult, LintResult, SeverityResult } from "../../engine/results.ts";
import type { LintContext, ReportContext } from "../context.ts";
import { safe } from "../safe.ts";
import { counted, flowText, locationText, ownerText } from "../words.ts";
import { codeFrame, type Label } from "./frame.ts";

/** So many findings that are gone are named; the rest is counted. */
const MOST_GONE = 5;

/** So many other places are shown in one frame; the rest is counted. */
const MOST_RELATED = 5;

/** For people: errors and warnings with the lines they speak of, information a line each, a summary at the end. */
export function prettyLint(result: LintResult, context: LintContext): string {
  return [...prettyLintPieces(result, result.findings, context)].join("");
}

/** The same in pieces, of findings that come one after the other, the gravest first. */
export function* prettyLintPieces(
  result: Omit<LintResult, "findings">,
  findings: Iterable<FindingResult>,
  context: LintContext,
): Generator<string> {
  const { chalk, quiet } = context;
  const helped = new Set<string>();
  let before = "";
  const piece = (text: string, after: string): string => {
    const whole = `${before}${text}\n`.replace(/[ ]+$/gm, chalk.level === 0 ? "" : "$&");
    before = after;
    return whole;
  };
  let inInfos = false;
  for (const finding of findings) {
    const filter = result.filters.length > 1 ? context.filterOf(finding) : undefined;
    if (finding.severity === "info") {
      yield piece(infoLine(finding, filter, context), "");
      inInfos = true;
    } else
      yield piece(fullFinding(finding, context.checkLabel(finding.check), filter, helped, context), "\n");
  }
  if (inInfos) before = "\n";
  if (!quiet && result.baseline !== null && result.baseline.gone.length > 0) {
    yield piece(goneLines(result.baseline.gone, context), "\n");
  }
  if (!quiet) yield piece(summary(result, context), "");
}

function fullFinding(
  finding: FindingResult,
  label: string,
  filter: string | null | undefined,
  helped: Set<string>,
  context: ReportContext,
): string {
  const { chalk } = context;
  const { related } = finding;
  const stoppedAt = finding.data["stoppedAt"] as { line: number; column: number } | undefined;
  const frame: Label[] = [
    {
      location: finding.location,
      text: label,
      primary: true,
      ...(stoppedAt === undefined ? {} : { caret: stoppedAt }),
    },
    ...related
      .slice(0, MOST_RELATED)
      .map((other): Label => ({ location: other.location, text: other.label, primary: false })),
  ];
  const lines = [
    `${severityText(finding.severity, context)}${chalk.bold(`[${finding.check}]`)}: ${chalk.bold(safe(finding.message))}`,
    ...codeFrame(frame, context),
  ];
  const note = (name: string, text: string): void => {
    lines.push(`  ${chalk.blue("=")} ${chalk.bold(name)}: ${text}`);
  };
  if (related.length > MOST_RELATED) note("also", `${related.length - MOST_RELATED} more places`);
  const owner = ownerText(filter, finding);
  if (owner !== undefined) note(...ownerNote(owner));
  if (!finding.certain) note("uncertain", "it holds only if what the dump does not say turns out so");
  note("why", safe(finding.why));
  // Advice is read once; a long list is read for its findings.
  if (!helped.has(finding.help)) note("help", safe(finding.help));
  helped.add(finding.help);
  if (finding.witness !== null) note("packet", flowText(finding.witness));
  return lines.join("\n");
}

/** What is behind the first word, under that word. */
function ownerNote(owner: string): [name: string, text: string] {
  const [, name, text] = /^(filter|vNIC) (.*)$/s.exec(owner) ?? [];
  return name === undefined ? ["filter", safe(owner)] : [name, safe(text!)];
}

function infoLine(finding: FindingResult, filter: string | null | undefined, context: ReportContext): string {
  const { chalk } = context;
  const place = chalk.dim(safe(locationText(finding.location)));
  const owner = ownerText(filter, finding);
  const where = owner === undefined ? "" : ` ${chalk.dim(`(${safe(owner)})`)}`;
  return `${severityText("info", context)}${chalk.bold(`[${finding.check}]`)} ${place}: ${safe(finding.message)}${where}`;
}

function severityText(severity: SeverityResult, { chalk }: ReportContext): string {
  switch (severity) {
    case "error":
      return chalk.red.bold("error");
    case "warning":
      return chalk.yellow.bold("warning");
    case "info":
      return chalk.cyan("info");
  }
}

/** What the baseline still holds and nobody finds any more. */
function goneLines(gone: BaselineResult["gone"], { chalk }: ReportContext): string {
  const shown = gone
    .slice(0, MOST_GONE)
    .map(({ check, message }) => `  ${chalk.dim(`[${check}]`)} ${safe(message)}`);
  const more = gone.length - shown.length;
  if (more > 0) shown.push(`  and ${more} more`);
  return [`no longer found, and still in the baseline (--update-baseline takes them out):`, ...shown].join(
    "\n",
  );
}

function summary(
  { summary: { error, warning, info, suppressed }, filters, baseline }: Omit<LintResult, "findings">,
  { chalk }: ReportContext,
): string {
  const sum = (count: (filter: LintResult["filters"][number]) => number): number =>
    filters.reduce((total, filter) => total + count(filter), 0);
  const rules = counted(
    sum((filter) => filter.rules),
    "rule",
  );
  const sets = counted(
    sum((filter) => filter.addrsets),
    "address set",
  );
  const where = `in ${rules} and ${sets}${filters.length > 1 ? ` of ${filters.length} filters` : ""}`;
  const aside = [
    ...(suppressed > 0 ? [`${suppressed} suppressed`] : []),
    ...(baseline === null ? [] : [`${baseline.known.length} known from the baseline`]),
    ...(baseline === null || baseline.gone.length === 0 ? [] : [`${baseline.gone.length} gone`]),
  ];
  const tail = aside.length === 0 ? "" : ` (${aside.join(", ")})`;
  const what = baseline === null ? "findings" : "new findings";
  if (error + warning + info === 0) return `${chalk.green(`no ${what} ${where}`)}${tail}`;
  const parts = [
    error > 0 ? chalk.red(counted(error, "error")) : counted(error, "error"),
    warning > 0 ? chalk.yellow(counted(warning, "warning")) : counted(warning, "warning"),
    `${info} for information`,
  ];
  return `${parts.join(", ")} ${where}${tail}`;
}
