import { STATUSES } from "../payload.ts";
import { placeName, ruleName, shortPlace, statusName, statusText, type Report } from "./data.ts";
import { byId, choices, element, link, searchBox } from "./dom.ts";
import { PagedTable } from "./paged-table.ts";

const FEW = 3;
/** A rule of thousands of blockers or findings is not read to the end. */
const MOST = 100;

/** The list of rules, each with its status, its blockers and its findings. */
export function showRules(report: Report): { reveal: (index: number) => void } {
  const { rules, filters, groups, findingsOf, findings } = report;
  const texts = rules.map((rule) => `${ruleName(rule)} ${rule.text} ${statusText(rule)}`.toLowerCase());
  const by = (row: number): readonly number[] => rules[row]!.by ?? [];
  const findingsAbout = (row: number): readonly number[] => findingsOf.get(row) ?? [];
  const several = filters.length > 1;
  const table = new PagedTable({
    id: "rule",
    caption: "Rules in the order of the text; each unfolds to its blockers, findings and a packet",
    noun: "rule",
    total: rules.length,
    columns: [
      {
        name: "rule",
        compare: (one, other) => (rules[one]!.id ?? 0) - (rules[other]!.id ?? 0),
        cell: () => "",
        className: "nowrap",
      },
      {
        name: "status",
        compare: (one, other) => rules[one]!.status - rules[other]!.status,
        cell: (row) => statusBadge(report, row),
        className: "nowrap",
      },
      {
        name: "blocked by",
        cell: (row) => ruleLinks(report, by(row), FEW),
        className: "links",
        spare: true,
      },
      {
        name: "findings",
        compare: (one, other) => findingsAbout(one).length - findingsAbout(other).length,
        cell: (row) => findingLinks(row),
        className: "links",
        spare: true,
      },
      {
        name: "line",
        compare: (one, other) => one - other,
        cell: (row) => shortPlace(report, rules[row]!),
        className: "place",
        spare: true,
      },
      { name: "text", cell: (row) => element("code", {}, rules[row]!.text), className: "text", spare: true },
      ...(several
        ? [{ name: "filter", cell: (row: number) => filters[rules[row]!.filter]!.name, spare: true as const }]
        : []),
    ],
    unfold: { column: 0, text: (row) => ruleName(rules[row]!) },
    details,
    rowClass: (row) => statusName(rules[row]!),
  });

  const search = searchBox("Find", apply);
  const status = choices(
    "Status",
    [
      { value: "", text: "all" },
      ...STATUSES.map(({ name }) => ({ value: name, text: name })),
      { value: "removable", text: "removable" },
      { value: "uncertain", text: "uncertain" },
    ],
    apply,
  );
  const actions = [...new Set(rules.map(({ action }) => action))].toSorted();
  const action = choices(
    "Action",
    [{ value: "", text: "all" }, ...actions.map((value) => ({ value: `=${value}`, text: value }))],
    apply,
  );
  const filter = choices(
    "Filter",
    [{ value: "", text: "all" }, ...filters.map(({ name }, index) => ({ value: `${index}`, text: name }))],
    apply,
  );
  byId("rules-view").append(
    element(
      "div",
      { class: "controls", role: "search", "aria-label": "Filter the rules" },
      search.label,
      status.label,
      action.label,
      ...(several ? [filter.label] : []),
    ),
    table.view,
  );
  apply();
  return {
    reveal: (index) => {
      if (table.reveal(index)) return;
      search.input.value = "";
      for (const { select } of [status, action, filter]) select.value = "";
      apply();
      table.reveal(index);
    },
  };

  function apply(): void {
    const words = search.input.value.toLowerCase().split(/\s+/);
    const wanted = status.select.value;
    table.filter((row) => {
      const rule = rules[row]!;
      return (
        (wanted === "" ||
          statusName(rule) === wanted ||
          (wanted === "removable" && rule.removable === true) ||
          (wanted === "uncertain" && rule.uncertain !== undefined)) &&
        (action.select.value === "" || `=${rule.action}` === action.select.value) &&
        (filter.select.value === "" || `${rule.filter}` === filter.select.value) &&
        words.every((word) => texts[row]!.includes(word))
      );
    });
  }

  function findingLinks(row: number): Node {
    const about = findingsAbout(row);
    const span = element("span");
    for (const index of about.slice(0, FEW))
      span.append(link(`finding-${index}`, findings[index]!.check), " ");
    if (about.length > FEW) span.append(`+${about.length - FEW}`);
    return span;
  }

  function details(row: number): Node {
    const rule = rules[row]!;
    const list = element("dl", { class: "detail" });
    const add = (name: string, ...content: (Node | string)[]): void => {
      list.append(element("dt", {}, name), element("dd", {}, ...content));
    };
    add("text", element("code", { class: "line" }, rule.text));
    add("of", several ? `${filters[rule.filter]!.name} / ${groups[rule.group]}` : groups[rule.group]!);
    add("line", placeName(report, rule));
    if (rule.uncertain !== undefined) add("uncertain", rule.uncertain);
    if (rule.removable === true)
      add("removable", "it is reached, and without it no packet's verdict changes");
    if (by(row).length > 0) add("blocked by", blockers(report, by(row)));
    const about = findingsAbout(row);
    if (about.length > 0) {
      add(
        "findings",
        element(
          "ul",
          {},
          ...about.slice(0, MOST).map((index) => {
            const { severity, message } = findings[index]!;
            return element(
              "li",
              {},
              element("span", { class: `severity ${severity}` }, severity),
              " ",
              link(`finding-${index}`, message),
            );
          }),
        ),
      );
    }
    if (rule.packet !== undefined) add("packet", element("code", {}, rule.packet));
    return list;
  }
}

function statusBadge(report: Report, row: number): Node {
  const rule = report.rules[row]!;
  const { letter, name } = STATUSES[rule.status]!;
  return element(
    "span",
    {},
    element(
      "span",
      { class: `status ${name}` },
      element("span", { class: "letter", "aria-hidden": "true" }, letter),
      name,
    ),
    rule.removable === true ? element("span", { class: "mark" }, "removable") : null,
    rule.uncertain === undefined ? null : element("span", { class: "mark" }, "uncertain"),
  );
}

/** The first few of them as links. */
export function ruleLinks(report: Report, rules: readonly number[], most: number): Node {
  const span = element("span");
  for (const index of rules.slice(0, most)) {
    const rule = report.rules[index]!;
    span.append(
      element(
        "a",
        { href: `#rule-${index}`, "aria-label": ruleName(rule) },
        rule.position === null ? `${rule.id}` : `${rule.id}@${rule.position}`,
      ),
      " ",
    );
  }
  if (rules.length > most) span.append(`+${rules.length - most}`);
  return span;
}

function blockers(report: Report, rules: readonly number[]): Node {
  const list = element(
    "ul",
    { class: "places" },
    ...rules
      .slice(0, MOST)
      .map((index) =>
        element(
          "li",
          {},
          element("span", { class: "where" }, link(`rule-${index}`, ruleName(report.rules[index]!))),
          element("code", { class: "line" }, report.rules[index]!.text),
        ),
      ),
  );
  if (rules.length > MOST) list.append(element("li", {}, `and ${rules.length - MOST} more`));
  return list;
}
