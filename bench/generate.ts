/**
 * A deterministic generator of field-shaped dumps: the text that `vsipioctl getrules` and `getaddrsets` would
 * print for one NSX-V filter, with some dead rules planted in it. The same options always give the same text.
 */

/** `scattered`: groups of hosts from all over the network; `clustered`: groups of neighbouring addresses. */
export type Shape = "scattered" | "clustered";

export interface GenerateOptions {
  /** Rule lines in the whole dump, with the twins of ALG rules, 5 system lines and 1 layer-2 rule. */
  readonly rules: number;
  /** Address sets in the dump. Every one that is not planted is drawn for rules in turn. */
  readonly sets: number;
  /** Members of all the address sets together; met within 2 %. At least 6 for every set. */
  readonly members: number;
  /** Any whole number; another seed gives another dump of the same shape. */
  readonly seed: number;
  readonly shape: Shape;
  /** Share of the members that are IPv6 addresses, 0 to 1. Default 0.1. */
  readonly ipv6Share?: number;
  /**
   * Hosts that scattered groups are drawn from: the fewer, the more the groups overlap. Default: an eighth of the
   * members (a host is in eight groups), but for small dumps up to 4,000. Clustered groups ignore it.
   */
  readonly hosts?: number;
  /** Mean number of rule lines that one manager rule explodes into, 1 or more. Default 3.3, as on the real vNIC. */
  readonly serviceExplosion?: number;
  /** How many dead rules to plant. Default: one of each kind for every 300 rules, or fewer if sets are few. */
  readonly planted?: Planted;
}

export interface Planted {
  /** Rules that one earlier rule covers. */
  readonly single: number;
  /** Rules that two or three earlier rules cover together and none of them alone. */
  readonly union: number;
}

/** A rule that is dead for certain, and earlier rules that are enough for that. Positions are of layer 3. */
export interface PlantedShadow {
  readonly id: number;
  readonly position: number;
  readonly by: readonly number[];
  readonly kind: "single" | "union";
}

/** The planted dead rules, by position. Other rules may be dead too. */
export interface Truth {
  readonly shadowed: readonly PlantedShadow[];
}

export interface GeneratedDump {
  /** What `vsipioctl getrules` prints. */
  readonly rules: string;
  /** What `vsipioctl getaddrsets` prints. */
  readonly addrsets: string;
  readonly truth: Truth;
}

type Verdict = "accept" | "drop" | "reject";

/** One member of an address set, as printed ("ip 10.1.2.3"), and its place among the members of a set. */
interface Member {
  readonly order: number;
  readonly text: string;
}

interface AddressSet {
  /** Given when all the sets are there, so that neither names nor order tell planted sets from others. */
  name: string;
  readonly members: readonly Member[];
  /** The groups nested in this one; empty for most. */
  readonly children: readonly AddressSet[];
}

/** What one rule line matches besides its addresses. */
interface Service {
  /** "tcp", "icmp icmptype 8", "any": the words after `protocol`. */
  readonly protocol: string;
  /** "443", "49152-65535", "{8887, 8888}"; null without ports. */
  readonly ports: string | null;
  /** The application-level gateway of accepting rules, which brings a second, internal line along. */
  readonly gateway: string | null;
}

type Address = AddressSet | "any";

/** A rule as the manager knows it: printed as one line for every service, all with the same id. */
interface ManagerRule {
  readonly source: Address;
  readonly destination: Address;
  readonly services: readonly Service[];
  readonly direction: "inout" | "in" | "out";
  readonly verdict: Verdict;
  readonly log: boolean;
}

/** A manager rule and where it goes: rules are printed in the order of `place`, from 0 (first) to 1 (last). */
interface PlacedRule {
  readonly rule: ManagerRule;
  readonly place: number;
}

/** A planted dead rule and the earlier ones that cover it; each of them is a single line. */
interface Plant {
  readonly kind: "single" | "union";
  readonly dead: ManagerRule;
  readonly by: readonly ManagerRule[];
}

/** Where the members of groups come from. */
interface Network {
  /** Members for a group, `size` of them, all different and none inside another. */
  readonly drawGroup: (size: number) => Member[];
  /** Whole subnets as CIDRs, `count` different ones. */
  readonly drawSubnets: (count: number) => Member[];
}

const SYSTEM_LINES = 5;
const LAYER_2_LINES = 1;
const FIRST_USER_ID = 1005;

/** Shares of the address sets that are lists of subnets, and groups made of other groups. */
const SUBNET_LIST_SHARE = 0.04;
const NESTED_GROUP_SHARE = 0.06;

/** Shares of the manager rules that come back to an earlier rule, and that open up a nested group. */
const REVISIT_SHARE = 0.19;
const FAMILY_SHARE = 0.03;

