import type { ListAnalysis } from "../analysis/analysis.ts";
import type { Region } from "../analysis/cover.ts";
import { DESTINATION, SERVICE, SOURCE, narrowed, type Field, type Openness } from "../analysis/effective.ts";
import type { Plane } from "../analysis/planes.ts";
import { SCTP, TCP, UDP } from "../model/protocols.ts";
import type { Packet } from "../model/packet.ts";
import type { Direction, Rule } from "../model/rule.ts";
import { allLists, type CheckContext, type Found } from "./check.ts";
import { ownRulesOf } from "./duplicates.ts";
import { boxesOfDirection, headersOfDirection, packetIn } from "./headers.ts";
import { halfOfFamily, matchText } from "./open-words.ts";
import { wholesIn } from "./whole.ts";
import { relatedRule, ruleName } from "./words.ts";

/** An accept whose effect is its own. */
export interface Accept {
  readonly list: ListAnalysis;
  readonly index: number;
  readonly rule: Rule;
}

/**
 * Accepts that are reached, no catch-all, and not what a later rule accepts anyway: tightening any other would close
 * nothing, and what does let the packets through is said elsewhere.
 */
export function effectiveAccepts(context: CheckContext): readonly Accept[] {
  const known = accepts.get(context);
  if (known !== undefined) return known;
  const found = [...findAccepts(context)];
  accepts.set(context, found);
  return found;
}

const accepts = new WeakMap<CheckContext, readonly Accept[]>();

function* findAccepts(context: CheckContext): Generator<Accept> {
  for (const { list } of allLists(context)) {
    if (list.name !== "firewall") continue;
    const wholes = wholesIn(list);
    for (const { index, rule, facts, isSystem } of ownRulesOf(list)) {
      if (isSystem || rule.verdict !== "accept" || facts.status !== "reachable") continue;
      if (!wholes.has(index)) yield { list, index, rule };
    }
  }
}

