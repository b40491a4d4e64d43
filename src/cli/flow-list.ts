import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { CsvError, parse as parseCsv } from "csv-parse/sync";
import { ipv4Host } from "../model/address.ts";
import { FLOW_FIELDS, FlowError, closest, type FlowFields } from "../model/flow.ts";
import { isPlain, safeJson } from "../report/safe.ts";
import { MEBIBYTE, linesOf } from "./bytes.ts";
import { UserError, type Io } from "./io.ts";
import { displayName, failure } from "./read.ts";

/** The values of a line by their field, as they stand there. */
export type FlowValues = Readonly<Record<string, unknown>>;

/** A line of the list as it stands there, with its number counted from 1. */
export interface WholeLine {
  readonly form: null;
  readonly line: number;
  readonly values: FlowValues;
  /** The line itself where it is JSON that can be printed as it is. */
  readonly json?: string;
  /** Why the line is no flow, known before its values are read. */
  readonly error?: string;
}

/** A line between two IPv4 hosts in a form that was met before: only its addresses are new. */
export interface HostLine {
  readonly form: Form;
  readonly line: number;
  readonly src: string;
  readonly dst: string;
  /** Both addresses as numbers. */
  readonly source: number;
  readonly destination: number;
  /** The line itself where it is JSON that can be printed as it is. */
  readonly json?: string;
}

export type FlowLine = WholeLine | HostLine;

/** All of a line but its two addresses. A list of a million lines has a few forms, so each is read once. */
export interface Form {
  /** The values of such a line; `src` and `dst` are empty. */
  readonly values: FlowValues;
  /** The line as JSON that can be printed: its text before, between and behind the addresses. */
  readonly json: readonly [string, string, string];
  /** Whether `src` stands before `dst`. */
  readonly sourceFirst: boolean;
}

/** Beside the fields of a flow, a list may name its lines. */
export const NAME_FIELD = "name";
const KNOWN_FIELDS: ReadonlySet<string> = new Set([NAME_FIELD, ...FLOW_FIELDS]);
const MOST_LINE_BYTES = MEBIBYTE;
/** Lines of many different forms, or long ones, are better read one by one. */
const MOST_FORMS = 4096;
const MOST_FORM_CHARACTERS = 1000;

/** The values of a line of hosts, as they would have been read from the line alone. */
export function valuesOf({ form, src, dst }: HostLine): FlowValues {
  return { ...form.values, src, dst };
}

