import type {
  ChangeKindResult,
  ChangeResult,
  DiffFilterResult,
  DiffResult,
  IntentResult,
} from "../engine/results.ts";
import type { ReportContext } from "./context.ts";
import {
  KIND_ORDER,
  KIND_TITLES,
  causesText,
  changeRegion,
  effectText,
  ownerIn,
  sideText,
  unpairedTexts,
  verdictLine,
} from "./diff-words.ts";
import { command } from "./github-command.ts";
import { collateralText, inFilter, intentLine, unmetText } from "./intent-words.ts";
import { editedText } from "./pretty/diff.ts";
import { counted, flowText, regionTexts } from "./words.ts";

/** Workflow commands of GitHub Actions: an annotation at each changed line that has an effect, and what it does. */
export function githubDiff(result: DiffResult, context: ReportContext): string {
  const lines = result.intent === undefined ? [] : intentCommands(result.intent, result, context);
  const effects = result.filters.flatMap((filter) => [
    ...KIND_ORDER.flatMap((kind) =>
      filter.changes
        .filter((change) => change.kind === kind && kind !== "attribution")
        .map((change) => annotation(change, filter, result)),
    ),
    ...filter.edits
      .filter(({ effects, after }) => effects.length === 0 && after.length > 0)
      .map((edit) =>
        command(
          "notice",
          { file: edit.after[0]!.file, line: edit.after[0]!.line, title: "dfwlint diff: no effect" },
          [`${edit.type}: ${editedText(edit)}: ${effectText(edit)}`, ...inOwner(result, filter)],
        ),
      ),
  ]);
  lines.push(...effects);
  for (const { side, filter } of unpairedTexts(result))
    lines.push(command("warning", { title: `dfwlint diff: ${side}` }, [`${filter}, not compared`]));
  if (!context.quiet) lines.push(command("notice", { title: "dfwlint diff" }, [verdictLine(result)]));
  return lines.map((line) => `${line}\n`).join("");
}

/** Errors: a change that says what it is for has to do that and nothing else. */
function intentCommands(intent: IntentResult, { filters }: DiffResult, { quiet }: ReportContext): string[] {
  const lines = intent.unmet.map((item) => {
    const { texts, more } = regionTexts(item.region, 3, { brief: true });
    const { file, line } = item.location;
    return command("error", { file, line, title: "dfwlint diff: intended, and not brought about" }, [
      `${item.name}: ${unmetText(item)}${inFilter(item)}`,
      ...texts.map((text) => `for ${text}`),
      ...(more > 0 ? [`and ${counted(more, "more region")}`] : []),
      ...(item.witness === null ? [] : [`such as ${flowText(item.witness)}`]),
    ]);
  });
  for (const item of intent.collateral) {
    const filter = filters.find(({ name }) => name === item.filter);
    const { texts, more } = regionTexts(item.region, 3, { brief: true });
    const place = filter === undefined ? {} : placeOf(item, filter);
    lines.push(
      command("error", { ...place, title: "dfwlint diff: changed, and not intended" }, [
        `${item.kind}: ${collateralText(item)}${inFilter(item)}`,
        ...texts.map((text) => `for ${text}`),
        ...(more > 0 ? [`and ${counted(more, "more region")}`] : []),
        `such as ${flowText(item.witness)}`,
      ]),
    );
  }
  if (!quiet) lines.push(command("notice", { title: "dfwlint diff: intent" }, [intentLine(intent)]));
  return lines;
}

const COMMANDS: Readonly<Record<ChangeKindResult, string>> = {
  "newly-accepted": "warning",
  "newly-denied": "warning",
  verdict: "warning",
  treatment: "notice",
  attribution: "notice",
};

function annotation(change: ChangeResult, filter: DiffFilterResult, result: DiffResult): string {
  const { kind, before, after, witness } = change;
  const place = placeOf(change, filter);
  const { texts, more } = changeRegion(change, 3);
  return command(COMMANDS[kind], { ...place, title: `dfwlint diff: ${kind}` }, [
    `${KIND_TITLES[kind]}: ${sideText(before)} -> ${sideText(after)}`,
    ...texts.map((text) => (text.startsWith("but not ") ? text : `for ${text}`)),
    ...(more > 0 ? [`and for ${counted(more, "more region")}`] : []),
    `such as ${flowText(witness)}, because ${causesText(change, filter)}`,
    ...inOwner(result, filter),
  ]);
}

function inOwner(result: DiffResult, filter: DiffFilterResult): string[] {
  const owner = ownerIn(result, filter);
  return owner === undefined ? [] : [`In ${owner}`];
}

/** A line that stands in the changed files: of an edit that brings it about, or of the rule that decides now. */
function placeOf(
  { edits, after }: Pick<ChangeResult, "edits" | "after">,
  filter: DiffFilterResult,
): Record<string, string | number> {
  const edited = edits.map((place) => filter.edits[place]!.after[0]).find((line) => line !== undefined);
  const rule = edited ?? after.rule;
  return rule === null || rule === undefined ? {} : { file: rule.file, line: rule.line };
}
