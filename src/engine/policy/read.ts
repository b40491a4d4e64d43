import type { ConfigurationProblem, Path } from "../configuration/configuration.ts";
import { YamlText } from "../configuration/document.ts";
import { inOrder, problemsOf, shortened, type FormWords } from "../configuration/issues.ts";
import { isRecord, type Report } from "../configuration/names.ts";
import type { Input } from "../input.ts";
import { EntryReader, reportTo, type OuterNames } from "./entries.ts";
import { ASSERTION_KEYS, EXCEPT_KEYS, POLICY_KEYS } from "./keys.ts";
import type { Assertion, Expectation, Policy } from "./policy.ts";
import { policySchema } from "./schema.ts";

export type ReadPolicy =
  | { readonly policy: Policy; readonly problems: null }
  | { readonly policy: null; readonly problems: readonly ConfigurationProblem[] };

export type PolicyNames = OuterNames;

/** Reads a policy about an input. All its mistakes are found at once, in the order of the text. */
export function readPolicy(
  file: string,
  text: string,
  input: Input,
  names: PolicyNames = { networks: new Map(), services: new Map() },
): ReadPolicy {
  const yaml = new YamlText(file, text);
  if (yaml.problems.length > 0) return { policy: null, problems: inOrder(yaml.problems) };
  const problems: ConfigurationProblem[] = [];
  const report = reportTo(problems, yaml);
  if (yaml.value === null || yaml.value === undefined) {
    const location = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
    const problem = { message: "the file is empty", expected: "assertions", location };
    return { policy: null, problems: [problem] };
  }
  const parsed = policySchema.safeParse(yaml.value);
  for (const issue of parsed.error?.issues ?? [])
    problems.push(...problemsOf(issue, [], yaml.value, yaml, WORDS));
  // Names and addresses are read even where something else is wrong, so that nobody has to mend a file twice.
  const given = isRecord(yaml.value) ? yaml.value : {};
  const reader = new EntryReader(given, [input], names, report, yaml, "assertions");
  const list = Array.isArray(given["assertions"]) ? (given["assertions"] as unknown[]) : [];
  const assertions = list.map((item, index) => assertionOf(item, index, reader, report));
  if (problems.length > 0) return { policy: null, problems: inOrder(problems) };
  return {
    policy: { file, text, assertions: assertions.filter((assertion) => assertion !== null) },
    problems: null,
  };
}

/** Null where the form is wrong, which the schema has reported. */
function assertionOf(item: unknown, index: number, reader: EntryReader, report: Report): Assertion | null {
  if (!isRecord(item)) return null;
  const path = (key: string): Path => ["assertions", index, key];
  const { name, expect, by, only, allowEmpty } = item;
  const entry = reader.read(item, ["assertions", index]);
  if (expect === undefined && by === undefined && only !== true) {
    report.problem(
      path("name"),
      `${placeName(index, name)} does not say what has to hold`,
      "expect, by or only: true",
    );
  }
  if (only === true && typeof expect === "string" && expect !== "accept") {
    report.problem(
      path("expect"),
      `only: true is about what is accepted, and "${shortened(expect)}" is not`,
      "accept, or no expect beside only",
    );
  }
  return {
    ...entry,
    expect: (expect as Expectation | undefined) ?? null,
    by: (by as number | undefined) ?? null,
    only: only === true,
    allowEmpty: allowEmpty === true,
  };
}

function placeName(index: number, name: unknown): string {
  return `assertion ${index + 1}${typeof name === "string" ? ` (${shortened(name)})` : ""}`;
}

/** How a policy is spoken of. */
const WORDS: FormWords = {
  whole: "a policy",
  keysAt: (path) => {
    if (path.length === 0) return Object.keys(POLICY_KEYS);
    if (path[0] !== "assertions") return [];
    return Object.keys(path.length === 2 ? ASSERTION_KEYS : EXCEPT_KEYS);
  },
  nameOf: ([top, second, ...rest]) => {
    if (second === undefined) return top === undefined ? "" : String(top);
    const inner = rest.map((key) => (typeof key === "number" ? ` ${key + 1}` : `.${key}`)).join("");
    if (top === "assertions" && typeof second === "number") return `assertion ${second + 1}${inner}`;
    return `${top}.${shortened(String(second))}${inner}`;
  },
  unknownKey: () => null,
  better: () => null,
};
