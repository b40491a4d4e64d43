import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { publint } from "publint";
import { ROOT } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";

/**
 * The package as users get it: packed once, installed into an empty project. Its dependencies come from this
 * repository, so that no network is needed.
 */

const PAGE = join(ROOT, "docs/library.md");
/** A program, its name before it and what it prints under it. */
const PROGRAM = /<!-- program: (\S+) -->\n\n```ts\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g;

let project = "";
let packed: readonly string[] = [];

const { version, dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  version: string;
  dependencies: Record<string, string>;
};

beforeAll(() => {
  project = temporaryFolder({ "package.json": '{ "name": "user", "private": true, "type": "module" }\n' });
  const [made] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  ) as [{ filename: string; files: { path: string }[] }];
  packed = made.files.map(({ path }) => path).toSorted();
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  execFileSync("tar", ["-xzf", join(project, made.filename), "-C", modules]);
  execFileSync("mv", [join(modules, "package"), join(modules, "dfwlint")]);
  symlinkSync("../dfwlint/dist/cli.js", join(modules, ".bin/dfwlint"));
  for (const name of [...Object.keys(dependencies), "@types/node"]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  cpSync(join(ROOT, "rules-fixtures/tour"), project, { recursive: true });
});

function tracked(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length)),
  );
}

describe("what is packed", () => {
  it("is the program, the library, the documentation and what that shows; no tests, no sources", () => {
    const allowed = [
      /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|problem-matcher\.json)$/,
      /^dist\/(?:cli\.js|cli\.js\.LEGAL\.txt|chunks\/[^/]+\.js)$/,
      /^dist\/(?:index|configuration|formats)\.(?:js|d\.ts)$/,
      /^dist\/(?:syntax|model|analysis|checks|engine|report)\/[^.]+\.(?:js|d\.ts)$/,
    ];
    const shown = tracked("docs", "schema", "rules-fixtures/seed", "rules-fixtures/tour");
    expect(packed.filter((path) => !shown.includes(path) && !allowed.some((one) => one.test(path)))).toEqual(
      [],
    );
    for (const path of [...shown, "LICENSE", "README.md", "CHANGELOG.md", "problem-matcher.json"]) {
      expect(packed).toContain(path);
    }
  });

  it("is complete: every module, declaration and page that a packed file names is packed", () => {
    const missing = packed.flatMap((path) => {
      const names = path.endsWith(".md")
        ? /\]\((?!https?:)([^)#]+)/g
        : /(?:\bfrom |\bimport\(|^import )"(\.{1,2}\/[^"]+)"/gm;
      if (!/^(?:dist|docs|README|CHANGELOG)\b.*\.(?:md|js|d\.ts)$/.test(path)) return [];
      const text = readFileSync(join(ROOT, path), "utf8");
      return [...text.matchAll(names)].flatMap(([, name]) => {
        const target = join(dirname(path), name!);
        const wanted = path.endsWith(".d.ts") ? target.replace(/\.js$/, ".d.ts") : target;
        return packed.includes(wanted) ? [] : [`${path}: ${name}`];
      });
    });
    expect(missing).toEqual([]);
  });

  it("carries the licenses of the packages that its bundle holds", () => {
    const text = readFileSync(join(project, "node_modules/dfwlint/dist/cli.js.LEGAL.txt"), "utf8");
    for (const name of ["yargs", "zod", "yaml", "chalk", "csv-parse"]) {
      expect(text).toMatch(new RegExp(`^${name} [\\d.]+ \\(\\w+\\)\\n\\n.*Copyright`, "ms"));
    }
  });

  it("has nothing that publint complains about", async () => {
    const { messages } = await publint({ pkgDir: join(project, "node_modules/dfwlint"), pack: false });
    expect(messages).toEqual([]);
  });

  it("names only packages that it depends on", () => {
    const named = packed
      .filter((path) => /^dist\/(?!cli\.js|chunks).*\.(?:js|d\.ts)$/.test(path))
      .flatMap((path) =>
        [...readFileSync(join(ROOT, path), "utf8").matchAll(/(?:\bfrom |\bimport\()"((?!\.)[^"]+)"/g)].map(
          ([, name]) => /^(?:@[^/]+\/)?[^/]+/.exec(name!)![0],
        ),
      );
    expect([...new Set(named)].filter((name) => !(name in dependencies))).toEqual([]);
    expect(named).toContain("ipaddr.js");
  });
});

describe("in an empty project", () => {
  const tsc = (...args: string[]): string => {
    try {
      return execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), ...args], {
        cwd: project,
        encoding: "utf8",
      });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };
  const strict = ["--module", "nodenext", "--target", "es2023", "--strict", "--exactOptionalPropertyTypes"];

  it("npx dfwlint runs", () => {
    const npx = (...args: string[]): string =>
      execFileSync("npx", ["--no", "--offline", "dfwlint", ...args], { cwd: project, encoding: "utf8" });
    expect(npx("--version")).toBe(`${version}\n`);
    expect(npx("--fail-on", "never", "--format", "compact")).toContain("[shadowed-rule]");
  });

  it.each([
    ["dfwlint", ""],
    ["dfwlint/configuration", ""],
    // The declarations of chalk, which colours what people read, name Node's.
    ["dfwlint/formats", "node"],
  ])(
    "all declarations of %s are sound, with these types around: '%s'",
    (name, types) => {
      // A mistake is made on purpose: if the types were lost to any, nothing would be wrong.
      const text = `import * as all from "${name}";\nexport const wrong: string = all;\n`;
      writeFileSync(join(project, "all.ts"), text);
      const output = tsc("--noEmit", ...strict, "--skipLibCheck", "false", "--types", types, "all.ts");
      expect(output).toMatch(/^all\.ts\(2,14\): error TS2322: .*not assignable to type 'string'/);
      expect(output.match(/error TS/g)).toHaveLength(1);
    },
    30_000,
  );

  it("the programs of docs/library.md compile, and print what the page says", () => {
    const page = readFileSync(PAGE, "utf8");
    const programs = [...page.matchAll(PROGRAM)];
    expect(programs.length).toBeGreaterThanOrEqual(5);
    for (const [, name, text] of programs) writeFileSync(join(project, name!), text!);
    const names = programs.map(([, name]) => name!);
    expect(tsc(...strict, "--types", "node", "--outDir", ".", ...names)).toBe("");
    let actual = page;
    for (const [whole, name, text] of programs) {
      const output = execFileSync(process.execPath, [name!.replace(/ts$/, "js")], {
        cwd: project,
        encoding: "utf8",
      });
      expect(output).not.toBe("");
      actual = actual.replace(
        whole,
        () => `<!-- program: ${name} -->\n\n\`\`\`ts\n${text}\`\`\`\n\n\`\`\`text\n${output}\`\`\``,
      );
    }
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(PAGE, actual);
    else expect(page).toBe(actual);
  });

  it.each(["dfwlint", "dfwlint/configuration", "dfwlint/formats"])("%s is fit for a browser", (name) => {
    const esbuild = join(ROOT, "node_modules/esbuild/bin/esbuild");
    const bundle = execFileSync(esbuild, ["--bundle", "--platform=browser", "--format=esm"], {
      cwd: project,
      input: `export * from "${name}";`,
      encoding: "utf8",
      maxBuffer: 2 ** 25,
    });
    expect(bundle).not.toMatch(/\bfrom ["']|\bimport ["']|\brequire\(["']node:/);
    expect(bundle.length).toBeGreaterThan(100_000);
  });

  it("no other file can be imported", () => {
    const program = 'await import("dfwlint/dist/engine/lint.js");';
    const run = (): string =>
      execFileSync(process.execPath, ["--input-type=module", "-e", program], {
        cwd: project,
        stdio: "pipe",
      }).toString();
    expect(run).toThrow("ERR_PACKAGE_PATH_NOT_EXPORTED");
    expect(existsSync(join(project, "node_modules/dfwlint/dist/engine/lint.js"))).toBe(true);
  });
});
