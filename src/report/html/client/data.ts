import { STATUSES, type Payload, type PayloadFinding, type PayloadRule } from "../payload.ts";

/** What the page holds, and how it speaks of it. */
export interface Report extends Payload {
  /** The findings about each rule that has some. */
  readonly findingsOf: ReadonlyMap<number, readonly number[]>;
  /** The files' names without their folders, unless two would be the same. */
  readonly shortFiles: readonly string[];
}

export function readReport(text: string): Report {
  const payload = JSON.parse(text) as Payload;
  const findingsOf = new Map<number, number[]>();
  for (const [index, { rule }] of payload.findings.entries()) {
    if (rule === undefined) continue;
    const known = findingsOf.get(rule);
    if (known === undefined) findingsOf.set(rule, [index]);
    else known.push(index);
  }
  const names = payload.files.map((file) => file.slice(file.lastIndexOf("/") + 1));
  const shortFiles = new Set(names).size === names.length ? names : payload.files;
  return { ...payload, findingsOf, shortFiles };
}

export function ruleName({ id, position }: PayloadRule): string {
  return position === null ? `rule ${id}` : `rule ${id} at ${position}`;
}

export function statusName({ status }: PayloadRule): string {
  return STATUSES[status]!.name;
}

/** `shadowed`, `reachable, removable`, `reachable, uncertain`. */
export function statusText(rule: PayloadRule): string {
  const parts = [statusName(rule)];
  if (rule.removable === true) parts.push("removable");
  if (rule.uncertain !== undefined) parts.push("uncertain");
  return parts.join(", ");
}

export function placeName(report: Report, { file, line }: { file: number; line: number }): string {
  return `${report.files[file]}:${line}`;
}

export function shortPlace(report: Report, { file, line }: { file: number; line: number }): string {
  return `${report.shortFiles[file]}:${line}`;
}

export function stateOf({ state }: PayloadFinding): "open" | "suppressed" | "known" {
  return state ?? "open";
}
