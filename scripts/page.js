// The script of the HTML report is bundled into one text that the report embeds.
import { mkdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const { outputFiles } = await build({
  entryPoints: ["src/report/html/client/main.ts"],
  bundle: true,
  minify: true,
  format: "iife",
  platform: "browser",
  target: "es2022",
  write: false,
  logLevel: "warning",
});
const [{ text }] = outputFiles;
if (/<\/script|<!--/i.test(text)) throw new Error("the page's script holds what would end its element");
mkdirSync("src/report/html/generated", { recursive: true });
writeFileSync(
  "src/report/html/generated/client.ts",
  `// Made by scripts/page.js.\nexport const CLIENT: string = ${JSON.stringify(text)};\n`,
);
