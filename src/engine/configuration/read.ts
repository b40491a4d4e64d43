import { DEFAULT_SETTINGS, type SensitiveService, type Settings } from "../../checks/settings.ts";
import { expiredSuppression, unusedSuppression } from "../../checks/suppressions.ts";
import type { AddressRanges } from "../../model/address.ts";
import { closest } from "../../model/flow.ts";
import { ALL_PORTS, PORT_PROTOCOLS } from "../../model/service.ts";
import type { Suppression } from "../suppressions.ts";
import {
  ALWAYS_HEARD,
  type Configuration,
  type ConfigurationProblem,
  type ConfiguredSeverity,
  type NamedService,
  type Path,
} from "./configuration.ts";
import { YamlText } from "./document.ts";
import { DEFAULT_SERVICES } from "./keys.ts";
import { inOrder, problemsOf, shortened, type FormWords } from "./issues.ts";
import { Networks, Services, isRecord, textsOf, type Report } from "./names.ts";
import { configurationSchema, keysAt, type Configured } from "./schema.ts";

export type ReadConfiguration =
  | { readonly configuration: Configuration; readonly problems: null }
  | { readonly configuration: null; readonly problems: readonly ConfigurationProblem[] };

/** Comparing every wrong name with every right one takes long where both are many. */
const MOST_CLOSEST = 100;

/** Reads a configuration file. All its mistakes are found at once, in the order of the text. */
export function readConfiguration(file: string, text: string): ReadConfiguration {
  const yaml = new YamlText(file, text);
  if (yaml.problems.length > 0) return failed(yaml.problems);
  if (text.replace(/^\ufeff/, "").trim() === "") {
    const location = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
    return failed([{ message: "the file is empty", expected: "what dfwlint init writes", location }]);
  }
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
  // A key whose whole value is commented out says nothing.
  const value = isRecord(yaml.value)
    ? Object.fromEntries(Object.entries(yaml.value).filter(([, given]) => given !== null))
    : (yaml.value ?? {});
  const parsed = configurationSchema.safeParse(value);
  for (const issue of parsed.error?.issues ?? []) {
    for (const problem of problemsOf(issue, [], value, yaml, WORDS)) problems.push(problem);
  }
  // Names and addresses are read even where something else is wrong, so that nobody has to mend a file twice.
  const given = isRecord(value) ? value : {};
  const networks = new Networks(given["networks"], ["networks"], report);
  const services = new Services(given["services"], ["services"], report);
  const named = { networks: networks.all(), services: services.all() };
  const sensitive = readSensitive(given["sensitive"], networks, services, report);
  const { vnicAddresses } = given;
  const vnic = vnicAddresses === undefined ? null : networks.of(textsOf(vnicAddresses, ["vnicAddresses"]));
  reportFiles(given["files"], report);
  if (networks.has("any")) {
    report.problem(["networks", "any"], '"any" stands for all addresses', "another name");
  }
  if (services.has(DEFAULT_SERVICES)) {
    report.problem(
      ["services", DEFAULT_SERVICES],
      `"${DEFAULT_SERVICES}" stands for the built-in services`,
      "another name",
    );
  }
  reportWholesale(given["suppressions"], report);
  if (problems.length > 0) return failed(problems);
  return {
    problems: null,
    configuration: {
      file,
      text,
      ...named,
      ...plainParts(parsed.data as Configured, yaml, sensitive, vnic),
      placeOf: (path) => yaml.placeOf(path),
    },
  };
}

function failed(problems: readonly ConfigurationProblem[]): ReadConfiguration {
  return { configuration: null, problems: inOrder(problems) };
}

function plainParts(
  { files, checks = {}, limits = {}, baseline, suppressions = [] }: Configured,
  yaml: YamlText,
  sensitiveServices: readonly SensitiveService[],
  vnicAddresses: AddressRanges | null,
): Pick<Configuration, "files" | "severities" | "settings" | "baseline" | "suppressions"> {
  const severities = new Map<string, ConfiguredSeverity>();
  const parameters = new Map<string, Readonly<Record<string, number>>>();
  for (const [check, given] of Object.entries(checks)) {
    const { severity, ...numbers } = typeof given === "string" ? { severity: given } : given;
    if (severity !== undefined) severities.set(check, severity as ConfiguredSeverity);
    if (Object.keys(numbers).length > 0) parameters.set(check, numbers as Record<string, number>);
  }
  const settings: Settings = {
    parameters,
    sensitiveServices,
    limits: { ...DEFAULT_SETTINGS.limits, ...limits },
    vnicAddresses,
  };
  return {
    files: files === undefined ? null : typeof files === "string" ? [files] : files,
    severities,
    settings,
    baseline: baseline ?? null,
    suppressions: suppressions.map(
      ({ rule = null, addrset = null, fingerprint = null, until = null, ...rest }, index): Suppression => ({
        ...rest,
        rule,
        addrset,
        fingerprint,
        until,
        location: yaml.keyPlace(["suppressions", index]),
      }),
    ),
  };
}

