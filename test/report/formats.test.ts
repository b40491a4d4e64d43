import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "@jest/globals";
import { parsers } from "prettier/plugins/markdown";
import type { Log, Result } from "sarif";
import { SaxesParser } from "saxes";
import type { FindingResult, LintResult } from "../../src/engine/results.ts";
import { githubLint } from "../../src/report/github.ts";
import { junitLint } from "../../src/report/junit.ts";
import { LINT_FORMAT_NAMES } from "../../src/report/lint-formats.ts";
import { codeOrWords, prose } from "../../src/report/markdown-text.ts";
import { markdownLint } from "../../src/report/markdown.ts";
import { plainPath, uriOf } from "../../src/report/paths.ts";
import { safe } from "../../src/report/safe.ts";
import { sarifLint } from "../../src/report/sarif.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { OFFICE, TWO_FILTERS } from "../cli/inputs.ts";
import { run } from "../support/run.ts";
import { HOSTILE_DUMP, HOSTILE_NAMES, contextWith, findingWith, resultWith, wildText } from "./hostile.ts";
import { faults, sarifSchema } from "./schemas.ts";

const CLEAN = "ruleset a {\nrule 1 at 1 inout protocol any from any to any drop with log;\n}\n";
const cwd = temporaryFolder({
  "rules.txt": OFFICE,
  "two.log": TWO_FILTERS,
  "clean.txt": CLEAN,
  "hostile.txt": HOSTILE_DUMP,
});

async function lintAs(format: string, ...files: string[]): Promise<string> {
  const { stdout, stderr } = await run(["--format", format, ...files], cwd);
  // Of the hostile dump, nearly no set is defined.
  expect(stderr).toBe("");
  return stdout;
}

describe("golden", () => {
  it.each(["sarif", "github", "junit", "markdown"])("%s", async (format) => {
    let actual = await lintAs(format, "rules.txt");
    if (format === "sarif") {
      const log = JSON.parse(actual) as Log;
      // The checks have pages of their own.
      log.runs[0]!.tool.driver.rules = [];
      actual = `${JSON.stringify(log, null, 2)}\n`;
    }
    const file = new URL(`lint-${format}.golden.txt`, import.meta.url);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, actual);
    expect(actual).toBe(readFileSync(file, "utf8"));
  });
});