/** A small source of random numbers (mulberry32): the same seed gives the same numbers everywhere. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A number from 0 up to, and without, 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, and without, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** A whole number from `first` to `last`, both included. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  /** `count` different whole numbers from 0 up to, and without, `limit`, in ascending order. */
  distinct(count: number, limit: number): number[] {
    if (count > limit) throw new RangeError(`${count} different numbers below ${limit} do not exist`);
    if (count * 2 > limit)
      return ascending(this.shuffled(Array.from({ length: limit }, (_, i) => i)).slice(0, count));
    const chosen = new Set<number>();
    while (chosen.size < count) chosen.add(this.below(limit));
    return ascending([...chosen]);
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    const order = items.map((item) => ({ item, key: this.next() }));
    return order.sort((one, other) => one.key - other.key).map(({ item }) => item);
  }
}

/** Makes one filter's rules and address sets. Throws a RangeError for targets that do not fit together. */
export function generate(options: GenerateOptions): GeneratedDump {
  const planted = options.planted ?? defaultPlanted(options);
  checkTargets(options, planted);
  const random = new Random(options.seed);
  const network = drawNetwork(options, random);
  const sets = drawAddressSets(options, planted, network, random);
  const { plants } = sets;
  const plantedLines = plants.reduce((lines, plant) => lines + 1 + plant.by.length, 0);
  const userLines = options.rules - SYSTEM_LINES - LAYER_2_LINES - plantedLines;
  const natural = drawRules(userLines, options.serviceExplosion ?? 3.3, sets.natural, random);
  const placed = [...natural, ...plants.flatMap((plant) => placePlant(plant, random))];
  const rules = placed.sort((one, other) => one.place - other.place).map(({ rule }) => rule);

  const named = nameAddressSets([...sets.natural, ...sets.dedicated], random);
  const { lines, positions } = printRules(rules);
  return {
    rules: printRuleset("domain-c1", lines) + "\n" + printRuleset("domain-c1_L2", [LAYER_2_RULE]),
    addrsets: named
      .map(({ name, members }) =>
        printAddressSet(
          name,
          members.map(({ text }) => text),
        ),
      )
      .join(""),
    truth: { shadowed: tellTruth(plants, positions) },
  };
}

// Targets

function defaultPlanted({ rules, sets }: GenerateOptions): Planted {
  const each = Math.max(0, Math.min(Math.round(rules / 300), Math.floor((sets - 30) / 12)));
  return { single: each, union: each };
}

/** Lines that the planted rules take at most: two for a single shadow, four for a union of three. */
function plantedLinesAtMost(planted: Planted): number {
  return 2 * planted.single + 4 * planted.union;
}

function checkTargets({ rules, sets, members }: GenerateOptions, planted: Planted): void {
  const leastRules = SYSTEM_LINES + LAYER_2_LINES + plantedLinesAtMost(planted);
  if (rules < leastRules) throw new RangeError(`${rules} rules are too few: at least ${leastRules}`);
  const leastSets = 20 + 2 * plantedSets(planted);
  if (sets < leastSets) throw new RangeError(`${sets} address sets are too few: at least ${leastSets}`);
  if (members < 6 * sets)
    throw new RangeError(`${members} members are too few: at least 6 for every address set`);
}

// The network

function drawNetwork(options: GenerateOptions, random: Random): Network {
  const ipv6Share = options.ipv6Share ?? 0.1;
  if (options.shape === "clustered") return clusteredNetwork(options.sets, ipv6Share, random);
  const hosts =
    options.hosts ?? Math.round(Math.max(options.members / 8, Math.min(4000, options.members / 2)));
  return scatteredNetwork(hosts, ipv6Share, random);
}

/**
 * Hosts all over 10.0.0.0/8, about 40 in every /24 that is in use. A group is so many single addresses far from
 * each other, a few of them MAC addresses.
 */
function scatteredNetwork(hosts: number, ipv6Share: number, random: Random): Network {
  const subnets = random.distinct(Math.ceil(hosts / 40) + 8, 2 ** 16);
  const places = random.distinct(hosts, subnets.length * 250);
  const addresses = places.map((place) => subnets[Math.floor(place / 250)]! * 256 + 2 + (place % 250));
  const drawMember = (address: number): Member => {
    if (random.chance(ipv6Share)) return ipv6Host(address);
    return random.chance(0.002) ? macHost(address) : ipv4Member(address, 32);
  };
  return {
    drawGroup: (size) =>
      random.distinct(size, addresses.length).map((index) => drawMember(addresses[index]!)),
    drawSubnets: (count) =>
      random.distinct(Math.min(count, subnets.length), subnets.length).map((index) => {
        const length = random.pick([24, 24, 24, 23, 22]);
        return ipv4Member(subnetStart(subnets[index]! * 256, length), length);
      }),
  };
}

