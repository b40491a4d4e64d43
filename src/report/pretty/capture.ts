import type { CaptureResult } from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import { safe } from "../safe.ts";
import { captureLineText, captureText } from "../words.ts";

/** Each line stands alone, so that it can be taken as it is. */
export function prettyCapture(capture: CaptureResult, { chalk }: Pick<ReportContext, "chalk">): string {
  const { lines, widened, warnings } = capture;
  const rows = [chalk.bold(safe(`capture ${captureText(capture)}`))];
  for (const line of lines) rows.push(`${captureLineText(line)}:`, safe(line.command));
  for (const text of widened) rows.push(`${chalk.yellow("more is captured")}: ${safe(text)}`);
  for (const text of warnings) rows.push(`${chalk.yellow("note")}: ${safe(text)}`);
  return `${rows.join("\n")}\n`;
}
