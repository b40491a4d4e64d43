import { familyOf, intersectBoxes, type Box, type Kind } from "../analysis/boxes.ts";
import type { ListAnalysis } from "../analysis/analysis.ts";
import type { Entry } from "../analysis/entries.ts";
import { printAddresses } from "../model/address.ts";
import { etherTypeName } from "../model/ethertypes.ts";
import { protocolName } from "../model/protocols.ts";
import { equals, toSpans, type Ranges } from "../model/ranges.ts";
import type { Rule } from "../model/rule.ts";
import type { Related } from "./check.ts";
import { relatedRule } from "./words.ts";

const MOST_LISTED = 3;

/** The rules that take a dead rule's packets; of several, each with the part that it takes. */
export function relatedBlockers(list: ListAnalysis, index: number, by: readonly Rule[]): Related[] {
  if (by.length === 1) return by.map((blocker) => relatedRule("takes them first", blocker));
  const entry = list.entries[index]!;
  return by.map((blocker) => {
    const part = partOf(entry, list.entries[list.indexOf(blocker)]!);
    return relatedRule(part.length === 0 ? "takes them first" : `takes first: ${part.join(", ")}`, blocker);
  });
}

/** In which fields another rule takes only a part of a rule's packets, with that part: `from 10.0.0.0/25`. */
function partOf(entry: Entry, other: Entry): string[] {
  const common = [...entry.may].flatMap(([kind, box]) => {
    const taken = other.must.get(kind);
    const both = taken === undefined ? null : intersectBoxes(box, taken);
    return both === null ? [] : [{ kind, box, both }];
  });
  const words = new Set<string>();
  const families = (kinds: Iterable<Kind>): string[] => [...new Set([...kinds].map(familyName))];
  const left = families(common.map(({ kind }) => kind));
  if (left.length < families(entry.may.keys()).length) for (const name of left) words.add(name);
  for (const { kind, box, both } of common) {
    const add = (side: number, print: (ranges: Ranges) => string): void => {
      if (!equals(box.sides[side]!, both.sides[side]!)) words.add(print(both.sides[side]!));
    };
    add(0, (ranges) => (ranges[0] === 0 ? "in" : "out"));
    if (headerOf(kind) === "ports") add(3, (ranges) => numbers(ranges, protocolName, "/"));
    if (headerOf(kind) === "other") add(3, (ranges) => `protocol ${numbers(ranges, protocolName)}`);
    add(1, (ranges) => `from ${addresses(kind, ranges)}`);
    add(2, (ranges) => `to ${addresses(kind, ranges)}`);
    addHeader(kind, add);
  }
  return [...words];
}

function addHeader(kind: Kind, add: (side: number, print: (ranges: Ranges) => string) => void): void {
  switch (headerOf(kind)) {
    case "ports":
      add(4, (ranges) => `source port ${numbers(ranges)}`);
      add(5, (ranges) => `port ${numbers(ranges)}`);
      break;
    case "icmp":
      add(3, (ranges) => `ICMP type ${numbers(ranges)}`);
      add(4, (ranges) => `ICMP code ${numbers(ranges)}`);
      break;
    case "ethernet":
      add(3, (ranges) => `EtherType ${numbers(ranges, etherTypeName)}`);
      break;
    case "other":
      break;
  }
}

function headerOf(kind: Box["kind"]): "ports" | "icmp" | "other" | "ethernet" {
  return kind === "ethernet" ? kind : (kind.slice(5) as "ports" | "icmp" | "other");
}

function familyName(kind: Kind): string {
  const family = familyOf(kind);
  return family === null ? "" : family === "ipv4" ? "IPv4" : "IPv6";
}

/** Sets may be many ranges, and few are shown. */
function addresses(kind: Kind, ranges: Ranges): string {
  const shown = ranges.slice(0, MOST_LISTED * 2);
  return some(printAddresses(familyOf(kind) ?? "mac", shown), ",", ranges.length / 2);
}

function numbers(ranges: Ranges, name: (value: number) => string = String, separator?: string): string {
  const words = toSpans(ranges).map(({ first, last }) =>
    first === last ? name(Number(first)) : `${name(Number(first))}-${name(Number(last))}`,
  );
  return some(words, separator);
}

function some(words: readonly string[], separator = ",", count = words.length): string {
  const shown = words.slice(0, MOST_LISTED).join(separator);
  return count > MOST_LISTED ? `${shown} and ${count - MOST_LISTED} more` : shown;
}
