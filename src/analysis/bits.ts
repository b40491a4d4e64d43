/** Rows of bits, 32 to a word: sets of small whole numbers that are combined a word at a time. */
export type Bits = Uint32Array;

export function emptyBits(count: number): Bits {
  return new Uint32Array((count + 31) >>> 5);
}

export function setBit(bits: Bits, index: number): void {
  bits[index >>> 5]! |= 1 << (index & 31);
}

export function hasBit(bits: Bits, index: number): boolean {
  return ((bits[index >>> 5]! >>> (index & 31)) & 1) === 1;
}

export function intersectsBits(a: Bits, b: Bits): boolean {
  for (let word = 0; word < a.length; word += 1) if ((a[word]! & b[word]!) !== 0) return true;
  return false;
}

export function isSubsetOf(inner: Bits, outer: Bits): boolean {
  for (let word = 0; word < inner.length; word += 1) if ((inner[word]! & ~outer[word]!) !== 0) return false;
  return true;
}

export function countBits(bits: Bits): number {
  let count = 0;
  for (const word of bits) count += bitsOfWord(word);
  return count;
}

function bitsOfWord(word: number): number {
  let rest = word - ((word >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Numbers the bits that are set, in order: a short table for a few members of a large set. */
export class Places {
  readonly count: number;
  readonly #bits: Bits;
  /** How many are set before each word. */
  readonly #before: Int32Array;

  constructor(bits: Bits) {
    this.#bits = bits;
    this.#before = new Int32Array(bits.length);
    let count = 0;
    for (let word = 0; word < bits.length; word += 1) {
      this.#before[word] = count;
      count += bitsOfWord(bits[word]!);
    }
    this.count = count;
  }

  /** How many numbers it keeps. */
  get size(): number {
    return 2 * this.#bits.length;
  }

  /** The number of a bit; -1 if it is not set. */
  of(index: number): number {
    const word = this.#bits[index >>> 5]!;
    const bit = 1 << (index & 31);
    return (word & bit) === 0 ? -1 : this.#before[index >>> 5]! + bitsOfWord(word & (bit - 1));
  }
}

/** The lowest index in both rows; -1 if they have none in common. */
export function firstCommonBit(a: Bits, b: Bits): number {
  for (let word = 0; word < a.length; word += 1) {
    const common = a[word]! & b[word]!;
    if (common !== 0) return word * 32 + lowestBit(common);
  }
  return -1;
}

/** The position of the lowest bit of a word that is not zero. */
export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** The indexes of the bits that are set, in order. */
export function indexesOf(bits: Bits): number[] {
  const indexes: number[] = [];
  for (let word = 0; word < bits.length; word += 1) {
    for (let rest = bits[word]!; rest !== 0; rest &= rest - 1) indexes.push(word * 32 + lowestBit(rest));
  }
  return indexes;
}
