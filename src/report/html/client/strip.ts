import { STATUSES } from "../payload.ts";
import { placeName, ruleName, statusText, type Report } from "./data.ts";
import { counted, element, grouped, link } from "./dom.ts";
import type { PayloadFilter, PayloadRule } from "../payload.ts";

/** Cells by the number of rules: with letters while there is room for them. */
const SIZES = [
  { most: 600, width: 16, height: 22, gap: 1 },
  { most: 3000, width: 8, height: 14, gap: 1 },
  { most: Infinity, width: 4, height: 9, gap: 0 },
] as const;
const LETTERS_FROM = 12;

interface Shape {
  /** The custom property that holds its colour. */
  readonly colour: string;
  /** The part of the cell that is filled, from below; a frame if null. */
  readonly part: number | null;
}

/** By the place of the status: the height tells it apart where colours do not. */
const SHAPES: readonly Shape[] = [
  { colour: "--reachable", part: 0.4 },
  { colour: "--shadowed", part: 1 },
  { colour: "--redundant", part: 0.7 },
  { colour: "--never-matches", part: null },
];

/** All rules of a filter in their order, a cell each. It is a slider for the keyboard and for screen readers. */
export class Strip {
  readonly view: HTMLElement;
  readonly #report: Report;
  readonly #canvas: HTMLCanvasElement;
  readonly #readout: HTMLElement;
  #filter: PayloadFilter;
  #at = 0;
  #perRow = 1;

