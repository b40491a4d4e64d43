import type {
  BestPlaceResult,
  FlowResult,
  RuleReferenceResult,
  TryChangeResult,
  TryEffectResult,
  TryFilterResult,
  TryPart,
  TryPlace,
  TryResult,
  TryRuleReference,
  TrySide,
} from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import { safe } from "../safe.ts";
import { counted, filterText, flowText, placeText, regionTexts, ruleText } from "../words.ts";
import { codeFrame } from "./frame.ts";

/** Regions shown of one part, and parts shown of one answer: more are in JSON. */
const MOST_BOXES = 6;
const MOST_PARTS = 12;

/** For people: whether the rule is needed, what it does at its place, and why the place is the best one. */
export function prettyTry(result: TryResult, context: ReportContext): string {
  const several = result.filters.length > 1;
  const blocks = result.filters.map((filter) => {
    const lines = filter.name !== null || several ? [context.chalk.dim(safe(filterText(filter.name)))] : [];
    return [...lines, ...filterLines(filter, result.verdict, context)].join("\n");
  });
  const rule = context.quiet ? "" : `${context.chalk.bold(safe(result.rule))}\n\n`;
  return `${rule}${blocks.join("\n\n")}\n`;
}

/** What is wrong in the text of the rule, under the word. */
export function prettyRuleMistake(message: string, at: number, context: ReportContext): string {
  const location = { file: "--rule", line: 1, column: at + 1, endLine: 1, endColumn: at + 2 };
  const [expected] = message.split(" but ");
  const text = message.startsWith("expected ") ? expected! : "here";
  const label = { location, text, primary: true, caret: { line: 1, column: at + 1 } };
  return `${[`dfwlint: --rule: ${safe(message)}`, ...codeFrame([label], context)].join("\n")}\n`;
}

function filterLines(filter: TryFilterResult, verdict: Verdict, context: ReportContext): string[] {
  const lines = needLines(filter, verdict, context);
  const { place, best, effect, changes, dead, narrowed, notes } = filter;
  if (place !== null) lines.push(title("Place", placeWords(place, context), context));
  if (best !== null) lines.push(...bestLines(best, PAST[verdict], context));
  if (effect !== null) lines.push(...effectLines(effect, verdict, context));
  if (effect !== null) lines.push(...changeLines(changes, context));
  if (dead.length > 0 || narrowed.length > 0) {
    lines.push(title("Other rules", othersHeading(dead.length, narrowed.length), context));
    for (const { rule: other, verdict: lost, witness } of dead.slice(0, MOST_PARTS)) {
      lines.push(
        `- ${by(other, context)} would never be reached any more${lost === verdict ? ": the new rule does the same to all that it gets now" : ""}`,
      );
      lines.push(`    it gets packets now such as ${flowText(witness)}`);
    }
    lines.push(...moreLines(dead.length, "rule"));
    if (narrowed.length > 0) {
      const shown = narrowed.slice(0, MOST_PARTS).map((other) => by(other, context));
      const more = narrowed.length > shown.length ? ` and ${narrowed.length - shown.length} more` : "";
      lines.push(`- loses a part to the new rule: ${shown.join(", ")}${more}`);
    }
  }
  for (const note of notes) lines.push(title("Note", safe(note), context));
  return lines;
}

function title(name: string, text: string, { chalk }: ReportContext): string {
  return `${chalk.bold(`${name}:`)} ${text}`;
}

type Verdict = TryResult["verdict"];

const PAST: Readonly<Record<Verdict, string>> = { accept: "accepted", drop: "dropped", reject: "rejected" };

// ---- is it needed ------------------------------------------------------------------------------------------

function needLines({ need, effect }: TryFilterResult, verdict: Verdict, context: ReportContext): string[] {
  const verb = PAST[verdict];
  const { chalk } = context;
  const has = (part: TryPart): boolean => part.certain && part.verdict === verdict;
  const already = need.now.filter(has);
  const others = need.now.filter((part) => !has(part));
  // Where the rule gets all of them, its changes say it.
  const said = effect?.enforced === true && need.now.every(({ certain }) => certain);
  switch (need.status) {
    case "never-matches":
      return [
        title("Needed", `${chalk.yellow("no")}, no packet matches it: ${safe(need.reason ?? "")}.`, context),
      ];
    case "not-needed":
      return [
        title("Needed", `${chalk.green("no")}, all of its packets are ${verb} already.`, context),
        ...partsOrExample(already, need.now, need.already, context),
      ];
    case "partly":
      return [
        title("Needed", `${chalk.yellow("in part")}, some of its packets are ${verb} already.`, context),
        ...partsOrExample(already, need.now, need.already, context),
        ...(said ? [] : ["The others are not:", ...partsOrExample(others, need.now, need.missing, context)]),
      ];
    case "needed":
      return [
        title("Needed", `${chalk.green("yes")}, none of its packets is certainly ${verb} now.`, context),
        ...(said ? [] : partsOrExample(need.now, need.now, need.missing, context)),
      ];
    case "uncertain":
      return [
        title(
          "Needed",
          `${chalk.yellow("not known")}, whether its packets are ${verb} already depends on what the dump does not say.`,
          context,
        ),
        ...partsOrExample(need.now, need.now, need.missing, context),
      ];
  }
}

