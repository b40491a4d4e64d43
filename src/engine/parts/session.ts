import { FilterAnalysis } from "../../analysis/analysis.ts";
import { infrastructureOf, type Infrastructure } from "../../checks/infrastructure.ts";
import { DEFAULT_SETTINGS } from "../../checks/settings.ts";
import { ALL_ADDRESSES } from "../../model/address.ts";
import { readHosts, type Host } from "../../model/host.ts";
import { membersHash } from "../../model/same-content.ts";
import { holdsUnnamed, nameOnHost } from "../../model/filters.ts";
import { opaqueRule } from "../../model/rules.ts";
import type { AddressSet, Filter, Rule, Source } from "../../model/rule.ts";
import type { AddrsetNode, Range, RuleNode } from "../../syntax/nodes.ts";
import type { Block } from "../../syntax/blocks.ts";
import { hostOf } from "../../syntax/session.ts";
import type { Position } from "../../syntax/lines.ts";
import type { Dump } from "../../syntax/parse.ts";
import { location } from "../convert.ts";
import { inputOf, type Input, type InputOptions } from "../input.ts";
import { VnicNames, findAll, late, type Candidate, type LateCandidate, type LintOptions } from "../lint.ts";
import type { Location, VnicResult } from "../results.ts";
import { select, type Selection } from "../select.ts";
import type { Answer, Facts, RulePlace, SetMembers } from "./apart.ts";
import { APART, fileOf, placed, type ApartInfrastructure, type FilterPlace } from "./places.ts";
import { restOf, type CutFile, type Left, type Rest } from "./rest.ts";

/** A filter of a session whose text can be read apart, with the blocks in which it is printed. */
export interface Part {
  /** As in `Filter`: no other part of the session has it. */
  readonly name: string;
  readonly printedName: string;
  readonly pieces: readonly PartPiece[];
  /** Equal for equal text. */
  readonly key: string;
  /** True where hosts have filters that are called the same: then each is one only if the others are. */
  readonly shared: boolean;
}

interface PartPiece {
  readonly file: number;
  readonly block: Block;
  /** True if it ends with its file. */
  readonly last: boolean;
  /** At whose prompt it seems to be printed. */
  readonly host: string | null;
}

/** The filters of a session that may be read apart. */
export function partsOf(files: readonly CutFile[], decode: (bytes: Uint8Array) => string): Part[] {
  const found = new Map<string, PartPiece[]>();
  for (const [file, { blocks }] of files.entries()) {
    for (const [index, block] of blocks.entries()) {
      if (block.filter === null) continue;
      const text = decode(block.head).trim();
      const piece = { file, block, last: index === blocks.length - 1, host: hostOf({ text }, text) };
      const pieces = found.get(block.filter);
      if (pieces === undefined) found.set(block.filter, [piece]);
      else pieces.push(piece);
    }
  }
  return [...found].flatMap(([printedName, pieces]): Part[] => {
    const hosts = [...new Set(pieces.map(({ host }) => host))];
    const shared = hosts.filter((host) => host !== null).length > 1;
    if (!shared) return [{ name: printedName, printedName, pieces, shared, key: textKey(pieces) }];
    return hosts.map((host) => {
      const own = pieces.filter((piece) => piece.host === host);
      const name = host === null ? printedName : nameOnHost(printedName, host);
      return { name, printedName, pieces: own, shared, key: textKey(own) };
    });
  });
}

function textKey(pieces: readonly PartPiece[]): string {
  return [...pieces.map(({ block }) => block.hash), pieces.at(-1)!.last ? "last" : ""].join(" ");
}

/** The infrastructure that the rest of a session shows: what a filter is checked against. */
export function infrastructureOfRest(
  files: readonly CutFile[],
  decode: (bytes: Uint8Array) => string,
): Infrastructure[] {
  const left = new Map(
    files.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.filter === null ? [] : [[block, { places: [] }] as const])),
    ),
  );
  const { dumps, model } = inputOf(files.map((file) => restOf(file, left, decode).dump));
  return infrastructureOf(readHosts(dumps, model));
}

