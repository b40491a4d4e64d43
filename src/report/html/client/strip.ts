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
/** Around the cells, so that the mark of the selected one is seen whole. */
const EDGE = 2;

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
  /** The cells without the mark of the selected one, which alone changes often. */
  readonly #cells = element("canvas");
  readonly #readout: HTMLElement;
  #filter: PayloadFilter;
  #at = 0;
  #perRow = 1;
  #ratio = 1;

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
    this.#draw();
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
    this.#drawMark();
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
    else {
      this.#select(target);
      this.#scroll();
    }
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
    const column = Math.floor((offsetX - EDGE) / (width + gap));
    const place = Math.floor((offsetY - EDGE) / (height + gap + 1)) * this.#perRow + column;
    return column < 0 || column >= this.#perRow || place < 0 || place >= this.#filter.count ? null : place;
  }

  #draw(): void {
    const available = this.#canvas.parentElement!.clientWidth;
    if (available === 0) return;
    const { width, height, gap } = this.#size;
    const { count } = this.#filter;
    this.#perRow = Math.max(1, Math.min(count, Math.floor((available - 2 * EDGE) / (width + gap))));
    const cssWidth = this.#perRow * (width + gap) + 2 * EDGE;
    const cssHeight = Math.ceil(count / this.#perRow) * (height + gap + 1) + 2 * EDGE;
    // Beyond this a browser draws nothing at all.
    const ratio = Math.min(devicePixelRatio, 30_000 / Math.max(cssWidth, cssHeight));
    for (const canvas of [this.#cells, this.#canvas]) {
      canvas.width = Math.round(cssWidth * ratio);
      canvas.height = Math.round(cssHeight * ratio);
    }
    this.#canvas.style.width = `${cssWidth}px`;
    this.#canvas.style.height = `${cssHeight}px`;
    const context = this.#cells.getContext("2d")!;
    context.scale(ratio, ratio);
    this.#drawCells(context);
    this.#ratio = ratio;
    this.#drawMark();
  }

  #drawMark(): void {
    const context = this.#canvas.getContext("2d")!;
    context.resetTransform();
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (this.#cells.width === 0) return;
    context.drawImage(this.#cells, 0, 0);
    context.scale(this.#ratio, this.#ratio);
    const { width, height } = this.#size;
    const { x, y } = this.#corner(this.#at);
    context.strokeStyle = getComputedStyle(this.#canvas).getPropertyValue("--accent");
    context.lineWidth = 2;
    context.strokeRect(x - 1, y - 1, width + 2, height + 2);
  }

  /** Keeps the selected cell in view where the strip scrolls. */
  #scroll(): void {
    const frame = this.#canvas.parentElement!;
    const { y } = this.#corner(this.#at);
    const { height } = this.#size;
    if (y < frame.scrollTop) frame.scrollTop = y - height;
    else if (y + 2 * height > frame.scrollTop + frame.clientHeight)
      frame.scrollTop = y + 2 * height - frame.clientHeight;
  }

  #corner(place: number): { x: number; y: number } {
    const { width, height, gap } = this.#size;
    return {
      x: EDGE + (place % this.#perRow) * (width + gap),
      y: EDGE + Math.floor(place / this.#perRow) * (height + gap + 1),
    };
  }

  #drawCells(context: CanvasRenderingContext2D): void {
    const { width, height } = this.#size;
    const styles = getComputedStyle(this.#canvas);
    const colour = (name: string): string => styles.getPropertyValue(name);
    const colours = SHAPES.map((shape) => colour(shape.colour));
    const [background, text, removable] = [colour("--cell"), colour("--text"), colour("--removable")];
    const letters = width >= LETTERS_FROM;
    const full = letters ? height - 13 : height;
    context.textAlign = "center";
    context.font = "11px ui-monospace, monospace";
    for (let place = 0; place < this.#filter.count; place += 1) {
      const rule = this.#rule(place);
      const { x, y } = this.#corner(place);
      const bottom = y + height;
      const { part } = SHAPES[rule.status]!;
      context.fillStyle = background;
      context.fillRect(x, y, width, height);
      context.fillStyle = rule.removable === true ? removable : colours[rule.status]!;
      const filled = part === null ? full : Math.max(3, Math.round(full * part));
      if (part === null) {
        context.fillRect(x, bottom - full, width, 2);
        context.fillRect(x, bottom - 2, width, 2);
      } else context.fillRect(x, bottom - filled, width, filled);
      if (rule.removable === true) context.fillRect(x, bottom - full, width, 1);
      if (rule.uncertain !== undefined) {
        context.fillStyle = background;
        context.fillRect(x, bottom - Math.ceil(filled / 2), width, 1);
      }
      context.fillStyle = text;
      if (letters) context.fillText(letterOf(rule), x + width / 2, y + 10);
      if (place > 0 && this.#rule(place - 1).group !== rule.group)
        context.fillRect(x - 1, y - 1, 2, height + 2);
    }
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
    item("uncertain", "?"),
  );
}
