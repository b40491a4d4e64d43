import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { run } from "../support/run.ts";
import { temporaryFolder } from "./folders.ts";
import { OFFICE } from "./inputs.ts";

it("init writes a configuration that changes nothing, and never over another unless forced", async () => {
  const cwd = temporaryFolder({ "rules.txt": OFFICE });
  const before = await run(["lint"], cwd);
  expect(await run(["init"], cwd)).toEqual({ stdout: "dfwlint.yaml written\n", stderr: "", code: 0 });
  expect(await run(["lint"], cwd)).toEqual(before);
  const file = join(cwd, "dfwlint.yaml");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, "# mine\n");
  expect(await run(["init"], cwd)).toEqual({
    stdout: "",
    stderr: "dfwlint: dfwlint.yaml is there already: --force writes over it\n",
    code: 2,
  });
  expect(readFileSync(file, "utf8")).toBe("# mine\n");
  expect(await run(["init", "--force", "--quiet"], cwd)).toEqual({ stdout: "", stderr: "", code: 0 });
  expect(readFileSync(file, "utf8")).toBe(text);
});

it("init names the schema for editors only where it is", async () => {
  const cwd = temporaryFolder({});
  await run(["init"], cwd);
  expect(readFileSync(join(cwd, "dfwlint.yaml"), "utf8")).not.toContain("$schema");
  mkdirSync(join(cwd, "node_modules/dfwlint/schema"), { recursive: true });
  writeFileSync(join(cwd, "node_modules/dfwlint/schema/dfwlint.schema.json"), "{}");
  await run(["init", "--force"], cwd);
  expect(readFileSync(join(cwd, "dfwlint.yaml"), "utf8")).toMatch(
    /^# yaml-language-server: \$schema=\.\/node_modules\/dfwlint\/schema\/dfwlint\.schema\.json\n/,
  );
  expect((await run(["config"], cwd)).code).toBe(0);
});

it("init says why it cannot write", async () => {
  const cwd = temporaryFolder({});
  mkdirSync(join(cwd, "dfwlint.yaml"));
  const { stderr, code } = await run(["init", "--force"], cwd);
  expect({ stderr, code }).toEqual({
    stderr: "dfwlint: dfwlint.yaml: cannot be written: is a directory\n",
    code: 2,
  });
});
