import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { withoutColours } from "../../src/syntax/colours.ts";
import { parseDump } from "../../src/syntax/parse.ts";
import { printItems } from "../../src/syntax/print.ts";
import { fixturesIn } from "./fixtures.ts";

/** Lines that show something and lie in no item and no problem. */
function lostLines(text: string): string[] {
  const { items, problems, lines } = parseDump("dump.txt", text);
  const covered = new Set<number>();
  for (const { range } of [...items, ...problems]) {
    const first = lines.position(range.start).line;
    const last = lines.position(Math.max(range.start, range.end - 1)).line;
    for (let line = first; line <= last; line += 1) covered.add(line);
  }
  const lost: string[] = [];
  for (let line = 1; line <= lines.count; line += 1) {
    if (!covered.has(line) && withoutColours(lines.line(line)).text.trim() !== "")
      lost.push(lines.line(line));
  }
  return lost;
}

/** Everything that must hold for every text. */
function expectReadable(text: string): void {
  const { items, problems } = parseDump("dump.txt", text);
  const wrong: unknown[] = lostLines(text);
  let end = 0;
  for (const { type, range } of items) {
    if (range.start < end || range.end <= range.start) wrong.push({ type, range });
    end = range.end;
  }
  for (const { range, at, message } of problems) {
    const inside = range.start >= 0 && range.start <= at && range.end <= text.length && at <= text.length;
    if (!inside || message === "") wrong.push({ range, at, message });
  }
  if (end > text.length) wrong.push({ end });
  printItems(items);
  if (wrong.length > 0) expect(wrong).toEqual([]);
}

const FRAGMENTS = [
  "ruleset domain-c31 {",
  "ruleset",
  "addrset ip-ipset-9 {",
  "addrset",
  "{",
  "}",
  "}\n}",
  "  # Filter rules",
  "  # FILTER (APP Category) rules",
  "# generation number: 0",
  "# realization time : 2026-02-03T04:05:06",
  "# internal #",
  "# internal # rule 7 at 3 inout protocol tcp from any to any port 135 accept;",
  "#",
  "  rule 7 at 3 inout protocol any from any to any accept;",
  "rule 7 inout protocol tcp from addrset a to not addrset b port {80, 443} drop with log tag 'x y';",
  "rule 7 at 3 inout",
  "rule 7 at",
  "rule",
  "at 3",
  "inout protocol tcp",
  "from any to any",
  "port {80, 443",
  "port 80",
  "with attribute profile web",
  "with log",
  "with",
  "accept",
  "as ftp",
  "tag 'it's",
  "tag '",
  "';",
  ";",
  ",",
  "'",
  "ip 192.0.2.1,",
  "mac 00:50:56:01:02:03,",
  "ip",
  "[root@esx-07:~] vsipioctl getrules -f nic-1-eth0-vmware-sfw.2",
  "[root@esx-07:~]",
  "~ # ",
  "nsxmgr01> show dfw host h filter f rules",
  "> get firewall 4d1f ruleset rules",
  "host-1> get firewall addrset name 986c",
  "VIF UUID : 4d1f",
  "Rule count : 2",
  "Firewall Rules",
  "--------------------------------------------------",
  "Addrset UUID : 986c",
  "Address Count : 2",
  "Address : 192.0.2.1",
  "Rule ID   : 12",
  "rule  1004: 317802 evals, in 0 out 0 pkts",
  "\u001b[31m",
  "\u001b[0m",
  "\ufeff",
  "",
  "words of another command",
];

