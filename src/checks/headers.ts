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

const kept = new WeakMap<Plane, Map<string, Int32Array>>();

/** The header classes that packets to some ports touch; kept, because rule after rule is asked about the same. */
export function headersOf(
  plane: Plane,
  protocols: readonly number[],
  ports: Ranges<number>,
  directions: readonly Direction[] = DIRECTIONS,
): Int32Array {
  const ofPlane = kept.get(plane) ?? new Map<string, Int32Array>();
  kept.set(plane, ofPlane);
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
  const ofPlane = keptDirections.get(plane) ?? new Map<Direction, Int32Array>();
  keptDirections.set(plane, ofPlane);
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
  const [source, destination, sourcePort, header] = point.map((c) => Int32Array.of(c));
  // Addresses may be many ranges: they are listed only where the point's own packet will not do.
  const own = plane.packetAt(point);
  const [from, to] = own.layer === "ip" ? [own.source, own.destination] : [own.sourceMac, own.destinationMac];
  const addresses = (field: 0 | 1, side: Ranges): Ranges => {
    const value = field === 0 ? from : to;
    if (has(side, value)) return single(value);
    return intersection(plane.addressesOf(field, field === 0 ? source! : destination!), side);
  };
  const parts = plane.boxesOf([null, null, sourcePort!, header!]);
  for (const part of parts) {
    for (const { kind, sides } of wanted) {
      if (kind !== part.kind) continue;
      const start = [sides[0]!, addresses(0, sides[1]!), addresses(1, sides[2]!)];
      const both = intersectBoxes(part, { kind, sides: [...start, ...sides.slice(3)] });
      if (both !== null) return sampleBox(both);
    }
  }
  return own;
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