/**
 * A /22 for about every three address sets. A group is one to three runs of neighbouring IPv4 addresses (single
 * hosts, and here and there a block of 2 to 16) and a run of IPv6 addresses, each in a subnet of its own.
 */
function clusteredNetwork(sets: number, ipv6Share: number, random: Random): Network {
  const subnets = random.shuffled(random.distinct(Math.min(Math.ceil(sets / 3) + 8, 2 ** 14), 2 ** 14));
  const drawIpv4 = (size: number): Member[] => {
    const runs = Math.max(Math.ceil(size / 200), Math.min(random.between(1, 3), Math.ceil(size / 8)));
    const weights = Array.from({ length: runs }, () => 0.5 + random.next());
    const sizes = size === 0 ? [] : splitTotal(size, weights);
    const chosen = random.distinct(runs, subnets.length);
    return sizes.flatMap((runSize, index) => ipv4Run(subnets[chosen[index]!]! * 1024, runSize, random));
  };
  return {
    drawGroup: (size) => {
      const mac = size >= 20 && random.chance(0.05) ? [macHost(random.pick(subnets) * 1024)] : [];
      const ipv6Size = Math.min(size - mac.length, Math.floor(size * ipv6Share + random.next()));
      const ipv4 = drawIpv4(size - mac.length - ipv6Size);
      return [...ipv4, ...ipv6Run(random.pick(subnets), ipv6Size, random), ...mac];
    },
    drawSubnets: (count) =>
      random.distinct(Math.min(count, subnets.length), subnets.length).map((index) => {
        const length = random.pick([22, 23, 24, 25]);
        return ipv4Member(subnets[index]! * 1024, length);
      }),
  };
}

/** `size` neighbouring members in the /22 that starts at `start`; `size` is at most 700, to fit. */
function ipv4Run(start: number, size: number, random: Random): Member[] {
  const end = start + 1024;
  const members: Member[] = [];
  let address = start + 4 + 16 * random.below(16);
  while (members.length < size) {
    const length = random.chance(0.06) ? random.pick([28, 29, 30, 31]) : 32;
    const block = 2 ** (32 - length);
    const fits = address % block === 0 && address + block + (size - members.length - 1) <= end;
    members.push(ipv4Member(address, fits ? length : 32));
    address += fits ? block : 1;
  }
  return members;
}

/** `size` neighbouring hosts of an IPv6 subnet. */
function ipv6Run(subnet: number, size: number, random: Random): Member[] {
  const first = 1 + 16 * random.below(16);
  const network = `fd4e:8a10:${hexadecimal(subnet + 1)}`;
  return Array.from({ length: size }, (_, index) => ({
    order: 2 ** 32 + subnet * 2 ** 16 + first + index,
    text: `ip ${network}::${hexadecimal(first + index)}`,
  }));
}

function subnetStart(address: number, length: number): number {
  const block = 2 ** (32 - length);
  return Math.floor(address / block) * block;
}

/** A subnet of 10.0.0.0/8, or a host of it with length 32; `address` counts from 10.0.0.0. */
function ipv4Member(address: number, length: number): Member {
  const bytes = [10, (address >>> 16) & 255, (address >>> 8) & 255, address & 255];
  const mask = length === 32 ? "" : `/${length}`;
  return { order: address, text: `ip ${bytes.join(".")}${mask}` };
}

/** The IPv6 address of the same host: link-local for some hosts, unique local for the others. */
function ipv6Host(address: number): Member {
  const subnet = address >>> 8;
  const order = 2 ** 32 + address;
  if (subnet % 3 !== 0) {
    return { order, text: `ip fd4e:8a10:${hexadecimal(subnet)}::${hexadecimal((address & 255) + 1)}` };
  }
  const top = hexadecimal(address >>> 16).padStart(2, "0");
  return { order, text: `ip fe80::250:56ff:fe${top}:${hexadecimal(address & 65_535)}` };
}

function hexadecimal(number: number): string {
  return number.toString(16);
}

function macHost(address: number): Member {
  const bytes = [0x00, 0x50, 0x56, (address >>> 16) & 255, (address >>> 8) & 255, address & 255];
  const text = `mac ${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":")}`;
  return { order: 2 ** 33 + address, text };
}

// Address sets

interface AddressSets {
  /** Sets that any rule may use. */
  readonly natural: readonly AddressSet[];
  /** Groups and subsets of them that only planted rules use. */
  readonly dedicated: readonly AddressSet[];
  readonly plants: readonly Plant[];
}

/**
 * Lists of subnets and planted sets come first, and the plain groups that nothing else is made of come last: they
 * take what is left of the members.
 */
