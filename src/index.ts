/**
 * dfwlint as a library. It reads text, never files, and runs in a browser too.
 *
 *     const input = readInput([{ file: "rules.txt", text }]);
 *     for (const finding of lint(input).findings) console.log(finding.message);
 */

export { readInput, inputFaults, type Input, type InputFault, type SourceText } from "./engine/input.ts";
export { lint, type LintOptions } from "./engine/lint.ts";
export { printBaseline, readBaseline, toBaseline, BaselineError, type Baseline } from "./engine/baseline.ts";
export type { Suppression, Suppressions } from "./engine/suppressions.ts";
export { DEFAULT_SETTINGS, type Settings } from "./checks/settings.ts";
export { describeRules } from "./engine/rules.ts";
export { query, FlowAnswerer, meetsExpectation } from "./engine/query.ts";
export { readPolicy, type PolicyNames, type ReadPolicy } from "./engine/policy/read.ts";
export { testPolicy } from "./engine/policy/test.ts";
export type * from "./engine/policy/policy.ts";
export type * from "./engine/policy/results.ts";
export { checkPages, type CheckPage } from "./engine/explain.ts";
export type * from "./engine/results.ts";
export { FlowError, type FlowFields } from "./model/flow.ts";
export { parseDump, type Dump, type Problem } from "./syntax/parse.ts";
export { printItems, printRule } from "./syntax/print.ts";
export type * from "./syntax/nodes.ts";
