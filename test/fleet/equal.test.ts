import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { ROOT } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { lintApart, lintAtOnce, openApart } from "./support.ts";

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
});

describe("filters of two hosts that are called the same", () => {
  const folder = join(FIXTURES, "paths/mill");
  const names = ["esx-01.log", "esx-02.log"];
  const texts = names.map((file) => ({ file, text: readFileSync(join(folder, file), "utf8") }));

  it("are read apart, each as its own", async () => {
    const { result, apart, parts } = await lintApart(folder, names);
    expect(result).toEqual(lintAtOnce(texts));
    expect(result.filters.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "nic-8101-eth0-vmware-sfw.2@mill-esx-01",
        "nic-8101-eth0-vmware-sfw.2@mill-esx-02",
      ]),
    );
    expect(apart).toBe(parts);
  });

  it("are not told apart where one of them prints nothing", async () => {
    const cwd = temporaryFolder({
      "a.log": texts[0]!.text,
      "b.log": "[root@other:~] vsipioctl getrules -f nic-8101-eth0-vmware-sfw.2\n[root@other:~] \n",
    });
    const named = ["a.log", "b.log"].map((file) => ({ file, text: readFileSync(join(cwd, file), "utf8") }));
    const { result } = await lintApart(cwd, ["a.log", "b.log"]);
    expect(result).toEqual(lintAtOnce(named));
    expect(result.filters.map(({ name }) => name)).toContain("nic-8101-eth0-vmware-sfw.2");
  });
});

it("a filter of very many rules is read apart, too", async () => {
  const rule = "rule 1 at 1 in protocol tcp from ip 10.1.1.1 to any port 1 drop;\n";
  const log = `[root@a:~] vsipioctl getrules -f nic-1-eth0-vmware-sfw.2\nruleset r {\n${rule.repeat(150_000)}}\n[root@a:~] \n`;
  const cwd = temporaryFolder({ "a.log": log });
  const { open, parts } = await openApart(cwd, ["a.log"], {}, () => ({ kind: "facts" }));
  expect(open.session.input.model.filters.map(({ rules }) => rules.length)).toEqual([150_000]);
  expect(parts).toBe(1);
});
