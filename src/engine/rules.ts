import type { Rule } from "../model/rule.ts";
import type { RuleFacts } from "../analysis/reachability.ts";
import { flowResult, referenceResult } from "./convert.ts";
import type { Input } from "./input.ts";
import { VERSION, type RulesResult } from "./results.ts";

/** What each rule does, in the order of the text. Text that does not parse is no rule and is a finding instead. */
export function describeRules(input: Input): RulesResult {
  return {
    version: VERSION,
    filters: input.filters.map(({ filter, lists }) => {
      const facts = new Map<Rule, RuleFacts & { readonly removable: boolean }>(
        lists.flatMap((list) =>
          list.facts.map(
            (fact, index) => [fact.rule, { ...fact, removable: list.isRemovable(index) }] as const,
          ),
        ),
      );
      const rows = filter.rules.flatMap((rule) => {
        const fact = facts.get(rule);
        if (fact === undefined || rule.node === null) return [];
        const { status, by, removable, certain, reason, witness } = fact;
        return [
          {
            ...referenceResult(rule.reference),
            action: rule.action,
            internal: rule.internal,
            status,
            by: by.map(({ reference }) => referenceResult(reference)),
            removable,
            certain,
            reason,
            witness: witness === null ? null : flowResult(witness),
          },
        ];
      });
      return { name: filter.name, rules: rows };
    }),
  };
}
