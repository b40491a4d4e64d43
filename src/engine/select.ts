import { closest } from "../model/flow.ts";
import { readHosts, type Machine, type Vnic } from "../model/host.ts";
import type { Source } from "../model/rule.ts";
import type { Input } from "./input.ts";

/** Which filters of an input are asked about; all without any of these. */
export interface Selection {
  /** Machines or vNICs, as the session calls them. */
  readonly vm?: readonly string[] | undefined;
  readonly filter?: string | undefined;
}

/** Why a selection is empty, in words that follow the option's name. */
export class SelectionError extends Error {
  readonly option: keyof Selection;

  constructor(option: keyof Selection, message: string) {
    super(message);
    this.option = option;
  }
}

/**
 * The same input with only some of its filters.
 * @throws SelectionError if there are none
 */
export function select(input: Input, { vm, filter }: Selection): Input {
  let selected = input;
  if (vm !== undefined) selected = ofMachines(selected, vm);
  if (filter !== undefined) selected = ofName(selected, filter);
  return selected;
}

function ofMachines(input: Input, names: readonly string[]): Input {
  const hosts = readHosts(input.dumps, input.whole ?? input.model);
  const machines = hosts.flatMap((host) => host.machines);
  if (machines.length === 0) {
    throw new SelectionError(
      "vm",
      "no session here shows which filter is whose: add the output of summarize-dvfilter",
    );
  }
  const chosen = names.flatMap((name) => vnicsOf(input, machines, name));
  const filters = new Set(chosen.flatMap(({ firewall }) => firewall ?? []));
  return narrowed(
    input,
    (filter) => filter !== null && filters.has(filter),
    new Set(chosen.map((vnic) => vnic.name)),
  );
}

function vnicsOf(input: Input, machines: readonly Machine[], name: string): Vnic[] {
  const vnics = machines.flatMap((machine) =>
    machine.vnics.filter((vnic) => [machine.name, machine.uuid, vnic.name].includes(name)),
  );
  const known = machines.flatMap((machine) =>
    [machine.name ?? machine.uuid ?? [], ...machine.vnics.map((vnic) => vnic.name)].flat(),
  );
  if (vnics.length === 0) {
    const near = closest(name, known);
    throw new SelectionError(
      "vm",
      `no session here shows a machine or vNIC "${name}"${near === "" ? `: it shows ${some(known)}` : near}`,
    );
  }
  const filters = vnics.flatMap(({ firewall }) => firewall ?? []);
  if (filters.length === 0) throw new SelectionError("vm", `no firewall filter of "${name}" is shown`);
  if (!input.filters.some(({ filter }) => filter.name !== null && filters.includes(filter.name))) {
    throw new SelectionError(
      "vm",
      `the rules of "${name}" are not in the input: add the output of vsipioctl getrules -f ${filters[0]}`,
    );
  }
  return vnics;
}

function ofName(input: Input, name: string): Input {
  const known = input.filters.flatMap(({ filter }) => filter.name ?? []);
  if (!known.includes(name)) {
    const near = closest(name, known);
    const others = known.length === 0 ? "; no prompt here names any" : `: there is ${some(known)}`;
    throw new SelectionError("filter", `no filter "${name}" in the input${near === "" ? others : near}`);
  }
  const vnics = readHosts(input.dumps, input.whole ?? input.model).flatMap((host) =>
    host.filters.flatMap((filter) => (filter.name === name ? (filter.vnic ?? []) : [])),
  );
  return narrowed(input, (filter) => filter === name, new Set(vnics));
}

const MOST_NAMED = 5;

function some(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map((name) => `"${name}"`);
  return names.length > MOST_NAMED
    ? `${shown.join(", ")} and ${names.length - MOST_NAMED} more`
    : shown.join(", ");
}

function narrowed(
  input: Input,
  wanted: (filter: string | null) => boolean,
  vnics: ReadonlySet<string>,
): Input {
  const { model, problems } = input;
  const left = model.filters.filter(({ name }) => !wanted(name));
  const places = left.flatMap(({ rulesets, addressSets }): Source[] => [
    ...rulesets.map(({ source }) => source),
    ...[...addressSets.values()].map(({ source }) => source),
  ]);
  // What is wrong inside another filter's blocks is not asked about; sets without a prompt may be of several.
  const kept = model.filters
    .filter(({ name }) => wanted(name))
    .flatMap(({ addressSets }) => [...addressSets.values()].map(({ source }) => source));
  const inside = (sources: readonly Source[], file: string, at: number): boolean =>
    sources.some(({ dump, range }) => dump.file === file && range.start <= at && at <= range.end);
  return {
    ...input,
    model: {
      ...model,
      filters: model.filters.filter(({ name }) => wanted(name)),
      repeated: model.repeated.filter(({ filter }) => filter === null || wanted(filter)),
    },
    problems: problems.filter(({ file, at }) => !inside(places, file, at) || inside(kept, file, at)),
    filters: input.filters.filter(({ filter }) => wanted(filter.name)),
    vnics,
    whole: input.whole ?? model,
  };
}
