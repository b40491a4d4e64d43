import type { Plane } from "../analysis/planes.ts";
import type { Rule } from "../model/rule.ts";
import { printAddress, printService } from "../syntax/print.ts";

/** Half of all addresses of a family; layer 2 is not asked about. */
export function halfOfFamily({ name }: Plane): number | null {
  switch (name) {
    case "ipv4":
      return 2 ** 31;
    case "ipv6":
      return 2 ** 127;
    case "ethernet":
      return null;
  }
}

/** `tcp port 443 from any source to addrset web`. */
export function matchText({ node }: Rule): string {
  const { from, to } = node!;
  const source = from.type === "any" ? "any source" : printAddress(from);
  const destination = to.type === "any" ? "any destination" : printAddress(to);
  const service = printService(node!);
  // A number alone does not say that it is a protocol.
  return `${/^\d/.test(service) ? "protocol " : ""}${service} from ${source} to ${destination}`;
}
