/** Shapes of JSON, each written down field by field from INTERFACE.md: a field more or less is an error. */

export type Shape = (value: unknown, path: string) => void;

class ShapeError extends Error {}

function fail(path: string, expected: string, value: unknown): never {
  throw new ShapeError(`${path}: expected ${expected}, found ${JSON.stringify(value)?.slice(0, 100)}`);
}

export const text: Shape = (value, path) => {
  if (typeof value !== "string") fail(path, "text", value);
};

export const flag: Shape = (value, path) => {
  if (typeof value !== "boolean") fail(path, "true or false", value);
};

/** A count, a position, a port: never negative, never a fraction. */
export const count: Shape = (value, path) => {
  if (!Number.isInteger(value) || (value as number) < 0) fail(path, "a whole number", value);
};

/** A number of packets as a power of two. */
export const power: Shape = (value, path) => {
  if (typeof value !== "number" || !(value >= 0 && value < 400)) fail(path, "a power of two", value);
};

export const anything: Shape = () => {};

export function one(...values: readonly (string | number)[]): Shape {
  return (value, path) => {
    if (!values.includes(value as string)) fail(path, `one of ${values.join(", ")}`, value);
  };
}

export function matching(pattern: RegExp): Shape {
  return (value, path) => {
    if (typeof value !== "string" || !pattern.test(value)) fail(path, String(pattern), value);
  };
}

export function orNull(shape: Shape): Shape {
  return (value, path) => {
    if (value !== null) shape(value, path);
  };
}

export function either(first: Shape, second: Shape): Shape {
  return (value, path) => {
    try {
      first(value, path);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      second(value, path);
    }
  };
}

export function list(shape: Shape, least = 0): Shape {
  return (value, path) => {
    if (!Array.isArray(value) || value.length < least) fail(path, `a list of at least ${least}`, value);
    for (const [index, item] of value.entries()) shape(item, `${path}[${index}]`);
  };
}

export function object(
  fields: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, "an object", value);
    const given = value as Record<string, unknown>;
    for (const [name, shape] of Object.entries(fields)) {
      if (!(name in given)) fail(`${path}.${name}`, "a value", undefined);
      shape(given[name], `${path}.${name}`);
    }
    for (const [name, part] of Object.entries(given)) {
      if (name in fields) continue;
      const shape = optional[name];
      if (shape === undefined) fail(`${path}.${name}`, "no such field", part);
      shape(part, `${path}.${name}`);
    }
  };
}

const direction = one("in", "out");

/** `src` and `dst` are null, and the fields of a frame are there, where a layer-2 rule is spoken of. */
export const flow = object(
  {
    direction,
    src: orNull(text),
    dst: orNull(text),
    protocol: orNull(either(text, count)),
    srcPort: orNull(count),
    dstPort: orNull(count),
    icmpType: orNull(count),
    icmpCode: orNull(count),
  },
  { srcMac: text, dstMac: text, etherType: text },
);

const reference = {
  filter: orNull(text),
  ruleset: orNull(text),
  category: orNull(text),
  id: orNull(count),
  position: orNull(count),
  file: text,
  line: count,
};
export const rule = object(reference);

const location = object({ file: text, line: count, column: count, endLine: count, endColumn: count });
const severity = one("error", "warning", "info");

const finding = {
  check: matching(/^[a-z]+(?:-[a-z]+)*$/),
  severity,
  message: text,
  why: text,
  help: text,
  certain: flag,
  location,
  rule: orNull(rule),
  addrset: orNull(text),
  related: list(object({ label: text, location }, { rule, addrset: text })),
  witness: orNull(flow),
  data: anything,
  fingerprint: matching(/^[0-9a-f]{16}$/),
};

export const lintShape = object({
  version: one(1),
  tool: object({ name: one("dfwlint"), version: text }),
  filters: list(object({ name: orNull(text), rules: count, addrsets: count }), 1),
  findings: list(object(finding)),
  // Extensions: what the configuration suppresses, and what a baseline holds.
  suppressed: list(
    object({
      ...finding,
      suppression: object({ reason: text, until: orNull(matching(/^\d{4}-\d\d-\d\d$/)) }),
    }),
  ),
  baseline: orNull(
    object({
      known: list(object(finding)),
      gone: list(object({ check: text, fingerprint: text, message: text })),
    }),
  ),
  summary: object({ error: count, warning: count, info: count, suppressed: count }),
});

/** An extension: `dfwlint config`. */
export const configShape = object({
  version: one(1),
  file: orNull(text),
  values: list(
    object({
      key: text,
      value: either(either(text, count), list(text)),
      source: either(
        object({ from: one("default", "command line") }),
        object({ from: one("file"), file: text, line: count }),
      ),
    }),
    1,
  ),
});

const shares = list(object({ rule, packets: power, witness: flow }));

/** An extension of `rules --effect`. */
const effect = object({
  part: one("whole", "part", "empty", "unknown"),
  matches: orNull(power),
  left: orNull(power),
  lost: shares,
  heirs: shares,
});

export const rulesShape = object({
  version: one(1),
  filters: list(
    object({
      name: orNull(text),
      rules: list(
        object(
          {
            ...reference,
            action: text,
            internal: flag,
            status: one("reachable", "shadowed", "redundant", "never-matches"),
            by: list(rule),
            removable: flag,
            certain: flag,
            // An extension: why it is not certain.
            reason: orNull(text),
            witness: orNull(flow),
          },
          { effect },
        ),
      ),
    }),
    1,
  ),
});

const directions = list(direction, 1);
const values = list(text, 1);
const family = one("ipv4", "ipv6");
const region = list(
  either(
    object({
      directions,
      family,
      src: values,
      dst: values,
      protocols: values,
      srcPorts: orNull(values),
      dstPorts: orNull(values),
      icmpTypes: orNull(values),
      icmpCodes: orNull(values),
    }),
    object({ directions, srcMacs: values, dstMacs: values, etherTypes: values }),
  ),
  1,
);
const pieceVerdict = one("accept", "drop", "reject", "no-match", "uncertain");

export const queryShape = object({
  version: one(1),
  filters: list(
    object({
      name: orNull(text),
      verdict: one("accept", "drop", "reject", "no-match", "mixed", "uncertain"),
      pieces: list(
        object(
          {
            verdict: pieceVerdict,
            certain: flag,
            rule: orNull(rule),
            dependsOn: list(object({ rule, reason: text })),
            region,
            witness: flow,
          },
          // With --trace only.
          { trace: list(object({ rule, matches: one("yes", "no", "unknown"), reason: orNull(text) })) },
        ),
        1,
      ),
    }),
    1,
  ),
});

/** One line of the answers to `--flows`; `filter` only where there are several, `error` only where it is no flow. */
export const answerShape = object(
  {
    flow: anything,
    verdict: orNull(one("accept", "drop", "reject", "no-match", "mixed", "uncertain")),
    certain: flag,
    rule: orNull(rule),
  },
  { filter: orNull(text), error: text },
);
