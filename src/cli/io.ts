import type { Readable, Writable } from "node:stream";

/** The outside world, handed in by `cli.ts`, which alone touches the process. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
}

export const EXIT_OK = 0;
/** Findings, or an expectation that is not met. */
export const EXIT_FOUND = 1;
export const EXIT_COULD_NOT_RUN = 2;

/** Something that the user can put right: one line, no stack. */
export class UserError extends Error {}

/** Writes and waits until the stream wants more. */
export async function write(stream: Writable, text: string): Promise<void> {
  if (text === "" || stream.write(text)) return;
  await new Promise<void>((resolve) => {
    stream.once("drain", resolve);
    stream.once("close", resolve);
  });
}
