import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";
import { CHECKS } from "../../src/checks/index.ts";
import { checkPages, type CheckPage } from "../../src/engine/explain.ts";
import { findingsWith } from "../checks/support.ts";
import { run } from "../support/run.ts";

const FOLDER = fileURLToPath(new URL("../../docs/checks/", import.meta.url));

interface Finding {
  readonly check: string;
  readonly severity: string;
  readonly message: string;
}

async function findingsIn(id: string, text: string): Promise<readonly Finding[]> {
  const settings = CHECKS.find((check) => check.id === id)?.exampleSettings;
  if (settings !== undefined) return findingsWith(settings, text);
  const { stdout } = await run(["--format", "json", "-"], FOLDER, text);
  return (JSON.parse(stdout) as { findings: Finding[] }).findings;
}

/** The page of a check, from the check's own file and from what dfwlint says of its example. */
async function pageOf({ id, severity, summary, why, help, example }: CheckPage): Promise<string> {
  const findings = await findingsIn(id, `${example}\n`);
  const messages = findings
    .filter(({ check }) => check === id)
    .map((finding) => `- **${finding.severity}**: ${finding.message.replaceAll("`", "\\`")}`);
  expect({ id, messages }).not.toEqual({ id, messages: [] });
  return `# ${id}

Severity: ${severity}

${summary}

## Why it matters

${why}

## What to do

${help}

## Example

\`\`\`
${example}
\`\`\`

dfwlint says of it:

${messages.join("\n")}
`;
}

async function pages(): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for (const page of checkPages()) all.set(`${page.id}.md`, await pageOf(page));
  const rows = checkPages().map(
    ({ id, severity, summary }) => `- [${id}](${id}.md) (${severity}): ${summary}`,
  );
  all.set(
    "README.md",
    `# Checks\n\nThe gravest first. \`dfwlint explain CHECK\` prints a page in the terminal.\n\n${rows.join("\n")}\n`,
  );
  return all;
}

it("has a page a check, as the check's own file says it", async () => {
  const expected = await pages();
  if (process.env["UPDATE_GOLDEN"] === "1") {
    for (const [name, text] of expected) writeFileSync(join(FOLDER, name), text);
  }
  const actual = new Map(readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), "utf8")]));
  expect(actual).toEqual(expected);
});
