import { expect, it } from "@jest/globals";
import fc from "fast-check";
import { Dimension } from "../../src/analysis/dimension.ts";

const CELLS = 12;
const cells = fc.uniqueArray(fc.nat(CELLS - 1), { minLength: 1, maxLength: CELLS - 1 });

it("groups classes by the first set that holds them, the same when it is asked again", () => {
  fc.assert(
    fc.property(
      fc.array(cells, { minLength: 1, maxLength: 8 }),
      fc.option(cells),
      fc.nat(),
      (sets, part, turn) => {
        const runs = sets.map((set) =>
          Int32Array.from(set.toSorted((a, b) => a - b).flatMap((c) => [c, c + 1])),
        );
        const { dimension, ids } = Dimension.build(CELLS, runs);
        const asked = [...new Set(ids)];
        const order = [...asked.slice(turn % asked.length), ...asked.slice(0, turn % asked.length)];
        const list =
          part === null
            ? null
            : Int32Array.from(new Set(part.map((cell) => dimension.classOf[cell]!))).toSorted();
        const first = new Map<number, number[]>();
        for (const c of list ?? Array.from({ length: dimension.classCount }, (_, own) => own)) {
          const set = order.find((id) => dimension.holds(id, c));
          if (set !== undefined) first.set(set, [...(first.get(set) ?? []), c]);
        }
        for (const _ of ["first", "again"]) {
          const { groups } = dimension.groupsByFirst(list, order);
          expect(new Map(groups.map(({ sets: [set], classes }) => [set, [...classes]]))).toEqual(first);
        }
        // What all of them hold alike lies in one group of the first.
        for (const { sets: holders, classes } of dimension.groupsBy(list, order).groups) {
          expect([...classes]).toEqual([...classes].toSorted((a, b) => a - b));
          const set = order.find((id) => holders.includes(id))!;
          expect(first.get(set)).toEqual(expect.arrayContaining([...classes]));
        }
      },
    ),
  );
});
