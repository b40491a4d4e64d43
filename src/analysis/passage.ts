import { IPV4_ETHERTYPE, IPV6_ETHERTYPE } from "../model/ethertypes.ts";
import { single, type Ranges } from "../model/ranges.ts";
import type { Direction, Family, Rule, Verdict } from "../model/rule.ts";
import type { FilterAnalysis, ListAnalysis } from "./analysis.ts";
import {
  ALL_KINDS,
  DIRECTION_NUMBER,
  DIRECTION_SIDE,
  UNIVERSE,
  boxContains,
  familyOf,
  type Box,
} from "./boxes.ts";
import type { Decision, Dependency } from "./decide.ts";
import { merged, type PacketSet } from "./packet-set.ts";

/** The MAC addresses that frames may have on their way past a filter. */
export interface FrameAddresses {
  readonly sourceMacs: Ranges<number>;
  readonly destinationMacs: Ranges<number>;
}

/** Whether packets are told apart by the rules that decide them, or by verdicts only, where rules are too many. */
export type Detail = "rules" | "verdicts";

/** Packets that one rule of a filter decides, or none; without rules in detail several. */
export interface Passage {
  /** Without regard to `dependsOn`; `uncertain` only where the work budget was not enough. */
  readonly verdict: Verdict | "no-match" | "uncertain";
  readonly certain: boolean;
  /** Null too where several decide. */
  readonly rule: Rule | null;
  /** How many rules decide. */
  readonly rules: number;
  readonly dependsOn: readonly Dependency[];
  /** False where a rule decides that takes every packet of the family, or none does. */
  readonly specific: boolean;
  readonly packets: PacketSet;
}

/** Comparisons allowed for one filter. */
const BUDGET = 50_000_000;
/** Boxes that packets are split into; beyond that there is nothing to read, and too much to keep. */
const MOST_BOXES = 100_000;

const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];
const FAMILY_ETHERTYPE: Readonly<Record<Family, number>> = { ipv4: IPV4_ETHERTYPE, ipv6: IPV6_ETHERTYPE };

/**
 * Splits packets by what a filter does with them in one direction. A packet has to pass layer 2 first. Its MAC addresses
 * are no part of the packets here: where layer 2 decides by them, the verdict depends on the rules that do.
 */
export function passage(
  filter: FilterAnalysis,
  packets: PacketSet,
  direction: Direction,
  frames: FrameAddresses,
  detail: Detail = "rules",
): Passage[] {
  return FAMILIES.flatMap((family) => {
    const boxes = packets.filter(({ kind }) => familyOf(kind) === family);
    return boxes.length === 0 ? [] : passFamily(filter, family, boxes, direction, frames, detail);
  });
}

