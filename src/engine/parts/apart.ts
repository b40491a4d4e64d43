import { CHECKS } from "../../checks/index.ts";
import { notApplicable } from "../../checks/not-applicable.ts";
import type { Settings } from "../../checks/settings.ts";
import type { FlowFields } from "../../model/flow.ts";
import { ALL_ADDRESSES } from "../../model/address.ts";
import { contentOf, membersHash } from "../../model/same-content.ts";
import { readAddressSet } from "../../model/address-sets.ts";
import type { AddressSet, Direction, Rule, Source } from "../../model/rule.ts";
import type { SeenVnic } from "../../model/seen-addresses.ts";
import { readSession } from "../../syntax/commands/index.ts";
import type { AddrsetNode, MemberNode } from "../../syntax/nodes.ts";
import { parseDump, type Dump } from "../../syntax/parse.ts";
import type { Detail, FrameAddresses } from "../../analysis/passage.ts";
import { location } from "../convert.ts";
import { compareFilters, type ComparedRules } from "../diff.ts";
import { inputOf, namedSets, type Input } from "../input.ts";
import { findAll, type Candidate, type LintOptions } from "../lint.ts";
import { ReadRules, type Passing, type RuleName } from "../path/rules.ts";
import { query } from "../query.ts";
import type { Location, QueryResult, RuleReferenceResult, RulesResult } from "../results.ts";
import { describeRules } from "../rules.ts";
import { packetsFrom, plainPackets, type PlainPackets } from "./packets.ts";
import { APART, APART_BEFORE, MarkedLines, apartInfrastructure, type ApartInfrastructure } from "./places.ts";

/** One filter, read apart from its session: what is asked and answered is plain data, for another thread. */

export interface ApartText {
  /** What was printed at each prompt, in order. */
  readonly bodies: readonly string[];
  /** True if the last of them ends with its file. */
  readonly last: boolean;
}

export type Question =
  | { readonly kind: "facts" }
  | {
      readonly kind: "lint";
      readonly settings: Settings;
      readonly severities: LintOptions["severities"];
      readonly infrastructure: readonly ApartInfrastructure[];
      readonly budget: number | undefined;
    }
  | {
      readonly kind: "query";
      readonly fields: FlowFields;
      readonly trace: boolean;
      /** Sets that the fields name and that other filters of the session hold. */
      readonly sets: readonly KnownSet[];
    }
  | { readonly kind: "rules"; readonly effect: boolean; readonly budget: number | undefined }
  | { readonly kind: "sets"; readonly names: readonly string[] }
  /** What it does with packets on their way from machine to machine, and where rules of other filters stand in it. */
  | {
      readonly kind: "path";
      readonly packets: PlainPackets;
      readonly passes: readonly PassQuestion[];
      readonly rules: readonly RuleName[];
    }
  /** What changed since another filter, whose pieces of the text are the first. */
  | {
      readonly kind: "compare";
      readonly pieces: number;
      /** As `last`, for those. */
      readonly last: boolean;
      readonly budget: number | undefined;
    }
  /** What does not apply to each of some vNICs whose filter has this text. */
  | {
      readonly kind: "applicable";
      readonly settings: Settings;
      readonly severities: LintOptions["severities"];
      readonly vnics: readonly SeenVnic[];
    };

export interface PassQuestion {
  readonly direction: Direction;
  readonly frames: FrameAddresses;
  readonly detail: Detail;
}

/** What a rule does with some of the packets: as `Passing`. */
export type PlainPassing = Omit<Passing, "packets"> & { readonly packets: PlainPackets };

export interface RulePlace {
  readonly ruleset: string | null;
  readonly category: string | null;
  readonly id: number | null;
  readonly position: number | null;
  readonly location: Location;
}

type Severities = NonNullable<LintOptions["severities"]>;

/** What the host's view of a filter needs; places are marked. */
export interface Facts {
  readonly content: string;
  readonly named: { readonly count: number; readonly first: string | null };
  readonly rules: number;
  /** Without text that does not parse. */
  readonly printedRules: number;
  readonly firstRule: RulePlace | null;
  readonly firstPrinted: RulePlace | null;
  readonly rulesets: readonly {
    readonly name: string | null;
    readonly generation: string | null;
    readonly realized: string | null;
    readonly rules: number;
    readonly location: Location;
  }[];
  /** `members` is equal for equal members; null where they are not certain. */
  readonly sets: readonly { readonly name: string; readonly members: string | null; readonly line: number }[];
  readonly firstSet: Location | null;
  /** The first place of all that is the filter's. */
  readonly first: Location;
}

