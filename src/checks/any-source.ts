import type { Check } from "./check.ts";
import { findOpen } from "./open-field.ts";

export const anySource: Check = {
  id: "any-source",
  severity: "info",
  label: "open to every source",
  summary:
    "An accept towards the VM is open to every source: after what earlier rules take, more than half of all addresses of a family still reach it, and no later rule would accept the same.",
  why: "Whoever can route a packet here is let in. For a published service that is meant; for all else it is the widest door there is.",
  help: "Name the networks or groups that need it. For a published service, suppress the finding with the reason.",
  example: `ruleset domain-c1 {
  rule 1181 at 1 inout protocol tcp from any to addrset web port 443 accept;
  rule 1001 at 2 inout protocol any from any to any drop;
}
addrset web {
ip 10.1.1.10,
}`,
  find: (context) => findOpen(context, "source"),
};
