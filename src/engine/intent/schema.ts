import * as z from "zod";
import { filled, networks, ports, services, texts } from "../configuration/forms.ts";
import { CHANGE_KEYS, EXCEPT_KEYS, INTENT_KEYS } from "./keys.ts";

/** The form of an intent file: an entry is written as an assertion of policy.yaml. */

const LEFT = "or a mapping with of and except";

function left(values: () => z.ZodType, what: string): z.ZodType {
  const error = `${what}, a list of these, ${LEFT}`;
  const mapping = z.strictObject(
    {
      of: values().optional().describe(EXCEPT_KEYS.of),
      except: values().describe(EXCEPT_KEYS.except),
    },
    { error },
  );
  return z.union([filled(what), z.array(filled(what), { error }).min(1, { error }), mapping], { error });
}

const END = "an address, a CIDR, a range, the name of a network or an address set, or any";
const end = (): z.ZodType => left(() => texts(END, 1), END);
const SERVICE = "a protocol with ports, such as tcp/443, the name of a service, or any";

const change = z.strictObject(
  {
    name: filled("a name, as text").describe(CHANGE_KEYS.name),
    owner: filled("who is to be asked, as text").optional().describe(CHANGE_KEYS.owner),
    from: end().optional().describe(CHANGE_KEYS.from),
    to: end().optional().describe(CHANGE_KEYS.to),
    service: left(ports, SERVICE).optional().describe(CHANGE_KEYS.service),
    direction: z
      .enum(["in", "out", "both"], { error: "in, out or both" })
      .optional()
      .meta({ description: CHANGE_KEYS.direction, default: "both" }),
    expect: z
      .enum(["accept", "deny", "drop", "reject"], { error: "accept, deny, drop or reject" })
      .describe(CHANGE_KEYS.expect),
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
