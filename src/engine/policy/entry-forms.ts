import * as z from "zod";
import { filled, ports, texts } from "../configuration/forms.ts";
import { EXCEPT_KEYS } from "./keys.ts";

/** The forms of what entries of a policy and of an intent have in common. */

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
export const end = (): z.ZodType => left(() => texts(END, 1), END);
const SERVICE = "a protocol with ports, such as tcp/443, the name of a service, or any";
export const service = (): z.ZodType => left(ports, SERVICE);
