import { counted } from "../../report/words.ts";
import type { Io } from "../io.ts";

const FIRST_AFTER_MILLISECONDS = 700;
const AGAIN_AFTER_MILLISECONDS = 200;
/** Before so much is done, nobody knows how long the rest takes. */
const LEAST_SHARE = 0.02;

/** How far the reading of a fleet is, on one line of the terminal that standard error is. */
export class FleetProgress {
  readonly #io: Io;
  readonly #shows: boolean;
  readonly #sessions: number;
  readonly #bytes: number;
  readonly #start = performance.now();
  #next = this.#start + FIRST_AFTER_MILLISECONDS;
  #shown = false;
  #sessionsDone = 0;
  #together = false;
  #bytesDone = 0;
  /** Of the session at hand: its size, and how much of it is done. */
  #size = 0;
  #share = 0;

  constructor(io: Io, quiet: boolean, sessions: number, bytes: number) {
    this.#io = io;
    this.#shows = !quiet && io.stderr.isTTY === true;
    this.#sessions = sessions;
    this.#bytes = Math.max(1, bytes);
  }

  begin(bytes: number): void {
    this.#size = bytes;
    this.#share = 0;
    this.#show();
  }

  /** All sessions are read as one. */
  beginAll(): void {
    this.#together = true;
    this.begin(this.#bytes);
  }

  filters(done: number, total: number): void {
    this.#share = done / Math.max(1, total);
    this.#show(`, ${done} of ${total} filters`);
  }

  finish(): void {
    this.#sessionsDone += 1;
    this.#bytesDone += this.#size;
    this.#size = 0;
    this.#show();
  }

  /** Clears the line, before something else is written or at the end. */
  clear(): void {
    if (this.#shown) this.#io.stderr.write("\r\u001b[K");
    this.#shown = false;
  }

  #show(more = ""): void {
    if (!this.#shows) return;
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + AGAIN_AFTER_MILLISECONDS;
    const share = (this.#bytesDone + this.#share * this.#size) / this.#bytes;
    const of =
      this.#together || this.#sessions === 1
        ? counted(this.#sessions, "session")
        : `${this.#sessionsDone} of ${this.#sessions} sessions`;
    const left =
      share < LEAST_SHARE ? "" : `, about ${timeText(((now - this.#start) * (1 - share)) / share)} left`;
    this.#io.stderr.write(`\r\u001b[Kdfwlint: ${of}${more}${left}`);
    this.#shown = true;
  }
}

function timeText(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
