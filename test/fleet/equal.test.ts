import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { ROOT } from "../cli/dfwlint.ts";
import { lintApart, lintAtOnce } from "./support.ts";

/** A session whose filters are read apart has the findings that it has when it is read at once. */

const FIXTURES = join(ROOT, "rules-fixtures");

const files = readdirSync(FIXTURES, { recursive: true, withFileTypes: true })
  .filter(
    (entry) =>
      entry.isFile() && /\.(?:log|txt|md)$/.test(entry.name) && !/expected|printed|golden/.test(entry.name),
  )
  .map((entry) => [entry.parentPath.slice(FIXTURES.length + 1), entry.name] as const)
  .toSorted(([folder, name], [other, file]) => `${folder}/${name}`.localeCompare(`${other}/${file}`));

describe("every fixture", () => {
  it.each(files)("%s/%s", async (folder, name) => {
    const text = readFileSync(join(FIXTURES, folder, name), "utf8");
    const { result } = await lintApart(join(FIXTURES, folder), [name]);
    expect(result).toEqual(lintAtOnce([{ file: name, text }]));
  });
});

it("some of the fixtures do hold filters that are read apart", async () => {
  const counts = await Promise.all(
    files.map(async ([folder, name]) => (await lintApart(join(FIXTURES, folder), [name])).apart),
  );
  expect(counts.filter((count) => count > 0).length).toBeGreaterThan(5);
  expect(Math.max(...counts)).toBeGreaterThan(2);
}, 30_000);
