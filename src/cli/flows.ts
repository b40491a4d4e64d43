import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { parse as parseCsv } from "csv-parse";
import { stringify as stringifyCsv } from "csv-stringify/sync";
import { answerFlow } from "../engine/query.ts";
import type { Input } from "../engine/input.ts";
import type { FlowAnswer } from "../engine/results.ts";
import { FLOW_FIELDS, FlowError, closest, type FlowFields } from "../model/flow.ts";
import { compactFlow } from "../report/compact.ts";
import { safe, safeJson } from "../report/safe.ts";
import { UserError, write, type Io } from "./io.ts";
import { withOutput, type OutputOptions } from "./output.ts";

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

/** A line of the list as it stands there, with its number counted from 1. */
interface FlowLine {
  readonly line: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Beside the fields of a flow, a list may name its lines. */
const NAME_FIELD = "name";
const MOST_ERRORS_SHOWN = 20;

/** Answers each flow of a list as it is read, so that lists may be longer than memory. */
export async function answerFlows(input: Input, options: FlowsOptions, io: Io): Promise<FlowsOutcome> {
  let errors = 0;
  let expectationMet = true;
  await withOutput(options, io, async (out) => {
    const writer = new AnswerWriter(options.format, out);
    for await (const flowLine of flowLines(options.flows, io)) {
      const answers = answerLine(input, flowLine);
      for (const answer of answers) {
        if (answer.error !== undefined) {
          errors += 1;
          if (errors <= MOST_ERRORS_SHOWN) io.stderr.write(`dfwlint: ${safe(`${options.flows}:${flowLine.line}: ${answer.error}`)}\n`);
        } else if (options.expect !== undefined && !meets(answer, options.expect)) expectationMet = false;
        await writer.add(answer);
      }
    }
    await writer.end();
  });
  if (errors > MOST_ERRORS_SHOWN) io.stderr.write(`dfwlint: and ${errors - MOST_ERRORS_SHOWN} more lines that are no flow\n`);
  return { unreadable: errors > 0, expectationMet };
}

function meets({ verdict, certain }: FlowAnswer, expected: string): boolean {
  return certain && (verdict === expected || (expected === "deny" && (verdict === "drop" || verdict === "reject")));
}

function answerLine(input: Input, { values }: FlowLine): FlowAnswer[] {
  try {
    return answerFlow(input, values, fieldsOf(values));
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    return [{ flow: values, verdict: null, certain: false, rule: null, error: `${error.field}: ${error.message}` }];
  }
}

/** @throws FlowError for a value that is neither text nor a number */
function fieldsOf(values: Readonly<Record<string, unknown>>): FlowFields {
  const fields: Partial<Record<keyof FlowFields, string>> = {};
  for (const field of FLOW_FIELDS) {
    const value = values[field];
    if (value === undefined || value === null || value === "") continue;
    if (typeof value !== "string" && typeof value !== "number") {
      throw new FlowError(field, "expected text, a number or null");
    }
    fields[field] = String(value);
  }
  return fields;
}

async function* flowLines(name: string, io: Io): AsyncGenerator<FlowLine> {
  const stream = name === "-" ? io.stdin : createReadStream(resolve(io.workingDirectory, name));
  try {
    const lines = createInterface({ input: stream, crlfDelay: Infinity })[Symbol.asyncIterator]();
    let number = 0;
    let first = await lines.next();
    while (first.done !== true && first.value.replace(/^\ufeff/, "").trim() === "") {
      number += 1;
      first = await lines.next();
    }
    if (first.done === true) throw new UserError(`${safe(name)}: holds no flows`);
    const rest = (async function* all(): AsyncGenerator<string> {
      yield (first.value as string).replace(/^\ufeff/, "");
      for (let next = await lines.next(); next.done !== true; next = await lines.next()) yield next.value;
    })();
    const isJson = (first.value as string).replace(/^\ufeff/, "").trimStart().startsWith("{");
    yield* isJson ? jsonLines(name, rest, number) : csvLines(name, rest, number);
  } catch (error) {
    if (error instanceof UserError || (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new UserError(`${safe(name)}: ${(error as Error).message}`);
  } finally {
    (stream as Readable).destroy();
  }
}

async function* jsonLines(name: string, lines: AsyncIterable<string>, before: number): AsyncGenerator<FlowLine> {
  let line = before;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new UserError(`${safe(name)}:${line}: is not JSON: expected one object a line`);
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new UserError(`${safe(name)}:${line}: expected an object with the fields of a flow`);
    }
    for (const field of Object.keys(value)) checkField(field, `${name}:${line}`);
    yield { line, values: value as Record<string, unknown> };
  }
}

async function* csvLines(name: string, lines: AsyncIterable<string>, before: number): AsyncGenerator<FlowLine> {
  const parser = parseCsv({
    columns: (header: string[]) => {
      const fields = header.map((field) => field.trim());
      for (const field of fields) checkField(field, `${name}:${before + 1}`);
      return fields;
    },
    trim: true,
    skip_empty_lines: true,
    info: true,
    max_record_size: 100_000,
  });
  void (async () => {
    for await (const text of lines) if (!parser.write(`${text}\n`)) await new Promise((go) => parser.once("drain", go));
    parser.end();
  })().catch((error: unknown) => parser.destroy(error as Error));
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>) {
      yield { line: before + info.lines, values: record };
    }
  } catch (error) {
    if (error instanceof UserError || !String((error as { code?: string }).code).startsWith("CSV_")) throw error;
    throw new UserError(`${safe(name)}: ${safe((error as Error).message)}`);
  }
}

