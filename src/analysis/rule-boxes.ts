import { EMPTY, fromSpans, intersection, isEmpty, single, type Ranges } from "../model/ranges.ts";
import type { Endpoint, EthernetRule, Family, IpRule, Rule, Service } from "../model/rule.ts";
import { DIRECTION_NUMBER, UNIVERSE, type Box, type Kind } from "./boxes.ts";

/** At most one box a kind: a rule is a product of what it says about every field. */
export type RuleBoxes = ReadonlyMap<Kind, Box>;

/** The packets that a rule possibly matches, or certainly matches if its conditions hold. */
export function ruleBoxes(rule: Rule, reading: "may" | "must"): RuleBoxes {
  const boxes = new Map<Kind, Box>();
  const add = (kind: Kind, sides: readonly Ranges[]): void => {
    if (!sides.some(isEmpty)) boxes.set(kind, { kind, sides });
  };
  const directions = fromSpans(
    rule.directions.map((direction) => ({
      first: DIRECTION_NUMBER[direction],
      last: DIRECTION_NUMBER[direction],
    })),
  );
  if (rule.layer === "ethernet") addEthernet(rule, reading, directions, add);
  else for (const family of rule.families) addIp(rule, reading, family, directions, add);
  return boxes;
}

type Add = (kind: Kind, sides: readonly Ranges[]) => void;

function addEthernet(rule: EthernetRule, reading: keyof Endpoint, directions: Ranges, add: Add): void {
  add("ethernet", [directions, rule.source[reading].mac, rule.destination[reading].mac, rule.etherTypes]);
}

function addIp(rule: IpRule, reading: keyof Endpoint, family: Family, directions: Ranges, add: Add): void {
  const start = [directions, rule.source[reading][family], rule.destination[reading][family]];
  const headers = serviceSides(rule.service, family);
  if (headers.ports !== null) add(`${family}-ports`, [...start, ...headers.ports]);
  if (headers.icmp !== null) add(`${family}-icmp`, [...start, ...headers.icmp]);
  if (headers.other !== null) add(`${family}-other`, [...start, headers.other]);
}

interface Headers {
  readonly ports: readonly Ranges[] | null;
  readonly icmp: readonly Ranges[] | null;
  readonly other: Ranges | null;
}

function serviceSides(service: Service, family: Family): Headers {
  const ports = UNIVERSE[`${family}-ports`].sides.slice(3);
  const icmp = UNIVERSE[`${family}-icmp`].sides.slice(3);
  const other = UNIVERSE[`${family}-other`].sides[3] as Ranges<number>;
  switch (service.type) {
    case "any":
      return { ports, icmp, other };
    case "protocol": {
      const protocol = single(service.protocol);
      return {
        ports: [intersection(ports[0] as Ranges<number>, protocol), ports[1]!, ports[2]!],
        icmp: null,
        other: intersection(other, protocol),
      };
    }
    case "ports": {
      const protocols = fromSpans(service.protocols.map((protocol) => ({ first: protocol, last: protocol })));
      return { ports: [protocols, service.sourcePorts, service.destinationPorts], icmp: null, other: null };
    }
    case "icmp": {
      const exists = (service.protocol === 1) === (family === "ipv4");
      return { ports: null, icmp: exists ? [service.types, service.codes] : null, other: null };
    }
    case "none":
      return { ports: null, icmp: null, other: EMPTY };
  }
}
