import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { PathError, type PathFields } from "../../src/engine/path/ends.ts";
import { pathOf } from "../../src/engine/path/path.ts";
import { readPathSessions } from "../../src/engine/path/sessions.ts";
import { FlowError } from "../../src/model/flow.ts";
import { compactPath } from "../../src/report/compact-path.ts";
import { markdownPath } from "../../src/report/markdown-path.ts";
import { faults, published } from "../report/schemas.ts";
import { run } from "../support/run.ts";

const read = (name: string): string =>
  readFileSync(new URL(`../../rules-fixtures/${name}`, import.meta.url), "utf8");
const SESSIONS = [
  "seed/session.md",
  "paths/kiln/session.log",
  "paths/quay/session.log",
  "paths/mill/esx-01.log",
].map(read);
const QUESTIONS: readonly PathFields[] = [
  { src: "10.10.10.11", dst: "10.10.20.11", dstPort: "8080" },
  { src: "10.90.10.0/24", dst: "10.90.0.0/16", dstPort: "8443" },
  { src: "10.71.20.11", srcVm: "loom-web-01", dst: "any" },
  { srcVm: "none", dst: "10.77.9.20,10.71.30.0/24" },
  { src: "AW1", dst: "10.20.10.5", dstPort: "22" },
  { src: "fe80::1", dst: "fe80::2" },
];
const schema = published("path");

/** Whatever a session holds, it is answered, and what is said hangs together. */
function expectSound(text: string): void {
  const sessions = readPathSessions([{ file: "session.log", text }]);
  for (const fields of QUESTIONS) {
    let result;
    try {
      result = pathOf(sessions, fields);
    } catch (error) {
      // A machine or router that is not there any more.
      if (error instanceof PathError || error instanceof FlowError) continue;
      throw error;
    }
    compactPath(result);
    markdownPath(result, { quiet: false });
    expect(faults(schema, JSON.parse(JSON.stringify(result)))).toEqual([]);
    for (const { verdict, certain, delivered, decidedBy, steps } of result.pieces) {
      const all = steps.every((step) => step.verdict === "accept" && step.certain);
      expect(delivered === "yes").toBe(all);
      if (verdict === "accept") expect({ certain, decidedBy }).toEqual({ certain: all, decidedBy: null });
      if (verdict === "unknown") expect(certain).toBe(false);
      if (decidedBy === null) expect(["drop", "reject"]).not.toContain(verdict);
      else expect(steps[decidedBy]!.verdict).toBe(verdict);
      if (delivered === "no") expect(steps[decidedBy!]!.certain).toBe(true);
    }
  }
}

const place = fc.double({ min: 0, max: 1, noNaN: true });

describe("sessions that are not whole", () => {
  it("cut off anywhere, or with a part cut out", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SESSIONS), place, place, (text, from, to) => {
        const [start, end] = [from, to].toSorted((a, b) => a - b).map((at) => Math.floor(at * text.length));
        expectSound(text.slice(0, start));
        expectSound(text.slice(0, start) + text.slice(end));
      }),
      { numRuns: 60 },
    );
  });

  it("with other words and numbers in them", () => {
    const change = fc.record({
      at: place,
      length: fc.nat({ max: 12 }),
      text: fc.oneof(
        fc.constantFrom(
          "",
          "0",
          "255",
          ".",
          "!",
          "U",
          "H",
          "E",
          "\n",
          "10.71.20.1",
          "255.255.255.255",
          "Uplink",
          "any",
        ),
        fc.string({ maxLength: 4 }),
      ),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...SESSIONS.slice(1)),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        (text, changes) => {
          let changed = text;
          for (const { at, length, text: word } of changes) {
            const start = Math.floor(at * changed.length);
            changed = changed.slice(0, start) + word + changed.slice(start + length);
          }
          expectSound(changed);
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** Names in a session may be anything; nothing of them may act on a terminal or in a page. */
const HOSTILE = `[root@e:~] summarize-dvfilter
world 1 vmm0:a|b\`c\`<img src=x>@team\u001b]0;title\u0007\u202e vcUuid:'50 01'
 port 2 x|y<b>.eth0
  vNic slot 2
   name: nic-1-eth0-vmware-sfw.2
   agentName: vmware-sfw
   state: </details><script> attached
world 2 vmm0:@other vcUuid:'50 02'
 port 3 @other.eth0
  vNic slot 2
   name: nic-2-<img>-vmware-sfw.2
   agentName: vmware-sfw
[root@e:~] net-vdr --lif -l <script>alert\`1\`</script>\u001b[31m

VDR <script>alert\`1\`</script>\u202e LIF Information :

Name:                <img\u0007src=x>
Mode:                Routing, Distributed, Internal
Id:                  @team
Ip(Mask):            10.1.1.1(255.255.255.0)
State:               </details>

[root@e:~] vsipioctl getrules -f nic-1-eth0-vmware-sfw.2
ruleset domain-c1 {
  rule 1 at 1 inout protocol any from any to any accept with log tag '<b>\u202e';
}
[root@e:~] `;

it("hostile names act neither on a terminal nor in Markdown", async () => {
  for (const format of ["pretty", "compact", "json", "markdown"]) {
    for (const ends of [
      ["--src", "10.1.1.5", "--dst", "10.1.1.6"],
      ["--src", "10.1.1.5", "--src-vm", "x|y<b>.eth0", "--dst", "10.3.1.1"],
    ]) {
      const { stdout, stderr, code } = await run(
        ["path", "--no-config", "-f", format, "-", ...ends],
        ".",
        HOSTILE,
      );
      expect({ format, stderr, code }).toEqual({ format, stderr: "", code: 0 });
      // oxlint-disable-next-line no-control-regex
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
      if (format !== "markdown") continue;
      const outside = stdout.replaceAll(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, "");
      expect(outside).not.toMatch(/<|@|\|/);
    }
  }
});
