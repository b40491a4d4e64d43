import type { FindingResult, FlowAnswer, LintResult, QueryResult, RulesResult } from "../engine/results.ts";
import type { ReportContext } from "./context.ts";
import { safe } from "./safe.ts";
import {
  captureTexts,
  filterText,
  flowText,
  hostsText,
  locationText,
  ownerText,
  placeText,
  regionTexts,
  ruleText,
} from "./words.ts";

/** One line a finding, a piece, a rule or a flow, for grep and for editors. */

export function compactLint(result: LintResult, context: ReportContext): string {
  return result.findings.map((finding) => compactFinding(finding, result, context)).join("");
}

export function compactFinding(
  finding: FindingResult,
  { filters }: Pick<LintResult, "filters">,
  context: ReportContext,
): string {
  const { location, severity, check, message, related } = finding;
  const places = related.slice(0, 3).map((other) => placeText(other.location));
  const see = places.length === 0 ? "" : ` (see ${places.join(", ")})`;
  const filter = filters.length > 1 ? context.filterOf(finding) : undefined;
  const owner = ownerText(filter, finding);
  const where = owner === undefined ? "" : ` (${owner})`;
  return lines([`${locationText(location)}: ${severity}: ${message} [${check}]${see}${where}`]);
}

export function compactQuery({ filters, capture = [] }: QueryResult): string {
  return lines([
    ...filters.flatMap(({ name, pieces }) =>
      pieces.map(({ verdict, certain, rule, region, witness }) => {
        const by = rule === null ? "no rule" : `${ruleText(rule)} (${placeText(rule)})`;
        const { texts, more } = regionTexts(region, 1);
        const where = more === 0 ? texts[0] : `${more + 1} regions, such as ${flowText(witness)}`;
        const filter = filters.length === 1 && name === null ? "" : `${filterText(name)}: `;
        return `${filter}${verdict}${certain ? "" : " (uncertain)"} by ${by}: ${where}`;
      }),
    ),
    ...capture.flatMap(captureTexts),
  ]);
}

export function compactRules({ filters }: RulesResult): string {
  return lines(
    filters.flatMap(({ name, rules }) =>
      rules.map((row) => {
        const by = row.by.length === 0 ? "" : ` by ${row.by.map((other) => ruleText(other)).join(", ")}`;
        const marks = `${row.removable ? ", removable" : ""}${row.certain ? "" : ", uncertain"}`;
        const filter = filters.length === 1 ? "" : ` (${filterText(name)})`;
        return `${placeText(row)}: ${ruleText(row)} ${row.action}: ${row.status}${by}${marks}${filter}`;
      }),
    ),
  );
}

export function compactFlow({
  flow,
  verdict,
  certain,
  rule,
  filter,
  session,
  host,
  error,
}: FlowAnswer): string {
  const asked = Object.entries(flow)
    .filter(([, value]) => value !== null && value !== "")
    .map(([field, value]) => `${field}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
  const by = rule === null ? "" : ` by ${ruleText(rule)} (${placeText(rule)})`;
  const answer = error ?? `${verdict}${by}${certain || verdict === "uncertain" ? "" : " (uncertain)"}`;
  const of = filter === undefined ? "" : `${filterText(filter)}: `;
  const where = session === undefined ? of : `${session}${hostsText([host ?? null])}: ${of}`;
  return `${safe(`${where}${asked}: ${answer}`)}\n`;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${safe(text)}\n`).join("");
}
