/** What each key of policy.yaml is for, as the editors' schema says it. */

export const POLICY_KEYS = {
  networks: "Names for addresses, CIDRs, ranges and other networks, beside those of dfwlint.yaml.",
  services: "Names for protocols with ports, and for lists of them, beside those of dfwlint.yaml.",
  assertions: "What has to hold of the rules.",
} as const;

export const ASSERTION_KEYS = {
  name: "What it is about, in a few words; each name once.",
  owner: "Who is to be asked about it.",
  from: "Sources: addresses, CIDRs, ranges, networks, address sets, any; a list of these, or what is left of them.",
  to: "Destinations, likewise.",
  service:
    "Protocols with ports, such as tcp/443, names of services, any; a list of these, or what is left of them.",
  direction: "Seen from the VM: in, out or both.",
  expect: "The verdict that every packet has to get: accept, drop, reject, or deny (drop or reject).",
  by: "The id of the rule that has to decide every packet.",
  only: "No source but those of from may be accepted towards to with this service.",
  filter: "Only the filters of these names, in which * stands for any text; without it all that have rules.",
  allowEmpty: "It may be about no packet at all, such as where an address set is empty.",
} as const;

export const EXCEPT_KEYS = {
  of: "What it is taken from; without it everything.",
  except: "What is taken away.",
} as const;
