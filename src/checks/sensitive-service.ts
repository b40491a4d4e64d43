import { ALL_KINDS, UNIVERSE, familyOf, type Box } from "../analysis/boxes.ts";
import { SERVICE, SOURCE, narrowed, type Openness } from "../analysis/effective.ts";
import type { Plane } from "../analysis/planes.ts";
import type { Region } from "../analysis/cover.ts";
import type { IpPacket } from "../model/packet.ts";
import {
  difference,
  has,
  intersection,
  isEmpty,
  overlaps,
  single,
  toSpans,
  type Ranges,
} from "../model/ranges.ts";
import type { Rule } from "../model/rule.ts";
import { parameterOf, type Check, type CheckContext } from "./check.ts";
import { byManagerRule, effectiveAccepts, type Accept } from "./open-field.ts";
import type { SensitiveService } from "./settings.ts";
import { enumerate, relatedRule, ruleName } from "./words.ts";

/** Networks of IPv6 are counted as hosts of IPv4 are: a network is 2 to the 64th addresses. */
const HOSTS_IN_IPV6_NETWORK = 2 ** 64;

interface Exposure {
  readonly accept: Accept;
  readonly service: SensitiveService;
  readonly openness: Openness;
  readonly witness: IpPacket | null;
}

export const sensitiveService: Check = {
  id: "sensitive-service",
  severity: "warning",
  label: "opens it",
  summary:
    "An accept opens a sensitive service, such as remote administration, file sharing or a database, to more addresses than a threshold, or from outside the networks that the configuration allows.",
  why: "These services are what an intruder looks for first: they give a shell, files or data, and their passwords are guessed.",
  help: "Narrow the source to the jump hosts or servers that need it. If the networks are right, name them in the configuration under `sensitive`.",
  parameters: {
    addresses: {
      default: 1024,
      minimum: 0,
      maximum: 2 ** 32,
      describe:
        "how many IPv4 source addresses (IPv6: networks of 64 bits) may reach a sensitive service for which no networks are named",
    },
  },
  example: `ruleset domain-c1 {
  rule 1221 at 1 inout protocol tcp from ip 10.0.0.0/8 to addrset db port {22, 1433} accept;
  rule 1001 at 2 inout protocol any from any to any drop;
}
addrset db {
ip 10.4.0.11,
}`,
  *find(context) {
    for (const exposures of byManagerRule(findExposures(context))) {
      const [first] = exposures;
      const { rule } = first!.accept;
      const lines = new Set(exposures.map(({ accept }) => accept.rule));
      const names = [...new Set(exposures.map(({ service }) => service.name))];
      const outside = exposures.some(({ service }) => service.allowedFrom !== null);
      const most = Math.max(...exposures.map(({ openness }) => hostsOf(openness)));
      const from = outside ? "sources outside the networks that are allowed" : `${manyText(most)} sources`;
      yield {
        message: `${ruleName(rule)} opens ${names.length > 4 ? enumerate([...names.slice(0, 4), `${names.length - 4} more`]) : enumerate(names)} to ${from}`,
        certain: exposures.some(({ openness }) => openness.certain),
        at: rule.reference.source,
        rule,
        related: [...lines].slice(1, 50).map((line) => relatedRule("the same", line)),
        witness: exposures.find(({ witness }) => witness !== null)?.witness ?? null,
        data: { services: names, outsideAllowed: outside },
      };
    }
  },
};

function hostsOf({ plane, values }: Openness): number {
  return plane === "ipv6" ? values / HOSTS_IN_IPV6_NETWORK : values;
}

function manyText(hosts: number): string {
  return hosts >= 2 ** 31 ? "all or nearly all" : `at least ${Math.floor(hosts).toLocaleString("en")}`;
}

function* findExposures(context: CheckContext): Generator<Exposure> {
  const threshold = parameterOf(context, sensitiveService, "addresses");
  for (const accept of effectiveAccepts(context)) {
    for (const service of context.settings.sensitiveServices) {
      const exposure = exposureOf(accept, service, threshold);
      if (exposure === null) continue;
      // What a later rule opens anyway is that rule's finding.
      if (accept.list.isRemovable(accept.index)) break;
      yield exposure;
    }
  }
}

