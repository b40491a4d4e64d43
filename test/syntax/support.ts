import type { AddrsetNode, Item, MemberNode, RuleNode, RulesetNode } from "../../src/syntax/nodes.ts";
import { parseDump } from "../../src/syntax/parse.ts";

/** The items of a text that holds no problem. */
export function itemsOf(text: string): readonly Item[] {
  const { items } = parseDump("dump.txt", text);
  const problems = problemsOf(text);
  if (problems.length > 0) throw new Error(`unexpected problems:\n${problems.join("\n")}\nin:\n${text}`);
  return items;
}

/** Every problem as a reader sees it: `line:column kind message`. */
export function problemsOf(text: string): string[] {
  const { lines, problems } = parseDump("dump.txt", text);
  return problems.map(({ at, kind, message }) => {
    const { line, column } = lines.position(at);
    return `${line}:${column} ${kind} ${message}`;
  });
}

/** The rules of a text in their order, in rulesets or not. */
export function rulesOf(items: readonly Item[]): RuleNode[] {
  return items
    .flatMap((item): readonly { readonly type: string }[] => (item.type === "ruleset" ? item.items : [item]))
    .filter((item): item is RuleNode => item.type === "rule");
}

/** The only rule of a text without problems. */
export function ruleOf(text: string): RuleNode {
  const rules = rulesOf(itemsOf(text));
  if (rules.length !== 1) throw new Error(`expected one rule, found ${rules.length} in: ${text}`);
  return rules[0]!;
}

export function rulesetsOf(items: readonly Item[]): RulesetNode[] {
  return items.filter((item): item is RulesetNode => item.type === "ruleset");
}

export function addrsetsOf(items: readonly Item[]): AddrsetNode[] {
  return items.filter((item): item is AddrsetNode => item.type === "addrset");
}

/** The members of a set as text: `ip 192.0.2.1`. */
export function membersOf(set: AddrsetNode): string[] {
  return set.members
    .filter((member): member is MemberNode => member.type === "member")
    .map(({ family, text }) => `${family} ${text}`);
}

/** A copy of a tree without its ranges: what is left is what the text says, not where. */
export function withoutRanges(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRanges);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "range" && key !== "nameRange")
      .map(([key, part]) => [key, withoutRanges(part)]),
  );
}
