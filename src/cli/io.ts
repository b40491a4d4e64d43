import type { Readable, Writable } from "node:stream";

/** The outside world, handed in by `cli.ts`, which alone touches the process. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** The file of this program, which threads are started with; undefined where there can be none. */
  readonly program?: string;
  readonly now: Date;
}

/** The configuration file. */
export const FILE_NAME = "dfwlint.yaml";

export const EXIT_OK = 0;
/** Findings, or an expectation that is not met. */
export const EXIT_FOUND = 1;
export const EXIT_COULD_NOT_RUN = 2;

/** Something that the user can put right: one line, no stack. */
export class UserError extends Error {}

/** Something to be put right in a text, shown with its lines; `text` is fit for a terminal as it is. */
export class FramedError extends UserError {
  readonly text: string;

  constructor(text: string) {
    super(text);
    this.text = text;
  }
}

/** A file that was named and is not there. */
export class MissingFile extends UserError {
  readonly file: string;

  constructor(file: string) {
    super(`${file}: no such file`);
    this.file = file;
  }
}

/** An error of the file system in words, without its code and path. */
export function faultOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
      return "no such file or directory";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "permission denied";
    case "EISDIR":
      return "is a directory";
    case "ENOTDIR":
      return "a part of its path is no directory";
    case "ENAMETOOLONG":
      return "the name is too long";
    case "ENOSPC":
      return "no space left on device";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** Writes and waits until the stream wants more. */
export async function write(stream: Writable, text: string): Promise<void> {
  if (text === "" || stream.write(text)) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      stream.off("drain", go);
      stream.off("close", go);
      resolve();
    };
    stream.on("drain", go);
    stream.on("close", go);
  });
}
