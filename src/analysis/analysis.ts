import type { Flow } from "../model/flow.ts";
import type { Packet } from "../model/packet.ts";
import type { Filter, ListName, Rule, RuleList } from "../model/rule.ts";
import { IP_KINDS, UNIVERSE, boxContains, type Box, type Kind } from "./boxes.ts";
import { prepareEntries, type Entry } from "./entries.ts";
import { queryFilter, type QueryPiece } from "./query.ts";
import { Reachability, type RuleFacts, type Winner } from "./reachability.ts";

/** One list of a filter, with what is known about it; nothing is computed before it is asked for, nor twice. */
export class ListAnalysis {
  readonly name: ListName;
  readonly rules: readonly Rule[];
  #entries: readonly Entry[] | null = null;
  #reachability: Reachability | null = null;
  #facts: readonly RuleFacts[] | null = null;
  readonly #removable = new Map<number, boolean>();

  constructor({ name, rules }: RuleList) {
    this.name = name;
    this.rules = rules;
  }

  get entries(): readonly Entry[] {
    this.#entries ??= prepareEntries(this.rules);
    return this.#entries;
  }

  /** What becomes of each rule, in the order of the rules. */
  get facts(): readonly RuleFacts[] {
    this.#facts ??= this.#reach.facts();
    return this.#facts;
  }

  get #reach(): Reachability {
    this.#reachability ??= new Reachability(this.entries);
    return this.#reachability;
  }

  /** Whether a rule is reached, and yet no packet's verdict changes without it. */
  isRemovable(index: number): boolean {
    const known = this.#removable.get(index);
    if (known !== undefined) return known;
    const removable = this.facts[index]?.status === "reachable" && this.#reach.isRemovable(index);
    this.#removable.set(index, removable);
    return removable;
  }

  /** The kinds of packets that the list decides about. */
  get kinds(): readonly Kind[] {
    return this.name === "ethernet" ? ["ethernet"] : IP_KINDS;
  }

  /** The index of the first rule that takes every packet, so that nothing gets past it; null if there is none. */
  get catchAllIndex(): number | null {
    const index = this.entries.findIndex(
      ({ rule, must }) =>
        rule.decides &&
        rule.conditions.length === 0 &&
        this.kinds.every((kind) => containsAll(must.get(kind), UNIVERSE[kind])),
    );
    return index === -1 ? null : index;
  }

  /** A packet that reaches the end of the list; null if every packet is decided. */
  unmatched(): { readonly packet: Packet; readonly certain: boolean } | null {
    return this.#reach.unmatched();
  }

  /** An earlier rule for which `wanted` holds and that takes a packet of the rule at `index`, with that packet. */
  winnerAmong(index: number, wanted: (rule: Rule) => boolean): Winner | null {
    return this.#reach.winnerAmong(index, wanted);
  }
}

function containsAll(box: Box | undefined, region: Box): boolean {
  return box !== undefined && boxContains(box, region);
}

/** Box comparisons allowed for one query. */
const QUERY_BUDGET = 50_000_000;

/** One filter with its lists analysed; keep it for all questions about the filter. */
export class FilterAnalysis {
  readonly filter: Filter;
  readonly lists: readonly ListAnalysis[];

  constructor(filter: Filter) {
    this.filter = filter;
    this.lists = filter.lists.map((list) => new ListAnalysis(list));
  }

  list(name: ListName): ListAnalysis | null {
    return this.lists.find((list) => list.name === name) ?? null;
  }

  query(flow: Flow): QueryPiece[] {
    const prepared = {
      ethernet: this.list("ethernet")?.entries ?? null,
      firewall: this.list("firewall")?.entries ?? null,
    };
    return queryFilter(prepared, flow, { steps: QUERY_BUDGET });
  }
}
