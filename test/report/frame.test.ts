import { Chalk } from "chalk";
import { describe, expect, it } from "@jest/globals";
import { codeFrame, type Label } from "../../src/report/pretty/frame.ts";
import type { ReportContext } from "../../src/report/context.ts";

function frame(files: Readonly<Record<string, string>>, labels: readonly Label[]): string {
  const context: ReportContext = {
    chalk: new Chalk({ level: 0 }),
    quiet: false,
    line: (file, number) => files[file]!.split("\n")[number - 1] ?? "",
    filterOf: () => undefined,
  };
  return codeFrame(labels, context).join("\n");
}

function at(file: string, line: number, column: number, length: number): Label["location"] {
  return { file, line, column, endLine: line, endColumn: column + length };
}

const RULE = "  rule 7 at 1 inout protocol tcp from any to any accept;";

describe("code frames", () => {
  it("mark the head of a rule, whatever the width of line numbers", () => {
    const text = `${"\n".repeat(8)}${RULE}\n${RULE.replace("7 at 1", "8 at 2")}`;
    const labels: Label[] = [
      { location: at("a.txt", 10, 3, 54), text: "never reached", primary: true },
      { location: at("a.txt", 9, 3, 54), text: "takes them first", primary: false },
    ];
    expect(frame({ "a.txt": text }, labels)).toBe(
      `   --> a.txt:10:3
 9 |   rule 7 at 1 inout protocol tcp from any to any accept;
   |   ----------- takes them first
10 |   rule 8 at 2 inout protocol tcp from any to any accept;
   |   ^^^^^^^^^^^ never reached`,
    );
  });

  it("stand right under wide characters, marks without width and tabs", () => {
    const line = "\taddrset 組織e\u0301 {";
    const labels: Label[] = [
      { location: at("a.txt", 1, 10, 4), text: "name", primary: true },
      { location: at("a.txt", 1, 15, 1), text: "brace", primary: false, caret: { line: 1, column: 15 } },
    ];
    // The name takes five columns of a terminal: two wide characters, and a letter with its accent.
    expect(frame({ "a.txt": line }, labels)).toBe(
      ` --> a.txt:1:10
1 |  addrset 組織e\u0301 {
  |          ^^^^^ name
  |                - brace`.replace(/^ -->/, "  -->"),
    );
  });

  it("show the part of a long line in which the mark stands, and the line once for marks in the same part", () => {
    const filler = "1234567890".repeat(50);
    const line = `${filler} here ${filler} there`;
    const near: Label = { location: at("a.txt", 1, 502, 4), text: "one", primary: true };
    const far: Label = { location: at("a.txt", 1, 1008, 5), text: "two", primary: false };
    const lines = frame({ "a.txt": line }, [near, far]).split("\n");
    expect(lines).toHaveLength(5);
    for (const [source, mark, word] of [
      [lines[1]!, lines[2]!, "here"],
      [lines[3]!, lines[4]!, "there"],
    ] as const) {
      expect(source.length).toBeLessThan(160);
      const column = mark.search(/[-^]/);
      expect(source.slice(column, column + word.length)).toBe(word);
    }
    const again = frame({ "a.txt": line }, [near, { ...near, text: "again", primary: false }]).split("\n");
    expect(again.map((each) => each.slice(0, 3))).toEqual(["  -", "1 |", "  |", "  |"]);
  });

  it("never cut a character in two", () => {
    const line = `${"x".repeat(149)}\u{1f512}\u{1f512} tail that is cut`;
    const shown = frame({ "a.txt": line }, [{ location: at("a.txt", 1, 1, 5), text: "here", primary: true }]);
    expect(shown).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/);
    expect(shown).toContain(`x\u{1f512}…`);
  });

  it("have a block a file, each with its own place", () => {
    const labels: Label[] = [
      { location: at("sets.txt", 1, 9, 3), text: "has no members", primary: true },
      { location: at("rules.txt", 1, 3, 54), text: "uses it", primary: false },
    ];
    expect(frame({ "sets.txt": "addrset web {", "rules.txt": RULE }, labels)).toBe(
      `  --> sets.txt:1:9
1 | addrset web {
  |         ^^^ has no members
  --> rules.txt:1:3
1 |   rule 7 at 1 inout protocol tcp from any to any accept;
  |   ----------- uses it`,
    );
  });
});
