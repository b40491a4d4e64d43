import type { Flow } from "../model/flow.ts";
import type { Packet } from "../model/packet.ts";
import type { Filter, ListName, Rule, RuleList } from "../model/rule.ts";
import { sameTreatment } from "../model/treatment.ts";
import { IP_KINDS, UNIVERSE, boxContains, type Box, type Kind } from "./boxes.ts";
import { Classifier } from "./classifier.ts";
import type { Budget } from "./cover.ts";
import { RuleItems, decide, type DecideOptions, type Decisions } from "./decide.ts";
import { ALL, NONE } from "./dimension.ts";
import { effectOf, heirsOf, type Effect, type Share } from "./effect.ts";
import type { Effective } from "./effective.ts";
import { prepareEntries, type Entry } from "./entries.ts";
import { sameItems } from "./numbers-map.ts";
import type { PacketSet } from "./packet-set.ts";
import { firstOfContent } from "../model/same-content.ts";
import { FIELDS, buildSharedPlanes, type Fields, type Plane } from "./planes.ts";
import { FlowClassifier, queryFilter, queryPackets, type QueryPiece } from "./query.ts";
import { SharedFields } from "./shared-fields.ts";
import { Reachability, type ReachabilityOptions, type RuleFacts, type Winner } from "./reachability.ts";

/** Box comparisons allowed for one query, and for the parts of one rule. */
const QUERY_BUDGET = 50_000_000;
const EFFECT_BUDGET = 2_000_000;

/** Lists of the same name in filters of the same content: what they share is worked out once. */
class ListFamily {
  readonly #members: ListAnalysis[] = [];
  readonly #fields: Fields;
  #planes: ReadonlyMap<ListAnalysis, readonly Plane[]> | null = null;

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  add(member: ListAnalysis): void {
    this.#members.push(member);
  }

  planesOf(member: ListAnalysis): readonly Plane[] {
    if (this.#planes === null) {
      const planes = buildSharedPlanes(
        this.#members.map(({ entries }) => entries),
        this.#fields,
      );
      this.#planes = new Map(this.#members.map((list, index) => [list, planes[index]!]));
    }
    return this.#planes.get(member)!;
  }

  /** A list that was analysed before and says the same, rule by rule. */
  twinOf(member: ListAnalysis): ListAnalysis | null {
    return (
      this.#members.find((other) => other !== member && other.isDecided && other.isTwinOf(member)) ?? null
    );
  }
}

/** One list of a filter, with what is known about it; nothing is computed before it is asked for, nor twice. */
export class ListAnalysis {
  readonly name: ListName;
  readonly rules: readonly Rule[];
  readonly #family: ListFamily;
  readonly #options: ReachabilityOptions;
  #entries: readonly Entry[] | null = null;
  #items: RuleItems | null = null;
  #reachability: Reachability | null = null;
  /** The list whose facts are this one's too. */
  #twin: ListAnalysis | null = null;
  #classifier: Classifier | null = null;
  #effective: Effective | null = null;
  #facts: readonly RuleFacts[] | null = null;
  #catchAllIndex: number | null = null;
  #wideIndexes: readonly number[] | null = null;
  #indexes: ReadonlyMap<Rule, number> | null = null;
  readonly #removable: (boolean | undefined)[];

  constructor({ name, rules }: RuleList, family: ListFamily, options: ReachabilityOptions) {
    this.name = name;
    this.rules = rules;
    this.#family = family;
    this.#options = options;
    this.#removable = rules.map(() => undefined);
    family.add(this);
  }

  /** Where one of the list's own rules stands in it. */
  indexOf(rule: Rule): number {
    this.#indexes ??= new Map(this.rules.map((own, index) => [own, index]));
    return this.#indexes.get(rule)!;
  }

  get entries(): readonly Entry[] {
    this.#entries ??= prepareEntries(this.rules);
    return this.#entries;
  }

  get planes(): readonly Plane[] {
    return this.#family.planesOf(this);
  }

