import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, expect, jest } from "@jest/globals";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { dfwlint } from "../cli/dfwlint.ts";

/** A browser for all tests of a file, and pages that must neither complain nor ask anybody for anything. */

/** A browser on a busy machine is slow; no test is about time. */
const PATIENCE = 300_000;
jest.setTimeout(PATIENCE);

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});

afterAll(async () => {
  await browser.close();
});

const complaints: string[] = [];

afterEach(() => {
  expect(complaints.splice(0)).toEqual([]);
});

/** For a test that provokes them. */
export function takeComplaints(): string[] {
  return complaints.splice(0);
}

/** Writes the report of the files in a folder and gives its path. */
export async function writeReport(cwd: string, files: readonly string[] = ["rules.txt"]): Promise<string> {
  const { stdout, stderr, code } = await dfwlint(
    ["lint", "--format", "html", "--output", "report.html", "--fail-on", "never", ...files],
    { cwd },
  );
  expect({ stdout, stderr, code }).toEqual({ stdout: "", stderr: "", code: 0 });
  return join(cwd, "report.html");
}

export async function openReport(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const url = pathToFileURL(path).href;
  context.on("request", (request) => {
    if (request.url().split("#")[0] !== url) complaints.push(`asks for ${request.url()}`);
  });
  page.on("console", (message) => complaints.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url);
  return page;
}
