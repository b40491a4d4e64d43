import { IPV4_ALL, IPV6_ALL, MAC_ALL } from "../model/address.ts";
import { IPV4_ETHERTYPE, IPV6_ETHERTYPE } from "../model/ethertypes.ts";
import type { Flow, FlowAddresses, FlowService } from "../model/flow.ts";
import type { Packet } from "../model/packet.ts";
import { ICMP, IPV6_ICMP } from "../model/protocols.ts";
import {
  difference,
  fromSpans,
  has,
  intersection,
  isEmpty,
  single,
  union,
  type Ranges,
} from "../model/ranges.ts";
import { DIRECTIONS, type Direction, type Family, type Rule, type Verdict } from "../model/rule.ts";
import { DIRECTION_NUMBER, DIRECTION_SIDE, UNIVERSE, familyOf, sampleBox, type Box } from "./boxes.ts";
import type { Classifier, ServiceQuestion } from "./classifier.ts";
import type { Budget } from "./cover.ts";
import type { DecideOptions, Decisions, Dependency } from "./decide.ts";
import { merged, type PacketSet } from "./packet-set.ts";

/** Packets of the region that get the same verdict from the same rule. */
export interface QueryPiece {
  /** Without regard to `dependsOn`; `uncertain` only where the work budget was not enough. */
  readonly verdict: Verdict | "no-match" | "uncertain";
  readonly certain: boolean;
  readonly rule: Rule | null;
  /** Earlier rules that may decide otherwise. */
  readonly dependsOn: readonly Dependency[];
  readonly packets: PacketSet;
  readonly witness: Packet;
}

/** The lists that a packet passes; null where the dump holds none. */
export interface DecidingLists {
  readonly ethernet: DecidingList | null;
  readonly firewall: DecidingList | null;
}

interface DecidingList {
  decide(region: PacketSet, budget: Budget, options?: DecideOptions): Decisions;
}

const FAMILY_ETHERTYPE: Readonly<Record<Family, number>> = { ipv4: IPV4_ETHERTYPE, ipv6: IPV6_ETHERTYPE };
const IP_ETHERTYPES = union(single(IPV4_ETHERTYPE), single(IPV6_ETHERTYPE));

/**
 * Splits a region by what happens to its packets. The layer-2 list comes first, and only what it accepts goes on;
 * where there is no layer-2 list, everything does.
 */
export function queryFilter(filter: DecidingLists, flow: Flow, budget: Budget): QueryPiece[] {
  const pieces = queryIp(
    filter,
    flow,
    (family, direction) => {
      const asked = flow.etherTypes === null || has(flow.etherTypes, FAMILY_ETHERTYPE[family]);
      return asked && flow.directions.includes(direction) ? ipBoxes(flow, family, direction) : [];
    },
    budget,
  );
  const otherTypes = flow.etherTypes === null ? [] : difference(flow.etherTypes, IP_ETHERTYPES);
  if (!isEmpty(otherTypes)) {
    pieces.push(...decideList(filter.ethernet, [frames(flow, flow.directions, otherTypes)], [], budget));
  }
  return pieces;
}

/** The same for any set of IP packets, between all MAC addresses. */
export function queryPackets(
  filter: DecidingLists,
  packets: PacketSet,
  budget: Budget,
  options: DecideOptions = {},
): QueryPiece[] {
  return queryIp(
    filter,
    { sourceMacs: MAC_ALL, destinationMacs: MAC_ALL },
    (family, direction) => {
      const only = single(DIRECTION_NUMBER[direction]);
      return packets.flatMap((box) =>
        familyOf(box.kind) === family && has(box.sides[DIRECTION_SIDE]! as Ranges<number>, only[0]!)
          ? [{ kind: box.kind, sides: box.sides.with(DIRECTION_SIDE, only) }]
          : [],
      );
    },
    budget,
    options,
  );
}

type Macs = Pick<Flow, "sourceMacs" | "destinationMacs">;

