import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { captureFacts, captureLines, captures, type CaptureFacts } from "../../src/engine/capture.ts";
import { readInput } from "../../src/engine/input.ts";
import type { CaptureResult } from "../../src/engine/results.ts";
import { parseAddress } from "../../src/model/address.ts";
import { readFlow, type Flow, type FlowFields } from "../../src/model/flow.ts";
import { buildModel } from "../../src/model/filters.ts";
import { readHosts, type Host } from "../../src/model/host.ts";
import { etherTypeNumber } from "../../src/model/ethertypes.ts";
import { has } from "../../src/model/ranges.ts";
import type { Direction } from "../../src/model/rule.ts";
import { parseDump } from "../../src/syntax/parse.ts";

const SEED = readFileSync(new URL("../../rules-fixtures/seed/session.md", import.meta.url), "utf8");
const FILTER = "nic-36445-eth0-vmware-sfw.2";

function hostsOf(text: string): Host[] {
  const dumps = [parseDump("session.log", text)];
  return readHosts(dumps, buildModel(dumps));
}

const SEED_FACTS = captureFacts(hostsOf(SEED), FILTER);

function ask(fields: FlowFields, facts?: CaptureFacts): CaptureResult {
  return captureLines(FILTER, readFlow(fields, new Map()), facts);
}

/** The options of each line behind the name of the filter, without the file. */
function optionsOf({ lines }: CaptureResult): string[] {
  return lines.map(({ packets, command }) => {
    const [, options] = /^pktcap-uw --capture \S+ --dvfilter \S+ ?(.*?) ?-o \S+$/.exec(command)!;
    return `${packets}: ${options}`;
  });
}

