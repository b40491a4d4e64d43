import type { FlowAnswer, LintResult, QueryResult, RulesResult } from "../engine/results.ts";
import { safe } from "./safe.ts";
import { boxText, flowText, locationText, placeText, ruleText } from "./words.ts";

/** One line a finding, a piece, a rule or a flow, for grep and for editors. */

export function compactLint({ findings }: LintResult): string {
  return lines(
    findings.map(
      ({ location, severity, check, message, related }) =>
        `${locationText(location)}: ${severity}: ${message} [${check}]${
          related.length === 0
            ? ""
            : ` (see ${related
                .slice(0, 3)
                .map((other) => placeText(other.location))
                .join(", ")})`
        }`,
    ),
  );
}

export function compactQuery({ filters }: QueryResult): string {
  return lines(
    filters.flatMap(({ name, pieces }) =>
      pieces.map(({ verdict, certain, rule, region, witness }) => {
        const by = rule === null ? "no rule" : `${ruleText(rule)} (${placeText(rule)})`;
        const where =
          region.length === 1
            ? boxText(region[0]!)
            : `${region.length} regions, such as ${flowText(witness)}`;
        return `${name === null ? "" : `${name}: `}${verdict}${certain ? "" : " (uncertain)"} by ${by}: ${where}`;
      }),
    ),
  );
}

export function compactRules({ filters }: RulesResult): string {
  return lines(
    filters.flatMap(({ rules }) =>
      rules.map((row) => {
        const by = row.by.length === 0 ? "" : ` by ${row.by.map((other) => ruleText(other)).join(", ")}`;
        const marks = `${row.removable ? ", removable" : ""}${row.certain ? "" : ", uncertain"}`;
        return `${placeText(row)}: ${ruleText(row)} ${row.action}: ${row.status}${by}${marks}`;
      }),
    ),
  );
}

export function compactFlow({ flow, verdict, certain, rule, filter, error }: FlowAnswer): string {
  const asked = Object.entries(flow)
    .map(([field, value]) => `${field}=${String(value)}`)
    .join(" ");
  const by = rule === null ? "" : ` by ${ruleText(rule)}`;
  const answer = error ?? `${verdict}${by}${certain || verdict === "uncertain" ? "" : " (uncertain)"}`;
  return `${safe(`${filter === undefined || filter === null ? "" : `${filter}: `}${asked}: ${answer}`)}\n`;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${safe(text)}\n`).join("");
}
