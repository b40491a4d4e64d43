import fc from "fast-check";
import { checkLabel, checkPages } from "../../src/engine/explain.ts";
import { readInput } from "../../src/engine/input.ts";
import type { FindingResult, LintResult, RuleReferenceResult } from "../../src/engine/results.ts";
import type { LintContext } from "../../src/report/context.ts";
import { Chalk } from "chalk";

/** Names that each format would take for something of its own. All of them may stand in a dump. */
export const HOSTILE_NAMES: readonly string[] = [
  "]]><x",
  "|a|b|",
  String.raw`a\|b`,
  "<img/src=x/onerror=alert(1)>",
  "</details>",
  "</failure></testcase>",
  "<!--",
  "&lt;&#64;team&#x26;",
  "@everyone",
  "@org/team",
  "#1",
  "org/repo#2",
  "GH-3",
  "deadbeef",
  ":skull:",
  "**bold**",
  "__bold__",
  "~~gone~~",
  "`code`",
  "``two``",
  "`",
  "$\\frac12$",
  "[a](http://evil.example)",
  "![a](http://evil.example)",
  "[a]:",
  "http://evil.example",
  "www.evil.example",
  "me@evil.example",
  "::error::x",
  "::set-output",
  "##[error]x",
  "a%0A::error::x",
  "%25",
  "a,line=1",
  "{0}",
  "a\u001b[2Jb",
  "a\u009b31mb",
  "a\u202eb\u2066c",
  "a\u200bb",
  "a\u0085b\u2028c",
  "a\ufffeb\uffffc",
  "組織",
  "\u{1f512}",
];

/** A dump in which a rule each names them: sets that are not defined. */
export const HOSTILE_DUMP = `ruleset main {
${HOSTILE_NAMES.map((name, index) => `  rule ${index + 1} at ${index + 1} inout protocol tcp from addrset ${name} to any port ${index + 1} drop tag '${name}';\n`).join("")}  rule 900 at ${HOSTILE_NAMES.length + 1} inout protocol any from any to any drop;
}
addrset <b>@unused</b> {
ip 10.0.0.1,
}
`;

/** Any text at all, mostly of characters that mean something to some format. */
export const wildText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...HOSTILE_NAMES),
      fc.constantFrom(...Array.from("`<>&|*_[](){}#@!~:%,\"'\\-+.=$\r\n\t \u0000\u001b\u202e\ud800\udc00")),
      fc.string({ unit: "binary", maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

const rule: RuleReferenceResult = {
  filter: null,
  ruleset: "main",
  category: null,
  id: 1,
  position: 1,
  file: "rules.txt",
  line: 2,
};

/** A finding all of whose texts are these. */
export function findingWith(text: string, given: Partial<FindingResult> = {}): FindingResult {
  const location = { file: "rules.txt", line: 2, column: 3, endLine: 2, endColumn: 40 };
  return {
    check: "shadowed-rule",
    severity: "error",
    message: text,
    why: text,
    help: text,
    certain: false,
    location,
    rule,
    addrset: text,
    related: [{ label: text, location }],
    witness: null,
    data: { text },
    fingerprint: "0123456789abcdef",
    ...given,
  };
}

export function resultWith(
  findings: readonly FindingResult[],
  more: Partial<Pick<LintResult, "suppressed" | "baseline" | "filters">> = {},
): LintResult {
  const count = (severity: string): number => findings.filter((each) => each.severity === severity).length;
  return {
    version: 1,
    tool: { name: "dfwlint", version: "0.1.0" },
    filters: [{ name: null, rules: 1, addrsets: 0 }],
    findings,
    suppressed: [],
    baseline: null,
    summary: {
      error: count("error"),
      warning: count("warning"),
      info: count("info"),
      suppressed: more.suppressed?.length ?? 0,
    },
    ...more,
  };
}

export function contextWith(given: Partial<LintContext> = {}): LintContext {
  return {
    chalk: new Chalk({ level: 0 }),
    quiet: false,
    line: () => "",
    filterOf: ({ rule }) => rule?.filter,
    input: readInput([{ file: "rules.txt", text: "" }]),
    checks: checkPages(),
    checkLabel,
    separator: "/",
    ...given,
  };
}
