import type { Check } from "./check.ts";
import { problemsOf } from "./input-problems.ts";
import { cutText } from "./words.ts";

export const truncatedInput: Check = {
  id: "truncated-input",
  severity: "error",
  label: "the text ends here",
  summary:
    "A dump ends inside a rule or a block, or a session that `dfwlint collect` began ends before its last command.",
  why: "Rules or members are missing, so what dfwlint says of the rest is marked uncertain where it depends on them.",
  help: "Take the dump again: the terminal's scrollback or the copy was too short.",
  example: `ruleset domain-c1 {
  rule 1151 at 1 inout protocol tcp from any to any port 443 accept;
  rule 1152 at 2 inout protocol tcp from any to any po`,
  *find(context) {
    yield* problemsOf(context, "truncated");
    for (const { name, cut } of context.hosts)
      for (const { command, source } of cut)
        yield { message: cutText(command), at: source, subject: name ?? "", data: { host: name, command } };
  },
};
