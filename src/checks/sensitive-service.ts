import { UNIVERSE } from "../analysis/boxes.ts";
import { SERVICE, SOURCE, narrowed, type Openness } from "../analysis/effective.ts";
import type { Plane } from "../analysis/planes.ts";
import type { Region } from "../analysis/cover.ts";
import type { Packet } from "../model/packet.ts";
import { difference, isEmpty, overlaps, type Ranges } from "../model/ranges.ts";
import type { Rule } from "../model/rule.ts";
import { parameterOf, type Check, type CheckContext } from "./check.ts";
import { headersOf, packetIn, portBox } from "./headers.ts";
import { byManagerRule, effectiveAccepts, isHidden, type Accept } from "./open-field.ts";
import type { SensitiveService } from "./settings.ts";
import { enumerate, grouped, relatedRule, ruleName } from "./words.ts";

/** Networks of IPv6 are counted as hosts of IPv4 are: a network is 2 to the 64th addresses. */
const HOSTS_IN_IPV6_NETWORK = 2 ** 64;

interface Exposure {
  readonly accept: Accept;
  readonly service: SensitiveService;
  readonly openness: Openness;
  /** A packet of the service. */
  witness(): Packet | null;
}

export const sensitiveService: Check = {
  id: "sensitive-service",
  severity: "warning",
  label: "opens it",
  summary:
    "An accept towards the VM opens a sensitive service, such as remote administration or a database, to more addresses than a threshold, or from outside the networks that the configuration allows.",
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
      const names = (given: readonly Exposure[]): string[] => [
        ...new Set(given.map(({ service }) => service.name)),
      ];
      const outside = exposures.filter(({ service }) => service.allowedFrom !== null);
      const many = exposures.filter(({ service }) => service.allowedFrom === null);
      const most = many.reduce((hosts, { openness }) => Math.max(hosts, hostsOf(openness)), 0);
      const parts = [
        ...(outside.length === 0
          ? []
          : [`${listed(names(outside))} to sources outside the networks that are allowed`]),
        ...(many.length === 0 ? [] : [`${listed(names(many))} to ${manyText(most)} sources`]),
      ];
      yield {
        message: `${ruleName(rule)} opens ${parts.join(", and ")}`,
        certain: exposures.some(({ openness }) => openness.certain),
        at: rule.reference.source,
        rule,
        related: [...lines].slice(1, 50).map((line) => relatedRule("the same", line)),
        witness: exposures.find(({ openness }) => openness.witness !== null)?.witness() ?? null,
        data: { services: names(exposures), outsideAllowed: outside.length > 0 },
      };
    }
  },
};

/** So many names, and how many more. */
const MOST_NAMED = 4;

function listed(names: readonly string[]): string {
  if (names.length <= MOST_NAMED + 1) return enumerate(names);
  return enumerate([...names.slice(0, MOST_NAMED), `${names.length - MOST_NAMED} more`]);
}

function hostsOf({ plane, values }: Openness): number {
  return plane === "ipv6" ? values / HOSTS_IN_IPV6_NETWORK : values;
}

function manyText(hosts: number): string {
  return hosts >= 2 ** 31 ? "all or nearly all" : `at least ${grouped(Math.floor(hosts))}`;
}

function* findExposures(context: CheckContext): Generator<Exposure> {
  const threshold = parameterOf(context, sensitiveService, "addresses");
  const { sensitiveServices } = context.settings;
  const areAllowed = sensitiveServices.some(({ allowedFrom }) => allowedFrom !== null);
  for (const accept of effectiveAccepts(context)) {
    // Most rules have few sources: they are left out for all services at once.
    const isWide = accept.list.effective.mayBeOpen(accept.index, SOURCE, (plane) =>
      leastOf(plane, threshold),
    );
    if (!isWide && !areAllowed) continue;
    // Who is behind a set that no dump defines, or behind a group of users, is not known.
    if (isHidden(accept.rule, "source")) continue;
    for (const service of sensitiveServices) {
      if (!isWide && service.allowedFrom === null) continue;
      const exposure = exposureOf(accept, service, threshold);
      if (exposure === null) continue;
      // What a later rule opens anyway is that rule's finding.
      if (accept.list.isRemovable(accept.index)) break;
      yield exposure;
    }
  }
}

/** The accepts through which some packet of a sensitive service gets, from wherever it comes; a pair for each service. */
export function* sensitiveAccepts(
  context: CheckContext,
): Generator<{ readonly accept: Accept; readonly service: SensitiveService }> {
  for (const accept of effectiveAccepts(context)) {
    for (const service of context.settings.sensitiveServices) {
      if (exposureOf(accept, { ...service, allowedFrom: null }, 0) !== null) yield { accept, service };
    }
  }
}

/** @param threshold how many sources a service may be open to for which no networks are named */
function exposureOf(accept: Accept, service: SensitiveService, threshold: number): Exposure | null {
  const { list, index, rule } = accept;
  for (const protocol of service.protocols) {
    if (!mayHave(rule, protocol, service.ports)) continue;
    const outside = (plane: Plane): Ranges | null => outsideOf(plane, service);
    const least = (plane: Plane): number | null =>
      leastOf(plane, service.allowedFrom === null ? threshold : 0);
    const narrow = (plane: Plane, region: Region): Region | null => {
      // What leaves the VM comes from it alone.
      const withPorts = narrowed(region, SERVICE, headersOf(plane, [protocol], service.ports, ["in"]));
      const sources = outside(plane);
      if (withPorts === null || sources === null) return withPorts;
      if (isEmpty(sources)) return null;
      return narrowed(withPorts, SOURCE, plane.addressClasses(SOURCE, sources, Infinity)!);
    };
    const openness = list.effective.openField(index, SOURCE, least, narrow);
    if (openness === null) continue;
    const plane = list.planes.find(({ name }) => name === openness.plane)!;
    const witness = (): Packet | null => {
      if (openness.point === null) return null;
      const wanted = portBox(plane, [protocol], service.ports, ["in"])!;
      const sources = outside(plane);
      const { sides } = wanted;
      const box = sources === null ? wanted : { ...wanted, sides: sides.with(SOURCE + 1, sources) };
      return packetIn(plane, openness.point, [box]);
    };
    return { accept, service, openness, witness };
  }
  return null;
}

/** How many addresses so many hosts are. */
function leastOf({ name }: Plane, hosts: number): number | null {
  switch (name) {
    case "ipv4":
      return hosts;
    case "ipv6":
      return hosts * HOSTS_IN_IPV6_NETWORK;
    case "ethernet":
      return null;
  }
}

/** Quickly: whether a rule's own words leave room for one of the ports. */
function mayHave(rule: Rule, protocol: number, ports: Ranges<number>): boolean {
  if (rule.layer !== "ip" || !rule.directions.includes("in")) return false;
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
