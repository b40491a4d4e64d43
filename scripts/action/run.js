/**
 * The steps of the GitHub Action: lint, then what the change does; annotations, a summary, a comment and an exit code.
 * Inputs come in the environment, as action.yml hands them in, so that it runs anywhere. Needs nothing but node.
 */
import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { comment } from "./comment.js";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const COULD_NOT_RUN = 2;

const { env } = process;
const input = (name) => (env[`DFWLINT_${name}`] ?? "").trim();
const files = input("FILES").split(/\s+/).filter(Boolean);
const common = input("CONFIG") === "" ? [] : ["--config", input("CONFIG")];
const folder = mkdtempSync(join(env.RUNNER_TEMP || tmpdir(), "dfwlint-"));
const codes = { lint: 0, diff: 0 };

const findings = await lint();
const base = input("BASE");
const change = base === "" ? null : await diff(base);
if (base === "") notice("no base revision, as outside of pull requests: only linted");

const code = Math.max(codes.lint, codes.diff);
output({
  "exit-code": code,
  "lint-exit-code": codes.lint,
  "diff-exit-code": base === "" ? "" : codes.diff,
  errors: findings?.error ?? "",
  warnings: findings?.warning ?? "",
  infos: findings?.info ?? "",
  "newly-accepted": change?.summary["newly-accepted"] ?? "",
  "newly-denied": change?.summary["newly-denied"] ?? "",
  equivalent: change?.equivalent ?? "",
  "intent-met": change?.intent?.met ?? "",
  report: change?.report ?? "",
  sarif: findings?.sarif ?? "",
});
process.exitCode = code;

/** Findings as annotations, and as SARIF for a later step to upload. */
async function lint() {
  const failOn = ["--fail-on", input("LINT_FAIL_ON") || "warning"];
  const patterns = files.length === 0 ? [] : await expanded(files);
  const args = ["lint", ...common, ...failOn, "--quiet"];
  const shown = await dfwlint([...args, "--format", "github", "--", ...patterns]);
  codes.lint = shown.code;
  process.stdout.write(shown.stdout);
  said(shown.stderr);
  const counted = await dfwlint([...args, "--format", "json", "--", ...patterns]);
  const sarif = input("SARIF_FILE");
  if (sarif !== "") {
    const { code: wrote, stderr } = await dfwlint([
      ...args,
      "--format",
      "sarif",
      "--output",
      sarif,
      "--",
      ...patterns,
    ]);
    if (wrote === COULD_NOT_RUN && shown.code !== COULD_NOT_RUN) {
      codes.lint = COULD_NOT_RUN;
      said(stderr);
    }
  }
  const summary = parsed(counted.stdout)?.summary;
  return summary === undefined ? null : { ...summary, sarif };
}

/** What the change does: annotations at changed lines, the summary of the job, a comment. */
async function diff(revision) {
  if (revision.startsWith("-")) throw new Error("base: a revision does not begin with a dash");
  fetchRevision(revision);
  const args = ["diff", ...common, "--base", revision, "--quiet"];
  if (input("FAIL_ON") !== "") args.push("--fail-on", input("FAIL_ON"));
  if (input("INTENT") !== "") args.push("--intent", input("INTENT"));
  const shown = await dfwlint([...args, "--format", "github", "--", ...files]);
  codes.diff = shown.code;
  process.stdout.write(shown.stdout);
  said(shown.stderr);
  if (shown.stdout === "" && shown.code === COULD_NOT_RUN) return null;
  const [page, json] = [
    await dfwlint([...args.filter((arg) => arg !== "--quiet"), "--format", "markdown", "--", ...files]),
    await dfwlint([...args, "--format", "json", "--", ...files]),
  ];
  const result = parsed(json.stdout);
  if (result === null || page.stdout === "") return null;
  const report = join(folder, "dfwlint-diff.md");
  writeFileSync(report, page.stdout);
  if (env.GITHUB_STEP_SUMMARY) appendFileSync(env.GITHUB_STEP_SUMMARY, page.stdout);
  if (input("COMMENT") === "true") notice(await comment(page.stdout, env));
  return { ...result, report };
}

/** A checkout for a job holds one commit; the base has to be fetched. */
function fetchRevision(revision) {
  const known = spawnSync("git", [
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${revision}^{commit}`,
  ]);
  if (known.status === 0) return;
  const fetched = spawnSync("git", ["fetch", "--no-tags", "--depth=1", "origin", revision]);
  if (fetched.status !== 0) notice(`git could not fetch ${revision}`);
}

/** Globs, as git sees them; dfwlint's own lint takes names of files. */
async function expanded(patterns) {
  const names = [];
  for (const pattern of patterns) {
    const listed = spawnSync("git", ["ls-files", "-z", "--", `:(glob)${pattern}`], { encoding: "utf8" });
    const found = (listed.stdout ?? "").split("\0").filter(Boolean);
    names.push(...(found.length === 0 ? [pattern] : found));
  }
  return [...new Set(names)];
}

function dfwlint(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const chunks = { stdout: [], stderr: [] };
    child.stdout.on("data", (chunk) => chunks.stdout.push(chunk));
    child.stderr.on("data", (chunk) => chunks.stderr.push(chunk));
    child.on("error", reject);
    child.on("close", (exit) =>
      resolve({
        code: exit ?? COULD_NOT_RUN,
        stdout: Buffer.concat(chunks.stdout).toString("utf8"),
        stderr: Buffer.concat(chunks.stderr).toString("utf8"),
      }),
    );
  });
}

/** What dfwlint says for people must not be read as commands of the runner, whatever a dump holds. */
function said(text) {
  if (text === "") return;
  const token = randomUUID();
  process.stdout.write(`::stop-commands::${token}\n${text.replace(/\n?$/, "\n")}::${token}::\n`);
}

function notice(text) {
  const data = text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  process.stdout.write(`::notice title=dfwlint::${data}\n`);
}

function output(values) {
  if (!env.GITHUB_OUTPUT) return;
  const lines = Object.entries(values).map(
    ([name, value]) => `${name}=${String(value).replaceAll("\n", " ")}\n`,
  );
  appendFileSync(env.GITHUB_OUTPUT, lines.join(""));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
