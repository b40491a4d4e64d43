import type { LintResult } from "../engine/results.ts";
import type { LintContext } from "./context.ts";

/** Findings as text. */
export type LintFormat = (result: LintResult, context: LintContext) => string;

/** What `lint --format` takes; only the format that is asked for is loaded. A new one is a file and a line here. */
export const LINT_FORMATS = {
  pretty: async () => (await import("./pretty/lint.ts")).prettyLint,
  compact: async () => (await import("./compact.ts")).compactLint,
  json: async () => (await import("./json.ts")).jsonLint,
  ndjson: async () => (await import("./ndjson.ts")).ndjsonLint,
  sarif: async () => (await import("./sarif.ts")).sarifLint,
  github: async () => (await import("./github.ts")).githubLint,
  junit: async () => (await import("./junit.ts")).junitLint,
  markdown: async () => (await import("./markdown.ts")).markdownLint,
  html: async () => {
    const [{ htmlLint }, { describeForReport }] = await Promise.all([
      import("./html/page.ts"),
      import("../engine/report.ts"),
    ]);
    return (result: LintResult, context: LintContext) =>
      htmlLint(
        { lint: result, filters: describeForReport(context.input), label: (id) => context.checkLabel(id) },
        context,
      );
  },
} satisfies Readonly<Record<string, () => Promise<LintFormat>>>;

export type LintFormatName = keyof typeof LINT_FORMATS;

export const LINT_FORMAT_NAMES = Object.keys(LINT_FORMATS) as readonly LintFormatName[];
