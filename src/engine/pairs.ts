import type { FilterAnalysis } from "../analysis/analysis.ts";
import { readHosts, type Host } from "../model/host.ts";
import type { Input } from "./input.ts";
import type { VnicResult } from "./results.ts";
import { narrowed, selectEach, SelectionError, type Selection } from "./select.ts";
import { vnicsOfFilters } from "./vnics.ts";

type Side = "before" | "after";

/** Filters before and after a change that belong together, and those that are on one side only. */
export interface FilterPairs {
  readonly pairs: readonly (readonly [FilterAnalysis, FilterAnalysis])[];
  readonly onlyBefore: readonly FilterAnalysis[];
  readonly onlyAfter: readonly FilterAnalysis[];
  /** Whose the filters of each side are, by their names. */
  readonly vnics: Readonly<Record<Side, ReadonlyMap<string | null, VnicResult>>>;
}

/**
 * Filters belong together if they are of one vNIC, else of one machine's that got another name, else if they have one
 * name, else as the only ones of their rulesets, else as the only ones that are left. A machine that moves keeps its vNIC,
 * while the number in the filter's name is another. What is known to be of two machines is only compared where there is
 * nothing else.
 */
export function pairFilters(before: Input, after: Input): FilterPairs {
  const pairs: [FilterAnalysis, FilterAnalysis][] = [];
  const hosts = { before: hostsOf(before), after: hostsOf(after) };
  const vnics = { before: vnicsOfFilters(hosts.before), after: vnicsOfFilters(hosts.after) };
  const renamed = { before: keptVnics(hosts.before), after: keptVnics(hosts.after) };
  let was = before.filters.filter(({ filter }) => filter.rules.length > 0);
  let is = after.filters.filter(({ filter }) => filter.rules.length > 0);
  const sole = was.length === 1 && is.length === 1;
  const vnicOf = ({ filter }: FilterAnalysis, side: Side): string | null => {
    const vnic = vnics[side].get(filter.name);
    return vnic === undefined ? null : JSON.stringify([vnic.machine, vnic.name]);
  };
  const mayBelong = (one: FilterAnalysis, other: FilterAnalysis): boolean => {
    const known = [vnicOf(one, "before"), vnicOf(other, "after")];
    return known.includes(null) || known[0] === known[1];
  };
  const pairBy = (
    keyOf: (analysis: FilterAnalysis, side: Side) => string | null,
    mayPair: typeof mayBelong = () => true,
  ): void => {
    const others = soleOf(is, (other) => keyOf(other, "after"));
    const paired = new Set<FilterAnalysis>();
    for (const [key, one] of soleOf(was, (other) => keyOf(other, "before"))) {
      const other = others.get(key);
      if (other === undefined || !mayPair(one, other)) continue;
      pairs.push([one, other]);
      paired.add(one).add(other);
    }
    was = was.filter((one) => !paired.has(one));
    is = is.filter((other) => !paired.has(other));
  };
  pairBy(vnicOf);
  pairBy(({ filter }, side) => renamed[side].get(filter.name) ?? null);
  pairBy(({ filter }) => filter.name, mayBelong);
  pairBy(({ filter }) => JSON.stringify([...new Set(filter.rulesets.map(({ name }) => name))]), mayBelong);
  if (was.length === 1 && is.length === 1 && (sole || mayBelong(was[0]!, is[0]!))) {
    pairs.push([was[0]!, is[0]!]);
    [was, is] = [[], []];
  }
  return { pairs, onlyBefore: was, onlyAfter: is, vnics };
}

/** Those whose key no other has. */
function soleOf(
  filters: readonly FilterAnalysis[],
  keyOf: (analysis: FilterAnalysis) => string | null,
): ReadonlyMap<string, FilterAnalysis> {
  const sole = new Map<string, FilterAnalysis | null>();
  for (const one of filters) {
    const key = keyOf(one);
    if (key !== null) sole.set(key, sole.has(key) ? null : one);
  }
  return new Map([...sole].flatMap(([key, one]) => (one === null ? [] : [[key, one] as const])));
}

function hostsOf({ dumps, whole, model }: Input): readonly Host[] {
  return readHosts(dumps, whole ?? model);
}

/** What of each filter's vNIC stays the same when its machine is called otherwise. */
function keptVnics(hosts: readonly Host[]): ReadonlyMap<string | null, string> {
  const kept = new Map<string | null, string>();
  for (const { name, uuid, vnics } of hosts.flatMap(({ machines }) => machines)) {
    if (uuid === null || name === null) continue;
    for (const vnic of vnics)
      if (vnic.firewall !== null && vnic.name.startsWith(name))
        kept.set(vnic.firewall, JSON.stringify([uuid, vnic.name.slice(name.length)]));
  }
  return kept;
}

/** What is asked of two policies. */
export interface SelectedPairs {
  readonly pairs: FilterPairs;
  /** The policies with no other filters than these: what is wrong with them concerns the answer. */
  readonly before: Input;
  readonly after: Input;
}

/**
 * Only the filters that are asked about, on either side. They are paired as they are without a selection, so that what
 * is said of a filter is the same.
 * @throws SelectionError for a name that is on neither side
 */
export function selectPairs(before: Input, after: Input, selection: Selection): SelectedPairs {
  const chosen = selectEach([before, after], selection);
  const [was, is] = [new Set(chosen[0]!.filters), new Set(chosen[1]!.filters)];
  const all = pairFilters(before, after);
  const pairs = {
    ...all,
    pairs: all.pairs.filter(([one, other]) => was.has(one) || is.has(other)),
    onlyBefore: all.onlyBefore.filter((one) => was.has(one)),
    onlyAfter: all.onlyAfter.filter((one) => is.has(one)),
  };
  if (pairs.pairs.length + pairs.onlyBefore.length + pairs.onlyAfter.length === 0) {
    throw new SelectionError(
      selection.filter === undefined ? "vm" : "filter",
      "the input has address sets of it, and no rules: add the output of vsipioctl getrules",
    );
  }
  const kept = {
    before: [...pairs.pairs.map(([one]) => one), ...pairs.onlyBefore],
    after: [...pairs.pairs.map(([, other]) => other), ...pairs.onlyAfter],
  };
  const asked = new Set([
    ...[...kept.before, ...kept.after].map(({ filter }) => filter.name),
    ...chosen.flatMap((side) => [...(side.asked ?? [])]),
  ]);
  const only = (input: Input, filters: readonly FilterAnalysis[]): Input => {
    const names = new Set(filters.map(({ filter }) => filter.name));
    return { ...narrowed(input, (name) => names.has(name), new Set()), asked };
  };
  return { pairs, before: only(before, kept.before), after: only(after, kept.after) };
}
