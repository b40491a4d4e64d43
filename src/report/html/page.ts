import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type {
  BaselineResult,
  FindingResult,
  LintResult,
  ReportFilter,
  ReportRule,
  SeverityResult,
} from "../../engine/results.ts";
import type { ReportContext } from "../context.ts";
import { counted, flowText, locationText } from "../words.ts";
import { buildPayload, filterName, groupText } from "./build-payload.ts";
import { CLIENT } from "./generated/client.ts";
import { Html, embeddedJson, html } from "./html.ts";
import { STATUSES } from "./payload.ts";
import { STYLE } from "./style.ts";

/** Without the page's script so many findings are shown, and so many rows of the other tables. */
const MOST_STATIC = 300;

export interface HtmlReport {
  readonly lint: LintResult;
  readonly filters: readonly ReportFilter[];
  /** What stands beside the place of a finding of a check. */
  readonly label: (check: string) => string;
}

/** One page that holds all it needs and asks nothing of any other place. */
export function htmlLint({ lint, filters, label }: HtmlReport, context: ReportContext): string {
  const payload = buildPayload(lint, filters, label, context);
  const rules = filters.flatMap((filter) => filter.rules);
  // Whole elements, because their digests are of every character between the tags.
  const style = new Html(`<style>${STYLE}</style>`);
  const data = new Html(`<script type="application/json" id="data">${embeddedJson(payload)}</script>`);
  const script = new Html(`<script>${CLIENT}</script>`);
  const policy = [
    "default-src 'none'",
    `style-src '${digest(STYLE)}'`,
    `script-src '${digest(CLIENT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${titleText(lint)}</title>
        ${style}
      </head>
      <body>
        <a class="skip" href="#findings">Skip to the findings</a>
        <header>
          <h1>Firewall report</h1>
          <p>
            ${payload.files.join(", ")} <span class="by">read by ${lint.tool.name} ${lint.tool.version}</span>
          </p>
        </header>
        <nav aria-label="Sections">
          <ul>
            <li><a href="#summary">Summary</a></li>
            <li><a href="#order">Rules in order</a></li>
            <li><a href="#findings">Findings</a></li>
            <li><a href="#rules">Rules</a></li>
            <li><a href="#matrix">What is accepted</a></li>
          </ul>
        </nav>
        <main>
          ${summary(lint, filters, rules, context)} ${order(filters)}
          <section id="findings" aria-labelledby="findings-heading">
            <h2 id="findings-heading">Findings</h2>
            <div id="findings-view"></div>
            <noscript>${staticFindings(lint.findings)}</noscript>
          </section>
          <section id="rules" aria-labelledby="rules-heading">
            <h2 id="rules-heading">Rules</h2>
            <div id="rules-view"></div>
            <noscript
              ><p>
                The list of all ${counted(rules.length, "rule")} needs JavaScript. Without it:
                <code>dfwlint rules</code>.
              </p></noscript
            >
          </section>
          <section id="matrix" aria-labelledby="matrix-heading">
            <h2 id="matrix-heading">What is accepted, from set to set</h2>
            <div id="matrix-view"></div>
            <noscript><p>The matrix needs JavaScript.</p></noscript>
          </section>
        </main>
        ${data} ${script}
      </body>
    </html> `;
  return `${page.text.trimEnd()}\n`;
}

function digest(text: string): string {
  return `sha256-${btoa(String.fromCharCode(...sha256(utf8ToBytes(text))))}`;
}

function titleText({ summary: { error, warning, info } }: LintResult): string {
  return `Firewall report: ${counted(error, "error")}, ${counted(warning, "warning")}, ${info} for information`;
}

const SEVERITIES = ["error", "warning", "info"] as const;

function severityWord(severity: SeverityResult, count: number): string {
  return severity === "info" ? "for information" : `${severity}${count === 1 ? "" : "s"}`;
}

function summary(
  lint: LintResult,
  filters: readonly ReportFilter[],
  rules: readonly ReportRule[],
  context: ReportContext,
): Html {
  const uncertain = lint.findings.filter(({ certain }) => !certain).length;
  const { baseline, suppressed } = lint;
  const count = (wanted: (rule: ReportRule) => boolean): number => rules.filter(wanted).length;
  return html`<section id="summary" aria-labelledby="summary-heading">
    <h2 id="summary-heading">Summary</h2>
    <div class="tallies">
      <div>
        <h3>Findings</h3>
        <dl class="tally">
          ${SEVERITIES.map((severity) => tally(lint.summary[severity], severityWord(severity, lint.summary[severity]), severity))}
          ${tally(uncertain, "uncertain", "uncertain")}
          ${suppressed.length === 0 ? null : tally(suppressed.length, "suppressed")}
          ${baseline === null ? null : [tally(baseline.known.length, "known from the baseline"), tally(baseline.gone.length, "gone since the baseline")]}
        </dl>
      </div>
      <div>
        <h3>Rules</h3>
        <dl class="tally">
          ${tally(rules.length, rules.length === 1 ? "rule" : "rules")}
          ${STATUSES.map(({ name }) =>
            tally(
              count(({ status }) => status === name),
              name,
              name,
            ),
          )}
          ${tally(
            count(({ removable }) => removable),
            "removable",
            "removable",
          )}
          ${tally(
            count(({ certain }) => !certain),
            "uncertain",
            "uncertain",
          )}
        </dl>
      </div>
    </div>
    ${filterTable(lint, filters, context)} ${baseline === null ? null : goneList(baseline)}
  </section>`;
}

function tally(count: number, word: string, mark = "plain"): Html {
  return html`<div class="${mark}${count === 0 ? " none" : ""}">
    <dt>${word}</dt>
    <dd>${count}</dd>
  </div> `;
}

function filterTable(lint: LintResult, filters: readonly ReportFilter[], context: ReportContext): Html {
  const found = new Map<string | null | undefined, Record<SeverityResult, number>>();
  for (const finding of lint.findings) {
    const name = context.filterOf(finding);
    const counts = found.get(name) ?? { error: 0, warning: 0, info: 0 };
    counts[finding.severity] += 1;
    found.set(name, counts);
  }
  const rows = lint.filters.slice(0, MOST_STATIC).map(({ name, rules, addrsets }, index) => {
    const own = filters[index]?.rules ?? [];
    const numbers = [
      rules,
      addrsets,
      own.filter(({ status }) => status !== "reachable").length,
      own.filter(({ removable }) => removable).length,
      ...SEVERITIES.map((severity) => found.get(name)?.[severity] ?? 0),
    ];
    return html`<tr>
      <th scope="row">${filterName(name)}</th>
      ${numbers.map((number) => html`<td>${number}</td>`)}
    </tr>`;
  });
  const names = [
    "filter",
    "rules",
    "address sets",
    "rules never reached",
    "removable",
    ...SEVERITIES.map((severity) => severityWord(severity, 2)),
  ];
  return html`<div class="scroll" role="region" aria-labelledby="filters-caption" tabindex="0">
    <table class="numbers">
      <caption id="filters-caption">
        Filters${more(lint.filters.length)}
      </caption>
      <thead>
        <tr>
          ${names.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function more(count: number): string {
  return count > MOST_STATIC ? ` (the first ${MOST_STATIC} of ${count})` : "";
}

function goneList({ gone }: BaselineResult): Html | null {
  if (gone.length === 0) return null;
  return html`<details>
    <summary>${gone.length} gone since the baseline</summary>
    <ul class="gone">
      ${gone
        .slice(0, MOST_STATIC)
        .map(({ check, message }) => html`<li><code>${check}</code> ${message}</li> `)}
    </ul>
    ${gone.length > MOST_STATIC ? html`<p>and ${gone.length - MOST_STATIC} more</p>` : null}
  </details>`;
}

/** The strip is drawn by the script; the table says the same in numbers. */
function order(filters: readonly ReportFilter[]): Html {
  const groups = filters.flatMap(({ name, rules }) => groupsOf(name, rules));
  const rows = groups.slice(0, MOST_STATIC).map(({ filter, group, rules }) => {
    const count = (wanted: (rule: ReportRule) => boolean): Html =>
      html`<td>${rules.filter(wanted).length}</td>`;
    return html`<tr>
      <th scope="row">${filters.length > 1 ? `${filterName(filter)}: ` : ""}${group}</th>
      <td>${rules.length}</td>
      ${STATUSES.map(({ name }) =>
        count(({ status }) => status === name),
      )}${count(({ removable }) => removable)}${count(({ certain }) => !certain)}
    </tr> `;
  });
  return html`<section id="order" aria-labelledby="order-heading">
    <h2 id="order-heading">Rules in order</h2>
    <div id="order-view"></div>
    <div class="scroll" role="region" aria-labelledby="order-caption" tabindex="0">
      <table class="numbers">
        <caption id="order-caption">
          The same in numbers: rules by ruleset and category, in order${more(groups.length)}
        </caption>
        <thead>
          <tr>
            <th scope="col">ruleset / category</th>
            <th scope="col">rules</th>
            ${STATUSES.map(({ name }) => html`<th scope="col">${name}</th>`)}
            <th scope="col">removable</th>
            <th scope="col">uncertain</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </section>`;
}

interface Group {
  readonly filter: string | null;
  readonly group: string;
  readonly rules: ReportRule[];
}

function groupsOf(filter: string | null, rules: readonly ReportRule[]): Group[] {
  const groups: Group[] = [];
  for (const rule of rules) {
    const group = groupText(rule);
    const last = groups.at(-1);
    if (last?.group === group) last.rules.push(rule);
    else groups.push({ filter, group, rules: [rule] });
  }
  return groups;
}

function staticFindings(findings: readonly FindingResult[]): Html {
  const shown = findings.slice(0, MOST_STATIC);
  return html`<p>Filtering, sorting and the pictures need JavaScript.</p>
    <table>
      <caption>
        ${findings.length === shown.length ? counted(shown.length, "finding") : `The first ${shown.length} of ${findings.length} findings`}
      </caption>
      <thead>
        <tr>
          <th scope="col">severity</th>
          <th scope="col">check</th>
          <th scope="col">place</th>
          <th scope="col">finding</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          ({ severity, check, location, message, certain, why, help, witness }) =>
            html`<tr>
              <td>${severity}</td>
              <td><code>${check}</code></td>
              <td>${locationText(location)}</td>
              <td>
                ${message}${certain ? "" : " (uncertain)"}
                <details>
                  <summary>Why, and what to do</summary>
                  <p>${why}</p>
                  <p>${help}</p>
                  ${witness === null ? null : html`<p>Packet: <code>${flowText(witness)}</code></p>`}
                </details>
              </td>
            </tr> `,
        )}
      </tbody>
    </table>`;
}
