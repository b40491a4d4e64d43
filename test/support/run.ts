import { PassThrough, Readable } from "node:stream";
import { main } from "../../src/cli/main.ts";

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Runs a command line in this process, as a terminal without colours would show it. */
export async function run(args: readonly string[], workingDirectory: string, stdin = ""): Promise<Outcome> {
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
  });
  return { stdout: stdout.text(), stderr: stderr.text(), code };
}
