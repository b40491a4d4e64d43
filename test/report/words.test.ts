import fc from "fast-check";
import { describe, expect, it } from "@jest/globals";
import type { RegionBox } from "../../src/engine/results.ts";
import { missingAddresses, missingPorts } from "../../src/report/exceptions.ts";
import { table } from "../../src/report/table.ts";
import { boxText, flowText, regionTexts } from "../../src/report/words.ts";

const BOX = {
  directions: ["in", "out"],
  family: "ipv4",
  src: ["10.1.1.5"],
  dst: ["any"],
  protocols: ["tcp"],
  srcPorts: ["0-65535"],
  dstPorts: ["443"],
  icmpTypes: null,
  icmpCodes: null,
} as const satisfies RegionBox;

describe("a region in words", () => {
  it.each([
    [{}, "both directions, tcp, 10.1.1.5 -> any IPv4, all source ports, port 443"],
    [
      { directions: ["out"], dstPorts: ["80", "443"] },
      "out, tcp, 10.1.1.5 -> any IPv4, all source ports, ports 80,443",
    ],
    [
      { dstPorts: ["0-79", "81-65535"] },
      "both directions, tcp, 10.1.1.5 -> any IPv4, all source ports, all ports but 80",
    ],
    [
      { dstPorts: ["0-79", "81-400"] },
      "both directions, tcp, 10.1.1.5 -> any IPv4, all source ports, ports 0-79,81-400",
    ],
    [
      { dst: ["0.0.0.0/5", "8.0.0.0-10.1.0.255", "10.1.2.0-255.255.255.254", "255.255.255.255"] },
      "both directions, tcp, 10.1.1.5 -> any IPv4 but 10.1.1.0/24, all source ports, port 443",
    ],
    [
      { protocols: ["icmp"], srcPorts: null, dstPorts: null, icmpTypes: ["8"], icmpCodes: ["0-255"] },
      "both directions, icmp, 10.1.1.5 -> any IPv4, ICMP type 8, all codes",
    ],
    [
      { family: "ipv6", src: ["any"], protocols: ["any"], srcPorts: null, dstPorts: null },
      "both directions, any protocol, any IPv6 -> any IPv6",
    ],
    [
      { dst: Array.from({ length: 40 }, (_, index) => `10.0.${index}.1`) },
      "both directions, tcp, 10.1.1.5 -> 10.0.0.1,10.0.1.1,10.0.2.1,10.0.3.1,10.0.4.1,10.0.5.1,10.0.6.1,10.0.7.1 and 32 more, all source ports, port 443",
    ],
  ] as [Partial<RegionBox>, string][])("%j", (change, text) => {
    expect(boxText({ ...BOX, ...change })).toBe(text);
  });

  it("of frames", () => {
    const box: RegionBox = {
      directions: ["in"],
      srcMacs: ["any"],
      dstMacs: ["02:00:00:00:00:01"],
      etherTypes: ["arp"],
    };
    expect(boxText(box)).toBe("in, ethertype arp, any -> 02:00:00:00:00:01");
  });

  it("names IPv4 first, and both families at once where all addresses are meant", () => {
    const all: RegionBox = { ...BOX, src: ["any"] };
    const six: RegionBox = { ...all, family: "ipv6" };
    const other: RegionBox = { ...six, dstPorts: ["80"] };
    expect(regionTexts([six, all], 9)).toEqual({
      texts: ["both directions, tcp, any -> any, all source ports, port 443"],
      more: 0,
    });
    expect(regionTexts([other, six, BOX], 2)).toEqual({
      texts: [boxText(BOX), "both directions, tcp, any IPv6 -> any IPv6, all source ports, port 80"],
      more: 1,
    });
    // All of IPv6 beside a part of IPv4 is not all.
    expect(regionTexts([six, BOX], 9).texts).toEqual([boxText(BOX), boxText(six)]);
  });
});