function queryIp(
  filter: DecidingLists,
  macs: Macs,
  boxesOf: (family: Family, direction: Direction) => Box[],
  budget: Budget,
  options: DecideOptions = {},
): QueryPiece[] {
  const pieces: QueryPiece[] = [];
  const passed = new Map<string, { dependsOn: readonly Dependency[]; boxes: Box[] }>();
  for (const family of ["ipv4", "ipv6"] as const) {
    for (const direction of DIRECTIONS) {
      const boxes = boxesOf(family, direction);
      if (boxes.length === 0) continue;
      for (const dependsOn of passEthernet(filter, macs, family, direction, pieces, budget)) {
        const key = dependsOn.map(({ rule }) => `${rule.reference.source.range.start}`).join(" ");
        const group = passed.get(key);
        if (group === undefined) passed.set(key, { dependsOn, boxes });
        else group.boxes.push(...boxes);
      }
    }
  }
  for (const { dependsOn, boxes } of passed.values())
    // What goes in and what goes out is mostly the same: one look at both is enough.
    pieces.push(...decideList(filter.firewall, merged(boxes), dependsOn, budget, options));
  return pieces;
}

/** The deciding rules of a region; null stands for packets that no rule matches. */
export type Deciders = ReadonlySet<Rule | null>;

/** What flows of the same service ask of the lists, whatever their addresses. */
interface ServicePlan {
  readonly families: Readonly<Record<Family, readonly ServiceQuestion[]>>;
}

/** Answers flows one after the other by classes, without walking the lists. */
export class FlowClassifier {
  readonly #ethernet: Classifier | null;
  readonly #firewall: Classifier | null;
  readonly #plans = new WeakMap<FlowService, ServicePlan | null>();

  constructor(ethernet: Classifier | null, firewall: Classifier | null) {
    this.#ethernet = ethernet;
    this.#firewall = firewall;
  }

  /**
   * The rules that decide a flow. Null where classes alone do not tell: the flow is wide, something is uncertain, or
   * layer 2 stops a part of it.
   */
  deciders(service: FlowService, source: FlowAddresses, destination: FlowAddresses): Deciders | null {
    let plan = this.#plans.get(service);
    if (plan === undefined) {
      plan = this.#plan({ ...service, source: EVERYWHERE, destination: EVERYWHERE });
      this.#plans.set(service, plan);
    }
    if (plan === null) return null;
    const deciders = new Set<Rule | null>();
    for (const family of FAMILIES) {
      const from = source[family];
      const to = destination[family];
      if (isEmpty(from) || isEmpty(to)) continue;
      for (const question of plan.families[family]) {
        if (question.plane === null) deciders.add(null);
        else if (!question.plane.addDeciders(from, to, question, deciders)) return null;
      }
    }
    return deciders.size === 0 ? null : deciders;
  }

  #plan(flow: Flow): ServicePlan | null {
    if (flow.etherTypes !== null || this.#firewall === null) return null;
    const families: Record<Family, ServiceQuestion[]> = { ipv4: [], ipv6: [] };
    for (const family of FAMILIES) {
      for (const direction of flow.directions) {
        if (!this.#passes(flow, family, direction)) return null;
        for (const box of ipBoxes(flow, family, direction)) {
          const question = this.#firewall.prepare(box);
          if (question === null) return null;
          families[family].push(question);
        }
      }
    }
    return { families };
  }

  /** Whether layer 2 certainly accepts everything of a family and direction that the flow may be. */
  #passes(flow: Flow, family: Family, direction: Direction): boolean {
    if (this.#ethernet === null) return true;
    const frame = frames(flow, [direction], single(FAMILY_ETHERTYPE[family]));
    const question = this.#ethernet.prepare(frame);
    if (question?.plane === null || question === null) return false;
    const deciders = new Set<Rule | null>();
    const decided = question.plane.addDeciders(flow.sourceMacs, flow.destinationMacs, question, deciders);
    return decided && [...deciders].every((rule) => rule?.verdict === "accept");
  }
}

const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];
const EVERYWHERE = { ipv4: IPV4_ALL, ipv6: IPV6_ALL };

