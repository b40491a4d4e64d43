import type { Rule, Treatment } from "../model/rule.ts";
import type { RuleNode } from "../syntax/nodes.ts";
import { allLists, deadTailOf, type Check } from "./check.ts";
import { sameAddress } from "./rearranging.ts";
import { counted, enumerate, relatedRule } from "./words.ts";

export const duplicateRuleId: Check = {
  id: "duplicate-rule-id",
  severity: "warning",
  label: "first line of this id",
  summary:
    "One rule id stands at several positions: a warning if the lines differ in source, destination, direction, verdict " +
    "or treatment; for information if one rule of the manager was expanded by service, family or ALG.",
  why:
    "Logs and counters name rules by id only. Lines that differ in more than their service cannot come from one rule " +
    "of the manager, and nobody can tell from a log line which of them decided.",
  help: "Compare the dump with the manager's rule of this id, and publish the policy again if they differ.",
  example: `ruleset domain-c1 {
  rule 1071 at 1 inout protocol tcp from addrset app to any port 80 accept;
  rule 1071 at 2 inout protocol tcp from addrset app to any port 443 drop;
  rule 1001 at 3 inout protocol any from any to any drop;
}
addrset app {
ip 10.3.0.11,
}`,
  *find(context) {
    for (const { filter, list } of allLists(context)) {
      const dead = deadTailOf(filter);
      for (const lines of groupById(list.rules)) {
        // What stands behind a catch-all as a whole is a finding of its own.
        if (lines.every((line) => dead.has(line))) continue;
        const [first] = lines;
        const differences = differencesOf(lines);
        const positions = lines.map(({ reference }) => reference.position);
        const places =
          lines.length <= 6
            ? ` (at ${positions.join(", ")})`
            : ` (at ${positions[0]} to ${positions.at(-1)})`;
        const count = `rule id ${first!.reference.id} stands at ${counted(lines.length, "position")}${positions.includes(null) ? "" : places}`;
        const expanded = differences.length === 0;
        yield {
          severity: expanded ? "info" : "warning",
          message: expanded
            ? `${count}: one rule, ${expandedBy(lines)}`
            : `${count} that differ in ${enumerate(differences)}`,
          ...(expanded
            ? {
                why: "Normal: NSX prints one line a service, family or ALG. Logs and counters name the id only, not the line.",
                help: "Nothing to do; read these lines as one rule of the manager.",
              }
            : {}),
          at: first!.reference.source,
          rule: first!,
          related: lines.slice(1, 50).map((line) => relatedRule("the same id", line)),
          data: { positions, differences },
        };
      }
    }
  },
};

function groupById(rules: readonly Rule[]): Rule[][] {
  const groups = new Map<string, Rule[]>();
  let last: Rule[] = [];
  for (const rule of rules) {
    const { id, ruleset } = rule.reference;
    if (id === null) continue;
    // Lines of one id mostly follow each other.
    const before = last[0]?.reference;
    if (before?.id !== id || before.ruleset !== ruleset) {
      const key = `${id} ${ruleset}`;
      last = groups.get(key) ?? [];
      groups.set(key, last);
    }
    last.push(rule);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

const SIDES = [
  ["source", "from"],
  ["destination", "to"],
] as const;

/** In what the lines of one id differ that one rule of the manager cannot differ in. */
function differencesOf(lines: readonly Rule[]): string[] {
  const differ = (read: (rule: Rule) => string): boolean => haveSeveral(lines, read);
  const differences: string[] = [];
  const [first] = lines;
  for (const [name, side] of SIDES)
    if (lines.some(({ node }) => !sameAddress(node![side], first!.node![side]))) differences.push(name);
  if (differ(({ node }) => node!.direction)) differences.push("direction");
  if (differ(({ action }) => action)) differences.push("verdict");
  // `strict` is printed for TCP only, an ALG for its own port only: both come with the service.
  // Nobody chooses the treatment of an ALG's internal twin.
  const chosen = lines.filter(({ internal }) => !internal);
  if (haveSeveral(chosen, ({ treatment }) => treatmentText(treatment))) differences.push("treatment");
  return differences;
}

/** Whether what is read of some things is not the same of all. */
function haveSeveral<T>(things: readonly T[], read: (thing: T) => string): boolean {
  const [first, ...others] = things;
  if (first === undefined) return false;
  const text = read(first);
  return others.some((other) => read(other) !== text);
}

function treatmentText({ log, tags, stateless }: Treatment): string {
  return `${log ? 1 : 0}${stateless ? 1 : 0}${tags.length === 0 ? "" : JSON.stringify(tags)}`;
}

/** What one rule of the manager was expanded by: NSX prints a line for each. */
function expandedBy(lines: readonly Rule[]): string {
  const nodes = lines.map((rule) => rule.node!);
  const differ = (read: (node: RuleNode) => unknown): boolean =>
    haveSeveral(nodes, (node) => JSON.stringify(read(node)));
  const words: string[] = [];
  const service = ({ match, sourcePorts, destinationPorts }: RuleNode): unknown => [
    match.name,
    match.type === "protocol" ? match.icmp : null,
    sourcePorts,
    destinationPorts,
  ];
  if (differ(service)) words.push("service");
  if (differ(({ family }) => family)) words.push("address family");
  if (differ(({ qualifiers }) => qualifiers.map(({ text }) => text))) words.push("profile");
  if (lines.some(({ internal }) => internal)) words.push("ALG");
  return words.length === 0 ? "its line repeated" : `expanded by ${enumerate(words)}`;
}
