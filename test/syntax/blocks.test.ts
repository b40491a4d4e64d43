import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "@jest/globals";
import { BlockCutter, type Block } from "../../src/syntax/blocks.ts";
import { parseDump } from "../../src/syntax/parse.ts";

const read = (name: string): Buffer => readFileSync(new URL(`../../rules-fixtures/${name}`, import.meta.url));
const SESSIONS = [
  "hosts/bank/session.log",
  "hosts/clinic/session.log",
  "fleets/harbour/sessions/quay-01.log",
].map(read);

function cut(bytes: Buffer, ends: readonly number[] = []): Block[] {
  const cutter = new BlockCutter(() => {
    const hash = createHash("sha256");
    return { update: (piece) => void hash.update(piece), digest: () => hash.digest("hex") };
  });
  const places = [...new Set([...ends, bytes.length])].toSorted((a, b) => a - b);
  let from = 0;
  for (const end of places) {
    // A chunk of a stream is used again for the next: blocks must not keep it.
    const chunk = Buffer.from(bytes.subarray(from, end));
    cutter.push(chunk);
    chunk.fill(0);
    from = end;
  }
  return cutter.end();
}

describe("a session cut into blocks", () => {
  it("is the same whatever chunks it comes in", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SESSIONS),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }),
        (bytes, ends) => {
          const whole = cut(bytes);
          expect(
            cut(
              bytes,
              ends.map((end) => Math.floor(end * bytes.length)),
            ),
          ).toEqual(whole);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each(SESSIONS.map((bytes) => [bytes]))("holds every byte once, and hashes what it leaves", (bytes) => {
    const blocks = cut(bytes);
    expect(blocks.some(({ filter }) => filter !== null)).toBe(true);
    let at = 0;
    let line = 1;
    for (const { start, body, end, head, kept, hash, line: first, filter } of blocks) {
      expect({ start, first }).toEqual({ start: at, first: line });
      expect(Buffer.from(head)).toEqual(bytes.subarray(start, body));
      const printed = bytes.subarray(body, end);
      if (filter === null) expect(Buffer.from(kept!)).toEqual(printed);
      else expect(hash).toBe(createHash("sha256").update(printed).digest("hex"));
      line += bytes.subarray(start, end).toString("latin1").split("\n").length - 1;
      at = end;
    }
    expect(at).toBe(bytes.length);
  });

  it.each(SESSIONS.map((bytes) => [bytes]))("is cut where the grammar sees prompts", (bytes) => {
    const text = bytes.toString("latin1");
    const prompts = new Set(
      parseDump("session.log", text).items.flatMap(({ type, range }) =>
        type === "prompt" ? [range.start] : [],
      ),
    );
    for (const { start, head } of cut(bytes)) if (head.length > 0) expect(prompts).toContain(start);
  });
});
