import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv2020 } from "ajv/dist/2020.js";
import { Ajv, type AnySchema, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

const require = createRequire(import.meta.url);

/** A schema that dfwlint publishes. */
export function published(
  name: "lint" | "rules" | "query" | "diff" | "try" | "test" | "host" | "path",
): ValidateFunction {
  return strictAjv().compile(schemaOf(name));
}

/** The schema of lines about a folder, which refers to others; of all of them, or of those of one command. */
export function publishedLines(of?: "lint" | "rules" | "query" | "flows"): ValidateFunction {
  const ajv = strictAjv();
  for (const name of ["lint", "rules", "query", "fleet"]) ajv.addSchema(schemaOf(name));
  return ajv.getSchema(`urn:dfwlint:schema:fleet:1${of === undefined ? "" : `#/$defs/${of}-line`}`)!;
}

function strictAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  addFormats.default(ajv);
  return ajv;
}

export function schemaOf(name: string): AnySchema & { $defs: Record<string, unknown> } {
  const file = new URL(`../../schema/${name}-1.schema.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as AnySchema & { $defs: Record<string, unknown> };
}

/** The official one. It is written in draft 4, of which it uses only what later drafts read the same, but for `id`. */
export function sarifSchema(): ValidateFunction {
  const { id, $schema, ...schema } =
    require("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json") as Record<string, unknown>;
  if ($schema !== "http://json-schema.org/draft-04/schema#") throw new Error(`written in ${String($schema)}`);
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats.default(ajv);
  return ajv.compile({ $id: id as string, ...schema });
}

/** What is wrong with a value, a line each. */
export function faults(validate: ValidateFunction, value: unknown): string[] {
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
