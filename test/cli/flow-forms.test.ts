import { Readable } from "node:stream";
import { describe, expect, it } from "@jest/globals";
import { parse as parseCsv } from "csv-parse/sync";
import { stringify as stringifyCsv } from "csv-stringify/sync";
import fc from "fast-check";
import { FlowAnswerer } from "../../src/engine/query.ts";
import { readInput } from "../../src/engine/input.ts";
import type { FlowAnswer } from "../../src/engine/results.ts";
import { FLOW_FIELDS, FlowError, type FlowFields } from "../../src/model/flow.ts";
import { safe } from "../../src/report/safe.ts";
import { linesOf as readLines } from "../../src/cli/bytes.ts";
import { run } from "../support/run.ts";
import { linesOf } from "./dfwlint.ts";
import { temporaryFolder } from "./folders.ts";
import { OFFICE, TWO_FILTERS } from "./inputs.ts";

/** Lists are read by the forms of their lines; each line has to be answered as if it stood alone. */

const cwd = temporaryFolder({ "rules.txt": OFFICE, "two.log": TWO_FILTERS });
const DUMPS = { "rules.txt": OFFICE, "two.log": TWO_FILTERS } as const;
type DumpName = keyof typeof DUMPS;

const one = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

interface Expected {
  readonly line: number;
  readonly answers: readonly FlowAnswer[];
}

/** What a list must be answered with, each flow asked alone. */
function alone(
  dump: DumpName,
  flows: readonly { line: number; values: object | null; error?: string }[],
): Expected[] {
  const input = readInput([{ file: dump, text: DUMPS[dump] }]);
  return flows.map(({ line, values, error }) => {
    const flow = (values ?? {}) as Record<string, unknown>;
    const bad = (reason: string): Expected => ({
      line,
      answers: [{ flow, verdict: null, certain: false, rule: null, error: reason }],
    });
    if (error !== undefined) return bad(error);
    try {
      // A new one each time: nothing that was kept can help or mislead.
      return { line, answers: new FlowAnswerer(input).answer(flow, fieldsOf(flow)) };
    } catch (fault) {
      if (!(fault instanceof FlowError)) throw fault;
      return bad(`${fault.field}: ${fault.message}`);
    }
  });
}

function fieldsOf(flow: Record<string, unknown>): FlowFields {
  const entries = Object.entries(flow).filter(
    ([name, value]) => name !== "name" && value !== null && value !== "",
  );
  const bad = entries.find(([, value]) => typeof value !== "string" && typeof value !== "number");
  if (bad !== undefined) throw new FlowError(bad[0] as keyof FlowFields, "expected text, a number or null");
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function unknownField(name: string): boolean {
  return name !== "name" && !FLOW_FIELDS.some((field) => field === name);
}

/** Errors of unknown fields end in a list of all fields, of which the beginning is enough. */
function brief(answers: readonly FlowAnswer[]): object[] {
  return answers.map((answer) =>
    answer.error === undefined
      ? answer
      : { ...answer, error: answer.error.replace(/" is not a field.*/, "") },
  );
}

async function answered(dump: DumpName, list: string, format: string) {
  const { stdout, stderr } = await run(["query", dump, "--flows", "-", "--format", format], cwd, list);
  const errorLines = linesOf(stderr).map((line) =>
    Number(/^dfwlint: \(standard input\):(\d+): /.exec(line)![1]),
  );
  return { stdout, errorLines };
}

function badLines(expected: readonly Expected[]): number[] {
  return expected.filter(({ answers }) => answers[0]!.error !== undefined).map(({ line }) => line);
}

const dump = one<DumpName>("rules.txt", "rules.txt", "two.log");

// ---- NDJSON ------------------------------------------------------------------------------------------------

const ADDRESS = one(
  '"10.4.9.9"',
  '"10.4.7.5"',
  '"10.4.1.10"',
  '"10.6.1.10"',
  '"0.0.0.0"',
  '"255.255.255.255"',
  '"10.4.1.0/24"',
  '"web"',
  '"10.4.1.010"',
  '"10.4.1.256"',
  '"10.4.1"',
  '" 10.4.9.9"',
  '"10.4.9\\u002e9"',
  '"2001:db8::1"',
  '""',
  "null",
  "7",
  "[]",
);

const MEMBER = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(one('"src"', '"dst"'), ADDRESS) },
  {
    weight: 1,
    arbitrary: one<[string, string]>(
      ['"\\u0073rc"', '"10.4.7.5"'],
      ['"name"', '"src"'],
      ['"name"', '"\\"src\\":\\"10.4.9.9\\""'],
      ['"name"', '{"src":"10.4.9.9","dst":"10.4.1.10"}'],
      ['"name"', '"Büro"'],
      ['"name"', '"a\\u200bb"'],
      ['"scr"', '"10.4.9.9"'],
      ['"__proto__"', '"10.4.9.9"'],
    ),
  },
  {
    weight: 4,
    arbitrary: one<[string, string]>(
      ['"dstPort"', "443"],
      ['"dstPort"', '"80,8085"'],
      ['"dstPort"', "70000"],
      ['"srcPort"', "null"],
      ['"protocol"', '"tcp"'],
      ['"protocol"', "58"],
      ['"protocol"', '"ipv6-icmp"'],
      ['"direction"', '"in"'],
      ['"direction"', '"sideways"'],
      ['"etherType"', '"arp"'],
      ['"icmpType"', "8"],
    ),
  },
);

const JSON_LINE = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(
        fc.array(MEMBER, { maxLength: 5 }),
        one(":", ":", ":", ": ", " :"),
        one(",", ",", ", "),
        one("", "", "", " ", "\t"),
        one("\n", "\n", "\n", "\r\n"),
      )
      .map(([members, colon, comma, space, end]) => {
        const body = members.map(([name, value]) => `${name}${colon}${value}`).join(comma);
        return `${space}{${body}}${space}${end}`;
      }),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(one("10.4.9.9", "10.4.7.5", "10.4.1.11"), one("10.4.1.10", "10.4.1.11"), one(443, 22, 80, 9999))
      .map(([src, dst, dstPort]) => `${JSON.stringify({ src, dst, dstPort })}\n`),
  },
  {
    weight: 1,
    arbitrary: one(
      "\n",
      " \n",
      "not json\n",
      "[1]\n",
      '{"src":"10.4.9.9","dst":"10.4.1.10"\n',
      '{"src":"10.4.9.9","src":"","dst":"10.4.1.10"}\n',
      '{"src":"dst":"10.4.9.9"}\n',
      '{"src":"10.4.9.9","name":{"dst":"10.4.1.10"},"dstPort":443}\n',
      '{"dst":"10.4.1.10","name":{"src":"10.4.9.9"},"dstPort":443}\n',
      '"src":"10.4.9.9","dst":"10.4.1.10"\n',
    ),
  },
);

