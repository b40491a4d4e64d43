import { readFileSync } from "node:fs";
import { expect, it } from "@jest/globals";
import { describeHosts, type HostFacts } from "../../src/engine/host.ts";
import { hostTables } from "../../src/report/host-tables.ts";
import { faults, published } from "../report/schemas.ts";
import { lostWords } from "./words.ts";

const read = (name: string): string =>
  readFileSync(new URL(`../../rules-fixtures/paths/loft/${name}`, import.meta.url), "utf8");

function hostOf(name: string): HostFacts {
  const result = describeHosts([{ file: name, text: read(name) }]);
  expect(faults(published("host"), JSON.parse(JSON.stringify(result)))).toEqual([]);
  return result.hosts[0]!;
}

it.each([
  // NSX-V prints the interface before the count of references, NSX-T behind it.
  ["esx-01.log", 7, ["10.61.20.11", "00:50:56:61:20:11", "VL", "511", "50334001", 1, "3a100000000a"]],
  ["esx-02.log", 2, ["10.61.30.21", "00:50:56:61:30:21", "VL", "93", "50334001", 1, "3a100000000b"]],
] as const)("neighbours of the router in %s", (file, count, expected) => {
  const host = hostOf(file);
  const [router] = host.routers;
  expect(router!.neighbours.length).toBe(count);
  const rows = router!.neighbours.map((one) => [
    one.address,
    one.mac,
    one.flags,
    one.expiry,
    one.port,
    one.references,
    one.interface,
  ]);
  expect(rows).toContainEqual(expected);
  expect(rows[0]).toEqual(["10.61.20.1", "02:50:56:56:44:52", "VI", "permanent", "0", 1, "3a100000000a"]);
  expect(router!.neighbourLegend).toContainEqual({ name: "K", value: "linKlif" });
  expect([host.unread, lostWords(read(file), [host])]).toEqual([[], []]);
  const table = hostTables(host).find(({ title }) => title === "neighbours of loft+edge-3");
  expect(table!.rows.length).toBe(count);
  expect(table!.rows.flat()).toContain("Valid, Local");
});

it("a neighbour that does not read as one is told as it stands", () => {
  const text = read("esx-02.log").replace("00:50:56:61:30:21", "00:50:56:61:30");
  const [host] = describeHosts([{ file: "a.log", text }]).hosts;
  expect(host!.routers[0]!.neighbours.length).toBe(1);
  expect(host!.unread.map((line) => line.text.split(/\s+/)[0])).toEqual(["10.61.30.21"]);
});
