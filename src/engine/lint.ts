import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Check, CheckContext, Found } from "../checks/check.ts";
import { CHECKS } from "../checks/index.ts";
import { DEFAULT_SETTINGS, type Settings } from "../checks/settings.ts";
import { expiredSuppression, unusedSuppression } from "../checks/suppressions.ts";
import { counted } from "../checks/words.ts";
import { readHosts, type Host } from "../model/host.ts";
import { printRuleBody } from "../syntax/print.ts";
import type { Filter, Rule } from "../model/rule.ts";
import { compareWithBaseline, type Baseline } from "./baseline.ts";
import type { Input } from "./input.ts";
import { flowResult, location, referenceResult } from "./convert.ts";
import {
  VERSION,
  type FindingResult,
  type LintResult,
  type SeverityResult,
  type VnicResult,
} from "./results.ts";
import { suppress, suppressionName, type StaleSuppression, type Suppressions } from "./suppressions.ts";
import { TOOL } from "./tool.ts";
import { vnicsOfFilters } from "./vnics.ts";

const SEVERITY_ORDER: Readonly<Record<SeverityResult, number>> = { error: 0, warning: 1, info: 2 };

export interface LintOptions {
  readonly settings?: Settings;
  /** By check; a check that is not named keeps the severities of its own. */
  readonly severities?: ReadonlyMap<string, SeverityResult | "off">;
  readonly suppressions?: Suppressions;
  /** Known findings; null if findings are not to be compared. */
  readonly baseline?: Baseline | null;
}

/** A finding before its fingerprint, which depends on how many equal ones there are. */
export interface Candidate extends Ranked {
  readonly result: Omit<FindingResult, "fingerprint">;
}

/** What the order and the fingerprint of a finding depend on. */
interface Ranked {
  /** The place of its check among all checks. */
  readonly rank: number;
  /** What it is about, as text: equal for equal findings. */
  readonly subject: string;
  /** The filter whose rule or set it is about, null for text without a prompt; undefined if it is about no single one. */
  readonly filter: string | null | undefined;
}

/**
 * Runs every check that is not off. Findings come the gravest first, then in the order of the text; what is
 * suppressed and what a baseline knows is taken out of them.
 */
export function lint(input: Input, options: LintOptions = {}): LintResult {
  const hosts = readHosts(input.dumps, input.whole ?? input.model);
  const found = findAll({ ...input, settings: options.settings ?? DEFAULT_SETTINGS, hosts }, input, options);
  return conclude(
    found.map(late),
    input.dumps.map(({ file }) => file),
    filterResults(input.model.filters),
    options,
  );
}

/** What the checks find, those of one scope or all, in the order in which they find it. */
export function findAll(
  context: CheckContext,
  input: Pick<Input, "model" | "whole" | "vnics">,
  { severities = new Map<string, SeverityResult | "off">() }: Pick<LintOptions, "severities">,
  scope: "all" | "host" | "filter" = "all",
): Candidate[] {
  const vnics = new VnicNames(context.hosts, input);
  return CHECKS.flatMap((check, rank) => {
    const severity = severities.get(check.id);
    if (severity === "off" || (scope !== "all" && (check.scope ?? "filter") !== scope)) return [];
    return [...check.find(context)].filter(isAbout(input)).map((given): Candidate => {
      const finding = severity === undefined ? given : { ...given, severity };
      const filter = vnics.filterOf(finding);
      const vnic = vnics.of(finding, filter);
      const result = toResult(check, finding);
      return {
        result: vnic === null ? result : { ...result, vnic },
        rank,
        subject: JSON.stringify([check.id, ...subjectOf(finding)]),
        filter,
      };
    });
  });
}

/** A finding that is made when it is its turn: of large sessions there are too many to have them all at once. */
export interface LateCandidate extends Ranked {
  readonly severity: SeverityResult;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  make(): Omit<FindingResult, "fingerprint">;
}

export function late({ result, ...ranked }: Candidate): LateCandidate {
  const { file, line, column } = result.location;
  return { ...ranked, severity: result.severity, file, line, column, make: () => result };
}

/** Findings one after the other, the gravest first, where nothing is suppressed or compared. */
export function* concludeLate(
  found: readonly LateCandidate[],
  files: readonly string[],
  fingerprints = new Fingerprints(),
): Generator<FindingResult> {
  const order = new Map(files.map((file, index) => [file, index]));
  const sorted = found.toSorted(
    (a, b) =>
      SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] ||
      order.get(a.file)! - order.get(b.file)! ||
      a.line - b.line ||
      a.column - b.column ||
      a.rank - b.rank,
  );
  for (const candidate of sorted) {
    const { vnic, ...rest } = candidate.make();
    const finding = { ...rest, fingerprint: fingerprints.of(candidate.subject) };
    yield vnic === undefined ? finding : { ...finding, vnic };
  }
}

/**
 * Puts findings in order, gives them their fingerprints, and takes out what is suppressed or known.
 * @param onStale - takes what there is to say of suppressions, where they are of more than these findings
 */
