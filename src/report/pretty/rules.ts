import type { RuleRow, RulesResult } from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import { safe } from "../safe.ts";
import { table } from "../table.ts";
import { counted, filterText, flowText } from "../words.ts";

/** For people: a table a category, one row a rule. */
export function prettyRules(result: RulesResult, context: ReportContext): string {
  const { chalk } = context;
  const blocks = result.filters.map(({ name, rules }) => {
    const lines: string[] = [];
    for (const group of categories(rules)) {
      const [first] = group;
      const filter = name === null && result.filters.length === 1 ? null : filterText(name);
      const title = [filter, first!.ruleset, first!.category].filter((part) => part !== null).join(" / ");
      if (title !== "") lines.push(chalk.bold(safe(title)));
      lines.push(
        ...table([HEADER.map((cell) => chalk.dim(cell)), ...group.map((row) => cells(row, context))]),
        "",
      );
    }
    if (!context.quiet) lines.push(summary(rules), "");
    return lines.join("\n");
  });
  return blocks.join("\n");
}

const HEADER = ["pos", "id", "action", "status", "by", "packet"];

function cells(row: RuleRow, { chalk }: ReportContext): string[] {
  const status = row.certain ? row.status : `${row.status} (uncertain)`;
  const paint =
    row.status === "reachable"
      ? (text: string) => text
      : row.status === "redundant"
        ? chalk.yellow
        : chalk.red;
  const by = row.by
    .slice(0, 4)
    .map(({ id, position }) => (position === null ? `${id}` : `${id}@${position}`));
  if (row.by.length > 4) by.push(`+${row.by.length - 4}`);
  return [
    row.position === null ? "-" : `${row.position}`,
    `${row.id}${row.internal ? " (internal)" : ""}`,
    safe(row.action),
    paint(row.removable ? `${status}, removable` : status),
    by.join(" ") || "-",
    row.witness === null ? "-" : flowText(row.witness),
  ];
}

function categories(rules: readonly RuleRow[]): RuleRow[][] {
  const groups: RuleRow[][] = [];
  for (const row of rules) {
    const last = groups.at(-1);
    const same = last?.[0]?.ruleset === row.ruleset && last[0].category === row.category;
    if (last !== undefined && same) last.push(row);
    else groups.push([row]);
  }
  return groups;
}

function summary(rules: readonly RuleRow[]): string {
  const count = (wanted: (row: RuleRow) => boolean): number => rules.filter(wanted).length;
  const parts = (["reachable", "shadowed", "redundant", "never-matches"] as const).flatMap((status) => {
    const number = count((row) => row.status === status);
    return number === 0 ? [] : [`${number} ${status}`];
  });
  const removable = count((row) => row.removable);
  if (removable > 0) parts.push(`${removable} removable`);
  return `${counted(rules.length, "rule")}: ${parts.join(", ")}`;
}
