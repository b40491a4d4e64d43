/**
 * A map by lists of whole numbers. A text of them as the key would do the same, and takes several times as long to make
 * and to keep.
 */
export class NumbersMap<Value> {
  readonly #entries = new Map<number, { readonly numbers: readonly number[]; readonly value: Value }[]>();

  get(numbers: readonly number[]): Value | undefined {
    return this.#entries.get(digest(numbers))?.find((entry) => sameItems(entry.numbers, numbers))?.value;
  }

  /** Of a list that has no value yet. */
  set(numbers: readonly number[], value: Value): void {
    const key = digest(numbers);
    const alike = this.#entries.get(key);
    if (alike === undefined) this.#entries.set(key, [{ numbers, value }]);
    else alike.push({ numbers, value });
  }
}

export function sameItems<T>(a: ArrayLike<T>, b: ArrayLike<T>): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

/** Mostly another number for other numbers (FNV-1a, a number a step). */
function digest(numbers: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const number of numbers) hash = Math.imul(hash ^ number, 0x01000193);
  return hash;
}
