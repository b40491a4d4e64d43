import type { AddressNode } from "../syntax/nodes.ts";
import { printAddress } from "../syntax/print.ts";
import type { ListAnalysis } from "../analysis/analysis.ts";
import { boxesOverlap } from "../analysis/boxes.ts";
import type { Entry } from "../analysis/entries.ts";
import type { Rule } from "../model/rule.ts";

/**
 * When may a line of a list move up to an earlier place? Two neighbours can change places without any packet noticing
 * if no packet may match both, or if both decide and give the same verdict and the same treatment: then it does not
 * matter which of them takes a packet, nor whether what one of them demands and the dump does not hold is so. A move up
 * is a number of such steps, one past every line between. Several moves at once are exact too if each was checked
 * against all lines that stand between its places: two lines that cannot change places never do, because the later of
 * them passes only what it was checked against, and the earlier moves up, if at all.
 */
export class Rearranging {
  readonly #entries: readonly Entry[];
  /** A number for each verdict with its treatment; each line that does not decide has one of its own. */
  readonly #decisions: Int32Array;
  /** For each line the nearest earlier one with another decision; -1 if there is none. */
  readonly #before: Int32Array;

  constructor({ entries, treatments }: ListAnalysis) {
    this.#entries = entries;
    this.#decisions = treatments;
    this.#before = new Int32Array(entries.length).fill(-1);
    for (let index = 1; index < entries.length; index += 1) {
      this.#before[index] =
        this.#decisions[index - 1] === this.#decisions[index] ? this.#before[index - 1]! : index - 1;
    }
  }

  /**
   * Whether a line may move up past all lines from `first` to `last`, or `last` downwards to `first`. Lines of the same
   * decision cost nothing; beyond so many others it gives up.
   */
  passes(index: number, first: number, last: number, most: number): boolean {
    const decision = this.#decisions[index]!;
    let left = most;
    for (let other = last; other >= first; other -= 1) {
      if (this.#decisions[other] === decision) {
        other = this.#before[other]! + 1;
        continue;
      }
      if (left === 0 || mayOverlap(this.#entries[other]!, this.#entries[index]!)) return false;
      left -= 1;
    }
    return true;
  }
}

/** Whether two rules say the same of a side, by the set's name. */
export function sameAddress(a: AddressNode, b: AddressNode): boolean {
  if (a.type === "any" || b.type === "any") return a.type === b.type;
  if (a.negated !== b.negated) return false;
  if (a.type === "addrset") return b.type === "addrset" && a.name === b.name;
  return printAddress(a) === printAddress(b);
}

function mayOverlap(a: Entry, b: Entry): boolean {
  for (const [kind, box] of a.may) {
    const other = b.may.get(kind);
    if (other !== undefined && boxesOverlap(box, other)) return true;
  }
  return false;
}

const known = new WeakMap<ListAnalysis, { rearranging: Rearranging; runs: readonly Run[] }>();

/** What moving lines of a list needs, and its rules of the manager. */
export function rearrangingOf(list: ListAnalysis): { rearranging: Rearranging; runs: readonly Run[] } {
  let found = known.get(list);
  if (found === undefined) {
    found = { rearranging: new Rearranging(list), runs: runsOf(list.rules) };
    known.set(list, found);
  }
  return found;
}

/** Consecutive lines of one rule of the manager: first index and end (exclusive). */
export interface Run {
  readonly start: number;
  readonly end: number;
}

/** The list cut into runs of lines that have one id, ruleset and category; text that does not parse is left out. */
function runsOf(rules: readonly Rule[]): Run[] {
  const runs: Run[] = [];
  let start = 0;
  for (let index = 1; index <= rules.length; index += 1) {
    if (index < rules.length && sameRule(rules[index]!, rules[start]!)) continue;
    if (rules[start]!.node !== null) runs.push({ start, end: index });
    start = index;
  }
  return runs;
}

function sameRule({ node, reference: a }: Rule, { reference: b }: Rule): boolean {
  return a.id === b.id && node !== null && a.category === b.category && a.ruleset === b.ruleset;
}
