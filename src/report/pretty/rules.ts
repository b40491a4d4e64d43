import type { EffectResult, RuleRow, RulesResult, ShareResult } from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import { safe } from "../safe.ts";
import { table } from "../table.ts";
import { counted, filterText, flowText, ruleText } from "../words.ts";

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
      const rows = [HEADER.map((cell) => chalk.dim(cell)), ...group.map((row) => cells(row, context))];
      for (const line of table(rows)) lines.push(line);
      lines.push("");
      const effects = group.flatMap((row) => effectLines(row, context));
      for (const line of effects) lines.push(line);
      if (effects.length > 0) lines.push("");
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

const MOST_SHARES = 6;

/** What gets to a rule and who takes the rest. */
function effectLines(row: RuleRow, { chalk }: ReportContext): string[] {
  const { effect } = row;
  if (effect === undefined) return [];
  const shares = (words: string, list: readonly ShareResult[]): string[] => {
    const lines = list
      .slice(0, MOST_SHARES)
      .map(
        ({ rule, packets, witness }) =>
          `    ${ruleText(rule)} ${words} ${size(packets)}, such as ${flowText(witness)}`,
      );
    if (list.length > MOST_SHARES) lines.push(`    and ${list.length - MOST_SHARES} more rules`);
    return lines;
  };
  return [
    `${chalk.bold(ruleText(row))}: ${partText(effect)}`,
    ...shares("takes", effect.lost),
    ...shares("would take over", effect.heirs),
  ];
}

function partText({ part, matches, left }: EffectResult): string {
  switch (part) {
    case "whole":
      return `all of its ${size(matches)} get to it`;
    case "part":
      return `${share(left, matches)} of its ${size(matches)} get to it`;
    case "empty":
      return matches === null ? "matches no packet" : `none of its ${size(matches)} get to it`;
    case "unknown":
      return `how many of its ${size(matches)} get to it takes too much work to say`;
  }
}

/** The powers of all but the smallest numbers say enough: nobody reads a count of twenty digits. */
function size(power: number | null): string {
  if (power === null) return "no packets";
  if (power < SPELT_OUT) return counted(Math.round(2 ** power), "packet");
  return Number.isInteger(power) ? `2^${power} packets` : `2^${power.toFixed(1)} packets`;
}

const SPELT_OUT = 10;

/** A share in per cent, or as a number where that would round to none or to all. */
function share(left: number | null, matches: number | null): string {
  if (left === null || matches === null) return size(left);
  const part = 2 ** (left - matches);
  if (part >= 0.995) return "nearly all";
  return part >= 0.005 ? `${Math.round(part * 100)} %` : size(left);
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
