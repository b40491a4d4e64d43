import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { parseAddress } from "../../src/model/address.ts";
import { dumpOf, found } from "./support.ts";

const DEFAULT = "inout protocol any from any to any drop with log";

/** A dump in which one rule uses the sets `a` and `b`. */
function between(
  a: readonly string[],
  b: readonly string[] = ["10.99.0.1"],
  rule = "inout protocol any",
): string {
  return dumpOf([`${rule} from addrset a to addrset b accept`, DEFAULT], { a, b });
}

describe("identical-addrsets", () => {
  const names = (text: string): unknown[] =>
    found("identical-addrsets", text).map(({ data }) => data["sets"]);

  it.each([
    [["10.0.0.0/31"], ["10.0.0.1", "10.0.0.0"]],
    [["10.0.0.0-10.0.0.3"], ["10.0.0.0/30"]],
    [["2001:db8::1"], ["2001:DB8:0::1"]],
    [["10.0.0.1", "10.0.0.1"], ["10.0.0.1"]],
    [["10.0.0.1/24"], ["10.0.0.0/24"]],
    [
      ["10.0.0.1", "mac 00:50:56:00:00:01"],
      ["mac 00:50:56:00:00:01", "10.0.0.1"],
    ],
  ])("%j and %j are the same", (a, b) => {
    expect(names(between(a, b))).toEqual([["a", "b"]]);
  });

  it.each([
    [["10.0.0.0/31"], ["10.0.0.0"]],
    [["10.0.0.1"], ["10.0.0.1", "2001:db8::1"]],
    [["10.0.0.1"], ["10.0.0.1", "mac 00:50:56:00:00:01"]],
    // The same at both ends and in the middle.
    [
      ["10.0.0.1", "10.0.0.3", "10.0.0.5", "10.0.0.7"],
      ["10.0.0.1", "10.0.0.4", "10.0.0.5", "10.0.0.7"],
    ],
    [[], []],
    [["10.0.0.300"], ["10.0.0.300"]],
  ])("%j and %j are not", (a, b) => {
    expect(names(between(a, b))).toEqual([]);
  });

  it("three names are one finding, in the order of the text, and unused sets are left out", () => {
    const text = dumpOf(
      [
        "inout protocol tcp from addrset c to addrset b accept",
        "inout protocol udp from addrset a to any accept",
        DEFAULT,
      ],
      { a: ["10.0.0.1"], b: ["10.0.0.1/32"], unused: ["10.0.0.1"], c: ["10.0.0.1-10.0.0.1"] },
    );
    expect(names(text)).toEqual([["a", "b", "c"]]);
    expect(found("identical-addrsets", text)[0]!.related.map(({ addrset }) => addrset)).toEqual(["b", "c"]);
  });

  it("sets that several filters share are one finding, sets of two filters are not compared", () => {
    const sets = "addrset a {\nip 10.0.0.1,\n}\naddrset b {\nip 10.0.0.1,\n}\n";
    const vnic = (name: string, more = ""): string => `# vsipioctl getrules -f nic-${name}
ruleset mainrs {
  rule 501 at 1 inout protocol tcp from addrset a to addrset b accept;
  rule 2 at 2 inout protocol any from any to any drop with log;
}
${more}`;
    expect(names(`${sets}${vnic("1-eth0")}${vnic("2-eth0")}`)).toEqual([["a", "b"]]);
    const own = (name: string, address: string): string =>
      vnic(
        name,
        `# vsipioctl getaddrsets -f nic-${name}\naddrset a {\nip ${address},\n}\naddrset b {\nip 10.9.9.9,\n}\n`,
      );
    expect(names(`${own("1-eth0", "10.0.0.1")}${own("2-eth0", "10.0.0.1")}`)).toEqual([]);
  });
});

