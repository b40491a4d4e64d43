import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Item, RuleNode } from "../../src/syntax/nodes.ts";
import { parseDump } from "../../src/syntax/parse.ts";
import { printItems, printRule, printRuleBody } from "../../src/syntax/print.ts";
import { dumpTree, ruleTree } from "./arbitraries.ts";
import { fixturesIn } from "./fixtures.ts";
import { itemsOf, ruleOf, withoutRanges } from "./support.ts";

describe("printing", () => {
  it("gives a rule as vsipioctl prints it", () => {
    const line =
      "# internal # rule 1013 at 27 inout inet protocol tcp strict from addrset A port 1024-65535 to not addrset B port {8887, 8888, 9000-9010} with attribute profile p accept with log as ftp tag 'app one';";
    expect(printRule(ruleOf(line))).toBe(line);
    expect(printRule(ruleOf(line.replace(/ (?!internal|#|one)/g, "\n  ")))).toBe(line);
  });

  it("gives all spellings of ICMP types and codes one form", () => {
    const print = (match: string): string =>
      printRule(ruleOf(`rule 7 at 3 inout protocol ${match} from any to any accept;`)).split(" from ")[0]!;
    const typed = "rule 7 at 3 inout protocol icmp icmptype 3:1 stateless";
    expect(print("icmp with {stateless, typecode 3:1}")).toBe(typed);
    expect(print("icmp icmptype 3 icmpcode 1 stateless")).toBe(typed);
    expect(print("icmp stateless typecode 3:1")).toBe(typed);
    expect(print("icmp icmpcode 1")).toBe("rule 7 at 3 inout protocol icmp icmpcode 1");
  });

  it("gives equal rules at different places equal bodies", () => {
    const body = "inout protocol tcp from any to any port 80 accept with log;";
    expect(printRuleBody(ruleOf(`rule 7 at 3 ${body}`))).toBe(body);
    expect(printRuleBody(ruleOf(`# internal # rule 8 ${body}`))).toBe(body);
  });

  it("and parsing give the same rule", () => {
    fc.assert(
      fc.property(ruleTree, (tree) => {
        const text = printRule(tree as unknown as RuleNode);
        expect(withoutRanges(ruleOf(text))).toEqual(tree);
        expect(withoutRanges(ruleOf(`ruleset r {\n${text}\n}`))).toEqual(tree);
      }),
      { numRuns: 1000 },
    );
  });

  it("and parsing give the same dump", () => {
    fc.assert(
      fc.property(dumpTree, (tree) => {
        const text = printItems(tree as unknown as Item[]);
        expect(withoutRanges(itemsOf(text))).toEqual(tree);
        expect(printItems(itemsOf(text))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it("and losing the line ends and parsing give the same dump", () => {
    fc.assert(
      fc.property(dumpTree, (tree) => {
        // Only its line end tells where a free comment, a heading or the output before a prompt's name ends.
        const tellable = tree
          .filter((item) => item.type !== "header" && (!("command" in item) || item.text.startsWith("[")))
          .map((item) =>
            "items" in item ? { ...item, items: item.items.filter((part) => !("text" in part)) } : item,
          );
        const text = printItems(tellable as unknown as Item[]).replace(/\n */g, " ");
        expect(withoutRanges(itemsOf(text))).toEqual(tellable);
      }),
      { numRuns: 300 },
    );
  });

  it.each(["ok", "broken", "seed"].flatMap(fixturesIn))("$name a second time changes nothing", ({ text }) => {
    const once = printItems(parseDump("dump.txt", text).items);
    expect(printItems(parseDump("dump.txt", once).items)).toBe(once);
  });
});
