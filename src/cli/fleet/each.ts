import { readInput, type Input, type SourceText } from "../../engine/input.ts";
import { SelectionError, select } from "../../engine/select.ts";
import { FlowError } from "../../model/flow.ts";
import { readHosts, type Host } from "../../model/host.ts";
import { safe } from "../../report/safe.ts";
import { UserError, type Io } from "../io.ts";
import { narrowing, readTexts, sayFaults, type PlannedInput } from "../read.ts";
import { partsOf } from "../../engine/parts/session.ts";
import { Answers } from "./answers.ts";
import { decodeUtf8, cutFile, type SessionFile } from "./cut.ts";
import { startPool } from "./pool.ts";
import { FleetProgress } from "./progress.ts";
import { openSession, type OpenSession, type SessionOptions } from "./session.ts";
import { sessionsOf, type FleetSession } from "./sessions.ts";

/** The sessions of an input, one after the other, so that memory is bounded by the largest. */

export interface FleetOptions {
  readonly output: string | undefined;
  readonly quiet: boolean;
  readonly vm: readonly string[] | undefined;
  readonly filter: string | undefined;
  readonly budget: number | undefined;
}

export type SessionOutcome<Open> =
  | { readonly kind: "open"; readonly files: readonly SessionFile[]; readonly open: Open }
  /** The file has the same bytes as one that was told before. */
  | {
      readonly kind: "same";
      readonly names: readonly string[];
      readonly hosts: readonly (string | null)[];
      readonly as: string;
    }
  | { readonly kind: "error"; readonly names: readonly string[]; readonly error: string };

/** A session that was read at once. */
export interface WholeSession {
  readonly input: Input;
  readonly hosts: readonly Host[];
}

export class Fleet {
  readonly answers: Answers;
  readonly sessions: readonly FleetSession[];
  /** True if each file is a session. */
  readonly isFleet: boolean;
  /** True once something could not be answered; the reasons are on standard error. */
  incomplete = false;
  readonly #options: FleetOptions;
  readonly #io: Io;
  readonly #cut: readonly SessionFile[] | null;
  readonly #progress: FleetProgress;
  readonly #unasked = new Map<string, FlowError>();

  private constructor(
    { kind }: PlannedInput,
    options: FleetOptions,
    io: Io,
    sessions: readonly FleetSession[],
    cut: readonly SessionFile[] | null,
  ) {
    this.isFleet = kind === "fleet";
    this.#options = options;
    this.#io = io;
    this.sessions = sessions;
    this.#cut = cut;
    this.answers = new Answers(startPool(io));
    this.#progress = new FleetProgress(
      io,
      options.quiet,
      sessions.length,
      sessions.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }

  /** Null for an input that is best read at once: one filter alone. */
  static async of(planned: PlannedInput, options: FleetOptions, io: Io): Promise<Fleet | null> {
    const sessions = await sessionsOf(planned, options.output, io);
    // Says what is wrong with the options before anything is read.
    await narrowing(options);
    if (planned.kind === "fleet") return new Fleet(planned, options, io, sessions, null);
    const cut = await cutAll(sessions[0]!, io);
    return partsOf(cut, decodeUtf8).length < 2 ? null : new Fleet(planned, options, io, sessions, cut);
  }

  async close(): Promise<void> {
    this.#progress.clear();
    await this.answers.close();
  }

  /** Before something is written where the progress is shown. */
  clear(): void {
    this.#progress.clear();
  }

