import { FlowAnswerer, type HostQuestion } from "../engine/query.ts";
import type { Input } from "../engine/input.ts";
import type { FlowOutcome } from "../engine/results.ts";
import { FlowError } from "../model/flow.ts";
import { safe } from "../report/safe.ts";
import { answerWriter, type AnswerFormat, type AnswerWriter } from "./answer-writer.ts";
import { fieldsOf, flowLines, valuesOf, type FlowLine, type FlowValues, type Form } from "./flow-list.ts";
import type { Io } from "./io.ts";
import { withOutput, type OutputOptions } from "./output.ts";
import { displayName } from "./read.ts";

export interface FlowsOptions extends OutputOptions {
  /** The list: a file, or `-`. */
  readonly flows: string;
  readonly format: AnswerFormat;
  readonly expect: "accept" | "drop" | "reject" | "deny" | undefined;
}

export interface FlowsOutcome {
  /** True if some line could not be read as a flow; it was said on standard error and in the answers. */
  readonly unreadable: boolean;
  readonly expectationMet: boolean;
}

const MOST_ERRORS_SHOWN = 20;
const WRITE_CHARACTERS = 512 * 1024;

/** Answers each flow of a list as it is read, so that lists may be longer than memory. */
export async function answerFlows(input: Input, options: FlowsOptions, io: Io): Promise<FlowsOutcome> {
  const list = new FlowList(options, io);
  await withOutput(options, io, async (out) => {
    await list.answer(input, answerWriter(options.format, out));
  });
  return list.finish();
}

/** Whose answers are, where there are several sessions. */
export interface AnsweringSession {
  readonly session: string;
  readonly hostOf: (filter: string | null | undefined) => string | null;
}

/** A list that is asked of one session, or of several, each of which reads it again. */
export class FlowList {
  readonly #options: FlowsOptions;
  readonly #io: Io;
  readonly #place: string;
  #errors = 0;
  /** What to say of verdicts that are not as expected, as soon as all else was said. */
  readonly #unmet: string[] = [];
  #isFirst = true;

  constructor(options: FlowsOptions, io: Io) {
    this.#options = options;
    this.#io = io;
    this.#place = displayName(options.flows);
  }

  async answer(input: Input, writer: AnswerWriter, of: AnsweringSession | null = null): Promise<void> {
    const { expect, flows: list } = this.#options;
    const answerer = new LineAnswerer(input, of);
    const session = of === null ? "" : `${of.session}: `;
    let flows = 0;
    let unmet = 0;
    for await (const batch of flowLines(list, this.#io)) {
      for (const flowLine of batch) {
        const outcomes = answerer.answer(flowLine);
        const error = outcomes[0]?.error;
        if (error === undefined) {
          flows += 1;
          if (expect !== undefined && !outcomes.every((outcome) => meets(outcome, expect))) unmet += 1;
        } else if (isOfList(flowLine)) {
          // It is the same for all sessions.
          if (this.#isFirst) this.#sayError(`${this.#place}:${flowLine.line}: ${error}`);
        } else this.#sayError(`${session}${this.#place}:${flowLine.line}: ${error}`);
        for (const outcome of outcomes) writer.add(flowLine, outcome);
      }
      await writer.flush(WRITE_CHARACTERS);
    }
    await writer.flush();
    this.#isFirst = false;
    if (unmet > 0)
      this.#unmet.push(
        `${session}expected ${expect}, but ${unmet} of ${flows} flows do not certainly get it`,
      );
  }

  /** Says what there is to say at the end. */
  finish(): FlowsOutcome {
    if (this.#errors > MOST_ERRORS_SHOWN)
      this.#say(`${this.#place}: and ${this.#errors - MOST_ERRORS_SHOWN} more lines that are no flow`);
    for (const text of this.#unmet) this.#say(text);
    return { unreadable: this.#errors > 0, expectationMet: this.#unmet.length === 0 };
  }

  #sayError(text: string): void {
    this.#errors += 1;
    if (this.#errors <= MOST_ERRORS_SHOWN) this.#say(text);
  }

  #say(text: string): void {
    this.#io.stderr.write(`dfwlint: ${safe(text)}\n`);
  }
}

/** True for what is wrong with a line whatever it is asked of. */
function isOfList(line: FlowLine): boolean {
  return line.form === null && line.error !== undefined;
}

function meets({ verdict, certain }: FlowOutcome, expected: string): boolean {
  return (
    certain && (verdict === expected || (expected === "deny" && (verdict === "drop" || verdict === "reject")))
  );
}

/** Asks lines of a list; what a form asks is worked out once. */
class LineAnswerer {
  readonly #answerer: FlowAnswerer;
  readonly #questions = new Map<Form, HostQuestion | null>();
  readonly #of: AnsweringSession | null;
  /** Outcomes with their session. */
  readonly #owned = new Map<FlowOutcome, FlowOutcome>();

  constructor(input: Input, of: AnsweringSession | null) {
    this.#answerer = of === null ? new FlowAnswerer(input) : new FlowAnswerer(input, { named: true });
    this.#of = of;
  }

  answer(line: FlowLine): readonly FlowOutcome[] {
    const outcomes = this.#answer(line);
    return this.#of === null ? outcomes : outcomes.map((outcome) => this.#ownedBy(this.#of!, outcome));
  }

  #ownedBy({ session, hostOf }: AnsweringSession, outcome: FlowOutcome): FlowOutcome {
    const known = this.#owned.get(outcome);
    if (known !== undefined) return known;
    const owned = { session, host: hostOf(outcome.filter), ...outcome };
    // Errors are as many as there are bad lines.
    if (outcome.error === undefined) this.#owned.set(outcome, owned);
    return owned;
  }

  #answer(line: FlowLine): readonly FlowOutcome[] {
    if (line.form === null)
      return line.error === undefined ? this.#outcomes(line.values) : unreadable(line.error);
    const question = this.#questionOf(line.form);
    const outcomes =
      question === null ? null : this.#answerer.between(line.source, line.destination, question);
    return outcomes ?? this.#outcomes(valuesOf(line));
  }

  #outcomes(values: FlowValues): readonly FlowOutcome[] {
    try {
      return this.#answerer.outcomes(fieldsOf(values));
    } catch (fault) {
      if (!(fault instanceof FlowError)) throw fault;
      return unreadable(`${fault.field}: ${fault.message}`);
    }
  }

  /** Null if there is something wrong with the form, which is said of each of its lines. */
  #questionOf(form: Form): HostQuestion | null {
    const known = this.#questions.get(form);
    if (known !== undefined) return known;
    let question: HostQuestion | null = null;
    try {
      question = this.#answerer.hostQuestion(fieldsOf(form.values));
    } catch (fault) {
      if (!(fault instanceof FlowError)) throw fault;
    }
    this.#questions.set(form, question);
    return question;
  }
}

function unreadable(error: string): readonly FlowOutcome[] {
  return [{ verdict: null, certain: false, rule: null, error }];
}
