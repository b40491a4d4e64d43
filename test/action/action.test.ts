import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { parse } from "yaml";
import { ROOT } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";

/** The GitHub Action and the comment, against a repository with one change and a stand-in for the host's API. */

interface Comment {
  readonly id: number;
  body: string;
  readonly user: { readonly type: string };
}

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly token: string | undefined;
}

const comments: Comment[] = [];
const asked: Asked[] = [];
let refusal: number | null = null;
let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    void (async () => {
      const { method = "", url = "", headers } = request;
      asked.push({ method, url, token: (headers.authorization ?? headers["private-token"]) as string });
      const body = await bodyOf(request);
      const answer = (status: number, value: unknown): void => {
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
      };
      if (refusal !== null && method !== "GET") return answer(refusal, { message: "no" });
      if (method === "GET") {
        const page = Number(new URL(url, "http://host").searchParams.get("page"));
        return answer(200, comments.slice((page - 1) * 100, page * 100));
      }
      const text = (JSON.parse(body) as { body: string }).body;
      if (text.length > 65_536) return answer(422, { message: "too long" });
      if (method === "POST") {
        comments.push({ id: 900 + comments.length, body: text, user: { type: "Bot" } });
        return answer(201, {});
      }
      const comment = comments.find(({ id }) => url.endsWith(`/${id}`));
      if (comment === undefined) return answer(404, {});
      comment.body = text;
      return answer(200, {});
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
});

