import { describe, expect, it } from "@jest/globals";
import { ALL_ADDRESSES, addressRanges, parseAddress, type AddressRanges } from "../../src/model/address.ts";
import { TCP } from "../../src/model/protocols.ts";
import { single } from "../../src/model/ranges.ts";
import { sensitiveAccepts } from "../../src/checks/sensitive-service.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../src/checks/settings.ts";
import { readInput } from "../../src/engine/input.ts";
import { lint } from "../../src/engine/lint.ts";
import type { FindingResult } from "../../src/engine/results.ts";
import { dumpOf, found } from "./support.ts";

/** What an accept really opens: `any-source`, `any-destination`, `any-service`, `sensitive-service`, `overly-permissive`. */

const SETS = {
  web: ["10.9.0.10", "2001:db8:9::10"],
  db: ["10.9.1.5"],
  office: ["10.0.0.0/16"],
  few: ["10.0.3.0/28"],
  half: ["0.0.0.0/1"],
  most: ["0.0.0.0/1", "128.0.0.0/2"],
  odd: ["10.0.3.9", "10.0.3.999"],
};
const DEFAULT = "inout protocol any from any to any drop with log";
const OPEN = ["any-source", "any-destination", "any-service", "sensitive-service", "overly-permissive"];

const dump = (...rules: Parameters<typeof dumpOf>[0]): string => dumpOf([...rules, DEFAULT], SETS);

/** `any-source 101`, with a question mark where it is not certain. */
function opens(...rules: Parameters<typeof dumpOf>[0]): string[] {
  return OPEN.flatMap((check) =>
    found(check, dump(...rules)).map(({ rule, certain }) => `${check} ${rule!.id}${certain ? "" : "?"}`),
  );
}

describe("a side that is open", () => {
  it.each([
    ["any", ["any-source 101"]],
    ["not addrset office", ["any-source 101"]],
    ["addrset most", ["any-source 101"]],
    ["addrset half", []],
    ["addrset few", []],
    ["addrset gone", []],
    ["addrset odd", []],
    ["ip 10.0.3.999", []],
  ])("from %s: %j", (from, expected) => {
    expect(opens(`inout protocol tcp from ${from} to addrset web port 443 accept`)).toEqual(expected);
  });

  it.each([
    ["any", ["any-destination 101"]],
    ["not addrset db", ["any-destination 101"]],
    ["addrset half", []],
    ["addrset gone", []],
  ])("to %s: %j", (to, expected) => {
    expect(opens(`inout protocol tcp from addrset few to ${to} port 443 accept`)).toEqual(expected);
  });

  it("both of them are one finding, with both in its data", () => {
    const [finding, ...others] = found(
      "any-source",
      dump("inout protocol tcp from any to any port 443 accept"),
    );
    expect(others).toEqual([]);
    expect(finding!.data["open"]).toEqual(["source", "destination"]);
    expect(opens("inout protocol tcp from any to any port 443 accept")).toEqual(["any-source 101"]);
  });

  it("is not what packets of the other direction have anyway", () => {
    expect(opens("out protocol tcp from any to addrset web port 443 accept")).toEqual([]);
    expect(opens("in protocol tcp from addrset few to any port 443 accept")).toEqual([]);
    expect(
      opens(
        "in protocol tcp from any to addrset web port 443 drop",
        "inout protocol tcp from any to addrset web port 443 accept",
      ),
    ).toEqual([]);
  });

  it.each([
    ["half and more is taken", "from addrset most", "inet ", []],
    ["half is taken and IPv6 is left", "from addrset most", "", ["any-source 102"]],
    ["a little is taken", "from addrset office", "inet ", ["any-source 102"]],
    ["another service is taken", "from addrset most port 1-65535", "inet ", ["any-source 102"]],
  ])("%s", (name, from, family, expected) => {
    const port = name.startsWith("another") ? "80" : "443";
    expect(
      opens(
        `inout protocol tcp ${from} to addrset web port ${port} drop`,
        `inout ${family}protocol tcp from any to addrset web port 443 accept`,
      ),
    ).toEqual(expected);
  });

  it("what a drop with an attribute takes is not known, so neither is what is left", () => {
    expect(
      opens(
        "inout protocol tcp from addrset most to addrset web port 443 with attribute profile APP drop",
        "inout inet protocol tcp from any to addrset web port 443 accept",
      ),
    ).toEqual(["any-source 102?"]);
  });

  it("with an attribute may be narrower than it looks, and with a user's identity is", () => {
    expect(
      opens("inout protocol tcp from any to addrset web port 443 with attribute profile APP accept"),
    ).toEqual(["any-source 101?"]);
    expect(
      opens("inout protocol tcp from any to addrset web port 443 with extended src 1234 accept"),
    ).toEqual([]);
    expect(
      opens("inout protocol tcp from addrset few to any port 443 with extended dst 1234 accept"),
    ).toEqual([]);
  });

  it("IPv6 counts as IPv4 does", () => {
    expect(opens("inout inet6 protocol tcp from any to addrset web port 443 accept")).toEqual([
      "any-source 101",
    ]);
    expect(
      opens(
        "inout inet6 protocol tcp from ip ::/1 to addrset web port 443 drop",
        "inout inet6 protocol tcp from any to addrset web port 443 accept",
      ),
    ).toEqual([]);
  });
});

