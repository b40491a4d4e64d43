import { describe, expect, it } from "@jest/globals";
import { run } from "../support/run.ts";
import { linesOf } from "./dfwlint.ts";
import { temporaryFolder } from "./folders.ts";
import { TWO_FILTERS } from "./inputs.ts";
import { lintShape, queryShape, rulesShape } from "./shapes.ts";

/** Two filters in one session: each with its own sets, and every answer says of which filter it is. */

const ONE = "nic-100-eth0-vmware-sfw.2";
const TWO = "nic-200-eth0-vmware-sfw.2";
const cwd = temporaryFolder({ "two.log": TWO_FILTERS });

async function answer(...args: string[]): Promise<string> {
  const { stdout, stderr, code } = await run([...args, "two.log"], cwd);
  expect(stderr).toBe("");
  expect(code).toBeLessThan(2);
  return stdout;
}

describe("several filters", () => {
  it("are told apart in lint, also for a finding without a rule", async () => {
    const pretty = await answer("lint");
    expect(pretty).toContain(`  = filter: ${ONE}\n`);
    expect(pretty).toContain(`addrset left-over (1 member) is used by no rule (filter ${ONE})\n`);
    expect(pretty).toMatch(/in 5 rules and 3 address sets of 2 filters\n$/);
    for (const line of linesOf(await answer("-f", "compact"))) {
      expect(line).toMatch(
        line.includes("shadowed") || line.includes("left-over") ? ` (filter ${ONE})` : /\(filter nic-/,
      );
    }
    const json = JSON.parse(await answer("-f", "json")) as { filters: { name: string }[] };
    lintShape(json, "lint");
    expect(json.filters.map(({ name }) => name)).toEqual([ONE, TWO]);
  });

  it("are told apart in rules", async () => {
    const pretty = linesOf(await answer("rules"));
    expect(pretty.filter((line) => line.startsWith("filter "))).toEqual([
      `filter ${ONE} / mainrs / FILTER (APP Category)`,
      `filter ${TWO} / mainrs / FILTER (APP Category)`,
    ]);
    expect(linesOf(await answer("rules", "-f", "compact"))).toEqual([
      `two.log:4: rule 4001 at 1 accept: reachable (filter ${ONE})`,
      `two.log:5: rule 4002 at 2 drop: shadowed by rule 4001 at 1 (filter ${ONE})`,
      `two.log:6: rule 4009 at 3 drop: reachable (filter ${ONE})`,
      `two.log:18: rule 4101 at 1 reject: reachable (filter ${TWO})`,
      `two.log:19: rule 4109 at 2 drop: reachable (filter ${TWO})`,
    ]);
    const json = JSON.parse(await answer("rules", "-f", "json")) as {
      filters: { rules: { filter: string }[] }[];
    };
    rulesShape(json, "rules");
    expect(json.filters.map(({ rules }) => rules.map(({ filter }) => filter))).toEqual([
      [ONE, ONE, ONE],
      [TWO, TWO],
    ]);
  });

  it("are told apart in query, where a set's name means each filter's own", async () => {
    const question = ["query", "--src", "10.1.1.1", "--dst", "web", "--port", "443"];
    expect(await answer(...question)).toBe(
      `filter ${ONE}
accept by rule 4001 at 1 (two.log:4) for both directions, tcp, 10.1.1.1 -> 10.6.1.10, all source ports, port 443
    rule 4001 at 1 inout protocol tcp from any to addrset web port 443 accept;

filter ${TWO}
reject by rule 4101 at 1 (two.log:18) for both directions, tcp, 10.1.1.1 -> 10.6.2.20, all source ports, port 443
    rule 4101 at 1 inout protocol tcp from any to addrset web port 443 reject;
`,
    );
    const compact = linesOf(await answer(...question, "-f", "compact"));
    expect(compact.map((line) => line.split(" by ")[0])).toEqual([
      `filter ${ONE}: accept`,
      `filter ${TWO}: reject`,
    ]);
    const json = JSON.parse(await answer(...question, "-f", "json")) as {
      filters: { name: string; verdict: string }[];
    };
    queryShape(json, "query");
    expect(json.filters.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      `${ONE} accept`,
      `${TWO} reject`,
    ]);
  });

  it("are both meant by --expect", async () => {
    const code = async (...args: string[]): Promise<number> =>
      (await run(["query", "two.log", ...args], cwd)).code;
    expect(await code("--dst", "web", "--port", "443", "--expect", "accept")).toBe(1);
    expect(await code("--dst", "web", "--port", "443", "--expect", "deny")).toBe(1);
    expect(await code("--dst", "10.9.9.9", "--port", "443", "--expect", "deny")).toBe(0);
  });
});
