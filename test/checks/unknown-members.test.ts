import { expect, it } from "@jest/globals";
import { dumpOf, findingsOf } from "./support.ts";

/** A set with a member that cannot be read may hold any address: what follows from that is not certain. */
const dump = (member: string): string =>
  dumpOf(
    [
      "inout protocol tcp from ip 0.0.0.0/1 to any drop with log",
      "inout protocol tcp from ip 128.0.0.0/2 to any drop with log",
      "inout inet protocol tcp from addrset far to ip 10.0.0.0/8 port 1-60000 accept",
      "inout protocol any from any to any drop with log",
    ],
    { far: [member, "200.0.0.1"] },
  );

function about(text: string, id: number): string[] {
  return findingsOf(text)
    .filter(({ rule }) => rule?.id === id)
    .map(({ check, certain }) => `${check} ${certain ? "certainly" : "possibly"}`)
    .toSorted();
}

it("a rule with such a set is called wide only possibly, and no part of it is called lost", () => {
  expect(about(dump("10.0.0.300"), 103)).toEqual([
    "overly-permissive possibly",
    "sensitive-service possibly",
  ]);
});

it("a rule with members that can be read is called so certainly", () => {
  expect(about(dump("0.0.0.0/0"), 103)).toEqual([
    "overly-permissive certainly",
    "partly-shadowed certainly",
    "sensitive-service certainly",
  ]);
});

it("a part is lost only possibly where a rule that the dump leaves open may take it before", () => {
  const rules = [
    "inout protocol tcp from ip 10.1.0.0/16 to ip 10.9.9.9 port 443 with attribute profile accept",
    "inout protocol tcp from ip 10.1.0.0/16 to any drop with log",
    "inout protocol tcp from ip 10.1.0.0/16 to ip 10.9.9.9 port 443-444 accept",
    "inout protocol tcp from ip 10.0.0.0/15 to ip 10.9.9.9 port 443-444 accept",
    "inout protocol any from any to any drop with log",
  ];
  const [open, ...known] = rules as [string, ...string[]];
  expect(about(dumpOf(rules), 104)).toContain("partly-shadowed possibly");
  expect(about(dumpOf(known), 103)).toContain("partly-shadowed certainly");
  // Behind those that take the part it cannot come before them.
  expect(about(dumpOf([known[0]!, open, ...known.slice(1)]), 104)).toContain("partly-shadowed certainly");
});
