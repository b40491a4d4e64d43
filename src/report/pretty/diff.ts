import type {
  AddrsetEditResult,
  ChangeKindResult,
  ChangeResult,
  DiffFilterResult,
  DiffResult,
  EditResult,
  IntentResult,
  UncertainChangeResult,
} from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import {
  KIND_ORDER,
  KIND_TITLES,
  causesText,
  changeRegion,
  effectText,
  filterTitle,
  hasNames,
  linesText,
  listed,
  sideText,
  sizeText,
  unpairedTexts,
  verdictLine,
} from "../diff-words.ts";
import { collateralText, inFilter, intentLine, unmetText } from "../intent-words.ts";
import { safe } from "../safe.ts";
import { table } from "../table.ts";
import { counted, flowText, placeText, ruleText, regionTexts } from "../words.ts";

/** Boxes shown for one change, changes of one kind, and members of a set; the rest is counted. */
const MOST_BOXES = 6;
const MOST_CHANGES = 20;
const MOST_MEMBERS = 6;
const MOST_EDITS = 40;

/** For people: what becomes possible, what breaks, what else differs, and the edits behind it. */
export function prettyDiff(result: DiffResult, context: ReportContext): string {
  const { chalk } = context;
  const named = hasNames(result);
  const blocks = result.intent === undefined ? [] : intentBlocks(result.intent, context);
  const filterParts = result.filters.flatMap((filter) => {
    const own = filterBlocks(filter, context);
    // That a filter is compared with another machine's is never left unsaid.
    if (own.length === 0 && filter.vnicBefore === undefined) return [];
    return named ? [chalk.bold(safe(filterTitle(filter))), ...own] : own;
  });
  blocks.push(...filterParts);
  for (const { side, filter } of unpairedTexts(result))
    blocks.push(`${chalk.yellow(side)}: ${safe(filter)}, not compared`);
  if (!context.quiet || blocks.length === 0) blocks.push(summaryLine(result, context));
  return `${blocks.join("\n\n")}\n`;
}

/** What was intended and does not happen, and what happens and was not intended. */
function intentBlocks(intent: IntentResult, { chalk }: ReportContext): string[] {
  const { unmet, collateral, met } = intent;
  const blocks = [(met ? chalk.green : chalk.red.bold)(safe(intentLine(intent)))];
  if (unmet.length > 0) {
    const lines = [chalk.red.bold("intended, and not brought about:")];
    for (const item of unmet.slice(0, MOST_CHANGES)) {
      const { texts, more } = regionTexts(item.region, MOST_BOXES, { brief: true });
      lines.push(
        `  ${safe(item.name)} (${safe(placeText(item.location))})`,
        `      ${safe(unmetText(item) + inFilter(item))}`,
        ...texts.map((text) => `      for ${text}`),
      );
      if (more > 0) lines.push(`      and for ${counted(more, "more region")}`);
      if (item.witness !== null) lines.push(`      such as ${flowText(item.witness)}`);
    }
    if (unmet.length > MOST_CHANGES) lines.push(`  and ${unmet.length - MOST_CHANGES} more`);
    blocks.push(lines.join("\n"));
  }
  if (collateral.length > 0) {
    const lines = [chalk.red.bold("changed, and not intended:")];
    for (const item of collateral.slice(0, MOST_CHANGES)) {
      const { texts, more } = regionTexts(item.region, MOST_BOXES, { brief: true });
      lines.push(
        `  ${item.kind}: ${safe(collateralText(item) + inFilter(item))}`,
        ...texts.map((text) => `      for ${text}`),
      );
      if (more > 0) lines.push(`      and for ${counted(more, "more region")}`);
      lines.push(`      ${sizeText(item)}, such as ${flowText(item.witness)}`);
    }
    if (collateral.length > MOST_CHANGES)
      lines.push(`  and ${counted(collateral.length - MOST_CHANGES, "more group")} of packets`);
    blocks.push(lines.join("\n"));
  }
  return blocks;
}

function filterBlocks(filter: DiffFilterResult, context: ReportContext): string[] {
  const { chalk } = context;
  const blocks: string[] = [];
  for (const kind of KIND_ORDER) {
    const changes = filter.changes.filter((change) => change.kind === kind);
    if (changes.length === 0) continue;
    const shown = kind === "attribution" ? 5 : MOST_CHANGES;
    const lines = [paint(kind, context)(`${KIND_TITLES[kind]}:`)];
    for (const change of changes.slice(0, shown)) lines.push(...changeLines(change, filter, context));
    if (changes.length > shown)
      lines.push(`  and ${counted(changes.length - shown, "more group")} of packets`);
    blocks.push(lines.join("\n"));
  }
  if (filter.uncertain.length > 0) {
    const lines = [chalk.yellow.bold("uncertain, because the dumps do not say it:")];
    for (const change of filter.uncertain.slice(0, MOST_CHANGES))
      lines.push(...uncertainLines(change, filter, context));
    if (filter.uncertain.length > MOST_CHANGES)
      lines.push(`  and ${counted(filter.uncertain.length - MOST_CHANGES, "more group")} of packets`);
    blocks.push(lines.join("\n"));
  }
  if (filter.undecided.length > 0) {
    const rules = filter.undecided.slice(0, 5).map(ruleText);
    blocks.push(
      `${chalk.yellow.bold("not decided")}: the packets of ${listed(rules)} take more work to compare than --budget allows`,
    );
  }
  const edits = editLines(filter, context);
  if (edits.length > 0) blocks.push([chalk.bold("edits:"), ...edits].join("\n"));
  if (filter.assumptions.length > 0) {
    const lines = filter.assumptions.slice(0, 5).map((text) => `  ${safe(text)}`);
    if (filter.assumptions.length > 5) lines.push(`  and ${filter.assumptions.length - 5} more`);
    blocks.push(
      [
        chalk.yellow("taken to mean the same before and after, because it is called the same:"),
        ...lines,
      ].join("\n"),
    );
  }
  return blocks;
}

