import type { AddrsetNode } from "../syntax/nodes.ts";
import type { Dump, Problem } from "../syntax/parse.ts";
import { ALL_ADDRESSES, AddressError, addressRanges, parseAddress, type AddressSpan } from "./address.ts";
import type { AddressSet } from "./rule.ts";

/** Reads the members of a set. One that cannot be read is a problem, and then the set may hold any address. */
export function readAddressSet(dump: Dump, node: AddrsetNode): { set: AddressSet; problems: Problem[] } {
  const problems: Problem[] = [];
  const spans: (AddressSpan | null)[] = [];
  let uncertainty: string | null = node.closed ? null : `the dump ends inside address set ${node.name}`;
  for (const member of node.members) {
    if (member.type === "unparsed") {
      spans.push(null);
      uncertainty ??= `a member of address set ${node.name} does not parse`;
      continue;
    }
    try {
      const span = parseAddress(member.text);
      if ((span.family === "mac") !== (member.family === "mac")) {
        throw new AddressError(`a ${member.family} member cannot hold this address`);
      }
      spans.push(span);
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      spans.push(null);
      uncertainty ??= `a member of address set ${node.name} is no address`;
      problems.push({
        kind: "unparsed",
        file: dump.file,
        range: member.range,
        at: dump.text.indexOf(member.text, member.range.start),
        message: `"${member.text}" is not an address: ${error.message}`,
      });
    }
  }
  const must = addressRanges(spans.filter((span) => span !== null));
  const set: AddressSet = {
    name: node.name,
    source: { dump, range: node.range },
    nameRange: node.nameRange,
    node,
    members: node.members.length,
    spans,
    uncertainty,
    must,
    may: uncertainty === null ? must : ALL_ADDRESSES,
  };
  return { set, problems };
}
