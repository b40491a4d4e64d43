import type { Rule } from "../model/rule.ts";
import { ruleBoxes, type RuleBoxes } from "./rule-boxes.ts";

/** A rule with its place in its list and its packets. */
export interface Entry {
  readonly index: number;
  readonly rule: Rule;
  readonly may: RuleBoxes;
  /** Certain only if the rule's conditions hold. */
  readonly must: RuleBoxes;
}

export function prepareEntries(rules: readonly Rule[]): Entry[] {
  return rules.map((rule, index) => {
    const may = ruleBoxes(rule, "may");
    const known = rule.source.must === rule.source.may && rule.destination.must === rule.destination.may;
    return { index, rule, may, must: known ? may : ruleBoxes(rule, "must") };
  });
}
