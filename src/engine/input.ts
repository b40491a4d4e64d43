import { FilterAnalysis } from "../analysis/analysis.ts";
import type { CheckContext } from "../checks/check.ts";
import { cutText } from "../checks/words.ts";
import { buildModel, holdsOurs } from "../model/filters.ts";
import { readHosts } from "../model/host.ts";
import { addressNodes, type Filter } from "../model/rule.ts";
import { readCommand } from "../syntax/commands.ts";
import { FOREIGN, parseDump, type Dump } from "../syntax/parse.ts";
import { readRemark, readRemarks } from "../syntax/remark.ts";

/** Files that were read, joined into filters; the one object that all questions are asked of. */
export interface Input extends Omit<CheckContext, "settings" | "hosts"> {
  /** The vNICs that are asked about, where that was narrowed. */
  readonly vnics?: ReadonlySet<string>;
  /** Filters that are asked about, where that was narrowed; their rules may be missing. */
  readonly asked?: ReadonlySet<string | null>;
}

export interface SourceText {
  readonly file: string;
  readonly text: string;
}

export interface InputOptions {
  /** Work allowed for each question about one rule; beyond it the answer is marked uncertain. */
  readonly budget?: number;
  /** Called now and then while rules are decided. */
  readonly progress?: (done: number, total: number) => void;
}

export function readInput(texts: readonly SourceText[], options: InputOptions = {}): Input {
  return inputOf(
    texts.map(({ file, text }) => parseDump(file, text)),
    options,
  );
}

export function inputOf(dumps: readonly Dump[], options: InputOptions = {}): Input {
  const model = buildModel(dumps);
  const order = new Map(dumps.map(({ file }, index) => [file, index]));
  const problems = [...dumps.flatMap((dump) => dump.problems), ...model.problems].toSorted(
    (a, b) => order.get(a.file)! - order.get(b.file)! || a.at - b.at,
  );
  return { dumps, model, problems, filters: FilterAnalysis.ofAll(model.filters, options) };
}

export interface InputFault {
  /** One line that names the file or the thing. */
  readonly message: string;
  /** True if nothing can be said at all. */
  readonly fatal: boolean;
}

/** What is wrong with the input as a whole, so that answers are missing or weak. */
export function inputFaults(input: Input): InputFault[] {
  const faults: InputFault[] = [];
  for (const dump of input.dumps) {
    const { rules, addrsets } = holdsOurs(dump.items);
    if (rules || addrsets || isSourceOf(input, dump) || dump.problems.some(({ kind }) => kind !== "foreign"))
      continue;
    // Whose filters are is told beside their rules.
    if (showsHost({ dumps: [dump], model: { ...input.model, filters: [] } })) continue;
    faults.push({ message: `${dump.file}: ${whatElse(dump)}`, fatal: false });
  }
  faults.push(...input.dumps.flatMap((dump) => collectionFaults(dump, input)));
  // Where none of the filters that are asked about is here, that is no fault as long as there are others.
  const { filters } =
    input.model.filters.length === 0 && input.whole !== undefined ? input.whole : input.model;
  const ruleCount = filters.reduce((sum, { rules }) => sum + rules.length, 0);
  if (ruleCount === 0) {
    const files = input.dumps.map(({ file }) => file).join(", ");
    const sets = filters.some(({ addressSets }) => addressSets.size > 0);
    if (sets)
      faults.push({
        message: `no rules in ${files}, only address sets: add the output of vsipioctl getrules`,
        fatal: true,
      });
    else if (showsHost(input))
      // What a session shows of its host is worth checking without rules too.
      return [{ message: `no rules in ${files}: only what is shown of the host is checked`, fatal: false }];
    else if (faults.length > 0) return faults.map((fault) => ({ ...fault, fatal: true }));
    else faults.push({ message: `no rules in ${files}`, fatal: true });
    return faults;
  }
  for (const filter of input.model.filters) {
    if (filter.addressSets.size > 0 || filter.rules.length === 0) continue;
    const { count, first } = filter.elsewhere?.named ?? namedSets(filter);
    if (count === 0) continue;
    const which = count === 1 ? `address set ${first}` : `${count} address sets (${first} and others)`;
    const of = filter.name === null ? "the rules name" : `the rules of filter ${filter.name} name`;
    faults.push({
      message: `${of} ${which} and the input defines none: add the output of vsipioctl getaddrsets`,
      fatal: false,
    });
  }
  return faults;
}

