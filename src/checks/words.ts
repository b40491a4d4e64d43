import type { Rule } from "../model/rule.ts";
import type { Related } from "./check.ts";

/** How engineers call a rule: `rule 1043 at 4`. */
export function ruleName({ reference: { id, position } }: Rule): string {
  if (id === null) return "text that does not parse";
  return position === null ? `rule ${id}` : `rule ${id} at ${position}`;
}

/** `rule 1 at 1`, `rules 1 at 1 and 2 at 2`, `rules 1 at 1, 2 at 2 and 3 more`. */
export function ruleNames(rules: readonly Rule[], most = 5): string {
  if (rules.length === 1) return ruleName(rules[0]!);
  const names = rules.slice(0, most).map((rule) => ruleName(rule).replace(/^rule /, ""));
  const rest = rules.length - names.length;
  return `rules ${enumerate(rest > 0 ? [...names, `${rest} more`] : names)}`;
}

export function enumerate(words: readonly string[], conjunction = "and"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1)}`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** What the action does to packets: `accepts them`. */
export function actionWords(action: string): string {
  switch (action) {
    case "accept":
      return "accepts them";
    case "drop":
      return "drops them";
    case "reject":
      return "rejects them";
    default:
      return `does "${action}" to them`;
  }
}

export function relatedRule(label: string, rule: Rule): Related {
  return { label, at: rule.reference.source, rule, addressSet: null };
}

const SYSTEM_RULES: ReadonlySet<number> = new Set([1, 2, 3, 4, 1001, 1002, 1003, 1004]);

/** Rules that NSX brings along: NSX-T 1 to 4, NSX-V 1001 to 1004. */
export function isSystemRule({ reference: { id } }: Rule): boolean {
  return id !== null && SYSTEM_RULES.has(id);
}

export function bySameId(rule: Rule, others: readonly Rule[]): boolean {
  return others.every(({ reference }) => reference.id === rule.reference.id);
}
