import type { ReportingConfiguration, ReportingDescriptor, Result } from "sarif";
import type { CheckPage } from "../engine/explain.ts";
import type {
  BaselineEntry,
  FindingResult,
  LintResult,
  SeverityResult,
  SuppressedResult,
} from "../engine/results.ts";
import type { LintContext } from "./context.ts";
import { messageText, place, relatedLocations, sarifLog } from "./sarif-log.ts";

/** SARIF 2.1.0, for code scanning and for viewers: every check as a rule, every finding as a result. */
export function sarifLint(result: LintResult, context: LintContext): string {
  const { tool, findings, suppressed, baseline } = result;
  const indexes = new Map(context.checks.map(({ id }, index) => [id, index]));
  const of = (finding: FindingResult): Result => toResult(finding, indexes, result, context);
  // Whoever compares at all has to say it of every result; what is suppressed is no news.
  const state = (name: Result.baselineState): { baselineState?: Result.baselineState } =>
    baseline === null ? {} : { baselineState: name };
  return sarifLog(tool, context.checks.map(toRule), [
    ...findings.map((finding) => ({ ...of(finding), ...state("new") })),
    ...suppressed.map((finding) => ({
      ...of(finding),
      ...state("unchanged"),
      suppressions: [toSuppression(finding)],
    })),
    ...(baseline?.known ?? []).map((finding) => ({ ...of(finding), ...state("unchanged") })),
    ...(baseline?.gone ?? []).map((entry) => ({ ...gone(entry, indexes), ...state("absent") })),
  ]);
}

const FINGERPRINT = "dfwlint/v1";

function toRule({ id, severity, summary, why, help, example }: CheckPage): ReportingDescriptor {
  return {
    id,
    // By convention the readable name is one word.
    name: id.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: firstSentence(summary) },
    fullDescription: { text: `${summary} ${why}` },
    help: {
      text: `Why it matters: ${why}\n\nWhat to do: ${help}\n\nExample:\n\n${example}\n`,
      markdown: `## Why it matters\n\n${why}\n\n## What to do\n\n${help}\n\n## Example\n\n\`\`\`text\n${example}\n\`\`\`\n`,
    },
    defaultConfiguration: { level: LEVELS[severity] },
  };
}

const LEVELS: Readonly<Record<SeverityResult, ReportingConfiguration.level>> = {
  error: "error",
  warning: "warning",
  info: "note",
};

type Indexes = ReadonlyMap<string, number>;

function toResult(
  finding: FindingResult,
  indexes: Indexes,
  { filters }: LintResult,
  context: LintContext,
): Result {
  const { check, severity, message, why, help, certain, location, related, witness, data } = finding;
  const filter = filters.length > 1 ? context.filterOf(finding) : undefined;
  const page = context.checks[indexes.get(check) ?? -1];
  return {
    ...ruleOf(check, indexes),
    level: LEVELS[severity],
    // What the check says of every case stands in its rule.
    message: { text: messageText(why === page?.why ? message : `${message}. ${why}`) },
    locations: [{ physicalLocation: place(location, context) }],
    ...relatedLocations(related, context),
    partialFingerprints: { [FINGERPRINT]: finding.fingerprint },
    properties: {
      certain,
      ...(filter === undefined ? {} : { filter }),
      ...(finding.vnic === undefined ? {} : { vnic: finding.vnic }),
      rule: finding.rule,
      addrset: finding.addrset,
      witness,
      help,
      data,
    },
  };
}

function ruleOf(check: string, indexes: Indexes): Pick<Result, "ruleId" | "ruleIndex"> {
  const ruleIndex = indexes.get(check);
  return { ruleId: check, ...(ruleIndex === undefined ? {} : { ruleIndex }) };
}

/** Of a finding that is no longer found, a baseline knows no place. */
function gone({ check, fingerprint, message }: BaselineEntry, indexes: Indexes): Result {
  return {
    ...ruleOf(check, indexes),
    message: { text: messageText(message) },
    partialFingerprints: { [FINGERPRINT]: fingerprint },
  };
}

function toSuppression({
  suppression: { reason, until },
}: SuppressedResult): NonNullable<Result["suppressions"]>[number] {
  return {
    kind: "external",
    status: "accepted",
    justification: reason,
    ...(until === null ? {} : { properties: { until } }),
  };
}

/** Code scanning shows no more than so many characters. */
const MOST_SHORT = 255;

function firstSentence(text: string): string {
  const [sentence = text] = /^.*?[.](?= |$)/.exec(text) ?? [];
  return sentence.length <= MOST_SHORT ? sentence : `${sentence.slice(0, MOST_SHORT - 1)}…`;
}
