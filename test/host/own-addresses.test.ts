import { describe, expect, it } from "@jest/globals";
import { lint } from "../../src/engine/lint.ts";
import { readInput } from "../../src/engine/input.ts";
import type { FindingResult } from "../../src/engine/results.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { lintApart, lintAtOnce } from "../fleet/support.ts";

/** A machine with two vNICs of which a router has seen one. */
function session(neighbours: string): string {
  const rules = (name: string): string => `[root@esx-01:~] vsipioctl getrules -f ${name}
ruleset domain-c7 {
  rule 2001 at 1 inout protocol tcp from any to ip 10.7.1.10 port 443 accept;
  rule 2002 at 2 out protocol tcp from ip 10.7.1.10 to any port 5432 accept;
  rule 2003 at 3 inout protocol tcp from ip 10.7.2.20 to ip 10.7.2.21 port 22 accept;
  rule 2004 at 4 inout protocol any from addrset others to addrset others accept;
  rule 2005 at 5 inout protocol any from addrset own to addrset own accept;
  rule 2006 at 6 inout inet6 protocol tcp from ip 2001:db8::5 to ip 2001:db8::6 port 22 accept;
  rule 1001 at 7 inout protocol any from any to any drop with log;
}
[root@esx-01:~] vsipioctl getaddrsets -f ${name}
addrset others {
ip 10.7.3.1,
ip fe80::250:56ff:fe99:1,
}
addrset own {
ip 10.7.3.2,
ip fe80::250:56ff:fe01:203,
}
`;
  return `[root@esx-01:~] summarize-dvfilter
Filters:
world 7001 vmm0:web-01 vcUuid:'50 1e 01'
 port 50331654 web-01.eth0
  vNic slot 2
   name: nic-7001-eth0-vmware-sfw.2
   agentName: vmware-sfw
   state: IOChain Attached
   failurePolicy: failClosed
 port 50331655 web-01.eth1
  vNic slot 2
   name: nic-7001-eth1-vmware-sfw.2
   agentName: vmware-sfw
   state: IOChain Attached
   failurePolicy: failClosed
${rules("nic-7001-eth0-vmware-sfw.2")}${rules("nic-7001-eth1-vmware-sfw.2")}[root@esx-01:~] net-vdr --nbr -l edge-1

VDR edge-1 ARP Information :
Legend: [S: Static], [V: Valid], [P: Proxy], [I: Interface]
Legend: [N: Nascent], [L: Local], [D: Deleted]

Network           Mac                  Flags      Expiry     SrcPort    Refcnt   Interface
-------           ---                  -----      ------     -------    ------   ---------
${neighbours}
[root@esx-01:~]
`;
}

const OWN = "10.7.1.10         00:50:56:01:02:03    VL         511        50331654   1        1388";

function found(neighbours: string): FindingResult[] {
  const { findings } = lint(readInput([{ file: "session.log", text: session(neighbours) }]));
  return findings.filter(({ check }) => check === "not-applicable");
}

it("are the same where filters are read apart, and equal ones at once", async () => {
  const second = OWN.replace("10.7.1.10 ", "10.7.2.20 ").replace("50331654", "50331655");
  const text = session(`${OWN}\n${second}`);
  const { result, apart } = await lintApart(temporaryFolder({ "session.log": text }), ["session.log"]);
  expect(apart).toBe(2);
  expect(result).toEqual(lintAtOnce([{ file: "session.log", text }]));
  const addresses = result.findings.flatMap(({ check, data }) =>
    check === "not-applicable" ? [data["addresses"]] : [],
  );
  expect(addresses).toEqual([["10.7.1.10"], ["10.7.2.20"]]);
});

describe("the vNIC's own addresses from a session", () => {
  it("are those that a router has seen at its port; other IPv6 than link-local may be its own", () => {
    const [finding, ...others] = found(OWN);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      certain: false,
      vnic: { name: "web-01.eth0" },
      data: {
        addresses: ["10.7.1.10"],
        count: 2,
        of: 7,
        rules: [
          { id: 2003, position: 3 },
          { id: 2004, position: 4 },
        ],
      },
    });
    expect(finding!.message).toMatch(/^2 of 7 rules can never match at vNIC web-01\.eth0: /);
  });

  it.each([
    ["of another machine's port", OWN.replace("50331654", "50331699")],
    ["of no port of this host", OWN.replace("50331654", "0       ")],
    ["that nobody has answered for", OWN.replace("VL", "NL")],
    ["that are the router's own", OWN.replace("VL", "VI")],
    ["that are none", OWN.replace("10.7.1.10 ", "10.7.1.300")],
  ])("are none %s", (_, line) => {
    expect(found(line)).toEqual([]);
  });

  it("are without the card's link-local address where its MAC address is not printed", () => {
    const [finding] = found(OWN.replace("00:50:56:01:02:03", "                 "));
    expect(finding).toMatchObject({ data: { rules: [{ id: 2003, position: 3 }] } });
  });
});