export function withoutPlaces(infrastructure: readonly Infrastructure[]): ApartInfrastructure[] {
  return infrastructure.map(({ family, address, text, roles, gateway }) => ({
    family,
    address,
    text,
    roles,
    gateway,
  }));
}

/** A part with what is known of it. */
export interface ReadPart {
  readonly part: Part;
  readonly answer: Pick<Extract<Answer, { apart: true }>, "facts" | "lines">;
  /** Members of sets that differ from those of the same name elsewhere. */
  readonly sets: readonly SetMembers[];
}

export interface Session {
  /** Filters that were read apart stand in it without their text. */
  readonly input: Input;
  readonly hosts: readonly Host[];
  readonly infrastructure: readonly Infrastructure[];
  readonly parts: ReadonlyMap<string, { readonly read: ReadPart; readonly place: FilterPlace }>;
}

/**
 * Puts a session together from its rest and the parts that were read apart. Null if it has to be read as a whole,
 * because text without a prompt may belong to a filter, or because a prompt was none.
 */
export function sessionOf(
  files: readonly CutFile[],
  reads: readonly ReadPart[],
  more: ReadonlyMap<Block, string>,
  decode: (bytes: Uint8Array) => string,
  options: InputOptions = {},
): Session | null {
  const left = new Map<Block, Left>([...more].map(([block, text]) => [block, { text }]));
  const layouts = new Map(
    reads.map((read) => {
      const place: FilterPlace = {
        name: read.part.name,
        pieces: read.part.pieces.map(({ file, block }) => ({
          file: files[file]!.file,
          bodyLine: block.bodyLine,
        })),
        infrastructure: [],
      };
      const layout = new Layout(read, place, files);
      for (const [block, places] of layout.places) left.set(block, { places });
      return [read, { place, layout }] as const;
    }),
  );
  const rests = files.map((file) => restOf(file, left, decode));
  if (rests.some(({ cutRight }) => !cutRight) || reads.some(({ part }) => !isOfHosts(part, rests)))
    return null;
  const rest = inputOf(rests.map(({ dump }) => dump));
  const first = new Map<Filter, Source>();
  const apart = reads.flatMap((read) => {
    const { facts } = read.answer;
    if (facts === null) return [];
    const sources = layouts.get(read)!.layout.sources(rests);
    const filter = outlined(facts, read, sources);
    first.set(filter, sources.first);
    return [filter];
  });
  if (belongElsewhere(rest, apart)) return null;
  const filters =
    apart.length === 0
      ? rest.model.filters
      : [...rest.model.filters, ...apart].toSorted(inTextOrder(rest, first));
  const model = { ...rest.model, filters };
  const hosts = withLines(readHosts(rest.dumps, model), reads, rests);
  const infrastructure = infrastructureOf(hosts);
  const at = infrastructure.map((one) => location(one.at));
  return {
    input: { ...rest, model, filters: FilterAnalysis.ofAll(filters, options) },
    hosts,
    infrastructure,
    parts: new Map(
      reads.map((read) => [
        read.part.name,
        { read, place: { ...layouts.get(read)!.place, infrastructure: at } },
      ]),
    ),
  };
}

/** Whether its prompts are of the hosts that they seem to be of. */
function isOfHosts({ pieces }: Part, rests: readonly Rest[]): boolean {
  return pieces.every(({ file, block, host }) => {
    const prompt = rests[file]!.prompts.get(block)!;
    return hostOf(prompt, prompt.command) === host;
  });
}

/** True if text may belong to a filter that it does not name, or a filter's text stands in both places. */
function belongElsewhere({ dumps, model }: Input, apart: readonly Filter[]): boolean {
  const names = new Set(model.filters.map(({ printedName }) => printedName));
  if (apart.some(({ printedName }) => names.has(printedName))) return true;
  if (apart.length === 0 || !holdsUnnamed(dumps)) return false;
  return (
    [...names].some((name) => name !== null) ||
    apart.some(({ rules, addressSets }) => rules.length === 0 || addressSets.size === 0)
  );
}

