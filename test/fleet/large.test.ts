import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { session } from "../../bench/sessions.ts";
import { diff } from "../../src/engine/diff.ts";
import { query } from "../../src/engine/query.ts";
import type { DiffResult } from "../../src/engine/results.ts";
import type { PathFields } from "../../src/engine/path/ends.ts";
import { pathOf } from "../../src/engine/path/path.ts";
import type { FilterStep } from "../../src/engine/path/results.ts";
import { readPathSessions } from "../../src/engine/path/sessions.ts";
import { readInput } from "../../src/engine/input.ts";
import { describeHosts } from "../../src/engine/host.ts";
import { describeRules } from "../../src/engine/rules.ts";
import { ROOT, dfwlint } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { lintAtOnce, plain } from "./support.ts";

/** A log of more than 8 MiB is read in threads: the process has to say what comes of reading it at once. */

/** What makes it large is quick to read at once too: here every reading is compared with that. */
const bulk = `[root@dock-esx-1:~] cat /var/log/hostd.log\n${`${"2025-06-15 info hostd: ".padEnd(1000, "=")}\n`.repeat(8600)}`;
const text =
  bulk +
  [
    ...session({ host: "dock-esx-1", vnics: 7, distinct: 4, rules: 200, sets: 60, members: 3000, seed: 5 }),
  ].join("");
const file = "host.log";
let cwd = "";

beforeAll(() => {
  cwd = temporaryFolder({ [file]: text });
  expect(statSync(join(cwd, file)).size).toBeGreaterThan(8 * 2 ** 20);
});

async function json(args: readonly string[], program?: string): Promise<unknown> {
  const options = program === undefined ? { cwd } : { cwd, program };
  const { stdout, stderr } = await dfwlint([...args, "--format", "json", "--no-config"], options);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

describe("a large log", () => {
  it("has the same findings", async () => {
    expect(await json(["lint", file])).toEqual(lintAtOnce([{ file, text }]));
  });

  it("has the same findings where only one machine is asked about", async () => {
    const actual = await json(["lint", file, "--vm", "machine-5"]);
    expect(actual).toEqual(lintAtOnce([{ file, text }], { vm: ["machine-5"] }));
  });

  it("gives the same answers", async () => {
    const input = readInput([{ file, text }]);
    const [name] = [...input.filters[2]!.filter.addressSets.keys()];
    const fields = { src: name!, dst: "10.0.0.0/9", dstPort: "443" };
    expect(await json(["query", file, "--src", name!, "--dst", "10.0.0.0/9", "--port", "443"])).toEqual(
      plain(query(input, fields)),
    );
    expect(await json(["rules", file])).toEqual(plain(describeRules(input)));
    expect(await json(["host", file])).toEqual(plain(describeHosts([{ file, text }])));
  });

  it("is compared with what it was as two logs are that are read at once", async () => {
    const changed = text.replace(" accept", " drop").replaceAll(/^ip 10\.1\d\..*\n/gm, "");
    writeFileSync(join(cwd, "changed.log"), changed);
    const [before, after] = [
      readInput([{ file, text }]),
      readInput([{ file: "changed.log", text: changed }]),
    ];
    const args = ["diff", file, "changed.log", "--fail-on", "never"];
    const whole = plain(diff(before, after));
    expect(whole.filters.some(({ changes }) => changes.length > 0)).toBe(true);
    expect(await json(args)).toEqual(whole);
    const missing = await dfwlint([...args.slice(0, 3), "--config", "missing.yaml"], { cwd });
    expect({ code: missing.code, stdout: missing.stdout }).toEqual({ code: 2, stdout: "" });
    expect(missing.stderr).toContain("missing.yaml");
    const one = (await json([...args, "--vm", "machine-2"])) as DiffResult;
    expect(one.filters).toEqual(whole.filters.filter(({ vnic }) => vnic?.machine === "machine-2"));
  });

  it("gives the same ways, alone and in a folder with another host whose filters are called the same", async () => {
    const input = readInput([{ file, text }]);
    const [set] = [...input.filters[2]!.filter.addressSets.keys()];
    const asked: readonly PathFields[] = [
      { src: "machine-1", dst: "machine-2", dstPort: "443" },
      { src: set!, srcVm: "machine-2", dst: "10.0.0.0/9", dstVm: "none", dstPort: "443" },
      { src: "10.1.1.1", dst: "10.2.2.2", dstPort: "22" },
    ];
    const option = { src: "src", dst: "dst", srcVm: "src-vm", dstVm: "dst-vm", dstPort: "port" } as const;
    const argsOf = (fields: PathFields): string[] =>
      Object.entries(fields).flatMap(([field, value]) => [
        `--${option[field as keyof typeof option]}`,
        value as string,
      ]);
    const sessions = readPathSessions([{ file, text }]);
    for (const fields of asked)
      expect(await json(["path", file, ...argsOf(fields)])).toEqual(plain(pathOf(sessions, fields)));
    mkdirSync(join(cwd, "hosts"));
    const other = text.replaceAll("dock-esx-1", "dock-esx-2").replaceAll("machine-", "engine-");
    const texts = [
      { file: "hosts/a.log", text },
      { file: "hosts/b.log", text: other },
    ];
    for (const one of texts) writeFileSync(join(cwd, one.file), one.text);
    const fields = { src: "machine-3", dst: "engine-3", dstPort: "443" };
    const expected = pathOf(readPathSessions(texts), fields);
    expect(await json(["path", "hosts", ...argsOf(fields)])).toEqual(plain(expected));
    const { stdout, stderr } = await dfwlint(["path", "hosts", ...argsOf(fields), "--capture"], { cwd });
    expect(stderr).toBe("");
    // Lines of rules are read again from the file.
    const { rule } = expected.pieces[0]!.steps[0] as FilterStep;
    expect(stdout).toContain(text.split("\n")[rule!.line - 1]!.trim());
    expect(stdout).toContain("pktcap-uw");
  });

  it("is read by the single file in the same way", async () => {
    const program = join(cwd, "dfwlint.mjs");
    execFileSync(process.execPath, ["scripts/single-file.js", program], { cwd: ROOT, stdio: "pipe" });
    expect(await json(["lint", file], program)).toEqual(await json(["lint", file]));
  });

  it("is read as well where its end is missing", async () => {
    const cut = text.slice(0, -40_000);
    writeFileSync(join(cwd, "cut.log"), cut);
    expect(await json(["lint", "cut.log"])).toEqual(lintAtOnce([{ file: "cut.log", text: cut }]));
  });
});
