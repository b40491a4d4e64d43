import type { FilterAnalysis, ListAnalysis } from "../analysis/analysis.ts";
import type { Model } from "../model/filters.ts";
import type { Host } from "../model/host.ts";
import type { Packet } from "../model/packet.ts";
import type { SeenVnic } from "../model/seen-addresses.ts";
import type { Rule, Source } from "../model/rule.ts";
import type { Dump, Problem } from "../syntax/parse.ts";
import type { Infrastructure } from "./infrastructure.ts";
import type { Settings } from "./settings.ts";

export type Severity = "error" | "warning" | "info";

/** Another place that a finding speaks of. */
export interface Related {
  readonly label: string;
  readonly at: Source;
  readonly rule: Rule | null;
  readonly addressSet: string | null;
}

/** What a check found. Texts may hold names from the dump as they are; whoever prints them makes them safe. */
export interface Found {
  /** The check's own severity unless the case is milder or graver. */
  readonly severity?: Severity;
  /** What is wrong, with the names of the rules and sets. */
  readonly message: string;
  /** Why it matters and what to do, where this case differs from the check's own words. */
  readonly why?: string;
  readonly help?: string;
  /** False if it holds only if the unknown turns out so. True unless said. */
  readonly certain?: boolean;
  readonly at: Source;
  readonly rule?: Rule;
  readonly addressSet?: string;
  /** What it is about, where that is neither a rule nor a set; it makes the fingerprint. */
  readonly subject?: string;
  readonly related?: readonly Related[];
  /** A packet that shows it. */
  readonly witness?: Packet | null;
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface CheckContext {
  readonly dumps: readonly Dump[];
  readonly model: Model;
  /** Of the syntax and of the model, in the order of the text. */
  readonly problems: readonly Problem[];
  readonly filters: readonly FilterAnalysis[];
  /** All filters, where only some of them are asked about: for comparing those with their neighbours. */
  readonly whole?: Model;
  /** What sessions in the input show of their hosts; none in dumps alone. */
  readonly hosts: readonly Host[];
  /** What the hosts' addresses are, where a filter is looked at without its session. */
  readonly infrastructure?: readonly Infrastructure[];
  /** Whose addresses the filters' vNIC has, likewise. */
  readonly seen?: SeenVnic;
  readonly settings: Settings;
}

/** A number that the configuration may change. */
export interface Parameter {
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
  /** What it is and its unit, as a phrase. */
  readonly describe: string;
}

/** The value of a check's parameter, from the configuration or its default. */
export function parameterOf(context: CheckContext, check: Check, name: string): number {
  const configured = context.settings.parameters.get(check.id)?.[name];
  return configured ?? check.parameters![name]!.default;
}

/** What people read of a check. */
export interface CheckDocumentation {
  /** Names the problem, never the rule of good conduct. */
  readonly id: string;
  readonly severity: Severity;
  /** What stands under the place in a code frame. */
  readonly label: string;
  /** One sentence: when does it hold. */
  readonly summary: string;
  readonly why: string;
  readonly help: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /** A small dump on which the check finds something. */
  readonly example: string;
  /** The dfwlint.yaml beside it, where the check is about that. */
  readonly exampleConfiguration?: string;
}

/** A check: its documentation, its defaults and its function, in one file. */
export interface Check extends CheckDocumentation {
  /**
   * `host` if it compares filters, or looks at what a session shows beside them. All others look at one filter, or one
   * piece of text, after the other, so that the filters of a large session can be looked at apart.
   */
  readonly scope?: "host";
  find(context: CheckContext): Iterable<Found>;
}

/** Every list of every filter. */
export function* allLists(context: CheckContext): Generator<{ filter: FilterAnalysis; list: ListAnalysis }> {
  for (const filter of context.filters) for (const list of filter.lists) yield { filter, list };
}

/** The rules of a filter that a rule which takes everything makes unreachable: see `dead-tail`. */
export function deadTailOf({ lists }: FilterAnalysis): ReadonlySet<Rule> {
  return new Set(
    lists.flatMap((list) => {
      const catchAll = list.catchAllIndex;
      return catchAll === null ? [] : list.rules.slice(catchAll + 1).filter(({ node }) => node !== null);
    }),
  );
}

/** True behind a rule that takes everything: what stands there is one finding of its own, `dead-tail`. */
export function isInDeadTail(list: ListAnalysis, index: number): boolean {
  const catchAll = list.catchAllIndex;
  return catchAll !== null && index > catchAll;
}