describe("the lines of a flow", () => {
  it("TCP between two hosts: the flow and its reply, before the filter and behind it", () => {
    const { lines, widened, warnings } = ask({
      src: "10.1.1.5",
      dst: "10.1.2.9",
      dstPort: "8080",
      direction: "out",
    });
    expect(lines).toEqual([
      {
        packets: "flow",
        family: "ipv4",
        directions: ["out"],
        point: "PreDVFilter",
        file: `/tmp/${FILTER}-flow-before.pcap`,
        command: `pktcap-uw --capture PreDVFilter --dvfilter ${FILTER} --srcip 10.1.1.5 --dstip 10.1.2.9 --proto 0x06 --dstport 8080 -o /tmp/${FILTER}-flow-before.pcap`,
      },
      {
        packets: "flow",
        family: "ipv4",
        directions: ["out"],
        point: "PostDVFilter",
        file: `/tmp/${FILTER}-flow-behind.pcap`,
        command: `pktcap-uw --capture PostDVFilter --dvfilter ${FILTER} --srcip 10.1.1.5 --dstip 10.1.2.9 --proto 0x06 --dstport 8080 -o /tmp/${FILTER}-flow-behind.pcap`,
      },
      {
        packets: "reply",
        family: "ipv4",
        directions: ["in"],
        point: "PreDVFilter",
        file: `/tmp/${FILTER}-reply-before.pcap`,
        command: `pktcap-uw --capture PreDVFilter --dvfilter ${FILTER} --srcip 10.1.2.9 --dstip 10.1.1.5 --proto 0x06 --srcport 8080 -o /tmp/${FILTER}-reply-before.pcap`,
      },
      {
        packets: "reply",
        family: "ipv4",
        directions: ["in"],
        point: "PostDVFilter",
        file: `/tmp/${FILTER}-reply-behind.pcap`,
        command: `pktcap-uw --capture PostDVFilter --dvfilter ${FILTER} --srcip 10.1.2.9 --dstip 10.1.1.5 --proto 0x06 --srcport 8080 -o /tmp/${FILTER}-reply-behind.pcap`,
      },
    ]);
    expect({ widened, warnings }).toEqual({ widened: [], warnings: [] });
  });

  it.each<[string, FlowFields, string[], string[]]>([
    [
      "a prefix stays one",
      { src: "10.1.0.0/16", protocol: "47" },
      ["--srcip 10.1.0.0/16 --proto 0x2f", "--dstip 10.1.0.0/16 --proto 0x2f"],
      [],
    ],
    [
      "a range becomes the prefix around it",
      { dst: "10.1.1.5-10.1.1.9", protocol: "sctp" },
      ["--dstip 10.1.1.0/28 --proto 0x84", "--srcip 10.1.1.0/28 --proto 0x84"],
      ["destination 10.1.1.5-10.1.1.9: widened to 10.1.1.0/28"],
    ],
    [
      "a range that begins as a prefix and ends before it",
      { src: "10.1.1.4-10.1.1.6", dst: "10.1.0.0/16" },
      ["--srcip 10.1.1.4/30 --dstip 10.1.0.0/16", "--srcip 10.1.0.0/16 --dstip 10.1.1.4/30"],
      ["source 10.1.1.4-10.1.1.6: widened to 10.1.1.4/30"],
    ],
    [
      "addresses from both ends of the space have no prefix",
      { src: "10.1.1.5,192.0.2.1", dst: "10.2.2.2" },
      ["--dstip 10.2.2.2", "--srcip 10.2.2.2"],
      ["source 10.1.1.5,192.0.2.1: left out, no prefix holds it"],
    ],
    [
      "ports of UDP are not those that the help speaks of",
      { src: "10.1.1.5", protocol: "udp", dstPort: "53" },
      ["--srcip 10.1.1.5 --proto 0x11", "--dstip 10.1.1.5 --proto 0x11"],
      ["destination port 53: left out, --srcport and --dstport are ports of TCP"],
    ],
    [
      "ports of TCP or UDP: neither can be said",
      { src: "10.1.1.5", protocol: "tcp,udp", dstPort: "53" },
      ["--srcip 10.1.1.5", "--dstip 10.1.1.5"],
      [
        "protocols tcp, udp: left out, --proto takes one value",
        "destination port 53: left out, --srcport and --dstport are ports of TCP",
      ],
    ],
    [
      "several ports",
      { src: "10.1.1.5", srcPort: "1024-65535", dstPort: "80,443" },
      ["--srcip 10.1.1.5 --proto 0x06", "--dstip 10.1.1.5 --proto 0x06"],
      [
        "source ports 1024-65535: left out, --srcport and --dstport take one value",
        "destination ports 80,443: left out, --srcport and --dstport take one value",
      ],
    ],
    [
      "ICMP",
      { dst: "10.1.1.5", icmpType: "8" },
      ["--dstip 10.1.1.5 --proto 0x01", "--srcip 10.1.1.5 --proto 0x01"],
      ["ICMP types and codes: left out, no option is documented for them"],
    ],
    [
      "IPv6",
      { dst: "2001:db8::5", dstPort: "443" },
      ["--ethtype 0x86dd"],
      ["of IPv6 all packets are captured: no option is documented for its addresses, protocol, ports"],
    ],
    [
      "all TCP",
      { protocol: "tcp" },
      ["--ethtype 0x0800 --proto 0x06", "--ethtype 0x86dd"],
      ["of IPv6 all packets are captured: no option is documented for its protocol"],
    ],
    ["everything", {}, [""], []],
    [
      "frames of a kind",
      { etherType: "arp", srcMac: "00:50:56:00:00:01" },
      ["--ethtype 0x0806 --srcmac 00:50:56:00:00:01", "--ethtype 0x0806 --dstmac 00:50:56:00:00:01"],
      [],
    ],
    [
      "frames of several kinds",
      { etherType: "arp,rarp" },
      [""],
      ["EtherTypes: left out, --ethtype takes one value"],
    ],
  ])("%s", (_, fields, options, widened) => {
    const result = ask(fields, SEED_FACTS);
    expect([...new Set(optionsOf(result).map((text) => text.replace(/^\w+: /, "")))]).toEqual(options);
    expect(result.widened).toEqual(widened);
  });

  it("a flow that looks like its reply has one pair of lines", () => {
    expect(optionsOf(ask({ src: "10.1.0.0/16", dst: "10.1.0.0/16" }))).toEqual([
      "both: --srcip 10.1.0.0/16 --dstip 10.1.0.0/16",
      "both: --srcip 10.1.0.0/16 --dstip 10.1.0.0/16",
    ]);
  });
});

// ---- laws --------------------------------------------------------------------------------------------------

interface Packet {
  readonly family: "ipv4" | "ipv6";
  readonly src: bigint;
  readonly dst: bigint;
  readonly protocol: number;
  readonly srcPort: number;
  readonly dstPort: number;
}