describe("services that are open", () => {
  it.each([
    ["any", "", true],
    ["tcp", "", true],
    ["udp", "", true],
    ["sctp", "", true],
    ["tcp", "port 1-65535", true],
    ["tcp", "port {0-20000, 30000-65535}", true],
    ["tcp", "port 1-32768", false],
    ["icmp", "", false],
    ["gre", "", false],
  ])("protocol %s %s: %s", (protocol, port, open) => {
    const text = dump(`inout protocol ${protocol} from addrset few to addrset db ${port} accept`);
    expect(found("any-service", text)).toHaveLength(open ? 1 : 0);
  });

  it("are not if earlier rules leave few of them", () => {
    expect(
      opens(
        "inout protocol tcp from addrset few to addrset db port {1-8079, 8081-65535} drop",
        "inout protocol tcp from addrset few to addrset db accept",
      ),
    ).toEqual([]);
  });

  it("are not if an attribute says which", () => {
    expect(
      opens("inout protocol tcp from addrset few to addrset db with attribute profile APP accept"),
    ).toEqual([]);
  });
});

describe("rules that open nothing of their own", () => {
  it("what a later rule accepts anyway is that rule's finding", () => {
    expect(
      opens(
        "inout protocol tcp from any to addrset web port 443 accept",
        "inout protocol tcp from any to addrset web port {443, 22} accept",
      ),
    ).toEqual(["any-source 102", "sensitive-service 102"]);
  });

  it("nor do catch-alls, rules behind them, the system's own, drops and what nothing reaches", () => {
    expect(opens("inout protocol any from any to any accept")).toEqual([]);
    expect(opens(DEFAULT, "inout protocol tcp from any to any port 22 accept")).toEqual([]);
    expect(opens([1002, "inout protocol udp from any to any port 67 accept"])).toEqual([]);
    expect(opens("inout protocol tcp from any to addrset web port 22 drop")).toEqual([]);
    expect(
      opens(
        "inout protocol tcp from any to addrset web drop",
        "inout protocol tcp from any to addrset web port 22 accept",
      ),
    ).toEqual([]);
  });

  it("the lines of one rule are one finding", () => {
    const text = dump(
      [500, "inout protocol tcp from any to addrset web port 22 accept"],
      [500, "inout protocol udp from any to addrset web port 3389 accept"],
      [500, "inout protocol tcp from any to addrset web port 443 accept"],
    );
    for (const [check, lines] of [
      ["any-source", 2],
      ["sensitive-service", 1],
    ] as const) {
      const [finding, ...others] = found(check, text);
      expect(others).toEqual([]);
      expect(finding!.related).toHaveLength(lines);
    }
  });
});