function paint(kind: ChangeKindResult, { chalk }: ReportContext): (text: string) => string {
  switch (kind) {
    case "newly-accepted":
      return chalk.green.bold;
    case "newly-denied":
      return chalk.red.bold;
    case "verdict":
    case "treatment":
      return chalk.yellow.bold;
    case "attribution":
      return chalk.bold;
  }
}

function changeLines(change: ChangeResult, filter: DiffFilterResult, context: ReportContext): string[] {
  return [
    ...sidesAndRegion(change, context),
    `      ${[sizeText(change), `such as ${flowText(change.witness)}`].filter((text) => text !== "").join(", ")}`,
    `      because ${safe(causesText(change, filter))}`,
  ];
}

function sidesAndRegion(
  { before, after, region, except }: Omit<ChangeResult, "kind">,
  { chalk }: ReportContext,
): string[] {
  const { texts, more } = changeRegion({ region, except }, MOST_BOXES);
  const lines = [
    `  ${chalk.red("-")} ${safe(sideText(before))}`,
    `  ${chalk.green("+")} ${safe(sideText(after))}`,
    ...texts.map((text) => `      ${text.startsWith("but not ") ? text : `for ${text}`}`),
  ];
  if (more > 0) lines.push(`      and for ${counted(more, "more region")}`);
  return lines;
}

function uncertainLines(
  change: UncertainChangeResult,
  filter: DiffFilterResult,
  context: ReportContext,
): string[] {
  const depends = (["before", "after"] as const).flatMap((side) => {
    const rules = change[side].dependsOn;
    if (rules.length === 0) return [];
    return [`      ${side} it depends on ${listed(rules.slice(0, 3).map(ruleText))}`];
  });
  return [
    ...sidesAndRegion(change, context),
    ...depends,
    `      such as ${flowText(change.witness)}, because ${safe(causesText({ ...change, kind: "verdict" }, filter))}`,
  ];
}

function editLines({ edits, addrsets, renumbered }: DiffFilterResult, context: ReportContext): string[] {
  const { chalk } = context;
  const rows = edits
    .slice(0, MOST_EDITS)
    .map((edit) => [
      `  ${edit.type === "addrset" ? "members" : edit.type}`,
      safe(editedText(edit)),
      edit.effects.length === 0 ? chalk.dim(safe(effectText(edit))) : safe(effectText(edit)),
    ]);
  const lines = table(rows);
  if (edits.length > MOST_EDITS) lines.push(`  and ${counted(edits.length - MOST_EDITS, "more edit")}`);
  for (const set of addrsets.slice(0, MOST_EDITS)) lines.push(`  ${safe(setText(set))}`);
  if (addrsets.length > MOST_EDITS) lines.push(`  and ${counted(addrsets.length - MOST_EDITS, "more set")}`);
  if (renumbered > 0)
    lines.push(chalk.dim(`  ${counted(renumbered, "rule")} only renumbered, which changes nothing`));
  return lines;
}

export function editedText({ type, id, before, after, fields, addrsets }: EditResult): string {
  if (id === null && type === "edited") return "the end of a cut dump";
  const rule = id === null ? "text that does not parse" : `rule ${id}`;
  const [was, is] = [linesText(before), linesText(after)];
  switch (type) {
    case "added":
      return `${rule} ${is}`.trim();
    case "removed":
      return `${rule} ${was}`.trim();
    case "moved":
      return `${rule} ${was} -> ${is}`;
    case "edited":
      return `${rule} ${is === "" ? was : is} (${listed(fields)})`;
    case "addrset":
      return `${rule} ${is} (addrset ${listed(addrsets)})`;
  }
}

function setText({ type, name, gained, lost, rules }: AddrsetEditResult): string {
  const used = rules === 0 ? ", which no rule names" : `, named by ${counted(rules, "rule line")}`;
  if (type === "removed") return `addrset ${name} was removed${used}`;
  if (type === "added") return `addrset ${name} was added with ${counted(gained.length, "range")}${used}`;
  const parts = [...members("+", gained), ...members("-", lost)];
  return `addrset ${name}: ${parts.length === 0 ? "text that could not be read differs" : parts.join(" ")}${used}`;
}

function members(sign: string, texts: readonly string[]): string[] {
  const shown = texts.slice(0, MOST_MEMBERS).map((text) => `${sign}${text}`);
  if (texts.length > MOST_MEMBERS) shown.push(`${sign}${texts.length - MOST_MEMBERS} more`);
  return shown;
}

function summaryLine(result: DiffResult, { chalk }: ReportContext): string {
  const text = verdictLine(result);
  if (result.sameTreatment) return chalk.green(text);
  return result.equivalent ? chalk.yellow(text) : chalk.bold(text);
}
