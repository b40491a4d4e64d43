import type { AddressSpan } from "../model/address.ts";
import type { AddressSet } from "../model/rule.ts";
import type { Related } from "./check.ts";
import { enumerate } from "./words.ts";

const MOST_NAMED = 3;
export const MOST_MEMBERS_RELATED = 20;

/** A member of a set that was read, as written and as meant. */
export interface Member {
  readonly index: number;
  readonly text: string;
  readonly span: AddressSpan;
}

export function memberAt({ node, spans }: AddressSet, index: number): Member | null {
  const member = node.members[index];
  const span = spans[index];
  return member?.type === "member" && span !== undefined && span !== null
    ? { index, text: member.text, span }
    : null;
}

/** `10.0.0.5 (line 12)`. */
export function memberName(set: AddressSet, { index, text }: Member): string {
  return `${text} (line ${lineOf(set, index)})`;
}

/** `10.0.0.5 (line 12), 10.0.0.6 (line 13) and 7 more`. */
export function memberNames(set: AddressSet, members: readonly Member[]): string {
  const names = members.slice(0, MOST_NAMED).map((member) => memberName(set, member));
  if (members.length > MOST_NAMED) names.push(`${members.length - MOST_NAMED} more`);
  return enumerate(names);
}

export function relatedMember(set: AddressSet, { index }: Member, label: string): Related {
  return {
    label,
    at: { dump: set.source.dump, range: set.node.members[index]!.range },
    rule: null,
    addressSet: set.name,
  };
}

function lineOf({ source: { dump }, node }: AddressSet, index: number): number {
  return dump.lines.position(node.members[index]!.range.start).line;
}
