import type { HostResult } from "../engine/host.ts";
import { hostSummary, hostTables, hostTitle } from "./host-tables.ts";
import { Page } from "./markdown-page.ts";
import { code, codeOrWords } from "./markdown-text.ts";
import { clip } from "./safe.ts";

const MOST_CELL = 200;

/** For a page or a comment: each host's tables, folded but for the first two. */
export function markdownHosts({ hosts }: HostResult, { quiet }: { readonly quiet: boolean }): string {
  const page = new Page("`dfwlint host --format json` has all of it");
  for (const host of hosts) {
    page.add(`### ${codeOrWords(hostTitle(host))}`);
    if (!quiet) page.add(`${hostSummary(host)}.`);
    for (const [index, { title, head, rows }] of hostTables(host).entries()) {
      page.addSection({
        title: `${codeOrWords(title)}: ${rows.length}`,
        one: "table",
        many: "tables",
        open: index < 2,
        items: [() => markdownTable(head, rows)],
      });
    }
  }
  return page.text();
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map((row) => line(row.map(cellText)))].join("\n");
}

/** A bar would end the cell, even in code: it is written as JSON writes it. */
function cellText(text: string): string {
  if (text === "" || text === "-") return text;
  return code(clip(text, 0, MOST_CELL).replaceAll("|", String.raw`\u007c`));
}
