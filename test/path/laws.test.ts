import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { byLongestPrefix } from "../../src/analysis/longest-prefix.ts";
import { firstMatch } from "../../src/analysis/first-match.ts";
import { pathOf } from "../../src/engine/path/path.ts";
import type { PathPiece } from "../../src/engine/path/results.ts";
import { readPathSessions, type PathSessions } from "../../src/engine/path/sessions.ts";
import { ipv4Host, parseAddress, printIpv4 } from "../../src/model/address.ts";
import type { IpPacket } from "../../src/model/packet.ts";
import { has, type Ranges } from "../../src/model/ranges.ts";
import { blockOf, type Block } from "../../src/model/routing.ts";

/** The split of regions is compared with answers for single addresses that are found the simplest way. */

const BASE = ipv4Host("10.9.0.0")!;
const SIZE = 64;

const blockArbitrary = fc
  .tuple(fc.nat({ max: SIZE - 1 }), fc.integer({ min: 26, max: 32 }))
  .map(([offset, length]) => blockOf(BASE + offset, `${length}`)!);

function holds({ first, last }: Block, address: number): boolean {
  return first <= address && address <= last;
}

/** All items of the longest prefix that holds an address: one after the other. */
function longest<T extends { readonly block: Block }>(items: readonly T[], address: number): T[] {
  let best: T[] = [];
  for (const item of items) {
    if (!holds(item.block, address)) continue;
    if (best.length === 0 || item.block.length > best[0]!.block.length) best = [item];
    else if (item.block.length === best[0]!.block.length) best.push(item);
  }
  return best;
}

