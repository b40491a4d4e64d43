import type { Writable } from "node:stream";
import { stringify as stringifyCsv } from "csv-stringify/sync";
import type { FlowOutcome } from "../engine/results.ts";
import { FLOW_FIELDS } from "../model/flow.ts";
import { compactFlow } from "../report/compact.ts";
import { safe, safeJson } from "../report/safe.ts";
import { sameText } from "../report/words.ts";
import { NAME_FIELD, valuesOf, type FlowLine, type FlowValues, type Form } from "./flow-list.ts";
import { write } from "./io.ts";

/** Collects answers into larger writes. */
export interface AnswerWriter {
  add(line: FlowLine, outcome: FlowOutcome): void;
  /** Writes what has come together, if it is at least so many characters. */
  flush(least?: number): Promise<void>;
}

export type AnswerFormat = "pretty" | "compact" | "ndjson" | "csv";

/** @param before - what stands before the answers, where there are several sessions, each with a writer of its own */
export function answerWriter(format: AnswerFormat, out: Writable, before?: string): AnswerWriter {
  const fleet = before !== undefined;
  const parts: string[] = before === undefined ? [] : [before];
  const writers = { ndjson: jsonWriter, csv: csvWriter, pretty: compactWriter, compact: compactWriter };
  if (format === "csv" && !fleet) parts.push(csvHeader());
  return {
    add: writers[format](parts, fleet),
    flush: async (least = 0) => {
      let characters = 0;
      for (const part of parts) characters += part.length;
      if (characters < least) return;
      // Joined at once: putting many texts behind one another is much slower.
      const text = parts.join("");
      parts.length = 0;
      await write(out, text);
    },
  };
}

/** Puts the text of an answer behind the others. */
type Add = AnswerWriter["add"];

function valuesAt(line: FlowLine): FlowValues {
  return line.form === null ? line.values : valuesOf(line);
}

function compactWriter(parts: string[]): Add {
  return (line, outcome) => {
    parts.push(compactFlow({ flow: valuesAt(line), ...outcome }));
  };
}

/** What stands before the answers of all sessions of a fleet. */
export function fleetHeader(format: AnswerFormat): string {
  return format === "csv" ? csvHeader(SESSION_COLUMNS) : "";
}

/** A session that could not be read, or has the same bytes as one that was told before. */
export type UnaskedSession = { readonly session: string } & (
  { readonly error: string } | { readonly sameAs: string }
);

/** Says of a session why it has no answers. */
export function unaskedText(format: AnswerFormat, unasked: UnaskedSession): string {
  switch (format) {
    case "ndjson":
      return `${safeJson(unasked)}\n`;
    case "csv": {
      const cells: Readonly<Record<string, string>> = unasked;
      return `${csvRow([...CSV_COLUMNS, ...SESSION_COLUMNS].map((column) => cell(cells[column])))}\n`;
    }
    case "pretty":
      return "sameAs" in unasked ? `${safe(`${unasked.session}: ${sameText(unasked.sameAs)}`)}\n` : "";
    case "compact":
      return "";
  }
}

/** The same text as JSON of the whole answer. */
function jsonWriter(parts: string[]): Add {
  const rules = new Map<FlowOutcome["rule"], string>();
  const ruleText = (rule: FlowOutcome["rule"]): string => {
    const known = rules.get(rule);
    if (known !== undefined) return known;
    const text = safeJson(rule);
    rules.set(rule, text);
    return text;
  };
  const text = ({ session, host, filter, verdict, certain, rule, error }: FlowOutcome): string => {
    const of = session === undefined ? "" : `,"session":${safeJson(session)},"host":${safeJson(host)}`;
    const name = filter === undefined ? "" : `,"filter":${safeJson(filter)}`;
    const reason = error === undefined ? "" : `,"error":${safeJson(error)}`;
    return `${of}${name},"verdict":${safeJson(verdict)},"certain":${certain},"rule":${ruleText(rule)}${reason}}\n`;
  };
  const outcomeText = kept(text);
  return (line, outcome) => {
    const { form, json } = line;
    if (json !== undefined) parts.push('{"flow":', json, outcomeText(outcome));
    else if (form === null) parts.push('{"flow":', safeJson(line.values), outcomeText(outcome));
    else {
      const [first, second] = form.sourceFirst ? [line.src, line.dst] : [line.dst, line.src];
      const [before, between, behind] = form.json;
      parts.push('{"flow":', before, first, between, second, behind, outcomeText(outcome));
    }
  };
}

const FLOW_COLUMNS = [NAME_FIELD, ...FLOW_FIELDS] as const;
/** The destination stands beside it. */
const SRC_CELL = FLOW_COLUMNS.indexOf("src");

const CSV_COLUMNS = [
  ...FLOW_COLUMNS,
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

/** Behind the others, where there are several sessions. */
const SESSION_COLUMNS = ["session", "host", "sameAs"];

function csvHeader(more: readonly string[] = []): string {
  return `${csvRow([...CSV_COLUMNS, ...more])}\n`;
}

function csvWriter(parts: string[], fleet: boolean): Add {
  const outcomeText = kept((outcome) => {
    const session = fleet ? [cell(outcome.session), cell(outcome.host), ""] : [];
    return `,${csvRow([...outcomeCells(outcome), ...session])}\n`;
  });
  const forms = new Map<Form, { before: string; behind: string }>();
  const textOf = (form: Form): { before: string; behind: string } => {
    const known = forms.get(form);
    if (known !== undefined) return known;
    const cells = flowCells(form.values);
    const text = {
      before: `${csvRow(cells.slice(0, SRC_CELL))},`,
      behind: `,${csvRow(cells.slice(SRC_CELL + 2))}`,
    };
    forms.set(form, text);
    return text;
  };
  return (line, outcome) => {
    if (line.form === null) parts.push(csvRow(flowCells(line.values)), outcomeText(outcome));
    else {
      const { before, behind } = textOf(line.form);
      parts.push(before, line.src, ",", line.dst, behind, outcomeText(outcome));
    }
  };
}

function flowCells(flow: FlowValues): string[] {
  return FLOW_COLUMNS.map((column) => cell(flow[column]));
}

function outcomeCells({ verdict, certain, rule, filter, error }: FlowOutcome): string[] {
  const values: unknown[] = [
    verdict,
    certain,
    filter ?? rule?.filter,
    rule?.ruleset,
    rule?.category,
    rule?.id,
  ];
  values.push(rule?.position, rule?.file, rule?.line, error);
  return values.map(cell);
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  return safe(typeof value === "string" ? value : JSON.stringify(value));
}

/** Cells that stand in CSV as they are: no quote, comma or line end, and no formula, which begins with a sign. */
const PLAIN_CELL = /^(?:[0-9A-Za-z][ !#-+\--~]*)?$/;

/** A row, or a part of one, without its line end. */
function csvRow(cells: readonly string[]): string {
  if (cells.every((text) => PLAIN_CELL.test(text))) return cells.join(",");
  return stringifyCsv([[...cells]], { escape_formulas: true, eof: false });
}

/** Keeps the text of each outcome: a few rules decide many flows. Errors are as many as there are bad lines. */
function kept(text: (outcome: FlowOutcome) => string): (outcome: FlowOutcome) => string {
  const texts = new Map<FlowOutcome, string>();
  return (outcome) => {
    const known = texts.get(outcome);
    if (known !== undefined) return known;
    const made = text(outcome);
    if (outcome.error === undefined) texts.set(outcome, made);
    return made;
  };
}
