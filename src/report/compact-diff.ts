import type { DiffResult } from "../engine/results.ts";
import { causesText, changeRegion, ownerIn, sideText, unpairedTexts } from "./diff-words.ts";
import { collateralText, inFilter, unmetText } from "./intent-words.ts";
import { safe } from "./safe.ts";
import { flowText, placeText } from "./words.ts";

/** One line a change, at the rule that decides after it, or before it where none does; and filters without a partner. */
export function compactDiff(result: DiffResult): string {
  const { filters, intent } = result;
  const intended = [
    ...(intent?.unmet ?? []).map((item) => {
      const such = item.witness === null ? "" : `, such as ${flowText(item.witness)}`;
      return `${placeText(item.location)}: not brought about: ${item.name}: ${unmetText(item)}${inFilter(item)}${such}`;
    }),
    ...(intent?.collateral ?? []).map((item) => {
      const rule = item.after.rule ?? item.before.rule;
      const place = rule === null ? "" : `${placeText(rule)}: `;
      return `${place}not intended: ${collateralText(item)}${inFilter(item)}, such as ${flowText(item.witness)}`;
    }),
  ].map((line) => `${safe(line)}\n`);
  const changes = filters
    .flatMap((filter) =>
      [
        ...filter.changes,
        ...filter.uncertain.map((change) => ({ ...change, kind: "uncertain" as const })),
      ].map((change) => {
        const { kind, before, after, except, witness } = change;
        const rule = after.rule ?? before.rule;
        const place = rule === null ? "" : `${placeText(rule)}: `;
        const { texts, more } = changeRegion(change, 1);
        const where =
          more === 0 && except.length === 0
            ? texts[0]
            : more === 0
              ? `${texts.join(" ")}, such as ${flowText(witness)}`
              : `${more + 1} regions, such as ${flowText(witness)}`;
        const cause = causesText({ ...change, kind: "verdict" }, filter);
        const owner = ownerIn(result, filter);
        const of = owner === undefined ? "" : ` (${owner})`;
        return safe(
          `${place}${kind}: ${sideText(before)} -> ${sideText(after)}: ${where}, because ${cause}${of}`,
        );
      }),
    )
    .map((line) => `${line}\n`);
  const unpaired = unpairedTexts(result).map(({ side, filter }) => safe(`${side}: ${filter}, not compared`));
  return [...intended, ...changes, ...unpaired.map((line) => `${line}\n`)].join("");
}
