import type { ListAnalysis } from "../analysis/analysis.ts";
import type { Rule } from "../model/rule.ts";
import { allLists, type Check, type Found } from "./check.ts";
import { ownRulesOf } from "./duplicates.ts";
import { counted, relatedRule, ruleName, ruleNames } from "./words.ts";

export const removableRule: Check = {
  id: "removable-rule",
  severity: "info",
  label: "would take their packets too",
  summary:
    "Packets reach the rule, and yet nothing would change without it: a later rule gives all of them the same verdict, log, tag and ALG.",
  why:
    "The rule looks as if it opened or closed something and does not: the later rule does. Whoever deletes it to stop the " +
    "traffic stops nothing.",
  help:
    "Delete what is not needed, one rule at a time, and look again: each of them can go, but not always all of them. Keep " +
    "rules that are there so that the later one can be tightened.",
  example: `ruleset domain-c1 {
  rule 1021 at 1 inout protocol tcp from addrset app to addrset db port 1433 accept;
  rule 1022 at 2 inout protocol tcp from ip 10.3.0.0/16 to addrset db accept;
  rule 1001 at 3 inout protocol any from any to any drop;
}
addrset app {
ip 10.3.0.11,
}
addrset db {
ip 10.4.0.11,
}`,
  *find(context) {
    for (const { list } of allLists(context)) {
      if (list.name !== "ids") yield* findIn(list);
    }
  },
};

/** One finding for each later rule that would take over: a rule that everything falls through to is one cause. */
function* findIn(list: ListAnalysis): Generator<Found> {
  const byHeir = new Map<Rule | null, number[]>();
  for (const { index, rule, isSystem } of ownRulesOf(list)) {
    if (isSystem || !list.isReplaceable(index)) continue;
    const heir = list.firstHeir(index);
    if (heir !== null && isSaidElsewhere(list, rule, heir)) continue;
    const group = byHeir.get(heir);
    if (group === undefined) byHeir.set(heir, [index]);
    else group.push(index);
  }
  for (const [heir, indexes] of byHeir) {
    const rules = indexes.map((index) => list.rules[index]!);
    const [first] = rules;
    const ids = new Set(rules.map(({ reference }) => reference.id));
    const subject =
      rules.length === 1
        ? `${ruleName(first!)} can be left out`
        : `${counted(rules.length, "rule")} can be left out, each of them alone (${ruleNames(rules, 3)})`;
    yield {
      message:
        heir === null
          ? `${subject}: later rules give ${rules.length === 1 ? "its" : "their"} packets the same verdict and treatment`
          : `${subject}: ${ruleName(heir)} gives ${rules.length === 1 ? "its" : "their"} packets the same verdict and treatment`,
      at: (heir ?? first!).reference.source,
      rule: heir ?? first!,
      related: rules
        .slice(heir === null ? 1 : 0, MOST_RELATED)
        .map((rule) => relatedRule("changes nothing", rule)),
      witness: list.facts[indexes[0]!]!.witness,
      data: {
        count: rules.length,
        ids: ids.size,
        rules: rules.map(({ reference: { id, position } }) => ({ id, position })),
      },
    };
  }
}

/** True if another check says it: of the heir, that all of its packets go to the rule; or if NSX did it. */
function isSaidElsewhere(list: ListAnalysis, rule: Rule, heir: Rule): boolean {
  // Lines of one id that take over from each other are NSX's own doing.
  if (heir.reference.id === rule.reference.id) return true;
  return list.facts[list.indexOf(heir)]!.by.includes(rule);
}

const MOST_RELATED = 50;
