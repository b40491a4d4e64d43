import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { DOCUMENTED } from "../../src/checks/index.ts";
import { run } from "../support/run.ts";
import { exampleFindings } from "./support.ts";

/**
 * One folder a check, as a user would meet it: NAME.txt is a dump, NAME.expected.txt every finding in it, one line
 * each, and NAME.pretty.txt the whole output for people. clean.txt holds what only looks like the problem.
 * NAME.dfwlint.yaml, if it is there, is the configuration for NAME.txt.
 * UPDATE_GOLDEN=1 writes what comes out now; read the difference before it is committed.
 */

const ROOT = fileURLToPath(new URL("../../rules-fixtures/checks/", import.meta.url));
const UPDATE = process.env["UPDATE_GOLDEN"] === "1";

const folders = readdirSync(ROOT).toSorted();

it("every check has a folder of fixtures, and every folder a check", () => {
  expect(folders).toEqual(DOCUMENTED.map(({ id }) => id).toSorted());
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
    const configuration = existsSync(`${name}.dfwlint.yaml`)
      ? ["--config", file.replace(/txt$/, "dfwlint.yaml")]
      : ["--no-config"];
    const { stdout, stderr } = await run(
      ["lint", "--format", "compact", ...configuration, file],
      `${ROOT}${id}`,
    );
    if (configuration.length > 1) expect(stderr).toBe("");
    expect(stdout.includes(`[${id}]`)).toBe(file !== "clean.txt");
    compare(`${name}.expected.txt`, stdout);
    if (!existsSync(`${name}.pretty.txt`)) return;
    compare(`${name}.pretty.txt`, (await run([...configuration, file], `${ROOT}${id}`)).stdout);
  });
});

describe("the example in a check's documentation", () => {
  it.each(DOCUMENTED.map((check) => [check.id, check] as const))("%s is found in it", (id, check) => {
    expect(exampleFindings(check).map((finding) => finding.check)).toContain(id);
  });
});

function compare(path: string, actual: string): void {
  if (UPDATE) writeFileSync(path, actual);
  expect(actual).toBe(readFileSync(path, "utf8"));
}
