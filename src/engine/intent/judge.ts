import type { FilterAnalysis } from "../../analysis/analysis.ts";
import type { Box } from "../../analysis/boxes.ts";
import { sampleBox, subtractBox } from "../../analysis/boxes.ts";
import type { Change } from "../../analysis/difference.ts";
import { hasPacket, intersect, merged, setSize, type PacketSet } from "../../analysis/packet-set.ts";
import { ruleBoxes } from "../../analysis/rule-boxes.ts";
import type { Packet } from "../../model/packet.ts";
import type { AddressSet, ListName, Rule } from "../../model/rule.ts";
import { flowResult, powerOfTwo, referenceResult, regionResult } from "../convert.ts";
import type { AddressNames } from "../names.ts";
import { namesFilter, type Expectation } from "../policy/policy.ts";
import { endOf, hasNone, packetsBetween, serviceBoxes } from "../policy/regions.ts";
import type {
  ChangeResult,
  CollateralResult,
  IntentResult,
  PieceVerdict,
  UnmetKind,
  UnmetResult,
} from "../results.ts";
import type { Intent, IntendedChange } from "./intent.ts";

/** Compares what a change does with what it is for. Intended changes are about IP packets, and so about one list. */

/** One filter before and after, with the changes that the comparison found in it. */
export interface ComparedFilter {
  readonly before: FilterAnalysis;
  readonly after: FilterAnalysis;
  readonly changes: readonly ComparedChange[];
  readonly names: AddressNames;
  /** True if all packets of the filter could be compared. */
  readonly complete: boolean;
}

export interface ComparedChange {
  readonly kind: Change["kind"];
  readonly list: ListName;
  readonly after: { readonly rule: Rule | null };
  readonly packets: PacketSet;
  /** Rules whose packets are not part of it. */
  readonly except: readonly Rule[];
  readonly witness: Packet;
  /** The change as results hold it. */
  readonly result: Omit<ChangeResult, "kind">;
}

const QUERY_BUDGET = 50_000_000;
/** Pieces that a change may fall into; beyond that its rest is not exact. */
const MOST_PIECES = 50_000;

export function judgeIntent(intent: Intent, filters: readonly ComparedFilter[]): IntentResult {
  const services = new Map(intent.changes.map((change) => [change, serviceBoxes(change.service)]));
  const regions = filters.map((filter) =>
    intent.changes.flatMap((change) => {
      const meant =
        change.filters === null ||
        change.filters.some((pattern) =>
          [filter.before, filter.after].some((side) => namesFilter(pattern, side.filter.name)),
        );
      return meant ? [regionOf(change, services.get(change)!, filter)] : [];
    }),
  );
  const unmet = intent.changes.flatMap((change) =>
    unmetBy(
      change,
      filters.flatMap((filter, index) =>
        regions[index]!.filter((region) => region.change === change).map((region) => ({ filter, region })),
      ),
    ),
  );
  const collateral = filters.flatMap((filter, index) => collateralIn(filter, regions[index]!));
  return {
    file: intent.file,
    changes: intent.changes.map(({ name, owner, location, expect }) => ({ name, owner, location, expect })),
    met: unmet.length === 0 && collateral.length === 0 && filters.every(({ complete }) => complete),
    unmet,
    collateral,
  };
}

/** The packets of an intended change in one filter: those that certainly and that possibly belong to it. */
interface IntendedRegion {
  readonly change: IntendedChange;
  readonly must: PacketSet;
  readonly may: PacketSet;
  readonly doubts: readonly string[];
  /** Why there are none. */
  readonly empty: string | null;
}

/** A set has the members that it has after the change, which is what the change is to bring about. */
function regionOf(
  change: IntendedChange,
  services: PacketSet,
  { before, after }: ComparedFilter,
): IntendedRegion {
  const setNamed = (name: string): AddressSet | undefined =>
    after.filter.addressSets.get(name) ?? before.filter.addressSets.get(name);
  const [from, to] = [endOf(change.from, setNamed), endOf(change.to, setNamed)];
  const may = packetsBetween(from.may, to.may, change.directions, services);
  const doubts = [...from.doubts, ...to.doubts];
  const must = doubts.length === 0 ? may : packetsBetween(from.must, to.must, change.directions, services);
  const reason = (): string => {
    if (hasNone(from.may)) return "from holds no address";
    if (hasNone(to.may)) return "to holds no address";
    if (services.length === 0) return "service holds nothing";
    return "source, destination and service are of different address families";
  };
  return { change, must, may, doubts, empty: may.length === 0 ? reason() : null };
}

