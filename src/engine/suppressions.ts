import type { FindingResult, Location, SuppressedResult } from "./results.ts";

/** Findings that somebody has looked at and does not want to see, and why. */
export interface Suppression {
  readonly check: string;
  /** The finding's own rule, its set, its fingerprint: all that are named have to agree. */
  readonly rule: number | null;
  readonly addrset: string | null;
  readonly fingerprint: string | null;
  readonly reason: string;
  /** The last day on which it holds, as YYYY-MM-DD; null for always. */
  readonly until: string | null;
  readonly location: Location;
}

export interface Suppressions {
  readonly list: readonly Suppression[];
  /** As YYYY-MM-DD. */
  readonly today: string;
}

/** A suppression that does not do what it is there for. */
export interface StaleSuppression {
  readonly suppression: Suppression;
  readonly kind: "expired" | "unused";
  /** How many findings are reported because it has expired. */
  readonly matches: number;
}

export interface AfterSuppressions {
  readonly findings: readonly FindingResult[];
  readonly suppressed: readonly SuppressedResult[];
  readonly stale: readonly StaleSuppression[];
}

/** Takes out what is suppressed. Of several suppressions that match a finding, the first counts. */
export function suppress(
  all: readonly FindingResult[],
  { list, today }: Suppressions = { list: [], today: "" },
): AfterSuppressions {
  if (list.length === 0) return { findings: all, suppressed: [], stale: [] };
  const byCheck = new Map<string, Suppression[]>();
  for (const suppression of list) {
    const others = byCheck.get(suppression.check);
    if (others === undefined) byCheck.set(suppression.check, [suppression]);
    else others.push(suppression);
  }
  const matches = new Map<Suppression, number>();
  const findings: FindingResult[] = [];
  const suppressed: SuppressedResult[] = [];
  for (const finding of all) {
    const matching = (byCheck.get(finding.check) ?? []).filter((suppression) =>
      isAbout(suppression, finding),
    );
    const first = matching.find((suppression) => !hasExpired(suppression, today));
    for (const suppression of matching) {
      // What another one suppresses does not come back because this one has expired.
      if (first !== undefined && hasExpired(suppression, today)) continue;
      matches.set(suppression, (matches.get(suppression) ?? 0) + 1);
    }
    if (first === undefined) findings.push(finding);
    else suppressed.push({ ...finding, suppression: { reason: first.reason, until: first.until } });
  }
  const stale = list.flatMap((suppression): StaleSuppression[] => {
    const count = matches.get(suppression) ?? 0;
    if (hasExpired(suppression, today)) return [{ suppression, kind: "expired", matches: count }];
    return count === 0 ? [{ suppression, kind: "unused", matches: 0 }] : [];
  });
  return { findings, suppressed, stale };
}

function isAbout({ rule, addrset, fingerprint }: Suppression, finding: FindingResult): boolean {
  return (
    (rule === null || finding.rule?.id === rule) &&
    (addrset === null || finding.addrset === addrset) &&
    (fingerprint === null || finding.fingerprint === fingerprint)
  );
}

/** Days in this form compare as texts. */
function hasExpired({ until }: Suppression, today: string): boolean {
  return until !== null && until < today;
}

/** `shadowed-rule for rule 1043`: what a suppression names. */
export function suppressionName({ check, rule, addrset, fingerprint }: Suppression): string {
  const parts = [
    ...(rule === null ? [] : [`rule ${rule}`]),
    ...(addrset === null ? [] : [`addrset ${addrset}`]),
    ...(fingerprint === null ? [] : [`fingerprint ${fingerprint}`]),
  ];
  return parts.length === 0 ? check : `${check} for ${parts.join(", ")}`;
}