/** A set of a filter that is read elsewhere. */
interface KnownSet {
  readonly name: string;
  /** Those that parse. */
  readonly members: readonly (readonly ["ip" | "mac", string])[];
  /** As in `AddressSet`. */
  readonly uncertainty: string | null;
}

export interface SetMembers extends KnownSet {
  readonly location: Location;
  readonly nameLocation: Location;
}

export type Answer =
  /** It cannot be read apart: other output stands in it, or the guess where it ends was wrong. */
  | { readonly apart: false }
  | {
      readonly apart: true;
      /** Null where neither rules nor sets were printed. */
      readonly facts: Facts | null;
      /** Lines that are neither rules nor sets, for each piece. */
      readonly lines: readonly number[];
      readonly found: readonly Candidate[];
      readonly query: QueryResult["filters"];
      readonly rules: RulesResult["filters"];
      readonly sets: readonly SetMembers[];
      /** For each question of a way, and for each rule that was named. */
      readonly passes: readonly (readonly PlainPassing[])[];
      readonly named: readonly (RuleReferenceResult | null)[];
      readonly compared: ComparedRules | null;
      /** For each vNIC that was asked about. */
      readonly notApplicable: readonly (readonly Candidate[])[];
    };

/** A prompt at which nothing but rules and sets of the filter is printed. */
const PROMPT = "[dfwlint@apart]";

/** The rules and sets of one filter, and how many lines of each piece are neither; null if it cannot be read apart. */
function readApart(
  { bodies, last }: ApartText,
  name: string,
  budget: number | undefined,
  firstPiece = 0,
): { readonly input: Input; readonly lines: readonly number[] } | null {
  const command = `vsipioctl getrules -f ${name}`;
  const head = `${PROMPT} ${command}\n`;
  let text = "";
  const starts = bodies.map((body) => {
    if (text !== "" && !text.endsWith("\n")) text += "\n";
    const start = text.length;
    text += head + body;
    return start;
  });
  if (!last && !text.endsWith("\n")) text += "\n";
  const bodyEnds = bodies.map((body, index) => starts[index]! + head.length + body.length);
  const ends = last ? [] : [text.length];
  if (!last) text += `${PROMPT}\n`;
  const dump = { ...parseDump(APART, text), lines: new MarkedLines(text, starts, bodyEnds, firstPiece) };
  const prompts = dump.items.flatMap((item) => (item.type === "prompt" ? [item] : []));
  const cutRight =
    prompts.length === starts.length + ends.length &&
    [...starts, ...ends].every((start, index) => prompts[index]!.range.start === start) &&
    prompts.every(({ command: typed }, index) => typed === (index < starts.length ? command : ""));
  const onlyOurs = dump.items.every((item) => {
    switch (item.type) {
      case "prompt":
      case "ruleset":
      case "addrset":
      case "rule":
      case "comment":
      case "header":
        return true;
      case "other":
        return item.text === "";
      case "unparsed":
      case "foreign":
        return false;
    }
  });
  if (!cutRight || !onlyOurs) return null;
  const parts = readSession(dump).filter(({ output }) => output.command !== "");
  if (
    parts.length !== starts.length ||
    parts.some(({ kind, readings }) => kind !== "dump" || readings.length > 0)
  )
    return null;
  const lines = parts.map(({ output }) => output.lines.filter((line) => line.text.trim() !== "").length);
  return { input: inputOf([dump], budget === undefined ? {} : { budget }), lines };
}

/**
 * @throws FlowError as `query` does
 */
