import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { diff } from "../../src/engine/diff.ts";
import { readInput, type Input } from "../../src/engine/input.ts";
import { CHANGE_KEYS, INTENT_KEYS } from "../../src/engine/intent/keys.ts";
import { readIntent } from "../../src/engine/intent/read.ts";
import { intentJsonSchema } from "../../src/engine/intent/schema.ts";
import { query } from "../../src/engine/query.ts";
import type { DiffResult, IntentResult, Region } from "../../src/engine/results.ts";
import { parseAddress } from "../../src/model/address.ts";
import { run } from "../support/run.ts";
import { expectGolden } from "../support/golden.ts";

const FIXTURE = fileURLToPath(new URL("../../rules-fixtures/intents/", import.meta.url));

function policy(...rules: readonly string[]): string {
  const lines = rules.map((rule, index) => `  rule ${rule.replace(" ", ` at ${index + 1} `)};\n`);
  return `ruleset domain-c41 {\n${lines.join("")}}\n`;
}

function judged(before: string, after: string, yaml: string): IntentResult {
  return whole(before, after, yaml).intent!;
}

function whole(before: string, after: string, yaml: string): DiffResult {
  const was = readInput([{ file: "before.txt", text: before }]);
  const is = readInput([{ file: "after.txt", text: after }]);
  const { intent, problems } = readIntent("intent.yaml", yaml, [was, is]);
  expect(problems).toBeNull();
  return diff(was, is, { intent: intent! });
}

const DROP = "9 inout protocol any from any to any drop";
const CLOSED = policy(DROP);
const WEB = "5 inout protocol tcp from ip 10.41.1.5 to ip 10.41.2.5 port 443 accept";
const OPENED = policy(WEB, DROP);

function intent(fields: string): string {
  return `changes:\n  - name: The web\n    ${fields.split("; ").join("\n    ")}\n`;
}
const TO_WEB = "from: 10.41.1.5; to: 10.41.2.5; service: tcp/443; expect: accept";

describe("an intended change", () => {
  it("is met by a change that does that and nothing else", () => {
    expect(judged(CLOSED, OPENED, intent(TO_WEB))).toMatchObject({ met: true, unmet: [], collateral: [] });
  });

  it("is not met where nothing changes, whatever the verdict is", () => {
    expect(judged(OPENED, OPENED, intent(TO_WEB)).unmet).toMatchObject([
      { kind: "unchanged", certain: true },
    ]);
    expect(judged(CLOSED, CLOSED, intent(TO_WEB)).unmet).toMatchObject([
      { kind: "verdict", verdict: "drop", rule: { id: 9 }, witness: { dst: "10.41.2.5", dstPort: 443 } },
    ]);
  });

  it("is not met where a part of it has another verdict, and that part is named", () => {
    const wide = TO_WEB.replace("to: 10.41.2.5", "to: 10.41.2.4/31");
    const { unmet, collateral } = judged(CLOSED, OPENED, intent(wide));
    expect(unmet).toMatchObject([{ kind: "verdict", region: [{ dst: ["10.41.2.4"] }] }]);
    expect(collateral).toEqual([]);
  });

  it("does not cover packets that get another verdict than it expects", () => {
    const { unmet, collateral } = judged(CLOSED, OPENED, intent(TO_WEB.replace("accept", "deny")));
    expect(unmet).toMatchObject([{ kind: "verdict", verdict: "accept" }]);
    expect(collateral).toMatchObject([{ kind: "newly-accepted", region: [{ dstPorts: ["443"] }] }]);
  });

  it("leaves what it does not name as collateral, and no more", () => {
    const more = policy(WEB.replace("port 443", "port 440-445"), DROP);
    const { unmet, collateral } = judged(CLOSED, more, intent(TO_WEB));
    expect(unmet).toEqual([]);
    expect(collateral).toMatchObject([
      { kind: "newly-accepted", certain: true, region: [{ dstPorts: ["440-442", "444-445"] }], edits: [0] },
    ]);
  });

  it("knows drop from reject, and deny as both", () => {
    const reject = policy(DROP.replace("drop", "reject"));
    const all = (expected: string): IntentResult => judged(CLOSED, reject, intent(`expect: ${expected}`));
    expect(all("reject").met).toBe(true);
    expect(all("deny").met).toBe(true);
    expect(all("drop").met).toBe(false);
  });

  it("means a set by the members that it has afterwards", () => {
    const rule = policy("5 inout protocol tcp from addrset web to any accept", DROP);
    const sets = (...members: string[]): string =>
      `${rule}addrset web {\n${members.map((member) => `ip ${member},\n`).join("")}}\n`;
    const yaml = intent("from: web; service: tcp; expect: accept");
    expect(judged(sets("10.41.1.5"), sets("10.41.1.5", "10.41.1.6"), yaml).met).toBe(true);
    expect(judged(sets("10.41.1.5", "10.41.1.6"), sets("10.41.1.5"), yaml)).toMatchObject({
      unmet: [{ kind: "unchanged" }],
      collateral: [{ kind: "newly-denied", region: [{ src: ["10.41.1.6"] }] }],
    });
  });

  it("is uncertain where the dump does not say what decides", () => {
    const unknown = policy(
      "4 inout protocol tcp from any to ip 10.41.2.5 with attribute APP_ID_9 drop",
      WEB,
      DROP,
    );
    const { met, unmet } = judged(CLOSED, unknown, intent(TO_WEB));
    expect(met).toBe(false);
    expect(unmet).toMatchObject([{ kind: "verdict", certain: false, dependsOn: [{ rule: { id: 4 } }] }]);
  });

  it("is empty where no packet can be meant", () => {
    const yaml = intent("from: 10.41.1.5; to: 2001:db8::1; expect: accept");
    expect(judged(CLOSED, OPENED, yaml).unmet).toMatchObject([{ kind: "empty" }]);
  });

  it("may be none at all: then no verdict may change", () => {
    expect(judged(CLOSED, CLOSED, "changes: []\n").met).toBe(true);
    expect(judged(CLOSED, OPENED, "changes: []\n").collateral).toHaveLength(1);
  });
});

