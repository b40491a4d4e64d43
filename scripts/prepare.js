// What npm runs before it packs, and after it has installed what a clone needs. Where it installs a git repository
// globally, as pre-commit does, it hands "global" on to the install in the clone: that brings nothing there.
import { execSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const cwd = fileURLToPath(new URL("../", import.meta.url));
const run = (command) => execSync(command, { cwd, stdio: "inherit" });
const isThere = existsSync(new URL("../node_modules/esbuild/package.json", import.meta.url));
if (!isThere)
  run("npm ci --ignore-scripts --no-global --location=project --include=dev --no-audit --no-fund");
run("npm run build");
