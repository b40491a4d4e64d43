import { LineIndex } from "../../syntax/lines.ts";
import { decodeUtf8, type SessionFile } from "./cut.ts";
import { bytesOf } from "./job.ts";

/** So many blocks are held: a frame shows lines of the rules and of the sets. */
const MOST_HELD = 4;

/** Lines of session files for code frames; blocks are read again as they are needed. */
export class FileLines {
  readonly #files: ReadonlyMap<string, SessionFile>;
  readonly #held = new Map<string, LineIndex>();

  constructor(files: readonly SessionFile[]) {
    this.#files = new Map(files.map((file) => [file.file, file]));
  }

  /** Empty if there is no such line. */
  line(name: string, number: number): string {
    const file = this.#files.get(name);
    if (file === undefined) return "";
    const { blocks, path } = file;
    const at = blocks.findLastIndex(({ line }) => line <= number);
    const block = blocks[at];
    if (block === undefined) return "";
    const { head, bodyLine, kept, body, end } = block;
    if (number < bodyLine) return new LineIndex(decodeUtf8(head)).line(1);
    const key = `${at} ${name}`;
    let index = this.#held.get(key);
    if (index === undefined) {
      index = new LineIndex(decodeUtf8(kept ?? bytesOf(path, body, end) ?? new Uint8Array(0)));
    }
    this.#held.delete(key);
    this.#held.set(key, index);
    if (this.#held.size > MOST_HELD) this.#held.delete([...this.#held.keys()][0]!);
    return index.line(number - bodyLine + 1);
  }
}