interface InFilter {
  readonly filter: ComparedFilter;
  readonly region: IntendedRegion;
}

function unmetBy(change: IntendedChange, places: readonly InFilter[]): UnmetResult[] {
  const about = { name: change.name, owner: change.owner, location: change.location, expect: change.expect };
  const nothing = { certain: true, verdict: null, rule: null, dependsOn: [], region: [], witness: null };
  const filled = places.filter(({ region }) => region.empty === null);
  if (filled.length === 0) {
    const why = places[0]?.region.empty ?? "no such filter is on both sides";
    return [{ ...about, ...nothing, kind: "empty", filter: null, message: `it is about no packet: ${why}` }];
  }
  const wrong = filled.flatMap(({ filter, region }) =>
    wrongVerdicts(filter, region).map((found) => ({ ...about, ...found })),
  );
  if (wrong.length > 0 || filled.some((place) => isBroughtAbout(place))) return wrong;
  const { filter, region } = filled[0]!;
  return [
    {
      ...about,
      ...nothing,
      kind: "unchanged",
      filter: filter.after.filter.name,
      message: `nothing changes: the verdict of every such packet is ${change.expect} before too, as far as it is known`,
      region: regionResult(region.may, named(filter, change)),
      witness: flowResult(witnessOf(region.may)),
    },
  ];
}

/** True if the change gives a packet of the region the verdict that is intended. */
function isBroughtAbout({ filter, region }: InFilter): boolean {
  return filter.changes.some(
    ({ kind, list, after, packets, except }) =>
      list === "firewall" &&
      isVerdictChange(kind) &&
      meets(verdictOf(after.rule), region.change.expect) &&
      without(intersect(packets, region.must), boxesOf(except)).rest.length > 0,
  );
}

function isVerdictChange(kind: Change["kind"]): boolean {
  return kind === "newly-accepted" || kind === "newly-denied" || kind === "verdict";
}

type Found = Omit<UnmetResult, "name" | "owner" | "location" | "expect">;

/** The packets of the region that have, or may have, another verdict after the change than intended. */
function wrongVerdicts(filter: ComparedFilter, { change, may, doubts }: IntendedRegion): Found[] {
  const decisions = filter.after.list("firewall")?.decide(may, { steps: QUERY_BUDGET }) ?? {
    pieces: [{ rule: null, dependsOn: [], packets: may }],
    undecided: [],
  };
  const groups = new Map<string, { found: Omit<Found, "region" | "witness">; boxes: Box[] }>();
  const add = (key: string, found: Omit<Found, "region" | "witness">, packets: PacketSet): void => {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { found, boxes: [...packets] });
    else group.boxes.push(...packets);
  };
  const base = { filter: filter.after.filter.name, kind: "verdict" as UnmetKind };
  for (const { rule, dependsOn, packets } of decisions.pieces) {
    const verdict = verdictOf(rule);
    const wrong = !meets(verdict, change.expect);
    // What would not turn it round is not worth telling.
    const telling = dependsOn.filter(
      ({ rule: other }) =>
        !other.decides || other.verdict === null || meets(other.verdict, change.expect) === wrong,
    );
    if (!wrong && telling.length === 0) continue;
    const isSure = doubts.length === 0;
    const message = wrong
      ? `expected ${change.expect}, and ${verdict === "no-match" ? "no rule matches" : `the verdict is ${verdict}`}`
      : `expected ${change.expect}, and it may be another verdict`;
    const found = {
      ...base,
      message,
      certain: wrong && telling.length === 0 && isSure,
      verdict,
      rule: rule === null ? null : referenceResult(rule.reference),
      dependsOn: [
        ...telling.map(({ rule: other, reason }) => ({ rule: referenceResult(other.reference), reason })),
        ...(isSure ? [] : doubts.map((reason) => ({ rule: null, reason }))),
      ],
    };
    const places = [rule, ...telling.map(({ rule: other }) => other)].map(placeOf);
    add([found.certain, ...places].join(" "), found, packets);
  }
  if (decisions.undecided.length > 0) {
    const message = "there are too many cases to follow: ask for less";
    const found = {
      ...base,
      message,
      certain: false,
      verdict: "uncertain" as const,
      rule: null,
      dependsOn: [],
    };
    add("undecided", found, decisions.undecided);
  }
  return [...groups.values()].map(({ found, boxes }) => {
    const packets = merged(boxes);
    return {
      ...found,
      region: regionResult(packets, named(filter, change)),
      witness: flowResult(witnessOf(packets)),
    };
  });
}