function inTextOrder(
  { dumps, model }: Input,
  known: ReadonlyMap<Filter, Source>,
): (a: Filter, b: Filter) => number {
  const order = new Map(dumps.map((dump, index) => [dump, index]));
  const compare = (a: Source, b: Source): number =>
    order.get(a.dump)! - order.get(b.dump)! || a.range.start - b.range.start;
  const first = (filter: Filter): Source =>
    known.get(filter) ??
    [
      ...filter.rulesets.map(({ source }) => source),
      ...[...filter.addressSets.values()].map(({ source }) => source),
      ...model.repeated.flatMap(({ filter: name, dropped }) => (name === filter.name ? [dropped] : [])),
    ].reduce((least, one) => (compare(one, least) < 0 ? one : least));
  return (a, b) => compare(first(a), first(b));
}

/** How many lines of a command's output were neither rules nor sets is known where it was read. */
function withLines(hosts: readonly Host[], reads: readonly ReadPart[], rests: readonly Rest[]): Host[] {
  const lines = new Map<Dump, Map<number, number>>();
  for (const { part, answer } of reads) {
    for (const [index, { file, block }] of part.pieces.entries()) {
      const { dump, prompts } = rests[file]!;
      const ofDump = lines.get(dump) ?? new Map<number, number>();
      ofDump.set(prompts.get(block)!.range.start, answer.lines[index]!);
      lines.set(dump, ofDump);
    }
  }
  return hosts.map((host) => ({
    ...host,
    commands: host.commands.map((command) => {
      const { dump, range } = command.source;
      const count = lines.get(dump)?.get(range.start);
      return count === undefined ? command : { ...command, lines: count };
    }),
  }));
}

interface Sources {
  readonly first: Source;
  readonly firstRule: Source | null;
  readonly firstPrinted: Source | null;
  readonly rulesets: readonly Source[];
  readonly firstSet: Source | null;
  readonly sets: readonly { readonly whole: Source; readonly name: Source }[];
}

/** Gives every place of a filter that somebody may speak of a blank in what is left of its block. */
class Layout {
  readonly places = new Map<Block, Position[]>();
  readonly #read: ReadPart;
  readonly #spots = new Map<Location, { file: number; block: Block; index: number }>();

  constructor(read: ReadPart, place: FilterPlace, files: readonly CutFile[]) {
    this.#read = read;
    for (const { block } of read.part.pieces) this.places.set(block, []);
    const { facts } = read.answer;
    if (facts === null) return;
    const all = [
      facts.first,
      ...[facts.firstRule, facts.firstPrinted].flatMap((rule) => rule?.location ?? []),
      ...facts.rulesets.map((ruleset) => ruleset.location),
      ...(facts.firstSet === null ? [] : [facts.firstSet]),
      ...read.sets.flatMap((set) => [set.location, set.nameLocation]),
    ].map((marked) => ({ marked, real: placed(marked, place) }));
    for (const { marked, real } of all) {
      const piece = read.part.pieces.findLast(
        ({ file, block }) => files[file]!.file === real.file && block.bodyLine <= real.line,
      )!;
      const positions = this.places.get(piece.block)!;
      this.#spots.set(marked, { file: piece.file, block: piece.block, index: positions.length });
      positions.push(
        { line: real.line, column: real.column },
        { line: real.endLine, column: real.endColumn },
      );
    }
  }

