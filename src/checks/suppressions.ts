import type { CheckDocumentation } from "./check.ts";

/**
 * Findings about the suppressions in dfwlint.yaml. The engine makes them itself, after all checks have run: a check
 * sees the input only, and these are about what was done with the findings.
 */

const EXAMPLE = `ruleset domain-c1 {
  rule 1201 at 1 inout protocol tcp from any to addrset web port 443 accept;
  rule 1202 at 2 inout protocol tcp from ip 10.1.9.9 to addrset web port 443 drop;
  rule 1001 at 3 inout protocol any from any to any drop;
}
addrset web {
ip 10.1.1.10,
}`;

export const expiredSuppression: CheckDocumentation = {
  id: "expired-suppression",
  severity: "warning",
  label: "its last day has passed",
  summary: "A suppression in dfwlint.yaml holds until a day that has passed; it suppresses nothing any more.",
  why: "Somebody decided to look at it again by that day. What it suppressed is reported again from then on.",
  help: "Put the cause right and delete the suppression, or give it another day and say why.",
  example: EXAMPLE,
  exampleConfiguration: `suppressions:
  - check: shadowed-rule
    rule: 1202
    reason: The quarantine rule moves up with the next change
    until: 2024-03-31`,
};

export const unusedSuppression: CheckDocumentation = {
  id: "unused-suppression",
  severity: "warning",
  label: "suppresses nothing",
  summary: "A suppression in dfwlint.yaml matches no finding.",
  why: "What it was for is gone, or it never matched because of a slip; later it could hide something that nobody has looked at.",
  help: "Delete it, or correct the rule, the address set or the fingerprint that it names.",
  example: EXAMPLE,
  exampleConfiguration: `suppressions:
  - check: shadowed-rule
    rule: 1220
    reason: The quarantine rule moves up with the next change`,
};