function drawAddressSets(
  options: GenerateOptions,
  planted: Planted,
  network: Network,
  random: Random,
): AddressSets {
  const { sets, members } = options;
  const subnetLists = Array.from({ length: Math.round(sets * SUBNET_LIST_SHARE) }, () =>
    addressSet(network.drawSubnets(random.between(1, 6))),
  );
  const nestedCount = Math.round(sets * NESTED_GROUP_SHARE);
  const plainCount = sets - subnetLists.length - nestedCount - plantedSets(planted);
  const groupEquivalents = plainCount + 2.5 * nestedCount + 0.7 * plantedSets(planted);
  const meanSize = (members - countMembers(subnetLists)) / groupEquivalents;

  const usedCount = Math.floor(plainCount / 2);
  const drawGroup = () =>
    addressSet(network.drawGroup(Math.max(5, Math.round(meanSize * (0.5 + random.next())))));
  const used = Array.from({ length: usedCount }, drawGroup);
  const nested = Array.from({ length: nestedCount }, () => nestGroups(used, network, random));
  const dedicated: AddressSet[] = [];
  const plants = drawPlants(planted, drawGroup, dedicated, random);

  const left = members - countMembers([...subnetLists, ...used, ...nested, ...dedicated]);
  const weights = Array.from({ length: plainCount - usedCount }, () => 0.5 + random.next());
  const plain = splitTotal(left, weights).map((size) => addressSet(network.drawGroup(size)));
  return { natural: random.shuffled([...subnetLists, ...used, ...nested, ...plain]), dedicated, plants };
}

function addressSet(members: readonly Member[], children: readonly AddressSet[] = []): AddressSet {
  const byText = new Map(members.map((member) => [member.text, member]));
  const ordered = [...byText.values()].sort((one, other) => one.order - other.order);
  return { name: "", members: ordered, children };
}

/** A group of two or three groups; half of the time with a few members of its own. */
function nestGroups(groups: readonly AddressSet[], network: Network, random: Random): AddressSet {
  const children = random.distinct(random.between(2, 3), groups.length).map((index) => groups[index]!);
  const own = random.chance(0.5) ? network.drawGroup(random.between(1, 3)) : [];
  return addressSet([...children.flatMap((child) => child.members), ...own], children);
}

function countMembers(sets: readonly AddressSet[]): number {
  return sets.reduce((total, { members }) => total + members.length, 0);
}

/** Splits a total into whole numbers of at least 1, as the weights say and with exactly that sum. */
function splitTotal(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const toShare = total - weights.length;
  if (toShare < 0) throw new RangeError(`${total} members are too few for ${weights.length} groups`);
  let weightSoFar = 0;
  let sharedSoFar = 0;
  return weights.map((weight) => {
    weightSoFar += weight;
    const shared = Math.round((toShare * weightSoFar) / sum) - sharedSoFar;
    sharedSoFar += shared;
    return 1 + shared;
  });
}

/** Gives the sets names such as `ip-securitygroup-17`, and the order in which they are printed. */
function nameAddressSets(sets: readonly AddressSet[], random: Random): AddressSet[] {
  const ordered = random.shuffled(sets);
  for (const [index, set] of ordered.entries()) {
    const type = random.pick(["securitygroup", "securitygroup", "securitygroup", "ipset", "virtualwire"]);
    set.name = `ip-${type}-${index + 1}`;
  }
  return ordered;
}

// Planted rules

type MakeSubset = (members: readonly Member[]) => AddressSet;

/** A way to plant a dead rule between (parts of) two groups. */
interface PlantForm {
  /** How many address sets it makes for itself. */
  readonly sets: number;
  readonly plant: (
    big: AddressSet,
    other: AddressSet,
    subset: MakeSubset,
    random: Random,
  ) => Pick<Plant, "by" | "dead">;
}

/** The forms are planted in turn. */
const SINGLE_FORMS: readonly PlantForm[] = [
  { sets: 2, plant: plantSubsetOfBothEnds },
  { sets: 1, plant: plantPartOfPortRange },
  { sets: 1, plant: plantUnderAnyProtocol },
];
const UNION_FORMS: readonly PlantForm[] = [
  { sets: 2, plant: plantDestinationHalves },
  { sets: 3, plant: plantSourceThirds },
  { sets: 0, plant: plantPortRangeHalves },
];

/** The number of address sets that only planted rules use: a chain of groups, and what the forms make of them. */
function plantedSets({ single, union }: Planted): number {
  const count = (plants: number, forms: readonly PlantForm[]) => {
    const perPlant = Array.from({ length: plants }, (_, index) => forms[index % forms.length]!.sets);
    return perPlant.reduce((sum, count) => sum + count, 0);
  };
  if (single + union === 0) return 0;
  return single + union + 1 + count(single, SINGLE_FORMS) + count(union, UNION_FORMS);
}

