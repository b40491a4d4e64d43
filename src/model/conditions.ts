import type { Condition } from "./rule.ts";

/** True if whatever meets `more` meets `fewer` too: then a rule with `fewer` takes all that one with `more` would. */
export function implies(more: readonly Condition[], fewer: readonly Condition[]): boolean {
  return fewer.every(({ key }) => more.some((condition) => condition.key === key));
}
