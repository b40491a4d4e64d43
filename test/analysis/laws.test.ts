import { describe, expect, it } from "@jest/globals";
import { generate } from "../../bench/generate.ts";
import { FilterAnalysis } from "../../src/analysis/analysis.ts";
import { printItems } from "../../src/syntax/print.ts";
import { parseDump } from "../../src/syntax/parse.ts";
import { filterOf } from "../support/dumps.ts";

/** Changes of the text that change no verdict, on a set of 1,000 rules. */
const BASE = generate({ rules: 1000, sets: 300, members: 15_000, seed: 21, shape: "scattered" });

interface Text {
  readonly rules: string;
  readonly addrsets: string;
}

function statuses({ rules, addrsets }: Text): string[] {
  const [analysis] = FilterAnalysis.ofAll([filterOf(rules, addrsets)]);
  return analysis!.lists.flatMap((list) =>
    list.facts.map(({ rule, status, by }) => {
      const covered = by.length === 1 ? ` by ${by[0]!.reference.id}` : by.length > 1 ? " by several" : "";
      return `${rule.reference.id} ${rule.action} ${status}${covered}`;
    }),
  );
}

const expected = statuses(BASE);

const laws: Readonly<Record<string, (text: Text) => Text>> = {
  "renaming address sets": ({ rules, addrsets }) => {
    const rename = (text: string): string => text.replace(/addrset (\S+)/g, "addrset renamed-$1");
    return { rules: rename(rules), addrsets: rename(addrsets) };
  },
  "splitting a CIDR in two": ({ rules, addrsets }) => ({
    rules,
    addrsets: addrsets.replace(/^ip (\d+\.\d+\.\d+)\.0\/24,$/gm, "ip $1.0/25,\nip $1.128/25,"),
  }),
  "writing hosts as ranges and members twice": ({ rules, addrsets }) => ({
    rules,
    addrsets: addrsets.replace(/^ip (\d+\.\d+\.\d+\.\d+),$/gm, "ip $1-$1,\nip $1/32,"),
  }),
  "turning the members of every set round": ({ rules, addrsets }) => ({
    rules,
    addrsets: addrsets.replace(
      /\{\n([^}]*)\}/g,
      (_, members: string) => `{\n${members.split("\n").toReversed().join("\n")}\n}`,
    ),
  }),
  "printing again what was parsed": ({ rules, addrsets }) => ({
    rules: printItems(parseDump("rules", rules).items),
    addrsets: printItems(parseDump("addrsets", addrsets).items),
  }),
  "losing all line ends": ({ rules, addrsets }) => ({
    rules: rules.replace(/\s+/g, " "),
    addrsets: addrsets.replace(/\s+/g, " "),
  }),
  "numbering positions by tens": ({ rules, addrsets }) => ({
    rules: rules.replace(/ at (\d+) /g, " at $10 "),
    addrsets,
  }),
};

describe("laws on 1,000 rules", () => {
  it("have something to hold on to", () => {
    expect(expected.filter((line) => !line.includes("reachable")).length).toBeGreaterThan(100);
  });

  it.each(Object.keys(laws))("%s changes nothing", (name) => {
    const changed = laws[name]!(BASE);
    expect(changed).not.toEqual(BASE);
    expect(statuses(changed)).toEqual(expected);
  });

  it("what is appended behind a catch-all is dead and changes nothing before it", () => {
    const appended = BASE.rules.replace(
      /\n}/,
      "\n  rule 9999999 at 9999999 inout protocol tcp from any to any port 443 accept;\n}",
    );
    const lines = statuses({ rules: appended, addrsets: BASE.addrsets });
    const added = lines.filter((line) => line.startsWith("9999999 "));
    expect(added).toHaveLength(1);
    expect(added[0]).not.toContain("reachable");
    expect(lines.filter((line) => !line.startsWith("9999999 "))).toEqual(expected);
  });

  it("swapping disjoint neighbours changes no rule's status", () => {
    const lines = BASE.rules.split("\n");
    const port = (line: string): string | undefined =>
      /protocol (\w+) from .* to .* port (\d+) /.exec(line)?.slice(1).join("/");
    let swapped = 0;
    for (let at = 2; at + 1 < lines.length; at += 1) {
      const [one, two] = [port(lines[at]!), port(lines[at + 1]!)];
      if (one === undefined || two === undefined || one === two) continue;
      [lines[at], lines[at + 1]] = [lines[at + 1]!, lines[at]!];
      swapped += 1;
      at += 1;
    }
    expect(swapped).toBeGreaterThan(50);
    const withoutBlockers = (line: string): string => line.replace(/ by .*/, "");
    const after = statuses({ rules: lines.join("\n"), addrsets: BASE.addrsets }).map(withoutBlockers);
    expect(after.toSorted()).toEqual(expected.map(withoutBlockers).toSorted());
  });
});