/** How packets of one family and direction leave the layer-2 list: no entry if none does. */
function passEthernet(
  filter: DecidingLists,
  macs: Macs,
  family: Family,
  direction: Direction,
  pieces: QueryPiece[],
  budget: Budget,
): (readonly Dependency[])[] {
  if (filter.ethernet === null) return [[]];
  const region = [frames(macs, [direction], single(FAMILY_ETHERTYPE[family]))];
  const decided = decideList(filter.ethernet, region, [], budget);
  pieces.push(...decided.filter(({ verdict }) => verdict !== "accept"));
  return decided.filter(({ verdict }) => verdict === "accept").map(({ dependsOn }) => dependsOn);
}

function decideList(
  list: DecidingList | null,
  region: PacketSet,
  before: readonly Dependency[],
  budget: Budget,
  options: DecideOptions = {},
): QueryPiece[] {
  // With something that layer 2 may do, every decision may be of interest.
  const asked: DecideOptions = before.length === 0 ? options : { ...options, wanted: () => true };
  const decisions = list?.decide(region, budget, asked) ?? {
    pieces: [{ rule: null, dependsOn: [], packets: merged(region) }],
    undecided: [],
  };
  const pieces = decisions.pieces.map(({ rule, dependsOn, packets }): QueryPiece => {
    const verdict = rule?.verdict ?? "no-match";
    // What layer 2 may do to it matters to the verdict only if it is another one.
    const all = [
      ...before.filter(({ rule: other }) => options.matters === "rule" || other.action !== verdict),
      ...dependsOn,
    ];
    return {
      verdict,
      certain: all.length === 0,
      rule,
      dependsOn: all,
      packets,
      witness: sample(packets),
    };
  });
  if (decisions.undecided.length > 0) {
    const packets = decisions.undecided;
    const witness = sample(packets);
    pieces.push({ verdict: "uncertain", certain: false, rule: null, dependsOn: [], packets, witness });
  }
  return pieces;
}

/** A packet with ports if there is one: it is the easiest to try out. */
function sample(packets: PacketSet): Packet {
  return sampleBox(packets.find(({ kind }) => kind.endsWith("ports")) ?? packets[0]!);
}

function frames(
  { sourceMacs, destinationMacs }: Macs,
  directions: readonly Direction[],
  etherTypes: Ranges<number>,
): Box {
  return {
    kind: "ethernet",
    sides: [directionRanges(directions), sourceMacs, destinationMacs, etherTypes],
  };
}

function directionRanges(directions: readonly Direction[]): Ranges<number> {
  return fromSpans(
    directions.map((direction) => ({
      first: DIRECTION_NUMBER[direction],
      last: DIRECTION_NUMBER[direction],
    })),
  );
}

function ipBoxes(flow: Flow, family: Family, direction: Direction): Box[] {
  const start: Ranges[] = [directionRanges([direction]), flow.source[family], flow.destination[family]];
  if (start.some(isEmpty)) return [];
  const hasPorts = flow.sourcePorts !== null || flow.destinationPorts !== null;
  const hasIcmp = flow.icmpTypes !== null || flow.icmpCodes !== null;
  const within = (protocols: Ranges): Ranges =>
    flow.protocols === null ? protocols : intersection(protocols as Ranges<number>, flow.protocols);
  const boxes: Box[] = [];
  if (!hasIcmp) {
    const [protocols, source, destination] = UNIVERSE[`${family}-ports`].sides.slice(3);
    boxes.push({
      kind: `${family}-ports`,
      sides: [
        ...start,
        within(protocols!),
        flow.sourcePorts ?? source!,
        flow.destinationPorts ?? destination!,
      ],
    });
  }
  if (!hasPorts && (flow.protocols === null || has(flow.protocols, family === "ipv4" ? ICMP : IPV6_ICMP))) {
    const [types, codes] = UNIVERSE[`${family}-icmp`].sides.slice(3);
    boxes.push({
      kind: `${family}-icmp`,
      sides: [...start, flow.icmpTypes ?? types!, flow.icmpCodes ?? codes!],
    });
  }
  if (!hasPorts && !hasIcmp) {
    boxes.push({ kind: `${family}-other`, sides: [...start, within(UNIVERSE[`${family}-other`].sides[3]!)] });
  }
  return boxes.filter(({ sides }) => !sides.some(isEmpty));
}
