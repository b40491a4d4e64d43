import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { run } from "../support/run.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * `<!-- run: FOLDER -->` before a console block: its commands run there, and the block holds what they print. A part of
 * JSON is shown with `| jq PATH`.
 */
const EXAMPLE = /<!-- run: (\S+) -->\n\n```console\n([\s\S]*?)```/g;

const pages = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

async function outputOf(folder: string, block: string): Promise<string> {
  let text = "";
  for (const [, command] of block.matchAll(/^\$ dfwlint ?(.*)$/gm)) {
    const [line, path] = command!.split(" | jq ") as [string, string?];
    const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
    const { stdout, stderr } = await run(args, join(ROOT, folder));
    const output = path === undefined ? stdout : partOf(stdout, path);
    text += `$ dfwlint${command === "" ? "" : ` ${command}`}\n${stderr}${output}`;
  }
  return text;
}

/** What jq prints of a path such as `.runs[0].results`. */
function partOf(json: string, path: string): string {
  const part = [...path.matchAll(/\w+/g)].reduce<unknown>(
    (value, [step]) => (value as Record<string, unknown>)[step],
    JSON.parse(json),
  );
  expect(part).toBeDefined();
  return `${JSON.stringify(part, null, 2)}\n`;
}

describe("examples in the documentation show what dfwlint prints", () => {
  it.each(pages)("%s", async (page) => {
    const text = readFileSync(join(ROOT, page), "utf8");
    let actual = text;
    for (const [example, folder, block] of text.matchAll(EXAMPLE)) {
      const output = await outputOf(folder!, block!);
      expect(output).not.toBe("");
      actual = actual.replace(example, () => `<!-- run: ${folder} -->\n\n\`\`\`console\n${output}\`\`\``);
    }
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(join(ROOT, page), actual);
    else expect(text).toBe(actual);
  });

  it("has examples at all", () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    expect([...readme.matchAll(EXAMPLE)].length).toBeGreaterThanOrEqual(4);
  });

  it("links only to files that exist", () => {
    for (const page of pages) {
      const text = readFileSync(join(ROOT, page), "utf8");
      for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        const file = join(ROOT, page, "..", target!);
        expect({ page, link: relative(ROOT, file), exists: existing(file) }).toEqual({
          page,
          link: relative(ROOT, file),
          exists: true,
        });
      }
    }
  });
});

function existing(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}
