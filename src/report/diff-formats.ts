import type { DiffResult } from "../engine/results.ts";
import type { ReportContext } from "./context.ts";

/** What a change does, as text. */
export type DiffFormat = (result: DiffResult, context: ReportContext) => string;

/** What `diff --format` takes; only the format that is asked for is loaded. A new one is a file and a line here. */
export const DIFF_FORMATS = {
  pretty: async () => (await import("./pretty/diff.ts")).prettyDiff,
  compact: async () => (await import("./compact-diff.ts")).compactDiff,
  json: async () => {
    const { safeJson } = await import("./safe.ts");
    return (result: DiffResult) => `${safeJson(result, 2)}\n`;
  },
  markdown: async () => (await import("./markdown-diff.ts")).markdownDiff,
  github: async () => (await import("./github-diff.ts")).githubDiff,
} satisfies Readonly<Record<string, () => Promise<DiffFormat>>>;

export type DiffFormatName = keyof typeof DIFF_FORMATS;

export const DIFF_FORMAT_NAMES = Object.keys(DIFF_FORMATS) as readonly DiffFormatName[];