describe("what is missing", () => {
  /** Cuts a number line into pieces that are held and missing by turns; it begins and ends with a held one. */
  const pieces = (last: bigint): fc.Arbitrary<{ held: [bigint, bigint][]; gone: [bigint, bigint][] }> =>
    fc
      .uniqueArray(fc.bigInt({ min: 1n, max: last }), { minLength: 2, maxLength: 12 })
      .map((cuts) => cuts.toSorted((a, b) => (a < b ? -1 : 1)))
      .map((cuts) => (cuts.length % 2 === 0 ? cuts : cuts.slice(1)))
      .map((cuts) => {
        const starts = [0n, ...cuts];
        const spans = starts.map((start, index): [bigint, bigint] => [
          start,
          (starts[index + 1] ?? last + 1n) - 1n,
        ]);
        return {
          held: spans.filter((_, index) => index % 2 === 0),
          gone: spans.filter((_, index) => index % 2 === 1),
        };
      });
  const texts = (spans: [bigint, bigint][], write: (value: bigint) => string): string[] =>
    spans.map(([first, last]) => (first === last ? write(first) : `${write(first)}-${write(last)}`));
  const ipv4 = (value: bigint): string =>
    [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
  /** Reads back what was written, blocks too. */
  const spanOf = (text: string): [bigint, bigint] => {
    const number = (address: string): bigint =>
      address.split(".").reduce((value, octet) => value * 256n + BigInt(octet), 0n);
    const [range, length] = text.split("/") as [string, string?];
    const [first, last] = range.split("-") as [string, string?];
    if (length !== undefined) return [number(first), number(first) + 2n ** (32n - BigInt(length)) - 1n];
    return [number(first), number(last ?? first)];
  };

  it("is everything that is not held, of ports", () => {
    fc.assert(
      fc.property(pieces(65_535n), ({ held, gone }) => {
        expect(missingPorts(texts(held, String))).toEqual(texts(gone, String));
      }),
    );
  });

  it("is everything that is not held, of addresses", () => {
    fc.assert(
      fc.property(pieces(2n ** 32n - 1n), ({ held, gone }) => {
        expect(missingAddresses(texts(held, ipv4), "ipv4")!.map(spanOf)).toEqual(gone);
      }),
    );
    expect(
      missingAddresses(
        ["::-2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
        "ipv6",
      ),
    ).toEqual(["2001:db8::/32"]);
  });

  it("is not told where the values do not begin and end where all do", () => {
    expect(missingPorts(["1-79", "81-65535"])).toBeNull();
    expect(missingPorts(["0-79", "81-65534"])).toBeNull();
    expect(missingAddresses(["0.0.0.0/1"], "ipv4")).toBeNull();
    expect(missingAddresses(["0.0.0.0/1", "192.0.0.0/3"], "ipv4")).toBeNull();
  });
});

describe("a packet in words", () => {
  const packet = { direction: "in", srcPort: null, dstPort: null, icmpType: null, icmpCode: null } as const;
  it.each([
    [
      { src: "10.0.0.1", dst: "10.0.0.2", protocol: "udp", srcPort: 1, dstPort: 53 },
      "in udp 10.0.0.1:1 -> 10.0.0.2:53",
    ],
    [
      { src: "fe80::1", dst: "fe80::2", protocol: "tcp", srcPort: 1, dstPort: 22 },
      "in tcp [fe80::1]:1 -> [fe80::2]:22",
    ],
    [
      { src: "10.0.0.1", dst: "10.0.0.2", protocol: "icmp", icmpType: 8, icmpCode: 0 },
      "in icmp type 8 code 0 10.0.0.1 -> 10.0.0.2",
    ],
    [{ src: "fe80::1", dst: "fe80::2", protocol: 47 }, "in protocol 47 fe80::1 -> fe80::2"],
    [
      {
        src: null,
        dst: null,
        protocol: null,
        srcMac: "02:00:00:00:00:01",
        dstMac: "02:00:00:00:00:02",
        etherType: "arp",
      },
      "in arp 02:00:00:00:00:01 -> 02:00:00:00:00:02",
    ],
  ])("%j", (fields, text) => {
    expect(flowText({ ...packet, ...fields })).toBe(text);
  });
});

it("columns of a table stand under each other, whatever the width of their characters and colours", () => {
  expect(
    table([
      ["名前", "x", "1"],
      ["\u001b[1mab\u001b[22m", "yy", "2"],
      ["", "", "3"],
    ]),
  ).toEqual(["名前  x   1", "\u001b[1mab\u001b[22m    yy  2", "          3"]);
});
