// tsc compiles only TypeScript: the parser that peggy generated goes to dist/ by hand.
import { chmodSync, cpSync } from "node:fs";

const from = new URL("../src/syntax/generated/", import.meta.url);
const to = new URL("../dist/syntax/generated/", import.meta.url);
cpSync(from, to, { recursive: true });
chmodSync(new URL("../dist/cli.js", import.meta.url), 0o755);
