import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { ASSERTION_KEYS, EXCEPT_KEYS, POLICY_KEYS } from "../../src/engine/policy/keys.ts";
import type { TestResult } from "../../src/engine/policy/results.ts";
import { policyJsonSchema } from "../../src/engine/policy/schema.ts";
import { TEST_FORMAT_NAMES } from "../../src/report/test/formats.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { TWO_FILTERS } from "../cli/inputs.ts";
import { faults, published, sarifSchema } from "../report/schemas.ts";
import { expectGolden } from "../support/golden.ts";
import { run } from "../support/run.ts";

const ROOT = fileURLToPath(new URL("../../rules-fixtures/policies/", import.meta.url));
const HOSPITAL = join(ROOT, "hospital");
const CHANGED = ["changed-rules.txt", "addrsets.txt"];

async function result(
  cwd: string,
  ...args: string[]
): Promise<{ code: number; stderr: string; result: TestResult }> {
  const { stdout, stderr, code } = await run(["test", "--format", "json", ...args], cwd);
  return { code, stderr, result: JSON.parse(stdout) as TestResult };
}

/** The policy for the rules, and the outcome of its only assertion. */
async function outcome(rules: string, assertion: string): Promise<TestResult["assertions"][number]> {
  const cwd = temporaryFolder({ "rules.txt": rules, "policy.yaml": `assertions:\n  - {${assertion}}\n` });
  return (await result(cwd)).result.assertions[0]!;
}

describe("the hospital's policy", () => {
  it("holds of its rules", async () => {
    const { code, stderr, result: whole } = await result(HOSPITAL);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(whole.summary).toEqual({ assertions: 10, passed: 10, failed: 0, uncertain: 0 });
  });

  it.each(TEST_FORMAT_NAMES)("is broken by a change, as %s says", async (format) => {
    const { stdout, stderr, code } = await run(
      ["test", "--coverage", "--format", format, ...CHANGED],
      HOSPITAL,
    );
    expect({ stderr, code }).toEqual({ stderr: "", code: 1 });
    expectGolden(join(HOSPITAL, `changed.${format}.expected.txt`), stdout);
  });

  it("is SARIF and JSON as the schemas say", async () => {
    const { result: whole } = await result(HOSPITAL, ...CHANGED);
    expect(faults(published("test"), whole)).toEqual([]);
    const { stdout } = await run(["test", "--format", "sarif", ...CHANGED], HOSPITAL);
    expect(faults(sarifSchema(), JSON.parse(stdout))).toEqual([]);
  });
});

describe("mistakes in a policy", () => {
  const MISTAKES = join(ROOT, "mistakes");
  it.each(readdirSync(MISTAKES).filter((name) => name.endsWith(".yaml")))("%s", async (name) => {
    const { stdout, stderr, code } = await run(
      ["test", "--no-config", "--policy", `../mistakes/${name}`, "rules.txt", "addrsets.txt"],
      HOSPITAL,
    );
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expectGolden(join(MISTAKES, name.replace(/yaml$/, "expected.txt")), stderr);
  });

  it("say what was looked for where there is no policy", async () => {
    const cwd = temporaryFolder({
      "rules.txt": "ruleset r {\nrule 1 at 1 inout protocol any from any to any drop;\n}\n",
    });
    expect(await run(["test"], cwd)).toEqual({
      stdout: "",
      stderr: `dfwlint: no --policy given, and no policy.yaml in ${cwd}: name the policy's file\n`,
      code: 2,
    });
    expect((await run(["test", "--policy", "other.yaml"], cwd)).stderr).toBe(
      "dfwlint: other.yaml: no such file\n",
    );
  });
});

