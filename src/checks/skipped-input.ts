import type { SkippedLine } from "../model/filters.ts";
import type { Dump } from "../syntax/parse.ts";
import type { Check } from "./check.ts";
import { problemsOf } from "./input-problems.ts";
import { counted } from "./words.ts";

export const skippedInput: Check = {
  id: "skipped-input",
  severity: "info",
  label: "skipped",
  summary: "Lines among rules and address sets that are neither, output of an NSX Edge, or rule statistics.",
  why: "dfwlint takes nothing from these lines. If one of them matters, what is said here is incomplete.",
  help: "Nothing to do if these are headings or notes.",
  example: `global addrset
addrset web {
ip 10.1.1.10,
}
ruleset domain-c1 {
  rule 1001 at 1 inout protocol any from any to addrset web accept;
  rule 1002 at 2 inout protocol any from any to any drop;
}`,
  *find(context) {
    yield* problemsOf(context, "foreign");
    const byDump = new Map<Dump, SkippedLine[]>();
    for (const line of context.model.skipped) {
      const lines = byDump.get(line.source.dump);
      if (lines === undefined) byDump.set(line.source.dump, [line]);
      else lines.push(line);
    }
    for (const lines of byDump.values()) {
      const [first] = lines;
      yield {
        message: `${counted(lines.length, "line is", "lines are")} neither rule nor address set, beginning with "${first!.text.slice(0, 80)}"`,
        at: first!.source,
        data: { lines: lines.length },
      };
    }
  },
};
