import type { ConfigurationProblem } from "../configuration/configuration.ts";
import { YamlText } from "../configuration/document.ts";
import { inOrder, problemsOf, shortened, type FormWords } from "../configuration/issues.ts";
import { isRecord } from "../configuration/names.ts";
import type { Input } from "../input.ts";
import { EntryReader, reportTo, type OuterNames } from "../policy/entries.ts";
import { EXCEPT_KEYS } from "../policy/keys.ts";
import type { Expectation } from "../policy/policy.ts";
import type { Intent, IntendedChange } from "./intent.ts";
import { CHANGE_KEYS, INTENT_KEYS } from "./keys.ts";
import { intentSchema } from "./schema.ts";

export type ReadIntent =
  | { readonly intent: Intent; readonly problems: null }
  | { readonly intent: null; readonly problems: readonly ConfigurationProblem[] };

/** Reads what a change is for. All mistakes are found at once, in the order of the text. */
export function readIntent(
  file: string,
  text: string,
  policies: readonly Input[],
  names: OuterNames = { networks: new Map(), services: new Map() },
): ReadIntent {
  const yaml = new YamlText(file, text);
  if (yaml.problems.length > 0) return { intent: null, problems: inOrder(yaml.problems) };
  if (yaml.value === null || yaml.value === undefined) {
    const location = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
    return { intent: null, problems: [{ message: "the file is empty", expected: "changes", location }] };
  }
  const problems: ConfigurationProblem[] = [];
  const report = reportTo(problems, yaml);
  const parsed = intentSchema.safeParse(yaml.value);
  for (const issue of parsed.error?.issues ?? [])
    for (const problem of problemsOf(issue, [], yaml.value, yaml, WORDS)) problems.push(problem);
  // Names and addresses are read even where something else is wrong, so that nobody has to mend a file twice.
  const given = isRecord(yaml.value) ? yaml.value : {};
  const reader = new EntryReader(given, policies, names, report, yaml, "intended changes");
  const list = Array.isArray(given["changes"]) ? (given["changes"] as unknown[]) : [];
  const changes = list.map((item, index): IntendedChange | null =>
    isRecord(item)
      ? { ...reader.read(item, ["changes", index]), expect: item["expect"] as Expectation }
      : null,
  );
  if (problems.length > 0) return { intent: null, problems: inOrder(problems) };
  return { intent: { file, text, changes: changes.filter((change) => change !== null) }, problems: null };
}

/** How an intent file is spoken of. */
const WORDS: FormWords = {
  whole: "an intent",
  keysAt: (path) => {
    if (path.length === 0) return Object.keys(INTENT_KEYS);
    if (path[0] !== "changes") return [];
    return Object.keys(path.length === 2 ? CHANGE_KEYS : EXCEPT_KEYS);
  },
  nameOf: ([top, second, ...rest]) => {
    if (second === undefined) return top === undefined ? "" : String(top);
    const inner = rest.map((key) => (typeof key === "number" ? ` ${key + 1}` : `.${key}`)).join("");
    if (top === "changes" && typeof second === "number") return `change ${second + 1}${inner}`;
    return `${top}.${shortened(String(second))}${inner}`;
  },
  unknownKey: () => null,
  better: () => null,
};
