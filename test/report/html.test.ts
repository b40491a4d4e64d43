import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Chalk } from "chalk";
import fc from "fast-check";
import { describe, expect, it } from "@jest/globals";
import { checkLabel } from "../../src/engine/explain.ts";
import { readInput } from "../../src/engine/input.ts";
import { lint } from "../../src/engine/lint.ts";
import { describeForReport } from "../../src/engine/report.ts";
import type { LintResult } from "../../src/engine/results.ts";
import { CLIENT } from "../../src/report/html/generated/client.ts";
import { embeddedJson, escapeHtml, grouped } from "../../src/report/html/html.ts";
import { htmlLint } from "../../src/report/html/page.ts";
import { STATUSES, type Payload } from "../../src/report/html/payload.ts";
import { STYLE } from "../../src/report/html/style.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { OFFICE, TWO_FILTERS } from "../cli/inputs.ts";
import { run } from "../support/run.ts";

/** The file of the HTML report; test/browser opens it. */

const FIXTURES = fileURLToPath(new URL("../../rules-fixtures/", import.meta.url));
const DATA = '<script type="application/json" id="data">';
const END = "</script>";

async function report(folder: string, ...files: string[]): Promise<string> {
  const { stdout, stderr, code } = await run(["lint", "--format", "html", ...files], folder);
  expect({ stderr, code }).toEqual({ stderr: "", code: 1 });
  return stdout;
}

/** The page in parts: what stands around the style, the data and the script, and the data. */
function partsOf(page: string): { text: string; data: Payload; json: string } {
  const cut = (text: string, start: string, end: string): [string, string, string] => {
    const from = text.indexOf(start) + start.length;
    const to = text.indexOf(end, from);
    expect({ start, found: from >= start.length && to !== -1 }).toEqual({ start, found: true });
    return [text.slice(0, from), text.slice(from, to), text.slice(to)];
  };
  const [head, style, afterStyle] = cut(page, "<style>", "</style>");
  const [body, json, afterData] = cut(afterStyle, DATA, END);
  const [between, script, tail] = cut(afterData, "<script>", END);
  expect(style).toBe(STYLE);
  expect(script).toBe(CLIENT);
  return { text: `${head}${body}${between}${tail}`, data: JSON.parse(json) as Payload, json };
}

