import fc from "fast-check";
import { describe, expect, it } from "@jest/globals";
import { clip, safe, safeJson, safeLine } from "../../src/report/safe.ts";

/** Any code unit at all, often one that a terminal would act on. */
const wild = fc
  .array(
    fc.oneof(
      fc.nat(0xffff).map((code) => String.fromCharCode(code)),
      fc.constantFrom(
        "\u001b[31m",
        "\u009b",
        "\u0007",
        "\r",
        "\n",
        "\t",
        "\u202e",
        "\u2066",
        "\ud83d\ude00",
        "\udb40\udc41",
        "\\",
        '"',
      ),
    ),
  )
  .map((parts) => parts.join(""));

const TERMINAL = new RegExp(
  String.raw`[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\udb40]`,
);

describe("text that a terminal gets", () => {
  it("is one line without anything that it would act on", () => {
    fc.assert(
      fc.property(wild, (text) => {
        expect(safe(text)).not.toMatch(TERMINAL);
        expect(safe(text)).not.toContain("\n");
        // Half a character does not survive this.
        expect(Buffer.from(safe(text)).toString()).toBe(safe(text));
      }),
    );
  });

  it("is left as it is where nothing is wrong with it", () => {
    for (const text of ["ip-securitygroup-12", "Büro Köln", "組織 \u{1f512}", "a\\u001b", "'x;y'"])
      expect(safe(text)).toBe(text);
    expect(safe("a\u001b[2J\u009b\u{e0041}")).toBe("a\\u001b[2J\\u009b\\udb40\\udc41");
  });

  it("as a line of source keeps every character in its place", () => {
    fc.assert(
      fc.property(wild, (text) => {
        expect(safeLine(text)).toHaveLength(text.length);
        expect(safeLine(text)).not.toMatch(TERMINAL);
      }),
    );
  });

  it("as JSON is still the same value", () => {
    fc.assert(
      fc.property(
        fc.dictionary(wild, fc.oneof(wild, fc.array(wild))),
        fc.constantFrom(undefined, 2),
        (value, indent) => {
          const text = safeJson(value, indent);
          expect(JSON.parse(text)).toEqual(value);
          expect(text).not.toMatch(TERMINAL);
        },
      ),
    );
  });

  it("is cut between characters, and marked where it is", () => {
    expect(clip("abcdef", 0, 6)).toBe("abcdef");
    expect(clip("abcdef", 0, 3)).toBe("abc…");
    expect(clip("abcdef", 2, 3)).toBe("…cde…");
    expect(clip("abcdef", 3, 9)).toBe("…def");
    expect(clip("\u{1f512}\u{1f512}\u{1f512}", 1, 2)).toBe("…\u{1f512}…");
  });
});