/** The others hold what ends a name, or a colour, which is taken out: what they say is text that does not parse. */
const PARSED_NAMES = HOSTILE_NAMES.filter((name) => !/[#,;{[]/.test(name) || name.includes("]("));

describe("every format", () => {
  it("leaves the exit code as it is, and can be written to a file", async () => {
    for (const format of LINT_FORMAT_NAMES) {
      const text = await lintAs(format, "rules.txt");
      const out = `out-${format}`;
      const outcomes = [
        await run(["--format", format, "-o", out, "rules.txt"], cwd),
        await run(["--format", format, "--fail-on", "never", "rules.txt"], cwd),
        await run(["--format", format, "clean.txt"], cwd),
        await run(["--format", format, "nowhere.txt"], cwd),
      ];
      expect({ format, codes: outcomes.map(({ code }) => code) }).toEqual({ format, codes: [1, 0, 0, 2] });
      expect(outcomes[0]!.stdout).toBe("");
      expect(readFileSync(join(cwd, out), "utf8")).toBe(text);
      expect(outcomes[3]!).toEqual({ stdout: "", stderr: "dfwlint: nowhere.txt: no such file\n", code: 2 });
    }
  });

  it("gets every hostile name of a dump", async () => {
    const { findings } = JSON.parse(await lintAs("json", "hostile.txt")) as LintResult;
    const messages = findings.map(({ message }) => message).join("\n");
    for (const name of PARSED_NAMES) expect(messages).toContain(name);
  });

  it("prints no character of a dump that a terminal acts on", async () => {
    for (const format of LINT_FORMAT_NAMES) {
      expect(await lintAs(format, "hostile.txt")).not.toMatch(
        new RegExp(
          String.raw`[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]`,
        ),
      );
    }
  });
});

const suppressed = {
  ...findingWith("left as it is", { check: "no-default", severity: "warning", fingerprint: "1".repeat(16) }),
  suppression: { reason: "agreed with <networks> until the move", until: "2027-01-31" },
};
const known = findingWith("seen before", { check: "empty-addrset", fingerprint: "2".repeat(16) });
const everything = resultWith(
  [
    findingWith("an error"),
    findingWith("a warning", { severity: "warning" }),
    findingWith("a note", { severity: "info" }),
  ],
  {
    suppressed: [suppressed],
    baseline: {
      known: [known],
      gone: [{ check: "dead-tail", fingerprint: "3".repeat(16), message: "gone now" }],
    },
  },
);

describe("SARIF", () => {
  const schema = sarifSchema();

  function resultsOf(text: string): Result[] {
    const log = JSON.parse(text) as Log;
    expect(faults(schema, log)).toEqual([]);
    return log.runs[0]!.results!;
  }

  it("tells new, known, gone and suppressed findings apart", () => {
    const results = resultsOf(sarifLint(everything, contextWith()));
    expect(
      results.map(({ ruleId, level, baselineState, suppressions, locations }) => [
        ruleId,
        level,
        baselineState,
        suppressions?.[0],
        locations?.length,
      ]),
    ).toEqual([
      ["shadowed-rule", "error", "new", undefined, 1],
      ["shadowed-rule", "warning", "new", undefined, 1],
      ["shadowed-rule", "note", "new", undefined, 1],
      [
        "no-default",
        "warning",
        "unchanged",
        {
          kind: "external",
          status: "accepted",
          justification: "agreed with <networks> until the move",
          properties: { until: "2027-01-31" },
        },
        1,
      ],
      ["empty-addrset", "error", "unchanged", undefined, 1],
      ["dead-tail", undefined, "absent", undefined, undefined],
    ]);
  });

  it("speaks of a baseline only where there is one", () => {
    const results = resultsOf(sarifLint({ ...everything, baseline: null }, contextWith()));
    expect(results).toHaveLength(4);
    for (const result of results) expect(result).not.toHaveProperty("baselineState");
  });

  it("has a rule a check, with help", async () => {
    const log = JSON.parse(await lintAs("sarif", "clean.txt")) as Log;
    const { rules } = log.runs[0]!.tool.driver;
    expect(rules!.map(({ id }) => id)).toEqual(contextWith().checks.map(({ id }) => id));
    for (const rule of rules!) {
      expect(rule.name).toMatch(/^(?:[A-Z][a-z]+)+$/);
      for (const text of [rule.shortDescription, rule.fullDescription, rule.help])
        expect(text!.text.length).toBeGreaterThan(20);
      expect(rule.help!.markdown).toContain("## What to do\n");
      // Code scanning shows no more.
      expect(rule.shortDescription!.text.length).toBeLessThanOrEqual(255);
      expect(rule.fullDescription!.text.length).toBeLessThanOrEqual(1024);
    }
    expect(log.runs[0]!.results).toEqual([]);
  });

  it("says of which filter a finding is, where there are several", async () => {
    const filters = resultsOf(await lintAs("sarif", "two.log")).map(
      ({ properties }) => properties!["filter"] as string,
    );
    expect(new Set(filters)).toEqual(new Set(["nic-100-eth0-vmware-sfw.2"]));
  });

  it("makes neither a link nor an argument of a name", () => {
    fc.assert(
      fc.property(wildText, (text) => {
        const [result] = resultsOf(sarifLint(resultWith([findingWith(text)]), contextWith()));
        const message = result!.message.text!;
        expect(message).not.toContain("](");
        expect(message).not.toMatch(/(?<!\{)(?:\{\{)*\{(?!\{)|(?<!\})(?:\}\})*\}(?!\})/);
        expect(result!.properties!["data"]).toEqual({ text });
      }),
    );
  });

  it("names files so that any reader finds them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary", minLength: 1 }), { minLength: 1 }),
        fc.boolean(),
        (parts, absolute) => {
          const names = parts.map((part) => part.replaceAll(/[/\0]|\p{Cs}/gu, "x"));
          fc.pre(names.every((name) => name !== "." && name !== ".."));
          const path = `${absolute ? "/" : ""}${names.join("/")}`;
          const uri = uriOf(plainPath(path, "/"));
          // A reference that would be a scheme or a host is none to this folder.
          expect(decodeURIComponent(new URL(uri, "file:///folder/").pathname)).toBe(
            absolute ? path : `/folder/${path}`,
          );
          expect(new URL(uri, "file:///folder/").host).toBe("");
        },
      ),
    );
    const uri = (file: string, separator = "/"): string => uriOf(plainPath(file, separator));
    expect(uri("./dumps//a b.txt")).toBe("dumps/a%20b.txt");
    expect(uri("dumps/../rules.txt")).toBe("rules.txt");
    expect(uri("../../rules.txt")).toBe("../../rules.txt");
    expect(uri("c:rules.txt")).toBe("c%3Arules.txt");
    expect(uri(String.raw`dumps\rules.txt`, "\\")).toBe("dumps/rules.txt");
    expect(uri(String.raw`C:\dumps\a b.txt`, "\\")).toBe("file:///C:/dumps/a%20b.txt");
    expect(uri(String.raw`\\host\share\a.txt`, "\\")).toBe("file://host/share/a.txt");
    expect(uri("\ud800.txt")).toBe("%EF%BF%BD.txt");
  });

  it("names standard input, relative to nothing", async () => {
    const { stdout } = await run(["--format", "sarif", "-"], cwd, OFFICE);
    const [result] = resultsOf(stdout);
    expect(result!.locations![0]!.physicalLocation!.artifactLocation).toEqual({
      uri: "stdin",
      description: { text: "standard input" },
    });
  });
});

