import {
  ALL_KINDS,
  DIRECTION_NUMBER,
  UNIVERSE,
  intersectBoxes,
  sampleBox,
  type Box,
} from "../analysis/boxes.ts";
import { planeOf, type Plane } from "../analysis/planes.ts";
import type { Packet } from "../model/packet.ts";
import { fromSpans, has, intersection, single, type Ranges } from "../model/ranges.ts";
import { DIRECTIONS, type Direction } from "../model/rule.ts";

/** What is kept for a plane; empty at first. */
function keptFor<K, V>(all: WeakMap<Plane, Map<K, V>>, plane: Plane): Map<K, V> {
  let own = all.get(plane);
  if (own === undefined) {
    own = new Map();
    all.set(plane, own);
  }
  return own;
}

const kept = new WeakMap<Plane, Map<string, Int32Array>>();

/** The header classes that packets to some ports touch; kept, because rule after rule is asked about the same. */
export function headersOf(
  plane: Plane,
  protocols: readonly number[],
  ports: Ranges<number>,
  directions: readonly Direction[] = DIRECTIONS,
): Int32Array {
  const ofPlane = keptFor(kept, plane);
  const key = `${protocols.join()} ${ports.join()} ${directions.join()}`;
  const known = ofPlane.get(key);
  if (known !== undefined) return known;
  const box = portBox(plane, protocols, ports, directions);
  const classes =
    box === null ? new Int32Array() : Int32Array.from(plane.serviceClasses(box, Infinity)!.headers).sort();
  ofPlane.set(key, classes);
  return classes;
}

const keptDirections = new WeakMap<Plane, Map<Direction, Int32Array>>();

/** The header classes of all packets in one direction; kept. */
export function headersOfDirection(plane: Plane, direction: Direction): Int32Array {
  const ofPlane = keptFor(keptDirections, plane);
  const known = ofPlane.get(direction);
  if (known !== undefined) return known;
  const all = boxesOfDirection(plane, direction).flatMap(
    (box) => plane.serviceClasses(box, Infinity)!.headers,
  );
  const classes = Int32Array.from(new Set(all)).sort();
  ofPlane.set(direction, classes);
  return classes;
}

/** All packets of a plane in one direction. */
export function boxesOfDirection({ name }: Plane, direction: Direction): Box[] {
  return ALL_KINDS.filter((kind) => planeOf(kind) === name).map((kind) => ({
    kind,
    sides: UNIVERSE[kind].sides.with(0, valuesOf([DIRECTION_NUMBER[direction]])),
  }));
}

/** A packet at a point that lies in one of some boxes: no rule tells it from any other at that point. */
export function packetIn(plane: Plane, point: readonly number[], wanted: readonly Box[]): Packet {
  const [source, destination] = point.map((c) => Int32Array.of(c));
  // Addresses may be many ranges: they are listed only where the point's own packet will not do.
  const own = plane.packetAt(point);
  const [from, to] = own.layer === "ip" ? [own.source, own.destination] : [own.sourceMac, own.destinationMac];
  const addresses = (field: 0 | 1, side: Ranges): Ranges => {
    const value = field === 0 ? from : to;
    if (has(side, value)) return single(value);
    return intersection(plane.addressesOf(field, field === 0 ? source! : destination!), side);
  };
  for (const part of servicesAt(plane, point)) {
    for (const { kind, sides } of wanted) {
      if (kind !== part.kind) continue;
      const start = [sides[0]!, addresses(0, sides[1]!), addresses(1, sides[2]!)];
      const both = intersectBoxes(part, { kind, sides: [...start, ...sides.slice(3)] });
      if (both !== null) return sampleBox(both);
    }
  }
  return own;
}

const keptServices = new WeakMap<Plane, Map<string, readonly Box[]>>();

/** The source ports and headers at a point, from and to anywhere; kept, because many points have the same. */
function servicesAt(plane: Plane, [, , sourcePort, header]: readonly number[]): readonly Box[] {
  const ofPlane = keptFor(keptServices, plane);
  const key = `${sourcePort} ${header}`;
  const known = ofPlane.get(key);
  if (known !== undefined) return known;
  const boxes = plane.boxesOf([null, null, Int32Array.of(sourcePort!), Int32Array.of(header!)]);
  ofPlane.set(key, boxes);
  return boxes;
}

/** All packets of a plane to some ports; null where there are no ports. */
export function portBox(
  { name }: Plane,
  protocols: readonly number[],
  ports: Ranges<number>,
  directions: readonly Direction[],
): Box | null {
  if (name === "ethernet") return null;
  const kind = `${name}-ports` as const;
  const { sides } = UNIVERSE[kind];
  const [, source, destination, , sourcePorts] = sides;
  const start = [valuesOf(directions.map((direction) => DIRECTION_NUMBER[direction])), source!, destination!];
  return { kind, sides: [...start, valuesOf(protocols), sourcePorts!, ports] };
}

function valuesOf(values: readonly number[]): Ranges<number> {
  return fromSpans(values.map((value) => ({ first: value, last: value })));
}
