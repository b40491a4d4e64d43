/** What each key of an intent file is for, as the editors' schema says it. */

export const INTENT_KEYS = {
  networks: "Names for addresses, CIDRs, ranges and other networks, beside those of dfwlint.yaml.",
  services: "Names for protocols with ports, and for lists of them, beside those of dfwlint.yaml.",
  changes: "What the change is for: every verdict that it is meant to change.",
} as const;

export const CHANGE_KEYS = {
  name: "What it is about, in a few words; each name once.",
  owner: "Who is to be asked about it.",
  from: "Sources: addresses, CIDRs, ranges, networks, address sets, any; a list of these, or what is left of them.",
  to: "Destinations, likewise.",
  service:
    "Protocols with ports, such as tcp/443, names of services, any; a list of these, or what is left of them.",
  direction: "Seen from the VM: in, out or both.",
  expect: "The verdict that every such packet has to get after the change: accept, drop, reject, or deny.",
  filter:
    "Only the filters of these names, in which * stands for any text; without it all that are compared.",
} as const;
