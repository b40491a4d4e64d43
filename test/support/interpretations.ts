import { matchRule } from "../../src/analysis/first-match.ts";
import type { Packet } from "../../src/model/packet.ts";
import type { Rule } from "../../src/model/rule.ts";

/**
 * The second opinion: enumerates every packet of a small universe and every way in which the unknown could turn
 * out, and walks the rules naively each time.
 */

/** Packets that no rule of the list tells apart. */
export interface PacketClass {
  readonly packet: Packet;
  readonly matches: readonly ("yes" | "no" | "unknown")[];
}

export function packetClasses(rules: readonly Rule[], packets: readonly Packet[]): PacketClass[] {
  const classes = new Map<string, PacketClass>();
  for (const packet of packets) {
    const matches = rules.map((rule) => matchRule(rule, packet).matches);
    // Packets that differ in whether the fields match for certain differ too, though a condition hides it.
    const fields = rules.map((rule, index) =>
      matches[index] === "unknown" ? matchRule({ ...rule, conditions: [] }, packet).matches : "",
    );
    const key = [...matches, ...fields].join(" ");
    if (!classes.has(key)) classes.set(key, { packet, matches });
  }
  return [...classes.values()];
}

/** One way in which the unknown turns out: the conditions that hold, and which rules match or stop a packet. */
export type Interpretation = ReadonlySet<string>;

/**
 * All interpretations of a list: each condition holds or not; a rule with an unreadable set member matches or not;
 * an unknown action stops the packet or lets it go on. Null if there are too many to try.
 */
export function interpretations(rules: readonly Rule[], most = 10): Interpretation[] | null {
  const unknowns = new Set<string>();
  for (const [index, rule] of rules.entries()) {
    for (const { key } of rule.conditions) unknowns.add(key);
    if (rule.source.must !== rule.source.may || rule.destination.must !== rule.destination.may)
      unknowns.add(`set ${index}`);
    if (!rule.decides) unknowns.add(`stop ${index}`);
  }
  if (unknowns.size > most) return null;
  let all: Interpretation[] = [new Set()];
  for (const unknown of unknowns) all = all.flatMap((holding) => [holding, new Set([...holding, unknown])]);
  return all;
}

/** Whether a rule takes a packet of the class if the unknown turns out so. */
export function takes(
  rules: readonly Rule[],
  index: number,
  { packet, matches }: PacketClass,
  holding: Interpretation,
): boolean {
  if (matches[index] === "yes") return true;
  if (matches[index] === "no") return false;
  const rule = rules[index]!;
  if (!rule.conditions.every(({ key }) => holding.has(key))) return false;
  const fieldsKnown = matchRule({ ...rule, conditions: [] }, packet).matches === "yes";
  return fieldsKnown || holding.has(`set ${index}`);
}

/** The index of the rule that stops a packet, without the rule `ignored`; null if none does. */
export function stopper(
  rules: readonly Rule[],
  packets: PacketClass,
  holding: Interpretation,
  ignored: number | null = null,
): number | null {
  for (const [index, rule] of rules.entries()) {
    if (index === ignored || !takes(rules, index, packets, holding)) continue;
    if (rule.decides || holding.has(`stop ${index}`)) return index;
  }
  return null;
}

/** The action that a packet gets; an unknown action is never known to equal another. */
export function outcome(rules: readonly Rule[], index: number | null): string {
  if (index === null) return "no-match";
  const rule = rules[index]!;
  return rule.decides ? rule.action : `unknown action of rule ${index}`;
}