  constructor(report: Report, filter: PayloadFilter) {
    this.#report = report;
    this.#filter = filter;
    this.#canvas = element("canvas", {
      role: "slider",
      tabindex: "0",
      "aria-label": "Rules in order",
      "aria-describedby": "order-hint",
      "aria-valuemin": "1",
    });
    this.#readout = element("p", { class: "readout" });
    this.view = element(
      "div",
      { class: "strip" },
      legend(),
      element("div", { class: "canvas" }, this.#canvas),
      this.#readout,
      element(
        "p",
        { id: "order-hint", class: "hint" },
        "A cell is a rule; a line marks a new ruleset or category. Point at a cell to read it, click to go to the rule. " +
          "Keys: arrows, Home and End move, n and p go to the next and previous rule that is never reached, Enter goes to the rule.",
      ),
    );
    this.#canvas.addEventListener("keydown", (event) => {
      this.#press(event);
    });
    this.#canvas.addEventListener("pointermove", (event) => {
      const place = this.#placeUnder(event);
      if (place !== null) this.#select(place);
    });
    this.#canvas.addEventListener("click", (event) => {
      const place = this.#placeUnder(event);
      if (place !== null) this.#go(place);
    });
    const redraw = (): void => {
      this.#draw();
    };
    new ResizeObserver(redraw).observe(this.#canvas.parentElement!);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    this.show(filter);
  }

  show(filter: PayloadFilter): void {
    this.#filter = filter;
    this.view.hidden = filter.count === 0;
    this.#canvas.setAttribute("aria-valuemax", String(filter.count));
    this.#select(0);
  }

  #rule(place: number): PayloadRule {
    return this.#report.rules[this.#filter.first + place]!;
  }

  #select(place: number): void {
    if (this.#filter.count === 0) return;
    this.#at = Math.max(0, Math.min(this.#filter.count - 1, place));
    const rule = this.#rule(this.#at);
    const name = ruleName(rule);
    const text = `${statusText(rule)}; ${rule.action}; ${this.#report.groups[rule.group]}; ${placeName(this.#report, rule)}`;
    this.#canvas.setAttribute("aria-valuenow", String(this.#at + 1));
    this.#canvas.setAttribute("aria-valuetext", `${name}: ${text}`);
    this.#readout.replaceChildren(
      `${grouped(this.#at + 1)} of ${counted(this.#filter.count, "rule")}: `,
      link(`rule-${this.#filter.first + this.#at}`, name),
      ` ${text}`,
    );
    this.#draw();
  }

  #go(place: number): void {
    this.#select(place);
    location.hash = `rule-${this.#filter.first + place}`;
  }

  #press(event: KeyboardEvent): void {
    const target = this.#target(event.key);
    if (target === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (event.key === "Enter") this.#go(target);
    else this.#select(target);
  }

  #target(key: string): number | null {
    switch (key) {
      case "ArrowRight":
        return this.#at + 1;
      case "ArrowLeft":
        return this.#at - 1;
      case "ArrowDown":
        return Math.min(this.#filter.count - 1, this.#at + this.#perRow);
      case "ArrowUp":
        return Math.max(0, this.#at - this.#perRow);
      case "PageDown":
        return this.#at + 10 * this.#perRow;
      case "PageUp":
        return this.#at - 10 * this.#perRow;
      case "Home":
        return 0;
      case "End":
        return this.#filter.count - 1;
      case "n":
        return this.#nextDead(1);
      case "p":
        return this.#nextDead(-1);
      case "Enter":
        return this.#at;
      default:
        return null;
    }
  }

  #nextDead(step: number): number {
    for (let place = this.#at + step; place >= 0 && place < this.#filter.count; place += step)
      if (this.#rule(place).status !== 0) return place;
    return this.#at;
  }

  get #size(): (typeof SIZES)[number] {
    return SIZES.find(({ most }) => this.#filter.count <= most)!;
  }

  #placeUnder({ offsetX, offsetY }: MouseEvent): number | null {
    const { width, height, gap } = this.#size;
    const column = Math.floor(offsetX / (width + gap));
    const place = Math.floor(offsetY / (height + gap + 1)) * this.#perRow + column;
    return column < 0 || column >= this.#perRow || place < 0 || place >= this.#filter.count ? null : place;
  }

  #draw(): void {
    const available = this.#canvas.parentElement!.clientWidth;
    if (available === 0) return;
    const { width, height, gap } = this.#size;
    const { count } = this.#filter;
    this.#perRow = Math.max(1, Math.min(count, Math.floor(available / (width + gap))));
    const rows = Math.ceil(count / this.#perRow);
    const cssWidth = this.#perRow * (width + gap);
    const cssHeight = rows * (height + gap + 1);
    // Beyond this a browser draws nothing at all.
    const ratio = Math.min(devicePixelRatio, 30_000 / Math.max(cssWidth, cssHeight));
    this.#canvas.width = Math.round(cssWidth * ratio);
    this.#canvas.height = Math.round(cssHeight * ratio);
    this.#canvas.style.width = `${cssWidth}px`;
    this.#canvas.style.height = `${cssHeight}px`;
    const context = this.#canvas.getContext("2d")!;
    context.scale(ratio, ratio);
    const styles = getComputedStyle(this.#canvas);
    const colours = SHAPES.map(({ colour }) => styles.getPropertyValue(colour));
    const [background, text, removable, accent] = ["--cell", "--text", "--removable", "--accent"].map(
      (name) => styles.getPropertyValue(name),
    ) as [string, string, string, string];
    context.textAlign = "center";
    context.font = "11px ui-monospace, monospace";
    for (let place = 0; place < count; place += 1) {
      const rule = this.#rule(place);
      const x = (place % this.#perRow) * (width + gap);
      const y = Math.floor(place / this.#perRow) * (height + gap + 1);
      const { part } = SHAPES[rule.status]!;
      context.fillStyle = background;
      context.fillRect(x, y, width, height);
      context.fillStyle = rule.removable === true ? removable : colours[rule.status]!;
      const full = width >= LETTERS_FROM ? height - 13 : height;
      if (part === null) {
        context.fillRect(x, y + height - full, width, 2);
        context.fillRect(x, y + height - 2, width, 2);
      } else {
        const filled = Math.max(2, Math.round(full * part));
        context.fillRect(x, y + height - filled, width, filled);
        if (rule.removable === true) context.fillRect(x, y + height - full, width, 1);
      }
      if (width >= LETTERS_FROM) {
        context.fillStyle = text;
        context.fillText(letterOf(rule), x + width / 2, y + 10);
      }
      const before = place === 0 ? null : this.#rule(place - 1);
      if (before !== null && before.group !== rule.group) {
        context.fillStyle = text;
        context.fillRect(x - 1, y - 1, 2, height + 2);
      }
    }
    const x = (this.#at % this.#perRow) * (width + gap);
    const y = Math.floor(this.#at / this.#perRow) * (height + gap + 1);
    context.strokeStyle = accent;
    context.lineWidth = 2;
    context.strokeRect(x, y, width, height);
  }
}

function letterOf(rule: PayloadRule): string {
  if (rule.uncertain !== undefined) return "?";
  return rule.removable === true ? "m" : STATUSES[rule.status]!.letter;
}

function legend(): HTMLElement {
  const item = (name: string, letter: string): HTMLElement =>
    element(
      "li",
      {},
      element("span", { class: `cell ${name}`, "aria-hidden": "true" }),
      element("code", { "aria-hidden": "true" }, letter),
      ` ${name}`,
    );
  return element(
    "ul",
    { class: "legend", "aria-label": "Legend" },
    ...STATUSES.map(({ name, letter }) => item(name, letter)),
    item("removable", "m"),
    element("li", {}, element("code", { "aria-hidden": "true" }, "?"), " uncertain"),
  );
}
