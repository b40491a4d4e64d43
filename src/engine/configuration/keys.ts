/** What each key of dfwlint.yaml is for, as the editor's schema and the file that `dfwlint init` writes say it. */

export const KEYS = {
  files: "Dumps that are read where no FILE is given: paths or globs, relative to this file.",
  checks:
    "Severity of each check: off, info, warning or error. Said here, it holds for all findings of the check, also " +
    "for those that are milder or graver by themselves.",
  networks:
    "Names for addresses, CIDRs, ranges and other networks of this list, for use in sensitive and vnicAddresses.",
  services:
    "Names for protocols with ports, and for lists of them: tcp/443, tcp/8000-8100, udp/53, other services.",
  sensitive:
    'Services that few should reach. The list replaces the built-in one; "default" in it stands for the built-in ' +
    "services that it does not name itself.",
  limits: "How many rules are too many.",
  vnicAddresses: "The vNIC's own addresses, where the input is of one VM.",
  baseline:
    "File with known findings, relative to this file: only new ones are reported. See dfwlint lint --update-baseline.",
  suppressions: "Findings that are known and right, each with the reason.",
} as const;

export type Key = keyof typeof KEYS;

export const LIMITS = {
  rulesPerFilter: "Rules of one vNIC's filter.",
  rulesPerHost: "Rules of all filters in the input together.",
  warnAtPercent: "From which share of a limit on it is a warning.",
} as const;

export const SUPPRESSION = {
  check: "The check whose findings are meant.",
  rule: "Only findings of the rule with this id.",
  addrset: "Only findings about the address set of this name.",
  fingerprint: "Only the finding with this fingerprint; lint --format json shows it.",
  reason: "Why it is right as it is.",
  until: "The last day on which this holds, as YYYY-MM-DD; after it the finding comes back.",
} as const;

export const SENSITIVE = {
  name: "How findings call the service; without ports, one of services or of the built-in ones.",
  ports: "Protocols with ports, such as tcp/22.",
  allowedFrom: "Addresses and networks that may reach it; without it nobody is named.",
} as const;

/** In `sensitive`: the built-in services that the list does not name. */
export const DEFAULT_SERVICES = "default";
