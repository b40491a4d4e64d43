import { FlowAnswerer, type HostQuestion } from "../engine/query.ts";
import type { Input } from "../engine/input.ts";
import type { FlowOutcome } from "../engine/results.ts";
import { FlowError } from "../model/flow.ts";
import { safe } from "../report/safe.ts";
import { answerWriter } from "./answer-writer.ts";
import { fieldsOf, flowLines, valuesOf, type FlowLine, type FlowValues, type Form } from "./flow-list.ts";
import type { Io } from "./io.ts";
import { withOutput, type OutputOptions } from "./output.ts";
import { displayName } from "./read.ts";

export interface FlowsOptions extends OutputOptions {
  /** The list: a file, or `-`. */
  readonly flows: string;
  readonly format: "pretty" | "compact" | "ndjson" | "csv";
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
  let errors = 0;
  let flows = 0;
  let unmet = 0;
  const say = (text: string): void => {
    io.stderr.write(`dfwlint: ${safe(text)}\n`);
  };
  const place = displayName(options.flows);
  await withOutput(options, io, async (out) => {
    const answerer = new LineAnswerer(input);
    const writer = answerWriter(options.format, out);
    for await (const batch of flowLines(options.flows, io)) {
      for (const flowLine of batch) {
        const outcomes = answerer.answer(flowLine);
        const [{ error }] = outcomes as [FlowOutcome];
        if (error === undefined) {
          flows += 1;
          if (options.expect !== undefined && !outcomes.every((outcome) => meets(outcome, options.expect!)))
            unmet += 1;
        } else {
          errors += 1;
          if (errors <= MOST_ERRORS_SHOWN) say(`${place}:${flowLine.line}: ${error}`);
        }
        for (const outcome of outcomes) writer.add(flowLine, outcome);
      }
      await writer.flush(WRITE_CHARACTERS);
    }
    await writer.flush();
  });
  if (errors > MOST_ERRORS_SHOWN)
    say(`${place}: and ${errors - MOST_ERRORS_SHOWN} more lines that are no flow`);
  if (unmet > 0) say(`expected ${options.expect}, but ${unmet} of ${flows} flows do not certainly get it`);
  return { unreadable: errors > 0, expectationMet: unmet === 0 };
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

  constructor(input: Input) {
    this.#answerer = new FlowAnswerer(input);
  }

  answer(line: FlowLine): readonly FlowOutcome[] {
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
