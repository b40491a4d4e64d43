import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { ROOT, linesOf } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { faults, publishedLines } from "../report/schemas.ts";
import { run } from "../support/run.ts";

/** Every line about a session of a folder has to come out as the published schema says. */

const FLEETS = join(ROOT, "rules-fixtures/fleets");
const LIST = "src,dst,dstPort\n10.61.2.11,10.61.3.20,8443\n10.61.2.300,10.61.3.20,8443\n";

const COMMANDS = [
  ["lint", ["lint"]],
  ["rules", ["rules"]],
  ["rules", ["rules", "--effect"]],
  ["query", ["query", "--port", "8443", "--trace"]],
  ["flows", ["query", "--flows", "flows.csv"]],
] as const;

const all = publishedLines();
const schemas = {
  lint: publishedLines("lint"),
  rules: publishedLines("rules"),
  query: publishedLines("query"),
  flows: publishedLines("flows"),
};

/** The sessions of a fleet, with one that cannot be read and a configuration with a suppression that finds nothing. */
function fleet(name: string): string {
  const cwd = temporaryFolder({ "flows.csv": LIST });
  mkdirSync(join(cwd, "sessions"));
  cpSync(join(FLEETS, name, "sessions"), join(cwd, "sessions"), { recursive: true });
  writeFileSync(join(cwd, "sessions/picture.png"), Buffer.from([0x89, 0x50, 0, 1]));
  writeFileSync(
    join(cwd, "dfwlint.yaml"),
    "suppressions:\n  - check: no-default\n    rule: 99\n    reason: known\n",
  );
  return cwd;
}

describe.each(readdirSync(FLEETS))("the fleet %s", (name) => {
  const cwd = fleet(name);

  it.each(COMMANDS)("%s: %j", async (of, args) => {
    const { stdout } = await run([...args, "sessions", "--format", "ndjson"], cwd);
    const lines = linesOf(stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const line of lines) {
      expect(faults(schemas[of], line)).toEqual([]);
      expect(faults(all, line)).toEqual([]);
    }
    expect(lines.filter(({ error, flow }) => error !== undefined && flow === undefined)).toHaveLength(1);
    expect(lines.filter(({ sameAs }) => typeof sameAs === "string")).toHaveLength(1);
    // Each line of another command is none of this one's.
    const others = (["lint", "rules", "query", "flows"] as const).filter((other) => other !== of);
    const told = lines.find(({ error, sameAs }) => error === undefined && typeof sameAs !== "string")!;
    for (const other of others) expect(faults(schemas[other], told)).not.toEqual([]);
    // And no field of it may be missing, but those that not every answer has.
    for (const field of Object.keys(told).filter((key) => key !== "filter")) {
      const { [field]: left, ...rest } = told;
      expect({ field, left, faults: faults(schemas[of], rest) }).not.toMatchObject({ faults: [] });
    }
  });
});

it("findings about suppressions are a line about the configuration", async () => {
  const { stdout } = await run(["lint", "sessions", "--format", "ndjson"], fleet("harbour"));
  expect(JSON.parse(linesOf(stdout).at(-1)!)).toMatchObject({ files: ["dfwlint.yaml"], hosts: [] });
});