/** Changes of verdicts that no intended change expects, without the packets for which one does. */
function collateralIn(filter: ComparedFilter, regions: readonly IntendedRegion[]): CollateralResult[] {
  return filter.changes.flatMap(
    ({ kind, list, after, packets, except, witness, result }): CollateralResult[] => {
      if (kind === "treatment" || kind === "attribution" || list === "ids") return [];
      const verdict = verdictOf(after.rule);
      // What becomes of intended packets that are not certain, the intended change itself tells.
      const expected = regions.filter(({ change }) => kind === "uncertain" || meets(verdict, change.expect));
      const unintended = without(
        packets,
        expected.flatMap(({ must }) => must),
      );
      const { rest, exact } = without(unintended.rest, boxesOf(except));
      if (rest.length === 0) return [];
      const left = merged(rest);
      // The change's own packet proves it, where too many pieces are left to say which they are.
      const proved = unintended.exact && hasPacket(unintended.rest, witness);
      const likely = expected.flatMap(({ change }) => setNames(change));
      return [
        {
          filter: filter.after.filter.name,
          kind,
          certain: kind !== "uncertain" && ((unintended.exact && exact) || proved),
          before: result.before,
          after: result.after,
          region: regionResult(left, (family, ranges) => filter.names.nameOf(family, ranges, likely)),
          except: exact ? [] : result.except,
          size: powerOfTwo(setSize(left))!,
          witness: flowResult(proved ? witness : witnessOf(left)),
          edits: result.edits,
        },
      ];
    },
  );
}

/** All that rules may match. */
function boxesOf(rules: readonly Rule[]): Box[] {
  return rules.flatMap((rule) => [...ruleBoxes(rule, "may").values()]);
}

/** What is left of packets; where that is too many pieces, the rest may hold more than is left. */
function without(packets: PacketSet, taken: PacketSet): { rest: PacketSet; exact: boolean } {
  let rest = packets;
  for (const box of taken) {
    if (rest.length === 0) break;
    const next = rest.flatMap((piece) => subtractBox(piece, box));
    if (next.length > MOST_PIECES) return { rest, exact: false };
    rest = next;
  }
  return { rest, exact: true };
}

function verdictOf(rule: Rule | null): PieceVerdict {
  return rule === null ? "no-match" : (rule.verdict ?? "uncertain");
}

function meets(verdict: PieceVerdict, expected: Expectation): boolean {
  return expected === "deny" ? verdict === "drop" || verdict === "reject" : verdict === expected;
}

function placeOf(rule: Rule | null): string {
  return rule === null ? "-" : `${rule.reference.source.dump.file}:${rule.reference.source.range.start}`;
}

function witnessOf(packets: PacketSet): ReturnType<typeof sampleBox> {
  return sampleBox(packets.find(({ kind }) => kind.endsWith("ports")) ?? packets[0]!);
}

function setNames({ from, to }: IntendedChange): string[] {
  return [from, to].flatMap(({ of, except }) =>
    [...(of ?? []), ...(except ?? [])].flatMap((term) => (term.type === "set" ? [term.name] : [])),
  );
}

function named({ names }: ComparedFilter, change: IntendedChange): Parameters<typeof regionResult>[1] {
  const likely = setNames(change);
  return (family, ranges) => names.nameOf(family, ranges, likely);
}
