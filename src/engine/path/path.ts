import {
  DESTINATION_SIDE,
  IP_KINDS,
  SOURCE_SIDE,
  familyOf,
  isEmptyBox,
  type Box,
} from "../../analysis/boxes.ts";
import { isEmptySet, type PacketSet } from "../../analysis/packet-set.ts";
import { outbound, type Detail, type FrameAddresses } from "../../analysis/passage.ts";
import { ipBoxes, sample } from "../../analysis/query.ts";
import { IPV6_LINK_LOCAL, MAC_ALL, printAddresses, printIpv4 } from "../../model/address.ts";
import { IPV4_ETHERTYPE, IPV6_ETHERTYPE } from "../../model/ethertypes.ts";
import type { Flow } from "../../model/flow.ts";
import type { Packet } from "../../model/packet.ts";
import type { SeenAddress } from "../../model/seen-addresses.ts";
import { difference, equals, has, intersection, isEmpty, single, type Ranges } from "../../model/ranges.ts";
import { blockText, type NumberedRoute, type RouterNetwork } from "../../model/routing.ts";
import { flowResult, regionResult } from "../convert.ts";
import { placeOf } from "../host.ts";
import {
  hostAddresses,
  isSameAddress,
  ownersOf,
  readQuestion,
  type HostAddress,
  type Owner,
  type PathEnd,
  type PathFields,
  type PathQuestion,
} from "./ends.ts";
import { Asker } from "./asker.ts";
import { meetFilter, type FilterMet, type Met } from "./filter-step.ts";
import {
  Network,
  ROUTERS_MISSING,
  ambiguous,
  type End,
  type Hop,
  type Location,
  type Way,
} from "./network.ts";
import type {
  NetworkStep,
  PathInterface,
  PathPiece,
  PathRemark,
  PathResult,
  PathRoute,
  PathStep,
  PathVerdict,
} from "./results.ts";
import type { PathSessions, Place } from "./sessions.ts";
import { awayReason, placeName, whoIsAt, type Where, type Who } from "./who.ts";

export interface PathOptions {
  /** Work allowed; beyond it nothing is decided about the packets that are left. */
  readonly budget?: number;
  /** Pieces that are told rule by rule; beyond that they are told by verdicts. */
  readonly mostTrails?: number;
}

/**
 * What happens to packets from machine to machine: the source's filter, the switch or the routers, the destination's
 * filter.
 * @throws FlowError or PathError if the fields do not describe what sessions can be asked about
 */
export function pathOf(sessions: PathSessions, fields: PathFields, options: PathOptions = {}): PathResult {
  const question = readQuestion(sessions, fields);
  const pieces = piecesOf(sessions, question, options);
  const verdicts = new Set(pieces.map(({ verdict }) => verdict));
  return {
    version: 1,
    verdict: verdicts.size === 1 ? [...verdicts][0]! : "mixed",
    certain: pieces.every(({ certain }) => certain),
    notes: [...new Set([...question.notes, ...selfNote(question), ...ownerNotes(sessions, question)])],
    pieces,
  };
}

/** By rules; where these are too many, by verdicts: then the answer is short, and nothing is left out of it. */
function piecesOf(sessions: PathSessions, question: PathQuestion, options: PathOptions): PathPiece[] {
  const byRules = new Joiner(sessions, question, "rules", options);
  byRules.follow();
  if (!byRules.isCut) return byRules.pieces();
  const byVerdicts = new Joiner(sessions, question, "verdicts", options);
  byVerdicts.follow();
  return byVerdicts.pieces();
}

function selfNote({ flow: { source, destination } }: PathQuestion): string[] {
  if (isSameAddress(source, destination)) return [];
  const overlap =
    !isEmpty(intersection(source.ipv4, destination.ipv4)) ||
    !isEmpty(intersection(source.ipv6, destination.ipv6));
  return overlap
    ? [
        "packets of a machine to itself never leave it, and are not meant where source and destination overlap",
      ]
    : [];
}

