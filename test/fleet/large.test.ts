import { statSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { session } from "../../bench/sessions.ts";
import { query } from "../../src/engine/query.ts";
import { readInput } from "../../src/engine/input.ts";
import { describeHosts } from "../../src/engine/host.ts";
import { describeRules } from "../../src/engine/rules.ts";
import { ROOT, dfwlint } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { lintAtOnce, plain } from "./support.ts";

/** A log of more than 8 MiB is read in threads: the process has to say what comes of reading it at once. */

const SECONDS = 1000;
const text = [
  ...session({ host: "dock-esx-1", vnics: 7, distinct: 4, rules: 200, sets: 60, members: 72_000, seed: 5 }),
].join("");
const file = "host.log";
let cwd = "";

beforeAll(() => {
  cwd = temporaryFolder({ [file]: text });
  expect(statSync(join(cwd, file)).size).toBeGreaterThan(8 * 2 ** 20);
});

async function json(args: readonly string[], program?: string): Promise<unknown> {
  const options = program === undefined ? { cwd } : { cwd, program };
  const { stdout, stderr } = await dfwlint([...args, "--format", "json", "--no-config"], options);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

describe("a large log", () => {
  it("has the same findings", async () => {
    expect(await json(["lint", file])).toEqual(lintAtOnce([{ file, text }]));
  }, 120_000);

  it("has the same findings where only one machine is asked about", async () => {
    const actual = await json(["lint", file, "--vm", "machine-5"]);
    expect(actual).toEqual(lintAtOnce([{ file, text }], { vm: ["machine-5"] }));
  }, 120_000);

  it("gives the same answers", async () => {
    const input = readInput([{ file, text }]);
    const [name] = [...input.filters[2]!.filter.addressSets.keys()];
    const fields = { src: name!, dst: "10.0.0.0/9", dstPort: "443" };
    expect(await json(["query", file, "--src", name!, "--dst", "10.0.0.0/9", "--port", "443"])).toEqual(
      plain(query(input, fields)),
    );
    expect(await json(["rules", file])).toEqual(plain(describeRules(input)));
    expect(await json(["host", file])).toEqual(plain(describeHosts([{ file, text }])));
  }, 120_000);

  it("is read by the single file in the same way", async () => {
    const program = join(cwd, "dfwlint.mjs");
    execFileSync(process.execPath, ["scripts/single-file.js", program], { cwd: ROOT, stdio: "pipe" });
    expect(await json(["lint", file], program)).toEqual(await json(["lint", file]));
  }, 120_000);

  it(
    "is read as well where its end is missing",
    async () => {
      const cut = text.slice(0, -400_000);
      writeFileSync(join(cwd, "cut.log"), cut);
      expect(await json(["lint", "cut.log"])).toEqual(lintAtOnce([{ file: "cut.log", text: cut }]));
    },
    120 * SECONDS,
  );
});
