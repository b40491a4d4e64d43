import type { Packet } from "../model/packet.ts";
import { difference, fromSpans, single, type Ranges, type Span } from "../model/ranges.ts";
import {
  DIRECTION_NUMBER,
  IP_KINDS,
  PLAIN_DESTINATIONS,
  PLAIN_PORTS,
  PLAIN_SOURCE_PORTS,
  PLAIN_SOURCES,
  UNIVERSE,
  sampleBox,
  type Box,
  type Kind,
} from "./boxes.ts";
import { Dimension, NONE, type ClassList } from "./dimension.ts";
import { DistinctRanges } from "./distinct-ranges.ts";
import type { Entry } from "./entries.ts";
import { HostIndex } from "./host-index.ts";
import type { RuleBoxes } from "./rule-boxes.ts";
import { SharedFields } from "./shared-fields.ts";

/** What planes are made from: rules, or anything else that is one product of sets. */
export type Packets = Pick<Entry, "may" | "must">;

/**
 * All packets of one address family, or all frames, as a product of four fields: source, destination, source port,
 * and header (direction with protocol and destination port, or ICMP type and code, or EtherType). In these fields a
 * rule is one product of four sets, because only rules without source ports go beyond TCP, UDP and SCTP. A packet
 * without ports stands at every source port.
 */
export interface Plane {
  readonly name: PlaneName;
  /** Source, destination, source port, header. */
  readonly dimensions: readonly [Dimension, Dimension, Dimension, Dimension];
  /** What each rule possibly matches: four set ids a rule, `NONE` where it has no packet in this plane. */
  readonly may: Int32Array;
  /** What each rule certainly matches if its conditions hold. */
  readonly must: Int32Array;
  /** For each field a class that reads well in an example. */
  readonly plainClass: readonly number[];
  /** A packet at a point: one class a field. */
  packetAt(point: readonly number[]): Packet;
  /**
   * How many values classes of a field hold: of packets with ports, and of others. A packet without ports stands at
   * every source port, so there it counts as a part.
   */
  measureOf(field: number, classes: Classes): readonly [ports: number, other: number];
  /** The packets in a product of classes, as boxes that have no packet in common. */
  boxesOf(lists: readonly Classes[]): Box[];
  /** The addresses in classes of source or destination. */
  addressesOf(field: 0 | 1, list: Classes): Ranges;
  /** The classes of source or destination that addresses touch; null if they are more than `most`. */
  addressClasses(field: 0 | 1, addresses: Ranges, most: number): readonly number[] | null;
  /** The class of source or destination that one IPv4 address is in. */
  hostClass(field: 0 | 1, address: number): number;
  /** The classes of source port and header that a box of this plane touches; null if some are more than `most`. */
  serviceClasses(
    box: Box,
    most: number,
  ): { sourcePorts: readonly number[]; headers: readonly number[] } | null;
}

/** Classes of a field: a list, or what is left of one without others; the rest of many classes is never listed. */
export type Classes = ClassList | { readonly of: ClassList; readonly without: Int32Array };

export type PlaneName = "ipv4" | "ipv6" | "ethernet";
export const FIELDS = 4;

/**
 * The planes that some rule of the list has packets in.
 * @param known fields of other lists, to be shared where they are the same
 */
export function buildPlanes(entries: readonly Packets[], known: Fields = new SharedFields()): Plane[] {
  return (["ipv4", "ipv6", "ethernet"] as const)
    .filter((name) => entries.some(({ may }) => kindsOf(name).some((kind) => may.has(kind))))
    .map((name) => buildPlane(name, entries, known));
}

export type Fields = SharedFields<CutField, HeaderField>;

/**
 * The planes of several lists at once: their classes are worked out together, and sets that they share are one set.
 * @returns the planes of each list
 */
export function buildSharedPlanes(lists: readonly (readonly Packets[])[], known?: Fields): Plane[][] {
  const together = buildPlanes(lists.flat(), known);
  let start = 0;
  return lists.map((entries) => {
    const from = start * FIELDS;
    start += entries.length;
    const own = (boxes: Int32Array): Int32Array => boxes.subarray(from, start * FIELDS);
    return together.map((plane) => {
      const may = own(plane.may);
      return { ...plane, may, must: plane.must === plane.may ? may : own(plane.must) };
    });
  });
}

