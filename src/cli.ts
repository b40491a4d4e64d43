#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { isMainThread, workerData } from "node:worker_threads";
import { EXIT_COULD_NOT_RUN, faultOf } from "./cli/io.ts";
import { main } from "./cli/main.ts";

// A large session is read in several threads, which are this program again.
if (!isMainThread && workerData === "dfwlint-thread") (await import("./cli/fleet/thread.ts")).serve();
else await start();

async function start(): Promise<void> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough, such as head, is no error.
    if (error.code === "EPIPE") process.exit();
    process.stderr.write(`dfwlint: standard output: ${faultOf(error)}\n`);
    process.exit(EXIT_COULD_NOT_RUN);
  });
  process.stderr.on("error", () => {
    // Whoever closed it does not want to read it.
  });

  try {
    process.exitCode = await main(process.argv.slice(2), {
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
      workingDirectory: process.cwd(),
      program: fileURLToPath(import.meta.url),
      now: new Date(),
    });
  } catch (error) {
    // A mistake of dfwlint's own: it must not look like findings.
    process.stderr.write(
      `dfwlint: internal error, please report it: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = EXIT_COULD_NOT_RUN;
  }
}
