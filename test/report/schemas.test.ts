import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import type { ValidateFunction } from "ajv";
import type { Log, Region } from "sarif";
import { temporaryFolder } from "../cli/folders.ts";
import { OFFICE, TWO_FILTERS } from "../cli/inputs.ts";
import { run } from "../support/run.ts";
import { HOSTILE_DUMP, findingWith, resultWith } from "./hostile.ts";
import { jsonLint } from "../../src/report/json.ts";
import { faults, published, sarifSchema, schemaOf } from "./schemas.ts";

/** Every dump that is in the repository has to come out as the schemas say. */

const ROOT = fileURLToPath(new URL("../../rules-fixtures/", import.meta.url));
const dumps = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter((name) => /^(?:checks|broken|ok|seed|tour)\/[^.]+\.txt$/.test(name))
  .toSorted();
const extra = temporaryFolder({ "office.txt": OFFICE, "two.txt": TWO_FILTERS, "hostile.txt": HOSTILE_DUMP });
const inputs: [name: string, cwd: string, files: string[]][] = [
  ...dumps.map((name): [string, string, string[]] => [name, join(ROOT, dirname(name)), [join(ROOT, name)]]),
  ["seed", join(ROOT, "seed"), []],
  ["tour", join(ROOT, "tour"), []],
  ...["office.txt", "two.txt", "hostile.txt"].map((name): [string, string, string[]] => [
    name,
    extra,
    [name],
  ]),
];

const schemas = { lint: published("lint"), rules: published("rules"), query: published("query") };
const sarif = sarifSchema();

it("fixtures of all kinds are found", () => {
  expect(inputs.length).toBeGreaterThan(70);
});

/** The output, or null where a dump has no rules. */
async function output(args: readonly string[], cwd: string): Promise<string | null> {
  const { stdout, stderr, code } = await run(args, cwd);
  if (stdout === "")
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^dfwlint: .*\n$/) });
  return stdout === "" ? null : stdout;
}

describe.each(inputs)("%s", (_, cwd, files) => {
  it("is as schema/lint-1, rules-1 and query-1 say", async () => {
    for (const [schema, args] of [
      ["lint", ["lint"]],
      ["rules", ["rules", "--effect"]],
      ["query", ["query", "--port", "443", "--trace"]],
    ] as const) {
      const text = await output([...args, "--format", "json", ...files], cwd);
      if (text !== null) expect(faults(schemas[schema], JSON.parse(text))).toEqual([]);
    }
  });

  it("is SARIF 2.1.0 with the findings of JSON, at places that are there", async () => {
    const [text, json] = [
      await output(["--format", "sarif", ...files], cwd),
      await output(["--format", "json", ...files], cwd),
    ];
    if (text === null || json === null) return;
    const log = JSON.parse(text) as Log;
    expect(faults(sarif, log)).toEqual([]);
    const [{ results, tool }] = log.runs as [Log["runs"][0]];
    const { findings } = JSON.parse(json) as { findings: { check: string; fingerprint: string }[] };
    expect(
      results!.map(({ ruleId, partialFingerprints }) => [ruleId, partialFingerprints!["dfwlint/v1"]]),
    ).toEqual(findings.map(({ check, fingerprint }) => [check, fingerprint]));
    for (const { ruleId, ruleIndex, locations, relatedLocations } of results!) {
      expect(tool.driver.rules![ruleIndex!]!.id).toBe(ruleId);
      for (const { physicalLocation } of [...locations!, ...(relatedLocations ?? [])]) {
        const { artifactLocation, region } = physicalLocation!;
        const base = artifactLocation!.uriBaseId === undefined ? undefined : `file://${cwd}/`;
        const lines = readFileSync(new URL(artifactLocation!.uri!, base), "utf8").split("\n");
        expectWithin(region!, lines);
      }
    }
  });
});

function expectWithin(
  { startLine, startColumn, endLine, endColumn }: Region,
  lines: readonly string[],
): void {
  expect(lines[startLine! - 1]!.length).toBeGreaterThanOrEqual(startColumn! - 1);
  expect(lines[endLine! - 1]!.length).toBeGreaterThanOrEqual(endColumn! - 1);
  expect(startLine! < endLine! || startColumn! <= endColumn!).toBe(true);
}

describe("the published schemas", () => {
  const suppressed = { ...findingWith("a"), suppression: { reason: "known", until: "2027-01-31" } };
  const full = resultWith([findingWith("a")], {
    suppressed: [suppressed],
    baseline: {
      known: [findingWith("b")],
      gone: [{ check: "no-default", fingerprint: "0123456789abcdef", message: "c" }],
    },
  });
  const value = (): Record<string, unknown> => JSON.parse(jsonLint(full)) as Record<string, unknown>;

  it("take suppressed findings and a baseline", () => {
    expect(faults(schemas.lint, value())).toEqual([]);
  });

  /** Every field in it is needed, but the optional ones, and none may hold a list of lists. */
  function expectStrict(validate: ValidateFunction, whole: unknown, optional: RegExp): string[] {
    const seen = new Set<string>();
    const visit = (part: unknown, path: string): void => {
      if (Array.isArray(part)) for (const each of part.slice(0, 3)) visit(each, `${path}[]`);
      else if (typeof part === "object" && part !== null) visitFields(part as Record<string, unknown>, path);
    };
    const visitFields = (object: Record<string, unknown>, path: string): void => {
      for (const [name, field] of Object.entries(object)) {
        const here = `${path}.${name}`;
        seen.add(here);
        delete object[name];
        expect({ missing: here, valid: validate(whole) }).toEqual({
          missing: here,
          valid: optional.test(here),
        });
        object[name] = [[]];
        expect({ wrong: here, valid: validate(whole) }).toEqual({ wrong: here, valid: false });
        object[name] = field;
        if (name !== "data") visit(field, here);
      }
    };
    visit(whole, "");
    expect(faults(validate, whole)).toEqual([]);
    return [...seen];
  }

  it("miss every field that is not there, and refuse every other kind of value", async () => {
    const lint = expectStrict(schemas.lint, value(), /\.related\[\]\.(?:rule|addrset)$/);
    expect(lint.length).toBeGreaterThan(60);
    const json = async (...args: string[]): Promise<unknown> =>
      JSON.parse((await run([...args, "--format", "json", "office.txt"], extra)).stdout);
    const rules = expectStrict(schemas.rules, await json("rules", "--effect"), /\.effect$/);
    expect(rules).toEqual(expect.arrayContaining([".filters[].rules[].effect.lost[].rule.id"]));
    const query = expectStrict(schemas.query, await json("query", "--port", "22", "--trace"), /\.trace$/);
    expect(query).toEqual(expect.arrayContaining([".filters[].pieces[].region[].dstPorts"]));
  });

  it("say the same of what they share, and take fields that are added", () => {
    const [lint, rules, query] = ["lint", "rules", "query"].map((name) => schemaOf(name).$defs);
    for (const name of ["flow", "rule", "direction", "mac"]) {
      expect(rules![name]).toEqual(lint![name]);
      expect(query![name]).toEqual(lint![name]);
    }
    expect(faults(schemas.lint, { ...value(), later: 1 })).toEqual([]);
  });
});
