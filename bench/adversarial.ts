/**
 * Small dumps of the shapes that break engines: unions of thousands of boxes, each of which matters. Every
 * shape that asks a question comes in two forms, one where the last rule is dead and one where a little is left.
 */

import { printAddressSet, printRuleset, Random, type PlantedShadow, type Truth } from "./generate.ts";

export interface AdversarialDump {
  readonly name: string;
  /** What `vsipioctl getrules` prints. */
  readonly rules: string;
  /** What `vsipioctl getaddrsets` prints. */
  readonly addrsets: string;
  /** Rules that are dead for certain; those the shape asks about are all told. */
  readonly truth: Truth;
}

/** How much is taken of the part that the shape itself leaves over: nothing, all, or all but one cell. */
type Filling = "open" | "filled" | "one-hole";

/** The shapes by name, in the sizes that the measurements use. */
export const adversarialShapes: Readonly<Record<string, () => AdversarialDump>> = {
  checkerboard: () => checkerboard(40, "open"),
  "checkerboard-filled": () => checkerboard(40, "filled"),
  "checkerboard-one-hole": () => checkerboard(40, "one-hole"),
  staircase: () => staircase(200, "open"),
  "staircase-filled": () => staircase(200, "filled"),
  "staircase-one-hole": () => staircase(200, "one-hole"),
  "single-ports": () => singlePorts(2000, null),
  "single-ports-one-missing": () => singlePorts(2000, 1234),
  "all-single-ports": () => singlePorts(65_535, null),
  "all-but-one-port": () => allButOnePort(1000, false),
  "all-but-one-port-one-left": () => allButOnePort(1000, true),
  "any-destination": () => anyDestination(1000, 200),
  "nested-prefixes": () => nestedPrefixes(40),
};

/** Collects rules and address sets, and numbers them. */
class DumpBuilder {
  private readonly lines: string[] = [];
  private readonly addressSets: string[] = [];
  private readonly shadowed: PlantedShadow[] = [];

  /** Adds an address set with these members (as printed, without the comma); its name. */
  addressSet(members: readonly string[]): string {
    const name = `ip-ipset-${this.addressSets.length + 1}`;
    this.addressSets.push(printAddressSet(name, members));
    return name;
  }

  /** Adds a rule, `match` being what follows its position up to the action; its position, from 1. */
  rule(match: string, action: string): number {
    const position = this.lines.length + 1;
    this.lines.push(`rule ${ruleId(position)} at ${position} inout ${match} ${action};`);
    return position;
  }

  /** Says that the rule at a position is dead because of those at the others. */
  dead(position: number, by: readonly number[]): void {
    const kind = by.length === 1 ? "single" : "union";
    this.shadowed.push({ id: ruleId(position), position, by, kind });
  }

  build(name: string): AdversarialDump {
    return {
      name,
      rules: printRuleset("domain-c1", this.lines),
      addrsets: this.addressSets.join(""),
      truth: { shadowed: this.shadowed },
    };
  }
}

function ruleId(position: number): number {
  return 1004 + position;
}

/**
 * `size` × `size` cells of a source and a destination, accepted where a chessboard is black, then a rule over
 * the whole board. `filled` accepts the white cells too, which makes the last rule dead; `one-hole` all but one.
 * Sources and destinations are groups of four hosts far from each other.
 */
export function checkerboard(size: number, filling: Filling): AdversarialDump {
  const dump = new DumpBuilder();
  const group = (network: string, index: number) =>
    [0, 1, 2, 3].map((part) => `ip ${network}.${part}.${Math.floor(index / 128)}.${2 * (index % 128)}`);
  const sources = upTo(size).map((index) => dump.addressSet(group("10", index)));
  const destinations = upTo(size).map((index) => dump.addressSet(group("172", index)));
  const cells = upTo(size).flatMap((row) => upTo(size).map((column) => ({ row, column })));
  const isBlack = ({ row, column }: { row: number; column: number }) => (row + column) % 2 === 0;
  const whites = cells.filter((cell) => !isBlack(cell));
  const accepted = [...cells.filter(isBlack), ...fill(whites, filling)];
  const positions = accepted.map(({ row, column }) =>
    dump.rule(
      `protocol tcp from addrset ${sources[row]} to addrset ${destinations[column]} port 443`,
      "accept",
    ),
  );

  const board = {
    source: dump.addressSet(upTo(size).flatMap((index) => group("10", index))),
    destination: dump.addressSet(upTo(size).flatMap((index) => group("172", index))),
  };
  const match = `protocol tcp from addrset ${board.source} to addrset ${board.destination} port 443`;
  const last = dump.rule(match, "drop");
  if (filling === "filled") dump.dead(last, positions);
  return dump.build(`checkerboard-${size}-${filling}`);
}