function checkField(field: string, place: string): void {
  if (field === NAME_FIELD || FLOW_FIELDS.some((known) => known === field)) return;
  throw new UserError(
    `${safe(place)}: "${safe(field)}" is not a field of a flow${closest(field, FLOW_FIELDS)}: expected ${FLOW_FIELDS.join(", ")}`,
  );
}

/** Collects lines into larger writes. */
class AnswerWriter {
  readonly #format: FlowsOptions["format"];
  readonly #out: Writable;
  #text = "";
  #first = true;

  constructor(format: FlowsOptions["format"], out: Writable) {
    this.#format = format;
    this.#out = out;
  }

  async add(answer: FlowAnswer): Promise<void> {
    this.#text += this.#line(answer);
    this.#first = false;
    if (this.#text.length > 65_536) await this.#flush();
  }

  async end(): Promise<void> {
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const text = this.#text;
    this.#text = "";
    await write(this.#out, text);
  }

  #line(answer: FlowAnswer): string {
    switch (this.#format) {
      case "ndjson":
        return `${safeJson(answer)}\n`;
      case "csv":
        return stringifyCsv([csvRow(answer)], { header: this.#first, columns: CSV_COLUMNS, escape_formulas: true });
      case "pretty":
      case "compact":
        return compactFlow(answer);
    }
  }
}

const CSV_COLUMNS = [
  NAME_FIELD,
  ...FLOW_FIELDS,
  "verdict",
  "certain",
  "filter",
  "ruleset",
  "category",
  "ruleId",
  "position",
  "file",
  "line",
  "error",
];

function csvRow({ flow, verdict, certain, rule, filter, error }: FlowAnswer): Record<string, string> {
  const values = {
    ...flow,
    verdict,
    certain,
    filter: filter ?? rule?.filter,
    ruleset: rule?.ruleset,
    category: rule?.category,
    ruleId: rule?.id,
    position: rule?.position,
    file: rule?.file,
    line: rule?.line,
    error,
  };
  return Object.fromEntries(
    Object.entries(values).map(([column, value]) => [column, value === undefined || value === null ? "" : safe(String(value))]),
  );
}