describe("workflow commands of GitHub", () => {
  const COMMAND = /^::(error|warning|notice) ([^:]*)::(.*)$/;

  function commandsOf(text: string): { name: string; properties: Map<string, string>; message: string }[] {
    expect(text === "" || text.endsWith("\n")).toBe(true);
    return text
      .split("\n")
      .slice(0, -1)
      .map((line) => {
        const [, name, properties, message] = COMMAND.exec(line)!;
        const pairs = properties!.split(",").map((pair): [string, string] => {
          const [key, value] = pair.split("=", 2) as [string, string];
          return [key, decoded(pair.slice(key.length + 1) === value ? value : pair.slice(key.length + 1))];
        });
        return { name: name!, properties: new Map(pairs), message: decoded(message!) };
      });
  }

  function decoded(text: string): string {
    return text
      .replaceAll("%0D", "\r")
      .replaceAll("%0A", "\n")
      .replaceAll("%3A", ":")
      .replaceAll("%2C", ",")
      .replaceAll("%25", "%");
  }

  it("are one a finding, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.array(wildText, { maxLength: 5 }), (texts) => {
        const findings = texts.map((text) =>
          findingWith(text, {
            location: { file: `d/${text}`, line: 1, column: 2, endLine: 1, endColumn: 3 },
          }),
        );
        const commands = commandsOf(githubLint(resultWith(findings), contextWith()));
        expect(commands).toHaveLength(texts.length);
        for (const [index, { name, properties, message }] of commands.entries()) {
          expect(name).toBe("error");
          expect([...properties.keys()]).toEqual(["file", "line", "col", "endLine", "title"]);
          expect(properties.get("file")).toBe(safe(plainPath(`d/${texts[index]!}`, "/").path));
          expect(message.startsWith(`${safe(texts[index]!)}\n`)).toBe(true);
        }
      }),
    );
  });

  it("stand by severity, and leave out columns of several lines and the place in standard input", async () => {
    const over = { file: "rules.txt", line: 4, column: 2, endLine: 6, endColumn: 1 };
    const text = githubLint(
      resultWith([
        findingWith("note", { severity: "info" }),
        findingWith("grave", { location: over }),
        findingWith("mild", { severity: "warning" }),
      ]),
      contextWith(),
    );
    expect(text.split("\n").map((line) => line.split("::").slice(1, 2).join(""))).toEqual([
      "error file=rules.txt,line=4,endLine=6,title=dfwlint%3A shadowed-rule",
      "warning file=rules.txt,line=2,col=3,endLine=2,title=dfwlint%3A shadowed-rule",
      "notice file=rules.txt,line=2,col=3,endLine=2,title=dfwlint%3A shadowed-rule",
      "",
    ]);
    const { stdout } = await run(["--format", "github", "-"], cwd, OFFICE);
    const [first] = commandsOf(stdout);
    expect([...first!.properties.keys()]).toEqual(["title"]);
    expect(first!.message).toMatch(/^\(standard input\):\d+: rule /);
  });

  it.each([
    [10, 10, 10, null],
    [11, 0, 0, "1 finding of 11 errors, 0 warnings and 0 for information is"],
    [0, 12, 3, "2 findings of 0 errors, 12 warnings and 3 for information are"],
    [30, 30, 10, "41 findings of 30 errors, 30 warnings and 10 for information are"],
    [0, 0, 11, "2 findings of 0 errors, 0 warnings and 11 for information are"],
  ])(
    "%d errors, %d warnings and %d for information: the note is among what is shown",
    (error, warning, info, note) => {
      const findings = Object.entries({ info, warning, error }).flatMap(([severity, count]) =>
        Array.from({ length: count }, () =>
          findingWith("x", { severity: severity as FindingResult["severity"] }),
        ),
      );
      const commands = commandsOf(githubLint(resultWith(findings), contextWith()));
      const notices = commands.filter(({ name }) => name === "notice");
      const notes = notices.slice(0, 10).filter(({ message }) => message.includes("only in the log"));
      expect(notes.map(({ message }) => message.replace(/ only in the log.*/, ""))).toEqual(
        note === null ? [] : [note],
      );
      expect(commands).toHaveLength(error + warning + info + notes.length);
      const quiet = commandsOf(githubLint(resultWith(findings), contextWith({ quiet: true })));
      expect(quiet).toHaveLength(error + warning + info);
    },
  );

  it("are none for what is suppressed, known or clean", async () => {
    expect(commandsOf(githubLint(everything, contextWith()))).toHaveLength(3);
    expect(await lintAs("github", "clean.txt")).toBe("");
  });
});