/**
 * Rule k of `steps` takes sources 0…k to destinations k…; together they take one side of the diagonal and the
 * diagonal. Then a catch-all over the block. `filled` adds the steps of the other side, which makes the catch-all
 * dead; `one-hole` leaves out the one pair that no other step takes.
 */
export function staircase(steps: number, filling: Filling): AdversarialDump {
  const dump = new DumpBuilder();
  const hosts = (network: string, first: number, end: number) =>
    upTo(end - first).map(
      (index) => `ip ${network}.${Math.floor((first + index) / 128)}.${2 * ((first + index) % 128)}`,
    );
  const sources = (first: number, end: number) => dump.addressSet(hosts("10.1", first, end));
  const destinations = (first: number, end: number) => dump.addressSet(hosts("10.2", first, end));
  const step = (source: string, destination: string, action: string) =>
    dump.rule(`protocol tcp from addrset ${source} to addrset ${destination} port 443`, action);

  const positions = upTo(steps).map((k) => step(sources(0, k + 1), destinations(k, steps), "accept"));
  const hole = Math.floor(steps / 2);
  if (filling !== "open") {
    for (const k of upTo(steps - 1)) {
      const first = filling === "one-hole" && k === hole ? k + 2 : k + 1;
      const lowest = filling === "one-hole" && k > hole ? hole + 1 : 0;
      positions.push(step(sources(first, steps), destinations(lowest, k + 1), "accept"));
    }
  }
  const last = step(sources(0, steps), destinations(0, steps), "drop");
  if (filling === "filled") dump.dead(last, positions);
  return dump.build(`staircase-${steps}-${filling}`);
}

/**
 * A rule for every single port of a range of `count` ports, all between the same groups, then one rule of the
 * whole range: dead, unless the rule of the port at index `missing` is left out.
 */
export function singlePorts(count: number, missing: number | null): AdversarialDump {
  const dump = new DumpBuilder();
  const source = dump.addressSet(upTo(50).map((index) => `ip 10.3.${index}.7`));
  const destination = dump.addressSet(upTo(50).map((index) => `ip 10.4.${index}.9`));
  const between = `protocol tcp from addrset ${source} to addrset ${destination}`;
  const first = count > 50_000 ? 1 : 10_000;
  const ports = upTo(count).filter((index) => index !== missing);
  const positions = ports.map((index) => dump.rule(`${between} port ${first + index}`, "accept"));
  const last = dump.rule(`${between} port ${first}-${first + count - 1}`, "drop");
  if (missing === null) dump.dead(last, positions);
  return dump.build(`single-ports-${count}${missing === null ? "" : "-one-missing"}`);
}

/**
 * Hosts in a circle of `count`, at most 1,900. Rule k takes all ports but one of hosts k and k + 1, so that only
 * both rules of a host take all of it. Then a rule over all hosts and ports: dead, unless two neighbours miss
 * the same port (`oneLeft`), which leaves one port of one host.
 */
export function allButOnePort(count: number, oneLeft: boolean): AdversarialDump {
  const dump = new DumpBuilder();
  const host = (index: number) => `ip 10.5.${Math.floor(index / 128)}.${2 * (index % 128)}`;
  const middle = Math.floor(count / 2);
  const positions = upTo(count).map((k) => {
    const source = dump.addressSet([host(k), host((k + 1) % count)]);
    const missed = 1000 + 31 * (oneLeft && k === middle ? k - 1 : k);
    const ports = `{0-${missed - 1}, ${missed + 1}-65535}`;
    return dump.rule(`protocol tcp from addrset ${source} to any port ${ports}`, "accept");
  });
  const all = dump.addressSet(upTo(count).map(host));
  const last = dump.rule(`protocol tcp from addrset ${all} to any port 0-65535`, "drop");
  if (!oneLeft) dump.dead(last, positions);
  return dump.build(`all-but-one-port-${count}${oneLeft ? "-one-left" : ""}`);
}

