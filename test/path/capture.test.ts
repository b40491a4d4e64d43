import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { faults, published } from "../report/schemas.ts";
import { run } from "../support/run.ts";

const LOFT = fileURLToPath(new URL("../../rules-fixtures/paths/loft/", import.meta.url));
const SEED = fileURLToPath(new URL("../../rules-fixtures/seed/", import.meta.url));
const FLOW = ["--src", "10.61.20.11", "--dst", "10.61.30.21", "--port", "8080"];

interface Capture {
  readonly filter: string;
  readonly host: string;
  readonly vnic: string;
  readonly lines: readonly { packets: string; point: string; directions: string[]; command: string }[];
}

async function captures(args: readonly string[], cwd = LOFT): Promise<Capture[]> {
  const { stdout } = await run(["path", ...args, "--capture", "--no-config", "--format", "json"], cwd);
  const result = JSON.parse(stdout) as { capture: Capture[] };
  expect(faults(published("path"), result)).toEqual([]);
  return result.capture;
}

describe("path --capture", () => {
  it("captures at both filters: what the source sends, and what the destination gets", async () => {
    const [source, destination, ...others] = await captures(["esx-01.log", "esx-02.log", ...FLOW]);
    expect(others).toEqual([]);
    expect([source, destination].map((one) => [one!.host, one!.vnic])).toEqual([
      ["loft-esx-01", "press-1.eth0"],
      ["loft-esx-02", "ink-1.eth0"],
    ]);
    const shown = (capture: Capture): string[] =>
      capture.lines.map(
        ({ packets, directions, point, command }) =>
          `${packets} ${directions.join()} ${point} ${/--srcip \S+ --dstip \S+/.exec(command)![0]}`,
      );
    const there = "--srcip 10.61.20.11 --dstip 10.61.30.21";
    const back = "--srcip 10.61.30.21 --dstip 10.61.20.11";
    expect(shown(source!)).toEqual([
      `flow out PreDVFilter ${there}`,
      `flow out PostDVFilter ${there}`,
      `reply in PreDVFilter ${back}`,
      `reply in PostDVFilter ${back}`,
    ]);
    expect(shown(destination!)).toEqual([
      `flow in PreDVFilter ${there}`,
      `flow in PostDVFilter ${there}`,
      `reply out PreDVFilter ${back}`,
      `reply out PostDVFilter ${back}`,
    ]);
    for (const { filter, lines } of [source!, destination!])
      for (const { command } of lines) expect(command).toContain(`--dvfilter ${filter} `);
  });

  it("one side where the other is not shown, in every format", async () => {
    const flow = ["--src", "10.10.10.11", "--dst", "10.10.20.11", "--port", "8080"];
    const found = await captures(["session.md", ...flow], SEED);
    expect(found.map(({ filter, vnic }) => [filter, vnic])).toEqual([
      ["nic-36445-eth0-vmware-sfw.2", "AW1.eth0"],
    ]);
    const command = found[0]!.lines[0]!.command;
    for (const format of ["pretty", "compact", "markdown"]) {
      const args = ["path", "session.md", ...flow, "--capture", "--no-config", "--format", format];
      const { stdout } = await run(args, SEED);
      expect(stdout).toContain(command);
      expect(stdout).toMatch(/vmnic1`?, uplink of vDS-C-Transport, has TSO on/);
    }
  });

  it("without any filter that is known there is nothing to capture at", async () => {
    const args = ["path", "session.md", "--src", "10.20.10.5", "--src-vm", "none", "--dst", "10.30.1.1"];
    const { code, stdout, stderr } = await run([...args, "--capture", "--no-config"], SEED);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^dfwlint: --capture: no filter on this way is known/);
  });
});
