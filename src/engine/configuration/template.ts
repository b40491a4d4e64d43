import { CHECKS, DOCUMENTED } from "../../checks/index.ts";
import { DEFAULT_SETTINGS } from "../../checks/settings.ts";
import { ALWAYS_HEARD } from "./configuration.ts";
import { sensitiveTexts } from "./in-force.ts";
import { KEYS, LIMITS, SENSITIVE, SUPPRESSION, type Key } from "./keys.ts";

/**
 * The configuration file that `dfwlint init` writes: every key with its default or an example, commented out, made
 * from the registry of checks, so that it never goes stale. Without the # before them, the lines of a key and of all
 * that belongs to it are YAML, explanations included.
 */
export function configurationTemplate(schemaPath: string | null): string {
  const sections: Record<Key, readonly string[]> = {
    files: ["#files:", "#  - rules.txt", "#  - addrsets.txt"],
    checks: [
      "#checks:",
      ...DOCUMENTED.flatMap(({ id, severity, summary }) => checkLines(id, severity, summary)),
    ],
    networks: [
      "# Example:",
      "#networks:",
      "#  admins: [10.20.0.0/24, 10.20.1.5-10.20.1.9]",
      "#  offices: [admins, 2001:db8:20::/48]",
    ],
    services: ["# Example:", "#services:", "#  web: tcp/80, tcp/443", "#  backup: [tcp/8000-8100, udp/8000]"],
    sensitive: [
      ...explained(`An entry is a name, or a mapping. name: ${SENSITIVE.name}`, "# "),
      ...explained(`ports: ${SENSITIVE.ports}`, "# "),
      ...explained(`allowedFrom: ${SENSITIVE.allowedFrom}`, "# "),
      "#sensitive:",
      ...DEFAULT_SETTINGS.sensitiveServices.map(
        (service) => `#  - ${service.name} # ${sensitiveTexts(service).join(", ")}`,
      ),
      "#  - name: Vault",
      "#    ports: tcp/8200",
      "#    allowedFrom: [10.20.0.0/24, 2001:db8:20::/64]",
    ],
    limits: [
      "#limits:",
      ...Object.entries(DEFAULT_SETTINGS.limits).flatMap(([name, value]) => [
        ...explained(LIMITS[name as keyof typeof LIMITS], "#  # "),
        `#  ${name}: ${value}`,
      ]),
    ],
    vnicAddresses: [
      "# Not known unless said. Example:",
      "#vnicAddresses: [10.1.1.10, fe80::250:56ff:fe00:1]",
    ],
    baseline: ["# None unless said. Example:", "#baseline: dfwlint-baseline.json"],
    suppressions: [
      "# Example:",
      "#suppressions:",
      ...explained(SUPPRESSION.check, "#  # "),
      "#  - check: duplicate-rule",
      ...explained(SUPPRESSION.rule, "#    # "),
      "#    rule: 1043",
      ...explained(SUPPRESSION.addrset, "#    # "),
      "#    addrset: ip-securitygroup-10",
      ...explained(SUPPRESSION.fingerprint, "#    # "),
      "#    fingerprint: 0123456789abcdef",
      ...explained(SUPPRESSION.reason, "#    # "),
      "#    reason: The second rule is for the audit",
      ...explained(SUPPRESSION.until, "#    # "),
      "#    until: 2099-12-31",
    ],
  };
  const head = [
    "Configuration of dfwlint. Every key is shown with its default, or with an example: take the # away before it and before the keys that it belongs to.",
    "dfwlint config says what is in force, dfwlint explain CHECK what a check is about.",
  ].flatMap((text) => explained(text, "# "));
  const schema = schemaPath === null ? [] : [`# yaml-language-server: $schema=${schemaPath}`];
  const blocks = (Object.keys(KEYS) as Key[]).map((key) =>
    [...explained(KEYS[key], "# "), ...sections[key]].join("\n"),
  );
  return `${[[...schema, ...head].join("\n"), ...blocks].join("\n\n")}\n`;
}

function checkLines(id: string, severity: string, summary: string): string[] {
  const lines = explained(summary, "#  # ");
  const reason = ALWAYS_HEARD.get(id);
  if (reason !== undefined) lines.push(...explained(`It cannot be off: ${reason}.`, "#  # "));
  const parameters = Object.entries(CHECKS.find((check) => check.id === id)?.parameters ?? {});
  if (parameters.length === 0) return [...lines, `#  ${id}: ${severity}`];
  return [
    ...lines,
    `#  ${id}:`,
    `#    severity: ${severity}`,
    ...parameters.flatMap(([name, { default: standard, minimum, maximum, describe }]) => [
      ...explained(`${describe} (${minimum} to ${maximum})`, "#    # "),
      `#    ${name}: ${standard}`,
    ]),
  ];
}

const WIDTH = 100;

/** Prose as comment lines. */
function explained(text: string, prefix: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && prefix.length + line.length + word.length >= WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((words) => `${prefix}${words}`);
}
