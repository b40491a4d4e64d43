import {
  DESTINATION_SIDE,
  SOURCE_SIDE,
  boxesOverlap,
  intersectBoxes,
  type Box,
} from "../../analysis/boxes.ts";
import type { PacketSet } from "../../analysis/packet-set.ts";
import type { Detail, FrameAddresses } from "../../analysis/passage.ts";
import type { Direction } from "../../model/rule.ts";
import { CommonPackets, type Common } from "./common-packets.ts";
import type { AskedRules, Passing } from "./rules.ts";

/** Comparisons made for one question; beyond it the rest is not decided. */
const BUDGET = 60_000_000;

/**
 * Asks filters about parts of one question. Each filter is asked of the whole question once: splitting its packets again
 * for each of a thousand routes would take a thousand times as long.
 */
export class Asker {
  readonly detail: Detail;
  readonly #all: PacketSet;
  readonly #asked = new Map<AskedRules, Map<string, readonly Passing[]>>();
  readonly #budget: { steps: number };
  #isCut = false;

  /** @param all the packets of the whole question */
  constructor(all: PacketSet, detail: Detail, budget = BUDGET) {
    this.#all = all;
    this.detail = detail;
    this.#budget = { steps: budget };
  }

  /** What the filter does with a part of the packets. */
  ask(rules: AskedRules, packets: PacketSet, direction: Direction, frames: FrameAddresses): Passing[] {
    return this.#whole(rules, direction, frames).flatMap((one) => {
      const inside = this.common(one.packets, packets);
      return inside.length === 0 ? [] : [{ ...one, packets: inside }];
    });
  }

  #whole(rules: AskedRules, direction: Direction, frames: FrameAddresses): readonly Passing[] {
    const known = this.#asked.get(rules) ?? new Map<string, readonly Passing[]>();
    this.#asked.set(rules, known);
    const key = `${direction} ${frames.sourceMacs.join()} ${frames.destinationMacs.join()}`;
    const passages = known.get(key) ?? rules.pass(this.#all, direction, frames, this.detail);
    known.set(key, passages);
    if (passages.some(({ verdict }) => verdict === "uncertain")) this.cut();
    return passages;
  }

  /** False where it took too long: then nothing that `common` found is complete. */
  get enough(): boolean {
    return this.#budget.steps > 0;
  }

  /** True where something was too much to be told in this detail. */
  get isCut(): boolean {
    return this.#isCut || !this.enough;
  }

  cut(): void {
    this.#isCut = true;
  }

  /** The packets of both. */
  common(a: PacketSet, b: PacketSet): PacketSet {
    this.#budget.steps -= a.length * b.length;
    if (!this.enough) return [];
    const result: Box[] = [];
    for (const box of a) {
      for (const other of b) {
        if (apart(box, other, SOURCE_SIDE) || apart(box, other, DESTINATION_SIDE)) continue;
        const both = boxesOverlap(box, other) ? intersectBoxes(box, other) : null;
        if (both !== null) result.push(both);
      }
    }
    return result;
  }

  /** The packets of one of these and one of those, for all of them at once. */
  commonOfAll(
    these: readonly PacketSet[],
    those: readonly PacketSet[],
    most: Parameters<CommonPackets["run"]>[0],
  ): Common {
    return new CommonPackets(these, those, this.#budget).run(most);
  }
}

/** Quickly: whether one box's addresses all come before the other's. */
function apart(a: Box, b: Box, side: number): boolean {
  if (a.kind !== b.kind) return true;
  const [one, other] = [a.sides[side]!, b.sides[side]!];
  return one[0]! >= other[other.length - 1]! || other[0]! >= one[one.length - 1]!;
}
