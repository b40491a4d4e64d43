import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Check, Found } from "../checks/check.ts";
import { CHECKS } from "../checks/index.ts";
import { DEFAULT_SETTINGS, type Settings } from "../checks/settings.ts";
import { printRuleBody } from "../syntax/print.ts";
import type { Rule } from "../model/rule.ts";
import type { Input } from "./input.ts";
import { flowResult, location, referenceResult } from "./convert.ts";
import { VERSION, type FindingResult, type LintResult, type SeverityResult } from "./results.ts";
import { TOOL } from "./tool.ts";

const SEVERITY_ORDER: Readonly<Record<SeverityResult, number>> = { error: 0, warning: 1, info: 2 };

export interface LintOptions {
  readonly settings?: Settings;
  /** By check; a check that is not named keeps the severities of its own. */
  readonly severities?: ReadonlyMap<string, SeverityResult | "off">;
}

/** Runs every check that is not off. Findings come the gravest first, then in the order of the text. */
export function lint(input: Input, options: LintOptions = {}): LintResult {
  const { settings = DEFAULT_SETTINGS, severities = new Map<string, SeverityResult | "off">() } = options;
  const context = { ...input, settings };
  const order = new Map(input.dumps.map(({ file }, index) => [file, index]));
  const found = CHECKS.flatMap((check, rank) => {
    const severity = severities.get(check.id);
    if (severity === "off") return [];
    return [...check.find(context)].map((given) => {
      const finding = severity === undefined ? given : { ...given, severity };
      return { check, rank, finding };
    });
  });
  found.sort(
    (a, b) =>
      SEVERITY_ORDER[severityOf(a)] - SEVERITY_ORDER[severityOf(b)] ||
      order.get(a.finding.at.dump.file)! - order.get(b.finding.at.dump.file)! ||
      a.finding.at.range.start - b.finding.at.range.start ||
      a.rank - b.rank,
  );
  const fingerprints = new Fingerprints();
  const findings = found.map(({ check, finding }) =>
    toResult(check, finding, fingerprints.of(check, finding)),
  );
  const count = (severity: SeverityResult): number =>
    findings.reduce((sum, finding) => sum + Number(finding.severity === severity), 0);
  return {
    version: VERSION,
    tool: TOOL,
    filters: input.filters.map(({ filter: { name, rules, addressSets } }) => ({
      name,
      rules: rules.filter(({ node }) => node !== null).length,
      addrsets: addressSets.size,
    })),
    findings,
    suppressed: [],
    baseline: null,
    summary: { error: count("error"), warning: count("warning"), info: count("info"), suppressed: 0 },
  };
}

function severityOf({ check, finding }: { check: Check; finding: Found }): SeverityResult {
  return finding.severity ?? check.severity;
}

function toResult(check: Check, finding: Found, fingerprint: string): FindingResult {
  return {
    check: check.id,
    severity: finding.severity ?? check.severity,
    message: finding.message,
    why: finding.why ?? check.why,
    help: finding.help ?? check.help,
    certain: finding.certain ?? true,
    location: location(finding.at),
    rule: finding.rule === undefined ? null : referenceResult(finding.rule.reference),
    addrset: finding.addressSet ?? null,
    related: (finding.related ?? []).map(({ label, at, rule, addressSet }) => ({
      label,
      location: location(at),
      ...(rule === null ? {} : { rule: referenceResult(rule.reference) }),
      ...(addressSet === null ? {} : { addrset: addressSet }),
    })),
    witness: finding.witness === undefined || finding.witness === null ? null : flowResult(finding.witness),
    data: finding.data ?? {},
    fingerprint,
  };
}

/**
 * What a finding is about, without where it stands: the check, the rule's id and text, the set, or whatever else it
 * is about, and the rules that it speaks of. Positions, lines and the filter's name, which changes when a machine
 * moves, are left out; equal findings are told apart by counting.
 */
class Fingerprints {
  readonly #seen = new Map<string, number>();

  of(check: Check, finding: Found): string {
    const text = JSON.stringify([check.id, ...subjectOf(finding)]);
    const count = this.#seen.get(text) ?? 0;
    this.#seen.set(text, count + 1);
    return bytesToHex(sha256(utf8ToBytes(count === 0 ? text : `${text} ${count}`))).slice(0, 16);
  }
}

/** A finding about a set or a word stays the same finding when one more rule uses it. */
function subjectOf({ subject, addressSet, rule, related = [], data }: Found): readonly unknown[] {
  if (subject !== undefined) return ["subject", subject];
  if (addressSet !== undefined) return ["addrset", addressSet];
  if (rule === undefined) return ["text", data?.["text"] ?? null];
  return [
    "rule",
    identity(rule),
    related.map((other) => (other.rule === null ? null : identity(other.rule))),
  ];
}

function identity({ reference, node }: Rule): readonly unknown[] {
  return [reference.ruleset, reference.category, reference.id, node === null ? null : printRuleBody(node)];
}