/**
 * Draws the planted rules, each between two neighbours in a chain of groups, so that no two plants have the same
 * ends. Only planted rules use these groups, so that hardly any other rule can cover a whole planted one; their
 * hosts are in other groups too. All the sets are pushed to `dedicated`.
 */
function drawPlants(
  planted: Planted,
  drawGroup: () => AddressSet,
  dedicated: AddressSet[],
  random: Random,
): Plant[] {
  const keep = (set: AddressSet): AddressSet => {
    dedicated.push(set);
    return set;
  };
  let last: AddressSet | null = null;
  const draw = (kind: Plant["kind"], forms: readonly PlantForm[], index: number): Plant => {
    const { plant } = forms[index % forms.length]!;
    const source = last ?? keep(drawGroup());
    last = keep(drawGroup());
    return { kind, ...plant(source, last, (members) => keep(addressSet(members)), random) };
  };
  return [
    ...Array.from({ length: planted.single }, (_, index) => draw("single", SINGLE_FORMS, index)),
    ...Array.from({ length: planted.union }, (_, index) => draw("union", UNION_FORMS, index)),
  ];
}

/** From some of one group to some of another, under the same service between the whole groups. */
function plantSubsetOfBothEnds(big: AddressSet, other: AddressSet, subset: MakeSubset, random: Random) {
  const services = [random.pick(POPULAR_SERVICES)];
  const [covering, dead] = twoVerdicts(random);
  return {
    by: [plantedRule(big, other, services, covering)],
    dead: plantedRule(subset(someMembers(big, random)), subset(someMembers(other, random)), services, dead),
  };
}

/** A few ports of a range, for some of the sources. */
function plantPartOfPortRange(big: AddressSet, other: AddressSet, subset: MakeSubset, random: Random) {
  const first = random.between(1024, 60_000);
  const last = first + random.between(5, 500);
  const part = random.between(first + 1, last - 1);
  const [covering, dead] = twoVerdicts(random);
  return {
    by: [plantedRule(big, other, [tcp(`${first}-${last}`)], covering)],
    dead: plantedRule(subset(someMembers(big, random)), other, [tcp(`{${first}, ${part}-${last}}`)], dead),
  };
}

/** One service to some of the destinations, under any protocol to all of them. */
function plantUnderAnyProtocol(big: AddressSet, other: AddressSet, subset: MakeSubset, random: Random) {
  const [covering, dead] = twoVerdicts(random);
  return {
    by: [plantedRule(big, other, [ANY_SERVICE], covering)],
    dead: plantedRule(big, subset(someMembers(other, random)), [random.pick(POPULAR_SERVICES)], dead),
  };
}

/** Two rules take half of the destinations each. */
function plantDestinationHalves(big: AddressSet, other: AddressSet, subset: MakeSubset, random: Random) {
  const services = [random.pick(POPULAR_SERVICES)];
  const [covering, dead] = twoVerdicts(random);
  const halves = splitMembers(other, 2).map(subset);
  return {
    by: halves.map((half) => plantedRule(big, half, services, covering)),
    dead: plantedRule(big, other, services, dead),
  };
}

/** Three rules take a third of the sources each. */
function plantSourceThirds(big: AddressSet, other: AddressSet, subset: MakeSubset, random: Random) {
  const services = [random.pick(POPULAR_SERVICES)];
  const [covering, dead] = twoVerdicts(random);
  const thirds = splitMembers(big, 3).map(subset);
  return {
    by: thirds.map((third) => plantedRule(third, other, services, covering)),
    dead: plantedRule(big, other, services, dead),
  };
}

/** Two rules take overlapping halves of a port range. */
function plantPortRangeHalves(big: AddressSet, other: AddressSet, _subset: MakeSubset, random: Random) {
  const first = random.between(1024, 60_000);
  const middle = first + random.between(5, 500);
  const last = middle + random.between(5, 500);
  const [covering, dead] = twoVerdicts(random);
  const ranges = [`${first}-${middle}`, `${middle - 2}-${last}`];
  return {
    by: ranges.map((range) => plantedRule(big, other, [tcp(range)], covering)),
    dead: plantedRule(big, other, [tcp(`${first}-${last}`)], dead),
  };
}

function plantedRule(
  source: AddressSet,
  destination: AddressSet,
  services: readonly Service[],
  verdict: Verdict,
): ManagerRule {
  return { source, destination, services, direction: "inout", verdict, log: false };
}

/** The verdict of the covering rules, and another one. */
function twoVerdicts(random: Random): [Verdict, Verdict] {
  return random.pick([
    ["accept", "drop"],
    ["accept", "reject"],
    ["drop", "accept"],
  ]);
}

/** Between a third and all but one of a group's IP members. */
function someMembers(set: AddressSet, random: Random): Member[] {
  const members = ipMembers(set);
  const count = random.between(Math.ceil(members.length / 3), members.length - 1);
  return random.distinct(count, members.length).map((index) => members[index]!);
}

