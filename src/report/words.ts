import type {
  CaptureLine,
  CaptureResult,
  FindingResult,
  FlowResult,
  Location,
  Region,
  RegionBox,
  RuleReferenceResult,
  VnicResult,
} from "../engine/results.ts";
import { missingAddresses, missingPorts } from "./exceptions.ts";
import { safe } from "./safe.ts";

/** The name that standard input goes by where files have theirs. */
export const STANDARD_INPUT = "(standard input)";

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

/** A filter where there are several; text without a prompt has no name. */
export function filterText(name: string | null): string {
  return name === null ? "text without a prompt" : `filter ${name}`;
}

/** `at filter nic-… (vNIC AW1.eth0), on host ESXi-04`. */
export function captureText({ filter, host, vnic }: CaptureResult): string {
  const of = vnic === null ? "" : ` (vNIC ${vnic})`;
  return `at ${filterText(filter)}${of}${host === null ? "" : `, on host ${host}`}`;
}

/** `the flow, IPv4, out, before the filter`. */
export function captureLineText({ packets, family, directions, point }: CaptureLine): string {
  const part = { flow: "the flow", reply: "its reply", both: "the flow and its reply" }[packets];
  const kind = { ipv4: ", IPv4", ipv6: ", IPv6", all: "" }[family ?? "all"];
  const way = directions.length === 2 ? "" : `, ${directions.join("")}`;
  return `${part}${kind}${way}, ${point === "PreDVFilter" ? "before" : "behind"} the filter`;
}

/** All of a capture, a line each. */
export function captureTexts(capture: CaptureResult): string[] {
  const at = `capture ${captureText(capture)}`;
  return [
    ...capture.lines.map((line) => `${at}: ${captureLineText(line)}: ${line.command}`),
    ...capture.widened.map((text) => `${at}: more is captured: ${text}`),
    ...capture.warnings.map((text) => `${at}: note: ${text}`),
  ];
}

/** The filter and the vNIC of a finding, as far as they are to be said; undefined if there is nothing to say. */
export function ownerText(
  filter: string | null | undefined,
  { vnic, message }: FindingResult,
): string | undefined {
  return ownedText(filter, vnic !== undefined && message.includes(vnic.name) ? undefined : vnic);
}

/** `filter nic-…, vNIC AW1.eth0`, as far as these are given. */
export function ownedText(
  filter: string | null | undefined,
  vnic: VnicResult | undefined,
): string | undefined {
  const parts = filter === undefined ? [] : [filterText(filter)];
  if (vnic !== undefined) {
    const owned = vnic.machine === null || vnic.name.startsWith(`${vnic.machine}.`);
    parts.push(`vNIC ${vnic.name}${owned ? "" : ` of ${vnic.machine}`}`);
  }
  return parts.length === 0 ? undefined : parts.join(", ");
}

/** ` (esx-01)`, behind the file of a session: its hosts, as far as their names are known. */
export function hostsText(hosts: readonly (string | null)[]): string {
  const names = hosts.flatMap((name) => name ?? []);
  return names.length === 0 ? "" : ` (${names.join(", ")})`;
}

/** Of a session that is not told twice. */
export function sameText(as: string): string {
  return `the same as ${as}, byte for byte`;
}

export function placeText({ file, line }: { file: string; line: number }): string {
  return `${file}:${line}`;
}

export function locationText({ file, line, column }: Location): string {
  return `${file}:${line}:${column}`;
}

const ALL_PORTS = "0-65535";
const ALL_BYTES = "0-255";

export interface BoxWords {
  /** Says nothing of source ports where all of them are meant. */
  readonly brief?: boolean;
}

/** `both directions, tcp, 10.0.0.1 -> 10.0.0.2, port 443`; what is every value is left out. */
export function boxText(box: RegionBox, { brief = false }: BoxWords = {}): string {
  const directions = box.directions.length === 2 ? "both directions" : box.directions.join("");
  if ("srcMacs" in box) {
    return `${directions}, ethertype ${list(box.etherTypes)}, ${list(box.srcMacs)} -> ${list(box.dstMacs)}`;
  }
  const address = (values: readonly string[], name: string | undefined): string => {
    if (name !== undefined) return safe(name);
    const all = `any ${box.family === "ipv4" ? "IPv4" : "IPv6"}`;
    if (values[0] === "any") return all;
    const missing = missingAddresses(values, box.family);
    return missing === null ? list(values) : `${all} but ${list(missing)}`;
  };
  const parts = [
    directions,
    box.protocols[0] === "any" ? "any protocol" : protocols(box.protocols),
    `${address(box.src, box.srcName)} -> ${address(box.dst, box.dstName)}`,
  ];
  const add = (name: string, values: readonly string[] | null, all: string): void => {
    if (values === null) return;
    const missing = all === ALL_PORTS ? missingPorts(values) : null;
    const several = values.length > 1 || values[0]!.includes("-");
    if (values[0] === all) parts.push(`all ${name}s`);
    else if (missing === null) parts.push(`${name}${several ? "s" : ""} ${list(values)}`);
    else parts.push(`all ${name}s but ${list(missing)}`);
  };
  if (!brief || box.srcPorts?.[0] !== ALL_PORTS) add("source port", box.srcPorts, ALL_PORTS);
  add("port", box.dstPorts, ALL_PORTS);
  add("ICMP type", box.icmpTypes, ALL_BYTES);
  add("code", box.icmpCodes, ALL_BYTES);
  return parts.join(", ");
}

/** What is left of all protocols beside a few is no list that anybody reads. */
function protocols(values: readonly string[]): string {
  return values.length > 4 ? `other protocols (${list(values, 3)})` : list(values);
}

/**
 * A region as lines of text, IPv4 before IPv6, at most so many; `more` counts the rest. Where all addresses of both
 * families are in it, one line says so.
 */
export function regionTexts(
  region: Region,
  most: number,
  words: BoxWords = {},
): { texts: string[]; more: number } {
  const rank = (box: RegionBox): number => ("srcMacs" in box ? 2 : box.family === "ipv4" ? 0 : 1);
  const twins = new Map<string, Set<string>>();
  for (const box of region) {
    if (!isAnyToAny(box)) continue;
    const key = withoutFamily(box);
    twins.set(key, (twins.get(key) ?? new Set()).add(box.family));
  }
  const inBoth = (box: RegionBox): boolean => isAnyToAny(box) && twins.get(withoutFamily(box))!.size === 2;
  const boxes = region.filter((box) => rank(box) !== 1 || !inBoth(box)).toSorted((a, b) => rank(a) - rank(b));
  // Under the names of sets both families may read the same.
  const all = new Set(
    boxes.map((box) =>
      inBoth(box) ? boxText(box, words).replace("any IPv4 -> any IPv4", "any -> any") : boxText(box, words),
    ),
  );
  const texts = [...all].slice(0, most);
  return { texts, more: all.size - texts.length };
}

type IpBox = Extract<RegionBox, { family: string }>;

function isAnyToAny(box: RegionBox): box is IpBox {
  return "family" in box && box.src[0] === "any" && box.dst[0] === "any";
}

function withoutFamily(box: IpBox): string {
  return JSON.stringify({ ...box, family: null });
}

const MOST_LISTED = 8;

function list(values: readonly string[], most = MOST_LISTED): string {
  if (values.length <= most) return values.join(",");
  return `${values.slice(0, most).join(",")} and ${values.length - most} more`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
