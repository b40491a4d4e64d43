import type { LintOptions } from "../lint.ts";
import type { Configuration } from "./configuration.ts";

/** What a configuration says to the checks, on a day, as YYYY-MM-DD: suppressions may end. */
export function lintOptions(
  { settings, severities, suppressions }: Configuration,
  today: string,
): Pick<LintOptions, "settings" | "severities" | "suppressions"> {
  return { settings, severities, suppressions: { list: suppressions, today } };
}