describe("redundant-member", () => {
  const nested = (...members: string[]): unknown[] =>
    found("redundant-member", between(members)).flatMap(({ data }) =>
      (data["members"] as { member: string; inside: string }[]).map(
        ({ member, inside }) => `${member} in ${inside}`,
      ),
    );

  it.each([
    [["10.0.0.0/24", "10.0.0.7"], ["10.0.0.7 in 10.0.0.0/24"]],
    [["10.0.0.7", "10.0.0.0/24"], ["10.0.0.7 in 10.0.0.0/24"]],
    [
      ["10.0.0.1", "10.0.0.1/32", "10.0.0.1"],
      ["10.0.0.1/32 in 10.0.0.1", "10.0.0.1 in 10.0.0.1"],
    ],
    [
      ["10.0.0.0/24", "10.0.0.0/25", "10.0.0.0/26"],
      ["10.0.0.0/25 in 10.0.0.0/24", "10.0.0.0/26 in 10.0.0.0/24"],
    ],
    [["10.0.0.1-10.0.0.9", "10.0.0.9"], ["10.0.0.9 in 10.0.0.1-10.0.0.9"]],
    [["2001:db8::/64", "2001:db8::5"], ["2001:db8::5 in 2001:db8::/64"]],
    [["::/0", "10.0.0.1"], []],
    [
      ["10.0.0.0/25", "10.0.0.128/25", "10.0.0.0/24"],
      ["10.0.0.0/25 in 10.0.0.0/24", "10.0.0.128/25 in 10.0.0.0/24"],
    ],
    [["10.0.0.0/25", "10.0.0.128/25"], []],
    [["10.0.0.1-10.0.0.5", "10.0.0.4-10.0.0.9"], []],
    [["10.0.0.1", "mac 00:50:56:00:00:01"], []],
    [["10.0.0.300", "10.0.0.1", "10.0.0.1"], ["10.0.0.1 in 10.0.0.1"]],
  ])("%j: %j", (members, expected) => {
    expect(nested(...members)).toEqual(expected);
  });

  it("is exact: every member that another one holds, and no other", () => {
    const address = fc.nat(7).map((host) => `10.0.0.${host}`);
    const member = fc.oneof(
      address,
      fc.tuple(address, fc.constantFrom(30, 31, 32)).map(([base, length]) => `${base}/${length}`),
      fc.tuple(fc.nat(7), fc.nat(7)).map(([a, b]) => `10.0.0.${Math.min(a, b)}-10.0.0.${Math.max(a, b)}`),
    );
    fc.assert(
      fc.property(fc.array(member, { minLength: 1, maxLength: 6 }), (members) => {
        const spans = members.map(parseAddress);
        const expected = members.filter((_, i) =>
          spans.some(
            (other, j) =>
              i !== j &&
              other.first <= spans[i]!.first &&
              spans[i]!.last <= other.last &&
              (j < i || other.first !== spans[i]!.first || other.last !== spans[i]!.last),
          ),
        );
        const findings = found("redundant-member", between(members));
        const said = findings.flatMap(({ data }) => data["members"] as { member: string; inside: string }[]);
        expect(said.map(({ member: inner }) => inner)).toEqual(expected);
        for (const { member: inner, inside } of said) {
          const [a, b] = [parseAddress(inner), parseAddress(inside)];
          expect(b.first <= a.first && a.last <= b.last).toBe(true);
        }
        expect(findings.length).toBe(expected.length > 0 ? 1 : 0);
      }),
      { numRuns: 300 },
    );
  });

  it("says the lines, of the first three at most", () => {
    const text = between(["10.0.0.0/24", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]);
    const [finding] = found("redundant-member", text);
    expect(finding!.message).toContain("10.0.0.1 (line 7) in 10.0.0.0/24 (line 6)");
    expect(finding!.message).toMatch(/ and 1 more$/);
    expect(finding!.related.map(({ location }) => location.line)).toEqual([7, 8, 9, 10]);
  });
});

