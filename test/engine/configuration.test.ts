import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";
import { CHECKS, DOCUMENTED } from "../../src/checks/index.ts";
import { DEFAULT_SETTINGS } from "../../src/checks/settings.ts";
import { KEYS, LIMITS, SENSITIVE, SUPPRESSION } from "../../src/engine/configuration/keys.ts";
import type { Configuration } from "../../src/engine/configuration/configuration.ts";
import { readConfiguration } from "../../src/engine/configuration/read.ts";
import { jsonSchema } from "../../src/engine/configuration/schema.ts";
import { configurationTemplate } from "../../src/engine/configuration/template.ts";
import { parseAddress, addressRanges } from "../../src/model/address.ts";
import { expectGolden } from "../support/golden.ts";

function configured(text: string): Configuration {
  const { configuration, problems } = readConfiguration("dfwlint.yaml", text);
  expect(problems).toBeNull();
  return configuration!;
}

describe("the schema for editors", () => {
  it("is what the program checks", () => {
    const path = fileURLToPath(new URL("../../schema/dfwlint.schema.json", import.meta.url));
    expectGolden(path, `${JSON.stringify(jsonSchema(), null, 2)}\n`);
  });

  it("describes every key", () => {
    const missing: string[] = [];
    const walk = (schema: unknown, path: string): void => {
      if (typeof schema !== "object" || schema === null) return;
      const { properties, ...others } = schema as { properties?: Record<string, { description?: string }> };
      for (const [name, property] of Object.entries(properties ?? {})) {
        if ((property.description ?? "") === "") missing.push(`${path}.${name}`);
        walk(property, `${path}.${name}`);
      }
      for (const inner of Object.values(others)) walk(inner, path);
    };
    walk(jsonSchema(), "");
    expect(missing).toEqual([]);
    const { properties } = jsonSchema() as { properties: Record<string, { properties?: object }> };
    expect(Object.keys(properties)).toEqual(Object.keys(KEYS));
    expect(Object.keys(properties["limits"]!.properties!)).toEqual(Object.keys(LIMITS));
    expect(Object.keys(properties["checks"]!.properties!)).toEqual(DOCUMENTED.map(({ id }) => id));
  });

  it("takes what the program takes, and refuses what has another form", () => {
    const ajv = new Ajv2020();
    addFormats.default(ajv);
    const validate = ajv.compile(jsonSchema());
    const all = uncommented(configurationTemplate(null));
    for (const [text, right] of [
      [all, true],
      ["sensitive: [default, {name: SSH, allowedFrom: 10.1.1.1}]", true],
      ["checks: {shadowed-rule: fatal}", false],
      ["checks: {unparsed-input: off}", false],
      ["suppressions: [{check: shadowed-rule}]", false],
      ["suppressions: [{check: shadowed-rule, reason: ' '}]", false],
      ["suppressions: [{check: shadowed-rule, reason: x, until: 2025-02-29}]", false],
      ["networks: {1st: 10.1.1.1}", false],
      ["limit: {}", false],
    ] as const) {
      expect({ text, right: validate(parse(text)) }).toEqual({ text, right });
      expect(readConfiguration("dfwlint.yaml", text).problems === null).toBe(right);
    }
  });
});

/** What a user gets who takes every # away that stands before YAML. */
function uncommented(template: string): string {
  return template.replaceAll(/^#(?! \S)/gm, "");
}

describe("the file that init writes", () => {
  const template = configurationTemplate(null);

  it("says nothing as it is", () => {
    expect(configured(template)).toMatchObject({
      files: null,
      settings: DEFAULT_SETTINGS,
      baseline: null,
      suppressions: [],
    });
    expect(configured(template).severities.size).toBe(0);
  });

  it("is right too with every key uncommented, and says the defaults then", () => {
    const text = uncommented(template);
    const { files, severities, settings } = configured(text);
    expect(files).toEqual(["rules.txt", "addrsets.txt"]);
    expect([...severities]).toEqual(DOCUMENTED.map(({ id, severity }) => [id, severity]));
    expect(settings.limits).toEqual(DEFAULT_SETTINGS.limits);
    expect(settings.sensitiveServices.slice(0, -1)).toEqual(DEFAULT_SETTINGS.sensitiveServices);
    expect(settings.sensitiveServices.at(-1)!.name).toBe("Vault");
    for (const { id, parameters = {} } of CHECKS) {
      const expected = Object.entries(parameters).map(([name, parameter]) => [name, parameter.default]);
      expect(Object.entries(settings.parameters.get(id) ?? {})).toEqual(expected);
    }
    const keys = (value: unknown): string[] => Object.keys(value as object);
    const value = parse(text) as Record<string, unknown[]>;
    expect(keys(value)).toEqual(keys(KEYS));
    expect(keys(value["suppressions"]![0])).toEqual(keys(SUPPRESSION));
    expect(keys(value["sensitive"]!.at(-1))).toEqual(keys(SENSITIVE));
  });

  it("can be uncommented key by key", () => {
    for (const block of template.split("\n\n").slice(1)) configured(uncommented(block));
  });

  it("is no wider than 100 columns", () => {
    expect(Math.max(...template.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  it("names the schema where it is", () => {
    expect(configurationTemplate("./x.json").split("\n")[0]).toBe("# yaml-language-server: $schema=./x.json");
    expect(template).not.toContain("$schema");
  });
});

describe("values", () => {
  it("become ranges of addresses and ports", () => {
    const { networks, services, settings } = configured(`
networks:
  a: [10.0.0.0/24, b]
  b: 10.0.1.0-10.0.1.255, 2001:db8::/32
  all: any
services:
  x: [tcp/80, tcp/81-90, udp/53, y]
  y: gre, sctp
sensitive: [{name: x, ports: [tcp/1, udp/1, tcp/3]}]
vnicAddresses: [a, 10.0.2.1]
`);
    const ranges = (...texts: string[]): unknown => addressRanges(texts.map((text) => parseAddress(text)));
    expect(networks.get("a")).toEqual(ranges("10.0.0.0/23", "2001:db8::/32"));
    expect(networks.get("all")).toEqual({
      ipv4: [0, 2 ** 32],
      ipv6: [0n, 2n ** 128n],
      mac: [0, 2 ** 48],
    });
    expect(settings.vnicAddresses).toEqual(ranges("10.0.0.0/23", "2001:db8::/32", "10.0.2.1"));
    expect(services.get("x")).toEqual([
      { protocol: 6, ports: [80, 91] },
      { protocol: 17, ports: [53, 54] },
      { protocol: 47, ports: null },
      { protocol: 132, ports: null },
    ]);
    expect(settings.sensitiveServices).toEqual([
      { name: "x", protocols: [6], ports: [1, 2, 3, 4], allowedFrom: null },
      { name: "x", protocols: [17], ports: [1, 2], allowedFrom: null },
    ]);
  });

  it("that look like numbers are texts where texts are meant", () => {
    const { suppressions } = configured(`suppressions:
  - {check: unused-addrset, addrset: 0o17, reason: x}
  - {check: unused-addrset, fingerprint: 1234567890123456, reason: x}
  - {check: unused-addrset, fingerprint: 12345678901234e5, reason: x}
  - {check: unused-addrset, addrset: 12, reason: x, until: 2025-01-02}
`);
    expect(suppressions.map(({ addrset, fingerprint, until }) => addrset ?? fingerprint ?? until)).toEqual([
      "0o17",
      "1234567890123456",
      "12345678901234e5",
      "12",
    ]);
  });
});
