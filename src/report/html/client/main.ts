import { readReport } from "./data.ts";
import { byId, choices } from "./dom.ts";
import { showFindings } from "./findings.ts";
import { Matrix } from "./matrix.ts";
import { showRules } from "./rules.ts";
import { Strip } from "./strip.ts";

const report = readReport(byId("data").textContent);
const findings = showFindings(report);
const rules = showRules(report);

const [firstFilter] = report.filters;
if (firstFilter !== undefined) {
  const strip = new Strip(report, firstFilter);
  const matrix = new Matrix(report, firstFilter);
  const pick = (change: (place: number) => void): HTMLElement[] => {
    if (report.filters.length === 1) return [];
    const names = report.filters.map(({ name }, index) => ({ value: `${index}`, text: name }));
    const { label, select } = choices("Filter", names, () => {
      change(Number(select.value));
    });
    return [label];
  };
  byId("order-view").append(
    ...pick((place) => {
      strip.show(report.filters[place]!);
    }),
    strip.view,
  );
  byId("matrix-view").append(
    ...pick((place) => {
      matrix.show(report.filters[place]!);
    }),
    matrix.view,
  );
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
