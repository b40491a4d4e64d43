// What `npm start` shows: the findings of a real vNIC's firewall, and what happens to one flow.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const seed = fileURLToPath(new URL("../rules-fixtures/seed/", import.meta.url));

function show(...args) {
  console.log(`$ dfwlint ${args.join(" ")}`);
  execFileSync(process.execPath, [cli, ...args], { cwd: seed, stdio: "inherit" });
  console.log();
}

show("lint", "rules.txt", "addrsets.txt", "--fail-on", "never");
show("query", "--src", "10.10.1.5", "--dst", "10.10.20.11", "--port", "8080");
