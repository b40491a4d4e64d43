import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { Writable } from "node:stream";
import { parse as parseCsv } from "csv-parse";
import { stringify as stringifyCsv } from "csv-stringify/sync";
import { FlowAnswerer } from "../engine/query.ts";
import type { Input } from "../engine/input.ts";
import type { FlowAnswer } from "../engine/results.ts";
import { FLOW_FIELDS, FlowError, closest, type FlowFields } from "../model/flow.ts";
import { compactFlow } from "../report/compact.ts";
import { safe, safeJson } from "../report/safe.ts";
import { MEBIBYTE, linesOf } from "./bytes.ts";
import { UserError, write, type Io } from "./io.ts";
import { withOutput, type OutputOptions } from "./output.ts";
import { displayName, failure } from "./read.ts";

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
  /** Why the line is no flow, known before its values are read. */
  readonly error?: string;
}

/** Beside the fields of a flow, a list may name its lines. */
const NAME_FIELD = "name";
const MOST_ERRORS_SHOWN = 20;
const MOST_LINE_BYTES = MEBIBYTE;

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
    const answerer = new FlowAnswerer(input);
    const writer = new AnswerWriter(options.format, out);
    for await (const flowLine of flowLines(options.flows, io)) {
      const answers = answerLine(answerer, flowLine);
      const [{ error }] = answers as [FlowAnswer];
      if (error === undefined) {
        flows += 1;
        if (options.expect !== undefined && !answers.every((answer) => meets(answer, options.expect!)))
          unmet += 1;
      } else {
        errors += 1;
        if (errors <= MOST_ERRORS_SHOWN) say(`${place}:${flowLine.line}: ${error}`);
      }
      for (const answer of answers) await writer.add(answer);
    }
    await writer.end();
  });
  if (errors > MOST_ERRORS_SHOWN)
    say(`${place}: and ${errors - MOST_ERRORS_SHOWN} more lines that are no flow`);
  if (unmet > 0) say(`expected ${options.expect}, but ${unmet} of ${flows} flows do not certainly get it`);
  return { unreadable: errors > 0, expectationMet: unmet === 0 };
}

function meets({ verdict, certain }: FlowAnswer, expected: string): boolean {
  return (
    certain && (verdict === expected || (expected === "deny" && (verdict === "drop" || verdict === "reject")))
  );
}

function answerLine(answerer: FlowAnswerer, { values, error }: FlowLine): FlowAnswer[] {
  const unreadable = (reason: string): FlowAnswer[] => [
    { flow: values, verdict: null, certain: false, rule: null, error: reason },
  ];
  if (error !== undefined) return unreadable(error);
  try {
    return answerer.answer(values, fieldsOf(values));
  } catch (fault) {
    if (!(fault instanceof FlowError)) throw fault;
    return unreadable(`${fault.field}: ${fault.message}`);
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
  const place = displayName(name);
  const stream = name === "-" ? io.stdin : createReadStream(resolve(io.workingDirectory, name));
  try {
    const lines = linesOf(stream, place, MOST_LINE_BYTES);
    let before = 0;
    for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
      const text = next.value.replace(/^\ufeff/, "");
      if (text.trim() !== "") {
        yield* text.trimStart().startsWith("{")
          ? jsonLines(text, lines, before)
          : csvLines(place, text, lines, before);
        return;
      }
      before += 1;
    }
    throw new UserError(`${place}: holds no flows`);
  } catch (error) {
    if (error instanceof UserError || (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw failure(place, error);
  } finally {
    stream.destroy();
  }
}

async function* behind(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

async function* jsonLines(
  first: string,
  rest: AsyncIterable<string>,
  before: number,
): AsyncGenerator<FlowLine> {
  let line = before;
  for await (const text of behind(first, rest)) {
    line += 1;
    if (text.trim() === "") continue;
    const value = readJson(text);
    if (value === null) {
      yield { line, values: {}, error: "expected one JSON object a line with the fields of a flow" };
      continue;
    }
    const error = Object.keys(value)
      .map(unknownField)
      .find((reason) => reason !== null);
    yield { line, values: value, ...(typeof error === "string" ? { error } : {}) };
  }
}

function readJson(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Records are read as lists: a record with too few or too many fields is one bad line, not another flow. */
async function* csvLines(
  place: string,
  first: string,
  rest: AsyncIterable<string>,
  before: number,
): AsyncGenerator<FlowLine> {
  const parser = parseCsv({
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    info: true,
    max_record_size: MOST_LINE_BYTES,
  });
  const feed = async (): Promise<void> => {
    for await (const text of behind(first, rest)) {
      if (!parser.write(`${text}\n`)) await new Promise((go) => parser.once("drain", go));
    }
    parser.end();
  };
  feed().catch((error: unknown) => parser.destroy(error as Error));
  let columns: string[] | null = null;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      const line = before + info.lines;
      if (columns === null) {
        columns = record;
        checkHeader(record, `${place}:${line}`);
        continue;
      }
      const values = Object.fromEntries(columns.map((column, index) => [column, record[index] ?? ""]));
      if (record.length === columns.length) yield { line, values };
      else
        yield { line, values, error: `holds ${record.length} fields where the header has ${columns.length}` };
    }
  } catch (error) {
    if (error instanceof UserError || !String((error as { code?: string }).code).startsWith("CSV_"))
      throw error;
    throw new UserError(`${place}: ${(error as Error).message}`);
  }
}

/** @throws UserError for a column that says nothing about a flow, or stands twice */
function checkHeader(columns: readonly string[], place: string): void {
  for (const [index, column] of columns.entries()) {
    const reason =
      columns.indexOf(column) < index ? `the column "${column}" stands twice` : unknownField(column);
    if (reason !== null) throw new UserError(`${place}: ${reason}`);
  }
}

function unknownField(field: string): string | null {
  if (field === NAME_FIELD || FLOW_FIELDS.some((known) => known === field)) return null;
  return `"${field}" is not a field of a flow${closest(field, FLOW_FIELDS)}: expected ${FLOW_FIELDS.join(", ")}`;
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
    if (this.#format === "csv" && this.#first) this.#text = stringifyCsv([CSV_COLUMNS]);
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
        return stringifyCsv([csvRow(answer)], {
          header: this.#first,
          columns: CSV_COLUMNS,
          escape_formulas: true,
        });
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
    Object.entries(values).map(([column, value]) => [
      column,
      value === undefined || value === null ? "" : safe(String(value)),
    ]),
  );
}
