import type { Source } from "../model/rule.ts";
import type { Check } from "./check.ts";

export const repeatedDump: Check = {
  id: "repeated-dump",
  severity: "warning",
  label: "counts",
  summary: "The input holds the same ruleset or address set of one filter twice; the last one counts.",
  why: "Two states of one filter, or dumps of two filters without the prompts that tell them apart, were given together.",
  help: "Give one dump a filter, or keep the prompt lines with the command so that filters can be told apart.",
  example: `addrset web {
ip 10.1.1.10,
}
addrset web {
ip 10.1.1.11,
}
ruleset domain-c1 {
  rule 1161 at 1 inout protocol tcp from any to addrset web port 443 accept;
  rule 1001 at 2 inout protocol any from any to any drop;
}`,
  *find(context) {
    for (const { kind, name, used, dropped, identical } of context.model.repeated) {
      const block = name === null ? "a list of rules" : `${kind} ${name}`;
      yield {
        severity: identical ? "info" : "warning",
        message: `${block} stands twice in the input, ${identical ? "with the same text" : "with different text"}; this one counts`,
        ...(identical
          ? { why: "The same dump was given twice; nothing is lost.", help: "Nothing to do." }
          : {}),
        at: firstLine(used),
        ...(kind === "addrset" && name !== null ? { addressSet: name } : {}),
        related: [
          {
            label: "does not count",
            at: firstLine(dropped),
            rule: null,
            addressSet: kind === "addrset" ? name : null,
          },
        ],
        data: { identical },
      };
    }
  },
};

function firstLine({ dump, range: { start, end } }: Source): Source {
  const lineEnd = dump.text.slice(start, end).search(/[\r\n]/);
  return { dump, range: { start, end: lineEnd === -1 ? end : start + lineEnd } };
}
