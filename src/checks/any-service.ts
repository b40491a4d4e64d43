import type { Check } from "./check.ts";
import { findOpen } from "./open-field.ts";

export const anyService: Check = {
  id: "any-service",
  severity: "info",
  label: "open to every service",
  summary:
    "An accept is open to every service, or to every port of its protocols: after what earlier rules take, more than half of all ports still reach it. Where an address is open too, any-source or any-destination says so.",
  why: "Every service of the destination is open to the source, those too that nobody knows to be running, such as remote administration.",
  help: "Name the services that are used; the flows that this rule logs tell which.",
  example: `ruleset domain-c1 {
  rule 1201 at 1 inout protocol any from addrset app to addrset db accept;
  rule 1001 at 2 inout protocol any from any to any drop;
}
addrset app {
ip 10.3.0.11,
}
addrset db {
ip 10.4.0.11,
}`,
  find: (context) => findOpen(context, "service"),
};
