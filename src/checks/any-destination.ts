import type { Check } from "./check.ts";
import { findOpen } from "./open-field.ts";

export const anyDestination: Check = {
  id: "any-destination",
  severity: "info",
  label: "open to every destination",
  summary:
    "An accept from the VM leads to every destination: after what earlier rules take, it still leads to more than half of all addresses of a family. Where its source is open too, any-source says so.",
  why: "A machine that is taken over can talk to everything, inside and outside, and nothing here stops data on its way out.",
  help: "Name the destinations that are needed. For updates or name resolution, name the servers or a proxy.",
  example: `ruleset domain-c1 {
  rule 1191 at 1 inout protocol tcp from addrset app to any port 443 accept;
  rule 1001 at 2 inout protocol any from any to any drop;
}
addrset app {
ip 10.3.0.11,
}`,
  find: (context) => findOpen(context, "destination"),
};
