import type { PacketSet } from "../../analysis/packet-set.ts";
import type { FrameAddresses } from "../../analysis/passage.ts";
import { placeOf } from "../host.ts";
import type { Asker } from "./asker.ts";
import type { Side } from "./ends.ts";
import type { FilterStep, NetworkStep, PathPlace, PathVerdict } from "./results.ts";
import type { Passing } from "./rules.ts";
import type { Place } from "./sessions.ts";
import type { Who } from "./who.ts";

/** A step with what it takes to join it with others. */
export interface Met<Result = FilterStepResult | NetworkStep> {
  /** Equal for steps that say the same. */
  readonly key: string;
  readonly verdict: PathVerdict;
  readonly certain: boolean;
  readonly missing: string | null;
  readonly result: Result;
}

/** The packet in it is put in when the piece has one. */
type FilterStepResult = Omit<FilterStep, "flow">;

export type FilterMet = Met<FilterStepResult>;

/** Packets for which one filter says the same. */
export interface MetPart {
  readonly packets: PacketSet;
  readonly met: FilterMet;
}

/** Candidates that are asked one by one, and the parts that they may split packets into. */
const MOST_CONTENTS = 16;
const MOST_PARTS = 2_000;
const MOST_CANDIDATES = 20;
const MOST_NAMED = 5;

/** What the filter at one end does with packets. */
export function meetFilter(
  side: Side,
  who: Who,
  packets: PacketSet,
  frames: FrameAddresses,
  asker: Asker,
): MetPart[] {
  switch (who.type) {
    case "none": {
      const { verdict, status, reason } = who;
      return [{ packets, met: met(side, { status, verdict, certain: verdict === "accept", reason }) }];
    }
    case "unknown": {
      const { reason, missing } = who;
      return [{ packets, met: met(side, { status: "not-shown", verdict: "unknown", reason }, missing) }];
    }
    case "place":
      return meetPlace(side, who, packets, frames, asker);
    case "several":
      return meetSeveral(side, who.places, who.assumption, packets, frames, asker);
  }
}

function directionOf(side: Side): "in" | "out" {
  return side === "source" ? "out" : "in";
}

type Said = Pick<FilterStep, "status" | "verdict"> & Partial<FilterStepResult>;

function met(side: Side, said: Said, missing: string | null = null): FilterMet {
  const result: FilterStepResult = {
    type: "filter",
    side,
    direction: directionOf(side),
    certain: false,
    place: null,
    rule: null,
    dependsOn: [],
    specific: null,
    reason: null,
    assumption: null,
    seen: [],
    candidates: [],
    ...said,
  };
  return { key: JSON.stringify(result), verdict: result.verdict, certain: result.certain, missing, result };
}

function meetPlace(
  side: Side,
  { place, assumption, seen }: Extract<Who, { type: "place" }>,
  packets: PacketSet,
  frames: FrameAddresses,
  asker: Asker,
): MetPart[] {
  const common = {
    place: placeResult(place),
    assumption,
    seen: seen.slice(0, MOST_NAMED).flatMap(({ source }) => placeOf(source) ?? []),
  };
  const without = withoutRules(place);
  if (without !== null) {
    const { missing, certain, ...said } = without;
    return [
      { packets, met: met(side, { ...common, ...said, certain: certain && assumption === null }, missing) },
    ];
  }
  return asker.ask(place.rules!, packets, directionOf(side), frames).map((part) => ({
    packets: part.packets,
    met: met(
      side,
      { ...common, ...decided(part, assumption === null) },
      part.verdict === "uncertain" ? ASK_LESS : null,
    ),
  }));
}

const ASK_LESS = "ask about fewer packets";

function decided({ verdict, certain, rule, rules, dependsOn, specific }: Passing, sure: boolean): Said {
  return {
    status: "decided",
    verdict: verdict === "uncertain" ? "unknown" : verdict,
    certain: certain && sure,
    rule,
    dependsOn,
    specific,
    reason:
      verdict === "uncertain"
        ? "too many cases to follow"
        : verdict === "no-match"
          ? "no rule of the filter matches, and what happens then the rules do not say"
          : rules > 1
            ? severalRules(rules, certain)
            : null,
  };
}

function severalRules(rules: number, certain: boolean): string {
  const unsure = certain ? "" : ", of which some depend on what is not known";
  return `by ${rules} rules${unsure}: ${ASK_LESS} to see which`;
}

/** What is said of a vNIC whose rules are not asked; null where they are. */
function withoutRules(place: Place): (Said & { certain: boolean; missing: string | null }) | null {
  const { host, vnic, filter, printedFilter, slot, rules } = place;
  if (slot !== null && slot.state !== null && !/\battached$/i.test(slot.state)) {
    const fails = slot.failurePolicy === null ? "" : `, and its failure policy is ${slot.failurePolicy}`;
    return {
      status: "not-attached",
      verdict: "unknown",
      certain: false,
      reason: `the filter is not attached (${slot.state}), so that its rules are not enforced${fails}: whether packets pass is not shown`,
      missing: null,
    };
  }
  if (rules !== null) return null;
  if (filter === null && vnic !== null) {
    if (!vnic.whole || (vnic.port === null && host?.filterList !== "whole")) {
      return {
        status: "not-shown",
        verdict: "unknown",
        certain: false,
        reason: "whether it has a firewall filter is not shown",
        missing: "give the whole output of summarize-dvfilter",
      };
    }
    return {
      status: "unprotected",
      verdict: "accept",
      certain: true,
      reason: "it has no firewall filter, and every packet passes",
      missing: null,
    };
  }
  return {
    status: "not-shown",
    verdict: "unknown",
    certain: false,
    reason: "the rules of its filter are not shown",
    missing: `give the output of vsipioctl getrules -f ${printedFilter} and of vsipioctl getaddrsets -f ${printedFilter}`,
  };
}