function readSensitive(
  value: unknown,
  networks: Networks,
  services: Services,
  report: Report,
): readonly SensitiveService[] {
  const builtIn = DEFAULT_SETTINGS.sensitiveServices;
  if (!Array.isArray(value)) return builtIn;
  const entries = (value as unknown[]).map((item, index) => ({
    item: typeof item === "string" ? { name: item } : item,
    path: typeof item === "string" ? ["sensitive", index] : ["sensitive", index, "name"],
    at: ["sensitive", index],
  }));
  const named = new Set(entries.flatMap(({ item }) => (isRecord(item) ? [item["name"]] : [])));
  return entries.flatMap(({ item, path, at }): SensitiveService[] => {
    if (!isRecord(item) || typeof item["name"] !== "string") return [];
    const { name, ports, allowedFrom } = item;
    const from = allowedFrom === undefined ? null : networks.of(textsOf(allowedFrom, [...at, "allowedFrom"]));
    const withSources = (list: readonly SensitiveService[]): SensitiveService[] =>
      list.map((service) => ({ ...service, allowedFrom: from }));
    if (ports !== undefined) {
      return withSources(
        sensitiveOf(name, services.of(textsOf(ports, [...at, "ports"])), [...at, "ports"], report),
      );
    }
    if (services.has(name)) {
      return withSources(sensitiveOf(name, services.of([{ text: name, path }]), path, report));
    }
    if (name === DEFAULT_SERVICES) return withSources(builtIn.filter((service) => !named.has(service.name)));
    const known = builtIn.filter((service) => service.name === name);
    if (known.length === 0) {
      const names = [...services.names, ...builtIn.map((service) => service.name), DEFAULT_SERVICES];
      report.problem(
        path,
        `there is no service "${name}"${report.closest(name, names)}`,
        "a name of services, or one of the built-in ones",
      );
    }
    return withSources(known);
  });
}

/** One entry for the protocols that share their ports. */
function sensitiveOf(name: string, service: NamedService, path: Path, report: Report): SensitiveService[] {
  const byPorts = new Map<string, SensitiveService>();
  for (const { protocol, ports } of service) {
    if (!PORT_PROTOCOLS.includes(protocol)) {
      report.problem(path, `service "${name}" has a protocol without ports`, "tcp, udp or sctp with ports");
      continue;
    }
    const key = (ports ?? ALL_PORTS).join();
    const protocols = [...(byPorts.get(key)?.protocols ?? []), protocol];
    byPorts.set(key, { name, protocols, ports: ports ?? ALL_PORTS, allowedFrom: null });
  }
  return [...byPorts.values()];
}

function reportFiles(value: unknown, report: Report): void {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  for (const [index, file] of list.entries()) {
    if (file !== "-") continue;
    const path = Array.isArray(value) ? ["files", index] : ["files"];
    report.problem(path, "standard input is different every time", "a path or a glob");
  }
}

/** Findings about input that cannot be analysed can be suppressed one by one only. */
function reportWholesale(value: unknown, report: Report): void {
  if (!Array.isArray(value)) return;
  for (const [index, entry] of (value as unknown[]).entries()) {
    if (!isRecord(entry) || typeof entry["check"] !== "string") continue;
    const { check, addrset, fingerprint } = entry;
    const reason = ALWAYS_HEARD.get(check);
    if (reason === undefined || fingerprint !== undefined) continue;
    const bySet = check === "undefined-addrset";
    if (bySet && addrset !== undefined) continue;
    report.problem(
      ["suppressions", index, "check"],
      `${check} cannot be suppressed as a whole: ${reason}`,
      bySet ? "an addrset or a fingerprint with it" : "a fingerprint with it",
    );
  }
}

/** How a configuration file is spoken of. */
const WORDS: FormWords = {
  whole: "a configuration",
  keysAt,
  nameOf,
  unknownKey: (path) =>
    path.join() === "checks"
      ? { what: "check", within: "", expected: "a check: dfwlint explain lists them" }
      : null,
  better: (path, value, expected) => {
    const reason = path[0] === "checks" && value === "off" ? ALWAYS_HEARD.get(String(path[1])) : undefined;
    if (reason !== undefined) return { message: `${path[1]} cannot be off: ${reason}`, expected };
    if (path[0] !== "suppressions" || !isAboutSuppressions(value)) return null;
    return {
      message: `${value} is about suppressions and cannot be suppressed`,
      expected: `checks: {${value}: off} instead, or a suppression put right`,
    };
  },
};

function isAboutSuppressions(value: unknown): value is string {
  return value === expiredSuppression.id || value === unusedSuppression.id;
}

/** `checks.shadowed-rule`, `suppression 2`: how people find the place again. */
function nameOf(path: Path): string {
  const [top, second, ...rest] = path;
  const inner = rest.map((key) => (typeof key === "number" ? ` ${key + 1}` : `.${key}`)).join("");
  if (top === "suppressions" && typeof second === "number") return `suppression ${second + 1}${inner}`;
  if (second === undefined) return top === undefined ? "" : String(top);
  return `${top}${typeof second === "number" ? ` ${second + 1}` : `.${shortened(second)}`}${inner}`;
}
