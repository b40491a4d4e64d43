import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { TextDecoder } from "node:util";
import { BlockCutter, type Block } from "../../syntax/blocks.ts";
import type { CutFile } from "../../engine/parts/rest.ts";
import { MEBIBYTE, binary, isUtf16, longLine } from "../bytes.ts";
import { UserError, type Io } from "../io.ts";
import { MOST_BYTES, MOST_LINE_BYTES, failure, readTexts } from "../read.ts";

const CHUNK_BYTES = MEBIBYTE;
const ESCAPE = 0x1b;
/** Two a command; a host has some hundred filters. */
const MOST_BLOCKS = 200_000;

/** A session file cut at its prompts; what filters print stays in the file. */
export interface SessionFile extends CutFile {
  readonly path: string;
  readonly bytes: number;
  /** Equal for equal files. */
  readonly identity: string;
  /** All of what can be read once only, such as a pipe; null for a plain file. */
  readonly text: string | null;
}

/**
 * Cuts a file while it is read as a stream.
 * @throws UserError naming the file and what is wrong with it
 */
export async function cutFile(
  name: string,
  io: Io,
  onBytes: (bytes: number) => void = () => {},
): Promise<SessionFile> {
  const path = resolve(io.workingDirectory, name);
  const status = await stat(path).catch((error: unknown) => {
    throw failure(name, error);
  });
  if (!status.isFile()) {
    const text = await wholeText(name, io);
    const blocks = [wholeBlock(text)];
    return { file: name, path, bytes: status.size, blocks, identity: identityOf(blocks), text };
  }
  const cutter = new BlockCutter(() => {
    const hash = createHash("sha256");
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("base64url") };
  });
  const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  let first = true;
  let plain = true;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      onBytes(chunk.length);
      // Colours stand between the characters of a prompt, and other encodings are not cut at bytes.
      plain = !(first && isUtf16(chunk)) && !chunk.includes(ESCAPE);
      if (!plain) break;
      first = false;
      if (chunk.includes(0)) throw binary(name);
      cutter.push(chunk);
      if (cutter.blocks > MOST_BLOCKS)
        throw new UserError(
          `${name}: prints filters more than ${MOST_BLOCKS / 2} times: this is no log of one host`,
        );
      if (cutter.openLine > MOST_LINE_BYTES) throw longLine(name, MOST_LINE_BYTES);
      if (cutter.keptBytes > MOST_BYTES)
        throw new UserError(
          `${name}: holds more than ${MOST_BYTES / MEBIBYTE} MiB that are not the rules or sets of a filter: expected a terminal log with the prompts of vsipioctl`,
        );
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw failure(name, error);
  } finally {
    stream.destroy();
  }
  const blocks = plain ? cutter.end() : [wholeBlock(await wholeText(name, io))];
  return { file: name, path, bytes: status.size, blocks, identity: identityOf(blocks), text: null };
}

async function wholeText(name: string, io: Io): Promise<string> {
  const [read] = await readTexts([name], io);
  return read!.text;
}

/** A file that is not cut: all of it is kept. */
function wholeBlock(text: string): Block {
  const kept = Buffer.from(text);
  return {
    line: 1,
    bodyLine: 1,
    start: 0,
    body: 0,
    end: kept.length,
    head: Buffer.alloc(0),
    filter: null,
    hash: "",
    kept,
  };
}

function identityOf(blocks: readonly Block[]): string {
  const hash = createHash("sha256");
  for (const { head, kept, hash: body } of blocks) {
    hash.update(`${head.length} ${kept?.length ?? body} `);
    hash.update(head);
    if (kept !== null) hash.update(kept);
  }
  return hash.digest("base64url");
}

export function decodeUtf8(bytes: Uint8Array): string {
  // The byte order mark stays, so that places are those of the file.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** The text of a block that was left in its file. */
export async function textOf({ path, file }: SessionFile, block: Block): Promise<string> {
  const bytes = Buffer.alloc(block.end - block.body);
  const handle = await open(path);
  try {
    let read = 0;
    while (read < bytes.length) {
      const { bytesRead } = await handle.read(bytes, read, bytes.length - read, block.body + read);
      if (bytesRead === 0) throw new UserError(`${file}: changed while it was read`);
      read += bytesRead;
    }
  } finally {
    await handle.close();
  }
  if (createHash("sha256").update(bytes).digest("base64url") !== block.hash)
    throw new UserError(`${file}: changed while it was read`);
  return decodeUtf8(bytes);
}