/**
 * `count` rules from overlapping groups of 50 of 20,000 hosts to any destination, then `later` rules from unions
 * of five of those groups: every second one is dead, the others have one host that no rule took before.
 */
export function anyDestination(count: number, later: number, seed = 1): AdversarialDump {
  const dump = new DumpBuilder();
  const random = new Random(seed);
  const host = (index: number) =>
    `ip 10.${6 + Math.floor(index / 2 ** 14)}.${(index >>> 7) & 127}.${2 * (index & 127)}`;
  const from = (hosts: readonly number[], action: string) =>
    dump.rule(`protocol tcp from addrset ${dump.addressSet(hosts.map(host))} to any port 443`, action);

  const groups = upTo(count).map(() => random.distinct(50, 20_000));
  const positions = groups.map((group) => from(group, "accept"));
  for (const index of upTo(later)) {
    const chosen = random.distinct(Math.min(5, count), count);
    const hosts = [...new Set(chosen.flatMap((choice) => groups[choice]!))];
    const isDead = index % 2 === 0;
    const last = from(isDead ? hosts : [...hosts, 20_000 + index], "drop");
    if (isDead)
      dump.dead(
        last,
        chosen.map((choice) => positions[choice]!),
      );
  }
  return dump.build(`any-destination-${count}-${later}`);
}

/**
 * In each of `chains` networks the prefixes /8, /9, … /32 around one host: as sources from the network down to
 * the host on port 443, where the first takes all, and from the host outwards on port 80, where each leaves
 * something to the next. Then one rule per port from all the /8 networks, both dead. At most 100 chains.
 */
export function nestedPrefixes(chains: number, seed = 1): AdversarialDump {
  const dump = new DumpBuilder();
  const random = new Random(seed);
  const lengths = upTo(25).map((index) => 8 + index);
  const from = (source: string, port: number, action: string) =>
    dump.rule(`protocol tcp from addrset ${source} to any port ${port}`, action);
  const action = (length: number) => (length % 2 === 0 ? "accept" : "drop");

  const whole: { inwards: number[]; outwards: number[] } = { inwards: [], outwards: [] };
  for (const chain of upTo(chains)) {
    const host = (10 + chain) * 2 ** 24 + random.below(2 ** 24);
    const prefixes = lengths.map((length) => ({
      length,
      source: dump.addressSet([printPrefix(host, length)]),
    }));
    const inwards = prefixes.map(({ length, source }) => from(source, 443, action(length)));
    const outwards = prefixes.toReversed().map(({ length, source }) => from(source, 80, action(length)));
    for (const position of inwards.slice(1)) dump.dead(position, inwards.slice(0, 1));
    whole.inwards.push(...inwards.slice(0, 1));
    whole.outwards.push(...outwards.slice(-1));
  }
  const networks = dump.addressSet(upTo(chains).map((chain) => printPrefix((10 + chain) * 2 ** 24, 8)));
  dump.dead(from(networks, 443, "reject"), whole.inwards);
  dump.dead(from(networks, 80, "reject"), whole.outwards);
  return dump.build(`nested-prefixes-${chains}`);
}

/** The network of this length around an IPv4 address, which is a number below 2³². */
function printPrefix(address: number, length: number): string {
  const block = 2 ** (32 - length);
  const network = Math.floor(address / block) * block;
  const bytes = [24, 16, 8, 0].map((shift) => (network >>> shift) & 255);
  return `ip ${bytes.join(".")}/${length}`;
}

function fill<Cell>(cells: readonly Cell[], filling: Filling): readonly Cell[] {
  if (filling === "open") return [];
  return filling === "filled" ? cells : cells.toSpliced(Math.floor(cells.length / 2), 1);
}

/** 0, 1, … up to, and without, `end`. */
function upTo(end: number): number[] {
  return Array.from({ length: end }, (_, index) => index);
}
