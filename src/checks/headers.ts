import { DIRECTION_NUMBER, UNIVERSE, type Box } from "../analysis/boxes.ts";
import type { Plane } from "../analysis/planes.ts";
import { fromSpans, type Ranges } from "../model/ranges.ts";
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

/** All packets of a plane to some ports; null where there are no ports. */
function portBox(
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