export function planeOf(kind: Kind): PlaneName {
  return kind === "ethernet" ? "ethernet" : kind.startsWith("ipv4") ? "ipv4" : "ipv6";
}

function kindsOf(name: PlaneName): readonly Kind[] {
  return name === "ethernet" ? ["ethernet"] : IP_KINDS.filter((kind) => kind.startsWith(name));
}

interface Sides {
  readonly source: Ranges;
  readonly destination: Ranges;
  readonly sourcePorts: Ranges;
  readonly header: HeaderSet;
}

interface HeaderSet {
  readonly key: string;
  /** The rule's boxes in this plane, of which the header takes the direction and all behind the addresses. */
  readonly boxes: readonly Box[];
}

const ALL_PORTS: Ranges<number> = [0, 65_536];

function sidesOf(boxes: RuleBoxes, kinds: readonly Kind[]): Sides | null {
  const present = kinds.flatMap((kind) => boxes.get(kind) ?? []);
  const [first] = present;
  if (first === undefined) return null;
  const ports = present.find(({ kind }) => kind.endsWith("ports"));
  const key = present
    .map(
      ({ kind, sides }) =>
        `${kind}:${sides[0]!.join()};${headerSides(kind, sides)
          .map((side) => side.join())
          .join(";")}`,
    )
    .join(" ");
  return {
    source: first.sides[1]!,
    destination: first.sides[2]!,
    sourcePorts: ports === undefined ? ALL_PORTS : ports.sides[4]!,
    header: { key, boxes: present },
  };
}

/** Protocol and destination port, type and code, protocol, or EtherType. */
function headerSides(kind: Kind, sides: readonly Ranges[]): readonly Ranges[] {
  return kind.endsWith("ports") ? [sides[3]!, sides[5]!] : sides.slice(3);
}

function buildPlane(name: PlaneName, entries: readonly Packets[], known: Fields): Plane {
  const kinds = kindsOf(name);
  const may = entries.map((entry) => sidesOf(entry.may, kinds));
  const must = entries.map((entry, index) =>
    entry.must === entry.may ? may[index]! : sidesOf(entry.must, kinds),
  );
  const all = [...may, ...must].filter((sides) => sides !== null);
  const [, sourceAll, destinationAll] = UNIVERSE[kinds[0]!].sides;
  // A dimension answers one question at a time, so two fields of a plane never share theirs.
  const source = valueField(
    { universe: sourceAll!, place: `${name} source`, known },
    all.map((sides) => sides.source),
  );
  const destination = valueField(
    { universe: destinationAll!, place: `${name} destination`, known },
    all.map((sides) => sides.destination),
  );
  const sourcePort = valueField(
    { universe: ALL_PORTS, place: `${name} port`, known },
    all.map((sides) => sides.sourcePorts),
  );
  const headers = new Map(all.map(({ header: own }) => [own.key, own]));
  const header = known.headers.of(name, [...headers.keys()], () => headerField(kinds, headers));
  const ids = (sides: readonly (Sides | null)[]): Int32Array => {
    const result = new Int32Array(sides.length * FIELDS).fill(NONE);
    for (const [index, side] of sides.entries()) {
      if (side === null) continue;
      result[index * FIELDS] = source.idOf(side.source);
      result[index * FIELDS + 1] = destination.idOf(side.destination);
      result[index * FIELDS + 2] = sourcePort.idOf(side.sourcePorts);
      result[index * FIELDS + 3] = header.idOf(side.header);
    }
    return result;
  };
  const mayIds = ids(may);
  const dimensions = [
    source.dimension,
    destination.dimension,
    sourcePort.dimension,
    header.dimension,
  ] as const;
  return {
    name,
    dimensions,
    may: mayIds,
    must: entries.every((entry) => entry.must === entry.may) ? mayIds : ids(must),
    plainClass: [
      source.plainClass(PLAIN_SOURCES),
      destination.plainClass(PLAIN_DESTINATIONS),
      sourcePort.plainClass(PLAIN_SOURCE_PORTS),
      header.plainClass,
    ],
    packetAt: ([s, d, p, h]) => {
      const cell = header.cellFor(h!);
      const addresses = [source.valuesFor(s!, PLAIN_SOURCES), destination.valuesFor(d!, PLAIN_DESTINATIONS)];
      return sampleBox(header.boxAt(cell, addresses, sourcePort.valuesFor(p!, PLAIN_SOURCE_PORTS)));
    },
    measureOf: (field, classes) => {
      const measure = (list: ClassList): readonly [number, number] => {
        if (field === 3) return header.measureOf(list);
        const values = [source, destination, sourcePort][field]!.measureOf(list);
        return field === 2 ? [values, values / 65_536] : [values, values];
      };
      if (classes === null || classes instanceof Int32Array) return measure(classes);
      const [all, without] = [measure(classes.of), measure(classes.without)];
      const left = [all[0] - without[0], all[1] - without[1]] as const;
      // A small rest of a great number has no digits left: then it is summed up itself.
      const isVague = left.some((part, index) => part < all[index]! * 1e-6 && all[index]! > 2 ** 52);
      return isVague ? measure(listOf(classes, dimensions[field]!.classCount)) : left;
    },
    boxesOf: ([s, d, p, h]) => {
      const from = source.rangesOf(s!);
      const to = destination.rangesOf(d!);
      const ports = sourcePort.rangesOf(p!);
      return header.partsOf(h!).map(({ kind, directions, first, second }) => {
        const sides = [directions, from, to, first];
        if (kind.endsWith("ports")) sides.push(ports, second);
        else if (kind.endsWith("icmp")) sides.push(second);
        return { kind, sides };
      });
    },
    addressesOf: (field, list) => (field === 0 ? source : destination).rangesOf(list),
    addressClasses: (field, addresses, most) =>
      (field === 0 ? source : destination).classesIn(addresses, most),
    hostClass: (field, address) => (field === 0 ? source : destination).hostClass(address),
    serviceClasses: (box, most) => {
      // A packet without ports stands at every source port, so one of them is enough.
      const sourcePorts = box.kind.endsWith("ports") ? sourcePort.classesIn(box.sides[4]!, most) : [0];
      const headers = header.classesIn(box, most);
      return sourcePorts === null || headers === null ? null : { sourcePorts, headers };
    },
  };
}