interface Group {
  readonly places: readonly Place[];
  readonly parts: readonly MetPart[];
}

/** Packets at one of several vNICs: where all say the same, it does not matter which it is. */
function meetSeveral(
  side: Side,
  places: readonly Place[],
  assumption: string | null,
  packets: PacketSet,
  frames: FrameAddresses,
  asker: Asker,
): MetPart[] {
  const option = side === "source" ? "--src-vm" : "--dst-vm";
  const ask = `say ${option} NAME, one of ${someOf(places)}`;
  const contents = new Map<string, Place[]>();
  for (const place of places) {
    const attached = place.slot?.state ?? null;
    const key = place.content === null ? place.key : `${place.content} ${attached}`;
    contents.set(key, [...(contents.get(key) ?? []), place]);
  }
  const unsure = (reason: string): MetPart[] => [
    { packets, met: met(side, { status: "several", verdict: "unknown", reason }, ask) },
  ];
  const tooMany = (): MetPart[] => {
    asker.cut();
    return unsure("too many cases to follow");
  };
  if (contents.size > MOST_CONTENTS)
    return unsure(`which of ${places.length} vNICs it is, is not shown, and ${contents.size} of them differ`);
  const groups = [...contents.values()].map((same): Group => ({
    places: same,
    parts: meetPlace(
      side,
      { type: "place", place: same[0]!, assumption: null, seen: [] },
      packets,
      frames,
      asker,
    ),
  }));
  let parts: { packets: PacketSet; answers: readonly FilterMet[] }[] = [{ packets, answers: [] }];
  for (const group of groups) {
    parts = parts.flatMap((part) =>
      group.parts.flatMap(({ packets, met }) => {
        const common = asker.common(part.packets, packets);
        return common.length === 0 ? [] : [{ packets: common, answers: [...part.answers, met] }];
      }),
    );
    if (parts.length > MOST_PARTS) return tooMany();
  }
  return parts.map(({ packets, answers }) => ({
    packets,
    met: together(side, groups, answers, assumption, ask),
  }));
}

function together(
  side: Side,
  groups: readonly Group[],
  answers: readonly FilterMet[],
  assumption: string | null,
  ask: string,
): FilterMet {
  const verdicts = new Set(answers.map(({ verdict }) => verdict));
  const [verdict] = verdicts;
  const results = answers.map(({ result }) => result);
  const all = groups.flatMap((group, index) =>
    group.places.map((place) => ({ place, first: group.places[0] === place, said: results[index]! })),
  );
  const candidates = all.slice(0, MOST_CANDIDATES).map(({ place, first, said: { verdict, rule } }) => ({
    place: placeResult(place),
    verdict,
    // The same rule of a filter that says the same.
    rule: first || rule === null ? rule : (place.rules?.find(rule) ?? null),
  }));
  const common = { status: "several" as const, candidates };
  if (verdicts.size > 1 || verdict === "unknown") {
    const reason =
      verdicts.size > 1
        ? `which of ${all.length} vNICs it is, is not shown, and they do not all say the same`
        : "none of the vNICs that it may be says what happens";
    return met(side, { ...common, verdict: "unknown", reason }, ask);
  }
  const specific = new Set(results.map((result) => result.specific));
  return met(side, {
    ...common,
    assumption,
    verdict: verdict!,
    // One of them it is: that much is said where the machine was named.
    certain: assumption === null && answers.every(({ certain }) => certain),
    specific: specific.size === 1 ? [...specific][0]! : null,
    rule: groups.length === 1 ? results[0]!.rule : null,
    dependsOn: groups.length === 1 ? results[0]!.dependsOn : [],
    reason: `all of the ${all.length} vNICs that it may be say the same`,
  });
}

function someOf(places: readonly Place[]): string {
  const names = [...new Set(places.flatMap(({ vnic, filter }) => vnic?.name ?? filter ?? []))];
  const shown = names.slice(0, MOST_NAMED).join(", ");
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}

function placeResult({ host, machine, vnic, filter, slot }: Place): PathPlace {
  const port = vnic?.switchPort ?? null;
  const uplinks = host?.switches.find(({ name }) => name === port?.switch)?.uplinks ?? [];
  return {
    host: host?.name ?? null,
    machine: machine?.name ?? machine?.uuid ?? null,
    vnic: vnic?.name ?? null,
    port: vnic?.port ?? null,
    switch: port === null ? null : { name: port.switch, port: port.port, uplinks },
    filter,
    state: slot?.state ?? null,
    location: placeOf(slot?.source ?? vnic?.source ?? null),
  };
}
