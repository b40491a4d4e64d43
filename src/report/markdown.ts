import type { FindingResult, LintResult, SeverityResult, SuppressedResult } from "../engine/results.ts";
import type { LintContext } from "./context.ts";
import { MOST_LINE, Page, sentences, short, words, type Section } from "./markdown-page.ts";
import { code } from "./markdown-text.ts";
import { clip, safeLine } from "./safe.ts";
import { counted, filterText, flowText, locationText, ownerText } from "./words.ts";

const MOST_FILTERS = 20;
const MOST_RELATED = 5;
/** For a comment on a pull request: the summary first, errors open, the rest folded; never too long to be posted. */
export function markdownLint(result: LintResult, context: LintContext): string {
  const page = new Page("`dfwlint --format json` has them all");
  const helped = new Set<string>();
  if (!context.quiet) page.add([...heading(result), ...filterList(result)].join("\n"));
  const sections = [
    ...SECTIONS.map(({ severity, one, many, open }): Section => {
      const findings = result.findings.filter((finding) => finding.severity === severity);
      return {
        one,
        many,
        open,
        items: findings.map((finding) => () => item(finding, result, helped, context)),
      };
    }),
    {
      one: "suppressed finding",
      many: "suppressed findings",
      open: false,
      items: result.suppressed.map((finding) => () => suppressedItem(finding)),
    },
  ];
  for (const section of sections) page.addSection(section);
  return page.text();
}

const SECTIONS: readonly { severity: SeverityResult; one: string; many: string; open: boolean }[] = [
  { severity: "error", one: "error", many: "errors", open: true },
  { severity: "warning", one: "warning", many: "warnings", open: false },
  { severity: "info", one: "for information", many: "for information", open: false },
];

function heading({ summary, filters, baseline }: LintResult): string[] {
  const { error, warning, info, suppressed } = summary;
  const clean = error + warning + info === 0;
  const verdict = clean
    ? "no findings"
    : `${counted(error, "error")}, ${counted(warning, "warning")}, ${info} for information`;
  const where = filters.length > 1 ? ` in ${filters.length} filters` : "";
  const counts: [string, number][] = [
    ["error", error],
    ["warning", warning],
    ["for information", info],
    ["suppressed", suppressed],
    ...(baseline === null
      ? []
      : ([
          ["known from the baseline", baseline.known.length],
          ["no longer found", baseline.gone.length],
        ] as [string, number][])),
  ];
  return [
    `### dfwlint: ${verdict}${where}`,
    "",
    "| findings | |",
    "| --- | ---: |",
    ...counts.map(([name, count]) => `| ${name} | ${count} |`),
  ];
}

function filterList({ filters }: LintResult): string[] {
  const shown = filters.slice(0, MOST_FILTERS);
  const rest = filters.length - shown.length;
  return [
    "",
    ...shown.map(({ name, rules, addrsets }) => {
      const text = name === null ? filterText(null) : `filter ${short(name)}`;
      return `- ${text}: ${counted(rules, "rule")}, ${counted(addrsets, "address set")}`;
    }),
    ...(rest === 0 ? [] : [`- and ${counted(rest, "more filter", "more filters")}`]),
  ];
}

function item(
  finding: FindingResult,
  { filters }: LintResult,
  helped: Set<string>,
  context: LintContext,
): string {
  const { severity, why, help, certain, location, related, witness } = finding;
  const filter = filters.length > 1 ? context.filterOf(finding) : undefined;
  const notes: string[] = [];
  const source = context.line(location.file, location.line).trim();
  if (source !== "") notes.push(code(clip(safeLine(source), 0, MOST_LINE)));
  if (filter !== undefined) notes.push(filter === null ? filterText(null) : `filter ${short(filter)}`);
  const vnic = ownerText(undefined, finding);
  if (vnic !== undefined) notes.push(words(vnic));
  if (severity !== "info") {
    for (const other of related.slice(0, MOST_RELATED)) {
      notes.push(`${short(locationText(other.location))}: ${words(other.label)}`);
    }
    if (related.length > MOST_RELATED) notes.push(`${related.length - MOST_RELATED} more places`);
    if (!certain) notes.push("uncertain: it holds only if what the dump does not say turns out so");
    notes.push(`why: ${sentences(why)}`);
    // Advice is read once; a long list is read for its findings.
    if (!helped.has(help)) notes.push(`help: ${sentences(help)}`);
    helped.add(help);
    if (witness !== null) notes.push(`packet: ${code(flowText(witness))}`);
  }
  return [head(finding), ...notes.map((note) => `  - ${note}`)].join("\n");
}

function suppressedItem(finding: SuppressedResult): string {
  const { reason, until } = finding.suppression;
  const end = until === null ? "" : ` (until ${words(until)})`;
  return `${head(finding)}\n  - reason: ${words(reason)}${end}`;
}

function head({ check, location, message }: FindingResult): string {
  return `- **${check}** ${short(locationText(location))}: ${words(message)}`;
}
