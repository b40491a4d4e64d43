import { readCommand } from "../syntax/commands.ts";
import type { AddrsetNode, CommentNode, Item, Range, RuleNode, UnparsedNode } from "../syntax/nodes.ts";
import type { Dump, Problem } from "../syntax/parse.ts";
import { readAddressSet } from "./address-sets.ts";
import { hostOf } from "../syntax/session.ts";
import type { AddressSet, Filter, ListName, Rule, RuleList, RuleReference, Ruleset, Source } from "./rule.ts";
import { isIdsRule, opaqueRule, readRule } from "./rules.ts";

/** A ruleset that a filter's text holds twice, as a session does in which a command ran twice. */
export interface RepeatedBlock {
  readonly kind: "ruleset" | "addrset";
  readonly filter: string | null;
  readonly name: string | null;
  /** The block that counts: the last one printed. */
  readonly used: Source;
  readonly dropped: Source;
  readonly identical: boolean;
}

/** Lines among rules and sets that are neither, in output that should hold nothing else. */
export interface SkippedLine {
  readonly source: Source;
  readonly text: string;
}

export interface Model {
  readonly filters: readonly Filter[];
  /** Text that parses but has no meaning, such as a member that is no address. */
  readonly problems: readonly Problem[];
  readonly repeated: readonly RepeatedBlock[];
  readonly skipped: readonly SkippedLine[];
}

type RulesetItem = RuleNode | CommentNode | UnparsedNode;

interface RulesetBlock {
  readonly name: string | null;
  readonly items: RulesetItem[];
  readonly closed: boolean;
  readonly dump: Dump;
  range: Range;
}

interface AddrsetBlock {
  readonly node: AddrsetNode;
  readonly dump: Dump;
}

interface FilterText {
  readonly name: string | null;
  readonly printedName: string | null;
  /** At whose prompt it was printed, where that is seen. */
  readonly host: string | null;
  readonly rulesets: RulesetBlock[];
  readonly addrsets: AddrsetBlock[];
}

/** Joins the rulesets and address sets of all files into filters, and gives them their meaning. */
export function buildModel(dumps: readonly Dump[]): Model {
  const skipped: SkippedLine[] = [];
  const texts = joinUnnamed(byHost(collect(dumps, skipped), dumps));
  const problems: Problem[] = [];
  const repeated: RepeatedBlock[] = [];
  const filters = texts
    .filter(({ rulesets, addrsets }) => rulesets.length > 0 || addrsets.length > 0)
    .map((text) => buildFilter(text, problems, repeated));
  return { filters, problems: inTextOrder(problems, dumps), repeated, skipped };
}

/** True if something is printed that no prompt gives to a filter: it may belong to one that a prompt names. */
export function holdsUnnamed(dumps: readonly Dump[]): boolean {
  return collect(dumps, []).some(
    ({ name, rulesets, addrsets }) => name === null && (rulesets.length > 0 || addrsets.length > 0),
  );
}

function collect(dumps: readonly Dump[], skipped: SkippedLine[]): FilterText[] {
  const texts = new Map<string, FilterText>();
  for (const dump of dumps) {
    let filter: string | null = null;
    let host: string | null = null;
    // Without any prompt a file should hold only ours; behind one, only what our own commands print.
    let ours = !dump.items.some(({ type }) => type === "prompt");
    let looseName: string | null = null;
    let loose: RulesetBlock | null = null;
    const text = (): FilterText => {
      // Text that is no filter's belongs to whatever stands without it, on any host.
      const of = filter === null ? null : host;
      const key = JSON.stringify([filter, of]);
      const known = texts.get(key);
      if (known !== undefined) return known;
      const created: FilterText = {
        name: filter,
        printedName: filter,
        host: of,
        rulesets: [],
        addrsets: [],
      };
      texts.set(key, created);
      return created;
    };
    const addLoose = (item: RulesetItem): void => {
      if (loose === null) {
        loose = { name: looseName, items: [], closed: true, dump, range: item.range };
        text().rulesets.push(loose);
      }
      loose.items.push(item);
      loose.range = { start: loose.range.start, end: item.range.end };
    };
    for (const item of dump.items) {
      switch (item.type) {
        case "prompt": {
          const command = readCommand(item.command);
          filter = command.filter;
          host = hostOf(item, item.command);
          ours = command.dump;
          looseName = null;
          loose = null;
          break;
        }
        case "header":
          if (item.key === "VIF UUID" || item.key === "VIF ID") {
            if (filter === null) filter = item.value;
            loose = null;
          }
          if (item.key === "Ruleset UUID") {
            looseName = item.value;
            loose = null;
          }
          break;
        case "ruleset":
          loose = null;
          text().rulesets.push({ ...item, items: [...item.items], dump });
          break;
        case "addrset":
          loose = null;
          text().addrsets.push({ node: item, dump });
          break;
        case "rule":
        case "comment":
          addLoose(item);
          break;
        case "unparsed":
          if (item.kind === "rule") addLoose(item);
          break;
        case "other":
          if (ours && item.text !== "")
            skipped.push({ source: { dump, range: item.range }, text: item.text });
          break;
        case "foreign":
          break;
      }
    }
  }
  // A comment alone is no ruleset: a heading of a page may look like a category.
  const isRuleset = ({ name, items }: RulesetBlock): boolean =>
    name !== null || items.some(({ type }) => type !== "comment");
  return [...texts.values()].map((text) => ({ ...text, rulesets: text.rulesets.filter(isRuleset) }));
}

