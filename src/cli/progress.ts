import type { Io } from "./io.ts";

const FIRST_AFTER_MILLISECONDS = 700;
const AGAIN_AFTER_MILLISECONDS = 150;

/**
 * Shows how far long work is, on one line of the terminal that standard error is, and clears the line at the end.
 * Undefined where standard error is no terminal: then nothing is shown.
 */
export function progressOn(
  io: Io,
  what = "rules decided",
): ((done: number, total: number) => void) | undefined {
  if (io.stderr.isTTY !== true) return undefined;
  let next = performance.now() + FIRST_AFTER_MILLISECONDS;
  let shown = false;
  return (done, total) => {
    const now = performance.now();
    if (done >= total) {
      if (shown) io.stderr.write("\r\u001b[K");
      shown = false;
    } else if (now >= next) {
      io.stderr.write(
        `\r\u001b[Kdfwlint: ${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${what}`,
      );
      shown = true;
      next = now + AGAIN_AFTER_MILLISECONDS;
    }
  };
}