describe("no text stops the reading or loses a line", () => {
  it("of random characters", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 300 }),
          fc.string({ maxLength: 300 }),
          fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
          fc.string({ unit: fc.constantFrom(..." \t\r\n;,{}#'[]>:-1ar\u001b".split("")), maxLength: 80 }),
        ),
        expectReadable,
      ),
      { numRuns: 2000 },
    );
  });

  it("of pieces of dumps in any order", () => {
    const piece = fc.tuple(
      fc.constantFrom(...FRAGMENTS),
      fc.constantFrom("\n", "\n", " ", "", "\r\n", "\n\n  "),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => expectReadable(pieces.flat().join(""))),
      { numRuns: 2500 },
    );
  });

  it("of dumps with parts deleted, inserted, doubled and exchanged", () => {
    const texts = ["ok", "broken"].flatMap(fixturesIn).map(({ text }) => text);
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    const change = fc.record({
      kind: fc.constantFrom("delete", "insert", "double", "exchange", "cut"),
      from: place,
      length: fc.nat({ max: 60 }),
      to: place,
      inserted: fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ maxLength: 5 })),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        (text, changes) => {
          let changed = text;
          for (const { kind, from, length, to, inserted } of changes) {
            const start = Math.floor(from * changed.length);
            const other = Math.floor(to * changed.length);
            const part = changed.slice(start, start + length);
            const before = changed.slice(0, start);
            const after = changed.slice(start + length);
            if (kind === "delete") changed = before + after;
            if (kind === "insert") changed = changed.slice(0, start) + inserted + changed.slice(start);
            if (kind === "double") changed = before + part + part + after;
            if (kind === "exchange")
              changed = (before + after).slice(0, other) + part + (before + after).slice(other);
            if (kind === "cut") changed = changed.slice(0, Math.max(start, 20));
          }
          expectReadable(changed);
        },
      ),
      { numRuns: 1200 },
    );
  });
});

/** Texts that make a careless grammar try everything again at every place, or call itself without end. */
const BODY = "rule 1 at 1 inout protocol any from any to any";
const HOSTILE: Record<string, string> = {
  "one long word": "a",
  "rule words": "rule ",
  "heads of rules": "rule 1 at 1 ",
  "heads of rules in lines": "rule 1 at 1\n",
  "rules without an end": `${BODY} accept `,
  "rules without an end in lines": `${BODY} accept\n`,
  "qualifiers without an action": `${BODY} with attribute `,
  "many qualifying words": "with attribute w w w w w w w w ",
  "tags without an end": `${BODY} accept tag '`,
  "tags of apostrophes": `${BODY} accept tag ' ' ' ' ' ' ' ' `,
  "open tags": "tag '",
  "apostrophes and semicolons": "' ;",
  "ports without an end": "1,",
  "opening braces": "{",
  "closing braces": "}",
  semicolons: ";",
  commas: ",",
  "comment signs": "# ",
  "internal signs": "# internal # ",
  comments: "# x rules ",
  blanks: " ",
  "line ends": "\n",
  "indented line ends": "\n   ",
  "rulesets without an end": "ruleset a {",
  "address sets without an end": "addrset a {\n",
  "members without commas": "ip 192.0.2.1\n",
  "block words": "ruleset a\n",
  "lines that end in a brace": "x {\n",
  "opening brackets": "[a@",
  prompts: "[a@b] ",
  "prompts in lines": "a> \n",
  "shell prompts": "~ # ",
  headers: "VIF UUID : ",
  rulers: "----- ",
  "listed sets": "Addrset UUID : a ",
  "listed addresses": "Address : 1 ",
  counters: "rule 1: \n",
  "heads of blocks without a brace": "ruleset !!!! x\n# Filter rules\n",
  "commands without a filter": "~ # vsipioctl getrules ",
  "sentences like rules": "x in protocol a from b to c ",
  escapes: "\u001b[",
  "titles without an end": "\u001b]0;",
  colours: "\u001b[1mrule\u001b[0m 1 at 1 ",
  zeros: "\0",
  "pairs of surrogates": "\ud83d\ude00",
  "halves of surrogates": "\ud83d",
};

describe("no text takes long", () => {
  it.each<[string, number, string]>([
    ["at the start", 50_000, ""],
    ["in a ruleset", 50_000, "ruleset r {\n"],
    ["in an address set", 10_000, "addrset s {\n"],
    ["in a port set", 10_000, `ruleset r {\n${BODY} port {`],
    ["in a tag", 10_000, `${BODY} accept tag '`],
    ["in a comment", 10_000, "ruleset r {\n#"],
    ["behind a rule", 10_000, `${BODY} accept; `],
  ])("%s", (_, length, start) => {
    for (const [what, repeated] of Object.entries(HOSTILE)) {
      const text = start + repeated.repeat(Math.ceil(length / repeated.length));
      expect([what, lostLines(text)]).toEqual([what, []]);
    }
  });
});
