import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { Writable } from "node:stream";
import { CsvError, parse as parseCsv } from "csv-parse/sync";
import { stringify as stringifyCsv } from "csv-stringify/sync";
import { FlowAnswerer } from "../engine/query.ts";
import type { Input } from "../engine/input.ts";
import type { FlowAnswer } from "../engine/results.ts";
import { FLOW_FIELDS, FlowError, closest, type FlowFields } from "../model/flow.ts";
import { compactFlow } from "../report/compact.ts";
import { isPlain, safe, safeJson } from "../report/safe.ts";
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
  /** The line itself where it is JSON that can be printed as it is. */
  readonly json?: string;
  /** Why the line is no flow, known before its values are read. */
  readonly error?: string;
}

/** Beside the fields of a flow, a list may name its lines. */
const NAME_FIELD = "name";
const KNOWN_FIELDS: ReadonlySet<string> = new Set([NAME_FIELD, ...FLOW_FIELDS]);
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
    for await (const batch of flowLines(options.flows, io)) {
      for (const flowLine of batch) {
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
        for (const answer of answers) writer.add(answer, flowLine.json);
      }
      await writer.flush(WRITE_CHARACTERS);
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
  for (const name in values) {
    const value = values[name];
    if (value === undefined || value === null || value === "" || name === NAME_FIELD) continue;
    const field = name as keyof FlowFields;
    if (typeof value === "string") fields[field] = value;
    else if (typeof value === "number") fields[field] = `${value}`;
    else throw new FlowError(field, "expected text, a number or null");
  }
  return fields;
}