function readJson(text: string): { values: object | null; error?: string } {
  try {
    const values = JSON.parse(text) as unknown;
    if (typeof values === "object" && values !== null && !Array.isArray(values)) {
      const unknown = Object.keys(values).find(unknownField);
      return unknown === undefined ? { values } : { values, error: `"${unknown}` };
    }
  } catch {
    // Said below, as for other values that are no object.
  }
  return { values: null, error: "expected one JSON object a line with the fields of a flow" };
}

describe("lists of flows", () => {
  it("answers each line of NDJSON as if it stood alone, however it is written", async () => {
    await fc.assert(
      fc.asyncProperty(dump, fc.array(JSON_LINE, { maxLength: 12 }), async (file, texts) => {
        // The first line tells the format.
        const lines = ["{}\n", ...texts];
        const list = lines.join("");
        const flows = lines.flatMap((text, index) =>
          text.trim() === ""
            ? []
            : [{ line: index + 1, text: text.replace(/\r?\n$/, ""), ...readJson(text) }],
        );
        const expected = alone(file, flows);
        const { stdout, errorLines } = await answered(file, list, "ndjson");
        const answers = linesOf(stdout).map((line) => JSON.parse(line) as FlowAnswer);
        expect(brief(answers)).toEqual(brief(expected.flatMap((one) => [...one.answers])));
        expect(errorLines).toEqual(badLines(expected));
        // Plain lines come back letter by letter.
        const plain = flows.filter(({ text, error }) => error === undefined && /^[ -~]*$/.test(text));
        for (const { text } of plain) expect(stdout).toContain(`{"flow":${text.trim()},`);

        const csv = await answered(file, list, "csv");
        expect(briefCsv(csv.stdout)).toEqual(briefCsv(csvOf(expected)));
      }),
      { numRuns: 100 },
    );
  });

  it("answers lists of more forms than it keeps", async () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => ({
      name: `flow ${index % 5000}`,
      src: index % 3 === 0 ? "10.4.9.9" : "10.4.7.5",
      dst: `10.4.1.${index % 256}`,
      dstPort: index % 2 === 0 ? 443 : 80,
    }));
    const list = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    const answerer = new FlowAnswerer(readInput([{ file: "rules.txt", text: OFFICE }]));
    const expected = lines.flatMap((line) =>
      answerer.answer(line, { ...line, name: undefined, dstPort: `${line.dstPort}` } as FlowFields),
    );
    const { stdout } = await answered("rules.txt", list, "ndjson");
    expect(linesOf(stdout).map((line) => JSON.parse(line) as unknown)).toEqual(expected);
  });

  it("finds the same lines wherever the chunks of a stream end", async () => {
    const piece = one("a", "\r", "\n", "\r\n", "bü", "");
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (pieces, size) => {
          const bytes = Buffer.from(pieces.join(""));
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
            bytes.subarray(index * size, (index + 1) * size),
          );
          const lines: string[] = [];
          for await (const some of readLines(Readable.from(chunks), "list", 1000)) lines.push(...some);
          const expected = bytes.toString().split("\n");
          const last = expected.pop()!;
          expect(lines).toEqual([
            ...expected.map((line) => line.replace(/\r$/, "")),
            ...(last === "" ? [] : [last]),
          ]);
        },
      ),
    );
  });

  // ---- CSV -------------------------------------------------------------------------------------------------

  const CELLS: Readonly<Record<string, fc.Arbitrary<string>>> = {
    name: one(
      "",
      "",
      "shop",
      '"guests, too"',
      '"say ""hi"""',
      "=1+1",
      "-1",
      "Büro",
      "a b",
      " x ",
      "\\",
      "'",
      "\u00a0y",
    ),
    src: one(
      "10.4.9.9",
      "10.4.7.5",
      "10.4.9.9",
      " 10.4.9.9",
      "10.4.9.9 ",
      '"10.4.7.5"',
      "web",
      "",
      "10.4.1.999",
      "010.1.1.1",
      "+1",
    ),
    dst: one(
      "10.4.1.10",
      "10.4.1.11",
      "10.4.1.10",
      "web",
      "",
      "10.4.1.0/24",
      '"web,10.4.9.9"',
      "2001:db8::1",
    ),
    dstPort: one("443", "22", "80", "443", "", '"80,8085"', "70000", " 443"),
    protocol: one("tcp", "tcp", "", "6", "ipv6-icmp", "tcq", "TCP"),
    direction: one("in", "out", "", "IN"),
  };

  const table = fc.shuffledSubarray(Object.keys(CELLS), { minLength: 1 }).chain((columns) =>
    fc.tuple(
      fc.constant(columns),
      fc.array(
        fc.oneof(
          {
            weight: 12,
            arbitrary: fc.tuple(...columns.map((column) => CELLS[column]!)).map((cells) => cells.join(",")),
          },
          { weight: 1, arbitrary: one("", " ", ",", "10.4.9.9", "10.4.9.9,10.4.1.10,443,tcp,in,x,y,z") },
        ),
        { maxLength: 12 },
      ),
      one("\n", "\n", "\r\n"),
    ),
  );

  it("answers each record of CSV as if it stood alone, with quotes, blanks, formulas and other letters", async () => {
    await fc.assert(
      fc.asyncProperty(dump, table, async (file, [columns, rows, end]) => {
        const list = [columns.join(","), ...rows].map((row) => `${row}${end}`).join("");
        const records: string[][] = parseCsv(list, {
          trim: true,
          relax_column_count: true,
          skip_empty_lines: false,
        });
        const flows = records.flatMap((record, index) => {
          if (index === 0 || (record.length === 1 && record[0] === "")) return [];
          const values = Object.fromEntries(columns.map((column, place) => [column, record[place] ?? ""]));
          const error = `holds ${record.length} fields where the header has ${columns.length}`;
          return [{ line: index + 1, values, ...(record.length === columns.length ? {} : { error }) }];
        });
        const expected = alone(file, flows);
        const json = await answered(file, list, "ndjson");
        const answers = linesOf(json.stdout).map((line) => JSON.parse(line) as FlowAnswer);
        expect(answers).toEqual(expected.flatMap((one) => [...one.answers]));
        for (const [index, line] of linesOf(json.stdout).entries())
          expect(Object.keys(answers[index]!.flow)).toEqual(
            columns.filter((column) => line.includes(`"${column}":`)),
          );
        expect(json.errorLines).toEqual(badLines(expected));
        const csv = await answered(file, list, "csv");
        expect(csv.stdout).toBe(csvOf(expected));
      }),
      { numRuns: 100 },
    );
  });
});

/** The answers as CSV, every cell by the library. */
function csvOf(expected: readonly Expected[]): string {
  const columns = ["name", ...FLOW_FIELDS];
  const header = "verdict certain filter ruleset category ruleId position file line error".split(" ");
  const rows = expected.flatMap(({ answers }) =>
    answers.map(({ flow, verdict, certain, rule, filter, error }) =>
      [
        ...columns.map((column) => (Object.hasOwn(flow, column) ? flow[column] : "")),
        verdict,
        certain,
        filter ?? rule?.filter,
        rule?.ruleset,
        rule?.category,
        rule?.id,
        rule?.position,
        rule?.file,
        rule?.line,
        error,
      ].map((value) =>
        value === undefined || value === null
          ? ""
          : safe(typeof value === "string" ? value : JSON.stringify(value)),
      ),
    ),
  );
  return stringifyCsv([[...columns, ...header], ...rows], { escape_formulas: true });
}

function briefCsv(text: string): string {
  return text.replaceAll(/"" is not a field[^\n]*/g, "").replaceAll(/"""(\w+)"*\n/g, '"""$1\n');
}