/** What the help says of the options, done one packet at a time. */
function takes(options: string, packet: Packet): boolean {
  const words = options.split(" ").filter((word) => word !== "");
  for (let at = 0; at < words.length; at += 2) {
    const value = words[at + 1]!;
    const inside = (address: bigint): boolean => {
      const span = parseAddress(value);
      return packet.family === "ipv4" && BigInt(span.first) <= address && address <= BigInt(span.last);
    };
    const tcp = packet.protocol === 6;
    const matches: Record<string, () => boolean> = {
      "--ethtype": () => Number(value) === (packet.family === "ipv4" ? 0x0800 : 0x86dd),
      "--srcip": () => inside(packet.src),
      "--dstip": () => inside(packet.dst),
      "--proto": () => Number(value) === packet.protocol,
      "--srcport": () => tcp && Number(value) === packet.srcPort,
      "--dstport": () => tcp && Number(value) === packet.dstPort,
    };
    if (!matches[words[at]!]!()) return false;
  }
  return true;
}

function isOf(flow: Flow, packet: Packet): boolean {
  const { source, destination, protocols, sourcePorts, destinationPorts } = flow;
  const addresses =
    packet.family === "ipv4"
      ? has(source.ipv4, Number(packet.src)) && has(destination.ipv4, Number(packet.dst))
      : has(source.ipv6, packet.src) && has(destination.ipv6, packet.dst);
  const ports = [6, 17, 132].includes(packet.protocol);
  return (
    addresses &&
    (protocols === null || has(protocols, packet.protocol)) &&
    (sourcePorts === null || (ports && has(sourcePorts, packet.srcPort))) &&
    (destinationPorts === null || (ports && has(destinationPorts, packet.dstPort)))
  );
}

const ADDRESSES = [
  "10.1.1.5",
  "10.1.1.0/30",
  "10.1.1.2-10.1.1.6",
  "10.1.1.5,10.9.0.1",
  "2001:db8::5",
  "2001:db8::/64",
  "any",
];
const ports = fc.option(fc.constantFrom("80", "80-82", "80,443", "0-65535"), { nil: undefined });
const flows = fc
  .record({
    src: fc.constantFrom(...ADDRESSES),
    dst: fc.constantFrom(...ADDRESSES),
    protocol: fc.option(fc.constantFrom("tcp", "udp", "tcp,udp", "any", "sctp"), { nil: undefined }),
    srcPort: ports,
    dstPort: ports,
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)))
  .filter((fields) => !(fields["protocol"] === "any" && ("srcPort" in fields || "dstPort" in fields)));
const number4 = fc.constantFrom(
  ...["10.1.1.1", "10.1.1.5", "10.1.1.6", "10.9.0.1", "192.0.2.1"].map((text) =>
    BigInt(parseAddress(text).first),
  ),
);
const number6 = fc.constantFrom(
  ...["2001:db8::5", "2001:db8::6", "2001:db8:1::1"].map((text) => BigInt(parseAddress(text).first)),
);
const service = {
  protocol: fc.constantFrom(6, 17, 132),
  srcPort: fc.constantFrom(80, 81, 443, 9),
  dstPort: fc.constantFrom(80, 81, 443, 9),
};
const packets = fc.oneof(
  fc.record({ family: fc.constant("ipv4" as const), src: number4, dst: number4, ...service }),
  fc.record({ family: fc.constant("ipv6" as const), src: number6, dst: number6, ...service }),
);

/** What becomes of a packet of the flow, and of the packet that answers it. */
function capturedBy(result: CaptureResult, packet: Packet): { flow: boolean; reply: boolean; both: boolean } {
  const lines = optionsOf(result).map((text) => /^(\w+): (.*)$/.exec(text)!.slice(1) as [string, string]);
  // Every option is one of the help in the seed.
  for (const [, options] of lines)
    for (const [option] of options.matchAll(/--\w+/g)) expect(SEED).toContain(`\t${option} `);
  const part = (name: string, one: Packet): boolean =>
    lines.some(([whose, options]) => (whose === name || whose === "both") && takes(options, one));
  return {
    flow: part("flow", packet),
    reply: part("reply", answer(packet)),
    both: lines.some(([whose]) => whose === "both"),
  };
}

