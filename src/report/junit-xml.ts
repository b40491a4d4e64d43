import { safe } from "./safe.ts";

/** JUnit XML, whatever the tests are. */

export interface Case {
  readonly outcome: "passed" | "failed" | "skipped";
  readonly xml: string;
}

export interface Suite {
  readonly name: string;
  readonly cases: Case[];
}

export function junitDocument(suites: readonly Suite[]): string {
  const all = suites.flatMap(({ cases }) => cases);
  const lines = [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    element("testsuites", { name: "dfwlint", ...counts(all) }),
    ...suites.flatMap(({ name, cases }) => [
      `  ${element("testsuite", { name, ...counts(cases) })}`,
      ...cases.map(({ xml }) => xml),
      "  </testsuite>",
    ]),
    "</testsuites>",
  ];
  return `${lines.join("\n")}\n`;
}

function counts(cases: readonly Case[]): Record<string, number> {
  const count = (outcome: Case["outcome"]): number =>
    cases.reduce((sum, made) => sum + Number(made.outcome === outcome), 0);
  return {
    tests: cases.length,
    failures: count("failed"),
    errors: 0,
    skipped: count("skipped"),
    time: 0,
  };
}

export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  end = "",
): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${text(safe(`${value}`))}"`);
  return `<${name}${given.join("")}${end}>`;
}

/** Text that is safe for a terminal holds no character that XML 1.0 forbids but these two. */
export function text(value: string): string {
  return value
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
    .replaceAll("\ufffe", String.raw`\ufffe`)
    .replaceAll("\uffff", String.raw`\uffff`);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};