  /** Splits a region by the rule that decides each packet. */
  decide(region: PacketSet, budget: Budget, options?: DecideOptions): Decisions {
    this.#items ??= new RuleItems(this.entries, [...this.rules.keys()]);
    return decide(this.planes, this.entries, this.#items, region, budget, options);
  }

  get isDecided(): boolean {
    return this.#facts !== null;
  }

  /** What becomes of each rule, in the order of the rules. */
  get facts(): readonly RuleFacts[] {
    this.#facts ??= this.#factsOfTwin() ?? this.#reach.facts();
    return this.#facts;
  }

  /** What becomes of one rule, without deciding the others. */
  factsAt(index: number): RuleFacts {
    return this.#facts?.[index] ?? this.#reach.factsAt(index);
  }

  #factsOfTwin(): RuleFacts[] | null {
    const twin = this.#family.twinOf(this);
    if (twin === null) return null;
    this.#twin = twin;
    this.#reachability?.adopt(twin.#reach);
    const own = new Map(twin.rules.map((rule, index) => [rule, this.rules[index]!]));
    return twin.facts.map((facts) => ({
      ...facts,
      rule: own.get(facts.rule)!,
      by: facts.by.map((rule) => own.get(rule)!),
    }));
  }

  /** True if both lists match and do the same, rule by rule, so that what holds of one holds of the other. */
  isTwinOf(other: ListAnalysis): boolean {
    if (this.rules.length !== other.rules.length) return false;
    const mine = this.#family.planesOf(this);
    const theirs = this.#family.planesOf(other);
    return (
      mine.every(
        (plane, index) =>
          sameItems(plane.may, theirs[index]!.may) && sameItems(plane.must, theirs[index]!.must),
      ) &&
      this.rules.every((rule, index) => {
        const twin = other.rules[index]!;
        return (
          rule.action === twin.action &&
          rule.decides === twin.decides &&
          sameItems(
            rule.conditions.map(({ key }) => key),
            twin.conditions.map(({ key }) => key),
          )
        );
      })
    );
  }

  get #reach(): Reachability {
    if (this.#reachability === null) {
      this.#reachability = new Reachability(this.entries, this.#options, this.#family.planesOf(this));
      if (this.#twin !== null) this.#reachability.adopt(this.#twin.#reach);
    }
    return this.#reachability;
  }

  get classifier(): Classifier {
    this.#classifier ??= new Classifier(this.entries, this.#family.planesOf(this));
    return this.#classifier;
  }

  /** Equal numbers for rules that decide, with the same verdict and treatment; one of its own for each other rule. */
  get treatments(): Int32Array {
    return this.#reach.treatments;
  }

  /** Whether a rule is reached, and yet no packet's verdict changes without it. */
  isRemovable(index: number): boolean {
    const known = this.#removable[index];
    if (known !== undefined) return known;
    const removable = this.facts[index]?.status === "reachable" && this.#reach.isRemovable(index);
    this.#removable[index] = removable;
    return removable;
  }

  /** Whether a rule is reached, and yet its packets would get the same verdict and treatment from later rules. */
  isReplaceable(index: number): boolean {
    // What gets the same treatment gets the same verdict: one question answers both.
    return (
      this.#removable[index] !== false &&
      this.facts[index]?.status === "reachable" &&
      this.#reach.isRemovable(index, "treatment")
    );
  }

  /**
   * The later rule that alone takes all that a rule may match and treats it the same; null if it takes several, as
   * where one of another verdict stands behind them.
   */
  firstHeir(index: number): Rule | null {
    const heir = this.#reach.firstHeir(index);
    if (heir === null) return null;
    const [own, other] = [this.rules[index]!, this.rules[heir]!];
    return own.action === other.action && sameTreatment(own.treatment, other.treatment) ? other : null;
  }

  /** How much of each rule's packets gets to it. */
  get effective(): Effective {
    this.#effective ??= this.#reach.effective;
    return this.#effective;
  }

  /** What of a rule's packets still gets to it, and which earlier rules take the rest. */
  effectOf(index: number): Effect {
    const earlier = this.#reach.overlapping(index, index);
    return effectOf(this.planes, this.entries, index, earlier, { steps: EFFECT_BUDGET });
  }

  /** The later rules that would take what gets to a rule, were it taken away. */
  heirsOf(index: number): readonly Share[] {
    const others = this.#reach.overlapping(index, this.rules.length).filter((other) => other !== index);
    return heirsOf(this.planes, this.entries, index, others, { steps: EFFECT_BUDGET });
  }

