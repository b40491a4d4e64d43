// The command line is bundled: a program of a hundred small modules spends most of a short run on opening files.
// What a command does not need stays in a chunk of its own and is loaded only when it runs.
import { appendFileSync, chmodSync } from "node:fs";
import { build } from "esbuild";
import { licensesOf } from "./licenses.js";

const { metafile } = await build({
  entryPoints: ["src/cli.ts"],
  outdir: "dist",
  bundle: true,
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  format: "esm",
  platform: "node",
  target: "node20.19",
  legalComments: "linked",
  metafile: true,
  // Some dependencies of yargs are CommonJS and ask for Node's own modules by require.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  logLevel: "warning",
});
appendFileSync(
  "dist/cli.js.LEGAL.txt",
  `\nThe bundle holds code of these packages:\n\n${licensesOf(metafile)}`,
);
chmodSync("dist/cli.js", 0o755);
