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
export function select(input: Input, selection: Selection): Input {
  return selectEach([input], selection)[0]!;
}

/**
 * The same inputs with only some of their filters: in one of them there may be none.
 * @throws SelectionError for a name that is in no input
 */
export function selectEach(inputs: readonly Input[], { vm, filter }: Selection): readonly Input[] {
  let selected = inputs;
  if (vm !== undefined) selected = ofMachines(selected, vm);
  if (filter === undefined) return selected;
  if (vm !== undefined && !namesIn(selected).includes(filter) && namesIn(inputs).includes(filter)) {
    throw new SelectionError(
      "filter",
      `"${filter}" is not of what --vm names: that has ${some(namesIn(selected))}`,
    );
  }
  return ofName(selected, filter);
}

/** An input, and the machines that its sessions show. */
interface Shown {
  readonly input: Input;
  readonly machines: readonly Machine[];
}

function ofMachines(inputs: readonly Input[], names: readonly string[]): Input[] {
  const shown = inputs.map((input): Shown => ({
    input,
    machines: readHosts(input.dumps, input.whole ?? input.model).flatMap((host) => host.machines),
  }));
  if (shown.every(({ machines }) => machines.length === 0)) {
    throw new SelectionError(
      "vm",
      "no session here shows which filter is whose: add the output of summarize-dvfilter",
    );
  }
  const chosen = names.map((name) => vnicsOf(shown, name));
  return inputs.map((input, index) => {
    const vnics = chosen.flatMap((each) => each[index]!);
    const filters = new Set(vnics.flatMap(({ firewall }) => firewall ?? []));
    return {
      ...narrowed(
        input,
        (filter) => filter !== null && filters.has(filter),
        new Set(vnics.map((vnic) => vnic.name)),
      ),
      asked: filters,
    };
  });
}

/** The vNICs of that name in each input. */
function vnicsOf(shown: readonly Shown[], name: string): Vnic[][] {
  const found = shown.map(({ machines }) =>
    machines.flatMap((machine) =>
      machine.vnics.filter((vnic) => [machine.name, machine.uuid, vnic.name].includes(name)),
    ),
  );
  if (found.every((vnics) => vnics.length === 0)) {
    const known = different(
      shown.flatMap(({ machines }) =>
        machines.flatMap((machine) =>
          [machine.name ?? machine.uuid ?? [], ...machine.vnics.map((vnic) => vnic.name)].flat(),
        ),
      ),
    );
    const near = closest(name, known);
    throw new SelectionError(
      "vm",
      `no session here shows a machine or vNIC "${name}"${near === "" ? `: it shows ${some(known)}` : near}`,
    );
  }
  const filters = found.map((vnics) => vnics.flatMap(({ firewall }) => firewall ?? []));
  const [first] = filters.flat();
  if (first === undefined) throw new SelectionError("vm", `no firewall filter of "${name}" is shown`);
  const printed = shown.some(({ input }, index) =>
    input.filters.some(({ filter }) => filter.name !== null && filters[index]!.includes(filter.name)),
  );
  if (!printed) {
    throw new SelectionError(
      "vm",
      `the rules of "${name}" are not in the input: add the output of vsipioctl getrules -f ${first}`,
    );
  }
  return found;
}

function ofName(inputs: readonly Input[], name: string): Input[] {
  const known = namesIn(inputs);
  if (!known.includes(name)) {
    const near = closest(name, known);
    const others = known.length === 0 ? "; no prompt here names any" : `: there is ${some(known)}`;
    throw new SelectionError("filter", `no filter "${name}" in the input${near === "" ? others : near}`);
  }
  return inputs.map((input) => {
    const vnics = readHosts(input.dumps, input.whole ?? input.model).flatMap((host) =>
      host.filters.flatMap((filter) => (filter.name === name ? (filter.vnic ?? []) : [])),
    );
    return { ...narrowed(input, (filter) => filter === name, new Set(vnics)), asked: new Set([name]) };
  });
}

/** The names of the filters whose rules are there. */
function namesIn(inputs: readonly Input[]): string[] {
  return different(inputs.flatMap(({ filters }) => filters.flatMap(({ filter }) => filter.name ?? [])));
}

function different(names: readonly string[]): string[] {
  return [...new Set(names)];
}

const MOST_NAMED = 5;

function some(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map((name) => `"${name}"`);
  return names.length > MOST_NAMED
    ? `${shown.join(", ")} and ${names.length - MOST_NAMED} more`
    : shown.join(", ");
}

/** @param wanted - true for a filter that stays; null is text without a prompt */
export function narrowed(
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
