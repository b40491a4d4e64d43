import * as z from "zod";
import type { Check } from "../../checks/check.ts";
import { CHECKS, DOCUMENTED } from "../../checks/index.ts";
import { DEFAULT_SETTINGS } from "../../checks/settings.ts";
import { ALWAYS_HEARD } from "./configuration.ts";
import { addresses, filled, networks, ports, services, texts } from "./forms.ts";
import { KEYS, LIMITS, SENSITIVE, SUPPRESSION } from "./keys.ts";

/**
 * The form of dfwlint.yaml. Every part says what is expected in its place, as words that follow "expected"; what
 * names and addresses mean is looked at afterwards.
 */

const SEVERITIES = ["off", "info", "warning", "error"] as const;

function severitiesOf(check: string): readonly string[] {
  return ALWAYS_HEARD.has(check) ? SEVERITIES.slice(1) : SEVERITIES;
}

function severityWords(check: string): string {
  return `${severitiesOf(check).slice(0, -1).join(", ")} or error`;
}

function severity(check: string): z.ZodType {
  return z.enum(severitiesOf(check), { error: severityWords(check) });
}

function checkSchema(id: string, summary: string, parameters: Check["parameters"] = {}): z.ZodType {
  const numbers = Object.entries(parameters).map(
    ([name, { default: standard, minimum, maximum, describe }]) => {
      const error = `a number from ${minimum} to ${maximum}`;
      const schema = z.number({ error }).min(minimum, { error }).max(maximum, { error });
      return [name, schema.optional().meta({ description: describe, default: standard })] as const;
    },
  );
  const error = `${severityWords(id)}, or a mapping with severity${Object.keys(parameters)
    .map((key) => `, ${key}`)
    .join("")}`;
  const mapping = z.strictObject(
    {
      severity: severity(id).optional().describe("Severity of all findings of the check."),
      ...Object.fromEntries(numbers),
    },
    { error },
  );
  return z
    .union([severity(id), mapping], { error })
    .optional()
    .describe(summary);
}

const checks = z.strictObject(
  Object.fromEntries(
    DOCUMENTED.map(({ id, summary }) => [
      id,
      checkSchema(id, summary, CHECKS.find((check) => check.id === id)?.parameters),
    ]),
  ),
  { error: "a mapping of checks to severities" },
);

const sensitive = z.union(
  [
    filled("the name of a service"),
    z.strictObject(
      {
        name: filled("the name of a service").describe(SENSITIVE.name),
        ports: ports().optional().describe(SENSITIVE.ports),
        allowedFrom: addresses().optional().describe(SENSITIVE.allowedFrom),
      },
      { error: "the name of a service, or a mapping with name, ports and allowedFrom" },
    ),
  ],
  { error: "the name of a service, or a mapping with name, ports and allowedFrom" },
);

const count = (what: string, least: number, most: number, standard: number): z.ZodType => {
  const error = `a whole number from ${least} to ${most}`;
  return z
    .int({ error })
    .min(least, { error })
    .max(most, { error })
    .optional()
    .meta({ description: what, default: standard });
};

const { limits: standard } = DEFAULT_SETTINGS;
const limits = z.strictObject(
  {
    rulesPerFilter: count(LIMITS.rulesPerFilter, 1, 10_000_000, standard.rulesPerFilter),
    rulesPerHost: count(LIMITS.rulesPerHost, 1, 10_000_000, standard.rulesPerHost),
    warnAtPercent: count(LIMITS.warnAtPercent, 1, 100, standard.warnAtPercent),
  },
  { error: "a mapping of limits to numbers" },
);

const suppression = z.strictObject(
  {
    check: z
      .enum(
        CHECKS.map(({ id }) => id),
        { error: "the name of a check" },
      )
      .describe(SUPPRESSION.check),
    rule: z
      .int({ error: "the id of a rule" })
      .min(0, { error: "the id of a rule" })
      .optional()
      .describe(SUPPRESSION.rule),
    addrset: filled("the name of an address set").optional().describe(SUPPRESSION.addrset),
    fingerprint: z
      .string({ error: "16 hexadecimal digits" })
      .regex(/^[0-9a-f]{16}$/, { error: "16 hexadecimal digits" })
      .optional()
      .describe(SUPPRESSION.fingerprint),
    reason: filled("text that says why").describe(SUPPRESSION.reason),
    until: z.iso.date({ error: "a day that exists, as YYYY-MM-DD" }).optional().describe(SUPPRESSION.until),
  },
  { error: "a mapping with check, reason and what is meant" },
);

export const configurationSchema = z
  .strictObject(
    {
      files: texts("a path or a glob").optional().describe(KEYS.files),
      checks: checks.optional().describe(KEYS.checks),
      networks: networks().describe(KEYS.networks),
      services: services().describe(KEYS.services),
      sensitive: z.array(sensitive, { error: "a list of services" }).optional().describe(KEYS.sensitive),
      limits: limits.optional().describe(KEYS.limits),
      vnicAddresses: addresses().optional().describe(KEYS.vnicAddresses),
      baseline: filled("a path").optional().describe(KEYS.baseline),
      suppressions: z
        .array(suppression, { error: "a list of suppressions" })
        .optional()
        .describe(KEYS.suppressions),
    },
    { error: `a mapping with ${Object.keys(KEYS).slice(0, -1).join(", ")} or suppressions` },
  )
  .meta({ title: "Configuration of dfwlint" });

/** What the schema has found right, for the parts whose meaning is not looked up elsewhere. */
export interface Configured {
  readonly files?: string | readonly string[];
  readonly checks?: Readonly<Record<string, string | Readonly<Record<string, string | number>>>>;
  readonly limits?: Readonly<Partial<(typeof DEFAULT_SETTINGS)["limits"]>>;
  readonly baseline?: string;
  readonly suppressions?: readonly {
    readonly check: string;
    readonly rule?: number;
    readonly addrset?: string;
    readonly fingerprint?: string;
    readonly reason: string;
    readonly until?: string;
  }[];
}

/** The keys that may stand at a place, for the closest one. */
export function keysAt(path: readonly (string | number)[]): readonly string[] {
  const [top, second] = path;
  if (top === undefined) return Object.keys(KEYS);
  switch (top) {
    case "checks": {
      if (second === undefined) return DOCUMENTED.map(({ id }) => id);
      const parameters = CHECKS.find(({ id }) => id === second)?.parameters ?? {};
      return ["severity", ...Object.keys(parameters)];
    }
    case "limits":
      return Object.keys(LIMITS);
    case "sensitive":
      return Object.keys(SENSITIVE);
    case "suppressions":
      return Object.keys(SUPPRESSION);
    default:
      return [];
  }
}

/** The schema for editors. */
export function jsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configurationSchema);
}
