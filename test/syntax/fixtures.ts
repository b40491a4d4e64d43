import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../rules-fixtures/", import.meta.url));

export interface Fixture {
  /** `ok/web-shop-frontend.txt`. */
  readonly name: string;
  readonly text: string;
}

/** The inputs in a folder of rules-fixtures; files that hold expected output have two dots in their names. */
export function fixturesIn(folder: string): Fixture[] {
  return readdirSync(join(ROOT, folder))
    .filter((file) => /^[^.]+\.(?:txt|md)$/.test(file))
    .toSorted()
    .map((file) => ({ name: `${folder}/${file}`, text: readFileSync(join(ROOT, folder, file), "utf8") }));
}

/** The expected output beside a fixture. `UPDATE_GOLDEN=1 npm test -- test/syntax` writes it anew. */
export function golden(fixture: Fixture, kind: "printed" | "problems", actual: string): string {
  const path = join(ROOT, fixture.name.replace(/\.\w+$/, `.${kind}.txt`));
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, actual);
  return existsSync(path) ? readFileSync(path, "utf8") : `there is no ${path}`;
}
