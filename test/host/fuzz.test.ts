import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { describeHosts } from "../../src/engine/host.ts";
import { readInput } from "../../src/engine/input.ts";
import { lint } from "../../src/engine/lint.ts";
import { hostTables } from "../../src/report/host-tables.ts";
import { markdownHosts } from "../../src/report/markdown-host.ts";
import { lostWords } from "./words.ts";

const read = (name: string): string =>
  readFileSync(new URL(`../../rules-fixtures/${name}`, import.meta.url), "utf8");
const SESSIONS = [
  "seed/session.md",
  "hosts/bank/session.log",
  "hosts/clinic/session.log",
  "collect/ferry/session.log",
].map(read);

/** Whatever stands in it, a session is read, linted and printed, and what was not understood is told. */
function expectNothingLost(text: string): void {
  const result = describeHosts([{ file: "session.log", text }]);
  for (const host of result.hosts) hostTables(host);
  markdownHosts(result, { quiet: false });
  // What was printed twice is told as a whole, not word by word.
  if (result.hosts.some(({ repeated }) => repeated.length > 0)) return;
  const lost = lostWords(text, result.hosts);
  if (lost.length > 0) expect(lost).toEqual([]);
}

/** The part of a session around a place; whole sessions take long. */
function window(text: string, from: number, lines: number): string {
  const all = text.split("\n");
  const start = Math.floor(from * all.length);
  const prompt = all.slice(0, start + 1).findLastIndex((line) => line.startsWith("[root@"));
  return all.slice(Math.max(0, prompt), start + lines).join("\n");
}

const place = fc.double({ min: 0, max: 1, noNaN: true });

describe("nothing of a session is lost", () => {
  it("that was cut off anywhere", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SESSIONS), place, place, (text, from, end) => {
        const part = window(text, from, 80);
        expectNothingLost(part.slice(0, Math.floor(end * part.length)));
      }),
      { numRuns: 400 },
    );
  });

  it("in which parts were deleted, inserted, doubled or exchanged", () => {
    const change = fc.record({
      kind: fc.constantFrom("delete", "insert", "double", "exchange"),
      from: place,
      to: place,
      length: fc.nat({ max: 40 }),
      inserted: fc.oneof(
        fc.constantFrom(
          "\n",
          " ",
          "  ",
          "\t",
          ":",
          "|",
          "x",
          "```\n",
          "[root@other:~] ",
          "world 7 vmm0:a b\n",
          "\u001b[31m",
          "Name: ",
          "%",
        ),
        fc.string({ maxLength: 5 }),
      ),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...SESSIONS),
        place,
        fc.array(change, { minLength: 1, maxLength: 5 }),
        (text, from, changes) => {
          let changed = window(text, from, 60);
          for (const { kind, from, to, length, inserted } of changes) {
            const start = Math.floor(from * changed.length);
            const part = changed.slice(start, start + length);
            const before = changed.slice(0, start);
            const after = changed.slice(start + length);
            const rest = before + after;
            const other = Math.floor(to * rest.length);
            if (kind === "delete") changed = rest;
            if (kind === "insert") changed = before + inserted + part + after;
            if (kind === "double") changed = before + part + part + after;
            if (kind === "exchange") changed = rest.slice(0, other) + part + rest.slice(other);
          }
          expectNothingLost(changed);
        },
      ),
      { numRuns: 700 },
    );
  });

  it("and findings about it never fail", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SESSIONS.slice(1)), place, place, (text, from, to) => {
        const [start, end] = [Math.min(from, to), Math.max(from, to)].map((part) =>
          Math.floor(part * text.length),
        );
        lint(readInput([{ file: "session.log", text: text.slice(0, start) + text.slice(end) }]));
      }),
      { numRuns: 60 },
    );
  });
});

it("no session takes long", () => {
  const pieces = [
    "[root@a:~] summarize-dvfilter\n",
    " port 1 a\n",
    "world 1 vmm0: ",
    "x ".repeat(40) + "\n",
    "a: ",
    " ".repeat(50),
    "[root@a:~] esxcfg-vmknic -l\nInterface  Port Group/DVPort  IP Family IP Address  Netmask  MTU  Enabled\n",
    "vmk0  x  IPv4  10.0.0.1  255.0.0.0  1500  true\n",
    "-----  ----\n",
    "Legend: [",
    "== ",
    "[root@a:~] pktcap-uw -h\n",
    "\tx\n",
  ];
  for (const head of ["", ...pieces]) {
    for (const piece of pieces) {
      const text = head + piece.repeat(Math.ceil(10_000 / piece.length));
      expect(describeHosts([{ file: "session.log", text }]).version).toBe(1);
    }
  }
});