/** Where the parts are too much work to list, a packet of them. */
function partsOrExample(
  parts: readonly TryPart[],
  now: readonly TryPart[],
  example: FlowResult | null,
  context: ReportContext,
): string[] {
  if (now.length > 0) return partLines(parts, context);
  return example === null ? [] : [`    such as ${flowText(example)}`];
}

function partLines(parts: readonly TryPart[], context: ReportContext): string[] {
  const lines = parts.slice(0, MOST_PARTS).flatMap((part) => {
    const { texts, more } = regionTexts(part.region, MOST_BOXES);
    const uncertain = part.certain ? "" : context.chalk.yellow(" (uncertain)");
    const one = texts.length === 1 ? ` for ${texts[0]}` : "";
    return [
      `- ${decision(part, context)}${uncertain}${one}`,
      ...part.dependsOn
        .slice(0, MOST_BOXES)
        .map(({ rule, reason }) => `    unless ${by(rule, context)} matches: ${safe(reason)}`),
      ...(texts.length > 1 ? texts.map((text) => `    for ${text}`) : []),
      ...(more > 0 ? [`    and for ${counted(more, "more region")}`] : []),
      `    such as ${flowText(part.witness)}`,
    ];
  });
  return [...lines, ...moreLines(parts.length, "part")];
}

function moreLines(count: number, what: string): string[] {
  return count > MOST_PARTS ? [`- and ${counted(count - MOST_PARTS, `more ${what}`)}`] : [];
}

function decision({ verdict, rule }: TryPart | TrySide, context: ReportContext): string {
  const shown = verdict === "no-match" ? "no match" : verdict;
  return rule === null ? `${shown} by no rule` : `${shown} by ${by(rule, context)}`;
}

function by(rule: RuleReferenceResult | TryRuleReference, { chalk }: ReportContext): string {
  if ("isNew" in rule && rule.isNew) return chalk.bold("the new rule");
  return `${chalk.bold(ruleText(rule))} ${chalk.dim(`(${safe(placeText(rule))})`)}`;
}

// ---- its place ---------------------------------------------------------------------------------------------

function placeWords(place: TryPlace, context: ReportContext): string {
  const { after, before, category, position } = place;
  const at = position === null ? "" : `at ${position}, `;
  // At the edge of a category, its name says on which side.
  const edge =
    after !== null && before !== null && after.category !== before.category && category !== null
      ? ` in ${safe(category)}`
      : "";
  if (before === null && after === null) return "the only rule of the list";
  if (before === null) return `${at}below ${by(after!, context)}, at the end of the list${edge}`;
  if (after === null) return `${at}above ${by(before, context)}, at the top of the list${edge}`;
  return `${at}between ${by(after, context)} and ${by(before, context)}${edge}`;
}

function bestLines(best: BestPlaceResult, verb: string, context: ReportContext): string[] {
  const { limit, chosen } = best;
  const where = chosen ? "this is the best one" : `the best one is ${placeWords(best, context)}`;
  if (limit === null) {
    return [`    ${where}: no rule gives its packets another verdict, so the lowest place will do`];
  }
  const would = limit.certain ? "would take" : "may take";
  return [
    `    ${where}: the lowest where all its packets are ${verb}`,
    `    below it ${by(limit.rule, context)} ${would} packets first, such as ${flowText(limit.witness)}`,
  ];
}

// ---- what it does there ------------------------------------------------------------------------------------

function effectLines(effect: TryEffectResult, verdict: Verdict, context: ReportContext): string[] {
  const { chalk } = context;
  const { reached, enforced } = effect;
  const verb = PAST[verdict];
  // What gets the same verdict above is listed as not needed.
  const taken = effect.taken.filter((part) => !part.certain || part.verdict !== verdict);
  switch (reached) {
    case "all":
      return [title("Effective", `${chalk.green("yes")}, all of its packets get to it.`, context)];
    case "part":
      return [
        title(
          "Effective",
          `${chalk.yellow("in part")}, rules above take packets first${enforced ? ` and ${verdict} them too` : ""}.`,
          context,
        ),
        ...partLines(taken, context),
      ];
    case "none":
      return [
        title(
          "Effective",
          `${chalk.red("no")}, nothing gets to it: rules above take all of it first${enforced ? ` and ${verdict} it too` : ""}.`,
          context,
        ),
        ...partLines(taken, context),
      ];
    case "uncertain":
      return [
        title(
          "Effective",
          enforced
            ? `all of its packets are ${verb} there, but what of it gets to this rule is not known.`
            : `${chalk.yellow("not known")}, what of it gets to it cannot be told.`,
          context,
        ),
        ...partLines(taken, context),
      ];
  }
}

