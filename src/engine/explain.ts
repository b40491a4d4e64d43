import { DOCUMENTED } from "../checks/index.ts";
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
  /** The dfwlint.yaml beside it, where the check is about that. */
  readonly configuration: string | null;
  /** Numbers that the configuration may change. */
  readonly parameters: readonly ParameterPage[];
}

export interface ParameterPage {
  readonly name: string;
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly describe: string;
}

export function checkPages(): readonly CheckPage[] {
  return DOCUMENTED.map(
    ({ id, severity, summary, why, help, example, exampleConfiguration, parameters = {} }) => ({
      id,
      severity,
      summary,
      why,
      help,
      example,
      configuration: exampleConfiguration ?? null,
      parameters: Object.entries(parameters).map(([name, parameter]) => ({ name, ...parameter })),
    }),
  );
}

/** What stands under the place of a finding in a code frame. */
export function checkLabel(id: string): string {
  return DOCUMENTED.find((check) => check.id === id)?.label ?? "";
}
