import { describe, expect, it } from "@jest/globals";
import { run } from "../support/run.ts";
import { temporaryFolder } from "./folders.ts";
import { OFFICE } from "./inputs.ts";
import { lintShape, queryShape, rulesShape, type Shape } from "./shapes.ts";

/** JSON, version 1, with everything in it that can be there. */

const ETHERNET = `ruleset domain-c9_L2 {
  rule 3201 at 1 inout ethertype arp from any to any accept;
  rule 3202 at 2 inout ethertype any from any to addrset macs drop;
  rule 3203 at 3 inout ethertype any from any to any accept;
}
addrset macs {
mac 02:50:56:00:00:01,
}
addrset gone {
}
}
`;
const cwd = temporaryFolder({
  "rules.txt": OFFICE.replace(
    "ruleset domain-c9 {",
    "ruleset domain-c9 {\n  rule 3100 at 1 inout protocol tcp form any to any drop;",
  ),
  "addrsets.txt": ETHERNET,
});

async function json(shape: Shape, ...args: string[]): Promise<unknown> {
  const { stdout, stderr } = await run([...args, "--format", "json"], cwd);
  expect(stderr).toBe("");
  const value: unknown = JSON.parse(stdout);
  shape(value, args.join(" "));
  return value;
}

describe("JSON has the shape of INTERFACE.md", () => {
  it("lint", async () => {
    const result = (await json(lintShape, "lint")) as {
      findings: {
        severity: string;
        rule: object | null;
        addrset: string | null;
        related: object[];
        witness: object | null;
      }[];
      summary: Record<string, number>;
    };
    const { findings, summary } = result;
    for (const severity of ["error", "warning", "info"]) {
      expect(findings.filter((finding) => finding.severity === severity)).toHaveLength(summary[severity]!);
    }
    // The shape is only seen to hold where there is something: all that may be null or empty is there once.
    expect(findings.some(({ rule }) => rule === null)).toBe(true);
    expect(findings.some(({ addrset }) => addrset !== null)).toBe(true);
    expect(findings.some(({ related }) => related.length > 0)).toBe(true);
    expect(findings.some(({ witness }) => witness !== null)).toBe(true);
  });

  it("rules", async () => {
    const result = (await json(rulesShape, "rules")) as {
      filters: {
        rules: { status: string; by: object[]; certain: boolean; witness: { etherType?: string } | null }[];
      }[];
    };
    const rows = result.filters.flatMap(({ rules }) => rules);
    // Text that does not parse is a finding, not a rule.
    expect(rows).toHaveLength(10);
    expect(rows.some(({ certain }) => !certain)).toBe(true);
    expect(rows.some(({ by }) => by.length > 0)).toBe(true);
    expect(rows.some(({ witness }) => witness?.etherType === "arp")).toBe(true);
  });

  it("rules --effect", async () => {
    const result = (await json(rulesShape, "rules", "--effect")) as {
      filters: { rules: { effect: { part: string; lost: object[] } }[] }[];
    };
    const effects = result.filters.flatMap(({ rules }) => rules.map(({ effect }) => effect));
    expect(effects.map(({ part }) => part)).toEqual(expect.arrayContaining(["whole", "part", "empty"]));
    expect(effects.some(({ lost }) => lost.length > 0)).toBe(true);
  });

  it("query", async () => {
    const ip = (await json(queryShape, "query", "--port", "22", "--trace")) as {
      filters: { pieces: { dependsOn: { rule: { id: number | null } }[]; trace: object[] }[] }[];
    };
    const { pieces } = ip.filters[0]!;
    expect(pieces.flatMap(({ dependsOn }) => dependsOn.map(({ rule }) => rule.id))).toEqual(
      expect.arrayContaining([null, 3103]),
    );
    expect(pieces.every(({ trace }) => trace.length > 0)).toBe(true);
    const frames = (await json(queryShape, "query", "--dst-mac", "macs", "--ethertype", "any")) as {
      filters: { pieces: { region: { etherTypes?: string[] }[] }[] }[];
    };
    expect(
      frames.filters[0]!.pieces.flatMap(({ region }) => region.flatMap(({ etherTypes }) => etherTypes ?? [])),
    ).toContain("arp");
  });
});