/** A group's IP members in parts of about the same size; MAC members match nothing at layer 3. */
function splitMembers(set: AddressSet, parts: number): Member[][] {
  const members = ipMembers(set);
  const bound = (part: number) => Math.round((members.length * part) / parts);
  return Array.from({ length: parts }, (_, part) => members.slice(bound(part), bound(part + 1)));
}

function ipMembers(set: AddressSet): Member[] {
  return set.members.filter(({ text }) => text.startsWith("ip "));
}

/** The covering rules somewhere, and the dead one somewhere after the last of them. */
function placePlant({ by, dead }: Plant, random: Random): PlacedRule[] {
  const covering = by.map((rule) => ({ rule, place: 0.9 * random.next() }));
  const last = Math.max(...covering.map(({ place }) => place));
  return [...covering, { rule: dead, place: last + (1 - last) * (0.01 + 0.99 * random.next()) }];
}

function tellTruth(plants: readonly Plant[], positions: ReadonlyMap<ManagerRule, Position>): PlantedShadow[] {
  const shadows = plants.map(({ kind, dead, by }): PlantedShadow => {
    const { id, position } = positions.get(dead)!;
    return { id, position, by: ascending(by.map((rule) => positions.get(rule)!.position)), kind };
  });
  return shadows.sort((one, other) => one.position - other.position);
}

// Services

function tcp(ports: string, gateway: string | null = null): Service {
  return { protocol: "tcp", ports, gateway };
}

function udp(ports: string): Service {
  return { protocol: "udp", ports, gateway: null };
}

function withoutPorts(protocol: string): Service {
  return { protocol, ports: null, gateway: null };
}

const ANY_SERVICE = withoutPorts("any");

/** Well-known services and how often they are asked for, in per cent of all services. */
const CATALOGUE: readonly (readonly [number, Service])[] = [
  [7, tcp("443")],
  [5, tcp("80")],
  [4, tcp("22")],
  [3, tcp("3389")],
  [3, tcp("1433")],
  [3, udp("53")],
  [2.5, tcp("445")],
  [2.5, tcp("8443")],
  [2, tcp("8080")],
  [2, tcp("53")],
  [2, udp("123")],
  [2, udp("161")],
  [2, tcp("49152-65535")],
  [1.5, tcp("135", "dcerpc")],
  [1.5, tcp("{8887, 8888}")],
  [1.5, tcp("1521")],
  [1.5, tcp("3306")],
  [1.5, tcp("5432")],
  [1.5, tcp("389")],
  [1, tcp("636")],
  [1, tcp("88")],
  [1, udp("88")],
  [1, tcp("9000-9010")],
  [1, tcp("5985-5986")],
  [1, tcp("{80, 443, 8080, 8443}")],
  [1, tcp("25")],
  [1, udp("514")],
  [1, tcp("514")],
  [0.8, tcp("139")],
  [0.8, udp("137-138")],
  [0.8, udp("389")],
  [0.6, tcp("464")],
  [0.6, tcp("3268-3269")],
  [0.6, tcp("21", "ftp")],
  [0.5, udp("162")],
  [0.5, udp("1024-65535")],
  [0.4, withoutPorts("icmp icmptype 8")],
  [0.2, withoutPorts("gre")],
  [0.2, withoutPorts("esp")],
];

const POPULAR_SERVICES: readonly Service[] = CATALOGUE.slice(0, 9).map(([, service]) => service);

/** What a domain controller serves: the long list that one "Active Directory" rule explodes into. */
const DIRECTORY_SERVICES: readonly Service[] = [
  tcp("135", "dcerpc"),
  ...["53", "88", "389", "445", "464", "636", "3268-3269"].map((ports) => tcp(ports)),
  ...["53", "88", "123", "389", "464"].map(udp),
];

const PING: readonly Service[] = [withoutPorts("icmp icmptype 8"), withoutPorts("icmp icmptype 0")];

/** One service: a well-known one, or the ports of somebody's own application. */
function drawService(random: Random): Service {
  let left = 100 * random.next();
  for (const [weight, service] of CATALOGUE) {
    left -= weight;
    if (left < 0) return service;
  }
  const port = random.between(1024, 49_000);
  const form = random.next();
  if (form < 0.65) return tcp(`${port}`);
  if (form < 0.8) return udp(`${port}`);
  if (form < 0.93) return tcp(`${port}-${port + random.between(1, 100)}`);
  return tcp(`{${port}, ${port + 1}, ${port + random.between(10, 20)}-${port + random.between(21, 40)}}`);
}

