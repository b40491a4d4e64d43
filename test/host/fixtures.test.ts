import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { faults, published } from "../report/schemas.ts";
import { run } from "../support/run.ts";

/** Each folder is a session; beside it stands what dfwlint shows of the host. UPDATE_GOLDEN=1 writes it. */

const ROOT = fileURLToPath(new URL("../../rules-fixtures/hosts/", import.meta.url));
const schema = published("host");

describe.each(readdirSync(ROOT).toSorted())("the host in %s", (folder) => {
  const file = existsSync(`${ROOT}${folder}/page.md`) ? "page.md" : "session.log";

  it.each([
    ["host.expected.txt", ["host"]],
    ["host.expected.md", ["host", "--format", "markdown"]],
    ["lint.expected.txt", ["lint", "--format", "compact"]],
  ])("%s", async (golden, args) => {
    const { stdout, stderr, code } = await run([...args, "--no-config", file], `${ROOT}${folder}`);
    if (args[0] === "host") expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    const path = `${ROOT}${folder}/${golden}`;
    // The one without rules cannot be linted, and says so.
    const actual = stdout === "" ? stderr : stdout;
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, actual);
    expect(actual).toBe(readFileSync(path, "utf8"));
  });

  it("is JSON as its schema says", async () => {
    const { stdout } = await run(["host", "--no-config", "--format", "json", file], `${ROOT}${folder}`);
    expect(faults(schema, JSON.parse(stdout))).toEqual([]);
  });
});

it("the seed's host is JSON as its schema says, and every field of the schema is there", async () => {
  const { stdout } = await run(["host", "--format", "json", "session.md"], `${ROOT}../seed`);
  const result = JSON.parse(stdout) as { hosts: [Record<string, unknown>] };
  expect(faults(schema, result)).toEqual([]);
  expect(faults(schema, { ...result, hosts: [{ ...result.hosts[0], machines: undefined }] })).not.toEqual([]);
});

it("a folder is read as a whole", async () => {
  const { stdout } = await run(["host", "--format", "json", "."], ROOT);
  const { hosts } = JSON.parse(stdout) as { hosts: { name: string }[] };
  expect(hosts.map(({ name }) => name)).toEqual(["bank-esx-03", "depot-esx-05", "clinic-esx-07", "host-28"]);
});

it("a file without any output of a host is answered with what was expected", async () => {
  expect(await run(["host", "rules.txt"], `${ROOT}../seed`)).toEqual({
    stdout: "",
    stderr:
      "dfwlint: no output of a host's commands in rules.txt: expected a terminal log with, for example, summarize-dvfilter\n",
    code: 2,
  });
});
