import { anyDestination } from "./any-destination.ts";
import { anyService } from "./any-service.ts";
import { anySource } from "./any-source.ts";
import { catchAllAccept } from "./catch-all-accept.ts";
import type { Check, CheckDocumentation, Severity } from "./check.ts";
import { deadTail } from "./dead-tail.ts";
import { duplicateRuleId } from "./duplicate-rule-id.ts";
import { duplicateRule } from "./duplicate-rule.ts";
import { emptyAddrset } from "./empty-addrset.ts";
import { failOpenFilter } from "./fail-open-filter.ts";
import { familyMismatch } from "./family-mismatch.ts";
import { identicalAddrsets } from "./identical-addrsets.ts";
import { infrastructureExposed } from "./infrastructure-exposed.ts";
import { mergeableRules } from "./mergeable-rules.ts";
import { neverMatches } from "./never-matches.ts";
import { noDefault } from "./no-default.ts";
import { overlyPermissive } from "./overly-permissive.ts";
import { partlyShadowed } from "./partly-shadowed.ts";
import { notApplicable } from "./not-applicable.ts";
import { positionOrder } from "./position-order.ts";
import { redundantMember } from "./redundant-member.ts";
import { redundantRule } from "./redundant-rule.ts";
import { removableRule } from "./removable-rule.ts";
import { repeatedDump } from "./repeated-dump.ts";
import { sensitiveService } from "./sensitive-service.ts";
import { expiredSuppression, unusedSuppression } from "./suppressions.ts";
import { ruleLimit } from "./rule-limit.ts";
import { serviceExplosion } from "./service-explosion.ts";
import { setDrift } from "./set-drift.ts";
import { shadowedRule } from "./shadowed-rule.ts";
import { skippedInput } from "./skipped-input.ts";
import { staleFilter } from "./stale-filter.ts";
import { suspiciousMember } from "./suspicious-member.ts";
import { truncatedInput } from "./truncated-input.ts";
import { undefinedAddrset } from "./undefined-addrset.ts";
import { unknownMatch } from "./unknown-match.ts";
import { unloggedRule } from "./unlogged-rule.ts";
import { unparsedInput } from "./unparsed-input.ts";
import { unprotectedVnic } from "./unprotected-vnic.ts";
import { unusedAddrset } from "./unused-addrset.ts";

/** Every check, the gravest first: the order in which findings of one place are shown. */
export const CHECKS: readonly Check[] = [
  unparsedInput,
  truncatedInput,
  shadowedRule,
  neverMatches,
  undefinedAddrset,
  emptyAddrset,
  redundantRule,
  duplicateRule,
  duplicateRuleId,
  catchAllAccept,
  unprotectedVnic,
  failOpenFilter,
  staleFilter,
  setDrift,
  infrastructureExposed,
  sensitiveService,
  noDefault,
  positionOrder,
  suspiciousMember,
  ruleLimit,
  repeatedDump,
  deadTail,
  partlyShadowed,
  anySource,
  anyDestination,
  anyService,
  overlyPermissive,
  removableRule,
  unloggedRule,
  notApplicable,
  serviceExplosion,
  mergeableRules,
  familyMismatch,
  redundantMember,
  identicalAddrsets,
  unusedAddrset,
  unknownMatch,
  skippedInput,
];

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/**
 * All that a finding can be of: the checks, and what the engine says of the configuration's own suppressions once it
 * knows what they suppress.
 */
export const DOCUMENTED: readonly CheckDocumentation[] = [
  ...CHECKS,
  expiredSuppression,
  unusedSuppression,
].toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
