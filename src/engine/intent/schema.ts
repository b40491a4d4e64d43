import * as z from "zod";
import { filled, networks, services, texts } from "../configuration/forms.ts";
import { end, service } from "../policy/entry-forms.ts";
import { DIRECTIONS_ASKED, EXPECTATIONS } from "../policy/schema.ts";
import { CHANGE_KEYS, INTENT_KEYS } from "./keys.ts";

/** The form of an intent file: an entry is written as an assertion of policy.yaml. */

const change = z.strictObject(
  {
    name: filled("a name, as text").describe(CHANGE_KEYS.name),
    owner: filled("who is to be asked, as text").optional().describe(CHANGE_KEYS.owner),
    from: end().optional().describe(CHANGE_KEYS.from),
    to: end().optional().describe(CHANGE_KEYS.to),
    service: service().optional().describe(CHANGE_KEYS.service),
    direction: z
      .enum(DIRECTIONS_ASKED, { error: "in, out or both" })
      .optional()
      .meta({ description: CHANGE_KEYS.direction, default: "both" }),
    expect: z.enum(EXPECTATIONS, { error: "accept, deny, drop or reject" }).describe(CHANGE_KEYS.expect),
    filter: texts("the name of a filter", 1).optional().describe(CHANGE_KEYS.filter),
  },
  { error: "a mapping with name, from, to, service and expect" },
);

const CHANGES = "a list of changes; an empty one for a change that changes no verdict";

export const intentSchema = z
  .strictObject(
    {
      networks: networks().describe(INTENT_KEYS.networks),
      services: services().describe(INTENT_KEYS.services),
      changes: z.array(change, { error: CHANGES }).describe(INTENT_KEYS.changes),
    },
    { error: "a mapping with changes, and networks and services if need be" },
  )
  .meta({ title: "Intent of a change for dfwlint diff" });

/** The schema for editors. */
export function intentJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(intentSchema);
}
