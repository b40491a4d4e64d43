import type { MatchNode, PortsNode } from "../syntax/nodes.ts";
import { ICMP, IPV6_ICMP, SCTP, TCP, UDP, protocolNumber } from "./protocols.ts";
import { fromSpans, isEmpty, single, type Ranges } from "./ranges.ts";
import type { Condition, Service } from "./rule.ts";

export const PORT_PROTOCOLS: readonly number[] = [TCP, UDP, SCTP];
export const ALL_PORTS: Ranges<number> = [0, 65_536];
export const ALL_BYTES: Ranges<number> = [0, 256];

type ProtocolMatch = Extract<MatchNode, { type: "protocol" }>;

/** What a rule's protocol and ports mean, and what of it is not known. */
export function readService(
  match: ProtocolMatch,
  sourcePorts: readonly PortsNode[] | null,
  destinationPorts: readonly PortsNode[] | null,
): { service: Service; conditions: Condition[] } {
  const certain = (service: Service): { service: Service; conditions: Condition[] } => ({
    service,
    conditions: [],
  });
  const hasPorts = sourcePorts !== null || destinationPorts !== null;
  const any = match.name === "any" || match.name === "ip";
  const number = any ? null : protocolNumber(match.name);

  if (!any && number === null) {
    const condition = { key: `protocol ${match.name}`, reason: `the protocol "${match.name}" is not known` };
    const service = hasPorts
      ? readPorts(PORT_PROTOCOLS, sourcePorts, destinationPorts)
      : ({ type: "any" } as const);
    return { service, conditions: [condition] };
  }
  if (number !== null && number > 255)
    return certain({ type: "none", reason: `there is no protocol ${number}` });
  if (hasPorts) {
    const protocols =
      number === null ? PORT_PROTOCOLS : PORT_PROTOCOLS.filter((protocol) => protocol === number);
    if (protocols.length === 0)
      return certain({ type: "none", reason: `protocol ${match.name} has no ports` });
    return certain(readPorts(protocols, sourcePorts, destinationPorts));
  }
  if (number === ICMP || number === IPV6_ICMP) return readIcmp(number, match);
  return certain(number === null ? { type: "any" } : { type: "protocol", protocol: number });
}

function readPorts(
  protocols: readonly number[],
  sourcePorts: readonly PortsNode[] | null,
  destinationPorts: readonly PortsNode[] | null,
): Service {
  const source = portRanges(sourcePorts);
  const destination = portRanges(destinationPorts);
  if (isEmpty(source) || isEmpty(destination)) {
    return { type: "none", reason: "no port from 0 to 65535 lies in the ports that it names" };
  }
  return { type: "ports", protocols, sourcePorts: source, destinationPorts: destination };
}

function portRanges(ports: readonly PortsNode[] | null): Ranges<number> {
  if (ports === null) return ALL_PORTS;
  return fromSpans(ports.map(({ first, last }) => ({ first, last: Math.min(last, 65_535) })));
}

function readIcmp(protocol: number, match: ProtocolMatch): { service: Service; conditions: Condition[] } {
  const conditions: Condition[] = [];
  const values = (name: string, value: number | string | null | undefined): Ranges<number> => {
    if (value === null || value === undefined) return ALL_BYTES;
    if (typeof value === "number") return value > 255 ? [] : single(value);
    conditions.push({
      key: `${match.name} ${name} ${value}`,
      reason: `the ICMP ${name} "${value}" is not known`,
    });
    return ALL_BYTES;
  };
  const types = values("type", match.icmp?.icmpType);
  const codes = values("code", match.icmp?.icmpCode);
  if (isEmpty(types) || isEmpty(codes)) {
    return { service: { type: "none", reason: "ICMP types and codes end at 255" }, conditions };
  }
  return { service: { type: "icmp", protocol, types, codes }, conditions };
}
