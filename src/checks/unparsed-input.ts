import type { Check } from "./check.ts";
import { problemsOf } from "./input-problems.ts";

export const unparsedInput: Check = {
  id: "unparsed-input",
  severity: "error",
  label: "reading stopped here",
  summary: "Text that stands where a rule or a member should, and that no grammar rule takes.",
  why:
    "What it says is unknown: a rule that does not parse may match anything, and a set with such a member may hold any " +
    "address. All that depends on it is marked uncertain.",
  help: "Compare the line with the host's own output; if the host prints it so, please report it to dfwlint with the line.",
  example: `ruleset domain-c1 {
  rule 1141 at 1 inout protocol tcp form any to any port 443 accept;
  rule 1001 at 2 inout protocol any from any to any drop;
}`,
  find: (context) => problemsOf(context, "unparsed"),
};