describe("the page", () => {
  it.each(["seed", "tour"])("of the %s has this skeleton", async (name) => {
    const { text, data } = partsOf(await report(join(FIXTURES, name)));
    const file = new URL(`html-${name}.golden.txt`, import.meta.url);
    const actual = `${text.replace(/sha256-[\w+/=]{44}/g, "sha256-…")}\n${JSON.stringify(data, null, 1)}\n`;
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, actual);
    expect(actual).toBe(readFileSync(file, "utf8"));
  });

  it("is the same, byte for byte, each time", async () => {
    const folder = join(FIXTURES, "tour");
    expect(await report(folder)).toBe(await report(folder));
  });

  it("names no other place, and its policy lets nothing in", async () => {
    const page = await report(join(FIXTURES, "tour"));
    const { text } = partsOf(page);
    expect(`${text}${STYLE}`).not.toMatch(/https?:|\bsrc=|url\(|@import|<link/);
    expect(CLIENT).not.toMatch(/\bfetch\(|XMLHttpRequest|WebSocket|innerHTML|insertAdjacentHTML|\beval\(/);
    const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)!;
    expect(policy!.replaceAll(/sha256-[\w+/=]{44}/g, "…")).toBe(
      "default-src 'none'; style-src '…'; script-src '…'; base-uri 'none'; form-action 'none'",
    );
  });
});

describe("the data", () => {
  it("link findings, rules and blockers", async () => {
    const { data } = partsOf(await report(temporaryFolder({ "rules.txt": OFFICE })));
    const ids = (places: readonly number[] | undefined): (number | null)[] | undefined =>
      places?.map((place) => data.rules[place]!.id);
    expect(data.rules.map(({ status }) => STATUSES[status]!.name)).toEqual([
      "reachable",
      "shadowed",
      "reachable",
      "reachable",
      "reachable",
      "redundant",
      "reachable",
    ]);
    expect(ids(data.rules[1]!.by)).toEqual([3101]);
    expect(ids(data.rules[5]!.by)).toEqual([3105]);
    const shadowed = data.findings.find(({ check }) => check === "shadowed-rule")!;
    expect(ids([shadowed.rule!])).toEqual([3102]);
    expect(ids(shadowed.places.map(({ rule }) => rule!))).toEqual([3102, 3101]);
    expect([data.ends[data.rules[2]!.from], data.ends[data.rules[2]!.to]]).toEqual(["admins", "any"]);
    expect(data.rules[2]!.uncertain ?? data.findings.find(({ rule }) => rule === 2)?.message).toBeTruthy();
  });

  it("keep the rules of filters together, and say which filter a finding is of", async () => {
    const { data } = partsOf(await report(temporaryFolder({ "rules.txt": TWO_FILTERS })));
    expect(data.filters).toEqual([
      { name: "nic-100-eth0-vmware-sfw.2", first: 0, count: 3 },
      { name: "nic-200-eth0-vmware-sfw.2", first: 3, count: 2 },
    ]);
    expect(data.rules.map(({ filter }) => filter)).toEqual([0, 0, 0, 1, 1]);
    for (const { filter, rule } of data.findings)
      if (rule !== undefined) expect(data.rules[rule]!.filter).toBe(filter);
    expect(data.findings.some(({ filter }) => filter === 0)).toBe(true);
  });

  it("tell rules on one line apart, and a set called any from any address", async () => {
    const rules = [
      "rule 5 inout protocol tcp from addrset any to any port 80 accept;",
      "rule 5 inout protocol tcp from any to any port 80 accept;",
      "rule 5 inout protocol tcp from any to not addrset any port 80 drop;",
    ].join(" ");
    const dump = `${rules}\naddrset any {\nip 10.0.0.1,\n}\n`;
    const { data } = partsOf(await report(temporaryFolder({ "rules.txt": dump })));
    expect(data.rules.map(({ from, to }) => `${data.ends[from]} > ${data.ends[to]}`)).toEqual([
      "addrset any > any",
      "any > any",
      "any > not addrset any",
    ]);
    const shadowed = data.findings.find(({ check }) => check === "shadowed-rule")!;
    expect(shadowed.rule).toBe(2);
    expect(data.rules[2]!.by).toEqual([1]);
  });

  it("cut what nobody reads to the end", async () => {
    const ports = Array.from({ length: 600 }, (_, port) => port + 1).join(", ");
    const rule = `rule 1 at 1 inout protocol tcp from any to any port {${ports}} accept;\n`;
    const dump = `ruleset a {\n${rule}${rule.replace("1 at 1", "2 at 2").replace("accept", "drop")}${" ".repeat(3000)}nothing that parses;\n}\n`;
    const { data } = partsOf(await report(temporaryFolder({ "rules.txt": dump })));
    expect(data.rules[0]!.text).toHaveLength(1001);
    const texts = data.findings.flatMap(({ places }) =>
      places.flatMap(({ text, mark }) => (text === undefined ? [] : [{ text, mark }])),
    );
    expect(texts.length).toBeGreaterThan(0);
    for (const { text, mark } of texts) {
      expect(text.length).toBeLessThan(210);
      expect(text.slice(mark![0], mark![0] + mark![1])).toMatch(/^nothing/);
    }
  });

  it("show what is suppressed, known and gone", () => {
    const input = readInput([{ file: "rules.txt", text: OFFICE }]);
    const found = lint(input);
    const [first, second, ...rest] = found.findings;
    const result: LintResult = {
      ...found,
      findings: rest,
      suppressed: [{ ...first!, suppression: { reason: "agreed <b>", until: "2027-01-31" } }],
      baseline: {
        known: [second!],
        gone: [{ check: "no-default", fingerprint: "0123456789abcdef", message: "it was <i>here</i>" }],
      },
    };
    const page = htmlLint(
      { lint: result, filters: describeForReport(input), label: checkLabel },
      { chalk: new Chalk({ level: 0 }), quiet: false, line: () => "", filterOf: () => null },
    );
    const { text, data } = partsOf(page);
    expect(data.findings.slice(rest.length).map(({ state, reason }) => ({ state, reason }))).toEqual([
      { state: "suppressed", reason: "agreed <b> (until 2027-01-31)" },
      { state: "known", reason: undefined },
    ]);
    expect(text).toMatch(/<dt>suppressed<\/dt>\s*<dd>1<\/dd>/);
    expect(text).toMatch(/<dt>known from the baseline<\/dt>\s*<dd>1<\/dd>/);
    expect(text).toContain("it was &lt;i&gt;here&lt;/i&gt;");
  });
});

describe("text from a dump", () => {
  it("can neither end the data nor begin anything in the page", async () => {
    const evil = "</script><img/src=x/onerror=alert(1)><!--";
    const dump = `ruleset r {\nrule 1 at 1 inout protocol tcp from addrset ${evil} to any accept tag '${evil}';\n}\naddrset b {\n}\n`;
    const { text, data, json } = partsOf(await report(temporaryFolder({ "rules.txt": dump })));
    expect(json).not.toContain("<");
    expect(data.rules[0]!.text).toContain(evil);
    expect(text).not.toContain("<img");
    expect(text).not.toContain("<!--");
    expect(text).toContain("&lt;/script&gt;&lt;img/src=x/onerror=alert(1)&gt;&lt;!--");
  });

  it("comes back from the embedded JSON as it was, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("<", "/", "!", "-", "script", "a", '"', "\\", "&") })),
        (texts) => {
          const json = embeddedJson({ texts });
          expect(json).not.toContain("<");
          expect(JSON.parse(json)).toEqual({ texts });
        },
      ),
    );
  });

  it("is escaped for text and attributes", () => {
    expect(escapeHtml(`<a href="x" title='y'>&amp;\u202e`)).toBe(
      "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;\\u202e",
    );
    expect([0, 999, 1000, 17_234, 1_234_567].map(grouped)).toEqual([
      "0",
      "999",
      "1,000",
      "17,234",
      "1,234,567",
    ]);
  });
});