function answer({ src, dst, srcPort, dstPort, ...rest }: Packet): Packet {
  return { ...rest, src: dst, dst: src, srcPort: dstPort, dstPort: srcPort };
}

it("no packet of a flow or of its reply is missed", () => {
  fc.assert(
    fc.property(flows, packets, (fields, packet) => {
      let flow: Flow;
      try {
        flow = readFlow(fields, new Map());
      } catch {
        return;
      }
      if (!isOf(flow, packet)) return;
      const result = captureLines(FILTER, flow, SEED_FACTS);
      expect({ fields, ...capturedBy(result, packet) }).toMatchObject({ fields, flow: true, reply: true });
    }),
    { numRuns: 5000 },
  );
});

it("what the options can say is captured exactly, and nothing is said to be widened", () => {
  const exact = fc.constantFrom("10.1.1.5", "10.1.1.0/30", "10.0.0.0/8");
  const fields = fc.oneof(
    fc.record({ src: exact, dst: exact }),
    fc.record({ src: exact, dst: exact, protocol: fc.constantFrom("udp", "sctp", "tcp") }),
    fc.record({
      src: exact,
      dst: exact,
      srcPort: fc.constantFrom("80", "443"),
      dstPort: fc.constantFrom("80", "81"),
    }),
    fc.record({ src: exact, dst: exact, dstPort: fc.constantFrom("80", "443") }),
  );
  fc.assert(
    fc.property(fields, packets, (asked, packet) => {
      const flow = readFlow(asked, new Map());
      const result = captureLines(FILTER, flow, SEED_FACTS);
      expect(result.widened).toEqual([]);
      const found = capturedBy(result, packet);
      // Where one line takes both ways, a packet may be one of the reply.
      const expected = isOf(flow, packet) || (found.both && isOf(flow, answer(packet)));
      expect({ asked, flow: found.flow, reply: found.reply }).toEqual({
        asked,
        flow: expected,
        reply: expected,
      });
    }),
    { numRuns: 3000 },
  );
});

// ---- facts -------------------------------------------------------------------------------------------------

describe("what the session says", () => {
  it("the seed: host, vNIC, options, and the card that cuts segments", () => {
    const { options, ...facts } = SEED_FACTS;
    expect(facts).toEqual({
      host: "ESXi-04",
      vnic: "AW1.eth0",
      segmenting: [{ nic: "vmnic1", switch: "vDS-C-Transport" }],
    });
    expect([...options!]).toEqual(
      expect.arrayContaining(["--capture", "--dvfilter", "-o", "--outfile", "--srcip", "--proto", "--vxlan"]),
    );
    expect(ask({ protocol: "tcp" }, SEED_FACTS).warnings).toEqual([
      "vmnic1, uplink of vDS-C-Transport, has TSO on: it cuts TCP segments behind the filter, so captured packets may be larger than those on the wire",
    ]);
    for (const fields of [{ protocol: "udp" }, { etherType: "arp" }])
      expect(ask(fields, SEED_FACTS).warnings).toEqual([]);
  });

  it.each<[string, string, string[]]>([
    [
      "another card than the uplink",
      SEED.replaceAll("vmnic1", "vmnic7").replace("1600    vmnic7", "1600    vmnic1"),
      [],
    ],
    [
      "off in both",
      SEED.replace("tcp segmentation offload: on", "tcp segmentation offload: off").replace(
        "vmnic1  on",
        "vmnic1  off",
      ),
      [],
    ],
    ["on in one of two", SEED.replace("vmnic1  on", "vmnic1  off"), ["vmnic1"]],
    [
      "without the list of switches every card may be the uplink",
      SEED.replaceAll("esxcfg-vswitch -l", "true").replaceAll(/^(?:Switch|DVS) Name .*$/gm, ""),
      ["vmnic1"],
    ],
  ])("segmentation: %s", (_, text, nics) => {
    expect(captureFacts(hostsOf(text), FILTER).segmenting.map(({ nic }) => nic)).toEqual(nics);
  });

  it("an option that the host's pktcap-uw does not show is left out, and that is said", () => {
    const text = SEED.replace(/^\t--proto .*\n\t\t.*\n/m, "").replace(/^\t--dstport .*\n\t\t.*\n/m, "");
    const facts = captureFacts(hostsOf(text), FILTER);
    const { lines, widened } = ask({ src: "10.1.1.5", dstPort: "80" }, facts);
    expect(
      lines.map(
        ({ command }) =>
          / --srcip 10\.1\.1\.5 -o /.test(command) || / --dstip 10\.1\.1\.5 --srcport 80 -o /.test(command),
      ),
    ).toEqual([true, true, true, true]);
    expect(widened).toEqual([
      "--proto is left out: pktcap-uw -h of this host does not show it",
      "--dstport is left out: pktcap-uw -h of this host does not show it",
    ]);
  });

  it("a pktcap-uw without captures at filters is told of", () => {
    const text = SEED.replace("\t--dvfilter <filter name>\n", "\t--other <filter name>\n");
    expect(ask({}, captureFacts(hostsOf(text), FILTER)).warnings).toContain(
      "pktcap-uw -h of this host does not show --dvfilter, which these lines need",
    );
  });

  it("help that was not printed says nothing", () => {
    expect(
      captureFacts(
        hostsOf(SEED.replace("pktcap-uw -h", "true").replace("Packet Capture and Trace command usage:", "")),
        FILTER,
      ).options,
    ).toBeNull();
  });

  it("a filter that no session shows", () => {
    expect(captureFacts(hostsOf(SEED), "nic-1-eth0-vmware-sfw.2")).toEqual({
      host: null,
      vnic: null,
      options: null,
      segmenting: [],
    });
  });
});