describe("JUnit XML", () => {
  interface Node {
    readonly name: string;
    readonly attributes: Readonly<Record<string, string>>;
    readonly children: Node[];
    text: string;
  }

  /** A strict parser: whatever is not well-formed is an error. */
  function parse(xml: string): Node {
    const root: Node = { name: "", attributes: {}, children: [], text: "" };
    const open = [root];
    const parser = new SaxesParser();
    parser.on("error", (error) => {
      throw error;
    });
    parser.on("opentag", ({ name, attributes }) => {
      const node: Node = { name, attributes, children: [], text: "" };
      open.at(-1)!.children.push(node);
      open.push(node);
    });
    parser.on("text", (text) => {
      open.at(-1)!.text += text;
    });
    parser.on("closetag", () => open.pop());
    parser.write(xml).close();
    return root.children[0]!;
  }

  function caseOf(outcome: string, message: string): unknown {
    return expect.objectContaining({
      attributes: expect.objectContaining({ name: message }),
      children: outcome === "" ? [] : [expect.objectContaining({ name: outcome })],
    });
  }

  it("has failures for errors and warnings, output for information, and skips what is known", () => {
    const suites = parse(junitLint(everything, contextWith()));
    expect(suites.attributes).toEqual({
      name: "dfwlint",
      tests: "5",
      failures: "2",
      errors: "0",
      skipped: "2",
      time: "0",
    });
    expect(suites.children.map(({ attributes }) => attributes["name"])).toEqual(["dfwlint"]);
    const { children } = suites.children[0]!;
    expect(children).toEqual([
      caseOf("failure", "an error"),
      caseOf("failure", "a warning"),
      caseOf("system-out", "a note"),
      caseOf("skipped", "left as it is"),
      caseOf("skipped", "seen before"),
    ]);
    expect(children.map(({ attributes }) => attributes["classname"])).toEqual([
      ...Array.from({ length: 3 }, () => "shadowed-rule"),
      "no-default",
      "empty-addrset",
    ]);
    expect(children[3]!.children[0]!.attributes["message"]).toBe(
      "suppressed until 2027-01-31: agreed with <networks> until the move",
    );
    expect(children[0]!.attributes).toMatchObject({ file: "rules.txt", line: "2" });
  });

  it("has a suite a filter, and one test that passes where nothing is found", async () => {
    const suites = parse(await lintAs("junit", "two.log")).children;
    expect(suites.map(({ attributes }) => attributes["name"])).toEqual([
      "filter nic-100-eth0-vmware-sfw.2",
      "filter nic-200-eth0-vmware-sfw.2",
    ]);
    const clean = parse(await lintAs("junit", "clean.txt"));
    expect(clean.attributes).toMatchObject({ tests: "1", failures: "0", skipped: "0" });
    expect(clean.children[0]!.children).toEqual([caseOf("", "no findings")]);
    const halfClean = resultWith([findingWith("of no filter", { rule: null })], {
      filters: ["a", "b"].map((name) => ({ name, rules: 1, addrsets: 0 })),
    });
    expect(
      parse(junitLint(halfClean, contextWith())).children.map(({ attributes, children }) => [
        attributes["name"],
        children.map((each) => each.attributes["name"]),
      ]),
    ).toEqual([
      ["dfwlint", ["of no filter"]],
      ["filter a", ["no findings"]],
      ["filter b", ["no findings"]],
    ]);
  });

  it("never names two tests alike", () => {
    const same = resultWith([1, 2, 3].map(() => findingWith("expected a port")));
    const [suite] = parse(junitLint(same, contextWith())).children;
    expect(suite!.children.map(({ attributes }) => attributes["name"])).toEqual([
      "expected a port",
      "expected a port (2)",
      "expected a port (3)",
    ]);
  });

  it("is well-formed and holds the text, whatever the dump holds", async () => {
    fc.assert(
      fc.property(wildText, (text) => {
        const result = resultWith([findingWith(text)], { filters: [{ name: text, rules: 1, addrsets: 0 }] });
        const context = contextWith({ filterOf: () => text });
        const [suite] = parse(junitLint(result, context)).children;
        const [test] = suite!.children;
        const shown = safe(text)
          .replaceAll("\ufffe", String.raw`\ufffe`)
          .replaceAll("\uffff", String.raw`\uffff`);
        expect(suite!.attributes["name"]).toBe(`filter ${shown}`);
        expect(test!.attributes["name"]).toBe(shown);
        expect(test!.children[0]!.text.split("\n")[0]).toBe(`rules.txt:2:3: error: ${shown}`);
        expect(test!.children).toHaveLength(1);
      }),
    );
    const hostile = parse(await lintAs("junit", "hostile.txt"));
    expect(Number(hostile.attributes["tests"])).toBeGreaterThan(HOSTILE_NAMES.length);
  });
});