// ---- fields of plain values --------------------------------------------------------------------------------

interface ValueField extends Omit<CutField, "ids"> {
  idOf(ranges: Ranges): number;
}

/** A field that is cut by sets. */
interface CutField {
  readonly dimension: Dimension;
  /** The id of each of the sets. */
  readonly ids: Int32Array;
  classesIn(ranges: Ranges, most: number): readonly number[] | null;
  /** The class of an address, if the values are IPv4 addresses. */
  hostClass(address: number): number;
  plainClass(plain: readonly (number | bigint)[]): number;
  /** A run of values in the class, one with a plain value if there is one. */
  valuesFor(c: number, plain: readonly (number | bigint)[]): Ranges;
  /** How many values the classes hold. */
  measureOf(list: ClassList): number;
  rangesOf(classes: Classes): Ranges;
}

function valueField(
  { universe, place, known }: { universe: Ranges; place: string; known: Fields },
  given: readonly Ranges[],
): ValueField {
  const distinct = new DistinctRanges();
  for (const ranges of given) distinct.numberOf(ranges);
  const { ids, ...field } = known.values.of(place, distinct.all, () => cutField(universe, distinct.all));
  return { ...field, idOf: (ranges) => ids[distinct.numberOf(ranges)]! };
}

function cutField(universe: Ranges, sets: readonly Ranges[]): CutField {
  const cut = cutRanges(universe, sets);
  const { dimension, ids } = Dimension.build(cut.cellCount, cut.runs);
  const classAt = (value: number | bigint): number => dimension.classOf[cellAt(cut.bounds, value)]!;
  const whole = widthOf([universe[0]!, universe.at(-1)!], 0);
  let classWidths: Float64Array | null = null;
  const widths = (): Float64Array => {
    if (classWidths !== null) return classWidths;
    classWidths = new Float64Array(dimension.classCount);
    for (const [cell, c] of dimension.classOf.entries()) classWidths[c]! += widthOf(cut.bounds, cell);
    return classWidths;
  };
  const rangesOfList = keptByClasses((list: Int32Array): Ranges => {
    const cells: number[] = [];
    for (const c of list) for (const cell of dimension.cellsOf(c)) cells.push(cell);
    cells.sort((a, b) => a - b);
    const bounds: (number | bigint)[] = [];
    for (const cell of cells) {
      if (bounds.at(-1) === cut.bounds[cell]) bounds[bounds.length - 1] = cut.bounds[cell + 1]!;
      else bounds.push(cut.bounds[cell]!, cut.bounds[cell + 1]!);
    }
    return bounds;
  });
  // The same addresses come again and again in a list of flows.
  const kept = new WeakMap<Ranges, readonly number[] | null>();
  return {
    dimension,
    ids,
    classesIn: (ranges, most) => {
      const known = kept.get(ranges);
      if (known !== undefined) return known;
      const classes = classesOfCells(dimension, cellRuns(cut.bounds, ranges), most);
      kept.set(ranges, classes);
      return classes;
    },
    hostClass: (address) => dimension.classOf[cut.hosts?.cellAt(address) ?? cellAt(cut.bounds, address)]!,
    plainClass: (plain) => {
      const value = plain.find((one) => isValueOf(universe, one));
      return value === undefined ? 0 : classAt(value);
    },
    measureOf: (list) => {
      if (list === null) return whole;
      let sum = 0;
      for (const c of list) sum += widths()[c]!;
      return sum;
    },
    rangesOf: keptByClasses((classes) => {
      if (classes === null) return universe;
      if (classes instanceof Int32Array) return rangesOfList(classes);
      const { of, without } = classes;
      return difference(of === null ? universe : rangesOfList(of), rangesOfList(without));
    }),
    valuesFor: (c, plain) => {
      const value = plain.find((one) => isValueOf(universe, one) && classAt(one) === c);
      const cell = value === undefined ? dimension.firstCell[c]! : cellAt(cut.bounds, value);
      return [cut.bounds[cell]!, cut.bounds[cell + 1]!];
    },
  };
}

