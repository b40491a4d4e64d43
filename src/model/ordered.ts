/** The last of ordered things for which something holds that holds for the first of them. */
export function lastBefore<T>(things: readonly T[], holds: (thing: T) => boolean): T | null {
  let low = 0;
  let high = things.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(things[middle]!)) low = middle + 1;
    else high = middle;
  }
  return things[low - 1] ?? null;
}