describe("the schema for editors", () => {
  it("is what the program checks, and describes every key", () => {
    const path = fileURLToPath(new URL("../../schema/policy.schema.json", import.meta.url));
    const schema = policyJsonSchema();
    expectGolden(path, `${JSON.stringify(schema, null, 2)}\n`);
    const text = JSON.stringify(schema);
    for (const description of [POLICY_KEYS, ASSERTION_KEYS, EXCEPT_KEYS].flatMap((keys) =>
      Object.values(keys),
    ))
      expect(text).toContain(JSON.stringify(description));
  });

  it("takes what the program takes", () => {
    const validate = new Ajv2020().compile(policyJsonSchema());
    const take = (text: string): boolean => validate(parse(text));
    expect(take("assertions: [{name: a, from: {except: x}, service: [tcp/1, web], expect: deny}]")).toBe(
      true,
    );
    expect(take("assertions: []")).toBe(false);
    expect(take("assertions: [{name: a, expect: allow}]")).toBe(false);
  });
});

describe("an assertion", () => {
  const RULES = `ruleset domain-c1 {
  rule 101 at 1 inout protocol tcp from addrset web to any port 80 with attribute profile HTTP accept;
  rule 102 at 2 inout protocol tcp from addrset web to any port 80 reject;
  rule 109 at 3 inout protocol any from any to any drop;
}
addrset web {
ip 10.0.0.1,
}
addrset odd {
ip 10.0.0.1,
ip 10.0.0.999,
}
addrset none {
}
`;

  it.each([
    ["expect: deny, from: web, service: tcp/80", "uncertain"],
    ["expect: drop, from: web, service: tcp/80", "failed"],
    ["expect: reject, from: web, service: tcp/80", "uncertain"],
    ["expect: deny, from: web, service: tcp/81", "passed"],
    ["by: 102, from: web, service: tcp/80", "uncertain"],
    ["by: 109, from: web, service: tcp/81", "passed"],
    ["by: 109, from: web", "failed"],
    ["only: true, from: web, service: tcp/80", "passed"],
    ["only: true, from: 10.0.0.2, service: tcp/80", "uncertain"],
    ["only: true, from: any", "failed"],
    ["expect: deny, from: none", "failed"],
    ["expect: deny, from: none, allowEmpty: true", "passed"],
    ["expect: deny, from: 10.0.0.1, to: '2001:db8::1'", "failed"],
    ["expect: deny, from: odd, service: tcp/81", "passed"],
    ["expect: reject, from: {of: odd, except: web}", "uncertain"],
    ["expect: drop, from: {except: web}, service: {except: udp/53}", "passed"],
  ])("{%s}: %s", async (text, expected) => {
    const { passed, uncertain, failures } = await outcome(RULES, `name: x, ${text}`);
    expect(passed ? "passed" : uncertain ? "uncertain" : "failed").toBe(expected);
    if (expected !== "uncertain") return;
    for (const { dependsOn } of failures) expect(dependsOn).not.toEqual([]);
  });

  it("is about the filters that it names, each with its own sets", async () => {
    const cwd = temporaryFolder({
      "session.log": TWO_FILTERS,
      "policy.yaml": `assertions:
  - {name: all, to: web, service: tcp/443, from: 192.0.2.1, expect: accept}
  - {name: one, to: web, service: tcp/443, from: 192.0.2.1, expect: accept, filter: nic-100*}
`,
    });
    const { result: whole } = await result(cwd, "session.log");
    expect(whole.assertions.map(({ failures }) => failures.map(({ filter }) => filter))).toEqual([
      ["nic-200-eth0-vmware-sfw.2"],
      [],
    ]);
  });

  it("is asked of both layers", async () => {
    const rules = `ruleset a {\nrule 1 at 1 inout protocol any from any to any accept;\n}
ruleset a_L2 {\nrule 2 at 1 in ethertype any from any to any drop;\nrule 3 at 2 inout ethertype any from any to any accept;\n}\n`;
    const { failures } = await outcome(rules, "name: x, expect: accept, from: 10.0.0.1");
    expect(failures.map(({ rule, verdict, witness }) => [rule!.id, verdict, witness!.direction])).toEqual([
      [2, "drop", "in"],
    ]);
  });
});
