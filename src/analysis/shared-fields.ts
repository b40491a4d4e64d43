import { equals, type Ranges } from "../model/ranges.ts";

/** Things that depend on a list only, made once for all equal lists. */
class Shared<Item, Made> {
  readonly #known = new Map<string, { readonly items: readonly Item[]; readonly made: Made }[]>();
  readonly #digest: (items: readonly Item[]) => string;
  readonly #same: (a: Item, b: Item) => boolean;

  /**
   * @param digest equal for equal lists, and mostly not for others
   */
  constructor(digest: (items: readonly Item[]) => string, same: (a: Item, b: Item) => boolean) {
    this.#digest = digest;
    this.#same = same;
  }

  of(place: string, items: readonly Item[], make: () => Made): Made {
    const key = `${place} ${items.length} ${this.#digest(items)}`;
    const alike = this.#known.get(key) ?? [];
    this.#known.set(key, alike);
    const known = alike.find((other) => other.items.every((item, index) => this.#same(item, items[index]!)));
    if (known !== undefined) return known.made;
    const made = make();
    alike.push({ items, made });
    return made;
  }
}

/**
 * The fields of planes, which depend on the sets over them and nothing else: lists of rules whose sets are the same, in
 * the order in which the rules name them first, have the same fields, whatever else their rules say. So what is said of
 * a list does not depend on which others were looked at before.
 */
export class SharedFields<Values, Headers> {
  /** By the sets of addresses or ports. */
  readonly values = new Shared<Ranges, Values>(
    (sets) => `${sets.reduce((sum, { length }) => sum + length, 0)}`,
    (a, b) => a === b || equals(a, b),
  );
  /** By the text of each set of headers. */
  readonly headers = new Shared<string, Headers>(
    (keys) => `${keys.reduce((sum, { length }) => sum + length, 0)}`,
    (a, b) => a === b,
  );
}
