import type { RuleReferenceResult } from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import { clip, safeLine } from "../safe.ts";
import { WIDTH } from "./frame.ts";

/** The rule's own line; of text that lost its line ends, the part in which the rule stands. */
export function quotedRule(
  { file, line, id, position }: RuleReferenceResult,
  context: Pick<ReportContext, "line">,
): string {
  const text = safeLine(context.line(file, line));
  const head = `rule\\s+${id}\\s+${position === null ? "" : `at\\s+${position}\\s`}`;
  const rule =
    id === null
      ? text
      : text.slice(Math.max(0, text.search(new RegExp(`(?:#\\s*internal\\s*#\\s*)?\\b${head}`))));
  const end = /;(?=\s*(?:rule\s|#|\}))/.exec(rule);
  return clip((end === null ? rule : rule.slice(0, end.index + 1)).trim(), 0, WIDTH);
}
