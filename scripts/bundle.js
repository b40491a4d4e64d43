// The command line is bundled: a program of a hundred small modules spends most of a short run on opening files.
// What a command does not need stays in a chunk of its own and is loaded only when it runs.
import { appendFileSync, chmodSync } from "node:fs";
import { build } from "esbuild";
import { licensesOf } from "./licenses.js";

/**
 * yargs measures its help with string-width, whose tables of emoji take 20 ms to load at every start. Our help is
 * ASCII, one column a character; what may hold other text is in the reports, which keep the library.
 */
const plainHelpWidth = {
  name: "plain-help-width",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^string-width$/ }, ({ importer }) =>
      /node_modules\/(?:yargs|cliui)\//.test(importer.replaceAll("\\", "/"))
        ? { path: "help-width", namespace: "dfwlint" }
        : undefined,
    );
    onLoad({ filter: /^help-width$/, namespace: "dfwlint" }, () => ({
      contents: "export default (text) => text.length;",
    }));
  },
};

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
  plugins: [plainHelpWidth],
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
