import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { parse } from "yaml";
import { ROOT, bash } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";

/** The hook for pre-commit: what it is made of has to be what this package is. */

interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly language: string;
  readonly pass_filenames: boolean;
  readonly files: string;
}

const [hook, ...others] = parse(readFileSync(join(ROOT, ".pre-commit-hooks.yaml"), "utf8")) as [Hook];

it("is one hook that runs the command of the package, on the policy as a whole", () => {
  const { bin } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    bin: Record<string, string>;
  };
  expect(others).toEqual([]);
  expect(hook).toMatchObject({ id: "dfwlint", language: "node", pass_filenames: false });
  expect(Object.keys(bin)).toContain(hook.entry);
});

it.each([
  ["rules.txt", true],
  ["addrsets.txt", true],
  ["dumps/esx-7/nic-1-rules.txt", true],
  ["dumps/addrsets-web.log", true],
  ["dfwlint.yaml", true],
  ["site/dfwlint-baseline.json", true],
  ["README.md", false],
  ["docs/rules.md", false],
  ["notes.txt", false],
  ["rules.txt.bak", false],
  ["my-dfwlint.yaml", false],
])("a change of %s runs it: %j", (path, runs) => {
  expect(new RegExp(hook.files).test(path)).toBe(runs);
});

it("takes files and options, and fails where there are findings", async () => {
  const cwd = temporaryFolder({
    "rules.txt": `ruleset domain-c1 {
  rule 11 at 1 inout protocol tcp from ip 10.4.0.0/24 to addrset web port 443 accept;
  rule 12 at 2 inout protocol any from any to any drop with log;
}
`,
    "addrsets.txt": "addrset web {\nip 10.4.3.1,\n}\n",
    "broken.txt": "ruleset domain-c1 {\n  rule 1 at 1 inout protocol tcp from any to any port x accept;\n}\n",
  });
  const clean = await bash(`${hook.entry} rules.txt addrsets.txt`, cwd);
  expect(clean).toMatchObject({ code: 0, stderr: "" });
  const broken = await bash(`${hook.entry} broken.txt`, cwd);
  expect(broken.code).toBe(1);
  expect(broken.stdout).toContain("error[unparsed-input]");
  expect((await bash(hook.entry, cwd)).code).toBe(0);
});