beforeEach(() => {
  comments.length = 0;
  asked.length = 0;
  refusal = null;
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

const CLEAN = {
  PATH: process.env["PATH"],
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  TZ: "UTC",
};

function exampleRepository(): string {
  const folder = temporaryFolder({});
  const repository = join(folder, "repository");
  execFileSync("sh", [join(ROOT, "scripts/example-repository.sh"), repository], { env: CLEAN });
  return repository;
}

interface Step {
  readonly code: number | null;
  readonly stdout: string;
  readonly outputs: ReadonlyMap<string, string>;
  readonly summary: string;
}

async function script(
  name: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number | null; stdout: string }> {
  const child = spawn(process.execPath, [join(ROOT, "scripts/action", name), ...args], {
    cwd,
    env: { ...CLEAN, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  return { code, stdout: Buffer.concat(chunks).toString("utf8") };
}

async function action(repository: string, inputs: Record<string, string> = {}): Promise<Step> {
  const folder = temporaryFolder({ output: "", summary: "", "event.json": '{"pull_request":{"number":17}}' });
  const { code, stdout } = await script("run.js", [], repository, {
    RUNNER_TEMP: folder,
    GITHUB_OUTPUT: join(folder, "output"),
    GITHUB_STEP_SUMMARY: join(folder, "summary"),
    GITHUB_EVENT_PATH: join(folder, "event.json"),
    GITHUB_API_URL: address,
    GITHUB_REPOSITORY: "city/firewall",
    GITHUB_TOKEN: "a-token",
    DFWLINT_BASE: "main",
    DFWLINT_COMMENT: "true",
    ...inputs,
  });
  const lines = readFileSync(join(folder, "output"), "utf8").trim().split("\n");
  return {
    code,
    stdout,
    outputs: new Map(lines.map((line) => line.split(/=(.*)/) as [string, string])),
    summary: readFileSync(join(folder, "summary"), "utf8"),
  };
}

describe("the GitHub Action", () => {
  it("creates one comment, and updates it from then on", async () => {
    const repository = exampleRepository();
    comments.push(
      ...Array.from({ length: 100 }, (_, id) => ({ id, body: "Looks fine", user: { type: "User" } })),
      { id: 100, body: "<!-- dfwlint diff -->\nI can write this too", user: { type: "User" } },
    );
    comments.pop();
    const first = await action(repository);
    expect(first.code).toBe(1);
    expect(first.stdout).toContain("::notice title=dfwlint::comment created\n");
    expect(comments).toHaveLength(101);
    const { body } = comments[100]!;
    expect(body).toBe(first.summary);
    expect(body).toBe(readFileSync(first.outputs.get("report")!, "utf8"));
    expect(body).toMatch(/^<!-- dfwlint diff -->\n/);
    expect(body).toContain("rule 4005 was added");

    const rules = join(repository, "rules.txt");
    writeFileSync(rules, readFileSync(rules, "utf8").replace("{5432, 5433}", "5432"));
    const second = await action(repository);
    expect(second.stdout).toContain("::notice title=dfwlint::comment updated\n");
    expect(comments).toHaveLength(101);
    expect(comments[100]!.body).toContain("port 5432");
    expect(comments[100]!.body).not.toContain("5433");
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /repos/city/firewall/issues/17/comments?per_page=100&page=1",
      "GET /repos/city/firewall/issues/17/comments?per_page=100&page=2",
      "POST /repos/city/firewall/issues/17/comments",
      "GET /repos/city/firewall/issues/17/comments?per_page=100&page=1",
      "GET /repos/city/firewall/issues/17/comments?per_page=100&page=2",
      "PATCH /repos/city/firewall/issues/comments/1000",
    ]);
    expect(new Set(asked.map(({ token }) => token))).toEqual(new Set(["Bearer a-token"]));
  });

  it("marks the changed lines, counts, and fails by its gates", async () => {
    const repository = exampleRepository();
    const [verdict, denied, treatment] = await Promise.all([
      action(repository, { DFWLINT_COMMENT: "false", DFWLINT_SARIF_FILE: "found.sarif" }),
      action(repository, { DFWLINT_COMMENT: "false", DFWLINT_FAIL_ON: "newly-denied" }),
      action(repository, { DFWLINT_COMMENT: "false", DFWLINT_FAIL_ON: "treatment", DFWLINT_FILES: "*.txt" }),
    ]);
    expect([verdict.code, denied.code, treatment.code]).toEqual([1, 1, 0]);
    expect(verdict.stdout).toMatch(
      /^::warning file=rules\.txt,line=7,title=dfwlint diff%3A newly-accepted::/m,
    );
    expect(verdict.stdout).toMatch(/^::warning file=rules\.txt,line=6,title=dfwlint diff%3A newly-denied::/m);
    expect(Object.fromEntries(verdict.outputs)).toMatchObject({
      "exit-code": "1",
      "lint-exit-code": "0",
      "diff-exit-code": "1",
      errors: "0",
      "newly-accepted": "1",
      "newly-denied": "1",
      equivalent: "false",
      "intent-met": "",
      sarif: "found.sarif",
    });
    const sarif = JSON.parse(readFileSync(join(repository, "found.sarif"), "utf8")) as { version: string };
    expect(sarif.version).toBe("2.1.0");
    expect(comments).toHaveLength(0);
  });

  it("holds a change against its intent", async () => {
    const { code, stdout, outputs } = await action(exampleRepository(), { DFWLINT_INTENT: "intent.yaml" });
    expect(code).toBe(1);
    expect(outputs.get("intent-met")).toBe("false");
    expect(stdout).toMatch(
      /^::error file=intent\.yaml,line=15,title=dfwlint diff%3A intended%2C and not brought about::/m,
    );
    expect(stdout).toMatch(
      /^::error file=rules\.txt,line=7,title=dfwlint diff%3A changed%2C and not intended::/m,
    );
    expect(comments[0]!.body).toContain("**intent**: 1 of 3 intended changes");
  });

  it.each([401, 403, 404])(
    "says in a notice that a fork's token was refused with %i",
    async (status) => {
      refusal = status;
      const { code, stdout, summary } = await action(exampleRepository(), { DFWLINT_FAIL_ON: "never" });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^::notice title=dfwlint::no comment, because .*as on a fork$/m);
      expect(summary).toContain("rule 4005");
    },
    60_000,
  );

  it("does not run without what it needs, and says what that is", async () => {
    const { code, stdout, outputs } = await action(exampleRepository(), { DFWLINT_BASE: "no-such-branch" });
    expect(code).toBe(2);
    expect(stdout).toContain("there is no revision no-such-branch");
    expect(outputs.get("diff-exit-code")).toBe("2");
  });

  it("only lints where there is no base", async () => {
    const { code, outputs } = await action(exampleRepository(), { DFWLINT_BASE: "" });
    expect(code).toBe(0);
    expect(outputs.get("diff-exit-code")).toBe("");
  });

  it("keeps what a dump says from the runner's commands, and within a comment", async () => {
    const repository = exampleRepository();
    const lines = Array.from({ length: 400 }, (_, index) => {
      const name = `x${"::error::\u202e<b>@team|`".replaceAll(/\s/g, "")}${index}`;
      return `  rule ${5000 + index} at ${index + 20} inout protocol tcp from ip 10.43.${index % 250}.${index % 250} to addrset ${name} port ${1 + index * 3} accept tag '${name}';`;
    });
    const rules = join(repository, "rules.txt");
    writeFileSync(
      rules,
      readFileSync(rules, "utf8").replace("  rule 4010", `${lines.join("\n")}\n  rule 4010`),
    );
    appendFileSync(
      rules,
      "::error file=rules.txt::gotcha\n##[error]gotcha\n::set-output name=exit-code::0\n",
    );
    const { code, stdout, outputs } = await action(repository, { DFWLINT_INTENT: "intent.yaml" });
    expect(code).toBeGreaterThanOrEqual(1);
    expect(outputs.get("exit-code")).toBe(`${code}`);
    // What is no command of ours stands where the runner reads none.
    const open = stdout.replaceAll(/^::stop-commands::(\S+)\n[\s\S]*?^::\1::\n/gm, "");
    for (const line of open.trim().split("\n")) {
      expect(line).toMatch(/^::(?:error|warning|notice) (?:file=|title=dfwlint)/);
      expect(line).not.toMatch(/^::(?:error|warning|notice)[^:]*::gotcha/);
    }
    expect(comments).toHaveLength(1);
    expect(comments[0]!.body.length).toBeLessThanOrEqual(60_000);
    expect(comments[0]!.body.replaceAll(/(`+)[^\n]*?[^`]\1(?!`)/g, "")).not.toMatch(/@team|<b>/);
  });

  it("has an action.yml that hands every input to the script and every output out of it", async () => {
    const text = readFileSync(join(ROOT, "action.yml"), "utf8");
    const { inputs, outputs, runs } = parse(text) as {
      inputs: Record<string, unknown>;
      outputs: Record<string, { value: string }>;
      runs: { steps: { run: string; env?: Record<string, string> }[] };
    };
    const { env = {} } = runs.steps.at(-1)!;
    const handed = Object.values(env).flatMap((value) => /inputs\.([\w-]+)/.exec(value)?.[1] ?? []);
    expect(handed.toSorted()).toEqual(Object.keys(inputs).toSorted());
    for (const { run } of runs.steps) expect(run).not.toContain("${{");
    const source = readFileSync(join(ROOT, "scripts/action/run.js"), "utf8");
    for (const name of Object.keys(env).filter(
      (key) => key !== "DFWLINT_ACTION" && key.startsWith("DFWLINT_"),
    ))
      expect(source).toContain(`input("${name.replace("DFWLINT_", "")}")`);
    const step = await action(exampleRepository(), { DFWLINT_BASE: "" });
    expect([...step.outputs.keys()].toSorted()).toEqual(Object.keys(outputs).toSorted());
    for (const [name, { value }] of Object.entries(outputs))
      expect(value).toBe(`\${{ steps.run.outputs.${name} }}`);
  });
});

describe("the comment on a merge request of GitLab", () => {
  it("is created, then updated", async () => {
    const cwd = temporaryFolder({ "report.md": "<!-- dfwlint diff -->\nfirst\n" });
    const env = {
      CI_API_V4_URL: `${address}/api/v4`,
      CI_PROJECT_ID: "5",
      CI_MERGE_REQUEST_IID: "6",
      GITLAB_TOKEN: "another-token",
    };
    expect((await script("comment.js", ["report.md"], cwd, env)).stdout).toBe("dfwlint: comment created\n");
    writeFileSync(join(cwd, "report.md"), `<!-- dfwlint diff -->\nsecond\n${"more\n".repeat(20_000)}`);
    expect((await script("comment.js", ["report.md"], cwd, env)).stdout).toBe("dfwlint: comment updated\n");
    expect(comments).toHaveLength(1);
    expect(comments[0]!.body).toContain("second");
    expect(comments[0]!.body.length).toBeLessThan(65_536);
    expect(asked.at(-1)).toEqual({
      method: "PUT",
      url: "/api/v4/projects/5/merge_requests/6/notes/900",
      token: "another-token",
    });
    const none = await script("comment.js", ["report.md"], cwd, { ...env, GITLAB_TOKEN: "" });
    expect(none).toEqual({
      code: 0,
      stdout: "dfwlint: there is no GITLAB_TOKEN that may write notes: no comment\n",
    });
  });

  it("comes from a job that does what the documentation says", async () => {
    const page = readFileSync(join(ROOT, "docs/gitlab.md"), "utf8");
    const [, yaml] = /```yaml\n([\s\S]*?)```/.exec(page)!;
    const { firewall } = parse(yaml!) as { firewall: { script: string[] } };
    const lines = firewall.script
      .filter((line) => !/git clone|npm ci/.test(line))
      .map((line) => line.replaceAll("/opt/dfwlint", ROOT.replace(/\/$/, "")));
    const cwd = exampleRepository();
    const child = spawn("bash", ["-e", "-c", lines.join("\n")], {
      cwd,
      env: {
        ...CLEAN,
        CI_API_V4_URL: `${address}/api/v4`,
        CI_PROJECT_ID: "5",
        CI_MERGE_REQUEST_IID: "6",
        CI_MERGE_REQUEST_DIFF_BASE_SHA: "main",
        GITLAB_TOKEN: "another-token",
      },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const code = await new Promise((resolve) => {
      child.on("close", resolve);
    });
    expect(code).toBe(1);
    expect(readFileSync(join(cwd, "dfwlint.xml"), "utf8")).toContain("<testsuites");
    expect(comments.map(({ body }) => body)).toEqual([readFileSync(join(cwd, "dfwlint.md"), "utf8")]);
  });
});