describe("names", () => {
  const odd = `nic-1 'x' "y" $(touch pwned) \`id\` * -vmware-sfw.2`;

  it("a filter of any name is one word of the shell, and the file a plain name of its own", () => {
    const flow = readFlow({ dst: "10.1.1.5" }, new Map());
    const [first] = captureLines(odd, flow).lines;
    const words = execFileSync("sh", ["-c", first!.command.replace(/^pktcap-uw/, "printf '%s\\n'")], {
      encoding: "utf8",
    });
    expect(words).toBe(`--capture\nPreDVFilter\n--dvfilter\n${odd}\n--dstip\n10.1.1.5\n-o\n${first!.file}\n`);
    expect(first!.file).toMatch(/^\/tmp\/nic-1__x_[A-Za-z0-9._-]+-[0-9a-f]{8}-flow-before\.pcap$/);
    const [other] = captureLines(odd.replace("x", "_"), flow).lines;
    expect(other!.file).not.toBe(first!.file);
    expect(captureLines("n".repeat(5000), flow).lines[0]!.file.length).toBeLessThan(160);
  });

  it.each([
    [
      "nic-1\u001b[31m-vmware-sfw.2",
      "the name of the filter holds characters that no shell takes as they are shown",
    ],
    [
      "4d1f0c7d-0000-4000-8000-000000000007",
      "this is the VIF of nsxcli, and pktcap-uw takes the name of a filter: summarize-dvfilter shows it",
    ],
  ])("%j has no lines", (name, warning) => {
    expect(captureLines(name, readFlow({}, new Map()))).toMatchObject({ lines: [], warnings: [warning] });
  });

  it("sets are those of each filter", () => {
    const rules = (set: string): string =>
      `addrset web {\nip ${set},\n}\nruleset mainrs {\n  rule 5 at 1 inout protocol any from addrset web to any drop;\n}\n`;
    const text = `[root@a:~] vsipioctl getrules -f nic-1-eth0-vmware-sfw.2\n${rules("10.1.1.1")}[root@a:~] vsipioctl getrules -f nic-2-eth0-vmware-sfw.2\n${rules("10.1.1.2")}[root@a:~]\n`;
    const found = captures(readInput([{ file: "session.log", text }]), { src: "web" });
    expect(found.map((result) => optionsOf(result)[0])).toEqual([
      "flow: --srcip 10.1.1.1",
      "flow: --srcip 10.1.1.2",
    ]);
    const directions: readonly (readonly Direction[])[] = found[0]!.lines.map((line) => line.directions);
    expect(directions).toEqual([
      ["in", "out"],
      ["in", "out"],
      ["in", "out"],
      ["in", "out"],
    ]);
  });
});

it("EtherTypes are those of the registry", () => {
  expect([etherTypeNumber("ipv4"), etherTypeNumber("ipv6")]).toEqual([0x0800, 0x86dd]);
});
