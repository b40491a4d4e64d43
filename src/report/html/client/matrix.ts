import type { PayloadFilter } from "../payload.ts";
import { ruleName, statusText, type Report } from "./data.ts";
import { counted, element, grouped, link, searchBox } from "./dom.ts";

/** More rows and columns than these nobody takes in at once, and the browser lays each cell out. */
const MOST_SIDES = 30;
const MOST_RULES = 100;

const MEANING =
  "Rows are sources and columns destinations, as the layer-3 rules name them. A number says how many accept rules from the " +
  "row's set to the column's are still reached; it is hatched and has a question mark if none of them is certain. It does " +
  "not say that all packets between the two are accepted: services differ, and earlier rules may take a part. Sets overlap, " +
  "and what goes from or to any goes for every set: an empty cell alone does not mean that nothing is accepted.";

/** The rules from one set to another: how many accept, and how many of those for certain. */
interface Cell {
  readonly rules: number[];
  certain: number;
}

/** Sources and destinations by the accept rules between them that are reached. */
export class Matrix {
  readonly view: HTMLElement;
  readonly #report: Report;
  readonly #from: ReturnType<typeof searchBox>;
  readonly #to: ReturnType<typeof searchBox>;
  readonly #status = element("p", { role: "status", class: "count" });
  readonly #table = element("div", { class: "scroll matrix" });
  readonly #detail = element("div", { role: "status" });
  readonly #list = element("div", { class: "cell-detail" });
  #cells = new Map<number, Map<number, Cell>>();
  #sources: readonly number[] = [];
  #destinations: readonly number[] = [];

  constructor(report: Report, filter: PayloadFilter) {
    this.#report = report;
    const render = (): void => {
      this.#render();
    };
    this.#from = searchBox("Source", render);
    this.#to = searchBox("Destination", render);
    this.view = element(
      "div",
      {},
      element(
        "div",
        { class: "controls", role: "search", "aria-label": "Filter the matrix" },
        this.#from.label,
        this.#to.label,
      ),
      this.#status,
      element("p", { id: "matrix-meaning", class: "hint" }, MEANING),
      this.#table,
      this.#detail,
      this.#list,
    );
    this.show(filter);
  }

  show({ first, count }: PayloadFilter): void {
    const { rules } = this.#report;
    this.#cells = new Map();
    const sources = new Map<number, number>();
    const destinations = new Map<number, number>();
    for (let index = first; index < first + count; index += 1) {
      const { list, from, to, action, status, uncertain } = rules[index]!;
      if (list !== undefined) continue;
      const accepts = action === "accept" && status === 0;
      sources.set(from, (sources.get(from) ?? 0) + Number(accepts));
      destinations.set(to, (destinations.get(to) ?? 0) + Number(accepts));
      if (!accepts) continue;
      const row = this.#cells.get(from) ?? new Map<number, Cell>();
      const cell = row.get(to) ?? { rules: [], certain: 0 };
      cell.rules.push(index);
      cell.certain += Number(uncertain === undefined);
      row.set(to, cell);
      this.#cells.set(from, row);
    }
    this.#sources = busiestFirst(sources);
    this.#destinations = busiestFirst(destinations);
    this.#render();
  }

