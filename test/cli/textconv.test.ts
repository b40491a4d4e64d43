import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { diff } from "../../src/engine/diff.ts";
import { readInput } from "../../src/engine/input.ts";
import { comparableText } from "../../src/engine/textconv.ts";
import { CLI, ROOT, SEED, bash, dfwlint } from "./dfwlint.ts";
import { temporaryFolder } from "./folders.ts";

function comparable(text: string): string {
  return [...comparableText("dump.txt", text)].join("");
}

const RULES = `ruleset domain-c42 {
  # generation number: 7
  # realization time : 2025-03-01T10:00:00
  # FILTER (APP Category) rules
  rule 4201 at 1 in protocol tcp from addrset desks to any port {80, 443} accept with log tag 'web';
  rule 4201 at 2 in protocol icmp from addrset desks to any accept with log tag 'web';
  # internal # rule 4209 at 3 inout protocol any from any to any drop;
  rule gone wrong
}
`;

describe("dfwlint textconv", () => {
  it("leaves out what differs though the policy is the same", () => {
    const other = RULES.replace("number: 7", "number: 8")
      .replace("03-01", "03-08")
      .replaceAll(/ at (\d)/g, (_, position: string) => ` at ${Number(position) + 10}`);
    expect(comparable(RULES)).toBe(`ruleset domain-c42 {
  # FILTER (APP Category) rules
  rule 4201 in protocol icmp from addrset desks to any accept with log tag 'web';
  rule 4201 in protocol tcp from addrset desks to any port {80, 443} accept with log tag 'web';
  # internal # rule 4209 inout protocol any from any to any drop;
  rule gone wrong
}
`);
    expect(comparable(other)).toBe(comparable(RULES));
  });

  it("keeps the order of rules, also of lines of one rule with another verdict", () => {
    const lines = [
      "2 inout protocol tcp from any to any drop",
      "2 inout protocol any from any to any accept",
    ];
    const text = (order: readonly string[]): string =>
      `ruleset r {\n${order.map((line, index) => `rule ${line.replace(" ", ` at ${index + 1} `)};\n`).join("")}}\n`;
    expect(comparable(text(lines))).not.toBe(comparable(text(lines.toReversed())));
  });

  it("sorts and merges the members of sets, and keeps what it cannot read", () => {
    const sets =
      "addrset z {\nip 10.42.0.9,\nip 10.42.0.8,\nip 2001:db8::2,\nip 10.42.0.300,\nmac 02:00:00:00:00:01,\n}\naddrset a {\nip 10.42.9.0/25,\nip 10.42.9.128/25,\n}\n";
    expect(comparable(sets)).toBe(
      "addrset a {\nip 10.42.9.0/24,\n}\naddrset z {\nip 10.42.0.8/31,\nip 2001:db8::2,\nmac 02:00:00:00:00:01,\nip 10.42.0.300,\n}\n",
    );
  });

  it("gives a dump of the same policy, which does not change again", () => {
    for (const name of ["rules.txt", "addrsets.txt"]) {
      const text = comparable(readFileSync(join(SEED, name), "utf8"));
      expect(comparable(text)).toBe(text);
    }
    const texts = ["rules.txt", "addrsets.txt"].map((file) => ({
      file,
      text: readFileSync(join(SEED, file), "utf8"),
    }));
    const after = texts.map(({ file, text }) => ({ file, text: comparable(text) }));
    const result = diff(readInput(texts), readInput(after));
    expect(result.filters).toHaveLength(1);
    expect(result).toMatchObject({ sameTreatment: true, summary: { attribution: 0 } });
  });

  it("takes any text, and nothing gets lost in it but what is meant to", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...RULES.split("\n"), "addrset a {", "ip 10.1.1.1,", "what", "x {"), {
          maxLength: 12,
        }),
        (lines) => {
          const text = comparable(lines.join("\n"));
          expect(comparable(text)).toBe(text);
          for (const word of ["what", "gone wrong"])
            expect(text.split(word).length).toBe(lines.join("\n").split(word).length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("does not take the ruleset's brace for that of a line that does not parse", () => {
    const text = comparable(
      "ruleset a {\nx {\n  # realization time : 2025-03-01T10:00:00\n}\nrule 1 at 1 inout protocol any from any to any drop;\n",
    );
    expect(text).toBe("ruleset a {\n  x {\n}\nrule 1 inout protocol any from any to any drop;\n");
    expect(comparable(text)).toBe(text);
  });

  it("hands no control character to a terminal", async () => {
    const cwd = temporaryFolder({ "rules.txt": "rule 1 \u001b]0;title\u0007 \u202e\r\n" });
    const { stdout } = await dfwlint(["textconv", "rules.txt"], { cwd });
    expect(stdout).not.toMatch(/[^\n\t -~]/);
    expect(stdout).toBe("rule 1  \\u202e\n");
  });

  it("says which file it cannot read", async () => {
    const { stdout, stderr, code } = await dfwlint(["textconv", "nowhere.txt"]);
    expect({ stdout, stderr, code }).toEqual({
      stdout: "",
      stderr: "dfwlint: nowhere.txt: no such file\n",
      code: 2,
    });
  });
});

describe("git diff", () => {
  it("shows what a change changes, and not what every dump changes", () => {
    const cwd = temporaryFolder({});
    const bin = join(cwd, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "dfwlint"), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
    chmodSync(join(bin, "dfwlint"), 0o755);
    const env = {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env["PATH"]}`,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
    };
    const repository = join(cwd, "repository");
    execFileSync("sh", [join(ROOT, "scripts/example-repository.sh"), repository], { env });
    const git = (...args: string[]): string =>
      execFileSync("git", args, { cwd: repository, env, encoding: "utf8", stdio: "pipe" });
    expect(git("diff", "main", "--", "rules.txt")).toContain("realization time");
    git("config", "diff.dfwlint.textconv", "dfwlint textconv");
    const changed = git("diff", "--unified=0", "main", "--", "*.txt")
      .split("\n")
      .filter((line) => /^[+-] /.test(line));
    expect(changed).toEqual([
      "-  rule 4002 inout protocol tcp from addrset admins to addrset portal port 22 accept with log;",
      "+  rule 4002 inout protocol tcp from addrset admins to addrset portal port 22 reject with log;",
      "+  rule 4005 inout protocol tcp from addrset portal to addrset archive port {5432, 5433} accept;",
    ]);
  });
});

it("a reader that has seen enough is no error", async () => {
  const { stderr, code } = await bash("dfwlint textconv rules.txt | head -1");
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
});