  sources(rests: readonly Rest[]): Sources {
    const { facts } = this.#read.answer;
    const at = (marked: Location): Source => {
      const { file, block, index } = this.#spots.get(marked)!;
      const { dump, places } = rests[file]!;
      const start = places.get(block)! + index;
      return { dump, range: { start, end: start + 1 } };
    };
    return {
      first: at(facts!.first),
      firstRule: facts!.firstRule === null ? null : at(facts!.firstRule.location),
      firstPrinted: facts!.firstPrinted === null ? null : at(facts!.firstPrinted.location),
      rulesets: facts!.rulesets.map((ruleset) => at(ruleset.location)),
      firstSet: facts!.firstSet === null ? null : at(facts!.firstSet),
      sets: this.#read.sets.map((set) => {
        const name = at(set.nameLocation);
        const { dump, range } = at(set.location);
        return { whole: { dump, range: { start: range.start, end: name.range.end } }, name };
      }),
    };
  }
}

/** A filter in outline: as many rules and sets as it has, where they stand, and only what is known of it all. */
function outlined(facts: Facts, { part: { name, printedName }, sets }: ReadPart, sources: Sources): Filter {
  const ruleAt = (place: RulePlace, source: Source): Rule => {
    const { ruleset, category, id, position } = place;
    return opaqueRule({ filter: name, ruleset, category, id, position, source }, "ip", ELSEWHERE);
  };
  const rules: Rule[] = [];
  if (facts.firstRule !== null && facts.firstRule.id === null)
    rules.push(ruleAt(facts.firstRule, sources.firstRule!));
  if (facts.firstPrinted !== null) {
    const printed: Rule = { ...ruleAt(facts.firstPrinted, sources.firstPrinted!), node: NO_NODE };
    for (let count = 0; count < facts.printedRules; count += 1) rules.push(printed);
  }
  let addressSets = outlines.get(facts);
  // Of filters with the same text one outline is enough, unless it says where the sets stand.
  if (addressSets === undefined || sets.length > 0 || facts.firstRule === null) {
    const own = new Map<string, AddressSet>(
      facts.sets.map((set) => [
        set.name,
        outlinedSet(set.name, [], sources.firstSet!, sources.firstSet!.range),
      ]),
    );
    for (const [index, { name: of, members }] of sets.entries()) {
      const { whole, name: at } = sources.sets[index]!;
      own.set(of, { ...outlinedSet(of, members, whole, at.range), uncertainty: null });
    }
    addressSets = own;
    if (sets.length === 0) outlines.set(facts, own);
  }
  return {
    name,
    printedName,
    rules,
    rulesets: facts.rulesets.map((ruleset, index) => ({
      name: ruleset.name,
      generation: ruleset.generation,
      realized: ruleset.realized,
      rules: ruleset.rules,
      source: sources.rulesets[index]!,
    })),
    lists: [],
    addressSets,
    elsewhere: { content: facts.content, named: facts.named },
  };
}

const outlines = new WeakMap<Facts, ReadonlyMap<string, AddressSet>>();

const ELSEWHERE = "its text was read elsewhere";

/** Stands for the nodes of rules that were printed: nobody looks into it. */
const NO_NODE = { type: "rule" } as unknown as RuleNode;

function outlinedSet(
  name: string,
  members: SetMembers["members"],
  source: Source,
  nameRange: Range,
): AddressSet {
  const node: AddrsetNode = {
    type: "addrset",
    name,
    members: members.map(([family, text]) => ({ type: "member", family, text, range: nameRange })),
    closed: true,
    range: source.range,
    nameRange,
  };
  return {
    name,
    source,
    nameRange,
    node,
    members: members.length,
    spans: [],
    uncertainty: ELSEWHERE,
    must: ALL_ADDRESSES,
    may: ALL_ADDRESSES,
  };
}

