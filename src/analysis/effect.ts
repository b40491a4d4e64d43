import type { Packet } from "../model/packet.ts";
import type { Rule } from "../model/rule.ts";
import { sampleBox, type Box } from "./boxes.ts";
import type { Budget } from "./cover.ts";
import { RuleItems, decide } from "./decide.ts";
import type { Entry } from "./entries.ts";
import { packetSet, setSize, type PacketSet } from "./packet-set.ts";
import type { Plane } from "./planes.ts";

/** A part of a rule's packets that another rule takes. */
export interface Share {
  readonly rule: Rule;
  readonly packets: PacketSet;
  /** How many packets. */
  readonly size: bigint;
  readonly witness: Packet;
}

/** What becomes of all packets that a rule may match. */
export interface Effect {
  /** How many packets the rule may match. */
  readonly size: bigint;
  /** How many of them get to it; null if that takes more work than allowed. */
  readonly left: bigint | null;
  /** Earlier rules in order, each with what it takes before this one. */
  readonly lost: readonly Share[];
}

/** Splits a rule's packets among the earlier rules that overlap it, and itself. */
export function effectOf(
  planes: readonly Plane[],
  entries: readonly Entry[],
  index: number,
  earlier: readonly number[],
  budget: Budget,
): Effect {
  const entry = entries[index]!;
  const region = packetSet(entry.may.values());
  const rules = new RuleItems(entries, [...earlier, index]);
  const { pieces, undecided } = decide(planes, entries, rules, region, budget);
  const size = setSize(region);
  const lost = shares(pieces.filter(({ rule }) => rule !== entry.rule));
  if (undecided.length > 0) return { size, left: null, lost };
  return { size, left: size - lost.reduce((sum, share) => sum + share.size, 0n), lost };
}

/** The later rules that take what gets to a rule, if the rule is taken away; `others` are all that overlap it. */
export function heirsOf(
  planes: readonly Plane[],
  entries: readonly Entry[],
  index: number,
  others: readonly number[],
  budget: Budget,
): readonly Share[] {
  const region = packetSet(entries[index]!.may.values());
  const { pieces } = decide(planes, entries, new RuleItems(entries, others), region, budget);
  const later = new Set(others.filter((other) => other > index).map((other) => entries[other]!.rule));
  return shares(pieces.filter(({ rule }) => rule !== null && later.has(rule)));
}

function shares(
  pieces: readonly { readonly rule: Rule | null; readonly packets: readonly Box[] }[],
): Share[] {
  const byRule = new Map<Rule, Box[]>();
  for (const { rule, packets } of pieces) {
    if (rule === null) continue;
    const boxes = byRule.get(rule);
    if (boxes === undefined) byRule.set(rule, [...packets]);
    else boxes.push(...packets);
  }
  return [...byRule].map(([rule, packets]) => ({
    rule,
    packets,
    size: setSize(packets),
    witness: sampleBox(packets[0]!),
  }));
}
