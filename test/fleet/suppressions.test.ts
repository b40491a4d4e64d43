import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { ROOT, dfwlint, linesOf } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";

/** What a dfwlint.yaml and a baseline say holds for a fleet as a whole. */

function fleet(configuration: string): string {
  const folder = temporaryFolder({ "dfwlint.yaml": configuration });
  cpSync(join(ROOT, "rules-fixtures/fleets/harbour/sessions"), join(folder, "sessions"), { recursive: true });
  return folder;
}

const SUPPRESSIONS = `suppressions:
  - check: shadowed-rule
    rule: 2103
    reason: The old rule goes with the next release
  - check: fail-open-filter
    reason: Known, and only on the second quay
  - check: empty-addrset
    addrset: nowhere
    reason: Nothing is so called
`;

it("a suppression that one session needs is not unused, and one that none needs is told once", async () => {
  const cwd = fleet(SUPPRESSIONS);
  const { stdout } = await dfwlint(["sessions", "--format", "compact"], { cwd });
  expect(stdout).not.toContain("[shadowed-rule]");
  expect(stdout).not.toContain("[fail-open-filter]");
  expect(linesOf(stdout).filter((line) => line.includes("[unused-suppression]"))).toEqual([
    expect.stringMatching(/^dfwlint\.yaml:7:5: .*empty-addrset/),
  ]);
});

it("says of the suppressions in a line of their own", async () => {
  const cwd = fleet(SUPPRESSIONS);
  const { stdout } = await dfwlint(["sessions", "--format", "ndjson"], { cwd });
  const last = JSON.parse(linesOf(stdout).at(-1)!) as { files: string[]; findings: { check: string }[] };
  expect(last.files).toEqual(["dfwlint.yaml"]);
  expect(last.findings.map(({ check }) => check)).toEqual(["unused-suppression"]);
});

it("a baseline knows the findings of all sessions", async () => {
  const cwd = fleet("files: [sessions]\n");
  const args = ["lint", "sessions", "--format", "json"];
  // The unfinished session keeps a baseline from being written.
  const refused = await dfwlint([...args, "--baseline", "known.json", "--update-baseline"], { cwd });
  expect(refused.stderr).toContain("known.json: not written, because the input is incomplete");
  mkdirSync(join(cwd, "good"));
  for (const name of ["quay-01.log", "quay-02.log"])
    cpSync(join(cwd, "sessions", name), join(cwd, "good", name));
  const whole = ["lint", "good", "--baseline", "known.json"];
  await dfwlint([...whole, "--update-baseline"], { cwd });
  interface Result {
    readonly findings: readonly unknown[];
    readonly baseline: { readonly known: readonly unknown[]; readonly gone: readonly unknown[] } | null;
  }
  const lint = async (more: readonly string[]): Promise<Result> =>
    JSON.parse((await dfwlint([...args, ...more], { cwd })).stdout) as Result;
  const [all, part] = [
    await lint(["--no-baseline"]),
    JSON.parse((await dfwlint(["lint", "good", "--format", "json"], { cwd })).stdout) as Result,
  ];
  const compared = await lint(["--baseline", "known.json"]);
  expect(part.findings.length).toBeGreaterThan(5);
  expect(compared.baseline!.gone).toEqual([]);
  expect(compared.baseline!.known).toHaveLength(part.findings.length);
  expect(compared.findings).toHaveLength(all.findings.length - part.findings.length);
  const streamed = await dfwlint([...args.slice(0, -1), "ndjson", "--baseline", "known.json"], { cwd });
  expect(streamed.stderr).toContain("--format ndjson tells each session alone");
});
