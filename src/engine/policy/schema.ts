import * as z from "zod";
import { filled, networks, services, texts } from "../configuration/forms.ts";
import { end, service } from "./entry-forms.ts";
import { ASSERTION_KEYS, POLICY_KEYS } from "./keys.ts";

/** The form of policy.yaml; what its names and addresses mean is looked at afterwards. */

export const DIRECTIONS_ASKED = ["in", "out", "both"] as const;
export const EXPECTATIONS = ["accept", "deny", "drop", "reject"] as const;

const flag = (): z.ZodType => z.boolean({ error: "true or false" }).optional();
const rule = "the id of a rule";

const assertion = z.strictObject(
  {
    name: filled("a name, as text").describe(ASSERTION_KEYS.name),
    owner: filled("who is to be asked, as text").optional().describe(ASSERTION_KEYS.owner),
    from: end().optional().describe(ASSERTION_KEYS.from),
    to: end().optional().describe(ASSERTION_KEYS.to),
    service: service().optional().describe(ASSERTION_KEYS.service),
    direction: z
      .enum(DIRECTIONS_ASKED, { error: "in, out or both" })
      .optional()
      .meta({ description: ASSERTION_KEYS.direction, default: "both" }),
    expect: z
      .enum(EXPECTATIONS, { error: "accept, deny, drop or reject" })
      .optional()
      .describe(ASSERTION_KEYS.expect),
    by: z.int({ error: rule }).min(0, { error: rule }).optional().describe(ASSERTION_KEYS.by),
    only: flag().describe(ASSERTION_KEYS.only),
    filter: texts("the name of a filter", 1).optional().describe(ASSERTION_KEYS.filter),
    allowEmpty: flag().describe(ASSERTION_KEYS.allowEmpty),
  },
  { error: "a mapping with name, from, to, service and what has to hold: expect, by or only" },
);

const ASSERTIONS = "a list of assertions, one at least";

export const policySchema = z
  .strictObject(
    {
      networks: networks().describe(POLICY_KEYS.networks),
      services: services().describe(POLICY_KEYS.services),
      assertions: z
        .array(assertion, { error: ASSERTIONS })
        .min(1, { error: ASSERTIONS })
        .describe(POLICY_KEYS.assertions),
    },
    { error: "a mapping with assertions, and networks and services if need be" },
  )
  .meta({ title: "Policy of dfwlint test" });

/** The schema for editors. */
export function policyJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(policySchema);
}
