import type {
  ChangeKindResult,
  ChangeResult,
  CollateralResult,
  DiffFilterResult,
  DiffResult,
  IntentResult,
  Region,
  UncertainChangeResult,
  UnmetResult,
} from "../engine/results.ts";
import type { ReportContext } from "./context.ts";
import {
  KIND_ORDER,
  KIND_PLURALS,
  KIND_TITLES,
  causesText,
  changeRegion,
  effectText,
  filterTitle,
  groupsText,
  hasNames,
  sideText,
  sizeText,
  unpairedTexts,
} from "./diff-words.ts";
import { collateralText, inFilter, intentLine, unmetText } from "./intent-words.ts";
import { Page, type Section } from "./markdown-page.ts";
import { code, codeOrWords } from "./markdown-text.ts";
import { editedText } from "./pretty/diff.ts";
import { counted, flowText, placeText, regionTexts } from "./words.ts";

/** Groups of packets that stand open on the page; the others are folded. */
const MOST_OPEN = 10;
const MOST_BOXES = 4;
const MOST_NAME = 100;
const MOST_UNPAIRED = 20;

/** For a comment on a pull request: what becomes possible, what breaks, what is proved unchanged; details folded. */
export function markdownDiff(result: DiffResult, context: ReportContext): string {
  const page = new Page("`dfwlint diff --format json` has them all");
  page.add(heading(result).join("\n"));
  // What is folded comes behind all that stands open, lest it takes the room of something graver.
  const folded: Section[] = result.intent === undefined ? [] : addIntent(result.intent, page);
  let open = MOST_OPEN;
  const named = hasNames(result);
  for (const filter of result.filters) {
    const where = named ? ` in ${codeOrWords(short(filterTitle(filter)))}` : "";
    for (const kind of KIND_ORDER) {
      const changes = filter.changes.filter((change) => change.kind === kind);
      if (changes.length === 0) continue;
      const shown = Math.min(changes.length, room(kind, filter, open));
      open -= shown;
      const title = `**What ${KIND_TITLES[kind]}**${where}`;
      if (shown > 0) page.addItems(title, section("", kind, changes.slice(0, shown), filter));
      folded.push(
        section(
          `${groupsText(changes.length - shown, kind, shown > 0 ? "more group" : "group")}${where}`,
          kind,
          changes.slice(shown),
          filter,
        ),
      );
    }
    const fits = filter.uncertain.length <= open;
    if (fits) open -= filter.uncertain.length;
    folded.push({
      title: `uncertain, because the dumps do not say it${where}: ${counted(filter.uncertain.length, "group")}`,
      one: "uncertain group",
      many: "uncertain groups",
      open: fits,
      items: filter.uncertain.map((change) => () => uncertainItem(change, filter)),
    });
    folded.push({
      title: `edits${where}: ${[counted(filter.edits.length, "rule"), ...(filter.addrsets.length > 0 ? [counted(filter.addrsets.length, "address set")] : [])].join(", ")}`,
      one: "edit",
      many: "edits",
      open: false,
      items: [
        ...filter.edits.map(
          (edit) => () =>
            `- ${edit.type === "addrset" ? "members" : edit.type}: ${codeOrWords(editedText(edit))}: ${codeOrWords(effectText(edit))}`,
        ),
        ...filter.addrsets.map(
          ({ name, type, gained, lost }) =>
            () =>
              `- addrset ${code(name)} ${type}: ${counted(gained.length, "range")} more, ${counted(lost.length, "range")} less`,
        ),
      ],
    });
    folded.push({
      title: `taken to mean the same before and after${where}`,
      one: "assumption",
      many: "assumptions",
      open: false,
      items: filter.assumptions.map((text) => () => `- ${codeOrWords(text)}`),
    });
  }
  for (const part of folded.toSorted((a, b) => Number(b.open) - Number(a.open))) page.addSection(part);
  if (!context.quiet) page.add(FOOTER);
  return page.text();
}

/** How many groups of a kind may stand open: what becomes possible leaves some to what breaks. */
function room(kind: ChangeKindResult, { changes }: DiffFilterResult, open: number): number {
  if (kind === "attribution") return 0;
  if (kind !== "newly-accepted") return open;
  const breaking = changes.filter((change) => change.kind === "newly-denied").length;
  return open - Math.min(breaking, Math.floor(open / 2));
}

/** What was intended and does not happen, and what happens and was not intended. */
function addIntent({ unmet, collateral }: IntentResult, page: Page): Section[] {
  const folded: Section[] = [];
  const boxes = (region: Region): string[] => {
    const { texts, more } = regionTexts(region, MOST_BOXES, { brief: true });
    return [
      ...texts.map((text) => `  - ${code(text)}`),
      ...(more > 0 ? [`  - and ${counted(more, "more region")}`] : []),
    ];
  };
  const notDone = (item: UnmetResult): string =>
    [
      `- **${codeOrWords(item.name)}** (${code(placeText(item.location))}): ${codeOrWords(unmetText(item) + inFilter(item))}`,
      ...boxes(item.region),
      ...(item.witness === null ? [] : [`  - such as ${code(flowText(item.witness))}`]),
    ].join("\n");
  const notAsked = (item: CollateralResult): string =>
    [
      `- ${item.kind}: ${code(collateralText(item))}${codeOrWords(inFilter(item).trim()).replace(/^(?=.)/, " ")}`,
      ...boxes(item.region),
      `  - ${sizeText(item)}, such as ${code(flowText(item.witness))}`,
    ].join("\n");
  const add = <T>(
    title: string,
    items: readonly T[],
    one: string,
    many: string,
    make: (item: T) => string,
  ): void => {
    if (items.length === 0) return;
    const sections = items.map((item) => () => make(item));
    page.addItems(`**${title}**`, { one, many, items: sections.slice(0, MOST_OPEN / 2) });
    folded.push({
      title: counted(items.length - MOST_OPEN / 2, `more ${one}`, `more ${many}`),
      one,
      many,
      open: false,
      items: sections.slice(MOST_OPEN / 2),
    });
  };
  add(
    "Intended, and not brought about",
    unmet,
    "part of what is intended",
    "parts of what is intended",
    notDone,
  );
  add(
    "Changed, and not intended",
    collateral,
    "group that is not intended",
    "groups that are not intended",
    notAsked,
  );
  return folded;
}

