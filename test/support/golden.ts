import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "@jest/globals";

/** Compares with a file; UPDATE_GOLDEN=1 writes what comes out now: read the difference before it is committed. */
export function expectGolden(path: string, actual: string): void {
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, actual);
  expect(actual).toBe(readFileSync(path, "utf8"));
}
