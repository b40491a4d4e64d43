import { LineIndex } from "../syntax/lines.ts";
import type { Input } from "./input.ts";
import type { FindingResult, Location } from "./results.ts";

/** What of the input a format shows beside the findings. */

/** The text of a line of a file, counted from 1; empty if there is no such line. */
export function lineReader(
  input: Pick<Input, "dumps"> | null,
  more: { readonly file: string; readonly text: string } | null,
): (file: string, number: number) => string {
  const lines = new Map(input?.dumps.map((dump) => [dump.file, dump.lines]));
  if (more !== null) lines.set(more.file, new LineIndex(more.text));
  return (file, number) => lines.get(file)?.line(number) ?? "";
}

/** The filter that a finding is about, null for text without a prompt; undefined if it is about no single one. */
export function filterOf(
  input: Input | null,
  { rule, addrset, location }: FindingResult,
): string | null | undefined {
  return rule === null ? filterOfSet(input, addrset, location) : rule.filter;
}

/** The one filter that has the set which stands there; sets that were saved without a prompt may be of several. */
function filterOfSet(
  input: Input | null,
  name: string | null,
  { file, line }: Location,
): string | null | undefined {
  const filters = (input?.filters ?? []).filter(({ filter }) => {
    const source = name === null ? undefined : filter.addressSets.get(name)?.source;
    return source?.dump.file === file && source.dump.lines.position(source.range.start).line === line;
  });
  return filters.length === 1 ? filters[0]!.filter.name : undefined;
}
