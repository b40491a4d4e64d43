import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { faults, published } from "../report/schemas.ts";
import { expectGolden } from "../support/golden.ts";
import { run } from "../support/run.ts";

/**
 * Each folder holds sessions and questions about them, a line each; `[FILE]` asks that file alone. Beside them stands what
 * dfwlint answers. UPDATE_GOLDEN=1 writes it: read the difference.
 */

const ROOT = fileURLToPath(new URL("../../rules-fixtures/paths/", import.meta.url));
const schema = published("path");

interface Question {
  readonly line: string;
  readonly args: readonly string[];
}

function questionsOf(folder: string): Question[] {
  const files = readdirSync(`${ROOT}${folder}`).filter((name) => name.endsWith(".log"));
  return readFileSync(`${ROOT}${folder}/questions.txt`, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [, only, rest = ""] = /^(?:\[(\S+)\] )?(.*)$/.exec(line)!;
      return { line, args: [...(only === undefined ? files : [only]), ...rest.split(" ")] };
    });
}

describe.each(readdirSync(ROOT).toSorted())("ways in %s", (folder) => {
  const cwd = `${ROOT}${folder}`;

  it.each([
    ["path.expected.txt", []],
    ["path.expected.md", ["--format", "markdown"]],
    ["path.compact.expected.txt", ["--format", "compact"]],
  ])("%s", async (golden, format) => {
    let actual = "";
    for (const { line, args } of questionsOf(folder)) {
      if (line.startsWith("#")) {
        actual += `${line}\n`;
        continue;
      }
      const { stdout, stderr, code } = await run(["path", "--no-config", ...args, ...format], cwd);
      actual += `$ dfwlint path ${args.join(" ")}\n${stdout}${stderr}${code === 0 ? "" : `exit code ${code}\n`}\n`;
    }
    expectGolden(`${cwd}/${golden}`, actual);
  });

  it("is JSON as its schema says", async () => {
    for (const { line, args } of questionsOf(folder)) {
      if (line.startsWith("#")) continue;
      const { stdout } = await run(["path", "--no-config", ...args, "--format", "json"], cwd);
      expect({ line, faults: faults(schema, JSON.parse(stdout)) }).toEqual({ line, faults: [] });
    }
  });
});
