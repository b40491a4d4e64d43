import { Columns, type Column, type Row } from "../columns.ts";
import type { Line } from "../session.ts";
import { isBlank } from "./reading.ts";

/** One table: a header, perhaps a ruler under it, and rows. Lines before the header and what is no row are unread. */
export function readTable(
  lines: readonly Line[],
  columns: readonly Column[],
  least = Math.ceil(columns.length / 2),
): { rows: Row[]; unread: Line[] } {
  const rows: Row[] = [];
  const unread: Line[] = [];
  let table: Columns | null = null;
  let empty: Line | null = null;
  for (const line of lines) {
    if (isBlank(line)) continue;
    const header = Columns.of(line, columns, least);
    if (header !== null) {
      if (empty !== null) unread.push(empty);
      empty = header.hasUnknown(columns) ? line : null;
      table = header;
      continue;
    }
    const ruled: Columns | null = table?.ruled(line) ?? null;
    if (ruled !== null) {
      table = ruled;
      continue;
    }
    const row = table?.row(line) ?? null;
    if (row === null) unread.push(line);
    else {
      rows.push(row);
      empty = null;
    }
  }
  // Titles that nobody knows, without a cell under them, are told as they stand.
  if (empty !== null) unread.push(empty);
  return { rows, unread };
}
