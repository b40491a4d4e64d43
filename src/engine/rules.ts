import type { ListAnalysis } from "../analysis/analysis.ts";
import type { Share } from "../analysis/effect.ts";
import type { Rule } from "../model/rule.ts";
import { flowResult, powerOfTwo, referenceResult } from "./convert.ts";
import type { Input } from "./input.ts";
import { VERSION, type EffectResult, type RuleRow, type RulesResult, type ShareResult } from "./results.ts";

/**
 * What each rule does, in the order of the text. Text that does not parse is no rule and is a finding instead.
 * With `effect`, also which part of each rule's packets gets to it and who takes the rest.
 */
export function describeRules(input: Input, options: { effect?: boolean } = {}): RulesResult {
  return {
    version: VERSION,
    filters: input.filters.map(({ filter, lists }) => {
      const rows = new Map<Rule, RuleRow>(
        lists.flatMap((list) =>
          list.rules.map((rule, index) => [rule, rowOf(list, index, options.effect === true)]),
        ),
      );
      return {
        name: filter.name,
        rules: filter.rules.flatMap((rule) => (rule.node === null ? [] : [rows.get(rule)!])),
      };
    }),
  };
}

function rowOf(list: ListAnalysis, index: number, withEffect: boolean): RuleRow {
  const { rule, status, by, certain, reason, witness } = list.facts[index]!;
  return {
    ...referenceResult(rule.reference),
    action: rule.action,
    internal: rule.internal,
    status,
    by: by.map(({ reference }) => referenceResult(reference)),
    removable: list.isRemovable(index),
    certain,
    reason,
    witness: witness === null ? null : flowResult(witness),
    ...(withEffect ? { effect: effectResult(list, index) } : {}),
  };
}

function effectResult(list: ListAnalysis, index: number): EffectResult {
  const { size, left, lost } = list.effectOf(index);
  return {
    part: left === null ? "unknown" : left === 0n ? "empty" : left === size ? "whole" : "part",
    matches: powerOfTwo(size),
    left: left === null ? null : powerOfTwo(left),
    lost: lost.map(shareResult),
    heirs: list.isRemovable(index) ? list.heirsOf(index).map(shareResult) : [],
  };
}

function shareResult({ rule, size, witness }: Share): ShareResult {
  return { rule: referenceResult(rule.reference), packets: powerOfTwo(size)!, witness: flowResult(witness) };
}
