/**
 * A set of whole numbers as sorted bounds: even entries begin a range, odd ones end it (exclusive). Bounds only
 * ever need comparing, so one code serves ports and IPv4 and MAC addresses (number) and IPv6 addresses (bigint).
 * The form is canonical: no range is empty and no two touch, so equal sets have equal bounds.
 */
export type Ranges<T extends number | bigint = number | bigint> = readonly T[];

export const EMPTY: Ranges<never> = [];

/** One range; both ends belong to it. */
export interface Span<T> {
  readonly first: T;
  readonly last: T;
}

/** The canonical set of spans in any order, overlapping or not. Spans that end before they begin are left out. */
export function fromSpans<T extends number | bigint>(spans: Iterable<Span<T>>): Ranges<T> {
  const sorted = [...spans].filter(({ first, last }) => first <= last);
  sorted.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const bounds: T[] = [];
  for (const { first, last } of sorted) {
    const end = next(last);
    const previousEnd = bounds.at(-1);
    if (previousEnd === undefined || first > previousEnd) bounds.push(first, end);
    else if (end > previousEnd) bounds[bounds.length - 1] = end;
  }
  return bounds;
}

export function toSpans<T extends number | bigint>(ranges: Ranges<T>): Span<T>[] {
  const spans: Span<T>[] = [];
  for (let i = 0; i < ranges.length; i += 2)
    spans.push({ first: ranges[i]!, last: previous(ranges[i + 1]!) });
  return spans;
}

export function single<T extends number | bigint>(value: T): Ranges<T> {
  return [value, next(value)];
}

export function isEmpty(ranges: Ranges): boolean {
  return ranges.length === 0;
}

export function equals<T extends number | bigint>(a: Ranges<T>, b: Ranges<T>): boolean {
  return a === b || (a.length === b.length && a.every((bound, i) => bound === b[i]));
}

export function has<T extends number | bigint>(ranges: Ranges<T>, value: T): boolean {
  return boundsUpTo(ranges, value) % 2 === 1;
}

/** How many bounds are at most this value. */
function boundsUpTo<T extends number | bigint>(ranges: Ranges<T>, value: T): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function union<T extends number | bigint>(a: Ranges<T>, b: Ranges<T>): Ranges<T> {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  return sweep(a, b, (inA, inB) => inA || inB);
}

/** Of many sets, two by two: one after the other would copy what there is so far again for each. */
export function unionOf<T extends number | bigint>(sets: readonly Ranges<T>[]): Ranges<T> {
  if (sets.length === 0) return EMPTY;
  if (sets.length === 1) return sets[0]!;
  const half = sets.length >> 1;
  return union(unionOf(sets.slice(0, half)), unionOf(sets.slice(half)));
}

export function intersection<T extends number | bigint>(a: Ranges<T>, b: Ranges<T>): Ranges<T> {
  if (a === b) return a;
  return sweep(a, b, (inA, inB) => inA && inB);
}

export function difference<T extends number | bigint>(a: Ranges<T>, b: Ranges<T>): Ranges<T> {
  if (a === b) return EMPTY;
  return sweep(a, b, (inA, inB) => inA && !inB);
}

function sweep<T extends number | bigint>(
  a: Ranges<T>,
  b: Ranges<T>,
  keep: (inA: boolean, inB: boolean) => boolean,
): Ranges<T> {
  const bounds: T[] = [];
  let i = 0;
  let j = 0;
  let inside = false;
  while (i < a.length || j < b.length) {
    const at = j >= b.length || (i < a.length && a[i]! <= b[j]!) ? a[i]! : b[j]!;
    while (i < a.length && a[i] === at) i += 1;
    while (j < b.length && b[j] === at) j += 1;
    const kept = keep(i % 2 === 1, j % 2 === 1);
    if (kept !== inside) {
      bounds.push(at);
      inside = kept;
    }
  }
  return bounds;
}

export function overlaps<T extends number | bigint>(a: Ranges<T>, b: Ranges<T>): boolean {
  // Walks the shorter set and looks the longer one up: a group of hosts against "any" costs next to nothing.
  if (a.length > b.length) return overlaps(b, a);
  for (let i = 0; i < a.length; i += 2) {
    const at = boundsUpTo(b, a[i]!);
    if (at % 2 === 1) return true;
    if (at < b.length && b[at]! < a[i + 1]!) return true;
  }
  return false;
}

/** True if every value of `inner` is in `outer`. */
export function contains<T extends number | bigint>(outer: Ranges<T>, inner: Ranges<T>): boolean {
  if (outer === inner) return true;
  for (let i = 0; i < inner.length; i += 2) {
    const at = boundsUpTo(outer, inner[i]!);
    if (at % 2 === 0 || outer[at]! < inner[i + 1]!) return false;
  }
  return true;
}

/** How many values the set has. */
export function size(ranges: Ranges): bigint {
  let count = 0n;
  for (let i = 0; i < ranges.length; i += 2) count += BigInt(ranges[i + 1]!) - BigInt(ranges[i]!);
  return count;
}

function next<T extends number | bigint>(value: T): T {
  return plus(value, 1) as T;
}

function previous<T extends number | bigint>(value: T): T {
  return plus(value, -1) as T;
}

function plus(value: number | bigint, by: number): number | bigint {
  return typeof value === "bigint" ? value + BigInt(by) : value + by;
}
