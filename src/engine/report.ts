import type { Rule } from "../model/rule.ts";
import { printAddress } from "../syntax/print.ts";
import { location } from "./convert.ts";
import type { Input } from "./input.ts";
import type { ReportFilter, ReportRule, RuleRow } from "./results.ts";
import { describeRules } from "./rules.ts";

/** All rules with what a report about them shows beside their status: their text, their ends and their list. */
export function describeForReport(input: Input): ReportFilter[] {
  const { filters } = describeRules(input);
  return input.filters.map(({ filter, lists }, index) => {
    const rules = filter.rules.filter(({ node }) => node !== null);
    const places = new Map(rules.map((rule, place) => [rule, place]));
    const facts = new Map<Rule, Pick<ReportRule, "list" | "blockers">>(
      lists.flatMap(({ name, facts }) =>
        facts.map(({ rule, by }) => {
          const blockers = by.flatMap((blocker) => places.get(blocker) ?? []);
          return [rule, { list: name, blockers }] as const;
        }),
      ),
    );
    const rows = filters[index]!.rules;
    return {
      name: filter.name,
      rules: rules.map((rule, place) => reportRule(rule, rows[place]!, facts.get(rule)!)),
    };
  });
}

function reportRule(
  { node, reference }: Rule,
  row: RuleRow,
  facts: Pick<ReportRule, "list" | "blockers">,
): ReportRule {
  const { dump, range } = reference.source;
  return {
    ...row,
    ...facts,
    location: location(reference.source),
    text: dump.text.slice(range.start, range.end),
    from: printAddress(node!.from),
    to: printAddress(node!.to),
  };
}