/** The lines of a list, as many at a time as were read together. */
async function* flowLines(name: string, io: Io): AsyncGenerator<FlowLine[]> {
  const place = displayName(name);
  const stream = name === "-" ? io.stdin : createReadStream(resolve(io.workingDirectory, name), READ_OPTIONS);
  let reader: LineReader | null = null;
  let line = 1;
  try {
    for await (const texts of linesOf(stream, place, MOST_LINE_BYTES)) {
      if (line === 1 && texts.length > 0) texts[0] = texts[0]!.replace(/^\ufeff/, "");
      let start = 0;
      if (reader === null) {
        // What stands on the first line that is not blank tells the format.
        start = texts.findIndex((text) => text.trim() !== "");
        if (start === -1) {
          line += texts.length;
          continue;
        }
        reader = texts[start]!.trimStart().startsWith("{") ? readJsonLines : csvReader(place);
      }
      for (let at = start; at < texts.length; at += BATCH)
        yield reader(texts.slice(at, at + BATCH), line + at);
      line += texts.length;
    }
    if (reader === null) throw new UserError(`${place}: holds no flows`);
    yield reader(null, line);
  } catch (error) {
    if (error instanceof UserError || (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw failure(place, error);
  } finally {
    stream.destroy();
  }
}

const READ_OPTIONS = { highWaterMark: MEBIBYTE };
/** Lines that are answered together: few, so that what is made of them is forgotten before it costs anything. */
const BATCH = 512;
const WRITE_CHARACTERS = 512 * 1024;

/** Reads some lines, of which the first has this number; null at the end. */
type LineReader = (texts: readonly string[] | null, line: number) => FlowLine[];

function readJsonLines(texts: readonly string[] | null, line: number): FlowLine[] {
  const flowLines: FlowLine[] = [];
  for (const [index, text] of (texts ?? []).entries()) {
    if (text.trim() === "") continue;
    const values = readJson(text);
    if (values === null) {
      const error = "expected one JSON object a line with the fields of a flow";
      flowLines.push({ line: line + index, values: {}, error });
      continue;
    }
    let error: string | null = null;
    for (const field in values) error ??= unknownField(field);
    if (error !== null) flowLines.push({ line: line + index, values, error });
    else if (isPlain(text)) flowLines.push({ line: line + index, values, json: text.trim() });
    else flowLines.push({ line: line + index, values });
  }
  return flowLines;
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
function csvReader(place: string): LineReader {
  let columns: string[] | null = null;
  let open: string[] = [];
  let quotes = 0;
  return (texts, line) => {
    const first = line - open.length;
    for (const text of texts ?? []) quotes += countQuotes(text);
    open = open.concat(texts ?? []);
    // Inside a quoted field a line end belongs to the record: it goes on in the next lines.
    if (texts !== null && quotes % 2 === 1) {
      if (open.length > MOST_OPEN_LINES) throw new UserError(`${place}: a quoted field does not end`);
      return [];
    }
    const block = open.join("\n");
    open = [];
    quotes = 0;
    const flowLines: FlowLine[] = [];
    let at = first;
    for (const record of parseBlock(block, place, first)) {
      const here = at;
      at += 1 + record.reduce((sum, field) => sum + countLineEnds(field), 0);
      if (record.length === 1 && record[0] === "") continue;
      if (columns === null) {
        columns = record;
        checkHeader(record, `${place}:${here}`);
        continue;
      }
      const values: Record<string, string> = {};
      for (const [index, column] of columns.entries()) values[column] = record[index] ?? "";
      const error = `holds ${record.length} fields where the header has ${columns.length}`;
      flowLines.push(
        record.length === columns.length ? { line: here, values } : { line: here, values, error },
      );
    }
    return flowLines;
  };
}

const MOST_OPEN_LINES = 10_000;

function parseBlock(block: string, place: string, firstLine: number): string[][] {
  if (block === "") return [];
  try {
    return parseCsv(block, { trim: true, relax_column_count: true, skip_empty_lines: false });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines: within = 1 } = error as { lines?: number };
    throw new UserError(
      `${place}: ${error.message.replace(/\b(at|on) line \d+/, `$1 line ${firstLine + within - 1}`)}`,
    );
  }
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count += 1;
  return count;
}

function countLineEnds(field: string): number {
  return field.includes("\n") ? field.split("\n").length - 1 : 0;
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
  if (KNOWN_FIELDS.has(field)) return null;
  return `"${field}" is not a field of a flow${closest(field, FLOW_FIELDS)}: expected ${FLOW_FIELDS.join(", ")}`;
}

/** Collects answers into larger writes. */
class AnswerWriter {
  readonly #format: FlowsOptions["format"];
  readonly #out: Writable;
  readonly #rules = new Map<FlowAnswer["rule"], string>();
  #text = "";
  #rows: string[][] = [];
  #first = true;

  constructor(format: FlowsOptions["format"], out: Writable) {
    this.#format = format;
    this.#out = out;
  }

  /** @param json the flow as JSON, if it is at hand */
  add(answer: FlowAnswer, json?: string): void {
    switch (this.#format) {
      case "ndjson":
        this.#text += this.#json(answer, json);
        break;
      case "csv":
        this.#rows.push(csvRow(answer));
        break;
      case "pretty":
      case "compact":
        this.#text += compactFlow(answer);
        break;
    }
  }

  /** Writes what has come together, if it is at least so much. */
  async flush(least = 0): Promise<void> {
    if (this.#rows.length > 0) {
      const rows = this.#first ? [CSV_COLUMNS, ...this.#rows] : this.#rows;
      this.#text += stringifyCsv(rows, { escape_formulas: true });
      this.#rows = [];
      this.#first = false;
    }
    if (this.#text.length < least) return;
    const text = this.#text;
    this.#text = "";
    await write(this.#out, text);
  }

  async end(): Promise<void> {
    if (this.#format === "csv" && this.#first && this.#rows.length === 0)
      this.#text = stringifyCsv([CSV_COLUMNS]);
    await this.flush();
  }

  /** The same text as JSON of the whole answer; few rules decide many flows, so theirs is kept. */
  #json({ flow, filter, verdict, certain, rule, error }: FlowAnswer, json = safeJson(flow)): string {
    let ruleText = this.#rules.get(rule);
    if (ruleText === undefined) {
      ruleText = safeJson(rule);
      this.#rules.set(rule, ruleText);
    }
    const name = filter === undefined ? "" : `,"filter":${safeJson(filter)}`;
    const reason = error === undefined ? "" : `,"error":${safeJson(error)}`;
    const answer = `"verdict":${verdict === null ? "null" : `"${verdict}"`},"certain":${certain},"rule":${ruleText}`;
    return `{"flow":${json}${name},${answer}${reason}}\n`;
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

function csvRow({ flow, verdict, certain, rule, filter, error }: FlowAnswer): string[] {
  const values: unknown[] = [flow[NAME_FIELD], ...FLOW_FIELDS.map((field) => flow[field])];
  values.push(
    verdict,
    certain,
    filter ?? rule?.filter,
    rule?.ruleset,
    rule?.category,
    rule?.id,
    rule?.position,
  );
  values.push(rule?.file, rule?.line, error);
  return values.map((value) =>
    value === undefined || value === null
      ? ""
      : safe(typeof value === "string" ? value : JSON.stringify(value)),
  );
}
