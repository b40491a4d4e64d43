import { buildModel } from "../model/filters.ts";
import { readHosts, type Host } from "../model/host.ts";
import type { Source } from "../model/rule.ts";
import { parseDump } from "../syntax/parse.ts";
import type { SourceText } from "./input.ts";
import { VERSION } from "./results.ts";

/** Where something stands; lines are counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** The same as plain data: what had a source has a place. */
type Plain<T> = T extends Source
  ? Place
  : T extends readonly (infer Item)[]
    ? readonly Plain<Item>[]
    : T extends object
      ? { readonly [Key in keyof T as Key extends "source" ? "location" : Key]: Plain<T[Key]> }
      : T;

export type HostFacts = Plain<Host>;

export interface HostResult {
  readonly version: typeof VERSION;
  /** In the order in which the sessions show them. */
  readonly hosts: readonly HostFacts[];
}

/** The hosts of sessions as they are; rules are counted and not decided about. */
export function describeHosts(texts: readonly SourceText[]): HostResult {
  const dumps = texts.map(({ file, text }) => parseDump(file, text));
  return hostResult(readHosts(dumps, buildModel(dumps)));
}

export function hostResult(hosts: readonly Host[]): HostResult {
  return { version: VERSION, hosts: hosts.map((host) => plain(host)) };
}

function plain<T>(value: T): Plain<T> {
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item)) as Plain<T>;
  if (typeof value !== "object" || value === null) return value as Plain<T>;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) =>
      key === "source" ? ["location", placeOf(part as Source | null)] : [key, plain(part)],
    ),
  ) as Plain<T>;
}

export function placeOf(source: Source | null): Place | null {
  if (source === null) return null;
  const { dump, range } = source;
  return { file: dump.file, line: dump.lines.position(range.start).line };
}
