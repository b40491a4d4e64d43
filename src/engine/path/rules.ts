import type { FilterAnalysis } from "../../analysis/analysis.ts";
import type { PacketSet } from "../../analysis/packet-set.ts";
import { passage, type Detail, type FrameAddresses, type Passage } from "../../analysis/passage.ts";
import type { AddressSet, Direction, Filter } from "../../model/rule.ts";
import { referenceResult } from "../convert.ts";
import type { RuleReferenceResult } from "../results.ts";

/** Packets that one rule of a filter decides, or none; rules as results name them. */
export interface Passing extends Omit<Passage, "rule" | "dependsOn"> {
  readonly rule: RuleReferenceResult | null;
  readonly dependsOn: readonly { readonly rule: RuleReferenceResult; readonly reason: string }[];
}

/** What tells a rule among those of a filter. */
export type RuleName = Pick<RuleReferenceResult, "ruleset" | "category" | "id" | "position">;

/** The rules of a filter, as far as ways ask for them. */
export interface AskedRules {
  /** Perhaps in outline only. */
  readonly filter: Filter;
  /** At least those that the question names are more than an outline. */
  readonly addressSets: ReadonlyMap<string, AddressSet>;
  pass(packets: PacketSet, direction: Direction, frames: FrameAddresses, detail: Detail): readonly Passing[];
  /** The rule of that name; null if there is none. */
  find(name: RuleName): RuleReferenceResult | null;
}

/** Rules that were read with everything else. */
export class ReadRules implements AskedRules {
  readonly #analysis: FilterAnalysis;

  constructor(analysis: FilterAnalysis) {
    this.#analysis = analysis;
  }

  get filter(): Filter {
    return this.#analysis.filter;
  }

  get addressSets(): ReadonlyMap<string, AddressSet> {
    return this.filter.addressSets;
  }

  pass(packets: PacketSet, direction: Direction, frames: FrameAddresses, detail: Detail): Passing[] {
    return passage(this.#analysis, packets, direction, frames, detail).map(
      ({ rule, dependsOn, ...passed }) => ({
        ...passed,
        rule: rule === null ? null : referenceResult(rule.reference),
        dependsOn: dependsOn.map((other) => ({
          rule: referenceResult(other.rule.reference),
          reason: other.reason,
        })),
      }),
    );
  }

  find({ ruleset, category, id, position }: RuleName): RuleReferenceResult | null {
    const found = this.filter.rules.find(
      ({ reference }) =>
        reference.id === id &&
        reference.position === position &&
        reference.ruleset === ruleset &&
        reference.category === category,
    );
    return found === undefined ? null : referenceResult(found.reference);
  }
}
