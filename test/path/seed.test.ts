import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";
import type { FilterStep, NetworkStep, PathResult } from "../../src/engine/path/results.ts";
import { run } from "../support/run.ts";

/** The seed's page is the only input. */

const SEED = fileURLToPath(new URL("../../rules-fixtures/seed/", import.meta.url));

async function ask(...args: string[]): Promise<PathResult> {
  const { stdout, stderr, code } = await run(["path", "session.md", ...args, "--format", "json"], SEED);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  return JSON.parse(stdout) as PathResult;
}

it("10.10.10.11 to 10.10.20.11, port 8080: routed by ClientA+edge-8, accepted by rule 1043 at 4 on the source's side", async () => {
  const { verdict, certain, pieces } = await ask(
    "--src",
    "10.10.10.11",
    "--dst",
    "10.10.20.11",
    "--port",
    "8080",
  );
  // Who has the destination the page does not show.
  expect({ verdict, certain, count: pieces.length }).toEqual({
    verdict: "unknown",
    certain: false,
    count: 1,
  });
  const [source, network, destination] = pieces[0]!.steps as [FilterStep, NetworkStep, FilterStep];
  expect(source).toMatchObject({
    side: "source",
    direction: "out",
    status: "decided",
    verdict: "accept",
    certain: false,
    specific: true,
    rule: { id: 1043, position: 4, file: "session.md", line: 485 },
    place: {
      host: "ESXi-04",
      machine: "AW1",
      vnic: "AW1.eth0",
      port: "50331654",
      switch: { name: "vDS-C-Transport", port: "16", uplinks: ["vmnic1"] },
      filter: "nic-36445-eth0-vmware-sfw.2",
      state: "IOChain Attached",
    },
  });
  expect(source.assumption).toContain("10.10.10.11 is taken to be AW1.eth0 on ESXi-04");
  expect(network).toMatchObject({
    status: "routed",
    verdict: "accept",
    router: "ClientA+edge-8",
    from: { name: "13880000000a", network: "10.10.10.0/24", segment: "Vxlan:5000", uplink: false },
    to: { name: "13880000000b", network: "10.10.20.0/24", segment: "Vxlan:5001", uplink: false },
    routes: [{ destination: "10.10.20.0/24", gateway: null, flags: "UCI", interface: "13880000000b" }],
    certain: false,
    assumptions: [
      "the interfaces of routers ClientB+edge-4 and ClientC+edge-10 are not shown: taken to have other networks",
    ],
  });
  expect(destination).toMatchObject({ side: "destination", status: "not-shown", verdict: "unknown" });
  expect(pieces[0]!.missing.join()).toContain("give the session of its host");
});

it("10.20.10.5 is left for by 10.10.1.2 over the uplink interface", async () => {
  const { verdict, pieces } = await ask("--src", "10.10.10.11", "--dst", "10.20.10.5", "--port", "443");
  const [, network, destination] = pieces[0]!.steps as [FilterStep, NetworkStep, FilterStep];
  expect(network).toMatchObject({
    status: "leaves",
    to: { name: "138800000002", uplink: true },
    routes: [{ destination: "10.20.10.0/24", gateway: "10.10.1.2" }],
  });
  expect({ verdict, reason: destination.reason }).toEqual({
    verdict: "unknown",
    reason: "no session here shows 10.20.10.5: it leaves by 10.10.1.2 over uplink interface 138800000002",
  });
});

it("the default route takes what nothing else does, and the same segment is switched", async () => {
  const far = await ask("--src", "10.10.10.11", "--dst", "203.0.113.1", "--port", "443");
  expect(far.pieces[0]!.steps[1]).toMatchObject({
    routes: [{ destination: "0.0.0.0/0", gateway: "10.10.1.3" }],
  });
  const near = await ask("--src", "10.10.10.11", "--dst", "10.10.10.12", "--port", "443");
  expect(near.pieces[0]!.steps[1]).toMatchObject({ status: "switched", from: { segment: "Vxlan:5000" } });
});

it("AW1 by its name, whose addresses the page does not show", async () => {
  const { notes, pieces } = await ask("--src", "AW1", "--dst", "10.20.10.5", "--port", "22");
  expect(notes).toEqual([
    "the addresses of AW1.eth0 are not shown: asked about those that it may have (10.10.30.0/24, 10.10.20.0/24, 10.10.10.0/24)",
  ]);
  // The rule for AW1's segment decides for two addresses, the last rule for all others.
  const rules = pieces.map(({ steps }) => (steps[0] as FilterStep).rule!.id);
  expect(new Set(rules)).toEqual(new Set([1048, 1007]));
});

it("an example is from one machine to another, where source and destination overlap", async () => {
  for (const dst of ["10.10.10.12", "10.10.10.0/24", "any"]) {
    const { pieces } = await ask("--src", "AW1", "--dst", dst, "--port", "80");
    for (const { witness, steps } of pieces) {
      expect(witness.src).not.toBe(witness.dst);
      for (const step of steps) if (step.type === "filter") expect(step.flow.src).toBe(witness.src);
    }
  }
});

it("to say everything makes it certain", async () => {
  const args = [
    "--src",
    "10.10.10.11",
    "--src-vm",
    "AW1",
    "--router",
    "ClientA+edge-8",
    "--dst",
    "10.20.10.5",
  ];
  const result = await ask(...args, "--dst-vm", "none", "--port", "22", "--expect", "accept");
  expect({
    verdict: result.verdict,
    certain: result.certain,
    delivered: result.pieces[0]!.delivered,
  }).toEqual({
    verdict: "accept",
    certain: true,
    delivered: "yes",
  });
});
