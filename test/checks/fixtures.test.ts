import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { CHECKS } from "../../src/checks/index.ts";
import { run } from "../support/run.ts";
import { findingsOf, findingsWith, printedWith } from "./support.ts";

/**
 * One folder a check, as a user would meet it: NAME.txt is a dump, NAME.expected.txt every finding in it, one line
 * each, and NAME.pretty.txt the whole output for people. clean.txt holds what only looks like the problem. A check that
 * finds nothing without settings is tried with those of its example.
 * UPDATE_GOLDEN=1 writes what comes out now; read the difference before it is committed.
 */

const ROOT = fileURLToPath(new URL("../../rules-fixtures/checks/", import.meta.url));
const UPDATE = process.env["UPDATE_GOLDEN"] === "1";

const folders = readdirSync(ROOT).toSorted();

it("every check has a folder of fixtures, and every folder a check", () => {
  expect(folders).toEqual(CHECKS.map(({ id }) => id).toSorted());
});

describe.each(folders)("fixtures of %s", (id) => {
  const files = readdirSync(`${ROOT}${id}`);
  const dumps = files.filter((file) => /^[^.]+\.txt$/.test(file)).toSorted();

  it("are two dumps or more in which it is found, one without it, and a complete output", () => {
    expect(dumps).toContain("clean.txt");
    expect(dumps.length).toBeGreaterThanOrEqual(3);
    expect(files.some((file) => file.endsWith(".pretty.txt"))).toBe(true);
  });

  it.each(dumps)("%s", async (file) => {
    const name = `${ROOT}${id}/${file.replace(/\.txt$/, "")}`;
    const stdout = await printed(id, "compact", file);
    expect(stdout.includes(`[${id}]`)).toBe(file !== "clean.txt");
    compare(`${name}.expected.txt`, stdout);
    if (!existsSync(`${name}.pretty.txt`)) return;
    compare(`${name}.pretty.txt`, await printed(id, "pretty", file));
  });
});

describe("the example in a check's documentation", () => {
  it.each(CHECKS.map((check) => [check.id, check] as const))("%s is found in it", (id, check) => {
    const { example, exampleSettings } = check;
    const findings =
      exampleSettings === undefined ? findingsOf(example) : findingsWith(exampleSettings, example);
    expect(findings.map((finding) => finding.check)).toContain(id);
    // And not without the settings, or they would be of no use.
    if (exampleSettings !== undefined)
      expect(findingsOf(example).map((finding) => finding.check)).not.toContain(id);
  });
});

async function printed(id: string, format: "compact" | "pretty", file: string): Promise<string> {
  const settings = CHECKS.find((check) => check.id === id)?.exampleSettings;
  if (settings !== undefined)
    return printedWith(settings, format, file, readFileSync(`${ROOT}${id}/${file}`, "utf8"));
  return (await run(["lint", "--format", format, file], `${ROOT}${id}`)).stdout;
}

function compare(path: string, actual: string): void {
  if (UPDATE) writeFileSync(path, actual);
  expect(actual).toBe(readFileSync(path, "utf8"));
}
