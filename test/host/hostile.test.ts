import { expect, it } from "@jest/globals";
import { temporaryFolder } from "../cli/folders.ts";
import { run } from "../support/run.ts";

/** Names in a session may be anything; nothing of them may act on a terminal or in a page. */
const HOSTILE = `[root@esx-09:~] summarize-dvfilter
world 1 vmm0:a|b\`c\`<img src=x>@team\u001b]0;title\u0007\u202e vcUuid:'50'
 port 2 x|y.eth0
  vNic slot 2
   name: nic-1-eth0-vmware-sfw.2
   agentName: vmware-sfw
   state: </details><script>
[root@esx-09:~] `;

it("hostile names act neither on a terminal nor in Markdown", async () => {
  const outputs = await Promise.all(
    ["pretty", "json", "markdown"].map(async (format) => {
      const { stdout, code } = await run(["host", "--no-config", "-f", format, "-"], ".", HOSTILE);
      expect({ format, code }).toEqual({ format, code: 0 });
      // oxlint-disable-next-line no-control-regex
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
      return stdout;
    }),
  );
  const rows = outputs[2]!.split("\n").filter((line) => line.startsWith("|") && line.includes("eth0"));
  expect(rows.length).toBeGreaterThan(1);
  for (const row of rows) {
    // Every cell is code, so that none of the names is markup, a mention or the end of a cell.
    for (const cell of row.split(" | "))
      expect(cell.replace(/^\| | \|$/g, "")).toMatch(/^(?:-|(`+)[^|]*\1)?$/);
  }
});

const MANY = 150_000;
const RULES = "ruleset a {\n  rule 1 at 1 in protocol any from any to any drop;\n}\n";

/** More than can be arguments of one call, and more than can be gone through for each of them. */
it.each([
  ["prompts", "[root@ferry:~] x\n".repeat(MANY) + RULES],
  ["rulesets", "ruleset a {\n".repeat(MANY) + RULES],
  ["suffixes", RULES.replace("drop", `drop ${"tag 'a' ".repeat(MANY)}`)],
  ["settings", `[root@ferry:~] ethtool -k vmnic1\n${"tcp segmentation offload: on\n".repeat(MANY)}`],
  ["settings of no card", `[root@ferry:~] ethtool -k\n${"scatter-gather: on\n".repeat(MANY)}`],
])("%s without end are no error of the program, and no end of patience", async (_, text) => {
  const cwd = temporaryFolder({ "session.log": text });
  for (const command of ["host", "textconv", "lint"]) {
    const { stderr, code } = await run([command, "session.log"], cwd);
    expect(stderr).not.toContain("internal error");
    expect(code).toBeLessThanOrEqual(2);
  }
});

it("an answer that depends on rules without end is printed", async () => {
  const cwd = temporaryFolder({
    "rules.txt": RULES.replace("  rule", `${"  rule 1 at 1 inout\n".repeat(70_000)}  rule`),
  });
  const { stdout, code } = await run(["query", "rules.txt", "--dst", "10.1.1.1", "--port", "80"], cwd);
  expect(code).toBe(0);
  expect(stdout.split("\n").length).toBeGreaterThan(140_000);
});