  /** The kinds of packets that the list decides about. */
  get kinds(): readonly Kind[] {
    return this.name === "ethernet" ? ["ethernet"] : IP_KINDS;
  }

  /** The index of the first rule that takes every packet, so that nothing gets past it; null if there is none. */
  get catchAllIndex(): number | null {
    this.#catchAllIndex ??= this.#findCatchAll();
    return this.#catchAllIndex === NONE ? null : this.#catchAllIndex;
  }

  #findCatchAll(): number {
    const found = this.wideIndexes.find((index) => {
      const { rule, must } = this.entries[index]!;
      return (
        rule.decides &&
        rule.conditions.length === 0 &&
        this.kinds.every((kind) => containsAll(must.get(kind), UNIVERSE[kind]))
      );
    });
    return found ?? NONE;
  }

  /** The rules that are certainly for every source, destination and source port of some plane, in order. */
  get wideIndexes(): readonly number[] {
    this.#wideIndexes ??= [...this.rules.keys()].filter((index) =>
      this.planes.some(({ must }) => {
        const at = index * FIELDS;
        return must[at] === ALL && must[at + 1] === ALL && must[at + 2] === ALL;
      }),
    );
    return this.#wideIndexes;
  }

  /** A packet that reaches the end of the list; null if every packet is decided. */
  unmatched(): { readonly packet: Packet; readonly certain: boolean } | null {
    return this.#reach.unmatched(this.kinds);
  }

  /** An earlier rule for which `wanted` holds and that takes a packet of the rule at `index`, with that packet. */
  winnerAmong(index: number, wanted: (rule: Rule) => boolean): Winner | null {
    return this.#reach.winnerAmong(index, wanted);
  }
}

function containsAll(box: Box | undefined, region: Box): boolean {
  return box !== undefined && boxContains(box, region);
}

const LIST_NAMES: readonly ListName[] = ["ethernet", "firewall", "ids"];

/** One filter with its lists analysed; keep it for all questions about the filter. */
export class FilterAnalysis {
  readonly filter: Filter;
  readonly lists: readonly ListAnalysis[];
  #flowClassifier: FlowClassifier | null = null;

  private constructor(
    filter: Filter,
    families: ReadonlyMap<ListName, ListFamily>,
    options: ReachabilityOptions,
  ) {
    this.filter = filter;
    this.lists = filter.lists.map((list) => new ListAnalysis(list, families.get(list.name)!, options));
  }

  /**
   * Analyses of all filters of one input. Those of the same content share all. Others share the classes of a field if
   * its sets are the same, and nothing else, so that what is said of a filter, with the packets that show it, does not
   * depend on its neighbours.
   */
  static ofAll(filters: readonly Filter[], options: ReachabilityOptions = {}): FilterAnalysis[] {
    const first = firstOfContent(filters);
    const fields: Fields = new SharedFields();
    const families = new Map<Filter, ReadonlyMap<ListName, ListFamily>>();
    return filters.map((filter) => {
      const leader = first.get(filter) ?? filter;
      const shared =
        families.get(leader) ?? new Map(LIST_NAMES.map((name) => [name, new ListFamily(fields)]));
      families.set(leader, shared);
      return new FilterAnalysis(filter, shared, options);
    });
  }

  list(name: ListName): ListAnalysis | null {
    return this.lists.find((list) => list.name === name) ?? null;
  }

  query(flow: Flow): QueryPiece[] {
    const lists = { ethernet: this.list("ethernet"), firewall: this.list("firewall") };
    return queryFilter(lists, flow, { steps: QUERY_BUDGET });
  }

  /** What happens to IP packets. */
  queryPackets(packets: PacketSet, options?: DecideOptions): QueryPiece[] {
    const lists = { ethernet: this.list("ethernet"), firewall: this.list("firewall") };
    return queryPackets(lists, packets, { steps: QUERY_BUDGET }, options);
  }

  /** Answers flows by classes alone, for lists of them. */
  get flowClassifier(): FlowClassifier {
    this.#flowClassifier ??= new FlowClassifier(
      this.list("ethernet")?.classifier ?? null,
      this.list("firewall")?.classifier ?? null,
    );
    return this.#flowClassifier;
  }
}
