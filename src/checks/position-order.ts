import type { Filter, Rule, RuleReference } from "../model/rule.ts";
import type { Check } from "./check.ts";
import { counted, relatedRule, ruleName } from "./words.ts";

export const positionOrder: Check = {
  id: "position-order",
  severity: "warning",
  label: "out of order",
  summary: "Positions repeat, go back or are missing within a category of a ruleset.",
  why: "NSX numbers the rules of a category without gaps, so the text is incomplete, put together from several dumps, or edited.",
  help: "Take the dump again, in one piece. What dfwlint says of an incomplete dump holds for the text, not for the vNIC.",
  example: `ruleset domain-c1 {
  # Filter rules
  rule 1131 at 1 inout protocol tcp from any to any port 443 accept;
  rule 1133 at 3 inout protocol tcp from any to any port 22 drop;
  rule 1001 at 4 inout protocol any from any to any drop;
}`,
  *find(context) {
    for (const { filter } of context.filters) {
      for (const category of categoriesOf(filter)) {
        const breaks = findBreaks(category);
        const [first] = breaks;
        if (first === undefined) continue;
        const more =
          breaks.length === 1 ? "" : ` (and ${counted(breaks.length - 1, "more break")} in this category)`;
        yield {
          message: `${ruleName(first.rule)} ${first.words}${more}`,
          at: first.rule.reference.source,
          rule: first.rule,
          related: first.previous === null ? [] : [relatedRule("before it", first.previous)],
          data: { kind: first.kind, breaks: breaks.length },
        };
      }
    }
  },
};

/** Rules of one category, in the order of the text. */
function categoriesOf(filter: Filter): Rule[][] {
  const categories = new Map<string, Rule[]>();
  let last: { readonly of: RuleReference; readonly rules: Rule[] } | null = null;
  for (const rule of filter.rules) {
    const { reference } = rule;
    if (last?.of.category !== reference.category || last.of.ruleset !== reference.ruleset) {
      const key = JSON.stringify([reference.ruleset, reference.category]);
      const rules: Rule[] = categories.get(key) ?? [];
      categories.set(key, rules);
      last = { of: reference, rules };
    }
    last.rules.push(rule);
  }
  return [...categories.values()];
}

interface Break {
  readonly kind: "repeated" | "back" | "missing";
  readonly words: string;
  readonly rule: Rule;
  readonly previous: Rule | null;
}

function findBreaks(rules: readonly Rule[]): Break[] {
  const breaks: Break[] = [];
  let previous: Rule | null = null;
  let unread = 0;
  for (const rule of rules) {
    if (rule.node === null) {
      unread += 1;
      continue;
    }
    const { position } = rule.reference;
    if (position === null) continue;
    const before = previous?.reference.position ?? 0;
    const missing = position - before - 1;
    const place = rule.reference.category === null ? "" : ` in ${rule.reference.category}`;
    const found = { rule, previous };
    if (position === before)
      breaks.push({ ...found, kind: "repeated", words: "repeats the position of the rule before it" });
    else if (position < before)
      breaks.push({ ...found, kind: "back", words: `comes after position ${before}` });
    // A rule that did not parse had a position too.
    else if (missing > unread) {
      const range =
        missing === 1 ? `position ${before + 1} is` : `positions ${before + 1} to ${position - 1} are`;
      breaks.push({
        ...found,
        kind: "missing",
        words: `comes ${previous === null ? `first${place}` : `after position ${before}`}: ${range} missing`,
      });
    }
    previous = rule;
    unread = 0;
  }
  return breaks;
}
