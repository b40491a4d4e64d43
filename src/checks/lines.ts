import type { Rule } from "../model/rule.ts";
import type { Found } from "./check.ts";
import { enumerate, relatedRule, ruleName } from "./words.ts";

const MOST_NAMED = 5;
const MOST_RELATED = 50;

/**
 * One finding for the lines of one rule of the manager of which the same is said, for the same rules: it was expanded
 * by service, and its lines share their fate. Every message has to begin with the rule's name.
 */
export function joinLines(found: Iterable<Found>, label: string): Found[] {
  const numbers = new Map<Rule, number>();
  const numberOf = (rule: Rule | null): number | null => {
    if (rule === null) return null;
    const number = numbers.get(rule) ?? numbers.size;
    numbers.set(rule, number);
    return number;
  };
  const groups = new Map<string, Found[]>();
  for (const finding of found) {
    const { rule, message, severity, why, certain, related = [], data } = finding;
    const { ruleset, category, id, filter } = rule!.reference;
    const key = JSON.stringify([
      [filter, ruleset, category, id],
      [message.slice(ruleName(rule!).length), severity, why, certain, data],
      related.map((other) => [other.label, numberOf(other.rule)]),
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()].map((group) => joined(group, label));
}

function joined(group: readonly Found[], label: string): Found {
  const [first, ...others] = group;
  const rule = first!.rule!;
  if (others.length === 0) return first!;
  const rules = group.map((finding) => finding.rule!);
  return {
    ...first!,
    message: `${linesName(rules)}${first!.message.slice(ruleName(rule).length)}`,
    related: [
      ...(first!.related ?? []),
      ...rules.slice(1, MOST_RELATED).map((line) => relatedRule(label, line)),
    ],
    data: { ...first!.data, positions: rules.map(({ reference }) => reference.position) },
  };
}

/** `rule 1043 at 4, 5 and 6`: several lines of one id. */
export function linesName(lines: readonly Rule[]): string {
  if (lines.length === 1) return ruleName(lines[0]!);
  const { id } = lines[0]!.reference;
  const positions = lines.map(({ reference }) => reference.position);
  if (positions.includes(null)) return `rule ${id} (${lines.length} lines)`;
  const shown = positions.slice(0, MOST_NAMED).map(String);
  const rest = positions.length - shown.length;
  return `rule ${id} at ${enumerate(rest > 0 ? [...shown, `${rest} more`] : shown)}`;
}