/** Different services, `mean` on average: most rules have one or two, a few have dozens. */
function drawServices(mean: number, random: Random): Service[] {
  const count =
    mean <= 1 ? 1 : Math.min(40, 1 + Math.floor(Math.log(1 - random.next()) / Math.log(1 - 1 / mean)));
  const chosen = count > 8 && random.chance(0.4) ? DIRECTORY_SERVICES.slice(0, count) : [];
  const byText = new Map(chosen.map((service) => [serviceKey(service), service]));
  while (byText.size < count) {
    const service = drawService(random);
    byText.set(serviceKey(service), service);
  }
  return [...byText.values()];
}

function serviceKey({ protocol, ports }: Service): string {
  return `${protocol} ${ports}`;
}

// Rules

/** Draws address sets for rules: every set in turn, and some of them again and again. */
class SetDeck {
  private readonly sets: readonly AddressSet[];
  private readonly popular: readonly AddressSet[];
  private readonly random: Random;
  private rest: AddressSet[] = [];

  constructor(sets: readonly AddressSet[], random: Random) {
    this.sets = sets;
    this.random = random;
    this.popular = sets.slice(0, Math.ceil(sets.length / 50));
  }

  draw(): AddressSet {
    if (this.random.chance(0.2)) return this.random.pick(this.popular);
    if (this.rest.length === 0) this.rest = this.random.shuffled(this.sets);
    return this.rest.pop()!;
  }
}

/** Manager rules that print `lines` lines, in the order in which somebody asked for them. */
function drawRules(
  lines: number,
  explosion: number,
  sets: readonly AddressSet[],
  random: Random,
): PlacedRule[] {
  const deck = new SetDeck(sets, random);
  const nested = sets.filter(({ children }) => children.length > 0);
  const placed: PlacedRule[] = [];
  let left = lines;
  while (left > 0) {
    const progress = 1 - left / lines;
    for (const { rule, place } of drawRequest(placed, progress, explosion, deck, nested, random)) {
      const fitting = fitLines(rule, left);
      if (fitting === null) break;
      placed.push({ rule: fitting, place });
      left -= countLines(fitting);
    }
  }
  return placed;
}

/** What one request brings: a new rule, an earlier one again in another form, or a whole family. */
function drawRequest(
  earlier: readonly PlacedRule[],
  progress: number,
  explosion: number,
  deck: SetDeck,
  nested: readonly AddressSet[],
  random: Random,
): PlacedRule[] {
  const kind = random.next();
  if (kind < FAMILY_SHARE && nested.length > 0) {
    return drawFamily(random.pick(nested), progress, deck, random);
  }
  if (kind < FAMILY_SHARE + REVISIT_SHARE && earlier.length > 0) {
    return [{ rule: revisitRule(random.pick(earlier).rule, deck, random), place: progress }];
  }
  return [{ rule: drawNewRule(explosion, deck, random), place: progress }];
}

/** Most rules are drawn from services a little above the mean, because the rest have one or two. */
function drawNewRule(explosion: number, deck: SetDeck, random: Random): ManagerRule {
  const source = deck.draw();
  const destination = deck.draw();
  const treatment = drawTreatment(random);
  const kind = random.next();
  if (kind < 0.03) return { source, destination, services: [ANY_SERVICE], ...treatment };
  if (kind < 0.034) return { source, destination: "any", services: [ANY_SERVICE], ...treatment };
  if (kind < 0.06) return { source, destination, services: PING, ...treatment };
  const services = drawServices(1 + 1.25 * (explosion - 1), random);
  if (kind < 0.12) return { source: "any", destination, services, ...treatment };
  if (kind < 0.18) return { source, destination: "any", services, ...treatment };
  return { source, destination, services, ...treatment };
}

function drawTreatment(random: Random): Pick<ManagerRule, "direction" | "verdict" | "log"> {
  const direction = random.chance(0.95) ? "inout" : random.pick(["in", "in", "out"] as const);
  const verdict = random.chance(0.93) ? "accept" : random.pick(["drop", "drop", "reject"] as const);
  return { direction, verdict, log: random.chance(verdict === "accept" ? 0.3 : 0.8) };
}

/**
 * An earlier rule again, as tickets ask for it years later: for the same groups or smaller ones (dead, if
 * nothing is added), for one more service, or the other way round.
 */
function revisitRule(rule: ManagerRule, deck: SetDeck, random: Random): ManagerRule {
  const treatment = { ...drawTreatment(random), direction: rule.direction };
  const services = rule.services.filter(() => random.chance(0.9));
  const again: ManagerRule = {
    ...rule,
    ...treatment,
    services: services.length === 0 ? rule.services : services,
  };
  const kind = random.next();
  if (kind < 0.55) return again;
  if (kind < 0.8) {
    const source = narrower(rule.source, deck, random);
    return { ...again, source, destination: narrower(rule.destination, deck, random) };
  }
  if (kind < 0.9) return { ...again, services: [...again.services, drawService(random)] };
  return { ...again, source: rule.destination, destination: rule.source };
}

