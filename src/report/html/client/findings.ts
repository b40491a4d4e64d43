import { byId, checkBox, choices, element, grouped, link, searchBox } from "./dom.ts";
import { placeName, ruleName, shortPlace, stateOf, type Report } from "./data.ts";
import { PagedTable } from "./paged-table.ts";
import type { PayloadFinding, PayloadPlace } from "../payload.ts";

const SEVERITIES = ["error", "warning", "info"] as const;
const STATES = {
  open: "to be looked at",
  suppressed: "suppressed",
  known: "known from the baseline",
} as const;

/** The findings: a filter, a table, and what each row unfolds to. */
export function showFindings(report: Report): { reveal: (index: number) => void } {
  const { findings, filters } = report;
  const texts = findings.map((finding) =>
    [finding.message, finding.check, placeName(report, finding.places[0]!)].join(" ").toLowerCase(),
  );
  const at = (row: number): PayloadFinding => findings[row]!;
  const rank = (row: number): number => SEVERITIES.indexOf(at(row).severity);
  const filterOf = (row: number): string => filters[at(row).filter ?? -1]?.name ?? "";
  const table = new PagedTable({
    id: "finding",
    caption: "Findings; each unfolds to why it matters, what to do and where it stands",
    noun: "finding",
    total: findings.length,
    columns: [
      {
        name: "severity",
        compare: (one, other) => rank(one) - rank(other),
        cell: (row) => element("span", { class: `severity ${at(row).severity}` }, at(row).severity),
      },
      {
        name: "check",
        compare: (one, other) => inAlphabet(at(one).check, at(other).check),
        cell: (row) => element("code", {}, at(row).check),
        className: "nowrap",
        spare: true,
      },
      {
        name: "line",
        compare: (one, other) => inText(at(one).places[0]!, at(other).places[0]!),
        cell: (row) => shortPlace(report, at(row).places[0]!),
        className: "place",
        spare: true,
      },
      { name: "finding", cell: (row) => marks(at(row)), className: "message" },
      {
        name: "rule",
        cell: (row) => {
          const { rule } = at(row);
          return rule === undefined ? "" : link(`rule-${rule}`, ruleName(report.rules[rule]!));
        },
        className: "nowrap",
        spare: true,
      },
      ...(filters.length > 1
        ? [
            {
              name: "filter",
              compare: (one: number, other: number) => inAlphabet(filterOf(one), filterOf(other)),
              cell: filterOf,
              spare: true as const,
            },
          ]
        : []),
    ],
    unfold: { column: 3, text: (row) => at(row).message },
    details: (row) => details(report, at(row)),
    rowClass: (row) => `${at(row).severity}${stateOf(at(row)) === "open" ? "" : " settled"}`,
  });

  const search = searchBox("Find", apply);
  const severity = choices(
    "Severity",
    [{ value: "", text: "all" }, ...SEVERITIES.map((value) => ({ value, text: value }))],
    apply,
  );
  const check = choices("Check", [{ value: "", text: "all" }, ...checkChoices(findings)], apply);
  const filter = choices(
    "Filter",
    [{ value: "", text: "all" }, ...filters.map(({ name }, index) => ({ value: `${index}`, text: name }))],
    apply,
  );
  const states = Object.entries(STATES).map(([value, text]) => ({ value, text }));
  const state = choices("Show", [...states, { value: "", text: "all of them" }], apply);
  const uncertain = checkBox("uncertain only", apply);
  const settled = findings.some((finding) => stateOf(finding) !== "open");
  byId("findings-view").append(
    element(
      "div",
      { class: "controls", role: "search", "aria-label": "Filter the findings" },
      search.label,
      severity.label,
      check.label,
      ...(filters.length > 1 ? [filter.label] : []),
      ...(settled ? [state.label] : []),
      uncertain.label,
    ),
    table.view,
  );
  apply();
  return {
    reveal: (index) => {
      if (table.reveal(index)) return;
      search.input.value = "";
      for (const { select } of [severity, check, filter, state]) select.value = "";
      uncertain.input.checked = false;
      apply();
      table.reveal(index);
    },
  };

  function apply(): void {
    const words = search.input.value.toLowerCase().split(/\s+/);
    table.filter((row) => {
      const finding = at(row);
      return (
        (severity.select.value === "" || finding.severity === severity.select.value) &&
        (check.select.value === "" || finding.check === check.select.value) &&
        (filter.select.value === "" || `${finding.filter}` === filter.select.value) &&
        (state.select.value === "" || stateOf(finding) === state.select.value) &&
        (!uncertain.input.checked || finding.uncertain === true) &&
        words.every((word) => texts[row]!.includes(word))
      );
    });
  }
}

function checkChoices(findings: readonly PayloadFinding[]): { value: string; text: string }[] {
  const counts = new Map<string, number>();
  for (const { check } of findings) counts.set(check, (counts.get(check) ?? 0) + 1);
  return [...counts]
    .toSorted(([one], [other]) => inAlphabet(one, other))
    .map(([value, count]) => ({ value, text: `${value} (${grouped(count)})` }));
}

function inAlphabet(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function inText(one: PayloadPlace, other: PayloadPlace): number {
  return one.file - other.file || one.line - other.line || one.column - other.column;
}

function marks(finding: PayloadFinding): Node {
  const state = stateOf(finding);
  return element(
    "span",
    {},
    finding.uncertain === true ? element("span", { class: "mark" }, "uncertain") : null,
    state === "open" ? null : element("span", { class: "mark" }, STATES[state]),
  );
}

function details(report: Report, finding: PayloadFinding): Node {
  const { check, filter, why, help, packet, places, more, reason } = finding;
  const list = element("dl", { class: "detail" });
  const add = (name: string, ...content: (Node | string)[]): void => {
    list.append(element("dt", {}, name), element("dd", {}, ...content));
  };
  add("check", element("code", {}, check));
  if (reason !== undefined) add("suppressed", reason);
  add("why", report.texts[why]!);
  add("help", report.texts[help]!);
  if (finding.uncertain === true)
    add("uncertain", "it holds only if what the dump does not say turns out so");
  if (packet !== undefined) add("packet", element("code", {}, packet));
  if (filter !== undefined && report.filters.length > 1) add("filter", report.filters[filter]!.name);
  add(
    places.length === 1 ? "place" : "places",
    element("ol", { class: "places" }, ...places.map((place) => placeItem(report, place))),
    ...(more === undefined ? [] : [`and ${more} more`]),
  );
  return list;
}

function placeItem(report: Report, place: PayloadPlace): HTMLLIElement {
  const { label, rule, text, mark } = place;
  const name = placeName(report, place);
  return element(
    "li",
    {},
    element(
      "span",
      { class: "where" },
      name,
      rule === undefined ? null : ": ",
      rule === undefined ? null : link(`rule-${rule}`, ruleName(report.rules[rule]!)),
      label === "" ? null : element("span", { class: "label" }, ` ${label}`),
    ),
    source(text ?? report.rules[rule!]!.text, mark),
  );
}

/** A line of the dump with the place that is meant. */
function source(text: string, mark: PayloadPlace["mark"]): HTMLElement {
  if (mark === undefined) return element("code", { class: "line" }, text);
  const [start, length] = mark;
  return element(
    "code",
    { class: "line" },
    text.slice(0, start),
    element("mark", {}, text.slice(start, start + length)),
    text.slice(start + length),
  );
}
