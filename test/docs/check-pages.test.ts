import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";
import { checkPages, type CheckPage } from "../../src/engine/explain.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { run } from "../support/run.ts";

const FOLDER = fileURLToPath(new URL("../../docs/checks/", import.meta.url));

/** The page of a check, from the check's own file and from what dfwlint says of its example. */
async function pageOf(page: CheckPage): Promise<string> {
  const { id, severity, summary, why, help, example, configuration, parameters } = page;
  const rows = parameters.map(
    ({ name, default: standard, minimum, maximum, describe }) =>
      `- \`${name}\` (default ${standard}, from ${minimum} to ${maximum}): ${describe}`,
  );
  const folder = configuration === null ? FOLDER : temporaryFolder({ "dfwlint.yaml": `${configuration}\n` });
  const { stdout } = await run(["--format", "json", "-"], folder, `${example}\n`);
  const { findings } = JSON.parse(stdout) as {
    findings: { check: string; severity: string; message: string }[];
  };
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
${configuration === null ? "" : `\nwith this \`dfwlint.yaml\`:\n\n\`\`\`yaml\n${configuration}\n\`\`\`\n`}
dfwlint says of it:

${messages.join("\n")}
${rows.length === 0 ? "" : `\n## Parameters\n\nUnder \`checks: {${id}: …}\` in [dfwlint.yaml](../configuration.md):\n\n${rows.join("\n")}\n`}`;
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