function passFamily(
  filter: FilterAnalysis,
  family: Family,
  packets: PacketSet,
  direction: Direction,
  { sourceMacs, destinationMacs }: FrameAddresses,
  detail: Detail,
): Passage[] {
  const side = single(DIRECTION_NUMBER[direction]);
  const ethernet = filter.list("ethernet");
  const accepted: (readonly Dependency[])[] = [];
  const stopped: { rule: Rule | null; dependsOn: readonly Dependency[] }[] = [];
  if (ethernet === null) accepted.push([]);
  else {
    const frame: Box = {
      kind: "ethernet",
      sides: [side, sourceMacs, destinationMacs, single(FAMILY_ETHERTYPE[family])],
    };
    const { pieces, undecided } = ethernet.decide([frame], { steps: BUDGET });
    if (undecided.length > 0) return [undecidedPassage(packets)];
    for (const { rule, dependsOn } of pieces) {
      if (rule?.verdict === "accept") accepted.push(dependsOn);
      else stopped.push({ rule, dependsOn });
    }
  }
  const byMac = (rule: Rule | null): Dependency[] =>
    rule === null
      ? []
      : [{ rule, reason: "at layer 2 it decides by MAC addresses, of which not all are asked about" }];
  if (accepted.length === 0) {
    const [{ rule, dependsOn }, ...others] = stopped as [(typeof stopped)[0], ...typeof stopped];
    const all = [...dependsOn, ...others.flatMap((other) => byMac(other.rule))];
    return [
      {
        verdict: rule?.verdict ?? "no-match",
        certain: all.length === 0 && others.length === 0,
        rule,
        rules: rule === null ? 0 : 1,
        dependsOn: all,
        specific: rule !== null && !isCatchAll(ethernet!, rule, null, direction),
        packets,
      },
    ];
  }
  const before = [...accepted.flat(), ...stopped.flatMap(({ rule }) => byMac(rule))];
  const unnamed = stopped.some(({ rule }) => rule === null);
  const firewall = filter.list("firewall");
  const there = packets.map((box) => ({ kind: box.kind, sides: box.sides.with(DIRECTION_SIDE, side) }));
  const isSpecific = memoized(
    (rule: Rule | null) => rule !== null && !isCatchAll(firewall!, rule, family, direction),
  );
  const ruleOf = ({ index }: Decision): Rule | null => (index === null ? null : firewall!.rules[index]!);
  const groupOf = (decision: Decision): string => {
    const rule = ruleOf(decision);
    return `${rule?.verdict ?? "no-match"} ${decision.dependsOn.length === 0} ${isSpecific(rule)}`;
  };
  const options = {
    most: MOST_BOXES,
    isWide: true,
    ...(detail === "verdicts" ? { groupOf } : { allOrNothing: true }),
  };
  const { pieces, undecided } = firewall?.decide(there, { steps: BUDGET }, options) ?? {
    pieces: [{ rule: null, dependsOn: [], packets: there, decisions: [] }],
    undecided: [],
  };
  const passages = pieces.map((piece): Passage => {
    const verdict = piece.rule?.verdict ?? "no-match";
    // What layer 2 may do matters only if it is something else.
    const earlier = before.filter(({ rule }) => rule.action !== verdict);
    const deciding = new Set(piece.decisions.flatMap((decision) => ruleOf(decision) ?? []));
    const alone = piece.decisions.length <= 1;
    return {
      verdict,
      // In a group all depend on something, or none.
      certain: earlier.length === 0 && piece.dependsOn.length === 0 && !unnamed,
      rule: deciding.size > 1 ? null : piece.rule,
      rules: deciding.size,
      dependsOn: alone ? [...earlier, ...piece.dependsOn] : earlier,
      specific: isSpecific(piece.rule),
      packets: turned(piece.packets),
    };
  });
  return undecided.length === 0 ? passages : [...passages, undecidedPassage(turned(undecided))];
}

function undecidedPassage(packets: PacketSet): Passage {
  return {
    verdict: "uncertain",
    certain: false,
    rule: null,
    rules: 0,
    dependsOn: [],
    specific: false,
    packets,
  };
}

/** On a way from machine to machine packets are told as they leave the first. */
export function outbound(packets: PacketSet): PacketSet {
  return merged(turned(packets));
}

function turned(packets: PacketSet): PacketSet {
  const side = single(DIRECTION_NUMBER.out);
  return packets.map(({ kind, sides }) => ({ kind, sides: sides.with(DIRECTION_SIDE, side) }));
}

function memoized<Key, Value>(work: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const value = known.get(key) ?? work(key);
    known.set(key, value);
    return value;
  };
}

/** Whether a rule takes every packet of a family (null: every frame) that goes in this direction. */
function isCatchAll(list: ListAnalysis, rule: Rule, family: Family | null, direction: Direction): boolean {
  const { must } = list.entries[list.indexOf(rule)]!;
  const side = single(DIRECTION_NUMBER[direction]);
  return ALL_KINDS.filter((kind) => familyOf(kind) === family).every((kind) => {
    const box = must.get(kind);
    const all = { kind, sides: UNIVERSE[kind].sides.with(DIRECTION_SIDE, side) };
    return box !== undefined && boxContains(box, all);
  });
}
