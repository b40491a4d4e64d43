import type { BaselineEntry, BaselineResult, FindingResult, LintResult } from "./results.ts";

/** Findings that were there when somebody drew a line under them: from then on only new ones count. */

/** An entry as the file holds it: without lines and positions, so that the file changes only with the findings. */
export interface StoredEntry extends BaselineEntry {
  readonly rule: {
    readonly ruleset: string | null;
    readonly category: string | null;
    readonly id: number | null;
  } | null;
  readonly addrset: string | null;
}

export type Baseline = readonly StoredEntry[];

/** What is wrong with a baseline's text. */
export class BaselineError extends Error {}

const VERSION = 1;

/** Tells known findings from new ones. `suppressed` are neither, but they are not gone. */
export function compareWithBaseline(
  findings: readonly FindingResult[],
  suppressed: readonly FindingResult[],
  baseline: Baseline,
): { findings: readonly FindingResult[]; baseline: BaselineResult } {
  const stored = new Set(baseline.map(({ fingerprint }) => fingerprint));
  const found = new Set([...findings, ...suppressed].map(({ fingerprint }) => fingerprint));
  return {
    findings: findings.filter(({ fingerprint }) => !stored.has(fingerprint)),
    baseline: {
      known: findings.filter(({ fingerprint }) => stored.has(fingerprint)),
      gone: baseline
        .filter(({ fingerprint }) => !found.has(fingerprint))
        .map(({ check, fingerprint, message }) => ({ check, fingerprint, message })),
    },
  };
}

/** A result as it is once its findings are the baseline. */
export function allKnown(result: LintResult): LintResult {
  return {
    ...result,
    findings: [],
    baseline: { known: result.findings, gone: [] },
    summary: { ...result.summary, error: 0, warning: 0, info: 0 },
  };
}

/** A finding that the former baseline holds keeps its entry: messages name positions, and these may have moved. */
export function toBaseline(findings: readonly FindingResult[], former: Baseline = []): Baseline {
  const known = new Map(former.map((entry) => [entry.fingerprint, entry]));
  return findings
    .map(({ check, fingerprint, message, rule, addrset }) => {
      const { ruleset, category, id } = rule ?? {};
      const reference =
        rule === null ? null : { ruleset: ruleset ?? null, category: category ?? null, id: id ?? null };
      return known.get(fingerprint) ?? { check, fingerprint, message, rule: reference, addrset };
    })
    .toSorted(
      (a, b) =>
        compare(a.check, b.check) ||
        (a.rule?.id ?? 0) - (b.rule?.id ?? 0) ||
        compare(a.addrset ?? "", b.addrset ?? "") ||
        compare(a.fingerprint, b.fingerprint),
    );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An entry a line: a difference of two versions of the file is a list of findings. */
export function printBaseline(baseline: Baseline): string {
  const lines = baseline.map(({ check, fingerprint, rule, addrset, message }) =>
    JSON.stringify({ check, fingerprint, rule, addrset, message }),
  );
  const list = lines.length === 0 ? "[]" : `[\n    ${lines.join(",\n    ")}\n  ]`;
  return `{\n  "version": ${VERSION},\n  "findings": ${list}\n}\n`;
}

/** @throws BaselineError with what was found and what was expected */
export function readBaseline(text: string): Baseline {
  const conflict = /^(?:<{7}|={7}|>{7})(?: |\r?$)/m.exec(text);
  if (conflict !== null) {
    throw new BaselineError(
      `line ${lineAt(text, conflict.index)} is a mark of a merge conflict: resolve it, or delete the file and run with --update-baseline`,
    );
  }
  if (text.trim() === "") throw new BaselineError(`the file is empty: ${EXPECTED}`);
  const value = parseJson(text.replace(/^\ufeff/, ""));
  if (!isRecord(value) || !Array.isArray(value["findings"])) {
    throw new BaselineError(`it holds no list "findings": ${EXPECTED}`);
  }
  if (value["version"] !== VERSION) {
    throw new BaselineError(
      `its version is ${shown(value["version"])}, and this dfwlint reads version ${VERSION}`,
    );
  }
  const entries = new Map<string, StoredEntry>();
  for (const [index, entry] of (value["findings"] as unknown[]).entries()) {
    const read = readEntry(entry, index + 1);
    if (!entries.has(read.fingerprint)) entries.set(read.fingerprint, read);
  }
  return [...entries.values()];
}

const EXPECTED = "expected what --update-baseline writes";

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const position = / at position (\d+)/.exec((error as Error).message)?.[1];
    const place = position === undefined ? "" : ` (line ${lineAt(text, Number(position))})`;
    throw new BaselineError(`it is no JSON${place}: ${EXPECTED}`);
  }
}

function readEntry(value: unknown, number: number): StoredEntry {
  const fail = (name: string, expected: string, found: unknown): never => {
    throw new BaselineError(`finding ${number}: ${name} is ${shown(found)}, expected ${expected}`);
  };
  if (!isRecord(value)) return fail("it", "an object", value);
  const { check, fingerprint, message, rule = null, addrset = null } = value;
  if (typeof check !== "string") return fail("check", "a check's name", check);
  if (typeof fingerprint !== "string" || !/^[0-9a-f]{16}$/.test(fingerprint)) {
    return fail("fingerprint", "16 hexadecimal digits", fingerprint);
  }
  if (typeof message !== "string") return fail("message", "text", message);
  if (addrset !== null && typeof addrset !== "string") return fail("addrset", "a name or null", addrset);
  if (rule === null) return { check, fingerprint, message, rule, addrset };
  if (!isRecord(rule)) return fail("rule", "an object or null", rule);
  const { ruleset = null, category = null, id = null } = rule;
  if (ruleset !== null && typeof ruleset !== "string") return fail("rule.ruleset", "text or null", ruleset);
  if (category !== null && typeof category !== "string") {
    return fail("rule.category", "text or null", category);
  }
  if (id !== null && typeof id !== "number") return fail("rule.id", "a number or null", id);
  return { check, fingerprint, message, rule: { ruleset, category, id }, addrset };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value).slice(0, 60);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
