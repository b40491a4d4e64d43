import { PassThrough, Readable } from "node:stream";
// What the command line loads as it is needed, several modules at a time: jest's loader can only do that once they are
// loaded.
import "../../src/cli/baseline-file.ts";
import "../../src/cli/configuration.ts";
import "../../src/cli/findings.ts";
import "../../src/cli/fleet/ask.ts";
import "../../src/cli/fleet/flows.ts";
import "../../src/cli/fleet/host.ts";
import "../../src/cli/fleet/lint.ts";
import "../../src/cli/fleet/path.ts";
import "../../src/cli/fleet/sessions.ts";
import "../../src/cli/flows.ts";
import "../../src/cli/policy.ts";
import "../../src/cli/read.ts";
import "../../src/cli/sessions.ts";
import "../../src/engine/configuration/in-force.ts";
import "../../src/engine/configuration/lint-options.ts";
import "../../src/engine/configuration/read.ts";
import "../../src/engine/configuration/template.ts";
import "../../src/cli/intent.ts";
import "../../src/cli/policies.ts";
import "../../src/engine/capture.ts";
import "../../src/engine/collect-script.ts";
import "../../src/engine/diff.ts";
import "../../src/engine/explain.ts";
import "../../src/engine/host.ts";
import "../../src/engine/intent/read.ts";
import "../../src/engine/textconv.ts";
import "../../src/report/compact-diff.ts";
import "../../src/report/compact-path.ts";
import "../../src/report/github-diff.ts";
import "../../src/report/markdown-diff.ts";
import "../../src/report/markdown-host.ts";
import "../../src/report/markdown-path.ts";
import "../../src/report/pretty/diff.ts";
import "../../src/report/pretty/host.ts";
import "../../src/report/pretty/path.ts";
import "../../src/engine/lint.ts";
import "../../src/engine/path/captures.ts";
import "../../src/engine/path/path.ts";
import "../../src/engine/policy/read.ts";
import "../../src/engine/policy/test.ts";
import "../../src/engine/query.ts";
import "../../src/engine/report.ts";
import "../../src/engine/rules.ts";
import "../../src/engine/select.ts";
import "../../src/engine/try.ts";
import "../../src/report/compact.ts";
import "../../src/report/github.ts";
import "../../src/report/json.ts";
import "../../src/report/junit.ts";
import "../../src/report/markdown.ts";
import "../../src/report/ndjson.ts";
import "../../src/report/pretty/query.ts";
import "../../src/report/html/page.ts";
import "../../src/report/pretty/configuration.ts";
import "../../src/report/pretty/explain.ts";
import "../../src/report/pretty/lint.ts";
import "../../src/report/pretty/query.ts";
import "../../src/report/pretty/rules.ts";
import "../../src/report/pretty/try.ts";
import "../../src/report/pretty/test.ts";
import "../../src/report/sarif.ts";
import "../../src/report/test/compact.ts";
import "../../src/report/test/junit.ts";
import "../../src/report/test/markdown.ts";
import "../../src/report/test/sarif.ts";
import { main } from "../../src/cli/main.ts";

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Suppressions expire: for tests it is always this day, wherever they run. */
export const TODAY = "2025-06-15";

/** Runs a command line in this process, as a terminal without colours would show it. */
export async function run(
  args: readonly string[],
  workingDirectory: string,
  stdin = "",
  today = TODAY,
): Promise<Outcome> {
  const collect = (): { stream: PassThrough; text: () => string } => {
    const stream = new PassThrough();
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    return { stream, text: () => Buffer.concat(chunks).toString("utf8") };
  };
  const stdout = collect();
  const stderr = collect();
  const code = await main(args, {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: {},
    workingDirectory,
    now: new Date(`${today}T12:00:00`),
  });
  return { stdout: stdout.text(), stderr: stderr.text(), code };
}