/**
 * Numbers in the names of filters count up on every host, so that two hosts may have the same. What was printed at a
 * prompt that does not say its host belongs to the only host with such a filter, if there is one.
 */
function byHost(texts: readonly FilterText[], dumps: readonly Dump[]): FilterText[] {
  const named = new Map<string | null, FilterText[]>();
  for (const text of texts) {
    const same = named.get(text.printedName);
    if (same === undefined) named.set(text.printedName, [text]);
    else same.push(text);
  }
  return texts.flatMap((text) => {
    const same = named.get(text.printedName)!;
    if (same.length === 1) return [text];
    const hosts = same.filter(({ host }) => host !== null);
    if (hosts.length < 2) return text === same[0] ? [joined(same, dumps)] : [];
    const { printedName, host } = text;
    return [printedName === null || host === null ? text : { ...text, name: nameOnHost(printedName, host) }];
  });
}

/** The name of a filter where other hosts have one that is called the same. */
export function nameOnHost(printedName: string, host: string): string {
  return `${printedName}@${host}`;
}

/** As one filter, in the order of the text: what was printed later counts. */
function joined(texts: readonly FilterText[], dumps: readonly Dump[]): FilterText {
  const order = new Map(dumps.map((dump, index) => [dump, index]));
  const place = (dump: Dump, { start }: Range): readonly [number, number] => [order.get(dump)!, start];
  const compare = (a: readonly [number, number], b: readonly [number, number]): number =>
    a[0] - b[0] || a[1] - b[1];
  return {
    ...texts.find(({ host }) => host !== null)!,
    rulesets: texts
      .flatMap(({ rulesets }) => rulesets)
      .sort((a, b) => compare(place(a.dump, a.range), place(b.dump, b.range))),
    addrsets: texts
      .flatMap(({ addrsets }) => addrsets)
      .sort((a, b) => compare(place(a.dump, a.node.range), place(b.dump, b.node.range))),
  };
}

/**
 * Text without a prompt is one filter. Beside named filters it is the part that was saved without its prompt:
 * the rules of the one named filter that has none, or the address sets of the named filters that have none.
 */
function joinUnnamed(texts: readonly FilterText[]): FilterText[] {
  const unnamed = texts.find(({ name }) => name === null);
  const named = texts.filter(({ name }) => name !== null);
  if (unnamed === undefined || named.length === 0) return [...texts];
  if (unnamed.rulesets.length === 0) {
    const takers = named.filter(({ rulesets, addrsets }) => rulesets.length > 0 && addrsets.length === 0);
    if (takers.length === 0) return [...texts];
    return named.map((text) => (takers.includes(text) ? { ...text, addrsets: unnamed.addrsets } : text));
  }
  const [only] = named;
  if (named.length === 1 && unnamed.addrsets.length === 0 && only!.rulesets.length === 0) {
    return [{ ...only!, rulesets: unnamed.rulesets }];
  }
  return [...texts];
}

function buildFilter(text: FilterText, problems: Problem[], repeated: RepeatedBlock[]): Filter {
  const addressSets = new Map<string, AddressSet>();
  for (const { node, dump } of text.addrsets) {
    const { set, problems: found } = readAddressSet(dump, node);
    for (const problem of found) problems.push(problem);
    const earlier = addressSets.get(node.name);
    if (earlier !== undefined) {
      repeated.push({
        kind: "addrset",
        filter: text.name,
        name: node.name,
        used: set.source,
        dropped: earlier.source,
        identical: sameText(earlier.source, set.source),
      });
    }
    addressSets.set(node.name, set);
  }
  const blocks = withoutRepeats(text, repeated);
  const rules = blocks.flatMap((block) => readRuleset(text.name, block, addressSets, problems));
  const { name, printedName } = text;
  return { name, printedName, rules, rulesets: blocks.map(rulesetOf), lists: splitLists(rules), addressSets };
}

