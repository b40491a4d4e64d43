import type { ListAnalysis } from "../analysis/analysis.ts";
import type { Rule } from "../model/rule.ts";
import { allLists, isInDeadTail, type Check, type Found } from "./check.ts";
import { linesName } from "./lines.ts";
import { describeWholes, wholesIn, type Whole } from "./whole.ts";
import { actionWords, relatedRule } from "./words.ts";

export const unloggedRule: Check = {
  id: "unlogged-rule",
  severity: "info",
  label: "logs nothing",
  summary:
    "A rule that takes every packet of an address family and direction, such as a default drop, is reached and does not " +
    "log. Accepts on layer 2 are left out: what they let through is decided, and logged, on layer 3.",
  why:
    "What no other rule is about ends here, and without a log nobody sees it: neither the application that is blocked by " +
    "mistake nor whoever tries doors.",
  help: "Switch logging on for this rule in the manager, at least until the rules above it are settled.",
  example: `ruleset domain-c1 {
  rule 1251 at 1 inout protocol tcp from any to addrset web port 443 accept;
  rule 1001 at 2 inout protocol any from any to any drop;
}
addrset web {
ip 10.1.1.10,
}`,
  *find(context) {
    for (const { list } of allLists(context)) if (list.name !== "ids") yield* findIn(list);
  },
};

function* findIn(list: ListAnalysis): Generator<Found> {
  const wholes = wholesIn(list);
  const byId = new Map<string, { index: number; rule: Rule }[]>();
  for (const index of wholes.keys()) {
    const rule = list.rules[index]!;
    if (rule.node === null || rule.internal || rule.treatment.log || !rule.decides) continue;
    if (rule.conditions.length > 0 || (rule.layer === "ethernet" && rule.action === "accept")) continue;
    if (isInDeadTail(list, index) || list.facts[index]!.status !== "reachable") continue;
    const key = JSON.stringify([
      rule.reference.ruleset,
      rule.reference.category,
      rule.reference.id,
      rule.action,
    ]);
    const lines = byId.get(key);
    if (lines === undefined) byId.set(key, [{ index, rule }]);
    else lines.push({ index, rule });
  }
  for (const lines of byId.values()) {
    const { index, rule } = lines[0]!;
    const rules = lines.map((line) => line.rule);
    const matches = distinct(lines.flatMap((line) => wholes.get(line.index)!));
    const packets = describeWholes(matches, list.name === "ethernet" ? "frame" : "packet");
    yield {
      message: `${linesName(rules)} ${actionWords(rule.action, packets)} that gets to it, and does not log`,
      at: rule.reference.source,
      rule,
      related: rules.slice(1, 50).map((line) => relatedRule("does not log either", line)),
      witness: list.facts[index]!.witness,
      data: { action: rule.action, matches },
    };
  }
}

function distinct(wholes: readonly Whole[]): Whole[] {
  return [...new Map(wholes.map((whole) => [`${whole.name} ${whole.directions.join()}`, whole])).values()];
}