describe("sensitive services", () => {
  const settings = (changed: Partial<Settings>): Settings => ({ ...DEFAULT_SETTINGS, ...changed });
  const networks = (...texts: string[]): AddressRanges =>
    addressRanges(texts.map((text) => parseAddress(text)));
  const sensitive = (rules: readonly string[], changed: Partial<Settings> = {}): readonly FindingResult[] =>
    lint(readInput([{ file: "dump.txt", text: dump(...rules) }]), {
      settings: settings(changed),
    }).findings.filter(({ check }) => check === "sensitive-service");
  const names = (...findings: readonly FindingResult[]): unknown => findings[0]?.data["services"] ?? [];

  it.each([
    ["tcp", "port 22", ["SSH"]],
    ["sctp", "port 22", ["SSH"]],
    ["udp", "port 22", []],
    ["udp", "port 3389", ["Remote Desktop"]],
    ["any", "port 3389", ["Remote Desktop"]],
    ["tcp", "port {80, 5432, 3306}", ["MySQL", "PostgreSQL"]],
    ["tcp", "port 1-1024", ["SSH", "Telnet", "SMB"]],
    ["tcp", "port 8000-8999", []],
    ["icmp", "", []],
  ])("protocol %s %s: %j", (protocol, port, expected) => {
    expect(
      names(...sensitive([`inout protocol ${protocol} from addrset office to addrset db ${port} accept`])),
    ).toEqual(expected);
  });

  it("are all in a rule without a service, and the message names a few", () => {
    for (const protocol of ["any", "tcp"]) {
      const [finding] = sensitive([`inout protocol ${protocol} from addrset office to addrset db accept`]);
      expect(names(finding!)).toHaveLength(DEFAULT_SETTINGS.sensitiveServices.length);
      expect(finding!.message).toBe(
        "rule 101 at 1 opens SSH, Telnet, SMB, SQL Server and 9 more to at least 65,536 sources",
      );
    }
  });

  it("source ports are no services", () => {
    expect(
      sensitive(["inout protocol tcp from addrset office port 22 to addrset db port 8022 accept"]),
    ).toEqual([]);
  });

  it("not to few, not where an earlier rule leaves few, and not from the VM itself", () => {
    expect(sensitive(["inout protocol tcp from addrset few to addrset db port 22 accept"])).toEqual([]);
    expect(sensitive(["out protocol tcp from any to addrset db port 22 accept"])).toEqual([]);
    expect(sensitive(["inout protocol tcp from addrset gone to addrset db port 22 accept"])).toEqual([]);
    expect(
      sensitive([
        "inout protocol tcp from not addrset few to addrset db port 22 drop",
        "inout protocol tcp from any to addrset db port {22, 80} accept",
      ]),
    ).toEqual([]);
  });

  it("the threshold is a number of addresses, and of /64 networks in IPv6", () => {
    const at = (addresses: number) => ({
      parameters: new Map([["sensitive-service", { addresses }]]),
    });
    const ssh = (from: string): string[] => [
      `inout protocol tcp from ip ${from} to addrset web port 22 accept`,
    ];
    expect(sensitive(ssh("10.0.3.0/28"), at(15))).toHaveLength(1);
    expect(sensitive(ssh("10.0.3.0/28"), at(16))).toHaveLength(0);
    expect(sensitive(ssh("2001:db8::/60"), at(15))).toHaveLength(1);
    expect(sensitive(ssh("2001:db8::/60"), at(16))).toHaveLength(0);
  });

  it("with networks that may reach it, any source outside them is one too many", () => {
    const [ssh] = DEFAULT_SETTINGS.sensitiveServices;
    const from = (...texts: string[]) => ({
      sensitiveServices: [{ ...ssh!, allowedFrom: networks(...texts) }],
    });
    const rule = ["inout inet protocol tcp from addrset office to addrset db port 22 accept"];
    expect(sensitive(rule, from("10.0.0.0/8"))).toEqual([]);
    expect(sensitive(rule, from("10.0.0.0/16"))).toEqual([]);
    const [finding] = sensitive(rule, from("10.0.0.0/17"));
    expect(finding!.message).toBe("rule 101 at 1 opens SSH to sources outside the networks that are allowed");
    expect(finding!.witness!.src).toMatch(/^10\.0\.(1[3-9]\d|12[89]|2\d\d)\./);
    expect(finding!.witness!.dstPort).toBe(22);
    expect(
      sensitive(
        ["inout inet protocol tcp from ip 10.0.128.0/17 to any port 22 drop", ...rule],
        from("10.0.0.0/17"),
      ),
    ).toEqual([]);
  });

  it("says apart what is open to strangers and what is open to many", () => {
    const custom = (name: string, port: number, allowedFrom: AddressRanges | null) => ({
      name,
      protocols: [TCP],
      ports: single(port),
      allowedFrom,
    });
    const [finding] = sensitive(
      ["inout protocol tcp from addrset office to addrset db port 9000-9001 accept"],
      {
        sensitiveServices: [
          custom("backup", 9000, networks("10.0.0.1")),
          custom("console", 9001, null),
          custom("all", 9000, ALL_ADDRESSES),
        ],
      },
    );
    expect(finding!.message).toBe(
      "rule 101 at 1 opens backup to sources outside the networks that are allowed, and console to at least 65,536 sources",
    );
    expect(finding!.data).toEqual({ services: ["backup", "console"], outsideAllowed: true });
  });

  it("the accepts that let one through can be asked for, whoever they are open to", () => {
    const input = readInput([
      {
        file: "dump.txt",
        text: dump(
          "inout protocol tcp from addrset few to addrset db port {22, 1433, 8080} accept",
          "inout protocol tcp from any to addrset web port 443 accept",
          "inout protocol tcp from any to addrset db port 5900 drop",
          "inout protocol tcp from addrset few to addrset db port 5900 accept",
        ),
      },
    ]);
    expect(
      [...sensitiveAccepts({ ...input, hosts: [], settings: DEFAULT_SETTINGS })].map(
        ({ accept, service }) => `${accept.rule.reference.id} ${service.name}`,
      ),
    ).toEqual(["101 SSH", "101 SQL Server"]);
  });
});

