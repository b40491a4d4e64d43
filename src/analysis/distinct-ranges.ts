import { equals, type Ranges } from "../model/ranges.ts";

/** Numbers ranges, so that equal ones have the same small number, whatever they are called and wherever they come from. */
export class DistinctRanges {
  /** Those that differ, by their numbers. */
  readonly all: Ranges[] = [];
  readonly #numbers = new Map<Ranges, number>();
  readonly #alike = new Map<string, number[]>();

  numberOf(ranges: Ranges): number {
    const known = this.#numbers.get(ranges);
    if (known !== undefined) return known;
    let sum = 0;
    for (const bound of ranges) sum += Number(bound);
    const key = `${ranges.length} ${sum}`;
    const alike = this.#alike.get(key) ?? [];
    this.#alike.set(key, alike);
    let number = alike.find((place) => equals(this.all[place]!, ranges));
    if (number === undefined) {
      number = this.all.length;
      this.all.push(ranges);
      alike.push(number);
    }
    this.#numbers.set(ranges, number);
    return number;
  }

  /** One object for all that are equal. */
  of(ranges: Ranges): Ranges {
    return this.all[this.numberOf(ranges)]!;
  }
}