/** How many values a cell holds. */
function widthOf(bounds: readonly (number | bigint)[], cell: number): number {
  const [from, to] = [bounds[cell]!, bounds[cell + 1]!];
  return typeof to === "bigint" ? Number(to - BigInt(from)) : to - Number(from);
}

function isValueOf(universe: Ranges, value: number | bigint): boolean {
  return typeof value === typeof universe[0] && universe[0]! <= value && value < universe.at(-1)!;
}

interface Cut {
  /** Cell k holds the values from bound k up to bound k + 1. */
  readonly bounds: readonly (number | bigint)[];
  readonly cellCount: number;
  readonly runs: readonly Int32Array[];
  /** Finds cells quicker, if the values are IPv4 addresses. */
  readonly hosts: HostIndex | null;
}

/** Cuts a run of values at every bound of every set. The universe is one range. */
function cutRanges(universe: Ranges, sets: readonly Ranges[]): Cut {
  const bounds = typeof universe[0] === "bigint" ? bigBounds(universe, sets) : numberBounds(universe, sets);
  const cellCount = bounds.length - 1;
  const hosts = universe[1] === 2 ** 32 ? new HostIndex(bounds) : null;
  const runs = sets.map((set) => {
    const run = new Int32Array(set.length);
    for (let i = 0; i < set.length; i += 1) {
      const bound = set[i]!;
      if (hosts === null) run[i] = cellAt(bounds, bound);
      else run[i] = bound === 2 ** 32 ? cellCount : hosts.cellAt(bound as number);
    }
    return run;
  });
  return { bounds, cellCount, runs, hosts };
}

function numberBounds(universe: Ranges, sets: readonly Ranges[]): number[] {
  let length = universe.length;
  for (const set of sets) length += set.length;
  const all = new Float64Array(length);
  let at = 0;
  for (const set of [universe, ...sets]) {
    for (const bound of set) {
      all[at] = Number(bound);
      at += 1;
    }
  }
  all.sort();
  const unique: number[] = [];
  for (const bound of all) if (unique.length === 0 || bound !== unique.at(-1)) unique.push(bound);
  return unique;
}

function bigBounds(universe: Ranges, sets: readonly Ranges[]): (number | bigint)[] {
  const all = new Set<number | bigint>(universe);
  for (const set of sets) for (const bound of set) all.add(bound);
  return [...all].sort((a, b) => (a < b ? -1 : 1));
}

/** Runs of cells that ranges touch, from and to (exclusive), whether or not they were cut at these bounds. */
function cellRuns(bounds: readonly (number | bigint)[], ranges: Ranges): [number, number][] {
  const runs: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const end = cellAt(bounds, ranges[i + 1]!);
    runs.push([cellAt(bounds, ranges[i]!), bounds[end] === ranges[i + 1] ? end : end + 1]);
  }
  return runs;
}

