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

/** What the action does to packets: `accepts them`, `drop some of them`. */
export function actionWords(action: string, packets: string, plural = false): string {
  switch (action) {
    case "accept":
    case "drop":
    case "reject":
      return `${action}${plural ? "" : "s"} ${packets}`;
    default:
      return `${plural ? "do" : "does"} "${action}" to ${packets}`;
  }
}

export function relatedRule(label: string, rule: Rule): Related {
  return { label, at: rule.reference.source, rule, addressSet: null };
}

/** Rules that NSX brings along: 1 to 4 in NSX-T's rulesets (`mainrs`), 1001 to 1004 in NSX-V's (`domain-c26`). */
export function isSystemRule({ reference: { id, ruleset } }: Rule): boolean {
  if (id === null) return false;
  const nsxT = id >= 1 && id <= 4 && !(ruleset?.startsWith("domain-") ?? false);
  const nsxV = id >= 1001 && id <= 1004 && !(ruleset?.startsWith("mainrs") ?? false);
  return nsxT || nsxV;
}

export function bySameId(rule: Rule, others: readonly Rule[]): boolean {
  return others.every(({ reference }) => reference.id === rule.reference.id);
}

/** `17,234`. */
export function grouped(number: number): string {
  return String(number).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** Of a collected session without its end. */
export function cutText(lastCommand: string): string {
  return `the session ends early, behind "${lastCommand}": what dfwlint collect asks after that is missing, and the last output may be cut off`;
}