/** Names are as long as a dump likes; a title is not. */
function short(text: string): string {
  return text.length > MOST_NAME ? `${text.slice(0, MOST_NAME)}…` : text;
}

/** Whoever posts the comment finds it again by this line, and updates it instead of adding another. */
const MARK = "<!-- dfwlint diff -->";
const FOOTER =
  "<sub>Decided exactly, for all packets, by `dfwlint diff`; a packet of each group shows it.</sub>";

function heading(result: DiffResult): string[] {
  const { equivalent, sameTreatment, filters, summary, unpaired, intent } = result;
  const undecided = summary.uncertain + summary.undecided + unpaired.length;
  const lines = [MARK, `### dfwlint: ${title()}`, ""];
  if (intent !== undefined) lines.push(`- **intent**: ${intentLine(intent)}`);
  const say = (kind: ChangeKindResult, none: string): void => {
    const count = summary[kind];
    lines.push(
      count === 0
        ? `- ${none}`
        : `- **${KIND_TITLES[kind].replace(/^is /, "")}**: ${counted(count, "group")} of packets`,
    );
  };
  const proved = undecided === 0 ? "proved" : "as far as it could be decided";
  say("newly-accepted", `**becomes possible**: nothing (${proved})`);
  say("newly-denied", `**breaks**: nothing (${proved})`);
  if (summary.verdict > 0) say("verdict", "");
  say("treatment", `log, tag and ALG: unchanged where the verdict is (${proved})`);
  if (summary.uncertain > 0) lines.push(`- **uncertain**: ${counted(summary.uncertain, "group")} of packets`);
  if (summary.undecided > 0)
    lines.push(`- **not decided**: the packets of ${counted(summary.undecided, "edited rule")}`);
  for (const { side, filter } of unpairedTexts(result).slice(0, MOST_UNPAIRED))
    lines.push(`- ${side}: ${codeOrWords(short(filter))}, not compared`);
  if (unpaired.length > MOST_UNPAIRED)
    lines.push(`- and ${counted(unpaired.length - MOST_UNPAIRED, "more filter")} on one side only`);
  const edits = filters.reduce((sum, filter) => sum + filter.edits.length, 0);
  const idle = filters.reduce(
    (sum, filter) => sum + filter.edits.filter(({ effects }) => effects.length === 0).length,
    0,
  );
  const sets = filters.reduce((sum, filter) => sum + filter.addrsets.length, 0);
  lines.push(
    `- ${counted(edits, "edited rule")}${idle > 0 ? ` (${idle} without any effect)` : ""}${sets > 0 ? `, ${counted(sets, "edited address set")}` : ""}`,
  );
  return lines;

  function title(): string {
    if (sameTreatment) return "proved equivalent, nothing changes for any packet";
    if (equivalent) return "proved: no packet's verdict changes";
    const parts = KIND_ORDER.filter((kind) => summary[kind] > 0 && kind !== "attribution").map(
      (kind) =>
        `${counted(summary[kind], "group")} ${(summary[kind] === 1 ? KIND_TITLES : KIND_PLURALS)[kind]}`,
    );
    if (undecided > 0) parts.push("not everything could be decided");
    return parts.join(", ");
  }
}

function section(
  title: string,
  kind: ChangeKindResult,
  changes: readonly ChangeResult[],
  filter: DiffFilterResult,
): Section {
  return {
    title,
    one: `group that ${KIND_TITLES[kind]}`,
    many: `groups that ${KIND_PLURALS[kind]}`,
    open: false,
    items: changes.map((change) => () => item(change, filter)),
  };
}

function item(change: ChangeResult, filter: DiffFilterResult): string {
  const { before, after, witness } = change;
  const { texts, more } = changeRegion(change, MOST_BOXES);
  return [
    `- ${code(sideText(before))} → ${code(sideText(after))}`,
    ...texts.map((text) => `  - ${text.startsWith("but not ") ? text : code(text)}`),
    ...(more > 0 ? [`  - and ${counted(more, "more region")}`] : []),
    `  - ${[sizeText(change), `such as ${code(flowText(witness))}`].filter((text) => text !== "").join(", ")}; because ${codeOrWords(causesText(change, filter))}`,
  ].join("\n");
}

function uncertainItem(change: UncertainChangeResult, filter: DiffFilterResult): string {
  return item({ ...change, kind: "verdict" }, filter);
}
