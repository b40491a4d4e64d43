/**
 * Reading a dfwlint.yaml, apart from the rest of the library because it takes a YAML parser and a schema.
 *
 *     const { configuration } = readConfiguration("dfwlint.yaml", text);
 *     if (configuration !== null) lint(input, lintOptions(configuration, "2030-01-31"));
 */

export { readConfiguration, type ReadConfiguration } from "./engine/configuration/read.ts";
export { lintOptions } from "./engine/configuration/lint-options.ts";
export type {
  Configuration,
  ConfigurationProblem,
  ConfiguredSeverity,
  NamedService,
  Path,
  ServicePart,
} from "./engine/configuration/configuration.ts";
