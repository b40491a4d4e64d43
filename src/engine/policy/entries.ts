import type { AddressRanges } from "../../model/address.ts";
import { closest } from "../../model/flow.ts";
import { isEmpty } from "../../model/ranges.ts";
import { DIRECTIONS, type Direction } from "../../model/rule.ts";
import type { ConfigurationProblem, NamedService, Path } from "../configuration/configuration.ts";
import type { YamlText } from "../configuration/document.ts";
import { shortened } from "../configuration/issues.ts";
import {
  Networks,
  Services,
  isRecord,
  textsOf,
  type PlacedText,
  type Report,
} from "../configuration/names.ts";
import type { Input } from "../input.ts";
import type { Location } from "../results.ts";
import { namesFilter, type Term, type Without } from "./policy.ts";

/** What entries of a policy and of an intent have in common: who talks to whom, by which service, in which filter. */

/** What a file may name beside what it defines itself. */
export interface OuterNames {
  readonly networks: ReadonlyMap<string, AddressRanges>;
  readonly services: ReadonlyMap<string, NamedService>;
}

export interface Entry {
  readonly name: string;
  readonly owner: string | null;
  /** Of the name. */
  readonly location: Location;
  readonly from: Without<readonly Term[]>;
  readonly to: Without<readonly Term[]>;
  readonly service: Without<NamedService>;
  readonly directions: readonly Direction[];
  /** Null for all. */
  readonly filters: readonly string[] | null;
}

/** Comparing every wrong name with every right one takes long where both are many. */
const MOST_CLOSEST = 100;

/** Collects what is wrong with values of a file. */
export function reportTo(problems: ConfigurationProblem[], yaml: YamlText): Report {
  let mistakes = 0;
  return {
    problem: (path, message, expected) => {
      problems.push({ message, expected, location: yaml.valuePlace(path) });
    },
    closest: (word, names) => {
      mistakes += 1;
      return mistakes > MOST_CLOSEST ? "" : closest(word, names);
    },
  };
}

export class EntryReader {
  readonly #networks: Networks;
  readonly #services: Services;
  readonly #sets: ReadonlySet<string>;
  readonly #filters: readonly (string | null)[];
  readonly #report: Report;
  readonly #yaml: YamlText;
  readonly #about: string;
  /** Names of entries so far. */
  readonly #seen = new Set<string>();

  /** @param about what the entries are, in the plural */
  constructor(
    given: Record<string, unknown>,
    inputs: readonly Input[],
    names: OuterNames,
    report: Report,
    yaml: YamlText,
    about: string,
  ) {
    this.#report = report;
    this.#yaml = yaml;
    this.#about = about;
    this.#networks = new Networks(given["networks"], ["networks"], report, names.networks);
    this.#services = new Services(given["services"], ["services"], report, names.services);
    for (const key of ["networks", "services"]) {
      const own = given[key];
      if (isRecord(own) && Object.hasOwn(own, ANY))
        report.problem([key, ANY], `"${ANY}" stands for everything`, "another name");
    }
    // What no entry uses has to be right too.
    this.#networks.all();
    this.#services.all();
    const filters = inputs.flatMap((input) => input.filters);
    this.#sets = new Set(filters.flatMap(({ filter }) => [...filter.addressSets.keys()]));
    this.#filters = [
      ...new Set(filters.filter(({ filter }) => filter.rules.length > 0).map(({ filter }) => filter.name)),
    ];
  }

  /** What entries have in common; a wrong form has been reported by the schema. */
  read(item: Record<string, unknown>, at: Path): Entry {
    const path = (key: string): Path => [...at, key];
    const { name, owner, direction, filter } = item;
    const sides = {
      from: this.#without(item["from"], path("from"), (texts) => this.#terms(texts)),
      to: this.#without(item["to"], path("to"), (texts) => this.#terms(texts)),
      service: this.#without(item["service"], path("service"), (texts) => this.#services.of(texts)),
    };
    const filters = filter === undefined ? null : this.#filterNames(textsOf(filter, path("filter")));
    if (typeof name === "string") {
      if (this.#seen.has(name)) {
        const message = `there are two ${this.#about} "${shortened(name)}"`;
        this.#report.problem(path("name"), message, "each name once");
      }
      this.#seen.add(name);
    }
    return {
      name: String(name),
      owner: typeof owner === "string" ? owner : null,
      location: this.#yaml.valuePlace(path("name")),
      ...sides,
      directions: direction === "in" || direction === "out" ? [direction] : DIRECTIONS,
      filters,
    };
  }

  #without<T>(value: unknown, path: Path, read: (texts: readonly PlacedText[]) => T): Without<T> {
    const some = (given: unknown, at: Path): T | null => {
      const texts = textsOf(given, at);
      // Everything and more is everything; what is said beside it has to be right all the same.
      const values = read(texts.filter(({ text }) => !isAny(text)));
      return texts.some(({ text }) => isAny(text)) || given === undefined ? null : values;
    };
    if (!isRecord(value)) return { of: some(value, path), except: null };
    const except = textsOf(value["except"], [...path, "except"]);
    for (const { text, path: at } of except) {
      if (isAny(text)) this.#report.problem(at, "nothing is left without any", "less than everything");
    }
    return {
      of: some(value["of"], [...path, "of"]),
      except: read(except.filter(({ text }) => !isAny(text))),
    };
  }

  /** A network of that name goes before an address set. */
  #terms(texts: readonly PlacedText[]): Term[] {
    return texts.map((placed): Term => {
      const { text, path } = placed;
      if (!this.#networks.has(text) && this.#sets.has(text)) return { type: "set", name: text };
      if (!this.#networks.has(text) && !looksLikeAddress(text)) {
        const known = [...this.#networks.names, ...this.#sets];
        this.#report.problem(
          path,
          `there is neither a network nor an address set "${shortened(text)}"${this.#report.closest(text, known)}`,
          "an address, a CIDR, a range, or the name of a network or an address set",
        );
        return NOTHING;
      }
      const addresses = this.#networks.of([placed]);
      if (isEmpty(addresses.ipv4) && isEmpty(addresses.ipv6) && !isEmpty(addresses.mac)) {
        this.#report.problem(
          path,
          `"${shortened(text)}" holds MAC addresses only`,
          `IP addresses: ${this.#about} are about IP packets`,
        );
      }
      return { type: "addresses", text, addresses };
    });
  }

  #filterNames(texts: readonly PlacedText[]): string[] {
    return texts.map(({ text, path }) => {
      if (!this.#filters.some((name) => namesFilter(text, name))) {
        const names = this.#filters.filter((name) => name !== null);
        this.#report.problem(
          path,
          `there is no filter "${shortened(text)}" with rules${this.#report.closest(text, names)}`,
          names.length === 0
            ? "no filter here: the rules were saved without the prompt that names theirs"
            : "the name of a filter at its prompt",
        );
      }
      return text;
    });
  }
}

const ANY = "any";
const NOTHING: Term = { type: "addresses", text: "", addresses: { ipv4: [], ipv6: [], mac: [] } };

function isAny(text: string): boolean {
  return text.toLowerCase() === ANY;
}

/** What has the letters of an address is meant as one. */
function looksLikeAddress(text: string): boolean {
  return /^[\d.:/a-f\s-]*$/i.test(text) && /[.:\d]/.test(text);
}
