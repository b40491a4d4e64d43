// One file with everything inside, for hosts that have Node.js and nothing else:
//     node scripts/single-file.js [FILE]
// Nothing is loaded from beside it, so it starts more slowly than dist/, which loads what a command needs.
import { appendFileSync, chmodSync } from "node:fs";
import { build } from "esbuild";
import { licensesOf } from "./licenses.js";

const outfile = process.argv[2] ?? "build/dfwlint.mjs";
const { metafile } = await build({
  entryPoints: ["src/cli.ts"],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  legalComments: "eof",
  metafile: true,
  // Some dependencies of yargs are CommonJS and ask for Node's own modules by require.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  logLevel: "warning",
});
const licenses = licensesOf(metafile);
if (licenses.includes("*/")) throw new Error("a license text holds what would end its comment");
appendFileSync(
  outfile,
  `\n/*!\nThis file holds code of these packages, under their licenses:\n\n${licenses}*/\n`,
);
chmodSync(outfile, 0o755);