describe("an accept that lets a great deal through", () => {
  const bits = (rules: readonly string[], limit?: number): unknown[] => {
    const parameters = new Map(limit === undefined ? [] : [["overly-permissive", { bits: limit }]]);
    return lint(readInput([{ file: "dump.txt", text: dump(...rules) }]), {
      settings: { ...DEFAULT_SETTINGS, parameters },
    })
      .findings.filter(({ check }) => check === "overly-permissive")
      .map(({ data }) => data["bits"]);
  };
  // 24 bits of source, 16 of destination, 16 of source port, 10 of port and one of direction.
  const wide = "inout protocol tcp from ip 10.0.0.0/8 to ip 10.4.0.0/16 port 1024-2047 accept";

  it("is found from the threshold on, with its size", () => {
    expect(bits([wide])).toEqual([67]);
    expect(bits([wide], 67)).toEqual([]);
    expect(bits([wide], 66.9)).toEqual([67]);
  });

  it("less what earlier rules take", () => {
    expect(bits(["inout protocol tcp from any to any port 1024-1535 drop", wide], 66)).toEqual([]);
    expect(bits(["inout protocol tcp from any to any port 1024-1535 drop", wide], 65.9)).toEqual([66]);
  });

  it("in IPv6 with 192 bits more", () => {
    // 120 and 112 bits of addresses.
    const rule = "inout protocol tcp from ip 2000::/8 to ip 3000::/16 port 1024-2047 accept";
    expect(bits([rule])).toEqual([259]);
    expect(bits([rule], 67)).toEqual([]);
  });

  it("not where who it is is not known", () => {
    expect(bits([wide.replace("ip 10.0.0.0/8", "addrset gone").replace("/16", "/12")])).toEqual([]);
  });
});