const HOSTS = ["10.41.1.1", "10.41.1.2", "10.41.1.3"];
const PORTS = [442, 443, 444];
const side = fc.constantFrom("any", ...HOSTS, "10.41.1.2/31");
const rule = fc
  .record({
    from: side,
    to: side,
    port: fc.constantFrom(null, ...PORTS),
    action: fc.constantFrom("accept", "drop"),
  })
  .map(({ from, to, port, action }) => {
    const end = (text: string): string => (text === "any" ? text : `ip ${text}`);
    return `7 inout protocol tcp from ${end(from)} to ${end(to)}${port === null ? "" : ` port ${port}`} ${action}`;
  });
const rules = fc.array(rule, { maxLength: 4 }).map((list) => policy(...list, DROP));
const wish = fc.record({
  from: side,
  to: side,
  port: fc.constantFrom(...PORTS),
  expect: fc.constantFrom("accept", "drop"),
});

it("every flow is judged as a person would who looks at it before and after", () => {
  fc.assert(
    fc.property(rules, rules, fc.array(wish, { maxLength: 2 }), (before, after, wishes) => {
      const entries = wishes.map(
        ({ from, to, port, expect: expected }, index) =>
          `  - {name: wish ${index}, from: ${from}, to: ${to}, service: tcp/${port}, expect: ${expected}}\n`,
      );
      const yaml = wishes.length === 0 ? "changes: []\n" : `changes:\n${entries.join("")}`;
      const { unmet, collateral } = judged(before, after, yaml);
      const inputs = [before, after].map((text) => readInput([{ file: "rules.txt", text }]));
      for (const src of HOSTS)
        for (const dst of HOSTS)
          for (const port of PORTS) {
            const [was, is] = inputs.map((input) => verdict(input, src, dst, port));
            const meant = wishes.filter(
              (one) => isIn(one.from, src) && isIn(one.to, dst) && one.port === port,
            );
            const where = { before, after, yaml, src, dst, port };
            expect({
              ...where,
              collateral: collateral.some(({ region }) => holds(region, src, dst, port)),
            }).toEqual({
              ...where,
              collateral: was !== is && !meant.some((one) => one.expect === is),
            });
            const wrong = unmet
              .filter(({ kind }) => kind === "verdict")
              .some(({ region }) => holds(region, src, dst, port));
            expect({ ...where, wrong }).toEqual({ ...where, wrong: meant.some((one) => one.expect !== is) });
          }
    }),
    { numRuns: 60 },
  );
});

