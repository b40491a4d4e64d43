/**
 * Writes a generated dump to a directory: rules.txt, addrsets.txt, truth.json.
 *
 *     node build/bench/make.js --preset field|medium|large --out DIR
 *     node build/bench/make.js --rules 1000 --sets 300 --members 15000 --seed 7 --shape clustered --out DIR
 *     node build/bench/make.js --adversarial checkerboard --out DIR
 *
 * Options given together with a preset take the place of the preset's. More options: --hosts, --ipv6-share,
 * --service-explosion, --planted-single, --planted-union (see GenerateOptions).
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { adversarialShapes } from "./adversarial.ts";
import { generate, type GeneratedDump, type GenerateOptions, type Shape } from "./generate.ts";

/** The sizes that the targets are set for. */
const PRESETS: Readonly<Record<string, GenerateOptions>> = {
  field: { rules: 17_234, sets: 4846, members: 233_000, seed: 1, shape: "scattered" },
  medium: { rules: 4000, sets: 1150, members: 60_000, seed: 1, shape: "scattered" },
  large: { rules: 100_000, sets: 12_000, members: 386_000, seed: 1, shape: "clustered" },
};

const { values } = parseArgs({
  options: {
    preset: { type: "string" },
    adversarial: { type: "string" },
    rules: { type: "string" },
    sets: { type: "string" },
    members: { type: "string" },
    seed: { type: "string" },
    shape: { type: "string" },
    hosts: { type: "string" },
    "ipv6-share": { type: "string" },
    "service-explosion": { type: "string" },
    "planted-single": { type: "string" },
    "planted-union": { type: "string" },
    out: { type: "string" },
  },
});

type OptionName = Exclude<keyof typeof values, "preset" | "adversarial" | "shape" | "out">;

try {
  if (values.out === undefined) throw new Error("--out DIR is missing");
  writeDump(
    values.adversarial === undefined ? generate(readOptions()) : makeAdversarial(values.adversarial),
    values.out,
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}

function writeDump(
  { rules, addrsets, truth }: Pick<GeneratedDump, "rules" | "addrsets" | "truth">,
  out: string,
): void {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "rules.txt"), rules);
  writeFileSync(join(out, "addrsets.txt"), addrsets);
  writeFileSync(join(out, "truth.json"), `${JSON.stringify(truth, null, 2)}\n`);
}

function makeAdversarial(name: string) {
  const make = adversarialShapes[name];
  if (make === undefined)
    throw new Error(`--adversarial is one of: ${Object.keys(adversarialShapes).join(", ")}`);
  return make();
}

function readOptions(): GenerateOptions {
  const preset = readPreset();
  const single = readNumber("planted-single");
  const union = readNumber("planted-union");
  const hosts = readNumber("hosts");
  const ipv6Share = readNumber("ipv6-share");
  const serviceExplosion = readNumber("service-explosion");
  return {
    rules: readNumber("rules") ?? required("rules", preset?.rules),
    sets: readNumber("sets") ?? required("sets", preset?.sets),
    members: readNumber("members") ?? required("members", preset?.members),
    seed: readNumber("seed") ?? preset?.seed ?? 1,
    shape: readShape() ?? preset?.shape ?? "scattered",
    ...(hosts === undefined ? {} : { hosts }),
    ...(ipv6Share === undefined ? {} : { ipv6Share }),
    ...(serviceExplosion === undefined ? {} : { serviceExplosion }),
    ...(single === undefined && union === undefined
      ? {}
      : { planted: { single: single ?? 0, union: union ?? 0 } }),
  };
}

function readPreset(): GenerateOptions | undefined {
  if (values.preset === undefined) return undefined;
  const preset = PRESETS[values.preset];
  if (preset === undefined) throw new Error(`--preset is one of: ${Object.keys(PRESETS).join(", ")}`);
  return preset;
}

function readNumber(name: OptionName): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === "" || !(number >= 0)) throw new Error(`--${name} ${text} is not a number of 0 or more`);
  return number;
}

function readShape(): Shape | undefined {
  const { shape } = values;
  if (shape === undefined || shape === "scattered" || shape === "clustered") return shape;
  throw new Error("--shape is scattered or clustered");
}

function required(name: OptionName, value: number | undefined): number {
  if (value === undefined) throw new Error(`--${name} or --preset is missing`);
  return value;
}
