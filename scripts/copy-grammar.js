// tsc compiles only TypeScript: the parser that peggy generated goes to the compiled folder by hand.
import { chmodSync, cpSync } from "node:fs";
import { pathToFileURL } from "node:url";

const from = new URL("../src/syntax/generated/", import.meta.url);
const compiled = new URL(`${process.argv[2] ?? "dist"}/`, pathToFileURL(`${process.cwd()}/`));
cpSync(from, new URL("syntax/generated/", compiled), { recursive: true });
chmodSync(new URL("cli.js", compiled), 0o755);
