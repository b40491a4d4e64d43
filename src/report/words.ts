import type { FlowResult, Location, RegionBox, RuleReferenceResult } from "../engine/results.ts";

/** `out tcp 10.0.0.1:40000 -> 10.0.0.2:443`; IPv6 addresses with ports in brackets. */
export function flowText(flow: FlowResult): string {
  if (flow.src === null || flow.dst === null) {
    return `${flow.direction} ${flow.etherType} ${flow.srcMac} -> ${flow.dstMac}`;
  }
  const end = (address: string, port: number | null): string => {
    if (port === null) return address;
    return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  };
  const icmp = flow.icmpType === null ? "" : ` type ${flow.icmpType} code ${flow.icmpCode}`;
  const protocol = typeof flow.protocol === "number" ? `protocol ${flow.protocol}` : flow.protocol;
  return `${flow.direction} ${protocol}${icmp} ${end(flow.src, flow.srcPort)} -> ${end(flow.dst, flow.dstPort)}`;
}

export function ruleText({ id, position }: RuleReferenceResult): string {
  if (id === null) return "text that does not parse";
  return position === null ? `rule ${id}` : `rule ${id} at ${position}`;
}

export function placeText({ file, line }: { file: string; line: number }): string {
  return `${file}:${line}`;
}

export function locationText({ file, line, column }: Location): string {
  return `${file}:${line}:${column}`;
}

const ALL_PORTS = "0-65535";
const ALL_BYTES = "0-255";

/** `in and out, tcp, 10.0.0.1 -> 10.0.0.2, port 443`; what is every value is left out. */
export function boxText(box: RegionBox): string {
  const directions = box.directions.length === 2 ? "in and out" : box.directions.join("");
  if ("srcMacs" in box) {
    return `${directions}, ethertype ${list(box.etherTypes)}, ${list(box.srcMacs)} -> ${list(box.dstMacs)}`;
  }
  const address = (values: readonly string[]): string =>
    values[0] === "any" ? `any ${box.family === "ipv4" ? "IPv4" : "IPv6"}` : list(values);
  const parts = [
    directions,
    box.protocols[0] === "any" ? "any protocol" : protocols(box.protocols),
    `${address(box.src)} -> ${address(box.dst)}`,
  ];
  const add = (name: string, values: readonly string[] | null, all: string): void => {
    if (values === null) return;
    const several = values.length > 1 || values[0]!.includes("-");
    parts.push(values[0] === all ? `all ${name}s` : `${name}${several ? "s" : ""} ${list(values)}`);
  };
  add("source port", box.srcPorts, ALL_PORTS);
  add("port", box.dstPorts, ALL_PORTS);
  add("ICMP type", box.icmpTypes, ALL_BYTES);
  add("code", box.icmpCodes, ALL_BYTES);
  return parts.join(", ");
}

/** What is left of all protocols beside a few is no list that anybody reads. */
function protocols(values: readonly string[]): string {
  return values.length > 4 ? `other protocols (${list(values, 3)})` : list(values);
}

const MOST_LISTED = 8;

function list(values: readonly string[], most = MOST_LISTED): string {
  if (values.length <= most) return values.join(",");
  return `${values.slice(0, most).join(",")} and ${values.length - most} more`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
