import { readAddressSet } from "../model/address-sets.ts";
import { printAddresses } from "../model/address.ts";
import type { AddrsetNode, Item, RuleNode, RulesetNode } from "../syntax/nodes.ts";
import { parseDump, type Dump } from "../syntax/parse.ts";
import { printItems, printRule, printRuleBody } from "../syntax/print.ts";

/**
 * A dump as a text that can be compared line by line: without what differs from one dump to the next though the policy
 * is the same. It is a dump again, and one of the same policy. Given piece by piece.
 */
export function* comparableText(file: string, text: string): Generator<string> {
  const dump = parseDump(file, text);
  const items = dump.items.filter(isKept);
  for (let at = 0; at < items.length;) {
    const item = items[at]!;
    let end = at + 1;
    switch (item.type) {
      case "addrset": {
        while (items[end]?.type === "addrset") end += 1;
        // In which order sets are defined says nothing.
        const sets = (items.slice(at, end) as AddrsetNode[]).toSorted((a, b) => compare(a.name, b.name));
        for (const set of sets) yield* setText(dump, set);
        break;
      }
      case "ruleset":
        yield* rulesetText(item);
        break;
      case "rule":
        while (items[end]?.type === "rule") end += 1;
        for (const rule of managerRules(items.slice(at, end) as RuleNode[])) yield `${ruleText(rule)}\n`;
        break;
      default:
        yield printItems([item]);
    }
    at = end;
  }
}

function* rulesetText({ name, items, closed }: RulesetNode): Generator<string> {
  yield `ruleset ${name} {\n`;
  const kept = items.filter(isKept);
  for (let at = 0; at < kept.length;) {
    const item = kept[at]!;
    let end = at + 1;
    if (item.type === "rule") {
      while (kept[end]?.type === "rule") end += 1;
      for (const rule of managerRules(kept.slice(at, end) as RuleNode[])) yield `  ${ruleText(rule)}\n`;
    } else {
      yield `  ${printItems([item])}`;
    }
    at = end;
  }
  yield closed ? "}\n" : "";
}

/** These differ in every dump; a brace that closes nothing would close an empty set before it. */
function isKept(item: Item): boolean {
  if (item.type === "other" && /^\s*\}\s*$/.test(item.text)) return false;
  return item.type !== "comment" || (item.kind !== "generation" && item.kind !== "realization");
}

/** Positions change with every rule that comes or goes above. */
function ruleText(rule: RuleNode): string {
  return printRule({ ...rule, position: null });
}

/** Neighbouring lines of one rule of the manager that do the same are sorted: which stands first makes no difference. */
function managerRules(rules: readonly RuleNode[]): RuleNode[] {
  const runs: { key: string; lines: RuleNode[] }[] = [];
  for (const rule of rules) {
    const { id, internal, action, suffixes, qualifiers } = rule;
    const key = JSON.stringify([id, internal, action, suffixes, qualifiers.map(({ text }) => text)]);
    const last = runs.at(-1);
    if (last?.key === key) last.lines.push(rule);
    else runs.push({ key, lines: [rule] });
  }
  return runs.flatMap(({ lines }) => {
    if (lines.length === 1) return lines;
    const texts = new Map(lines.map((line) => [line, printRuleBody(line)]));
    return lines.toSorted((a, b) => compare(texts.get(a)!, texts.get(b)!));
  });
}

/** Members in order, those that touch or overlap as one; what cannot be read behind them, as it is. */
function* setText(dump: Dump, node: AddrsetNode): Generator<string> {
  const { set } = readAddressSet(dump, node);
  yield `addrset ${node.name} {\n`;
  const lines: string[] = [];
  for (const family of ["ipv4", "ipv6", "mac"] as const) {
    const word = family === "mac" ? "mac" : "ip";
    for (const addresses of printAddresses(family, set.must[family])) lines.push(`${word} ${addresses},\n`);
  }
  for (const [index, member] of node.members.entries()) {
    if (member.type === "unparsed") lines.push(`${member.text.trimEnd()}\n`);
    else if (set.spans[index] === null) lines.push(`${member.family} ${member.text},\n`);
  }
  yield lines.join("");
  yield node.closed ? "}\n" : "";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