/** True if a session lists machines or filters. */
function showsHost({ dumps, whole, model }: Pick<Input, "dumps" | "whole" | "model">): boolean {
  return readHosts(dumps, whole ?? model).some(
    ({ machines, filterList }) => machines.length > 0 || filterList !== "none",
  );
}

/** What a session that was collected lacks, as the collecting script says. */
function collectionFaults(dump: Dump, { filters, whole, asked }: Input): InputFault[] {
  const prompts = dump.items.filter((item) => item.type === "prompt");
  if (prompts.every(({ command }) => readRemark(command) === null)) return [];
  const printed = new Set(
    dump.items.flatMap((item, index) => {
      const before = dump.items[index - 1];
      const ours = item.type === "ruleset" || item.type === "addrset" || item.type === "rule";
      return ours && before?.type === "prompt" ? [before] : [];
    }),
  );
  const { complaints, cut } = readRemarks(prompts);
  const about = (command: string): boolean =>
    whole === undefined ||
    asked?.has(readCommand(command).filter) === true ||
    filters.some(({ filter }) => filter.printedName === readCommand(command).filter);
  return [
    ...complaints.flatMap(({ command, status, messages, prompt }): InputFault[] => {
      // Counts of rules decide nothing.
      const asked = command !== null && readCommand(command).dump && !/\s-s\b/.test(command);
      if (!asked || status === null || !about(command)) return [];
      // A status alone says little where everything was printed.
      if (messages.length === 0 && printed.has(prompt)) return [];
      const said = messages.length === 0 ? "" : `: ${messages.join("; ")}`;
      return [{ message: `${dump.file}: ${command} failed with status ${status}${said}`, fatal: false }];
    }),
    ...cut.map(({ command }) => ({ message: `${dump.file}: ${cutText(command)}`, fatal: false })),
  ];
}

/** The address sets that a filter's rules name. */
export function namedSets({ rules }: Filter): { readonly count: number; readonly first: string | null } {
  const named = new Set(
    rules.flatMap((rule) =>
      addressNodes(rule).flatMap((node) => (node.type === "addrset" ? [node.name] : [])),
    ),
  );
  return { count: named.size, first: [...named][0] ?? null };
}

/** True if a filter that was read elsewhere is printed there. */
function isSourceOf({ model }: Input, dump: Dump): boolean {
  return model.filters.some(
    ({ elsewhere, rulesets, addressSets }) =>
      elsewhere !== undefined &&
      (rulesets.some(({ source }) => source.dump === dump) ||
        [...addressSets.values()].some(({ source }) => source.dump === dump)),
  );
}

function whatElse(dump: Dump): string {
  if (dump.text.trim() === "") return "the file is empty";
  const kinds = new Set(dump.items.flatMap((item) => (item.type === "foreign" ? [item.kind] : [])));
  if (kinds.has("edge")) return FOREIGN.edge;
  if (kinds.has("statistics")) return FOREIGN.statistics;
  return "no rules and no address sets here: expected the output of vsipioctl getrules or getaddrsets";
}

/**
 * True for text that may be a dump, or tell whose filters are: what holds neither a word of a block or rule nor a line of
 * the list of filters is something else.
 */
export function mayHoldDump(text: string): boolean {
  return (
    /\b(?:ruleset|addrset|Addrset UUID|rule)\s+\S/.test(text) ||
    /^[ \t]*world \d+ (?:<no world>|vmm\d+:)/m.test(text)
  );
}
