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
import { isNarrow, type Classifier, type ServiceQuestion } from "./classifier.ts";
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

/** The deciding rules of a region, none twice; null stands for packets that no rule matches. */
export type Deciders = readonly (Rule | null)[];

/** What flows of the same service ask of the lists, whatever their addresses. */
interface ServicePlan {
  readonly families: Readonly<Record<Family, readonly ServiceQuestion[]>>;
}

/** Answers flows one after the other by classes, without walking the lists. */
export class FlowClassifier {
  readonly #ethernet: Classifier | null;
  readonly #firewall: Classifier | null;
  readonly #plans = new WeakMap<FlowService, ServicePlan | null>();
  /** Nearly every flow has one decider: that list is kept. */
  readonly #alone = new Map<Rule | null, Deciders>();

  constructor(ethernet: Classifier | null, firewall: Classifier | null) {
    this.#ethernet = ethernet;
    this.#firewall = firewall;
  }

  /**
   * The rules that decide a flow. Null where classes alone do not tell: the flow is wide, something is uncertain, or
   * layer 2 stops a part of it.
   */
  deciders(service: FlowService, source: FlowAddresses, destination: FlowAddresses): Deciders | null {
    const plan = this.#planOf(service);
    if (plan === null) return null;
    let deciders: Deciders = [];
    for (const family of FAMILIES) {
      if (isEmpty(source[family]) || isEmpty(destination[family])) continue;
      for (const question of plan.families[family]) {
        const { plane } = question;
        if (plane === null) {
          deciders = this.#with(deciders, null);
          continue;
        }
        const sources = plane.addressClasses(0, source[family]);
        const destinations = plane.addressClasses(1, destination[family]);
        if (sources === null || destinations === null) return null;
        if (!isNarrow(question, sources.length * destinations.length)) return null;
        for (const from of sources) {
          for (const to of destinations) {
            const more = this.#at(question, from, to, deciders);
            if (more === null) return null;
            deciders = more;
          }
        }
      }
    }
    return deciders.length === 0 ? null : deciders;
  }

  /** The same for a flow between two IPv4 addresses, given as numbers. */
  decidersBetweenHosts(service: FlowService, source: number, destination: number): Deciders | null {
    const plan = this.#planOf(service);
    if (plan === null) return null;
    let deciders: Deciders = [];
    for (const question of plan.families.ipv4) {
      const { plane } = question;
      if (plane !== null && !isNarrow(question, 1)) return null;
      const from = plane?.hostClass(0, source) ?? 0;
      const to = plane?.hostClass(1, destination) ?? 0;
      const more = this.#at(question, from, to, deciders);
      if (more === null) return null;
      deciders = more;
    }
    return deciders.length === 0 ? null : deciders;
  }

  /** Adds the rules that decide what a question asks between two classes of addresses; null if they are not certain. */
  #at(
    { plane, sourcePorts, headers }: ServiceQuestion,
    from: number,
    to: number,
    deciders: Deciders,
  ): Deciders | null {
    if (plane === null) return this.#with(deciders, null);
    let all = deciders;
    for (const p of sourcePorts) {
      for (const h of headers) {
        const decider = plane.deciderAt(from, to, p, h);
        if (decider === undefined) return null;
        all = this.#with(all, decider);
      }
    }
    return all;
  }

  #with(deciders: Deciders, decider: Rule | null): Deciders {
    if (deciders.includes(decider)) return deciders;
    if (deciders.length > 0) return [...deciders, decider];
    let alone = this.#alone.get(decider);
    if (alone === undefined) {
      alone = [decider];
      this.#alone.set(decider, alone);
    }
    return alone;
  }

  #planOf(service: FlowService): ServicePlan | null {
    let plan = this.#plans.get(service);
    if (plan === undefined) {
      plan = this.#plan({ ...service, source: EVERYWHERE, destination: EVERYWHERE });
      this.#plans.set(service, plan);
    }
    return plan;
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
    const sources = question.plane.addressClasses(0, flow.sourceMacs);
    const destinations = question.plane.addressClasses(1, flow.destinationMacs);
    if (sources === null || destinations === null) return false;
    if (!isNarrow(question, sources.length * destinations.length)) return false;
    return sources.every((from) =>
      destinations.every((to) => {
        const deciders = this.#at(question, from, to, []);
        return deciders?.every((rule) => rule?.verdict === "accept") ?? false;
      }),
    );
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
export function sample(packets: PacketSet): Packet {
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

/** The packets of a flow that are of one family and go in one direction. */
export function ipBoxes(flow: Flow, family: Family, direction: Direction): Box[] {
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