/** Where a router has seen an address at another machine than the one that is said. */
function ownerNotes(sessions: PathSessions, { flow, source, destination }: PathQuestion): string[] {
  return [
    { end: source, addresses: flow.source.ipv4 },
    { end: destination, addresses: flow.destination.ipv4 },
  ].flatMap(({ end: { who }, addresses }) => {
    const [address] = addresses;
    if (typeof who === "string" || address === undefined || !equals(addresses, single(address))) return [];
    const owner = ownersOf(sessions).find((one) => has(one.addresses, address));
    return owner === undefined || who.some(({ key }) => key === owner.place.key)
      ? []
      : [
          `a router has seen ${printIpv4(address)} at ${placeName(owner.place)}, and not where it is said to be`,
        ];
  });
}

/** Whether all packets certainly get the verdict; `deny`: whether they certainly do not get there. */
export function meetsPathExpectation(
  { pieces }: PathResult,
  expected: "accept" | "drop" | "reject" | "deny",
): boolean {
  return pieces.every(({ verdict, certain, delivered }) =>
    expected === "deny" ? delivered === "no" : certain && verdict === expected,
  );
}

/** Packets that met the same steps. */
interface Trail {
  readonly boxes: Box[];
  readonly steps: readonly Met[];
  readonly remarks: readonly PathRemark[];
}

/** More than that nobody reads, and no machine should wait for. */
const MOST_TRAILS = 5_000;

const IPV6_GROUPS: Ranges<bigint> = [0xff00n << 112n, 1n << 128n];

class Joiner {
  readonly #sessions: PathSessions;
  readonly #question: PathQuestion;
  readonly #network: Network;
  readonly #host: readonly HostAddress[];
  readonly #owners: readonly Owner[];
  readonly #asker: Asker;
  readonly #mostTrails: number;
  readonly #trails = new Map<string, Trail>();

  constructor(
    sessions: PathSessions,
    question: PathQuestion,
    detail: Detail,
    { budget, mostTrails = MOST_TRAILS }: PathOptions,
  ) {
    // Told by verdicts there are only as many as there are ways.
    this.#mostTrails = detail === "rules" ? mostTrails : MOST_TRAILS;
    this.#sessions = sessions;
    this.#question = question;
    const { who } = question.source;
    const host = typeof who === "string" ? null : (who[0]?.host?.name ?? null);
    this.#network = new Network(sessions.routers, host, question.router);
    this.#host = hostAddresses(sessions);
    this.#owners = ownersOf(sessions);
    const { flow } = question;
    const all = [
      ...this.#packets(flow.source.ipv4, flow.destination.ipv4, flow),
      ...this.#packets6(flow.source.ipv6, flow.destination.ipv6),
    ];
    this.#asker = new Asker(all, detail, budget);
  }

  /** True where something is too much to be told by rules, so that verdicts alone tell more. */
  get isCut(): boolean {
    return this.#asker.isCut;
  }

