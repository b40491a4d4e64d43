import { safe } from "../safe.ts";

/** Text that is HTML already. Nothing else gets into a page unescaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Html | null | readonly Html[];

/**
 * A piece of a page: what is put in is escaped, in text as in quoted attributes. The indentation of our own lines is
 * left out.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(
    parts.reduce(
      (text, part, index) =>
        text + part.replaceAll(/\s*\n\s*/g, "\n") + (index < values.length ? print(values[index]!) : ""),
      "",
    ),
  );
}

function print(value: Value): string {
  if (value === null) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "number") return grouped(value);
  if (typeof value === "string") return escapeHtml(value);
  return value.map(({ text }) => text).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return safe(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** JSON for a script element: no text in it can end the element or begin a comment. */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "string" ? safe(part) : part,
  ).replaceAll("<", String.raw`\u003c`);
}

/** 17,234 is easier to read than 17234. */
export function grouped(count: number): string {
  return `${count}`.replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}
