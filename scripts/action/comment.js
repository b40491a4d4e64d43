/**
 * Posts a report on a pull request of GitHub or a merge request of GitLab, once: a later run finds the comment by its
 * first line and updates it. Needs nothing but node.
 *
 *   node comment.js REPORT.md
 *
 * What it posts on and as whom, the environment says, as both set it for their jobs.
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** The first line of the report. */
const MARK = "<!-- dfwlint diff -->";
/** GitHub takes 65,536 characters. */
const MOST_CHARACTERS = 65_000;
const PAGE = 100;
const MOST_PAGES = 50;
const TIMEOUT = 30_000;

/**
 * @typedef {object} Target
 * @property {string} comments the address of the list of comments
 * @property {(id: number) => string} comment the address of one
 * @property {"PATCH" | "PUT"} update
 * @property {Record<string, string>} headers
 */

/**
 * Where to post; a text says why nowhere.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Target | string}
 */
export function targetOf(env) {
  if (env.CI_MERGE_REQUEST_IID) {
    if (!env.GITLAB_TOKEN) return "there is no GITLAB_TOKEN that may write notes: no comment";
    const comments = `${env.CI_API_V4_URL}/projects/${encodeURIComponent(env.CI_PROJECT_ID ?? "")}/merge_requests/${env.CI_MERGE_REQUEST_IID}/notes`;
    return {
      comments,
      comment: (id) => `${comments}/${id}`,
      update: "PUT",
      headers: { "private-token": env.GITLAB_TOKEN },
    };
  }
  const number = pullRequestOf(env);
  if (number === null) return "this is no pull request: no comment";
  if (!env.GITHUB_TOKEN) return "there is no token: no comment";
  const repository = `${env.GITHUB_API_URL || "https://api.github.com"}/repos/${env.GITHUB_REPOSITORY}`;
  return {
    comments: `${repository}/issues/${number}/comments`,
    comment: (id) => `${repository}/issues/comments/${id}`,
    update: "PATCH",
    headers: {
      authorization: `Bearer ${env.GITHUB_TOKEN}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
    },
  };
}

/** @param {NodeJS.ProcessEnv} env */
function pullRequestOf(env) {
  if (!env.GITHUB_EVENT_PATH) return null;
  try {
    const event = JSON.parse(readFileSync(env.GITHUB_EVENT_PATH, "utf8"));
    const number = event.pull_request?.number;
    return Number.isSafeInteger(number) ? number : null;
  } catch {
    return null;
  }
}

/**
 * Creates the comment, or updates it.
 * @param {string} report
 * @param {Target} target
 * @returns {Promise<"created" | "updated">}
 */
export async function post(report, target) {
  if (!report.startsWith(MARK)) throw new Error("the report is none of dfwlint diff --format markdown");
  const known = await find(target);
  const body = JSON.stringify({ body: shortened(report) });
  if (known === null) await request("POST", target.comments, target, body);
  else await request(target.update, target.comment(known), target, body);
  return known === null ? "created" : "updated";
}

/**
 * The comment of an earlier run. Anybody can write its first line, so one of a program goes before one of a person.
 * @param {Target} target
 * @returns {Promise<number | null>}
 */
async function find(target) {
  let found = null;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const list = await request("GET", `${target.comments}?per_page=${PAGE}&page=${page}`, target);
    if (!Array.isArray(list)) throw new Error("the list of comments is no list");
    for (const { id, body, user, author } of list) {
      if (typeof body !== "string" || !body.startsWith(MARK)) continue;
      if (user?.type === "Bot" || author?.bot === true) return id;
      found ??= id;
    }
    if (list.length < PAGE) break;
  }
  return found;
}

/** @param {string} report */
function shortened(report) {
  if (report.length <= MOST_CHARACTERS) return report;
  const end = report.lastIndexOf("\n", MOST_CHARACTERS);
  return `${report.slice(0, end > 0 ? end : MOST_CHARACTERS)}\n\nThe rest does not fit into a comment.\n`;
}

/**
 * @param {string} method
 * @param {string} url
 * @param {Target} target
 * @param {string} [body]
 */
async function request(method, url, { headers }, body) {
  const response = await fetch(url, {
    method,
    headers: { "user-agent": "dfwlint", "content-type": "application/json", ...headers },
    signal: AbortSignal.timeout(TIMEOUT),
    ...(body === undefined ? {} : { body }),
  });
  if (!response.ok) throw new Error(`${method} of the comment was answered with ${response.status}`);
  return response.json();
}

/**
 * What became of it, in words. That it could not be posted fails nothing: a fork's token may only read.
 * @param {string} report
 * @param {NodeJS.ProcessEnv} env
 */
export async function comment(report, env) {
  const target = targetOf(env);
  if (typeof target === "string") return target;
  try {
    return `comment ${await post(report, target)}`;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = / 40[134]$/.test(reason) ? ": the token may not write comments, as on a fork" : "";
    return `no comment, because ${reason}${hint}`;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [, , file] = process.argv;
  if (file === undefined) {
    console.error("usage: node comment.js REPORT.md");
    process.exitCode = 2;
  } else console.log(`dfwlint: ${await comment(readFileSync(file, "utf8"), process.env)}`);
}
