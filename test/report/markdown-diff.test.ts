import { expect, it } from "@jest/globals";
import { run } from "../support/run.ts";
import { temporaryFolder } from "../cli/folders.ts";

/** A comment on a pull request has a limit, and is read as HTML too: whatever a dump holds. */

/** A statement that is much longer is none. */
const LONG = 1000;
const HOSTILE = "x<img/src=x>@team|`[a](http://h)GH-1";

function policy(name: (rule: number) => string, rules: number, port: number): string {
  const lines = Array.from(
    { length: rules },
    (_, index) =>
      `rule ${5000 + index} at ${index + 1} inout protocol tcp from ip 10.44.0.${index % 250} to addrset ${name(index)} port ${port + index} accept tag '${name(index).slice(0, 20)}';`,
  );
  const sets = Array.from(
    { length: rules },
    (_, index) => `addrset ${name(index)} {\nip 10.44.1.${index % 250},\n}`,
  );
  const rest = "rule 4999 at 9999 inout protocol any from any to any drop;";
  return `ruleset domain-c44 {\n${[...lines, rest].join("\n")}\n}\n${sets.join("\n")}\n`;
}

async function comment(before: string, after: string): Promise<string> {
  const cwd = temporaryFolder({ before, after, "intent.yaml": "changes: []\n" });
  const args = ["diff", "before", "after", "--format", "markdown", "--intent", "intent.yaml"];
  const { stdout, stderr, code } = await run(args, cwd);
  expect({ stderr, code }).toEqual({ stderr: "", code: 1 });
  expect(stdout).toMatch(/^<!-- dfwlint diff -->\n### dfwlint: /);
  expect(stdout.length).toBeLessThanOrEqual(60_000);
  expect(stdout.split("<details").length).toBe(stdout.split("</details>").length);
  return stdout;
}

it("a large change keeps its lead and tells what was left out", async () => {
  const name = (index: number): string => `servers-${index}`;
  const text = await comment(policy(name, 300, 1000), policy(name, 300, 2000));
  expect(text).toContain("### dfwlint: 300 groups become possible, 300 groups break");
  // What becomes possible leaves room for what breaks.
  expect(text.indexOf("**What breaks**")).toBeLessThan(text.indexOf("<details>"));
  expect(text).toMatch(/Left out, because a comment has to be short: .*groups that break/);
  // Five that were not intended, five that become possible and five that break stand open.
  const open = text.replaceAll(/<details>[\s\S]*?<\/details>/g, "");
  expect(open.match(/^- (?:newly-\w+: )?`/gm)).toHaveLength(15);
});

it("names that are longer than a comment do not fill it", async () => {
  const name = (index: number): string => `${"n".repeat(LONG)}${index}`;
  const text = await comment(policy(name, 30, 1000), policy(name, 30, 2000));
  expect(text).toContain("Left out, because a comment has to be short");
});

it("names that look like Markdown or HTML are code", async () => {
  const prompt = `[root@host:~] vsipioctl getrules -f nic-9-${HOSTILE.replaceAll("`", "")}\n`;
  const name = (index: number): string => `${HOSTILE}${index}`;
  const text = await comment(prompt + policy(name, 3, 1000), prompt + policy(name, 3, 2000));
  const plain = text.replaceAll(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "");
  expect(plain).not.toMatch(/<img|@team|\]\(|GH-1/);
});