function exposureOf(accept: Accept, service: SensitiveService, threshold: number): Exposure | null {
  const { list, index, rule } = accept;
  for (const protocol of service.protocols) {
    if (!mayHave(rule, protocol, service.ports)) continue;
    const outside = (plane: Plane): Ranges | null => outsideOf(plane, service);
    const least = (plane: Plane): number | null => {
      if (plane.name === "ethernet") return null;
      if (service.allowedFrom !== null) return 0;
      return plane.name === "ipv6" ? threshold * HOSTS_IN_IPV6_NETWORK : threshold;
    };
    const narrow = (plane: Plane, region: Region): Region | null => {
      const headers = headersOf(plane, protocol, service.ports);
      const withPorts = narrowed(region, SERVICE, headers);
      const sources = outside(plane);
      if (withPorts === null || sources === null) return withPorts;
      if (isEmpty(sources)) return null;
      return narrowed(withPorts, SOURCE, plane.addressClasses(SOURCE, sources, Infinity)!);
    };
    const openness = list.effective.openField(index, SOURCE, least, narrow);
    if (openness === null) continue;
    const plane = list.planes.find(({ name }) => name === openness.plane)!;
    const { witness } = openness;
    const packet =
      witness === null || witness.layer === "ethernet"
        ? null
        : inService(plane, witness, protocol, service.ports, outside(plane));
    return { accept, service, openness, witness: packet };
  }
  return null;
}

const headers = new WeakMap<Plane, Map<Ranges<number>, Map<number, readonly number[]>>>();

/** The header classes of a service; kept, because every rule is asked about the same. */
function headersOf(plane: Plane, protocol: number, ports: Ranges<number>): readonly number[] {
  const ofPlane = headers.get(plane) ?? new Map<Ranges<number>, Map<number, readonly number[]>>();
  headers.set(plane, ofPlane);
  const ofPorts = ofPlane.get(ports) ?? new Map<number, readonly number[]>();
  ofPlane.set(ports, ofPorts);
  let classes = ofPorts.get(protocol);
  if (classes === undefined) {
    classes = plane.serviceClasses(portBox(plane, protocol, ports), Infinity)!.headers;
    ofPorts.set(protocol, classes);
  }
  return classes;
}

/** Quickly: whether a rule's own words leave room for one of the ports. */
function mayHave(rule: Rule, protocol: number, ports: Ranges<number>): boolean {
  if (rule.layer !== "ip") return false;
  const { service } = rule;
  switch (service.type) {
    case "any":
      return true;
    case "protocol":
      return service.protocol === protocol;
    case "ports":
      return service.protocols.includes(protocol) && overlaps(service.destinationPorts, ports);
    case "icmp":
    case "none":
      return false;
  }
}

function outsideOf({ name }: Plane, { allowedFrom }: SensitiveService): Ranges | null {
  if (allowedFrom === null || name === "ethernet") return null;
  const all = UNIVERSE[`${name}-ports`].sides[SOURCE + 1]!;
  return difference(all, allowedFrom[name]);
}

function portBox({ name }: Plane, protocol: number, ports: Ranges<number>): Box {
  const kind = ALL_KINDS.find((one) => familyOf(one) === name && one.endsWith("ports"))!;
  const { sides } = UNIVERSE[kind];
  return { kind, sides: [...sides.slice(0, 3), single(protocol), sides[4]!, ports] };
}

/** The witness with a port of the service and a source outside: no rule tells it from the one that was found. */
function inService(
  plane: Plane,
  packet: IpPacket,
  protocol: number,
  ports: Ranges<number>,
  outside: Ranges | null,
): IpPacket {
  const classOf = (box: Box): number => plane.serviceClasses(box, Infinity)!.headers[0]!;
  const at = (proto: number, port: number): Box => {
    const box = portBox(plane, proto, single(port));
    return { ...box, sides: box.sides.with(0, single(packet.direction === "in" ? 0 : 1)) };
  };
  const own = classOf(at(packet.protocol, packet.destinationPort!));
  let port = packet.destinationPort!;
  if (packet.protocol !== protocol || !has(ports, port)) {
    for (const { first, last } of toSpans(ports)) {
      for (let candidate = first; candidate <= last; candidate += 1) {
        if (classOf(at(protocol, candidate)) !== own) continue;
        port = candidate;
        break;
      }
    }
  }
  let { source } = packet;
  if (outside !== null && !has(outside, source)) {
    const [c] = plane.addressClasses(SOURCE, single(source), 1)!;
    source = intersection(plane.addressesOf(SOURCE, Int32Array.of(c!)), outside)[0]!;
  }
  return { ...packet, protocol, destinationPort: port, source };
}
