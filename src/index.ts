/**
 * dfwlint as a library. It reads text, never files, and runs in a browser too. `dfwlint/configuration` reads a
 * dfwlint.yaml, and `dfwlint/formats` writes findings as text.
 *
 *     const input = readInput([{ file: "rules.txt", text }]);
 *     for (const finding of lint(input).findings) console.log(finding.message);
 */

export {
  readInput,
  inputFaults,
  type Input,
  type InputFault,
  type InputOptions,
  type SourceText,
} from "./engine/input.ts";
export { lint, type LintOptions } from "./engine/lint.ts";
export { printBaseline, readBaseline, toBaseline, BaselineError, type Baseline } from "./engine/baseline.ts";
export type { Suppression, Suppressions } from "./engine/suppressions.ts";
export { DEFAULT_SETTINGS, type Limits, type SensitiveService, type Settings } from "./checks/settings.ts";
export { describeHosts, type HostFacts, type HostResult, type Place } from "./engine/host.ts";
export { describeRules } from "./engine/rules.ts";
export { diff, type DiffOptions } from "./engine/diff.ts";
export { query, FlowAnswerer, meetsExpectation } from "./engine/query.ts";
export { readPathSessions, type PathSessions } from "./engine/path/sessions.ts";
export { pathOf, meetsPathExpectation } from "./engine/path/path.ts";
export { pathCaptures } from "./engine/path/captures.ts";
export { PathError, type PathFields } from "./engine/path/ends.ts";
export type * from "./engine/path/results.ts";
export { checkPages, type CheckPage, type ParameterPage } from "./engine/explain.ts";
export { tryRule, TryError, type PlaceQuestion, type TryQuestion } from "./engine/try.ts";
export { readPolicy, type PolicyNames, type ReadPolicy } from "./engine/policy/read.ts";
export { testPolicy } from "./engine/policy/test.ts";
export type * from "./engine/policy/policy.ts";
export type * from "./engine/policy/results.ts";
export type * from "./engine/results.ts";
export {
  addressRanges,
  parseAddress,
  AddressError,
  type AddressRanges,
  type AddressSpan,
} from "./model/address.ts";
export { FlowError, type FlowFields } from "./model/flow.ts";
export { parseDump, type Dump, type Problem } from "./syntax/parse.ts";
export { printItems, printRule } from "./syntax/print.ts";
export type * from "./syntax/nodes.ts";
