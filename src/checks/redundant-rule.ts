import type { ListAnalysis } from "../analysis/analysis.ts";
import type { RuleFacts } from "../analysis/reachability.ts";
import type { Rule, Treatment } from "../model/rule.ts";
import { allLists, type Check, type Found } from "./check.ts";
import { ownRulesOf, repeatsIn } from "./duplicates.ts";
import { joinLines } from "./lines.ts";
import { relatedBlockers } from "./parts.ts";
import { isDeadByDesign } from "./whole.ts";
import { bySameId, enumerate, ruleName, ruleNames } from "./words.ts";

export const redundantRule: Check = {
  id: "redundant-rule",
  severity: "warning",
  label: "never reached",
  summary: "No packet can reach the rule, and all its packets get the same verdict from earlier rules.",
  why: "It costs room in the filter and time to read, and hides which rule really lets the traffic through or stops it.",
  help: "Delete it; no packet's verdict changes.",
  example: `ruleset domain-c1 {
  rule 1031 at 1 inout protocol tcp from addrset office to any port 443 accept;
  rule 1032 at 2 inout protocol tcp from ip 10.20.0.7 to any port 443 accept with log;
  rule 1001 at 3 inout protocol any from any to any drop;
}
addrset office {
ip 10.20.0.0/16,
}`,
  *find(context) {
    for (const { list } of allLists(context)) yield* joinLines(findIn(list), "never reached either");
  },
};

function* findIn(list: ListAnalysis): Generator<Found> {
  const { duplicates } = repeatsIn(list);
  for (const { index, rule, facts } of ownRulesOf(list)) {
    const { status, by } = facts;
    if (status !== "redundant") continue;
    // Lines of one manager rule may repeat each other; a copy of another rule is a duplicate, said there.
    if (bySameId(rule, by) || duplicates.has(rule)) continue;
    if (!isDeadByDesign(list, index, facts)) yield describe(list, index, facts);
  }
}

function describe(list: ListAnalysis, index: number, { rule, by, certain, witness }: RuleFacts): Found {
  const lost = lostTreatment(list, index, rule);
  const verb = by.length === 1 ? "takes" : "together take";
  return {
    message:
      `${ruleName(rule)} is never reached: ${ruleNames(by)} ${verb} all its packets first, with the same verdict${certain ? "" : " as far as the dump says"}` +
      (lost === null ? "" : `, but without its ${enumerate(lost.what)} (${ruleName(lost.winner)})`),
    ...(lost === null
      ? {}
      : {
          why: `The rule asks for ${enumerate(lost.what)}, and packets go without because ${ruleName(lost.winner)} takes them.`,
          help:
            `Move it above the rules that take its packets if ${enumerate(lost.what)} is wanted; otherwise delete it: ` +
            "no packet's verdict changes.",
        }),
    certain,
    at: rule.reference.source,
    rule,
    related: relatedBlockers(list, index, by),
    witness: lost?.packet ?? witness,
    data: { treatmentLost: lost?.what ?? [] },
  };
}

/** What of the rule's treatment some of its packets do not get from the earlier rule that takes them. */
function lostTreatment(
  list: ListAnalysis,
  index: number,
  rule: Rule,
): { what: string[]; winner: Rule; packet: NonNullable<RuleFacts["witness"]> } | null {
  const missing = (other: Rule): string[] => missingTreatment(rule.treatment, other.treatment);
  if (
    missing({ ...rule, treatment: { log: false, tags: [], alg: null, strict: false, stateless: false } })
      .length === 0
  ) {
    return null;
  }
  const found = list.winnerAmong(index, (other) => missing(other).length > 0);
  return found === null ? null : { what: missing(found.rule), winner: found.rule, packet: found.packet };
}

function missingTreatment(wanted: Treatment, given: Treatment): string[] {
  const missing: string[] = [];
  if (wanted.log && !given.log) missing.push("log");
  for (const tag of wanted.tags) if (!given.tags.includes(tag)) missing.push(`tag '${tag}'`);
  if (wanted.alg !== null && wanted.alg !== given.alg) missing.push(`ALG ${wanted.alg}`);
  return missing;
}