function verdict(input: Input, src: string, dst: string, port: number): string {
  const flow = { src, dst, dstPort: `${port}`, srcPort: "40000", protocol: "tcp", direction: "in" };
  return query(input, flow).filters[0]!.verdict;
}

function isIn(text: string, address: string): boolean {
  if (text === "any") return true;
  const [whole, one] = [parseAddress(text), parseAddress(address)];
  return whole.family === one.family && whole.first <= one.first && one.first <= whole.last;
}

function holds(region: Region, src: string, dst: string, port: number): boolean {
  return region.some(
    (box) =>
      "src" in box &&
      box.family === "ipv4" &&
      (box.protocols[0] === "any" || box.protocols.includes("tcp")) &&
      box.src.some((text) => isIn(text, src)) &&
      box.dst.some((text) => isIn(text, dst)) &&
      (box.dstPorts ?? ["0-65535"]).some((text) => {
        const [first, last = first] = text.split("-").map(Number);
        return first! <= port && port <= last!;
      }),
  );
}

describe("the file", () => {
  it("has a schema for editors that is what the program checks", () => {
    const path = fileURLToPath(new URL("../../schema/intent.schema.json", import.meta.url));
    expectGolden(path, `${JSON.stringify(intentJsonSchema(), null, 2)}\n`);
    const schema = JSON.parse(readFileSync(path, "utf8")) as Record<string, Record<string, unknown>>;
    expect(Object.keys(schema["properties"]!)).toEqual(Object.keys(INTENT_KEYS));
    const { items } = schema["properties"]!["changes"] as { items: { properties: object } };
    expect(Object.keys(items.properties)).toEqual(Object.keys(CHANGE_KEYS));
  });

  it("is the one that the documentation shows", () => {
    const page = readFileSync(new URL("../../docs/pull-requests.md", import.meta.url), "utf8");
    const [, shown] = /<!-- intent -->\n\n```yaml\n([\s\S]*?)```/.exec(page)!;
    expect(shown).toBe(readFileSync(`${FIXTURE}intent.yaml`, "utf8"));
  });

  it("is shown with every mistake at its place", async () => {
    const { stdout, stderr, code } = await run(
      ["diff", "before", "after", "--intent", "mistakes.yaml"],
      FIXTURE,
    );
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expectGolden(`${FIXTURE}mistakes.expected.txt`, stderr);
  });

  it("may not be overwritten by the result", async () => {
    const args = ["diff", "before", "after", "--intent", "intent.yaml", "--output", "intent.yaml"];
    const { stderr, code } = await run(args, FIXTURE);
    expect({ stderr, code }).toEqual({
      stderr: expect.stringContaining("would overwrite the input"),
      code: 2,
    });
  });
});

describe.each(["pretty", "compact", "markdown", "github", "json"])("--format %s", (format) => {
  it("shows what is not as intended first", async () => {
    const { stdout, stderr, code } = await run(
      ["diff", "before", "after", "--intent", "intent.yaml", "--format", format],
      FIXTURE,
    );
    expect({ stderr, code }).toEqual({ stderr: "", code: 1 });
    expectGolden(`${FIXTURE}expected.${format}.txt`, stdout);
  });
});

it.each([
  [["--fail-on", "never"], 0],
  [["--fail-on", "newly-denied"], 1],
  [[], 0],
])("a change that is as intended: %j", async (more, expected) => {
  const args = ["diff", "before", "after", "--intent", "met.yaml", "--quiet", ...more];
  const { stdout, code } = await run(args, FIXTURE);
  expect(stdout).toMatch(/^proved: 2 intended changes brought about, and no other verdict changes\n/);
  expect(code).toBe(expected);
});
