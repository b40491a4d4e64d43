import type { core } from "zod";
import { closest } from "../../model/flow.ts";
import type { ConfigurationProblem, Path } from "./configuration.ts";
import type { YamlText } from "./document.ts";

/** What a schema says of a file, in words: what stands there, and what should. */

/** How a kind of file is spoken of. */
export interface FormWords {
  /** The whole of it: `a configuration`. */
  readonly whole: string;
  /** The keys that may stand at a place, for the closest one. */
  keysAt(path: Path): readonly string[];
  /** How people find a place again: `suppression 2`; empty for the top. */
  nameOf(path: Path): string;
  /** What keys at a place are, where they are no mere keys. */
  unknownKey(
    path: Path,
  ): { readonly what: string; readonly within: string; readonly expected: string } | null;
  /** What is known better than that a value is no value for its place. */
  better(
    path: Path,
    value: unknown,
    expected: string,
  ): Pick<ConfigurationProblem, "message" | "expected"> | null;
}

export type Issue = core.$ZodIssue;

export function problemsOf(
  issue: Issue,
  before: Path,
  root: unknown,
  yaml: YamlText,
  words: FormWords,
): ConfigurationProblem[] {
  const path: Path = [...before, ...(issue.path as (string | number)[])];
  const value = valueAt(root, path);
  switch (issue.code) {
    case "unrecognized_keys": {
      const names = words.keysAt(path);
      const place = words.nameOf(path);
      const { what, within, expected } = words.unknownKey(path) ?? {
        what: "key",
        within: place === "" ? "" : ` in ${place}`,
        expected: oneOf(names),
      };
      return issue.keys.map((key) => ({
        message: `there is no ${what} "${shortened(key)}"${within}${closest(key, names)}`,
        expected,
        location: yaml.keyPlace([...path, key]),
      }));
    }
    case "invalid_key":
      return [
        {
          message: `"${shortened(String(path.at(-1)))}" cannot be a name`,
          expected: issue.issues[0]?.message ?? "another name",
          location: yaml.keyPlace(path),
        },
      ];
    case "invalid_union": {
      // The branch whose form the value has says more than both together.
      const fitting = issue.errors.find((errors) => errors.every((error) => !isAboutForm(error, value)));
      if (fitting !== undefined)
        return fitting.flatMap((error) => problemsOf(error, path, root, yaml, words));
      return [wrongValue(path, value, issue.message, yaml, words)];
    }
    default: {
      if (value === undefined && path.length > 0) {
        return [
          {
            message: `${words.nameOf(path.slice(0, -1)) || words.whole} has no ${path.at(-1)}`,
            expected: issue.message,
            location: yaml.keyPlace(path.slice(0, -1)),
          },
        ];
      }
      const better = words.better(path, value, issue.message);
      if (better !== null) return [{ ...better, location: yaml.valuePlace(path) }];
      const names = issue.code === "invalid_value" ? issue.values.map(String) : [];
      return [wrongValue(path, value, issue.message, yaml, words, names)];
    }
  }
}

/** True if the value is of another kind altogether: a list where text is expected. */
function isAboutForm({ code, path }: Issue, value: unknown): boolean {
  if (path.length > 0) return false;
  return code === "invalid_type" || (code === "invalid_value" && typeof value !== "string");
}

function wrongValue(
  path: Path,
  value: unknown,
  expected: string,
  yaml: YamlText,
  words: FormWords,
  names: readonly string[] = [],
): ConfigurationProblem {
  const near = typeof value === "string" ? closest(value, names) : "";
  return {
    message: `${shown(value)} is no value for ${words.nameOf(path) || words.whole}${near}`,
    expected,
    location: yaml.valuePlace(path),
  };
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

function shown(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return typeof value === "string" ? `"${shortened(value)}"` : `${value as number | boolean}`;
}

export function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function oneOf(names: readonly string[]): string {
  if (names.length === 1) return names[0]!;
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

/** Problems in the order of the text. */
export function inOrder(problems: readonly ConfigurationProblem[]): ConfigurationProblem[] {
  return problems.toSorted(
    (a, b) => a.location.line - b.location.line || a.location.column - b.location.column,
  );
}