describe("Markdown", () => {
  interface Node {
    readonly type: string;
    readonly value?: string;
    readonly children?: readonly Node[];
  }

  const OWN_HTML = /^(?:<details(?: open)?><summary>\d+ [a-z ]+<\/summary>|<\/details>)$/;
  const OWN_NODES = new Set(
    "root heading paragraph text table tableRow tableCell list listItem strong inlineCode html".split(" "),
  );
  /** Words, numbers and the marks of a sentence: nothing that GitHub looks for in the page that comes out. */
  const PLAIN = /^[A-Za-z0-9 .,;:()'-]*$/;
  const REFERENCE = /\.[A-Za-z0-9]|[A-Za-z]-?\d|\d[A-Za-z]|\d{7}|:[A-Za-z]|^\d+[.)]/;

  async function nodesOf(markdown: string): Promise<Node[]> {
    const parser = parsers.markdown;
    const all: Node[] = [];
    const visit = (node: Node): void => {
      all.push(node);
      for (const child of node.children ?? []) visit(child);
    };
    visit((await parser.parse(markdown, {} as never)) as Node);
    return all;
  }

  /** Everything but code has to be plain words, of ours or of a dump. */
  async function expectInert(markdown: string): Promise<void> {
    expect(markdown.length).toBeLessThanOrEqual(60_000);
    for (const { type, value } of await nodesOf(markdown)) {
      expect(OWN_NODES).toContain(type);
      if (type === "html") expect(value).toMatch(OWN_HTML);
      if (type === "text") {
        expect(value).toMatch(PLAIN);
        expect(value).not.toMatch(REFERENCE);
      }
    }
  }

  it("holds nothing of a dump but words and code", async () => {
    const text = await lintAs("markdown", "hostile.txt");
    await expectInert(text);
    const nodes = await nodesOf(text);
    const code = nodes.filter(({ type }) => type === "inlineCode").map(({ value }) => value!);
    expect(PARSED_NAMES.filter((name) => !code.some((value) => value.includes(safe(name))))).toEqual([]);
  });

  it("stays so with any text in any place", async () => {
    await fc.assert(
      fc.asyncProperty(wildText, fc.constantFrom("error", "warning", "info"), async (text, severity) => {
        const finding = findingWith(text, {
          severity,
          location: { file: text, line: 1, column: 1, endLine: 1, endColumn: 1 },
        });
        const result = resultWith([finding], {
          suppressed: [{ ...finding, suppression: { reason: text, until: text } }],
          filters: [
            { name: text, rules: 1, addrsets: 1 },
            { name: null, rules: 1, addrsets: 1 },
          ],
        });
        await expectInert(markdownLint(result, contextWith({ filterOf: () => text, line: () => text })));
      }),
      { numRuns: 50 },
    );
  });

  it("writes the words of a sentence as they are", () => {
    expect(codeOrWords("rule 7 at 3 (drop) is never reached: ip-securitygroup-12, and no other.")).toBe(
      "rule 7 at 3 (drop) is never reached: `ip-securitygroup-12`, and no other.",
    );
    expect(codeOrWords("addrset `x` (@team): 10.0.0.1")).toBe("addrset `` `x` `` (`@team`): `10.0.0.1`");
    expect(codeOrWords("commits deadbeef and 1234567, not cafe or 123456")).toBe(
      "commits `deadbeef` and `1234567`, not cafe or 123456",
    );
    expect(codeOrWords("")).toBe("");
    expect(prose("such as `drop with log`, or (`reject`): @a `b")).toBe(
      "such as `drop with log`, or (`reject`): `@a` `` `b ``",
    );
  });

  it("shows errors open and the rest folded, with what is suppressed and what a baseline says", () => {
    const text = markdownLint(everything, contextWith());
    expect(text.match(/^<details.*$/gm)).toEqual([
      "<details open><summary>1 error</summary>",
      "<details><summary>1 warning</summary>",
      "<details><summary>1 for information</summary>",
      "<details><summary>1 suppressed finding</summary>",
    ]);
    expect(text).toContain("| suppressed | 1 |\n| known from the baseline | 1 |\n| no longer found | 1 |\n");
    expect(text).toContain("  - reason: agreed with `<networks>` until the move (until `2027-01-31`)\n");
    expect(markdownLint(resultWith([]), contextWith({ quiet: true }))).toBe("");
  });

  it("shows the beginning of a text that is as long as a file", () => {
    const text = markdownLint(resultWith([findingWith("word ".repeat(100_000))]), contextWith());
    expect(text).toContain(": word word word ");
    expect(text).toContain("…");
    expect(text).not.toContain("Left out");
    expect(text.length).toBeLessThan(5000);
  });

  it("is never too long, keeps the gravest, and says what it left out", async () => {
    const lengths = fc.record({
      errors: fc.nat(400),
      warnings: fc.nat(400),
      word: fc.constantFrom(
        "x",
        "@everyone ".repeat(200),
        "`".repeat(3000),
        "\u001b".repeat(3000),
        "|a ".repeat(900),
      ),
    });
    fc.assert(
      fc.property(lengths, ({ errors, warnings, word }) => {
        const many = (count: number, severity: FindingResult["severity"]): FindingResult[] =>
          Array.from({ length: count }, (_, index) => findingWith(`${index} ${word}`, { severity }));
        const result = resultWith([...many(errors, "error"), ...many(warnings, "warning")], {
          filters: Array.from({ length: 50 }, () => ({ name: word, rules: 1, addrsets: 1 })),
        });
        const text = markdownLint(result, contextWith({ line: () => word }));
        expect(text.length).toBeLessThanOrEqual(60_000);
        const left = (name: string): number =>
          Number(new RegExp(String.raw`^Left out.*?(\d+) ${name}s?\b`, "m").exec(text)?.[1] ?? 0);
        const shown = text.match(/^- \*\*/gm)?.length ?? 0;
        expect(shown + left("error") + left("warning")).toBe(errors + warnings);
        // Of the less grave nothing is shown before all that is graver.
        if (left("error") > 0) expect(left("warning")).toBe(warnings);
        expect(text.split("<details").length).toBe(text.split("</details>").length);
      }),
      { numRuns: 30 },
    );
  });
});
