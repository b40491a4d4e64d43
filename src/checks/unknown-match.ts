import type { AddressNode } from "../syntax/nodes.ts";
import type { Rule } from "../model/rule.ts";
import { deadTailOf, type Check } from "./check.ts";
import { counted, relatedRule, ruleName } from "./words.ts";

export const unknownMatch: Check = {
  id: "unknown-match",
  severity: "info",
  label: "not known",
  summary: "An action, protocol or qualifier of which the dump does not say what it means.",
  why:
    "Such a rule may match all or nothing of its addresses and ports. It is never taken as proof: nothing is called " +
    "shadowed because of it, and a verdict that depends on it is uncertain.",
  help:
    "Nothing to do for application profiles and user groups. For a word that is new, look it up in the product's " +
    "documentation and report it to dfwlint.",
  example: `ruleset mainrs {
  # FILTER (APP Category) rules
  rule 1171 at 1 inout protocol tcp from any to any port 443 with attribute profile APP_SSL accept;
  rule 2 at 2 inout protocol any from any to any drop;
}`,
  *find(context) {
    for (const analysis of context.filters) {
      const { filter } = analysis;
      const groups = new Map<string, { text: string; word: string; kind: string; rules: Rule[] }>();
      const dead = deadTailOf(analysis);
      for (const rule of filter.rules) {
        if (dead.has(rule)) continue;
        for (const unknown of unknownsOf(rule)) {
          const key = `${unknown.kind} ${unknown.word}`;
          const group = groups.get(key);
          if (group === undefined) groups.set(key, { ...unknown, rules: [rule] });
          else group.rules.push(rule);
        }
      }
      for (const { text, kind, word, rules } of groups.values()) {
        const [first, ...others] = rules;
        const also = others.length === 0 ? "" : ` (and ${counted(others.length, "more rule")})`;
        yield {
          message: `${ruleName(first!)}${also}: ${text}`,
          at: first!.reference.source,
          rule: first!,
          subject: `${kind} ${word}`,
          related: others.slice(0, 50).map((rule) => relatedRule("the same", rule)),
          data: { kind, word, rules: rules.length },
        };
      }
    }
  },
};

/** One group for each kind of qualifier that is known, and for each word that is not. */
function unknownsOf(rule: Rule): { kind: string; word: string; text: string }[] {
  const { node } = rule;
  if (node === null) return [];
  const { from, to, qualifiers } = node;
  if (qualifiers.length + rule.conditions.length === 0 && rule.decides && isPlain(from) && isPlain(to))
    return [];
  const unknowns = qualifiers.map(({ kind, text }) => {
    const word = kind === "unknown" ? text : kind;
    switch (kind) {
      case "attribute":
        return {
          kind,
          word,
          text: "it matches by an application or URL attribute, which the dump does not hold",
        };
      case "extended":
        return { kind, word, text: "it matches by user identity, which the dump does not hold" };
      case "ids":
        return {
          kind,
          word,
          text: "it matches by an intrusion-detection profile, which the dump does not hold",
        };
      case "unknown":
        return { kind, word, text: `what "with ${text}" means is not known` };
    }
  });
  for (const side of [from, to]) {
    if (side.type !== "literal" || (side.family === "mac") === (rule.layer === "ethernet")) continue;
    const text = `${side.family} ${side.text} cannot be compared on layer ${rule.layer === "ip" ? 3 : 2}`;
    unknowns.push({ kind: "unknown", word: `${side.family} ${side.text}`, text });
  }
  for (const { key, reason } of rule.conditions) {
    if (/^(?:protocol|ethertype|\S+ (?:type|code)) /.test(key))
      unknowns.push({ kind: "unknown", word: key, text: reason });
  }
  if (!rule.decides) {
    unknowns.push({
      kind: "unknown",
      word: rule.action,
      text: `what the action "${rule.action}" does is not known`,
    });
  }
  return unknowns;
}

/** Most rules hold nothing unknown, and are known by this. */
function isPlain({ type }: AddressNode): boolean {
  return type !== "literal";
}
