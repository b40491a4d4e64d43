import { counted, element, grouped } from "./dom.ts";

/** So many rows at a time: whatever the report holds, the browser never lays out more. */
const PAGE = 50;
/** Paper has no next page to turn to. */
const PRINTED = 500;

export interface Column {
  readonly name: string;
  /** Orders two rows by this column; a column without it cannot be sorted by. */
  readonly compare?: (one: number, other: number) => number;
  readonly cell: (row: number) => Node | string;
  readonly className?: string;
  /** Left out where the window is narrow, because the unfolded row says it too. */
  readonly spare?: true;
}

export interface TableOptions {
  /** Of the rows' elements, and of links to them: `rule` makes `#rule-17`. */
  readonly id: string;
  readonly caption: string;
  /** What one row is, for counts. */
  readonly noun: string;
  readonly total: number;
  readonly columns: readonly Column[];
  /** The column that holds the button which unfolds the row, and the button's text. */
  readonly unfold: { readonly column: number; readonly text: (row: number) => string };
  readonly details: (row: number) => Node;
  readonly rowClass: (row: number) => string;
}

/** A table that shows a page of the rows that pass a filter; each row unfolds. */
export class PagedTable {
  readonly view: HTMLElement;
  readonly #options: TableOptions;
  readonly #head: HTMLTableCellElement[];
  readonly #body: HTMLTableSectionElement;
  readonly #status: HTMLElement;
  readonly #pages: HTMLElement;
  readonly #previous: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  readonly #open = new Set<number>();
  #rows: readonly number[] = [];
  #sorted: readonly number[] = [];
  #column: number | null = null;
  #descending = false;
  #page = 0;
  #size = PAGE;

  constructor(options: TableOptions) {
    this.#options = options;
    this.#head = options.columns.map((column, index) => this.#headCell(column, index));
    this.#body = element("tbody");
    this.#status = element("p", { role: "status", class: "count" });
    this.#previous = pageButton("Previous page", () => {
      this.#turn(-1);
    });
    this.#next = pageButton("Next page", () => {
      this.#turn(1);
    });
    this.#pages = element("div", { class: "pages" }, this.#previous, this.#next);
    const caption = element("caption", { id: `${options.id}-caption` }, options.caption);
    const table = element(
      "table",
      { class: `paged ${options.id}-table` },
      caption,
      element("thead", {}, element("tr", {}, ...this.#head)),
      this.#body,
    );
    const scroll = element(
      "div",
      { class: "scroll", role: "region", "aria-labelledby": caption.id, tabindex: "0" },
      table,
    );
    this.view = element("div", {}, element("div", { class: "bar" }, this.#status, this.#pages), scroll);
    window.addEventListener("beforeprint", () => {
      this.#resize(PRINTED);
    });
    window.addEventListener("afterprint", () => {
      this.#resize(PAGE);
    });
  }

  /** Shows the rows for which `wanted` holds. */
  filter(wanted: (row: number) => boolean): void {
    const rows: number[] = [];
    for (let row = 0; row < this.#options.total; row += 1) if (wanted(row)) rows.push(row);
    this.#rows = rows;
    this.#sort();
    this.#page = 0;
    this.#render();
  }

  /** Unfolds a row and goes there; false if the filter leaves it out. */
  reveal(row: number): boolean {
    const place = this.#sorted.indexOf(row);
    if (place === -1) return false;
    this.#page = Math.floor(place / this.#size);
    this.#open.add(row);
    this.#render();
    const target = document.getElementById(`${this.#options.id}-${row}`)!;
    target.scrollIntoView({ block: "center" });
    target.querySelector<HTMLElement>("button.unfold")!.focus({ preventScroll: true });
    return true;
  }

  #headCell({ name, compare, spare }: Column, index: number): HTMLTableCellElement {
    const attributes = { scope: "col", class: spare === true ? "spare" : "kept" };
    if (compare === undefined) return element("th", attributes, name);
    const button = element("button", { type: "button", class: "sort" }, name);
    button.addEventListener("click", () => {
      this.#descending = this.#column === index && !this.#descending;
      this.#column = index;
      this.#sort();
      this.#page = 0;
      this.#render();
    });
    return element("th", { ...attributes, "aria-sort": "none" }, button);
  }

  #sort(): void {
    const compare = this.#column === null ? undefined : this.#options.columns[this.#column]!.compare;
    const sign = this.#descending ? -1 : 1;
    this.#sorted =
      compare === undefined
        ? this.#rows
        : this.#rows.toSorted((one, other) => sign * compare(one, other) || one - other);
    for (const [index, { compare: sortable }] of this.#options.columns.entries()) {
      if (sortable === undefined) continue;
      const direction = this.#descending ? "descending" : "ascending";
      this.#head[index]!.setAttribute("aria-sort", index === this.#column ? direction : "none");
    }
  }

  #resize(size: number): void {
    const first = this.#page * this.#size;
    this.#size = size;
    this.#page = Math.floor(first / size);
    this.#render();
  }

  #turn(step: number): void {
    const page = this.#page + step;
    if (page < 0 || page > this.#lastPage) return;
    this.#page = page;
    this.#render();
    this.view.scrollIntoView({ block: "start" });
  }

  get #lastPage(): number {
    return Math.max(0, Math.ceil(this.#sorted.length / this.#size) - 1);
  }

  #render(): void {
    const { noun, total } = this.#options;
    const first = this.#page * this.#size;
    const rows = this.#sorted.slice(first, first + this.#size);
    this.#body.replaceChildren(...rows.flatMap((row) => this.#rowElements(row)));
    const count = this.#sorted.length;
    const found = count === total ? counted(count, noun) : `${grouped(count)} of ${counted(total, noun)}`;
    const shown =
      count > rows.length ? `, ${grouped(first + 1)} to ${grouped(first + rows.length)} shown` : "";
    this.#status.textContent = `${found}${shown}`;
    // Hidden or switched off, a button would lose the focus of whoever presses it.
    this.#previous.setAttribute("aria-disabled", String(this.#page === 0));
    this.#next.setAttribute("aria-disabled", String(this.#page >= this.#lastPage));
    this.#pages.hidden = this.#lastPage === 0;
  }

  #rowElements(row: number): HTMLTableRowElement[] {
    const { id, columns, unfold, rowClass } = this.#options;
    const open = this.#open.has(row);
    const button = element(
      "button",
      { type: "button", class: "unfold", "aria-expanded": String(open) },
      unfold.text(row),
    );
    const line = element(
      "tr",
      { id: `${id}-${row}`, class: rowClass(row) },
      ...columns.map(({ cell, className, spare }, index) => {
        const attributes = { class: `${className ?? ""}${spare === true ? " spare" : ""}` };
        return index === unfold.column
          ? element("td", attributes, button, cell(row))
          : element("td", attributes, cell(row));
      }),
    );
    button.addEventListener("click", () => {
      if (this.#open.delete(row)) line.nextElementSibling!.remove();
      else {
        this.#open.add(row);
        line.after(this.#detailsRow(row));
      }
      button.setAttribute("aria-expanded", String(this.#open.has(row)));
    });
    return open ? [line, this.#detailsRow(row)] : [line];
  }

  #detailsRow(row: number): HTMLTableRowElement {
    const { columns, details } = this.#options;
    return element(
      "tr",
      { class: "details" },
      element("td", { colspan: String(columns.length) }, details(row)),
    );
  }
}

function pageButton(name: string, press: () => void): HTMLButtonElement {
  const button = element("button", { type: "button" }, name);
  button.addEventListener("click", press);
  return button;
}