export function answer(text: ApartText, question: Question): Answer {
  const budget = "budget" in question ? question.budget : undefined;
  if (question.kind === "compare") return compare(text, question);
  const read = readApart(text, APART, budget);
  if (read === null) return { apart: false };
  const { input, lines } = read;
  const facts = factsOf(input);
  const nothing = { ...NOTHING, facts, lines } as const;
  if (facts === null) return nothing;
  switch (question.kind) {
    case "facts":
      return nothing;
    case "lint": {
      const { settings, severities, infrastructure } = question;
      const context = { ...input, settings, hosts: [], infrastructure: apartInfrastructure(infrastructure) };
      const found = findAll(context, input, severities === undefined ? {} : { severities }, "filter");
      return { ...nothing, found };
    }
    case "query":
      return {
        ...nothing,
        query: query(input, question.fields, { trace: question.trace, sets: setsFrom(question.sets) })
          .filters,
      };
    case "rules":
      return { ...nothing, rules: describeRules(input, { effect: question.effect }).filters };
    case "path": {
      const rules = new ReadRules(input.filters[0]!);
      const packets = packetsFrom(question.packets);
      const pass = ({ direction, frames, detail }: PassQuestion): PlainPassing[] =>
        rules
          .pass(packets, direction, frames, detail)
          .map((passing) => ({ ...passing, packets: plainPackets(passing.packets) }));
      return {
        ...nothing,
        passes: question.passes.map(pass),
        named: question.rules.map((name) => rules.find(name)),
      };
    }
    case "applicable": {
      const { settings, vnics } = question;
      const others = CHECKS.filter((check) => check !== notApplicable);
      const severities: Severities = new Map([
        ...others.map(({ id }) => [id, "off"] as const),
        ...[...(question.severities ?? [])].filter(([id]) => id === notApplicable.id),
      ]);
      const of = (seen: SeenVnic): Candidate[] =>
        findAll({ ...input, settings, hosts: [], seen }, input, { severities }, "filter");
      return { ...nothing, notApplicable: vnics.map(of) };
    }
    case "sets":
      return { ...nothing, sets: setsOf(input, new Set(question.names)) };
  }
}

const NOTHING = {
  apart: true,
  facts: null,
  lines: [],
  found: [],
  query: [],
  rules: [],
  sets: [],
  passes: [],
  named: [],
  compared: null,
  notApplicable: [],
} as const;

function compare(
  { bodies, last }: ApartText,
  { pieces, last: lastBefore, budget }: Extract<Question, { kind: "compare" }>,
): Answer {
  const before = readApart({ bodies: bodies.slice(0, pieces), last: lastBefore }, APART_BEFORE, budget);
  const after = readApart({ bodies: bodies.slice(pieces), last }, APART, budget, pieces);
  const [was, is] = [before?.input.filters[0], after?.input.filters[0]];
  if (was === undefined || is === undefined) return { apart: false };
  return { ...NOTHING, compared: compareFilters(was, is, budget === undefined ? {} : { budget }) };
}

function factsOf({ model }: Input): Facts | null {
  const [filter] = model.filters;
  if (filter === undefined) return null;
  const { rules, rulesets, addressSets } = filter;
  const sets = [...addressSets.values()];
  const printed = rules.filter(({ node }) => node !== null);
  const sources: readonly Source[] = [
    ...rulesets.map(({ source }) => source),
    ...sets.map(({ source }) => source),
    ...model.repeated.map(({ dropped }) => dropped),
  ];
  return {
    content: contentOf(filter),
    named: namedSets(filter),
    rules: rules.length,
    printedRules: printed.length,
    firstRule: rulePlace(rules[0]),
    firstPrinted: rulePlace(printed[0]),
    rulesets: rulesets.map(({ source, ...ruleset }) => ({ ...ruleset, location: location(source) })),
    sets: sets.map((set) => ({
      name: set.name,
      members: set.uncertainty === null && set.node.closed ? membersHash(set) : null,
      line: location(set.source).line,
    })),
    firstSet: sets[0] === undefined ? null : location(sets[0].source),
    first: location(sources.reduce((first, one) => (one.range.start < first.range.start ? one : first))),
  };
}

function rulePlace(rule: Rule | undefined): RulePlace | null {
  if (rule === undefined) return null;
  const { ruleset, category, id, position, source } = rule.reference;
  return { ruleset, category, id, position, location: location(source) };
}

/** Sets whose members are known, without where they stand. */
export function setsFrom(sets: readonly KnownSet[]): ReadonlyMap<string, AddressSet> {
  const dump: Dump = parseDump(APART, "");
  const range = { start: 0, end: 0 };
  return new Map(
    sets.map(({ name, members, uncertainty }) => {
      const nodes = members.map(([family, text]): MemberNode => ({ type: "member", family, text, range }));
      const node: AddrsetNode = {
        type: "addrset",
        name,
        members: nodes,
        closed: true,
        range,
        nameRange: range,
      };
      const { set } = readAddressSet(dump, node);
      return [name, uncertainty === null ? set : { ...set, uncertainty, may: ALL_ADDRESSES }];
    }),
  );
}

function setsOf({ model }: Input, names: ReadonlySet<string>): SetMembers[] {
  return [...model.filters[0]!.addressSets.values()]
    .filter(({ name }) => names.has(name))
    .map(({ name, node, uncertainty, source, nameRange }) => ({
      name,
      uncertainty,
      members: node.members.flatMap((member) =>
        member.type === "member" ? [[member.family, member.text] as const] : [],
      ),
      location: location(source),
      nameLocation: location({ dump: source.dump, range: nameRange }),
    }));
}
