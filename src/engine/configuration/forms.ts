import * as z from "zod";

/** Forms that files of dfwlint have in common. Each says what is expected in its place. */

export const filled = (what: string): z.ZodString => z.string({ error: what }).regex(/\S/, { error: what });

export const texts = (what: string, least = 0): z.ZodType => {
  const error = `${what}, or a list of these`;
  const item = filled(what);
  return z.union([item, z.array(item, { error }).min(least, { error })], { error });
};

const NAME = "a name of letters, digits, dots, dashes, underscores and blanks that begins with a letter";
const name = z.string().regex(/^\p{L}[\p{L}\p{N}._ -]*$/u, { error: NAME });

export const addresses = (): z.ZodType => texts("an address, a CIDR, a range or the name of a network");
export const ports = (): z.ZodType =>
  texts("a protocol with ports, such as tcp/443, or the name of a service", 1);

export const networks = (): z.ZodType =>
  z.record(name, addresses(), { error: "a mapping of names to addresses" }).optional();

export const services = (): z.ZodType =>
  z.record(name, ports(), { error: "a mapping of names to protocols with ports" }).optional();