function rulesetOf(block: RulesetBlock): Ruleset {
  let generation: string | null = null;
  let realized: string | null = null;
  let rules = 0;
  for (const item of block.items) {
    if (item.type === "rule") rules += 1;
    if (item.type !== "comment") continue;
    if (item.kind === "generation") generation = item.number;
    if (item.kind === "realization") realized = item.time;
  }
  return { name: block.name, generation, realized, rules, source: sourceOf(block) };
}

/** A ruleset printed again replaces the earlier one: it is the newer state of the same filter. */
function withoutRepeats(text: FilterText, repeated: RepeatedBlock[]): RulesetBlock[] {
  const kept: RulesetBlock[] = [];
  const places = new Map<string | null, number>();
  for (const block of text.rulesets) {
    const at = places.get(block.name) ?? kept.length;
    const earlier = kept[at];
    const identical = earlier !== undefined && sameText(sourceOf(earlier), sourceOf(block));
    // Pieces of an unnamed list that came in several files are one list; the same piece twice is not.
    if (earlier === undefined || (block.name === null && text.name === null && !identical)) {
      places.set(block.name, kept.length);
      kept.push(block);
      continue;
    }
    repeated.push({
      kind: "ruleset",
      filter: text.name,
      name: block.name,
      used: sourceOf(block),
      dropped: sourceOf(earlier),
      identical,
    });
    kept[at] = block;
  }
  return kept;
}

function sourceOf({ dump, range }: RulesetBlock): Source {
  return { dump, range };
}

function sameText(a: Source, b: Source): boolean {
  const words = ({ dump, range }: Source): string =>
    dump.text
      .slice(range.start, range.end)
      .replace(/#\s*(?:realization time|generation number)\s*:\s*\S+/g, "")
      .split(/\s+/)
      .join(" ");
  return words(a) === words(b);
}

function readRuleset(
  filter: string | null,
  block: RulesetBlock,
  sets: ReadonlyMap<string, AddressSet>,
  problems: Problem[],
): Rule[] {
  const { dump } = block;
  let category: string | null = null;
  const rules: Rule[] = [];
  const layerOf = (text: string): Rule["layer"] =>
    /\bethertype\b/.test(text) || (block.name?.endsWith("_L2") ?? false) ? "ethernet" : "ip";
  const reference = (id: number | null, position: number | null, range: Range): RuleReference => ({
    filter,
    ruleset: block.name,
    category,
    id,
    position,
    source: { dump, range },
  });
  for (const item of block.items) {
    switch (item.type) {
      case "comment":
        if (item.kind === "category") category = item.name;
        break;
      case "rule": {
        const read = readRule(item, reference(item.id, item.position, item.range), sets);
        for (const problem of read.problems) problems.push(problem);
        rules.push(read.rule);
        break;
      }
      case "unparsed": {
        const range = { start: item.range.start, end: item.range.start + item.text.trimEnd().length };
        const reason = "this text does not parse, so it may match anything";
        rules.push(opaqueRule(reference(null, null, range), layerOf(item.text), reason));
        break;
      }
    }
  }
  if (!block.closed) {
    const range = { start: block.range.end, end: block.range.end };
    const reason = `the dump ends inside ruleset ${block.name ?? ""}, so rules may be missing here`;
    rules.push(opaqueRule(reference(null, null, range), layerOf(""), reason));
  }
  return rules;
}

function splitLists(rules: readonly Rule[]): RuleList[] {
  const lists: Record<ListName, Rule[]> = { ethernet: [], firewall: [], ids: [] };
  for (const rule of rules) {
    if (rule.layer === "ethernet") lists.ethernet.push(rule);
    else if (isIdsRule(rule.action, rule.reference.category)) lists.ids.push(rule);
    else lists.firewall.push(rule);
  }
  return (["ethernet", "firewall", "ids"] as const)
    .filter((name) => lists[name].length > 0)
    .map((name) => ({ name, rules: lists[name] }));
}

function inTextOrder(problems: Problem[], dumps: readonly Dump[]): Problem[] {
  const order = new Map(dumps.map(({ file }, index) => [file, index]));
  return problems.toSorted((a, b) => order.get(a.file)! - order.get(b.file)! || a.at - b.at);
}

/** The items of a dump that hold rules or address sets: without any, a file holds nothing of ours. */
export function holdsOurs(items: readonly Item[]): { rules: boolean; addrsets: boolean } {
  return {
    rules: items.some(
      (item) =>
        item.type === "rule" || item.type === "ruleset" || (item.type === "unparsed" && item.kind === "rule"),
    ),
    addrsets: items.some(({ type }) => type === "addrset"),
  };
}
