import type { Dependency } from "../../analysis/decide.ts";
import { sampleBox } from "../../analysis/boxes.ts";
import { merged, type PacketSet } from "../../analysis/packet-set.ts";
import type { QueryPiece } from "../../analysis/query.ts";
import type { Packet } from "../../model/packet.ts";
import type { Rule } from "../../model/rule.ts";
import { regionResult } from "../convert.ts";
import type { PieceVerdict, Region } from "../results.ts";
import type { Expectation } from "./policy.ts";
import type { FailureKind, FailureResult } from "./results.ts";

/** What has to hold of the packets of a region. */
export type Demand =
  | { readonly type: "decided"; readonly expect: Expectation | null; readonly by: number | null }
  /** None of them is accepted. */
  | { readonly type: "unreached" };

export interface Failure extends Pick<
  FailureResult,
  "kind" | "message" | "certain" | "expected" | "expectedRule" | "verdict"
> {
  readonly rule: Rule | null;
  readonly dependsOn: readonly { readonly rule: Rule | null; readonly reason: string }[];
  readonly region: Region;
  readonly witness: Packet | null;
}

/** How a packet may turn out: the verdict, by a rule. */
interface Turn {
  readonly verdict: PieceVerdict;
  readonly rule: Rule | null;
}

/**
 * The pieces that break a demand. A piece whose decision depends on what the dump does not say breaks it for certain
 * only if it does so however that turns out.
 * @param doubts why it is not known whether the pieces belong to the region; empty if they do
 */
export function judge(pieces: readonly QueryPiece[], demand: Demand, doubts: readonly string[]): Failure[] {
  const groups = new Map<string, { failure: Omit<Failure, "region" | "witness">; packets: PacketSet[] }>();
  for (const piece of pieces) {
    const failure = failureOf({ ...piece, isFrame: piece.witness.layer === "ethernet" }, demand, doubts);
    if (failure === null) continue;
    const places = [failure.rule, ...failure.dependsOn.map(({ rule }) => rule)];
    const key = [failure.kind, failure.verdict, failure.certain, ...places.map(placeOf)].join(" ");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { failure, packets: [piece.packets] });
    else group.packets.push(piece.packets);
  }
  return [...groups.values()].map(({ failure, packets }) => {
    const all = merged(packets.flat());
    const region = regionResult(all);
    return {
      ...failure,
      region,
      witness: sampleBox(all.find(({ kind }) => kind.endsWith("ports")) ?? all[0]!),
    };
  });
}

/** Whether IP packets that are decided so may break a demand. */
export function mayBreak(rule: Rule | null, dependsOn: readonly Dependency[], demand: Demand): boolean {
  const verdict = rule?.verdict ?? "no-match";
  return failureOf({ verdict, rule, dependsOn, isFrame: false }, demand, []) !== null;
}

function placeOf(rule: Rule | null): string {
  return rule === null ? "-" : `${rule.reference.source.dump.file}:${rule.reference.source.range.start}`;
}

function failureOf(
  {
    verdict,
    rule,
    dependsOn,
    isFrame,
  }: Pick<QueryPiece, "verdict" | "rule" | "dependsOn"> & { isFrame: boolean },
  demand: Demand,
  doubts: readonly string[],
): Omit<Failure, "region" | "witness"> | null {
  const broken = breach({ verdict, rule }, demand);
  const turns = dependsOn.map((other) => ({ other, breach: breachOfOther(other, isFrame, demand) }));
  // What would not turn it round is not worth telling.
  const telling = turns.filter(
    ({ breach: turn }) => turn === "unknown" || (turn === null) !== (broken === null),
  );
  const undecided = verdict === "uncertain";
  if (broken === null && telling.length === 0) return null;
  const kind = broken ?? telling.map(({ breach: turn }) => turn).find(isKind) ?? kindOf(demand);
  const certain = !undecided && broken !== null && telling.length === 0 && doubts.length === 0;
  const expected = demand.type === "unreached" ? "not accept" : demand.expect;
  const expectedRule = demand.type === "unreached" ? null : demand.by;
  return {
    kind,
    message: messageOf(kind, broken === null ? null : verdict, expected, expectedRule),
    certain,
    expected,
    expectedRule,
    verdict,
    rule,
    dependsOn: [...telling.map(({ other }) => other), ...doubts.map((reason) => ({ rule: null, reason }))],
  };
}

/** In which way packets break a demand. */
type Breach = Exclude<FailureKind, "empty">;

function isKind(turn: Breach | "unknown" | null): turn is Breach {
  return turn !== null && turn !== "unknown";
}

function kindOf(demand: Demand): Breach {
  if (demand.type === "unreached") return "reach";
  return demand.expect === null ? "rule" : "verdict";
}

/** In which way this breaks a demand; null if it does not. */
function breach({ verdict, rule }: Turn, demand: Demand): Breach | null {
  if (demand.type === "unreached") return verdict === "accept" || verdict === "uncertain" ? "reach" : null;
  const { expect, by } = demand;
  if (expect !== null && !meets(verdict, expect)) return "verdict";
  if (by !== null && rule?.reference.id !== by) return "rule";
  return null;
}

/** The same of a rule that may decide instead; `unknown` if that leaves every verdict open. */
function breachOfOther({ rule }: Dependency, isFrame: boolean, demand: Demand): Breach | "unknown" | null {
  if (demand.type === "decided" && demand.expect === null && demand.by === null) return null;
  // A rule of layer 2 that lets the packet on leaves it to the rules of layer 3.
  const goesOn = rule.layer === "ethernet" && rule.verdict === "accept" && isFrame;
  if (!rule.decides || rule.verdict === null || goesOn) return "unknown";
  return breach({ verdict: rule.verdict, rule }, demand);
}

function meets(verdict: PieceVerdict, expected: Expectation): boolean {
  return expected === "deny" ? verdict === "drop" || verdict === "reject" : verdict === expected;
}

/** @param verdict null if it is right, but for what the dump does not say */
function messageOf(
  kind: Exclude<FailureKind, "empty">,
  verdict: PieceVerdict | null,
  expected: FailureResult["expected"],
  by: number | null,
): string {
  if (verdict === "uncertain") return "there are too many cases to follow: ask for less";
  switch (kind) {
    case "verdict":
      return `expected ${expected}, and ${verdict === null ? "it may be another verdict" : gotText(verdict)}`;
    case "rule": {
      const got = verdict === null ? "another one may" : "another one does";
      return `expected rule ${by} to decide, and ${verdict === "no-match" ? gotText(verdict) : got}`;
    }
    case "reach":
      return `${verdict === null ? "perhaps " : ""}accepted from elsewhere than from allows`;
  }
}

function gotText(verdict: PieceVerdict): string {
  return verdict === "no-match" ? "no rule matches" : `the verdict is ${verdict}`;
}

/** Of a region without packets. */
export function emptyFailure(demand: Demand, reason: string): Failure {
  return {
    kind: "empty",
    message: `it can never fail here: ${reason}`,
    certain: true,
    expected: demand.type === "unreached" ? "not accept" : demand.expect,
    expectedRule: demand.type === "unreached" ? null : demand.by,
    verdict: null,
    rule: null,
    dependsOn: [],
    region: [],
    witness: null,
  };
}