export function conclude(
  found: readonly LateCandidate[],
  files: readonly string[],
  filters: LintResult["filters"],
  options: LintOptions,
  onStale?: (stale: readonly StaleSuppression[]) => void,
): LintResult {
  const { severities = new Map<string, SeverityResult | "off">() } = options;
  const fingerprints = new Fingerprints();
  const all = [...concludeLate(found, files, fingerprints)];
  const { findings: wanted, suppressed, stale } = suppress(all, options.suppressions);
  onStale?.(stale);
  const own = onStale === undefined ? ofSuppressions(stale, severities, fingerprints) : [];
  const findings = [...wanted, ...own].toSorted(
    (a, b) => SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity],
  );
  const compared: Pick<LintResult, "findings" | "baseline"> =
    options.baseline === undefined || options.baseline === null
      ? { findings, baseline: null }
      : compareWithBaseline(findings, suppressed, options.baseline);
  const count = (severity: SeverityResult): number =>
    compared.findings.reduce((sum, finding) => sum + Number(finding.severity === severity), 0);
  return {
    version: VERSION,
    tool: TOOL,
    filters,
    findings: compared.findings,
    suppressed,
    baseline: compared.baseline,
    summary: {
      error: count("error"),
      warning: count("warning"),
      info: count("info"),
      suppressed: suppressed.length,
    },
  };
}

export function filterResults(filters: readonly Filter[]): LintResult["filters"] {
  return filters.map(({ name, rules, addressSets }) => ({
    name,
    rules: rules.filter(({ node }) => node !== null).length,
    addrsets: addressSets.size,
  }));
}

/** Whether a finding about vNICs is about one that is asked about. */
function isAbout({ vnics }: Pick<Input, "vnics">): (finding: Found) => boolean {
  return ({ data }) => {
    if (vnics === undefined) return true;
    const about = [data?.["vnic"] ?? data?.["vnics"] ?? []].flat() as readonly unknown[];
    return about.length === 0 || about.some((name) => typeof name === "string" && vnics.has(name));
  };
}

/** Whose the findings are, where a session shows it. */
export class VnicNames {
  readonly #byFilter: ReadonlyMap<string | null, VnicResult>;
  readonly #byVnic = new Map<string, VnicResult>();
  readonly #input: Pick<Input, "model" | "whole">;

  constructor(hosts: readonly Host[], input: Pick<Input, "model" | "whole">) {
    this.#input = input;
    this.#byFilter = vnicsOfFilters(hosts);
    for (const { machines } of hosts)
      for (const machine of machines)
        for (const { name } of machine.vnics) this.#byVnic.set(name, { machine: machine.name, name });
  }

  of({ rule, data }: Found, filter: string | null | undefined): VnicResult | null {
    if (this.#byVnic.size === 0) return null;
    const vnic = data?.["vnic"];
    if (rule === undefined && typeof vnic === "string") return this.#byVnic.get(vnic) ?? null;
    return filter === undefined ? null : this.ofFilter(filter);
  }

  /** The one filter that the rule or the set is of; sets that were saved without a prompt may be of several. */
  filterOf({ rule, addressSet, at }: Found): string | null | undefined {
    if (rule !== undefined) return rule.reference.filter;
    if (addressSet === undefined) return undefined;
    const owners = (this.#input.whole ?? this.#input.model).filters.filter(({ addressSets }) => {
      const source = addressSets.get(addressSet)?.source;
      return (
        source?.dump === at.dump && source.range.start <= at.range.start && at.range.start <= source.range.end
      );
    });
    return owners.length === 1 ? owners[0]!.name : undefined;
  }

  /** Of what is about a rule or a set of a filter. */
  ofFilter(filter: string | null): VnicResult | null {
    return this.#byVnic.size === 0 ? null : (this.#byFilter.get(filter) ?? null);
  }
}

/** Findings about the suppressions themselves; no suppression can take them out. */
export function ofSuppressions(
  stale: readonly StaleSuppression[],
  severities: ReadonlyMap<string, SeverityResult | "off">,
  fingerprints = new Fingerprints(),
): FindingResult[] {
  return stale.flatMap(({ suppression, kind, matches }): FindingResult[] => {
    const check = kind === "expired" ? expiredSuppression : unusedSuppression;
    const severity = severities.get(check.id) ?? check.severity;
    if (severity === "off") return [];
    const { check: of, rule, addrset, fingerprint, until, location } = suppression;
    const subject = ["suppression", of, rule, addrset, fingerprint, kind === "expired" ? until : null];
    return [
      {
        check: check.id,
        severity,
        message: staleMessage({ suppression, kind, matches }, severities.get(of) === "off"),
        why: check.why,
        help: check.help,
        certain: true,
        location,
        rule: null,
        addrset: null,
        related: [],
        witness: null,
        data: { check: of, rule, addrset, fingerprint, until, matches },
        fingerprint: fingerprints.of(JSON.stringify([check.id, ...subject])),
      },
    ];
  });
}

function staleMessage({ suppression, kind, matches }: StaleSuppression, off: boolean): string {
  const name = `the suppression of ${suppressionName(suppression)}`;
  if (kind === "unused") return `${name} matches ${off ? "nothing: the check is off" : "no finding"}`;
  const now =
    matches === 0
      ? "nothing is left for it to suppress"
      : `${counted(matches, "finding is", "findings are")} reported again`;
  return `${name} held until ${suppression.until}; ${now}`;
}

function toResult(check: Check, finding: Found): Omit<FindingResult, "fingerprint"> {
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
  };
}

/**
 * What a finding is about, without where it stands: the check, the rule's id and text, the set, or whatever else it
 * is about, and the rules that it speaks of. Positions, lines and the filter's name, which changes when a machine
 * moves, are left out; equal findings are told apart by counting.
 */
class Fingerprints {
  readonly #seen = new Map<string, number>();

  of(text: string): string {
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

const identities = new WeakMap<Rule, readonly unknown[]>();

/** Kept, because a rule that takes the packets of many is printed with each of them. */
function identity(rule: Rule): readonly unknown[] {
  const known = identities.get(rule);
  if (known !== undefined) return known;
  const { reference, node } = rule;
  const { ruleset, category, id } = reference;
  const own = [ruleset, category, id, node === null ? null : printRuleBody(node)];
  identities.set(rule, own);
  return own;
}
