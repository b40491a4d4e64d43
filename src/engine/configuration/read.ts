import type { core } from "zod";
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
    for (const problem of problemsOf(issue, [], value, yaml)) problems.push(problem);
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
  const inOrder = problems.toSorted(
    (a, b) => a.location.line - b.location.line || a.location.column - b.location.column,
  );
  return { configuration: null, problems: inOrder };
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

type Issue = core.$ZodIssue;

/** What the schema says, in words: what stands there, and what should. */
function problemsOf(issue: Issue, before: Path, root: unknown, yaml: YamlText): ConfigurationProblem[] {
  const path: Path = [...before, ...(issue.path as (string | number)[])];
  const value = valueAt(root, path);
  switch (issue.code) {
    case "unrecognized_keys": {
      const names = keysAt(path);
      const what = path.join() === "checks" ? "check" : "key";
      return issue.keys.map((key) => ({
        message: `there is no ${what} "${shortened(key)}"${nameOf(path) === "" || what === "check" ? "" : ` in ${nameOf(path)}`}${closest(key, names)}`,
        expected: what === "check" ? "a check: dfwlint explain lists them" : oneOf(names),
        location: yaml.keyPlace([...path, key]),
      }));
    }
    case "invalid_key":
      return [
        {
          message: `"${shortened(String(path.at(-1)))}" cannot be a name`,
          expected: issue.issues[0]?.message ?? "another name",
          location: yaml.keyPlace(path),
        },
      ];
    case "invalid_union": {
      // The branch whose form the value has says more than both together.
      const fitting = issue.errors.find((errors) => errors.every((error) => !isAboutForm(error, value)));
      if (fitting !== undefined) return fitting.flatMap((error) => problemsOf(error, path, root, yaml));
      return [wrongValue(path, value, issue.message, yaml)];
    }
    default: {
      const missing = value === undefined && path.length > 0;
      if (missing) {
        return [
          {
            message: `${nameOf(path.slice(0, -1))} has no ${path.at(-1)}`,
            expected: issue.message,
            location: yaml.keyPlace(path.slice(0, -1)),
          },
        ];
      }
      const names = issue.code === "invalid_value" ? issue.values.map(String) : [];
      const reason = path[0] === "checks" && value === "off" ? ALWAYS_HEARD.get(String(path[1])) : undefined;
      if (reason !== undefined) {
        return [
          {
            message: `${path[1]} cannot be off: ${reason}`,
            expected: issue.message,
            location: yaml.valuePlace(path),
          },
        ];
      }
      if (path[0] === "suppressions" && isAboutSuppressions(value)) {
        return [
          {
            message: `${value} is about suppressions and cannot be suppressed`,
            expected: `checks: {${value}: off} instead, or a suppression put right`,
            location: yaml.valuePlace(path),
          },
        ];
      }
      return [wrongValue(path, value, issue.message, yaml, names)];
    }
  }
}

function isAboutSuppressions(value: unknown): value is string {
  return value === expiredSuppression.id || value === unusedSuppression.id;
}

/** True if the value is of another kind altogether: a list where text is expected. */
function isAboutForm({ code, path }: Issue, value: unknown): boolean {
  if (path.length > 0) return false;
  return code === "invalid_type" || (code === "invalid_value" && typeof value !== "string");
}

function wrongValue(
  path: Path,
  value: unknown,
  expected: string,
  yaml: YamlText,
  names: readonly string[] = [],
): ConfigurationProblem {
  const near = typeof value === "string" ? closest(value, names) : "";
  return {
    message: `${shown(value)} is no value for ${nameOf(path) || "a configuration"}${near}`,
    expected,
    location: yaml.valuePlace(path),
  };
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

/** `checks.shadowed-rule`, `suppression 2`: how people find the place again. */
function nameOf(path: Path): string {
  const [top, second, ...rest] = path;
  const inner = rest.map((key) => (typeof key === "number" ? ` ${key + 1}` : `.${key}`)).join("");
  if (top === "suppressions" && typeof second === "number") return `suppression ${second + 1}${inner}`;
  if (second === undefined) return top === undefined ? "" : String(top);
  return `${top}${typeof second === "number" ? ` ${second + 1}` : `.${shortened(second)}`}${inner}`;
}

function shown(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return typeof value === "string" ? `"${shortened(value)}"` : `${value as number | boolean}`;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function oneOf(names: readonly string[]): string {
  if (names.length === 1) return names[0]!;
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
