import { readReport } from "./data.ts";
import { byId, choices, element } from "./dom.ts";
import { showFindings } from "./findings.ts";
import { Matrix } from "./matrix.ts";
import { showRules } from "./rules.ts";
import { Strip } from "./strip.ts";
import type { PayloadFilter } from "../payload.ts";

const report = readReport(byId("data").textContent);
const findings = showFindings(report);
const rules = showRules(report);

// A filter may have sets and no rules: there is nothing to draw of it.
const first = Math.max(
  0,
  report.filters.findIndex(({ count }) => count > 0),
);
const firstFilter = report.filters[first];
if (firstFilter !== undefined) {
  const strip = new Strip(report, firstFilter);
  const matrix = new Matrix(report, firstFilter);
  byId("order-view").append(
    ...filterChoice((filter) => {
      strip.show(filter);
    }),
    strip.view,
  );
  byId("matrix-view").append(
    ...filterChoice((filter) => {
      matrix.show(filter);
    }),
    matrix.view,
  );
}

function filterChoice(change: (filter: PayloadFilter) => void): HTMLElement[] {
  if (report.filters.length === 1) return [];
  const names = report.filters.map(({ name }, index) => ({ value: `${index}`, text: name }));
  const { label, select } = choices("Filter", names, () => {
    change(report.filters[Number(select.value)]!);
  });
  select.value = `${first}`;
  return [element("div", { class: "controls" }, label)];
}

/** Goes to the row that an address of this page names. */
function follow(hash: string): void {
  const [, kind, number] = /^#(rule|finding)-(\d{1,9})$/.exec(hash) ?? [];
  if (kind === "rule" && Number(number) < report.rules.length) rules.reveal(Number(number));
  if (kind === "finding" && Number(number) < report.findings.length) findings.reveal(Number(number));
}

window.addEventListener("hashchange", () => {
  follow(location.hash);
});
// A link to where one already is changes no address.
document.addEventListener("click", (event) => {
  const anchor = event.target instanceof Element ? event.target.closest("a") : null;
  if (anchor !== null && anchor.hash !== "" && anchor.hash === location.hash) {
    event.preventDefault();
    follow(anchor.hash);
    if (!/-\d+$/.test(anchor.hash)) document.querySelector(anchor.hash)?.scrollIntoView();
  }
});
follow(location.hash);