  #render(): void {
    const { ends } = this.#report;
    const matching = (places: readonly number[], { input }: { input: HTMLInputElement }): number[] => {
      const text = input.value.trim().toLowerCase();
      return places.filter((place) => ends[place]!.toLowerCase().includes(text));
    };
    const rows = matching(this.#sources, this.#from);
    const columns = matching(this.#destinations, this.#to);
    // The side that is filtered, else the sources, is taken as it is; of the other, what has most to do with it.
    const byColumn = this.#to.input.value !== "" && this.#from.input.value === "";
    const firstColumns = byColumn ? columns.slice(0, MOST_SIDES) : columns;
    const inRow = (row: number, column: number): Cell | undefined => this.#cell(row, column);
    const inColumn = (column: number, row: number): Cell | undefined => this.#cell(row, column);
    const rowsInOrder = byColumn ? mostRules(rows, firstColumns, inRow, true) : rows;
    const shownRows = rowsInOrder.slice(0, MOST_SIDES);
    const byRow = this.#from.input.value !== "" && this.#to.input.value === "";
    const columnsInOrder = byColumn ? firstColumns : mostRules(columns, shownRows, inColumn, byRow);
    const shownColumns = columnsInOrder.slice(0, MOST_SIDES);
    const part = (shown: number, found: number, all: number, name: string): string =>
      shown === all
        ? counted(all, name)
        : `${grouped(shown)} of ${counted(found, name)}${found === all ? "" : ` found among ${grouped(all)}`}`;
    this.#status.textContent = `${part(shownRows.length, rows.length, this.#sources.length, "source")} and ${part(
      shownColumns.length,
      columns.length,
      this.#destinations.length,
      "destination",
    )}, those with most accept rules first`;
    this.#detail.replaceChildren();
    this.#list.replaceChildren();
    this.#table.replaceChildren(this.#tableOf(shownRows, shownColumns));
  }

  #cell(row: number, column: number): Cell | undefined {
    return this.#cells.get(row)?.get(column);
  }

  #tableOf(rows: readonly number[], columns: readonly number[]): HTMLElement {
    const { ends } = this.#report;
    const table = element(
      "table",
      { class: "matrix", "aria-describedby": "matrix-meaning" },
      element("caption", {}, "Accept rules still reached, from the row's set to the column's"),
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          element("th", { scope: "col" }, "source \\ destination"),
          ...columns.map((column) =>
            element(
              "th",
              { scope: "col", class: "column", title: ends[column]! },
              element("span", {}, ends[column]!),
            ),
          ),
        ),
      ),
      element(
        "tbody",
        {},
        ...rows.map((row) =>
          element(
            "tr",
            {},
            element("th", { scope: "row", title: ends[row]! }, element("span", {}, ends[row]!)),
            ...columns.map((column) => this.#cellOf(row, column)),
          ),
        ),
      ),
    );
    const buttons = [...table.querySelectorAll("button")];
    // One stop for the tab key, arrows within.
    for (const [index, button] of buttons.entries()) button.tabIndex = index === 0 ? 0 : -1;
    table.addEventListener("keydown", (event) => {
      moveAmong(table, event);
    });
    return table;
  }

  #cellOf(row: number, column: number): HTMLTableCellElement {
    const cell = this.#cell(row, column);
    if (cell === undefined) return element("td");
    const { ends } = this.#report;
    const count = cell.rules.length;
    const uncertain = cell.certain === 0;
    const level = count < 3 ? "few" : count < 10 ? "some" : "many";
    const button = element(
      "button",
      {
        type: "button",
        class: `${level}${uncertain ? " uncertain" : ""}`,
        "aria-label": `${ends[row]} to ${ends[column]}: ${counted(count, "accept rule")}${uncertain ? ", uncertain" : ""}`,
      },
      `${count}${uncertain ? "?" : ""}`,
    );
    button.addEventListener("click", () => {
      this.#showCell(row, column, cell);
    });
    return element("td", {}, button);
  }

  #showCell(row: number, column: number, { rules }: Cell): void {
    const { ends, rules: all } = this.#report;
    this.#detail.replaceChildren(
      element(
        "h3",
        {},
        `${ends[row]} to ${ends[column]}: ${counted(rules.length, "accept rule")} still reached`,
      ),
    );
    this.#list.replaceChildren(
      element(
        "ul",
        { class: "places" },
        ...rules
          .slice(0, MOST_RULES)
          .map((index) =>
            element(
              "li",
              {},
              element(
                "span",
                { class: "where" },
                link(`rule-${index}`, ruleName(all[index]!)),
                ` ${statusText(all[index]!)}`,
              ),
              element("code", { class: "line" }, all[index]!.text),
            ),
          ),
        ...(rules.length > MOST_RULES ? [element("li", {}, `and ${rules.length - MOST_RULES} more`)] : []),
      ),
    );
  }
}

/** The sides of one kind by the accept rules between them and those of the other; if asked, only those that have some. */
function mostRules(
  sides: readonly number[],
  others: readonly number[],
  between: (side: number, other: number) => Cell | undefined,
  filled: boolean,
): number[] {
  const counts = new Map<number, number>();
  for (const side of sides) {
    const count = others.reduce((sum, other) => sum + (between(side, other)?.rules.length ?? 0), 0);
    if (count > 0 || !filled) counts.set(side, count);
  }
  return busiestFirst(counts);
}

/** `any` first: what holds of it holds of every set. */
function busiestFirst(counts: ReadonlyMap<number, number>): number[] {
  return [...counts]
    .toSorted(([one, ones], [other, others]) => Number(other === 0) - Number(one === 0) || others - ones)
    .map(([place]) => place);
}

/** Arrows go to the next filled cell in their direction. */
function moveAmong(table: HTMLTableElement, event: KeyboardEvent): void {
  const step = STEPS[event.key];
  const cell = (event.target as Element).closest("td");
  if (step === undefined || cell === null) return;
  event.preventDefault();
  const [down, right] = step;
  let row = (cell.parentElement as HTMLTableRowElement).rowIndex + down;
  let column = cell.cellIndex + right;
  for (;;) {
    const next = table.rows[row]?.cells[column];
    if (next === undefined || row < 1 || column < 1) return;
    const button = next.querySelector("button");
    if (button !== null) {
      for (const other of table.querySelectorAll("button")) other.tabIndex = -1;
      button.tabIndex = 0;
      button.focus();
      return;
    }
    row += down;
    column += right;
  }
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