/** @throws FlowError for a value that is neither text nor a number */
export function fieldsOf(values: FlowValues): FlowFields {
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
export async function* flowLines(name: string, io: Io): AsyncGenerator<FlowLine[]> {
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
        reader = texts[start]!.trimStart().startsWith("{") ? jsonReader() : csvReader(place);
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

const READ_OPTIONS = { highWaterMark: MEBIBYTE / 4 };
/** Lines that are answered together: few, so that what is made of them is forgotten before it costs anything. */
const BATCH = 512;
/** Reads some lines, of which the first has this number; null at the end. */
type LineReader = (texts: readonly string[] | null, line: number) => FlowLine[];

/** The forms of a list, by the text that they are cut from, addresses left out. */
class Forms {
  readonly #forms = new Map<string, Form | null>();

  /** @param make reads the form; null if such lines have to be read as a whole */
  of(key: string, make: (key: string) => Form | null): Form | null {
    const known = this.#forms.get(key);
    if (known !== undefined) return known;
    if (this.#forms.size >= MOST_FORMS || key.length > MOST_FORM_CHARACTERS) return null;
    const form = make(key);
    this.#forms.set(key, form);
    return form;
  }
}

function jsonReader(): LineReader {
  const forms = new Forms();
  return (texts, line) => {
    const flowLines: FlowLine[] = [];
    for (const [index, text] of (texts ?? []).entries()) {
      const read = readHostsJson(text, line + index, forms) ?? readJsonLine(text, line + index);
      if (read !== null) flowLines.push(read);
    }
    return flowLines;
  };
}

const BEFORE_SRC = '"src":"';
const BEFORE_DST = '"dst":"';

function readHostsJson(text: string, line: number, forms: Forms): HostLine | null {
  const srcAt = text.indexOf(BEFORE_SRC);
  const dstAt = text.indexOf(BEFORE_DST);
  if (srcAt === -1 || dstAt === -1) return null;
  const srcStart = srcAt + BEFORE_SRC.length;
  const dstStart = dstAt + BEFORE_DST.length;
  const srcEnd = text.indexOf('"', srcStart);
  const dstEnd = text.indexOf('"', dstStart);
  const source = ipv4Host(text, srcStart, srcEnd);
  const destination = ipv4Host(text, dstStart, dstEnd);
  if (source === null || destination === null) return null;
  const key =
    srcAt < dstAt
      ? text.slice(0, srcStart) + text.slice(srcEnd, dstStart) + text.slice(dstEnd)
      : text.slice(0, dstStart) + text.slice(dstEnd, srcStart) + text.slice(srcEnd);
  const form = forms.of(key, jsonForm);
  if (form === null) return null;
  const src = text.slice(srcStart, srcEnd);
  const dst = text.slice(dstStart, dstEnd);
  return { form, line, src, dst, source, destination, json: text };
}

/**
 * The form of a line of which the addresses were cut out. They were the values of `src` and `dst` if these names
 * stand there once: nothing is escaped, so a name has one spelling, and what is in quotes elsewhere would count too.
 */
function jsonForm(key: string): Form | null {
  if (!isPlain(key) || key.includes("\\") || !key.startsWith("{") || !key.endsWith("}")) return null;
  if (key.split('"src"').length !== 2 || key.split('"dst"').length !== 2) return null;
  const values = readJson(key);
  if (values === null || values["src"] !== "" || values["dst"] !== "") return null;
  return unknownFieldOf(values) === null ? formOf(values, key) : null;
}

/** @param json the values as JSON, in which nothing is escaped */
function formOf(values: FlowValues, json: string): Form {
  const src = json.indexOf(BEFORE_SRC) + BEFORE_SRC.length;
  const dst = json.indexOf(BEFORE_DST) + BEFORE_DST.length;
  const [first, second] = src < dst ? [src, dst] : [dst, src];
  return {
    values,
    json: [json.slice(0, first), json.slice(first, second), json.slice(second)],
    sourceFirst: src < dst,
  };
}

/** Null for a blank line. */
function readJsonLine(text: string, line: number): WholeLine | null {
  if (text.trim() === "") return null;
  const values = readJson(text);
  if (values === null) {
    const error = "expected one JSON object a line with the fields of a flow";
    return { form: null, line, values: {}, error };
  }
  const error = unknownFieldOf(values);
  if (error !== null) return { form: null, line, values, error };
  return isPlain(text) ? { form: null, line, values, json: text.trim() } : { form: null, line, values };
}

function unknownFieldOf(values: FlowValues): string | null {
  for (const field in values) {
    const reason = unknownField(field);
    if (reason !== null) return reason;
  }
  return null;
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
  const forms = new Forms();
  let table: Table | null = null;
  let open: string[] = [];
  let quotes = 0;
  /** Null for a blank record and for the header. */
  const read = (record: readonly string[], line: number): WholeLine | null => {
    if (record.length === 1 && record[0] === "") return null;
    if (table === null) {
      checkHeader(record, `${place}:${line}`);
      table = tableOf(record);
      return null;
    }
    const values = table.values(record);
    const error = `holds ${record.length} fields where the header has ${table.columns.length}`;
    return record.length === table.columns.length
      ? { form: null, line, values }
      : { form: null, line, values, error };
  };
  return (texts, line) => {
    const first = line - open.length;
    const flowLines: FlowLine[] = [];
    // Without quotes and characters that may count as space or as a line end, each line is a record of plain cells.
    if (texts !== null && open.length === 0 && texts.every((text) => UNQUOTED.test(text))) {
      for (const [index, text] of texts.entries()) {
        const hosts = table === null ? null : readHostsCsv(text, line + index, table, forms);
        const flowLine = hosts ?? read(text.split(",").map(trimmed), line + index);
        if (flowLine !== null) flowLines.push(flowLine);
      }
      return flowLines;
    }
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
    let at = first;
    for (const record of parseBlock(block, place, first)) {
      const here = at;
      at += 1 + record.reduce((sum, field) => sum + countLineEnds(field), 0);
      const flowLine = read(record, here);
      if (flowLine !== null) flowLines.push(flowLine);
    }
    return flowLines;
  };
}

/** The characters from space to tilde, apart from the quote. */
const UNQUOTED = /^[ !#-~]*$/;

function trimmed(text: string): string {
  return text.trim();
}

/** What the header says. */
interface Table {
  readonly columns: readonly string[];
  /** The places of `src` and `dst`, of which one may be missing (-1). */
  readonly src: number;
  readonly dst: number;
  readonly values: (record: readonly string[]) => Record<string, string>;
  readonly form: (key: string) => Form | null;
}

function tableOf(columns: readonly string[]): Table {
  const values = (record: readonly string[]): Record<string, string> => {
    const values: Record<string, string> = {};
    for (const [index, column] of columns.entries()) values[column] = record[index] ?? "";
    return values;
  };
  return {
    columns,
    src: columns.indexOf("src"),
    dst: columns.indexOf("dst"),
    values,
    form: (key) => {
      const record = key.split(",").map(trimmed);
      if (record.length !== columns.length || key.includes("\\")) return null;
      const own = values(record);
      return formOf(own, safeJson(own));
    },
  };
}

function readHostsCsv(text: string, line: number, table: Table, forms: Forms): HostLine | null {
  const [one, two] = table.src < table.dst ? [table.src, table.dst] : [table.dst, table.src];
  if (one === -1) return null;
  const firstStart = cellAfter(text, 0, one);
  const firstEnd = firstStart === -1 ? -1 : text.indexOf(",", firstStart);
  const secondStart = firstEnd === -1 ? -1 : cellAfter(text, firstEnd + 1, two - one - 1);
  if (secondStart === -1) return null;
  const comma = text.indexOf(",", secondStart);
  const secondEnd = comma === -1 ? text.length : comma;
  const first = ipv4Host(text, firstStart, firstEnd);
  const second = ipv4Host(text, secondStart, secondEnd);
  if (first === null || second === null) return null;
  const key = text.slice(0, firstStart) + text.slice(firstEnd, secondStart) + text.slice(secondEnd);
  const form = forms.of(key, table.form);
  if (form === null) return null;
  const a = text.slice(firstStart, firstEnd);
  const b = text.slice(secondStart, secondEnd);
  return table.src === one
    ? { form, line, src: a, dst: b, source: first, destination: second }
    : { form, line, src: b, dst: a, source: second, destination: first };
}

/** Where the cell begins that stands so many cells behind the one at `start`; -1 if the line ends before. */
function cellAfter(text: string, start: number, cells: number): number {
  let at = start;
  for (let cell = 0; cell < cells; cell += 1) {
    const comma = text.indexOf(",", at);
    if (comma === -1) return -1;
    at = comma + 1;
  }
  return at;
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