  /**
   * @param once - whether a file with the bytes of another is told as such
   * @throws UserError if nothing can be said at all
   */
  each(question: SessionOptions["question"], once: boolean): AsyncGenerator<SessionOutcome<OpenSession>> {
    const { vm, filter, budget } = this.#options;
    return this.#each(once, async (files) => {
      const open = await openSession(files, this.answers, {
        selection: { vm, filter },
        budget,
        question,
        onFilter: (done, total) => {
          this.#progress.filters(done, total);
        },
      });
      return { open, input: open.session.input, hosts: open.session.hosts };
    });
  }

  /**
   * For many questions: filters are read with their session, and not apart.
   * @throws UserError if nothing can be said at all
   */
  eachWhole(): AsyncGenerator<SessionOutcome<WholeSession>> {
    const { vm, filter } = this.#options;
    return this.#each(true, async (files) => {
      const texts: SourceText[] = [];
      for (const { file, text } of files)
        texts.push(...(text === null ? await readTexts([file], this.#io) : [{ file, text }]));
      const whole = readInput(texts);
      const hosts = readHosts(whole.dumps, whole.model);
      const input = vm === undefined && filter === undefined ? whole : select(whole, { vm, filter });
      return { open: { input, hosts }, input, hosts };
    });
  }

  async *#each<Open>(
    once: boolean,
    read: (
      files: readonly SessionFile[],
    ) => Promise<{ readonly open: Open; readonly input: Input; readonly hosts: readonly Host[] }>,
  ): AsyncGenerator<SessionOutcome<Open>> {
    const left: SelectionError[] = [];
    let opened = 0;
    const told = new Map<string, { readonly file: string; readonly hosts: readonly (string | null)[] }>();
    for (const { names, bytes } of this.sessions) {
      this.#progress.begin(bytes);
      try {
        const files = this.#cut ?? (await cutAll({ names, bytes }, this.#io));
        const identity = files.map((file) => file.identity).join(" ");
        const before = told.get(identity);
        if (once && before !== undefined) {
          yield { kind: "same", names, hosts: before.hosts, as: before.file };
          continue;
        }
        const { open, input, hosts } = await read(files);
        opened += 1;
        // Nobody asks again, and what threads hold is as much as what is to be written.
        if (this.sessions.length === 1) await this.answers.close();
        this.#progress.clear();
        if (sayFaults(input, this.#io, this.isFleet ? names[0]! : null)) this.incomplete = true;
        told.set(identity, { file: names[0]!, hosts: hosts.map(({ name }) => name) });
        yield { kind: "open", files, open };
      } catch (error) {
        if (this.sessions.length > 1 && error instanceof SelectionError) {
          // The machine is on another host.
          left.push(error);
          continue;
        }
        if (error instanceof FlowError) {
          this.unasked(names, error);
          continue;
        }
        if (error instanceof SelectionError) throw new UserError(`--${error.option}: ${error.message}`);
        if (!(error instanceof UserError) || !this.isFleet) throw error;
        this.#progress.clear();
        this.incomplete = true;
        this.#io.stderr.write(`dfwlint: ${safe(error.message)}\n`);
        yield { kind: "error", names, error: error.message };
      } finally {
        this.#progress.finish();
      }
    }
    const [first] = left;
    if (first !== undefined && opened === 0) {
      throw new UserError(
        `--${first.option}: in none of the ${this.sessions.length} sessions: ${first.message}`,
      );
    }
    this.#tellUnasked(opened);
  }

  /** Of a session that does not know what the flow names. */
  unasked(names: readonly string[], error: FlowError): void {
    this.#unasked.set(names[0]!, error);
  }

  /** @throws FlowError if no session could be asked */
  #tellUnasked(opened: number): void {
    const [first] = this.#unasked.values();
    if (first === undefined) return;
    if (!this.isFleet || this.#unasked.size >= Math.max(opened, this.sessions.length)) throw first;
    this.clear();
    this.incomplete = true;
    for (const [file, { message }] of this.#unasked)
      this.#io.stderr.write(`dfwlint: ${safe(`${file}: ${message}`)}\n`);
  }
}

async function cutAll({ names }: FleetSession, io: Io): Promise<SessionFile[]> {
  const files: SessionFile[] = [];
  for (const name of names) files.push(await cutFile(name, io));
  return files;
}