const KINDS: Readonly<Record<TryChangeResult["kind"], string>> = {
  "newly-accepted": "newly accepted",
  "newly-denied": "newly denied",
  verdict: "another verdict",
  uncertain: "may change",
  treatment: "same verdict, other treatment",
  attribution: "same verdict, now by the new rule",
};
const ORDER = Object.keys(KINDS) as TryChangeResult["kind"][];

function changeLines(changes: readonly TryChangeResult[], context: ReportContext): string[] {
  if (changes.length === 0) return [title("Changes", "none.", context)];
  const counts = ORDER.flatMap((kind) => {
    const count = changes.filter((change) => change.kind === kind).length;
    return count === 0 ? [] : [`${KINDS[kind]} in ${counted(count, "part")}`];
  });
  const lines = changes.slice(0, MOST_PARTS).flatMap((change) => {
    const { kind, before, after, region, witness } = change;
    const { texts, more } = regionTexts(region ?? [], MOST_BOXES);
    return [
      `- ${kindText(kind, context)}: ${decision(before, context)} before, ${decision(after, context)} after`,
      ...[...before.dependsOn, ...after.dependsOn]
        .filter((rule, index, all) => !rule.isNew && all.findIndex((other) => isSame(rule, other)) === index)
        .map((rule) => `    unless ${by(rule, context)} matches`),
      ...texts.map((text) => `    for ${text}`),
      ...(more > 0 ? [`    and for ${counted(more, "more region")}`] : []),
      `    such as ${flowText(witness)}`,
    ];
  });
  return [title("Changes", `${counts.join(", ")}.`, context), ...lines, ...moreLines(changes.length, "part")];
}

function isSame(a: RuleReferenceResult, b: RuleReferenceResult): boolean {
  return a.file === b.file && a.line === b.line && a.id === b.id && a.position === b.position;
}

function kindText(kind: TryChangeResult["kind"], { chalk }: ReportContext): string {
  switch (kind) {
    case "newly-accepted":
      return chalk.green.bold(KINDS[kind]);
    case "newly-denied":
      return chalk.red.bold(KINDS[kind]);
    case "verdict":
    case "uncertain":
      return chalk.yellow.bold(KINDS[kind]);
    case "treatment":
    case "attribution":
      return KINDS[kind];
  }
}

function othersHeading(dead: number, narrowed: number): string {
  const parts = [
    ...(dead > 0 ? [`${counted(dead, "rule")} would be dead`] : []),
    ...(narrowed > 0 ? [`${counted(narrowed, "rule")} would get less`] : []),
  ];
  return `${parts.join(", ")}.`;
}

// ---- one line a fact ---------------------------------------------------------------------------------------

/** For grep: each line begins with the filter, where there are several, and what it says. */
export function compactTry({ filters }: TryResult): string {
  return filters
    .flatMap(({ name, need, place, best, effect, changes, dead, narrowed, notes }) => {
      const lines = [`needed: ${need.status}`];
      if (place !== null) lines.push(`place: ${compactPlace(place)}`);
      if (best !== null) lines.push(`best place: ${compactPlace(best)}`);
      if (effect !== null) lines.push(`reached: ${effect.reached}${effect.enforced ? "" : ", not enforced"}`);
      for (const { kind, before, after, region, witness } of changes) {
        const { texts, more } = regionTexts(region ?? [], 1);
        const where =
          region === null
            ? `such as ${flowText(witness)}`
            : more === 0
              ? texts[0]
              : `${more + 1} regions, such as ${flowText(witness)}`;
        lines.push(`${kind}: ${compactSide(before)} -> ${compactSide(after)}: ${where}`);
      }
      for (const { rule } of dead) lines.push(`dead: ${compactRule(rule)}`);
      for (const rule of narrowed) lines.push(`narrowed: ${compactRule(rule)}`);
      for (const note of notes) lines.push(`note: ${note}`);
      const filter = filters.length === 1 && name === null ? "" : `${filterText(name)}: `;
      return lines.map((line) => `${safe(`${filter}${line}`)}\n`);
    })
    .join("");
}

function compactPlace({ after, before, position }: TryPlace): string {
  const at = position === null ? "" : `at ${position}, `;
  if (before !== null) return `${at}before ${compactRule(before)}`;
  return after === null ? "the only rule" : `${at}after ${compactRule(after)}`;
}

function compactSide({ verdict, rule }: TrySide): string {
  if (rule === null) return verdict;
  return `${verdict} by ${rule.isNew ? "the new rule" : compactRule(rule)}`;
}

function compactRule(rule: RuleReferenceResult): string {
  return `${ruleText(rule)} (${placeText(rule)})`;
}
