import { CHECKS } from "../checks/index.ts";
import type { SeverityResult } from "./results.ts";

/** A check's documentation as data. */
export interface CheckPage {
  readonly id: string;
  readonly severity: SeverityResult;
  readonly summary: string;
  readonly why: string;
  readonly help: string;
  /** A dump on which the check finds something. */
  readonly example: string;
}

export function checkPages(): readonly CheckPage[] {
  return CHECKS.map(({ id, severity, summary, why, help, example }) => ({
    id,
    severity,
    summary,
    why,
    help,
    example,
  }));
}

/** What stands under the place of a finding in a code frame. */
export function checkLabel(id: string): string {
  return CHECKS.find((check) => check.id === id)?.label ?? "";
}
