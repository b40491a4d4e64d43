import { buildModel, type Model } from "../../src/model/filters.ts";
import type { Filter, Rule } from "../../src/model/rule.ts";
import { parseDump } from "../../src/syntax/parse.ts";

export function modelOf(...texts: string[]): Model {
  return buildModel(texts.map((text, index) => parseDump(`dump-${index + 1}.txt`, text)));
}

/** The only filter of the texts. */
export function filterOf(...texts: string[]): Filter {
  const { filters } = modelOf(...texts);
  if (filters.length !== 1) throw new Error(`expected one filter, found ${filters.length}`);
  return filters[0]!;
}

export function listOf(filter: Filter, name: "ethernet" | "firewall" | "ids" = "firewall"): readonly Rule[] {
  return filter.lists.find((list) => list.name === name)?.rules ?? [];
}
