import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import type { QueryResult } from "../../src/engine/results.ts";
import { faults, published } from "../report/schemas.ts";
import { run } from "../support/run.ts";
import { ROOT, SEED } from "./dfwlint.ts";
import { temporaryFolder } from "./folders.ts";

const FERRY = join(ROOT, "rules-fixtures/collect/ferry");
const TWO_KINDS = `ruleset a {
  rule 1 at 1 inout protocol any from any to any drop;
}
[root@esx-07:~] vsipioctl getrules -f nic-1-eth0-vmware-sfw.2
ruleset a {
  rule 1 at 1 inout protocol any from any to any drop;
}
[root@esx-07:~]
`;

describe("query --capture", () => {
  const flow = ["--src", "10.81.2.15", "--dst", "10.81.7.20", "--port", "8443", "--no-config"];

  it("pretty: after the verdict, each line as it is typed", async () => {
    const { stdout } = await run(["query", ...flow, "--capture", "session.log"], FERRY);
    const without = await run(["query", ...flow, "session.log"], FERRY);
    expect(
      stdout.startsWith(
        `${without.stdout}\ncapture at filter nic-5101-eth0-vmware-sfw.2 (vNIC ticket-01.eth0), on host `,
      ),
    ).toBe(true);
    const lines = stdout.split("\n").filter((line) => line.startsWith("pktcap-uw "));
    expect(lines.length).toBe(4);
    for (const line of lines)
      expect(line).toMatch(
        / --dvfilter nic-5101-eth0-vmware-sfw\.2 --srcip \S+ --dstip \S+ --proto 0x06 --(?:src|dst)port 8443 -o \/tmp\/\S+$/,
      );
  });

  it("compact: one line each", async () => {
    const { stdout } = await run(
      ["query", ...flow, "--capture", "--format", "compact", "session.log"],
      FERRY,
    );
    expect(
      stdout.split("\n").map((line) => line.replace(/^.*: (pktcap-uw --capture \S+).*$/, "$1").slice(0, 34)),
    ).toEqual([
      expect.stringMatching(/^filter nic-5101/),
      ...["Pre", "Post", "Pre", "Post"].map((point) => `pktcap-uw --capture ${point}DVFilter`.slice(0, 34)),
      expect.stringMatching(/^capture at filter/),
      "",
    ]);
  });

  it("JSON: a capture a filter, as the schema says, and none without the option", async () => {
    const args = ["query", ...flow, "--format", "json", "session.log"];
    const { stdout } = await run([...args, "--capture"], FERRY);
    const result = JSON.parse(stdout) as QueryResult;
    const schema = published("query");
    expect(faults(schema, result)).toEqual([]);
    expect(result.capture!.map(({ filter, lines }) => [filter, lines.length])).toEqual([
      ["nic-5101-eth0-vmware-sfw.2", 4],
    ]);
    expect(
      faults(schema, { ...result, capture: [{ ...result.capture![0], widened: undefined }] }),
    ).not.toEqual([]);
    const plain = JSON.parse((await run(args, FERRY)).stdout) as QueryResult;
    expect({ ...result, capture: undefined }).toEqual({ ...plain, capture: undefined });
    expect("capture" in plain).toBe(false);
  });

  it("changes neither the exit code nor the expectation", async () => {
    const { code } = await run(
      ["query", "--dst", "10.10.20.11", "--port", "22", "--capture", "--expect", "drop", "session.md"],
      SEED,
    );
    expect(code).toBe(1);
  });

  it.each([
    [["--capture", "--flows", "flows.csv"], "--capture cannot be used with --flows: ask for one flow"],
    [
      ["--capture"],
      "--capture: the dumps do not name their filter: give a session, with the prompt before vsipioctl getrules -f NAME",
    ],
    [
      ["--capture", "--port", "x", "session.md"],
      '--port: "x" is not a port: expected a number from 0 to 65535, a range or a list',
    ],
  ])("%j is refused", async (args, message) => {
    expect(await run(["query", ...args], SEED)).toEqual({
      stdout: "",
      stderr: `dfwlint: ${message}\n`,
      code: 2,
    });
  });

  it("text without a prompt beside a session has no lines, and that is said", async () => {
    const folder = temporaryFolder({ "two.log": TWO_KINDS });
    for (const format of ["pretty", "compact"]) {
      const { stdout } = await run(["query", "--capture", "--format", format, "two.log"], folder);
      expect(stdout).toMatch(
        /capture at text without a prompt.*\s.*text without a prompt does not name its filter/,
      );
      expect(stdout).toContain("pktcap-uw --capture PreDVFilter --dvfilter nic-1-eth0-vmware-sfw.2 -o /tmp/");
    }
  });

  it("a hostile name of a filter reaches no terminal as it is", async () => {
    const folder = temporaryFolder({ "two.log": TWO_KINDS.replace("nic-1-eth0", "nic-1-\u001b[31meth0") });
    for (const format of ["pretty", "compact", "json"]) {
      const { stdout } = await run(["query", "--capture", "--format", format, "two.log"], folder);
      expect(stdout).not.toContain("\u001b");
    }
  });
});

it("the fixture's session shows what the answers were", () => {
  expect(readFileSync(join(FERRY, "session.log"), "utf8")).toContain("# dfwlint collect ends");
});