  follow(): void {
    const { flow } = this.#question;
    const local = isSameAddress(flow.source, flow.destination) || this.#isOneVnic();
    if (local) this.add(this.#packets(flow.source.ipv4, flow.destination.ipv4, flow), [localStep()]);
    else this.#fromIpv4(flow.source.ipv4);
    const six = this.#packets6(flow.source.ipv6, flow.destination.ipv6);
    if (local) this.add(six, [localStep()]);
    else this.#fromIpv6();
  }

  pieces(): PathPiece[] {
    return [...this.#trails.values()].map((trail) => pieceOf(trail));
  }

  /** True where both ends are said to be the same vNIC. */
  #isOneVnic(): boolean {
    const [from, to] = [this.#question.source.who, this.#question.destination.who];
    if (typeof from === "string" || typeof to === "string") return false;
    return from.length === 1 && to.length === 1 && from[0]!.key === to[0]!.key;
  }

  #fromIpv4(sources: Ranges<number>): void {
    if (isEmpty(sources)) return;
    for (const { addresses, locations } of this.#network.locate(sources)) {
      for (const part of this.#splitByOwner(addresses, this.#question.source.who))
        this.#from(part, locations);
    }
  }

  /** Addresses of which it is known whose they are, and all others; only where that is to be found out. */
  #splitByOwner(addresses: Ranges<number>, who: PathEnd["who"]): Owned[] {
    // A machine of several vNICs has an address at one of them.
    const known = who === "outside" || (who !== "search" && who.length === 1);
    if (known) return [{ addresses, port: null, owner: null }];
    const parts: Owned[] = [];
    let rest = addresses;
    const take = (own: Ranges<number>, of: Pick<Owned, "port" | "owner">): void => {
      const inside = intersection(rest, own);
      if (isEmpty(inside)) return;
      parts.push({ addresses: inside, ...of });
      rest = difference(rest, own);
    };
    if (who === "search")
      for (const { address, text } of this.#host) take(single(address), { port: text, owner: null });
    for (const { place, addresses: own } of this.#owners) take(own, { port: null, owner: place });
    return isEmpty(rest) ? parts : [{ addresses: rest, port: null, owner: null }, ...parts];
  }

  /** From sources in one network of a router, in several, or in none that is shown. */
  #from({ addresses: sources, port, owner }: Owned, locations: readonly Location[]): void {
    const { flow, source, destination } = this.#question;
    const [location] = locations.length === 1 ? locations : [];
    const where: Where =
      location !== undefined
        ? { type: "network", location }
        : locations.length > 1 || this.#network.views.length === 0
          ? { type: "anywhere" }
          : { type: "outside" };
    const own = location === undefined ? null : routerAddress(location, sources);
    const sender = this.#sender(sources, where, own ?? port, owner);
    const ways =
      location !== undefined
        ? this.#network.waysFrom(location, flow.destination.ipv4)
        : locations.length > 1
          ? [unknownWay(flow.destination.ipv4, ambiguous(locations))]
          : this.#network.views.length === 0
            ? [unknownWay(flow.destination.ipv4, NO_ROUTER)]
            : this.#network.waysFromOutside(source.who === "outside", flow.destination.ipv4);
    for (const way of ways) {
      for (const part of this.#splitByOwner(way.destinations, destination.who)) {
        const packets = this.#packets(sources, part.addresses, flow);
        if (isEmptySet(packets)) continue;
        const hops = way.hops.map((hop) => this.#settled(hop, way.end, destination.who === "outside"));
        const receiver =
          way.end.type === "stopped"
            ? null
            : this.#receiver(way, part, sender.type === "place" ? sender.place : null);
        this.#join(packets, sender, hops, receiver);
      }
    }
  }

  #sender(sources: Ranges<number>, where: Where, port: string | null, owner: Place | null): Who {
    const { source, destination } = this.#question;
    if (port !== null && source.who === "search") {
      const reason = `${port}, which the distributed firewall does not filter`;
      return { type: "none", status: "host", verdict: "accept", reason };
    }
    const said =
      typeof destination.who === "string" || destination.who.length !== 1 ? null : destination.who[0]!;
    return whoIsAt(this.#sessions, {
      end: source,
      text: wordsOf("ipv4", sources),
      where,
      other: said,
      owner,
      seen: seenOf(owner, sources),
    });
  }

  #receiver({ end, hops }: Way, { addresses, port, owner }: Owned, other: Place | null): Who {
    const { destination } = this.#question;
    const text = wordsOf("ipv4", addresses);
    if (end.type === "router") {
      const reason = "a router has no filter of the distributed firewall, and what it answers is not shown";
      return { type: "none", status: "host", verdict: "accept", reason };
    }
    if (port !== null) {
      const reason = `${port}: the distributed firewall does not filter it, and the host's own firewall is not shown`;
      return { type: "none", status: "host", verdict: "unknown", reason };
    }
    if (destination.who === "search" && owner === null) {
      if (end.type === "group") {
        const reason = `${text} is no single machine's address`;
        return { type: "unknown", reason, missing: "say --dst-vm NAME for one of those that may get it" };
      }
      if (end.type === "away") {
        const reason = awayReason(text, hops.at(-1)!);
        return { type: "unknown", reason, missing: ASK_AWAY };
      }
    }
    return whoIsAt(this.#sessions, {
      end: destination,
      text,
      where: this.#whereTo(end, addresses),
      other,
      owner,
      seen: seenOf(owner, addresses),
    });
  }

  #whereTo(end: End, destinations: Ranges<number>): Where {
    if (end.type === "segment" && end.location !== null) return { type: "network", location: end.location };
    if (this.#network.views.length === 0) return { type: "anywhere" };
    const located = this.#network.locate(destinations).some(({ locations }) => locations.length > 0);
    return located ? { type: "anywhere" } : { type: "outside" };
  }

  /** Where it is said that nothing there has a filter, what leaves is there. */
  #settled(hop: Hop, end: End, outside: boolean): Hop {
    return outside && hop.status === "leaves" && end.type === "away" ? { ...hop, verdict: "accept" } : hop;
  }

  #fromIpv6(): void {
    const { flow, source, destination } = this.#question;
    const anywhere: Where = { type: "anywhere" };
    const kinds = (addresses: Ranges<bigint>): { local: boolean; addresses: Ranges<bigint> }[] =>
      [
        { local: true, addresses: intersection(addresses, IPV6_LINK_LOCAL) },
        { local: false, addresses: difference(addresses, IPV6_LINK_LOCAL) },
      ].filter((kind) => !isEmpty(kind.addresses));
    for (const from of kinds(flow.source.ipv6)) {
      const said =
        typeof destination.who === "string" || destination.who.length !== 1 ? null : destination.who[0]!;
      const sender = whoIsAt(this.#sessions, {
        end: source,
        text: wordsOf("ipv6", from.addresses),
        where: anywhere,
        other: said,
        owner: null,
        seen: [],
      });
      const groups = intersection(flow.destination.ipv6, IPV6_GROUPS);
      if (!isEmpty(groups)) {
        const reason = "a multicast, and who gets it is not shown";
        const hop = unknownHop({ status: "group", verdict: "unknown", reason });
        const to = wordsOf("ipv6", groups);
        const receiver: Who =
          destination.who === "search"
            ? { type: "unknown", reason: `${to} is no single machine's address`, missing: null }
            : whoIsAt(this.#sessions, {
                end: destination,
                text: to,
                where: anywhere,
                other: null,
                owner: null,
                seen: [],
              });
        this.#join(this.#packets6(from.addresses, groups), sender, [hop], receiver);
      }
      for (const to of kinds(difference(flow.destination.ipv6, IPV6_GROUPS))) {
        const both = from.local && to.local;
        const hop = both
          ? unknownHop({
              status: "switched",
              verdict: "accept",
              doubts: ["both are taken to be on one segment, which link-local addresses never leave"],
            })
          : unknownHop({
              status: "unknown",
              verdict: "unknown",
              reason:
                from.local || to.local
                  ? "a link-local address is not routed"
                  : "net-vdr prints routes of IPv4 only: how IPv6 packets get there is not shown",
            });
        const receiver = whoIsAt(this.#sessions, {
          end: destination,
          text: wordsOf("ipv6", to.addresses),
          where: anywhere,
          other: sender.type === "place" ? sender.place : null,
          owner: null,
          seen: [],
        });
        this.#join(this.#packets6(from.addresses, to.addresses), sender, [hop], receiver);
      }
    }
  }

  #packets(source: Ranges<number>, destination: Ranges<number>, flow: Flow): PacketSet {
    const asked = flow.etherTypes === null || has(flow.etherTypes, IPV4_ETHERTYPE);
    if (!asked || isEmpty(source) || isEmpty(destination)) return [];
    return ipBoxes(
      { ...flow, source: { ipv4: source, ipv6: [] }, destination: { ipv4: destination, ipv6: [] } },
      "ipv4",
      "out",
    );
  }

  #packets6(source: Ranges<bigint>, destination: Ranges<bigint>): PacketSet {
    const { flow } = this.#question;
    const asked = flow.etherTypes === null || has(flow.etherTypes, IPV6_ETHERTYPE);
    if (!asked || isEmpty(source) || isEmpty(destination)) return [];
    return ipBoxes(
      { ...flow, source: { ipv4: [], ipv6: source }, destination: { ipv4: [], ipv6: destination } },
      "ipv6",
      "out",
    );
  }

  /** One after the other, as packets meet them; what is stopped goes no further. */
  #join(packets: PacketSet, sender: Who, hops: readonly Hop[], receiver: Who | null): void {
    if (isEmptySet(packets) || this.#isInVain) return;
    const { sourceMacs, destinationMacs } = this.#question.flow;
    // A router puts its own MAC address into frames.
    const one = hops.every(({ status }) => status === "switched");
    const leaving: FrameAddresses = { sourceMacs, destinationMacs: one ? destinationMacs : MAC_ALL };
    const arriving: FrameAddresses = { sourceMacs: one ? sourceMacs : MAC_ALL, destinationMacs };
    const network = hops.map((hop) => networkMet(hop));
    const stopped = receiver === null || hops.at(-1)?.verdict === "drop";
    // Asked once of all packets: what gets to it, and what would if the source let it.
    const arrivals = stopped ? [] : meetFilter("destination", receiver, packets, arriving, this.#asker);
    if (this.#isInVain) return;
    const asked = receiver?.type === "place" && receiver.place.rules !== null;
    const met = meetFilter("source", sender, packets, leaving, this.#asker);
    // What was not asked to the end is not complete: then nothing is said of these packets.
    if (!this.#asker.enough) return this.add(packets, [tooManyStep()]);
    if (this.#isInVain) return;
    const common = this.#asker.commonOfAll(
      met.map((part) => part.packets),
      arrivals.map((arrival) => arrival.packets),
      this.#asker.detail === "verdicts"
        ? null
        : { pairs: this.#mostTrails, counts: (index) => !isDenial(met[index]!.met.verdict) },
    );
    for (const [index, { packets: part, met: first }] of met.entries()) {
      const [meets, rest] = [common.met[index]!, common.rest[index]!];
      if (isDenial(first.verdict)) {
        const passing = asked && sender.type === "place" && isEmptySet(rest) ? [...meets.keys()] : [];
        const remarks = wouldPass(
          first,
          passing.toSorted((a, b) => a - b).map((place) => arrivals[place]!.met),
        );
        this.add(part, [first], remarks);
      } else if (stopped) this.add(part, [first, ...network]);
      else {
        for (const [place, { met: last }] of arrivals.entries())
          this.add(meets.get(place) ?? [], [first, ...network, last], remarksOf(first, last));
        this.add(rest, [tooManyStep()]);
      }
      if (this.#isInVain) return;
    }
  }

  /** True where all is asked again in less detail. */
  get #isInVain(): boolean {
    return this.#asker.detail === "rules" && this.#asker.isCut;
  }

  /** Packets that met these steps. */
  add(packets: PacketSet, steps: readonly Met[], remarks: readonly PathRemark[] = []): void {
    if (isEmptySet(packets)) return;
    const key = JSON.stringify([steps.map((step) => step.key), remarks]);
    const known = this.#trails.get(key);
    if (known !== undefined) known.boxes.push(...packets);
    else if (this.#trails.size < this.#mostTrails)
      this.#trails.set(key, { boxes: [...packets], steps, remarks });
    else {
      this.#asker.cut();
      const rest = this.#trails.get(TOO_MANY);
      if (rest !== undefined) rest.boxes.push(...packets);
      else this.#trails.set(TOO_MANY, { boxes: [...packets], steps: [tooManyStep()], remarks: [] });
    }
  }
}

/** Addresses with what is known of whose they are. */
interface Owned {
  readonly addresses: Ranges<number>;
  /** A port of a host itself, in words. */
  readonly port: string | null;
  readonly owner: Place | null;
}

/** Whether the destination, which all of them would get to, would let through what the source stops. */
function wouldPass(met: FilterMet, arriving: readonly FilterMet[]): PathRemark[] {
  const [first] = arriving;
  if (first === undefined || !arriving.every(({ verdict }) => verdict === "accept")) return [];
  const rules = new Set(arriving.map((arrival) => ruleOf(arrival)));
  const by = rules.size === 1 ? [...rules][0]! : "";
  return [
    {
      kind: "split",
      message: `${stepName(met.result)} ${verb(met.verdict)} it${ruleOf(met)}; ${stepName(first.result)} would let it through${by}`,
    },
  ];
}

function seenOf(owner: Place | null, addresses: Ranges<number>): SeenAddress[] {
  return (owner?.addresses ?? []).filter(({ address }) => has(addresses, address));
}

const TOO_MANY = "too many";
const ASK_AWAY =
  "give the session of the other host; say --dst-vm NAME if it is one of the machines here, or --dst-vm none if nothing there has a filter";
const NO_ROUTER: Pick<Hop, "reason" | "missing"> = {
  reason: "no session here shows a router, nor whether both ends are on one segment",
  missing: ROUTERS_MISSING,
};

function unknownHop(why: Partial<Hop>): Hop {
  return {
    status: "unknown",
    verdict: "unknown",
    view: null,
    from: null,
    to: null,
    routes: [],
    reason: null,
    doubts: [],
    missing: null,
    ...why,
  };
}

function unknownWay(destinations: Ranges<number>, why: Pick<Hop, "reason" | "missing">): Way {
  return { destinations, hops: [unknownHop(why)], end: { type: "segment", location: null } };
}

/** Where a source is the router's own address. */
function routerAddress({ network, view }: Location, sources: Ranges<number>): string | null {
  if (network.address === null) return null;
  const alone = equals(sources, single(network.address));
  return alone
    ? `${printIpv4(network.address)} is interface ${network.name} of router ${view.router.name ?? "without a name"}`
    : null;
}

const MOST_TEXTS = 3;

function wordsOf(family: "ipv4" | "ipv6", addresses: Ranges): string {
  const texts = printAddresses(family, addresses);
  if (texts.length <= MOST_TEXTS) return texts.join(", ");
  return `${texts.slice(0, MOST_TEXTS).join(", ")} and ${texts.length - MOST_TEXTS} more`;
}

function isDenial(verdict: PathVerdict): boolean {
  return verdict === "drop" || verdict === "reject";
}

// ---- steps as results --------------------------------------------------------------------------------------

function networkMet({ view, from, to, routes, doubts, missing, ...hop }: Hop): Met {
  const result: NetworkStep = {
    type: "network",
    status: hop.status,
    verdict: hop.verdict,
    certain: hop.verdict !== "unknown" && doubts.length === 0,
    host: view?.host.name ?? null,
    router: view?.router.name ?? null,
    from: from === null ? null : interfaceResult(from),
    to: to === null ? null : interfaceResult(to),
    routes: routes.map((route) => routeResult(route)),
    reason: hop.reason,
    assumptions: doubts,
  };
  return { key: JSON.stringify(result), verdict: result.verdict, certain: result.certain, missing, result };
}

function localStep(): Met {
  return networkMet(
    unknownHop({
      status: "local",
      verdict: "accept",
      reason: "source and destination are one machine: the packets do not leave it, and no filter sees them",
    }),
  );
}

function tooManyStep(): Met {
  return networkMet(unknownHop({ reason: "too many cases to follow", missing: "ask about fewer packets" }));
}

function interfaceResult({ name, block, segment, uplink, source }: RouterNetwork): PathInterface {
  return { name, network: blockText(block), segment, uplink, location: placeOf(source)! };
}

function routeResult({ block, gateway, route }: NumberedRoute): PathRoute {
  return {
    destination: blockText(block),
    gateway: gateway === null ? null : printIpv4(gateway),
    flags: route.flags,
    interface: route.interface,
    location: placeOf(route.source)!,
  };
}

// ---- pieces ------------------------------------------------------------------------------------------------

function pieceOf({ boxes, steps, remarks }: Trail): PathPiece {
  const packets = outbound(
    boxes.toSorted((a, b) => IP_KINDS.indexOf(a.kind as never) - IP_KINDS.indexOf(b.kind as never)),
  );
  const witness = flowResult(exampleOf(packets));
  const denier = steps.findIndex(({ verdict }) => isDenial(verdict));
  const verdict =
    denier !== -1
      ? steps[denier]!.verdict
      : ((["unknown", "no-match"] as const).find((one) => steps.some((step) => step.verdict === one)) ??
        "accept");
  const before = denier === -1 ? steps : steps.slice(0, denier);
  const passed = before.every((step) => step.certain && step.verdict === "accept");
  const certain =
    verdict === "unknown"
      ? false
      : denier === -1
        ? steps.every((step) => step.certain)
        : passed && steps[denier]!.certain;
  return {
    verdict,
    certain,
    delivered:
      denier !== -1 && steps[denier]!.certain
        ? "no"
        : denier === -1 && passed && verdict === "accept"
          ? "yes"
          : "unknown",
    decidedBy: denier === -1 ? null : denier,
    remarks,
    missing: [...new Set(steps.flatMap((step) => (step.verdict === "unknown" ? (step.missing ?? []) : [])))],
    region: regionResult(packets),
    witness,
    steps: steps.map(({ result }): PathStep =>
      result.type === "network" ? result : { ...result, flow: { ...witness, direction: result.direction } },
    ),
  };
}

/** An example from one machine to another, if there is one: packets of a machine to itself never leave it. */
function exampleOf(packets: PacketSet): Packet {
  const first = sample(packets);
  if (first.layer !== "ip" || first.source !== first.destination) return first;
  const own = single(first.source);
  const others = [DESTINATION_SIDE, SOURCE_SIDE].flatMap((side) =>
    packets
      .filter(({ kind }) => familyOf(kind) === first.family)
      .map(({ kind, sides }): Box => ({ kind, sides: sides.with(side, difference(sides[side]!, own)) }))
      .filter((box) => !isEmptyBox(box)),
  );
  return others.length === 0 ? first : sample(others);
}

/** What the two filters say together. */
function remarksOf(first: FilterMet, last: FilterMet): PathRemark[] {
  const [from, to] = [first.result, last.result];
  const filters = [from, to].every(({ status }) => status === "decided" || status === "unprotected");
  if (!filters) return [];
  if (first.verdict === "accept" && isDenial(last.verdict)) {
    const message = `${stepName(from)} lets it through${ruleOf(first)}; ${stepName(to)} ${verb(last.verdict)} it${ruleOf(last)}`;
    return [{ kind: "split", message }];
  }
  if (first.verdict !== "accept" || last.verdict !== "accept") return [];
  if ((from.specific === true) === (to.specific === true)) return [];
  const [strict, open] = from.specific === true ? [first, last] : [last, first];
  const other = open.result;
  const only =
    other.status === "unprotected"
      ? `${stepName(other)} has no filter`
      : `${stepName(other)} only${ruleOf(open)}, which takes everything`;
  return [
    {
      kind: "half-protected",
      message: `${stepName(strict.result)} lets it through${ruleOf(strict)}; ${only}`,
    },
  ];
}

function stepName({ place }: FilterMet["result"]): string {
  if (place === null) return "the filter";
  return place.vnic ?? (place.filter === null ? "the filter" : `filter ${place.filter}`);
}

function verb(verdict: PathVerdict): string {
  return verdict === "reject" ? "rejects" : "drops";
}

function ruleOf({ result: { rule } }: FilterMet): string {
  if (rule === null) return "";
  if (rule.id === null) return " by text that does not parse";
  return ` by rule ${rule.id}${rule.position === null ? "" : ` at ${rule.position}`}`;
}