describe("longest prefix", () => {
  it("parts are disjoint and complete, and each address has the items that a search finds", () => {
    fc.assert(
      fc.property(
        fc.array(
          blockArbitrary.map((block) => ({ block })),
          { maxLength: 12 },
        ),
        blockArbitrary,
        (items, asked) => {
          const parts = byLongestPrefix(items, [asked.first, asked.last + 1]);
          for (let address = BASE; address < BASE + SIZE; address += 1) {
            const found = parts.filter(({ addresses }) => has(addresses, address));
            expect(found.length).toBe(holds(asked, address) ? 1 : 0);
            if (found.length === 1)
              expect(new Set(found[0]!.items)).toEqual(new Set(longest(items, address)));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("of nested, equal and foreign blocks", () => {
    const block = (text: string, length: string): { block: Block } => ({
      block: blockOf(ipv4Host(text)!, length)!,
    });
    const items = [
      block("10.9.0.0", "24"),
      block("10.9.0.0", "30"),
      block("10.9.0.0", "30"),
      block("0.0.0.0", "0"),
    ];
    const at = (text: string): number[] => {
      const address = ipv4Host(text)!;
      const [part] = byLongestPrefix(items, [address, address + 1]);
      return part!.items.map((item) => items.indexOf(item));
    };
    expect([at("10.9.0.2"), at("10.9.0.4"), at("10.10.0.1")]).toEqual([[1, 2], [0], [3]]);
    expect(byLongestPrefix(items.slice(0, 3), [0, 1])).toEqual([{ addresses: [0, 1], items: [] }]);
  });
});

// ---- whole ways --------------------------------------------------------------------------------------------

interface TestRoute {
  readonly block: Block;
  /** `connected` over the interface of this number, through a next hop of this number, or rejected. */
  readonly to: "gateway" | "reject";
  readonly next: number;
  readonly up: boolean;
}

interface World {
  readonly networks: readonly Block[];
  readonly routes: readonly TestRoute[];
  readonly rules: { readonly source: readonly TestRule[]; readonly destination: readonly TestRule[] };
}

interface TestRule {
  readonly from: Block | null;
  readonly to: Block | null;
  readonly direction: "in" | "out" | "inout";
  readonly action: "accept" | "drop" | "reject";
}

const ruleArbitrary: fc.Arbitrary<TestRule> = fc.record({
  from: fc.option(blockArbitrary, { freq: 2 }),
  to: fc.option(blockArbitrary, { freq: 2 }),
  direction: fc.constantFrom("in", "out", "inout"),
  action: fc.constantFrom("accept", "accept", "drop", "reject"),
});

const worldArbitrary: fc.Arbitrary<World> = fc.record({
  // Three networks that do not overlap, in a quarter of the addresses each; the last quarter is nowhere.
  networks: fc.tuple(
    ...[0, 1, 2].map((quarter) =>
      fc.integer({ min: 28, max: 30 }).map((length) => blockOf(BASE + quarter * 16, `${length}`)!),
    ),
  ),
  routes: fc.array(
    fc.record({
      block: blockArbitrary,
      to: fc.constantFrom("gateway" as const, "gateway" as const, "reject" as const),
      next: fc.nat({ max: 2 }),
      up: fc.boolean(),
    }),
    { maxLength: 6 },
  ),
  rules: fc.record({
    source: fc.array(ruleArbitrary, { minLength: 1, maxLength: 5 }),
    destination: fc.array(ruleArbitrary, { minLength: 1, maxLength: 5 }),
  }),
});

const GATEWAYS = ["10.200.0.1", "10.200.0.2", "10.200.0.3"];

function maskOf(length: number): string {
  return printIpv4(2 ** 32 - 2 ** (32 - length));
}

function sessionsOf({ networks, routes, rules }: World): PathSessions {
  const lines = ["[root@one:~] net-vdr --lif -l r+edge-1", "", "VDR r+edge-1 LIF Information :", ""];
  for (const [index, { first, length }] of networks.entries()) {
    lines.push(
      `Name:                if${index}`,
      "Mode:                Routing, Distributed, Internal",
      `Id:                  Vxlan:${5000 + index}`,
      `Ip(Mask):            ${printIpv4(first + 1)}(${maskOf(length)})`,
      "State:               Enabled",
      "",
    );
  }
  lines.push(
    "[root@one:~] net-vdr -R -l r+edge-1",
    "",
    "VDR r+edge-1 Route Table",
    "Destination      GenMask          Gateway          Flags    Ref Origin   UpTime     Interface",
    "-----------      -------          -------          -----    --- ------   ------     ---------",
  );
  const row = (block: Block, gateway: string, flags: string, name: string): string =>
    `${printIpv4(block.first).padEnd(17)}${maskOf(block.length).padEnd(17)}${gateway.padEnd(17)}${flags.padEnd(9)}1   AUTO     77         ${name}`;
  for (const [index, block] of networks.entries()) lines.push(row(block, "0.0.0.0", "UCI", `if${index}`));
  for (const { block, to, next, up } of routes)
    lines.push(
      row(
        block,
        to === "reject" ? "0.0.0.0" : GATEWAYS[next]!,
        `${up ? "U" : ""}${to === "reject" ? "!" : "G"}`,
        "up0",
      ),
    );
  const firewall = (host: string, name: string, of: readonly TestRule[]): void => {
    const filter = `nic-7-eth0-vmware-sfw.2`;
    lines.push(
      `[root@${host}:~] summarize-dvfilter`,
      "Filters:",
      `world 7 vmm0:${name} vcUuid:'50 00'`,
      ` port 9 ${name}.eth0`,
      "  vNic slot 2",
      `   name: ${filter}`,
      "   agentName: vmware-sfw",
      "   state: IOChain Attached",
      `[root@${host}:~] vsipioctl getrules -f ${filter}`,
      "ruleset domain-c1 {",
      ...of.map(({ from, to, direction, action }, index) => {
        const side = (block: Block | null): string =>
          block === null ? "any" : `ip ${printIpv4(block.first)}/${block.length}`;
        return `  rule ${index + 10} at ${index + 1} ${direction} protocol tcp from ${side(from)} to ${side(to)} port 80 ${action};`;
      }),
      "}",
      `[root@${host}:~] `,
    );
  };
  const one = lines.length;
  firewall("one", "a", rules.source);
  const first = lines.slice();
  lines.length = 0;
  firewall("two", "b", rules.destination);
  expect(first.length).toBeGreaterThan(one);
  return readPathSessions([
    { file: "one.log", text: first.join("\n") },
    { file: "two.log", text: lines.join("\n") },
  ]);
}

function packet(source: number, destination: number, direction: "in" | "out"): IpPacket {
  return {
    layer: "ip",
    direction,
    family: "ipv4",
    source,
    destination,
    protocol: 6,
    sourcePort: 40_000,
    destinationPort: 80,
    icmpType: null,
    icmpCode: null,
  };
}

/** What becomes of one packet, and by which next hop it goes. */
function naive(world: World, sessions: PathSessions, source: number, destination: number): string {
  const filter = (host: string, direction: "in" | "out"): string => {
    const { rules } = sessions.places.find((place) => place.host?.name === host)!;
    return (
      firstMatch(rules!.filter.rules, packet(source, destination, direction)).rule?.verdict ?? "no-match"
    );
  };
  const first = filter("one", "out");
  if (first === "drop" || first === "reject") return first;
  const after = (network: string, asked: boolean): string => {
    if (network === "drop") return "drop";
    const second = asked ? filter("two", "in") : "accept";
    if (second === "drop" || second === "reject") return second;
    if (network === "unknown") return "unknown";
    return first === "no-match" || second === "no-match" ? "no-match" : "accept";
  };
  const at = world.networks.find((network) => holds(network, source));
  const routers = new Set(world.networks.map(({ first: network }) => network + 1));
  if (at === undefined) return after("unknown", !routers.has(destination));
  if (routers.has(destination)) return after("accept", false);
  // A broadcast gets to every machine of the segment, this one too; of another network nobody says.
  const ends = ({ first: low, last }: Block): boolean => destination === low || destination === last;
  if (ends(at) || holds(at, destination)) return after("accept", true);
  const routes: { block: Block; kind: string }[] = [
    ...world.networks.map((block) => ({ block, kind: ends(block) ? "unknown" : "accept" })),
    ...world.routes
      .filter(({ up }) => up)
      .map(({ block, to }) => ({ block, kind: to === "reject" ? "drop" : "unknown" })),
  ];
  const kinds = new Set(
    longest(routes, destination).map(({ kind, block }) => `${kind} ${world.networks.includes(block)}`),
  );
  if (kinds.size === 0) return after("drop", false);
  if (kinds.size > 1) return after("unknown", true);
  return after([...kinds][0]!.split(" ")[0]!, true);
}

function holdsPair({ region }: PathPiece, source: number, destination: number): boolean {
  return region.some((box) => {
    if (!("family" in box) || box.family !== "ipv4") return false;
    const inside = (texts: readonly string[], address: number): boolean =>
      texts.some((text) => {
        const { first, last } = parseAddress(text);
        return first <= address && address <= last;
      });
    return inside(box.src, source) && inside(box.dst, destination);
  });
}

const BLOCK: Ranges<number> = [BASE, BASE + SIZE];

describe("ways of regions", () => {
  it("pieces are disjoint and complete, and say of each pair of addresses what a search finds", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(
        worldArbitrary,
        fc.array(fc.tuple(fc.nat({ max: SIZE - 1 }), fc.nat({ max: SIZE - 1 })), {
          minLength: 60,
          maxLength: 60,
        }),
        fc.integer({ min: 0, max: 400 }),
        (world, pairs, budget) => {
          const sessions = sessionsOf(world);
          const region = `${printIpv4(BLOCK[0]!)}/26`;
          const question = { src: region, dst: region, srcVm: "a", dstVm: "b", dstPort: "80" };
          const { pieces } = pathOf(sessions, question);
          for (const [from, to] of pairs) {
            if (from === to) continue;
            const [source, destination] = [BASE + from, BASE + to];
            const found = pieces.filter((piece) => holdsPair(piece, source, destination));
            const pair = `${printIpv4(source)} -> ${printIpv4(destination)}`;
            expect({ pair, pieces: found.length }).toEqual({ pair, pieces: 1 });
            const verdict = naive(world, sessions, source, destination);
            expect({ pair, verdict: found[0]!.verdict }).toEqual({ pair, verdict });
            seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
            // Asked alone it goes the same way.
            const alone = pathOf(sessions, {
              src: printIpv4(source),
              dst: printIpv4(destination),
              srcVm: "a",
              dstVm: "b",
              dstPort: "80",
            }).pieces;
            expect(alone.length).toBe(1);
            expect(way(alone[0]!)).toEqual(way(found[0]!));
          }
          // With less work the rest is open, and what is said stays so. By verdicts nothing is open.
          const few = pathOf(sessions, question, { budget }).pieces;
          const byVerdicts = pathOf(sessions, question, { mostTrails: 1 }).pieces;
          for (const [from, to] of pairs.slice(0, 20)) {
            if (from === to) continue;
            const found = [few, pieces, byVerdicts].map((all) =>
              all.filter((piece) => holdsPair(piece, BASE + from, BASE + to)),
            );
            expect(found.map(({ length }) => length)).toEqual([1, 1, 1]);
            const [[one], [other], [short]] = found as [[PathPiece], [PathPiece], [PathPiece]];
            expect(verdictOf(short)).toEqual(verdictOf(other));
            const open = one.missing.includes("ask about fewer packets");
            if (open) seen.set("open", (seen.get("open") ?? 0) + 1);
            else expect(verdictOf(one)).toEqual(verdictOf(other));
            // What is told by verdicts names no rule where several decide; else the steps are the same.
            if (!open && one.steps.every((step) => step.reason?.includes("to see which") !== true))
              expect(way(one)).toEqual(way(other));
          }
          for (const piece of pieces) {
            const { src, dst } = piece.witness;
            expect(holdsPair(piece, ipv4Host(src!)!, ipv4Host(dst!)!)).toBe(true);
          }
        },
      ),
      { numRuns: 30 },
    );
    expect([...seen.keys()].toSorted()).toEqual(["accept", "drop", "no-match", "open", "reject", "unknown"]);
  });
});

function verdictOf({ verdict, certain, delivered, steps }: PathPiece): unknown {
  return { verdict, certain, delivered, steps: steps.map((step) => [step.type, step.verdict, step.certain]) };
}

/** The steps without what the addresses are called. */
function way({ verdict, certain, delivered, steps }: PathPiece): unknown {
  return {
    verdict,
    certain,
    delivered,
    steps: steps.map((step) =>
      step.type === "network"
        ? [step.status, step.router, step.from?.name, step.routes.map(({ location }) => location)]
        : [step.status, step.verdict, step.rule, step.place?.vnic],
    ),
  };
}
