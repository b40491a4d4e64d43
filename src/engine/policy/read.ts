import type { AddressRanges } from "../../model/address.ts";
import { closest } from "../../model/flow.ts";
import { isEmpty } from "../../model/ranges.ts";
import { DIRECTIONS, type Direction } from "../../model/rule.ts";
import type { ConfigurationProblem, NamedService, Path } from "../configuration/configuration.ts";
import { YamlText } from "../configuration/document.ts";
import { inOrder, problemsOf, shortened, type FormWords } from "../configuration/issues.ts";
import {
  Networks,
  Services,
  isRecord,
  textsOf,
  type PlacedText,
  type Report,
} from "../configuration/names.ts";
import type { Input } from "../input.ts";
import { ASSERTION_KEYS, EXCEPT_KEYS, POLICY_KEYS } from "./keys.ts";
import {
  namesFilter,
  type Assertion,
  type Expectation,
  type Policy,
  type Term,
  type Without,
} from "./policy.ts";
import { policySchema } from "./schema.ts";

export type ReadPolicy =
  | { readonly policy: Policy; readonly problems: null }
  | { readonly policy: null; readonly problems: readonly ConfigurationProblem[] };

/** What the policy may name beside what it defines itself. */
export interface PolicyNames {
  readonly networks: ReadonlyMap<string, AddressRanges>;
  readonly services: ReadonlyMap<string, NamedService>;
}

/** Comparing every wrong name with every right one takes long where both are many. */
const MOST_CLOSEST = 100;

/** Reads a policy about an input. All its mistakes are found at once, in the order of the text. */
export function readPolicy(
  file: string,
  text: string,
  input: Input,
  names: PolicyNames = { networks: new Map(), services: new Map() },
): ReadPolicy {
  const yaml = new YamlText(file, text);
  if (yaml.problems.length > 0) return { policy: null, problems: inOrder(yaml.problems) };
  const problems: ConfigurationProblem[] = [];
  let mistakes = 0;
  const report: Report = {
    problem: (path, message, expected) => {
      problems.push({ message, expected, location: yaml.valuePlace(path) });
    },
    closest: (word, names) => {
      mistakes += 1;
      return mistakes > MOST_CLOSEST ? "" : closest(word, names);
    },
  };
  if (yaml.value === null || yaml.value === undefined) {
    const location = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
    const problem = { message: "the file is empty", expected: "assertions", location };
    return { policy: null, problems: [problem] };
  }
  const parsed = policySchema.safeParse(yaml.value);
  for (const issue of parsed.error?.issues ?? [])
    problems.push(...problemsOf(issue, [], yaml.value, yaml, WORDS));
  // Names and addresses are read even where something else is wrong, so that nobody has to mend a file twice.
  const given = isRecord(yaml.value) ? yaml.value : {};
  const reader = new Reader(given, input, names, report);
  const list = Array.isArray(given["assertions"]) ? (given["assertions"] as unknown[]) : [];
  const assertions = list.map((item, index) => reader.assertion(item, index, yaml));
  if (problems.length > 0) return { policy: null, problems: inOrder(problems) };
  return {
    policy: { file, text, assertions: assertions.filter((assertion) => assertion !== null) },
    problems: null,
  };
}

class Reader {
  readonly #networks: Networks;
  readonly #services: Services;
  readonly #sets: ReadonlySet<string>;
  readonly #filters: readonly (string | null)[];
  readonly #report: Report;
  /** Names of assertions so far. */
  readonly #seen = new Set<string>();

  constructor(given: Record<string, unknown>, input: Input, names: PolicyNames, report: Report) {
    this.#report = report;
    this.#networks = new Networks(given["networks"], ["networks"], report, names.networks);
    this.#services = new Services(given["services"], ["services"], report, names.services);
    for (const [own, key] of [
      [given["networks"], "networks"],
      [given["services"], "services"],
    ] as const) {
      if (isRecord(own) && Object.hasOwn(own, ANY))
        report.problem([key, ANY], `"${ANY}" stands for everything`, "another name");
    }
    // What no assertion uses has to be right too.
    this.#networks.all();
    this.#services.all();
    this.#sets = new Set(input.filters.flatMap(({ filter }) => [...filter.addressSets.keys()]));
    this.#filters = input.filters
      .filter(({ filter }) => filter.rules.length > 0)
      .map(({ filter }) => filter.name);
  }

  /** Null where the form is wrong, which the schema has reported. */
  assertion(item: unknown, index: number, yaml: YamlText): Assertion | null {
    if (!isRecord(item)) return null;
    const path = (key: string): Path => ["assertions", index, key];
    const { name, owner, direction, expect, by, only, filter, allowEmpty } = item;
    const sides = {
      from: this.#without(item["from"], path("from"), (texts) => this.#terms(texts)),
      to: this.#without(item["to"], path("to"), (texts) => this.#terms(texts)),
      service: this.#without(item["service"], path("service"), (texts) => this.#services.of(texts)),
    };
    const filters = filter === undefined ? null : this.#filterNames(textsOf(filter, path("filter")));
    if (typeof name === "string") {
      if (this.#seen.has(name)) {
        this.#report.problem(path("name"), `there are two assertions "${shortened(name)}"`, "each name once");
      }
      this.#seen.add(name);
    }
    if (expect === undefined && by === undefined && only !== true) {
      this.#report.problem(
        path("name"),
        `${placeName(index, name)} does not say what has to hold`,
        "expect, by or only: true",
      );
    }
    if (only === true && typeof expect === "string" && expect !== "accept") {
      this.#report.problem(
        path("expect"),
        `only: true is about what is accepted, and "${shortened(expect)}" is not`,
        "accept, or no expect beside only",
      );
    }
    return {
      name: String(name),
      owner: typeof owner === "string" ? owner : null,
      location: yaml.valuePlace(path("name")),
      ...sides,
      directions: direction === "in" || direction === "out" ? [direction satisfies Direction] : DIRECTIONS,
      expect: (expect as Expectation | undefined) ?? null,
      by: (by as number | undefined) ?? null,
      only: only === true,
      filters,
      allowEmpty: allowEmpty === true,
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
          "IP addresses: assertions are about IP packets",
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

function placeName(index: number, name: unknown): string {
  return `assertion ${index + 1}${typeof name === "string" ? ` (${shortened(name)})` : ""}`;
}

/** How a policy is spoken of. */
const WORDS: FormWords = {
  whole: "a policy",
  keysAt: (path) => {
    if (path.length === 0) return Object.keys(POLICY_KEYS);
    if (path[0] !== "assertions") return [];
    return Object.keys(path.length === 2 ? ASSERTION_KEYS : EXCEPT_KEYS);
  },
  nameOf: ([top, second, ...rest]) => {
    if (second === undefined) return top === undefined ? "" : String(top);
    const inner = rest.map((key) => (typeof key === "number" ? ` ${key + 1}` : `.${key}`)).join("");
    if (top === "assertions" && typeof second === "number") return `assertion ${second + 1}${inner}`;
    return `${top}.${shortened(String(second))}${inner}`;
  },
  unknownKey: () => null,
  better: () => null,
};
