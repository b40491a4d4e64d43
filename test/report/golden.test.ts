import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { temporaryFolder } from "../cli/folders.ts";
import { OFFICE } from "../cli/inputs.ts";
import { run } from "../support/run.ts";

/** Whole outputs as people read them. `UPDATE_GOLDEN=1 npm test -- test/report` writes them anew: read the difference. */

const cwd = temporaryFolder({ "rules.txt": OFFICE });

describe("golden", () => {
  it.each([
    ["lint", ["lint"]],
    ["rules", ["rules"]],
    ["rules-effect", ["rules", "--effect", "--quiet"]],
    ["query-split", ["query", "--dst", "web", "--protocol", "tcp", "--direction", "in"]],
    ["query-uncertain", ["query", "--src", "admins", "--dst", "web", "--port", "22", "--trace"]],
    ["query-colour", ["query", "--src", "admins", "--dst", "web", "--port", "22,80", "--color"]],
  ])("%s", async (name, args) => {
    const file = new URL(`${name}.golden.txt`, import.meta.url);
    const { stdout, stderr } = await run(args, cwd);
    expect(stderr).toBe("");
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, stdout);
    expect(stdout).toBe(readFileSync(file, "utf8"));
  });
});