/** A group inside this one, if it has any; any group for `any`; the same group otherwise. */
function narrower(address: Address, deck: SetDeck, random: Random): Address {
  if (address === "any") return deck.draw();
  return address.children.length > 0 ? random.pick(address.children) : address;
}

/** A rule for every child of a nested group and, later, one for the group: dead if it is no more than them. */
function drawFamily(group: AddressSet, progress: number, deck: SetDeck, random: Random): PlacedRule[] {
  const other = deck.draw();
  const services = drawServices(1.5, random);
  const inward = random.chance(0.5);
  const ruleFor = (member: AddressSet): ManagerRule => {
    const ends = inward ? { source: other, destination: member } : { source: member, destination: other };
    return { ...ends, services, ...drawTreatment(random), direction: "inout" };
  };
  const children = group.children.map((child) => ({ rule: ruleFor(child), place: progress }));
  return [...children, { rule: ruleFor(group), place: progress + (1 - progress) * random.next() }];
}

/** The rule with as many of its services as `lines` lines hold; null if that is none. */
function fitLines(rule: ManagerRule, lines: number): ManagerRule | null {
  for (let count = rule.services.length; count > 0; count -= 1) {
    const fitting = { ...rule, services: rule.services.slice(0, count) };
    if (countLines(fitting) <= lines) return fitting;
  }
  return lines > 0 ? { ...rule, services: [tcp("443")] } : null;
}

function countLines({ services, verdict }: ManagerRule): number {
  const twins = verdict === "accept" ? services.filter(({ gateway }) => gateway !== null).length : 0;
  return services.length + twins;
}

// Text

/** A manager rule's id, and the position of its first line. */
interface Position {
  readonly id: number;
  readonly position: number;
}

const SYSTEM_RULES: readonly (Pick<ManagerRule, "services" | "verdict" | "log"> & { id: number })[] = [
  {
    id: 1003,
    services: [withoutPorts("ipv6-icmp icmptype 135"), withoutPorts("ipv6-icmp icmptype 136")],
    verdict: "accept",
    log: false,
  },
  { id: 1002, services: [udp("67"), udp("68")], verdict: "accept", log: false },
  { id: 1001, services: [ANY_SERVICE], verdict: "drop", log: true },
];

const LAYER_2_RULE = "rule 1004 at 1 inout ethertype any from any to any accept;";

/** The lines of the rules and of the system rules after them, with ids and positions. */
function printRules(rules: readonly ManagerRule[]): {
  lines: string[];
  positions: Map<ManagerRule, Position>;
} {
  const lines: string[] = [];
  const positions = new Map<ManagerRule, Position>();
  for (const [index, rule] of rules.entries()) {
    const id = FIRST_USER_ID + index;
    positions.set(rule, { id, position: lines.length + 1 });
    printManagerRule(rule, id, lines);
  }
  for (const { id, ...rule } of SYSTEM_RULES) {
    printManagerRule({ source: "any", destination: "any", direction: "inout", ...rule }, id, lines);
  }
  return { lines, positions };
}

/** Appends a manager rule's lines: one for every service, and after an ALG's line its internal twin. */
function printManagerRule(rule: ManagerRule, id: number, lines: string[]): void {
  const addresses = `from ${printAddress(rule.source)} to ${printAddress(rule.destination)}`;
  const suffix = rule.log ? " with log" : "";
  for (const { protocol, ports, gateway } of rule.services) {
    const line = () => {
      const to = ports === null ? addresses : `${addresses} port ${ports}`;
      const match = `${rule.direction} protocol ${protocol} ${to}`;
      return `rule ${id} at ${lines.length + 1} ${match} ${rule.verdict}`;
    };
    if (gateway === null || rule.verdict !== "accept") {
      lines.push(`${line()}${suffix};`);
    } else {
      lines.push(`${line()}${suffix} as ${gateway};`);
      lines.push(`# internal # ${line()}${suffix};`);
    }
  }
}

function printAddress(address: Address): string {
  return address === "any" ? "any" : `addrset ${address.name}`;
}

/** A block of `getrules`; the lines come without indentation. */
export function printRuleset(name: string, lines: readonly string[]): string {
  return [`ruleset ${name} {`, "  # Filter rules", ...lines.map((line) => `  ${line}`), "}", ""].join("\n");
}

/** A block of `getaddrsets`; a member is "ip 10.1.2.0/24" or "mac 00:50:56:99:14:61". */
export function printAddressSet(name: string, members: readonly string[]): string {
  return [`addrset ${name} {`, ...members.map((member) => `${member},`), "}", ""].join("\n");
}

function ascending(numbers: readonly number[]): number[] {
  return [...numbers].sort((one, other) => one - other);
}