function classesOfCells(
  dimension: Dimension,
  runs: readonly (readonly [number, number])[],
  most: number,
): number[] | null {
  const [only] = runs;
  if (runs.length === 1 && only![1] - only![0] === 1) return [dimension.classOf[only![0]]!];
  const classes = new Set<number>();
  let cells = 0;
  for (const [from, to] of runs) {
    cells += to - from;
    // Many cells may still be few classes, but looking at all of them is no quick answer.
    if (cells > most * 64) return null;
    for (let cell = from; cell < to; cell += 1) classes.add(dimension.classOf[cell]!);
  }
  return classes.size > most ? null : [...classes];
}

/** The cell that a value lies in: the last bound that is not above it. */
function cellAt(bounds: readonly (number | bigint)[], value: number | bigint): number {
  let low = 0;
  let high = bounds.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (bounds[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

// ---- headers -----------------------------------------------------------------------------------------------

interface HeaderField {
  readonly dimension: Dimension;
  idOf(header: HeaderSet): number;
  classesIn(box: Box, most: number): number[] | null;
  readonly plainClass: number;
  /** A cell of the class: a well-known service if there is one. */
  cellFor(c: number): number;
  boxAt(cell: number, addresses: readonly Ranges[], sourcePorts: Ranges): Box;
  measureOf(list: ClassList): readonly [ports: number, other: number];
  partsOf(classes: Classes): HeaderPart[];
}

/** A rectangle of headers of one kind. */
interface HeaderPart {
  readonly kind: Kind;
  readonly directions: Ranges;
  readonly first: Ranges;
  /** All values where the kind has no second field. */
  readonly second: Ranges;
}

/** One kind's part of the header: a grid of two cut fields; the second has one cell where there is no second. */
interface Grid {
  readonly kind: Kind;
  readonly first: readonly (number | bigint)[];
  readonly second: readonly (number | bigint)[];
  /** Where its cells begin, for direction `in`. */
  readonly start: number;
}

function headerField(kinds: readonly Kind[], sets: ReadonlyMap<string, HeaderSet>): HeaderField {
  const boxes = [...sets.values()].flatMap((header) => header.boxes);
  const grids: Grid[] = [];
  let perDirection = 0;
  for (const kind of kinds) {
    const [all, secondAll] = headerSides(kind, UNIVERSE[kind].sides);
    const own = boxes.filter((box) => box.kind === kind).map((box) => headerSides(kind, box.sides));
    // The protocols that exist are no single range: cutting at them too leaves cells that nothing lies in.
    const first = cutAt(
      all!,
      own.map((sides) => sides[0]!),
    );
    const second =
      secondAll === undefined
        ? [0, 1]
        : cutAt(
            secondAll,
            own.map((sides) => sides[1]!),
          );
    grids.push({ kind, first, second, start: perDirection });
    perDirection += (first.length - 1) * (second.length - 1);
  }
  const exists = existingCells(grids, perDirection);
  const runs = [...sets.values()].map((header) => headerRuns(header, grids, exists));
  const { dimension, ids } = Dimension.build(exists.cells.length, runs);
  const idOf = new Map([...sets.keys()].map((key, index) => [key, ids[index]!]));

  const locate = (kind: Kind, direction: number, one: number | bigint, two: number | bigint): number => {
    const grid = grids.find((candidate) => candidate.kind === kind)!;
    const cell = grid.start + cellAt(grid.first, one) * (grid.second.length - 1) + cellAt(grid.second, two);
    return exists.numberOf[direction * perDirection + cell]!;
  };
  const plain = kinds
    .filter((kind) => kind.endsWith("ports"))
    .flatMap((kind) =>
      [DIRECTION_NUMBER.in, DIRECTION_NUMBER.out].flatMap((direction) =>
        [6, 17].flatMap((protocol) => PLAIN_PORTS.map((port) => locate(kind, direction, protocol, port))),
      ),
    );
  const places: Place[] = [];
  const place = (number: number): Place => (places[number] ??= findPlace(number));
  const findPlace = (number: number): Place => {
    const cell = exists.cells[number]!;
    const direction = cell >= perDirection ? 1 : 0;
    const within = cell - direction * perDirection;
    const grid = grids.findLast(({ start }) => start <= within)!;
    const columns = grid.second.length - 1;
    const offset = within - grid.start;
    return { grid, direction, row: Math.floor(offset / columns), column: offset % columns };
  };
  const cellsIn = (list: ClassList): Int32Array => {
    if (list === null) return Int32Array.from(exists.cells, (_, number) => number);
    const cells: number[] = [];
    for (const c of list) for (const cell of dimension.cellsOf(c)) cells.push(cell);
    return Int32Array.from(cells).sort();
  };
  let wholeMeasure: readonly [number, number] | null = null;
  let classMeasures: { readonly ports: Float64Array; readonly other: Float64Array } | null = null;
  const measures = (): { readonly ports: Float64Array; readonly other: Float64Array } => {
    if (classMeasures !== null) return classMeasures;
    const ports = new Float64Array(dimension.classCount);
    const other = new Float64Array(dimension.classCount);
    for (const [number, c] of dimension.classOf.entries()) {
      const { grid, row, column } = place(number);
      const values = widthOf(grid.first, row) * widthOf(grid.second, column);
      (grid.kind.endsWith("ports") ? ports : other)[c]! += values;
    }
    classMeasures = { ports, other };
    return classMeasures;
  };
  return {
    dimension,
    measureOf: (list) => {
      const { ports, other } = measures();
      if (list === null && wholeMeasure !== null) return wholeMeasure;
      const sums: [number, number] = [0, 0];
      for (const c of list ?? Int32Array.from(ports.keys())) {
        sums[0] += ports[c]!;
        sums[1] += other[c]!;
      }
      if (list === null) wholeMeasure = sums;
      return sums;
    },
    partsOf: keptByClasses((classes) => {
      const list = listOf(classes, dimension.classCount);
      // Cells come row by row: runs of columns, then rows and directions with the same runs together.
      const rows: { kind: Kind; grid: Grid; direction: number; row: number; columns: number[] }[] = [];
      for (const number of cellsIn(list)) {
        const { grid, direction, row, column } = place(number);
        const last = rows.at(-1);
        if (last !== undefined && last.grid === grid && last.direction === direction && last.row === row)
          last.columns.push(column);
        else rows.push({ kind: grid.kind, grid, direction, row, columns: [column] });
      }
      const rectangles = new Map<
        string,
        { kind: Kind; direction: number; rows: Span<number>[]; second: Ranges }
      >();
      for (const { kind, grid, direction, row, columns } of rows) {
        const second = boundsOf(grid.second, columns);
        const key = `${kind} ${direction} ${second.join()}`;
        const span = { first: Number(grid.first[row]!), last: Number(grid.first[row + 1]!) - 1 };
        const known = rectangles.get(key);
        if (known === undefined) rectangles.set(key, { kind, direction, rows: [span], second });
        else known.rows.push(span);
      }
      const parts = new Map<
        string,
        { kind: Kind; directions: Span<number>[]; first: Ranges; second: Ranges }
      >();
      for (const { kind, direction, rows: spans, second } of rectangles.values()) {
        const first = fromSpans(spans);
        const key = `${kind} ${first.join()} ${second.join()}`;
        const span = { first: direction, last: direction };
        const known = parts.get(key);
        if (known === undefined) parts.set(key, { kind, directions: [span], first, second });
        else known.directions.push(span);
      }
      return [...parts.values()].map((part) => ({ ...part, directions: fromSpans(part.directions) }));
    }),
    idOf: (header) => idOf.get(header.key)!,
    classesIn: (box, most) => classesOfCells(dimension, headerCells(box, grids, exists), most),
    plainClass: dimension.classOf[plain[0] ?? 0]!,
    cellFor: (c) => plain.find((cell) => dimension.classOf[cell] === c) ?? dimension.firstCell[c]!,
    boxAt: (number, [source, destination], sourcePorts) => {
      const { grid, direction, row, column } = place(number);
      const first: Ranges = [grid.first[row]!, grid.first[row + 1]!];
      const second: Ranges = [grid.second[column]!, grid.second[column + 1]!];
      const start: Ranges[] = [single(direction), source!, destination!, first];
      if (grid.kind.endsWith("ports")) start.push(sourcePorts, second);
      else if (grid.kind.endsWith("icmp")) start.push(second);
      return { kind: grid.kind, sides: start };
    },
  };
}

/**
 * Keeps what was worked out for lists of classes as long as these exist: the parts of a diagram are many, and the lists
 * in them few.
 */
function keptByClasses<C extends Classes, Result>(work: (classes: C) => Result): (classes: C) => Result {
  const ALL: Int32Array = new Int32Array(0);
  const whole = new WeakMap<Int32Array, Result>();
  const rests = new WeakMap<Int32Array, WeakMap<Int32Array, Result>>();
  return (classes) => {
    let kept = whole;
    let key: Int32Array = ALL;
    if (classes instanceof Int32Array) key = classes;
    else if (classes !== null) {
      key = classes.of ?? ALL;
      kept = rests.get(classes.without) ?? new WeakMap<Int32Array, Result>();
      rests.set(classes.without, kept);
    }
    const known = kept.get(key);
    if (known !== undefined) return known;
    const result = work(classes);
    kept.set(key, result);
    return result;
  };
}

function listOf(classes: Classes, classCount: number): ClassList {
  if (classes === null || classes instanceof Int32Array) return classes;
  const without = new Set(classes.without);
  const all = classes.of ?? Int32Array.from({ length: classCount }, (_, c) => c);
  return all.filter((c) => !without.has(c));
}

/** The ranges that runs of cells cover; the cells are in order. */
function boundsOf(bounds: readonly (number | bigint)[], cells: readonly number[]): Ranges {
  return fromSpans(
    cells.map((cell) => ({ first: Number(bounds[cell]!), last: Number(bounds[cell + 1]!) - 1 })),
  );
}

function cutAt(universe: Ranges, sets: readonly Ranges[]): readonly (number | bigint)[] {
  return [...new Set([universe, ...sets].flat())].sort((a, b) => (a < b ? -1 : 1));
}

/** Where a cell stands. */
interface Place {
  readonly grid: Grid;
  readonly direction: number;
  readonly row: number;
  readonly column: number;
}

interface ExistingCells {
  /** Cells of both directions that hold packets, in order. */
  readonly cells: Int32Array;
  /** The number of each cell among them. */
  readonly numberOf: Int32Array;
}

function existingCells(grids: readonly Grid[], perDirection: number): ExistingCells {
  const numberOf = new Int32Array(perDirection * 2).fill(NONE);
  const cells: number[] = [];
  for (const direction of [0, 1]) {
    for (const { kind, first, second, start } of grids) {
      const [all] = headerSides(kind, UNIVERSE[kind].sides);
      const columns = second.length - 1;
      for (let row = 0; row < first.length - 1; row += 1) {
        if (!liesIn(first[row]!, all!)) continue;
        for (let column = 0; column < columns; column += 1) {
          const cell = direction * perDirection + start + row * columns + column;
          numberOf[cell] = cells.length;
          cells.push(cell);
        }
      }
    }
  }
  return { cells: Int32Array.from(cells), numberOf };
}

function liesIn(value: number | bigint, ranges: Ranges): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (ranges[i]! <= value && value < ranges[i + 1]!) return true;
  return false;
}

function headerRuns({ boxes }: HeaderSet, grids: readonly Grid[], exists: ExistingCells): Int32Array {
  const runs = boxes.flatMap((box) => headerCells(box, grids, exists));
  return Int32Array.from(fromSpans(runs.map(([from, to]) => ({ first: from, last: to - 1 }))));
}

/** Runs of the existing cells that a box touches, from and to (exclusive). */
function headerCells(
  { kind, sides }: Box,
  grids: readonly Grid[],
  { numberOf }: ExistingCells,
): [number, number][] {
  const perDirection = numberOf.length / 2;
  const { first, second, start } = grids.find((grid) => grid.kind === kind)!;
  const [rows, columns] = headerSides(kind, sides);
  const columnRuns: [number, number][] = columns === undefined ? [[0, 1]] : cellRuns(second, columns);
  const runs: [number, number][] = [];
  for (const direction of [0, 1]) {
    if (!liesIn(direction, sides[0]!)) continue;
    for (const [firstRow, endRow] of cellRuns(first, rows!)) {
      for (let row = firstRow; row < endRow; row += 1) {
        const from = direction * perDirection + start + row * (second.length - 1);
        if (numberOf[from] === NONE) continue;
        for (const [begin, end] of columnRuns)
          runs.push([numberOf[from + begin]!, numberOf[from + end - 1]! + 1]);
      }
    }
  }
  return runs;
}