/** Where a check found something: the lines of one manager rule are one finding. */
export function byManagerRule<T extends { readonly accept: Accept }>(found: Iterable<T>): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of found) {
    const { filter, ruleset, id } = one.accept.rule.reference;
    const key = JSON.stringify([filter, ruleset, id]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

export type OpenField = "source" | "destination" | "service";
type OpenFields = ReadonlyMap<OpenField, Openness>;

const NOT_OPEN: OpenFields = new Map();
const openAccepts = new WeakMap<CheckContext, ReadonlyMap<Accept, OpenFields>>();

/** The accepts that leave a field open, with those fields, in order. */
function openAcceptsOf(context: CheckContext): ReadonlyMap<Accept, OpenFields> {
  const known = openAccepts.get(context);
  if (known !== undefined) return known;
  const found = new Map<Accept, OpenFields>();
  for (const accept of effectiveAccepts(context)) {
    const fields = openFieldsIn(accept);
    if (fields.size > 0) found.set(accept, fields);
  }
  openAccepts.set(context, found);
  return found;
}

/** Whether an accept leaves a field open. */
export function isOpen(context: CheckContext, accept: Accept): boolean {
  return openAcceptsOf(context).has(accept);
}

function openFieldsIn(accept: Accept): OpenFields {
  const { list, index, rule } = accept;
  let open: Map<OpenField, Openness> | null = null;
  const add = (field: OpenField, openness: Openness | null): void => {
    if (openness === null) return;
    open ??= new Map();
    open.set(field, openness);
  };
  // A packet that leaves the VM comes from it, and one that goes to it has it as destination: there is no choice.
  if (list.effective.mayBeOpen(index, SOURCE, halfOfFamily) && !isHidden(rule, "source"))
    add("source", openSide(accept, SOURCE, "in"));
  if (list.effective.mayBeOpen(index, DESTINATION, halfOfFamily) && !isHidden(rule, "destination"))
    add("destination", openSide(accept, DESTINATION, "out"));
  if (list.effective.mayBeOpen(index, SERVICE, () => HALF_OF_PORTS)) {
    const half = halfOfPorts(rule);
    if (half !== null && !isHidden(rule, "service"))
      add(
        "service",
        list.effective.openField(index, SERVICE, ({ name }) => (name === "ethernet" ? null : half)),
      );
  }
  return open ?? NOT_OPEN;
}

/** How open a side is to packets in one direction. */
function openSide({ list, index, rule }: Accept, field: Field, direction: Direction): Openness | null {
  if (!rule.directions.includes(direction)) return null;
  const open = list.effective.openField(index, field, halfOfFamily);
  // Most rules are open both ways or not at all, and that is the quicker question.
  if (open === null || open.witness?.direction === direction) return open;
  if (open.point !== null && touches(planeOf(list, open), open.point, direction))
    return towards(list, open, direction);
  const narrow = (plane: Plane, region: Region): Region | null =>
    narrowed(region, SERVICE, headersOfDirection(plane, direction));
  const so = list.effective.openField(index, field, halfOfFamily, narrow);
  if (so === null) return null;
  return towards(list, so, direction);
}

function planeOf(list: ListAnalysis, { plane }: Openness): Plane {
  return list.planes.find(({ name }) => name === plane)!;
}

/** True if packets in a direction stand at a point, and so get where the others there do. */
function touches(plane: Plane, point: readonly number[], direction: Direction): boolean {
  const headers = headersOfDirection(plane, direction);
  let known = headerSets.get(headers);
  if (known === undefined) {
    known = new Set(headers);
    headerSets.set(headers, known);
  }
  return known.has(point[SERVICE]!);
}

const headerSets = new WeakMap<Int32Array, ReadonlySet<number>>();

/** With a witness in a direction, made when it is asked for: of many lines of one rule one is shown. */
function towards(list: ListAnalysis, open: Openness, direction: Direction): Openness {
  const plane = planeOf(list, open);
  return {
    ...open,
    get witness(): Packet | null {
      return open.point === null ? null : packetIn(plane, open.point, boxesOfDirection(plane, direction));
    },
  };
}

/** What a dump does not say about a field may narrow it to one value. */
const HIDING: Readonly<Record<OpenField, RegExp>> = {
  source: /^(?:from |with extended src )/,
  destination: /^(?:to |with extended dst )/,
  service: /^(?:protocol |with attribute )/,
};

/** True if a rule's own words narrow a field in a way that the dump does not show. */
export function isHidden({ conditions }: Rule, field: OpenField): boolean {
  return conditions.some(({ key }) => HIDING[field].test(key));
}

const WITH_PORTS: readonly number[] = [TCP, UDP, SCTP];
/** Of one protocol in one direction. */
const HALF_OF_PORTS = 2 ** 15;

/** Half of the ports of the protocols that a rule names, in its directions; null where it names no protocol with ports. */
function halfOfPorts(rule: Rule): number | null {
  if (rule.layer !== "ip") return null;
  const { service } = rule;
  const half = HALF_OF_PORTS * rule.directions.length;
  switch (service.type) {
    case "any":
      return half * WITH_PORTS.length;
    case "protocol":
      return WITH_PORTS.includes(service.protocol) ? half : null;
    case "ports":
      return half * service.protocols.length;
    case "icmp":
    case "none":
      return null;
  }
}

/** Several open fields of one rule are one cause: the first of them in this order speaks for all. */
const ORDER: readonly OpenField[] = ["source", "destination", "service"];

export function* findOpen(context: CheckContext, field: OpenField): Generator<Found> {
  const open = function* (): Generator<{ accept: Accept; openness: Openness; fields: OpenField[] }> {
    for (const [accept, fields] of openAcceptsOf(context)) {
      if (ORDER.find((one) => fields.has(one)) !== field || accept.list.isRemovable(accept.index)) continue;
      yield { accept, openness: fields.get(field)!, fields: [...fields.keys()] };
    }
  };
  for (const lines of byManagerRule(open())) {
    const [first, ...others] = lines;
    const { rule } = first!.accept;
    const also = others.length === 0 ? "" : ` (and ${others.length} more of its lines)`;
    yield {
      message: `${ruleName(rule)} accepts ${matchText(rule)}${also}`,
      certain: lines.some(({ openness }) => openness.certain),
      at: rule.reference.source,
      rule,
      related: others.slice(0, 50).map(({ accept }) => relatedRule("the same", accept.rule)),
      witness: lines.find(({ openness }) => openness.point !== null)?.openness.witness ?? null,
      data: { open: [...new Set(lines.flatMap(({ fields }) => fields))], lines: lines.length },
    };
  }
}
