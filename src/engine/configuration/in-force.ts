import { CHECKS, DOCUMENTED } from "../../checks/index.ts";
import { DEFAULT_SETTINGS, type SensitiveService, type Settings } from "../../checks/settings.ts";
import { printAddresses, type AddressRanges } from "../../model/address.ts";
import { protocolName } from "../../model/protocols.ts";
import { toSpans, type Ranges } from "../../model/ranges.ts";
import { ALL_PORTS } from "../../model/service.ts";
import {
  VERSION,
  type ConfigurationResult,
  type ConfigurationSource,
  type ConfigurationValue,
} from "../results.ts";
import { suppressionName } from "../suppressions.ts";
import type { Configuration, NamedService, Path } from "./configuration.ts";

/** What the command line says instead of the configuration file. */
export interface Overrides {
  readonly files: readonly string[];
  /** False for none. */
  readonly baseline: string | false | null;
  readonly vnicAddresses: AddressRanges | null;
}

/** Every value in force and where it comes from, in the order of the keys. */
export function configurationInForce(
  configuration: Configuration | null,
  overrides: Overrides,
  defaultFiles: readonly string[],
): ConfigurationResult {
  const { settings = DEFAULT_SETTINGS } = configuration ?? {};
  /** The first of these places that is in the file; else the value is a default. */
  const source = (...paths: Path[]): ConfigurationSource => {
    for (const path of paths) {
      const place = configuration?.placeOf(path);
      if (place !== undefined) return { from: "file", file: place.file, line: place.line };
    }
    return { from: "default" };
  };
  const value = (
    key: string,
    text: string | number | readonly string[],
    ...paths: Path[]
  ): ConfigurationValue => ({
    key,
    value: text,
    source: source(...paths),
  });
  const given = (key: string, text: string | readonly string[]): ConfigurationValue => ({
    key,
    value: text,
    source: { from: "command line" },
  });
  return {
    version: VERSION,
    file: configuration?.file ?? null,
    values: [
      overrides.files.length > 0
        ? given("files", overrides.files)
        : value("files", configuration?.files ?? defaultFiles, ["files"]),
      ...DOCUMENTED.map(({ id, severity }) =>
        value(
          `checks.${id}`,
          configuration?.severities.get(id) ?? severity,
          ["checks", id, "severity"],
          ...(configuration?.severities.has(id) === true ? [["checks", id]] : []),
        ),
      ),
      ...CHECKS.flatMap(({ id, parameters = {} }) =>
        Object.entries(parameters).map(([name, parameter]) =>
          value(`checks.${id}.${name}`, settings.parameters.get(id)?.[name] ?? parameter.default, [
            "checks",
            id,
            name,
          ]),
        ),
      ),
      ...[...(configuration?.networks ?? [])].map(([name, addresses]) =>
        value(`networks.${name}`, addressTexts(addresses), ["networks", name]),
      ),
      ...[...(configuration?.services ?? [])].map(([name, service]) =>
        value(`services.${name}`, serviceTexts(service), ["services", name]),
      ),
      ...settings.sensitiveServices.map((service) =>
        value(`sensitive.${service.name}`, sensitiveTexts(service), ["sensitive"]),
      ),
      ...Object.entries(settings.limits).map(([name, limit]) =>
        value(`limits.${name}`, limit as number, ["limits", name]),
      ),
      overrides.vnicAddresses === null
        ? value("vnicAddresses", vnicTexts(settings), ["vnicAddresses"])
        : given("vnicAddresses", addressTexts(overrides.vnicAddresses)),
      overrides.baseline === null
        ? value("baseline", configuration?.baseline ?? [], ["baseline"])
        : given("baseline", overrides.baseline === false ? [] : overrides.baseline),
      ...(configuration?.suppressions ?? []).map((suppression, index) => {
        const until = suppression.until === null ? "" : ` until ${suppression.until}`;
        return value(
          `suppressions ${index + 1}`,
          `${suppressionName(suppression)}${until}: ${suppression.reason}`,
          ["suppressions", index],
        );
      }),
    ],
  };
}

function vnicTexts({ vnicAddresses }: Settings): readonly string[] {
  return vnicAddresses === null ? [] : addressTexts(vnicAddresses);
}

function addressTexts(addresses: AddressRanges): string[] {
  return (["ipv4", "ipv6", "mac"] as const).flatMap((family) => printAddresses(family, addresses[family]));
}

function portTexts(protocol: number, ports: Ranges<number> | null): string[] {
  const name = protocolName(protocol);
  if (ports === null || ports.join() === ALL_PORTS.join()) return [name];
  return toSpans(ports).map(({ first, last }) => `${name}/${first === last ? first : `${first}-${last}`}`);
}

function serviceTexts(service: NamedService): string[] {
  return service.flatMap(({ protocol, ports }) => portTexts(protocol, ports));
}

export function sensitiveTexts({ protocols, ports, allowedFrom }: SensitiveService): string[] {
  const services = protocols.flatMap((protocol) => portTexts(protocol, ports));
  return allowedFrom === null
    ? services
    : [...services, ...addressTexts(allowedFrom).map((text) => `from ${text}`)];
}
