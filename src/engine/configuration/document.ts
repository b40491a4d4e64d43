import { CST, Lexer, isMap, isPair, isScalar, isSeq, parseDocument, visit, type Document } from "yaml";
import { LineIndex } from "../../syntax/lines.ts";
import type { Location } from "../results.ts";
import type { ConfigurationProblem, Path } from "./configuration.ts";

/** A YAML text as plain data, with the places of everything in it. */
export class YamlText {
  readonly file: string;
  readonly problems: readonly ConfigurationProblem[];
  /** Undefined if the text is no YAML. */
  readonly value: unknown;
  readonly #lines: LineIndex;
  readonly #keys = new Map<string, Range>();
  readonly #values = new Map<string, Range>();

  constructor(file: string, text: string) {
    this.file = file;
    this.#lines = new LineIndex(text);
    const tooDeep = depthProblem(text);
    if (tooDeep !== null) {
      this.problems = [
        this.#problem(tooDeep, "the file is nested too deeply", "lists and mappings as documented"),
      ];
      return;
    }
    const document = parseDocument(text, { prettyErrors: false, stringKeys: true, uniqueKeys: false });
    const problems = [...document.errors, ...document.warnings].map(({ pos, message, code }) =>
      this.#problem(pos, ...wordsFor(code, message)),
    );
    this.problems = [...problems, ...this.#index(document)];
    if (this.problems.length > 0) return;
    try {
      this.value = document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      const bomb = error.message.startsWith("Excessive");
      this.problems = [
        this.#problem(
          aliasAt(document) ?? [0, 0],
          bomb ? "aliases stand for more text than a configuration has" : error.message,
          bomb ? "few aliases, or none" : "an anchor above the alias",
        ),
      ];
    }
  }

  /** Where a key stands, or an entry of a list; of what is not there, where the nearest thing around it stands. */
  keyPlace(path: Path): Location {
    return this.#location(this.#nearest(path, (key) => this.#keys.get(key)));
  }

  valuePlace(path: Path): Location {
    return this.#location(this.#nearest(path, (key) => this.#values.get(key) ?? this.#keys.get(key)));
  }

  /** Undefined for what is not in the text. */
  placeOf(path: Path): Location | undefined {
    const range = this.#keys.get(JSON.stringify(path));
    return range === undefined ? undefined : this.#location(range);
  }

  #nearest(path: Path, find: (key: string) => Range | undefined): Range {
    for (let length = path.length; length > 0; length -= 1) {
      const range = find(JSON.stringify(path.slice(0, length)));
      if (range !== undefined) return range;
    }
    return [0, 0];
  }

  #location([start, end]: Range): Location {
    const from = this.#lines.position(start);
    const to = this.#lines.position(end);
    return { file: this.file, line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
  }

  #problem(range: Range, message: string, expected: string): ConfigurationProblem {
    return { message, expected, location: this.#location(range) };
  }

  /** Remembers where everything stands; keys that repeat another are problems. */
  #index(document: Document): ConfigurationProblem[] {
    const repeated: ConfigurationProblem[] = [];
    const paths = new Map<unknown, (string | number)[]>([[document.contents, []]]);
    visit(document, {
      Node: (_, node) => {
        const path = paths.get(node);
        if (path === undefined) return;
        if (isMap(node)) {
          for (const pair of node.items) {
            if (!isPair(pair) || !isScalar(pair.key)) continue;
            const inner = [...path, String(pair.key.value)];
            const key = JSON.stringify(inner);
            paths.set(pair.value, inner);
            if (pair.key.range) {
              const range: Range = [pair.key.range[0], pair.key.range[1]];
              // The reader could find them itself, comparing each key with all others of its mapping.
              if (this.#keys.has(key)) {
                const message = `the key "${String(pair.key.value)}" stands here twice`;
                repeated.push(this.#problem(range, message, "each key once"));
              }
              this.#keys.set(key, range);
            }
            const value = pair.value as { range?: [number, number, number] | null } | null;
            if (value?.range) this.#values.set(key, [value.range[0], value.range[1]]);
            if (isScalar(pair.value) && TEXTS.has(String(pair.key.value))) keepText(pair.value);
          }
        } else if (isSeq(node)) {
          for (const [index, item] of node.items.entries()) {
            const inner = [...path, index];
            paths.set(item, inner);
            const { range } = item as { range?: [number, number, number] | null };
            if (range) this.#keys.set(JSON.stringify(inner), [range[0], range[1]]);
          }
        }
      },
    });
    return repeated;
  }
}

type Range = readonly [start: number, end: number];

const MOST_ALIASES = 100;
const MOST_NESTED = 50;
/** Columns; a level has one at least. */
const MOST_INDENTED = 200;

/** Words that may look like numbers: `fingerprint: 1234567890123456` is meant as text. */
const TEXTS: ReadonlySet<string> = new Set(["fingerprint", "addrset"]);

function keepText(scalar: { value: unknown; source?: string }): void {
  if (typeof scalar.value === "number" && scalar.source !== undefined) scalar.value = scalar.source;
}

/** Each level costs the reader a call, and it has no bound of its own. */
function depthProblem(text: string): Range | null {
  let offset = 0;
  let flow = 0;
  let line = 0;
  let atLineStart = true;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token);
    if (type !== "space" && type !== "newline") atLineStart = false;
    switch (type) {
      case "flow-map-start":
      case "flow-seq-start":
        flow += 1;
        break;
      case "flow-map-end":
      case "flow-seq-end":
        flow -= 1;
        break;
      case "seq-item-ind":
      case "explicit-key-ind":
      case "map-value-ind":
        if (flow === 0) line += 1;
        break;
      case "newline":
        line = 0;
        atLineStart = true;
        break;
      case "space":
        if (atLineStart && token.length > MOST_INDENTED) return [offset, offset + token.length];
        break;
      default:
    }
    if (flow > MOST_NESTED || line > MOST_NESTED) return [offset, offset + 1];
    // The lexer adds marks of its own, which are no text.
    if (!["doc-mode", "flow-error-end", "scalar"].includes(type ?? "")) offset += token.length;
  }
  return null;
}

function aliasAt(document: Document): Range | null {
  let found: Range | null = null;
  visit(document, {
    Alias: (_, node) => {
      if (node.range) found = [node.range[0], node.range[1]];
      return visit.BREAK;
    },
  });
  return found;
}

function wordsFor(code: string, message: string): [message: string, expected: string] {
  switch (code) {
    case "MULTIPLE_DOCS":
      return ["a second document begins here", "one document"];
    default:
      return [`this is no YAML: ${message}`, "YAML"];
  }
}