/** Sets of one name whose members differ between filters, and for each such name the parts whose members are needed. */
export function differingSets(session: Session): ReadonlyMap<string, readonly string[]> {
  if (!session.hosts.some(({ filters }) => filters.some(({ vnic }) => vnic !== null))) return new Map();
  const versions = new Map<string, Set<string>>();
  const add = (name: string, members: string): void => {
    const known = versions.get(name);
    if (known === undefined) versions.set(name, new Set([members]));
    else known.add(members);
  };
  for (const { read } of session.parts.values())
    for (const { name, members } of read.answer.facts?.sets ?? []) if (members !== null) add(name, members);
  for (const { elsewhere, addressSets } of session.input.model.filters) {
    if (elsewhere !== undefined) continue;
    for (const set of addressSets.values())
      if (set.uncertainty === null && set.node.closed) add(set.name, membersHash(set));
  }
  const needed = new Map<string, readonly string[]>();
  for (const [name, { read }] of session.parts) {
    const sets = (read.answer.facts?.sets ?? []).flatMap((set) =>
      set.members !== null && versions.get(set.name)!.size > 1 ? [set.name] : [],
    );
    if (sets.length > 0) needed.set(name, sets);
  }
  return needed;
}

/** The filters of a session that were not read apart. */
export function ownInput({ input }: Pick<Session, "input">): Input {
  return { ...input, filters: input.filters.filter(({ filter }) => filter.elsewhere === undefined) };
}

/**
 * Only what is asked about.
 * @throws SelectionError if there is none
 */
export function narrowedTo(session: Session, selection: Selection): Session {
  return { ...session, input: select(session.input, selection) };
}

/** What all checks find in a session, given what those of one filter found in its parts. */
export function findInSession(
  { input, hosts, parts }: Session,
  foundIn: (name: string) => readonly Candidate[],
  options: Pick<LintOptions, "settings" | "severities">,
): LateCandidate[] {
  const { settings = DEFAULT_SETTINGS } = options;
  const own = { ...ownInput({ input }), settings, hosts };
  const vnics = new VnicNames(hosts, input);
  return [
    ...findAll(own, input, options, "filter").map(late),
    ...findAll(own, input, options, "host").map(late),
    ...input.model.filters.flatMap(({ name }) => {
      const part = name === null ? undefined : parts.get(name);
      if (part === undefined) return [];
      const vnic = vnics.ofFilter(name);
      return foundIn(part.place.name).map((found) => new PlacedCandidate(found, part.place, vnic));
    }),
  ];
}

/** A finding of a filter that was read apart, at one of the places where the filter stands: small, for there are many. */
class PlacedCandidate implements LateCandidate {
  readonly line: number;
  readonly #found: Candidate;
  readonly #place: FilterPlace;
  readonly #vnic: VnicResult | null;

  constructor(found: Candidate, place: FilterPlace, vnic: VnicResult | null) {
    this.line = placed(found.result.location.line, place);
    this.#found = found;
    this.#place = place;
    this.#vnic = vnic;
  }

  get severity(): LateCandidate["severity"] {
    return this.#found.result.severity;
  }

  get rank(): number {
    return this.#found.rank;
  }

  get subject(): string {
    return this.#found.subject;
  }

  get filter(): string | null | undefined {
    return this.#found.filter === undefined ? undefined : this.#place.name;
  }

  get file(): string {
    return fileOf(this.#found.result.location.line, this.#place);
  }

  get column(): number {
    return this.#found.result.location.column;
  }

  make(): ReturnType<LateCandidate["make"]> {
    const here = placed(this.#found.result, this.#place);
    return this.#found.filter === undefined || this.#vnic === null ? here : { ...here, vnic: this.#vnic };
  }
}

/** Where the sets of all filters begin. */
export function* setPlaces({ input, parts }: Session): Generator<{
  readonly filter: string | null;
  readonly name: string;
  readonly file: string;
  readonly line: number;
}> {
  for (const { name: filter, elsewhere, addressSets } of input.model.filters) {
    const part = filter === null || elsewhere === undefined ? undefined : parts.get(filter);
    if (part !== undefined) {
      for (const { name, line } of part.read.answer.facts!.sets)
        yield { filter, name, ...placed({ file: APART, line }, part.place) };
    } else {
      for (const { name, source } of addressSets.values()) {
        const { file, line } = location(source);
        yield { filter, name, file, line };
      }
    }
  }
}
