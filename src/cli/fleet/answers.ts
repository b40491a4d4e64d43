import type { Question } from "../../engine/parts/apart.ts";
import { UserError } from "../io.ts";
import type { PackedAnswer, Job } from "./job.ts";
import type { Pool } from "./pool.ts";

/** So much of what was answered is kept, packed, for sessions that hold the same filters. */
const MOST_BYTES = 256 * 2 ** 20;

/** What is known of an answer beside its packed part, roughly, in bytes. */
const BYTES_A_SET = 200;

/** Asks each question of each text once, as long as the answers fit; the longest unused goes first. */
export class Answers {
  readonly #pool: Pool;
  readonly #known = new Map<string, Promise<PackedAnswer>>();
  readonly #sizes = new Map<string, number>();
  #bytes = 0;
  readonly #texts = new Set<string>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /**
   * @param text - equal for equal texts
   * @param question - equal for equal questions
   */
  async ask(
    { text, question }: { readonly text: string; readonly question: string },
    job: Omit<Job, "question"> & { readonly question: Question },
    file: string,
  ): Promise<PackedAnswer> {
    const key = `${question} ${text}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      this.#known.delete(key);
      this.#known.set(key, known);
      return known;
    }
    this.#texts.add(text);
    const answer = this.#pool.run(job);
    this.#known.set(key, answer);
    const done = await answer;
    if (done.kind === "changed") {
      this.#known.delete(key);
      throw new UserError(`${file}: changed while it was read`);
    }
    this.#keep(key, done);
    return done;
  }

  /** How many different filters were asked. */
  get texts(): number {
    return this.#texts.size;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #keep(key: string, answer: PackedAnswer): void {
    const bytes =
      answer.kind === "apart" ? answer.packed.length + BYTES_A_SET * (answer.facts?.sets.length ?? 0) : 0;
    this.#sizes.set(key, bytes);
    this.#bytes += bytes;
    for (const oldest of this.#known.keys()) {
      if (this.#bytes <= MOST_BYTES) break;
      // What is not answered yet has no size and stays.
      const size = this.#sizes.get(oldest);
      if (size === undefined || oldest === key) continue;
      this.#known.delete(oldest);
      this.#sizes.delete(oldest);
      this.#bytes -= size;
    }
  }
}