describe("suspicious-member", () => {
  const kinds = (text: string): string[] =>
    found("suspicious-member", text).map(({ data, addrset }) => [addrset, data["kind"]].join(" "));

  it.each([
    ["0.0.0.0/0", "everything"],
    ["0.0.0.0-255.255.255.255", "everything"],
    ["::/0", "everything"],
    ["127.0.0.1", "loopback"],
    ["127.9.0.0/16", "loopback"],
    ["::1", "loopback"],
    ["::ffff:10.0.0.1", "mapped"],
    ["10.1.1.5/24", "host-bits"],
    ["2001:db8::5/64", "host-bits"],
    ["224.0.0.5", "multicast"],
    ["239.0.0.0/8", "multicast"],
    ["ff02::1", "multicast"],
    ["255.255.255.255", "broadcast"],
  ])("%s in a source: %s", (member, kind) => {
    expect(kinds(between(["10.1.1.1", member]))).toEqual([`a ${kind}`]);
  });

  it.each([
    "10.0.0.0/8",
    "10.1.1.0/24",
    "10.1.1.5/32",
    "2001:db8::/32",
    "126.255.255.255",
    "128.0.0.0",
    "0.0.0.0",
    "0.0.0.0/1",
    "223.255.255.255",
    "169.254.1.1",
    "fe80::1",
    "::2",
    "mac 00:50:56:00:00:01",
  ])("%s: nothing", (member) => {
    expect(kinds(between(["10.1.1.1", member]))).toEqual([]);
  });

  it("multicast and broadcast are there to be sent to", () => {
    const many = ["224.0.0.5", "ff02::1", "255.255.255.255"];
    expect(kinds(between(["10.1.1.1"], many))).toEqual([]);
    const both = [
      "inout protocol tcp from addrset a to addrset b accept",
      "inout protocol tcp from any to addrset a accept",
    ];
    expect(kinds(dumpOf([...both, DEFAULT], { a: many, b: ["10.1.1.1"] }))).toEqual([]);
    const negated = "inout protocol tcp from not addrset a to addrset b accept";
    expect(kinds(dumpOf([negated, DEFAULT], { a: many, b: ["10.1.1.1"] }))).toEqual([]);
  });

  it("is one finding a set and kind, with the members, and each has a fingerprint of its own", () => {
    const findings = found("suspicious-member", between(["127.0.0.1", "10.1.1.5/24", "127.0.0.2", "::1"]));
    expect(findings.map(({ data }) => data)).toEqual([
      { kind: "loopback", members: ["127.0.0.1", "127.0.0.2", "::1"] },
      { kind: "host-bits", members: ["10.1.1.5/24"] },
    ]);
    expect(new Set(findings.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });

  describe("link-local", () => {
    const LOCAL = ["169.254.1.1", "fe80::1"];
    it.each([
      ["opposite other addresses", LOCAL, ["10.0.0.1"], ["a link-local"]],
      ["beside a real address", [...LOCAL, "10.1.1.1"], ["10.0.0.1"], []],
      ["IPv6 beside IPv4", ["fe80::1", "10.1.1.1"], ["2001:db8::1"], []],
      ["opposite link-local ones", LOCAL, ["169.254.1.2", "fe80::2"], []],
      ["IPv4 alone opposite IPv6", ["169.254.1.1"], ["2001:db8::1"], []],
      ["IPv6 alone opposite IPv6", ["fe80::1"], ["2001:db8::1"], ["a link-local"]],
      ["in a set that could not be read", [...LOCAL, "10.0.0.300"], ["10.0.0.1"], []],
      ["opposite an empty set", LOCAL, [], []],
    ])("%s", (_, a, b, expected) => {
      expect(kinds(between(a, b))).toEqual(expected);
    });

    it.each([
      "inout protocol tcp from addrset a to any accept",
      "inout protocol tcp from addrset a to not addrset b accept",
      "inout protocol tcp from not addrset a to addrset b accept",
      "inout protocol tcp from addrset a to addrset gone accept",
      "inout inet6 protocol tcp from addrset a to addrset b accept",
    ])("%s: meant for the link, or not known", (rule) => {
      expect(kinds(dumpOf([rule, DEFAULT], { a: LOCAL, b: ["10.0.0.1"] }))).toEqual([]);
    });
  });

  it("is uncertain where a rule that does not parse may send to the set", () => {
    const rules = [
      "inout protocol tcp from addrset a to any accept",
      "inout protocol tcp form any to addrset a accept",
    ];
    const text = dumpOf([...rules, DEFAULT], { a: ["224.0.0.5", "127.0.0.1"] });
    const certain = (dump: string): unknown =>
      found("suspicious-member", dump).map(({ data, certain: sure }) => [data["kind"], sure]);
    expect(certain(text)).toEqual([
      ["multicast", false],
      ["loopback", true],
    ]);
    expect(certain(text.replace("form any to addrset a", "form any to addrset b"))).toEqual([
      ["multicast", true],
      ["loopback", true],
    ]);
  });

  it("asks nothing of sets that no rule uses, or none that is reached", () => {
    const text = dumpOf([DEFAULT, "inout protocol tcp from addrset a to any accept"], {
      a: ["127.0.0.1"],
      b: ["::1"],
    });
    expect(kinds(text)).toEqual([]);
  });
});

describe("family-mismatch", () => {
  const DUAL = ["10.1.1.1", "2001:db8::1", "fe80::1", "mac 00:50:56:00:00:01"];
  const members = (rules: readonly string[], a: readonly string[] = DUAL): unknown[] =>
    found("family-mismatch", dumpOf([...rules, DEFAULT], { a, b: ["10.1.2.1", "2001:db8::2"] }))
      .filter(({ addrset }) => addrset === "a")
      .map(({ data }) => data["members"]);

  it.each([
    ["inout inet protocol tcp from addrset a to any accept", ["2001:db8::1"]],
    ["inout inet6 protocol tcp from any to addrset a accept", ["10.1.1.1"]],
    ["inout protocol icmp from addrset a to any accept", ["2001:db8::1"]],
    ["inout protocol ipv6-icmp icmptype 135 from addrset a to any accept", ["10.1.1.1"]],
    ["inout inet protocol tcp from not addrset a to any accept", ["2001:db8::1"]],
  ])("%s: %j", (rule, expected) => {
    expect(members([rule])).toEqual([expected]);
  });

  it("is not said where some rule is for the other family", () => {
    const inet = "inout inet protocol tcp from addrset a to addrset b port 1 accept";
    expect(members([inet, "inout protocol tcp from addrset a to any port 2 accept"])).toEqual([]);
    expect(members([inet, "inout inet6 protocol tcp from any to addrset a port 2 accept"])).toEqual([]);
    expect(members([inet, "inout protocol ipv6-icmp from any to addrset a accept"])).toEqual([]);
  });

  it("does not count what IP discovery brings, and leaves a rule that can never match to never-matches", () => {
    const inet = "inout inet protocol tcp from addrset a to any accept";
    expect(members([inet], ["10.1.1.1", "fe80::1", "fe80::/64", "mac 00:50:56:00:00:01"])).toEqual([]);
    expect(members([inet], ["2001:db8::1"])).toEqual([]);
    expect(members([inet], ["10.1.1.1", "fe80::1", "2001:db8::1"])).toEqual([["2001:db8::1"]]);
  });

  it("is uncertain where a rule that does not parse may be for the other family", () => {
    const rules = [
      "inout inet protocol tcp from addrset a to any accept",
      "inout protocol tcp form addrset a to any accept",
    ];
    expect(
      found("family-mismatch", dumpOf([...rules, DEFAULT], { a: DUAL })).map(({ certain }) => certain),
    ).toEqual([false]);
  });

  it("is one finding a set, with every member", () => {
    const inet = "inout inet protocol tcp from addrset a to addrset a accept";
    expect(members([inet, inet.replace("tcp", "udp")], [...DUAL, "2001:db8::9"])).toEqual([
      ["2001:db8::1", "2001:db8::9"],
    ]);
  });
});
