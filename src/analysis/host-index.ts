const PREFIXES = 2 ** 16;

/** Finds the cell that an IPv4 address lies in: by its first two octets, then among the few cells that begin there. */
export class HostIndex {
  /** Where each cell begins. */
  readonly #starts: Uint32Array;
  /** The cell of the first address of each prefix. */
  readonly #cellOfPrefix: Int32Array;

  /** @param bounds cell k holds the addresses from bound k up to bound k + 1; the first is 0 and the last 2 ** 32 */
  constructor(bounds: readonly (number | bigint)[]) {
    this.#starts = Uint32Array.from(bounds.slice(0, -1), Number);
    this.#cellOfPrefix = new Int32Array(PREFIXES + 1).fill(this.#starts.length - 1);
    let cell = 0;
    for (let prefix = 0; prefix < PREFIXES; prefix += 1) {
      while (cell + 1 < this.#starts.length && this.#starts[cell + 1]! <= prefix * PREFIXES) cell += 1;
      this.#cellOfPrefix[prefix] = cell;
    }
  }

  cellAt(address: number): number {
    const starts = this.#starts;
    let low = this.#cellOfPrefix[address >>> 16]!;
    let high = this.#cellOfPrefix[(address >>> 16) + 1]!;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= address) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
