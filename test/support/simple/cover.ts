import type { Packet } from "../../../src/model/packet.ts";
import { contains } from "../../../src/model/ranges.ts";
import { boxContains, boxesOverlap, sampleBox, subtractBox, type Box } from "../../../src/analysis/boxes.ts";

/** Work left, shared by all searches of one question, so that no input can hang the program. */
export interface Budget {
  steps: number;
}

/** A box that belongs to something, such as the rule that takes it. */
export interface OwnedBox<Owner> {
  readonly owner: Owner;
  readonly box: Box;
}

export type Cover<Owner> =
  /** Every packet of the region is in one of these owners' boxes. */
  | { readonly type: "covered"; readonly by: ReadonlySet<Owner> }
  /** This packet of the region is in no cover. */
  | { readonly type: "gap"; readonly packet: Packet; readonly box: Box }
  /** The budget ran out first. */
  | { readonly type: "undecided" };

/**
 * Decides whether boxes together cover a region, by subtracting them one by one, depth first, and stopping at the
 * first piece that nothing takes. Always takes next the box that splits the piece least: one that spans it on all
 * sides but one leaves a single piece behind.
 */
export function findGap<Owner>(
  region: Box,
  covers: readonly OwnedBox<Owner>[],
  budget: Budget,
): Cover<Owner> {
  const by = new Set<Owner>();
  const stack = [{ piece: region, covers: covers.filter(({ box }) => boxesOverlap(box, region)) }];
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    const { piece } = work;
    if (work.covers.length === 0) return { type: "gap", packet: sampleBox(piece), box: piece };
    budget.steps -= work.covers.length;
    if (budget.steps < 0) return { type: "undecided" };
    const whole = work.covers.find(({ box }) => boxContains(box, piece));
    if (whole !== undefined) {
      by.add(whole.owner);
      continue;
    }
    const best = leastSplitting(piece, work.covers);
    by.add(best.owner);
    const rest = work.covers.filter((cover) => cover !== best);
    const pieces = subtractBox(piece, best.box).map((part) => ({
      piece: part,
      covers: rest.filter(({ box }) => boxesOverlap(box, part)),
    }));
    // The piece that fewest boxes touch is the likeliest gap: it comes last on the stack, so next off it.
    pieces.sort((a, b) => b.covers.length - a.covers.length);
    stack.push(...pieces);
  }
  return { type: "covered", by };
}

function leastSplitting<Owner>(piece: Box, covers: readonly OwnedBox<Owner>[]): OwnedBox<Owner> {
  let best = covers[0]!;
  let fewest = Infinity;
  for (const cover of covers) {
    let splits = 0;
    for (let side = 0; side < piece.sides.length && splits < fewest; side += 1) {
      if (!contains(cover.box.sides[side]!, piece.sides[side]!)) splits += 1;
    }
    if (splits < fewest) {
      best = cover;
      fewest = splits;
      if (splits === 1) break;
    }
  }
  return best;
}
