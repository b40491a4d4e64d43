/** The look of the page. Colours come in pairs for light and dark; whatever a colour tells, a letter or shape tells too. */
export const STYLE: string = `
:root {
  color-scheme: light dark;
  --page: #fbfbfc; --panel: #ffffff; --line: #d9dce1; --soft: #eef0f3; --text: #1b1f27; --dim: #59616e;
  --accent: #1555b5; --mark: #fff0b3; --cell: #eef0f3;
  --error: #b3202c; --warning: #8a5a00; --info: #2f5f8f;
  --reachable: #8b9bb0; --shadowed: #c8323f; --redundant: #d08a17; --never-matches: #7d45b5; --removable: #3f8fd0;
  --fill-1: #dcebf9; --fill-2: #b5d5f2; --fill-3: #86b9e8;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --panel: #1a1e25; --line: #343b46; --soft: #232831; --text: #e3e6eb; --dim: #a0a8b4;
    --accent: #7fb3f5; --mark: #5a4a10; --cell: #232831;
    --error: #ff8a8f; --warning: #e8b455; --info: #8fbce8;
    --reachable: #66758a; --shadowed: #e5565f; --redundant: #d79a35; --never-matches: #ae83e0; --removable: #4f9ede;
    --fill-1: #1f3247; --fill-2: #264a70; --fill-3: #2f649c;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 3.2rem; }
body { margin: 0; background: var(--page); color: var(--text); font: 14px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
header, main { padding: 0 1.25rem; max-width: 110rem; margin: 0 auto; }
header > p { margin: 0 0 .5rem; overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; margin: 1rem 0 .1rem; }
h2 { font-size: 1.1rem; margin: 0 0 .6rem; }
h3 { font-size: .95rem; margin: .6rem 0 .3rem; overflow-wrap: anywhere; }
code { font-family: var(--mono); font-size: .86em; overflow-wrap: anywhere; }
a { color: var(--accent); }
.by, .hint, .count, .label { color: var(--dim); }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--panel); padding: .4rem .8rem; z-index: 3; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
body > nav { position: sticky; top: 0; z-index: 2; background: var(--page); border-bottom: 1px solid var(--line); }
nav ul { max-width: 110rem; margin: 0 auto; padding: .35rem 1.25rem; list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .9rem 1rem; margin: .9rem 0; }
.tallies { display: flex; flex-wrap: wrap; gap: .6rem 2.5rem; margin-bottom: .8rem; }
.tallies h3 { color: var(--dim); font-weight: 600; font-size: .86rem; margin: 0 0 .3rem; }
.tally { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; margin: 0; }
.tally > div { display: flex; flex-direction: column-reverse; border-left: 3px solid var(--line); padding-left: .55rem; }
.tally dd { margin: 0; font-size: 1.35rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tally dt { color: var(--dim); font-size: .86rem; }
.tally .none dd { color: var(--dim); }
.tally .error { border-color: var(--error); } .tally .warning { border-color: var(--warning); } .tally .info { border-color: var(--info); }
.tally .shadowed { border-color: var(--shadowed); } .tally .redundant { border-color: var(--redundant); }
.tally .never-matches { border-color: var(--never-matches); } .tally .removable { border-color: var(--removable); }
.tally .reachable { border-color: var(--reachable); } .tally .uncertain { border-left-style: dotted; border-color: var(--dim); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
caption { text-align: left; color: var(--dim); font-size: .86rem; padding: .15rem 0 .35rem; }
th { text-align: left; font-weight: 600; }
th, td { padding: .22rem .55rem; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--dim); font-size: .86rem; white-space: nowrap; vertical-align: bottom; }
.numbers td { text-align: right; font-variant-numeric: tabular-nums; }
.numbers th[scope=row] { font-weight: 400; overflow-wrap: anywhere; min-width: 12rem; }
.controls { display: flex; flex-wrap: wrap; gap: .4rem .9rem; align-items: end; margin-bottom: .5rem; }
label { display: inline-flex; flex-direction: column; font-size: .86rem; color: var(--dim); }
label.check { flex-direction: row; align-items: center; gap: .35rem; padding-bottom: .3rem; }
input[type=search], select { font: inherit; color: var(--text); background: var(--page); border: 1px solid var(--dim); border-radius: 4px; padding: .2rem .4rem; max-width: 100%; }
input[type=search] { width: 18rem; }
select { max-width: 18rem; }
button { font: inherit; color: inherit; cursor: pointer; }
.bar { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: .3rem 1rem; }
.count { margin: .2rem 0; }
.pages { display: flex; gap: .4rem; }
.pages[hidden] { display: none; }
.pages button { background: var(--page); border: 1px solid var(--dim); border-radius: 4px; padding: .12rem .6rem; }
.pages button[aria-disabled=true] { color: var(--dim); border-color: var(--line); cursor: default; }
.paged { width: 100%; }
.paged tbody tr:not(.details):hover { background: var(--soft); }
.paged td { overflow-wrap: anywhere; }
.sort { background: none; border: 0; padding: 0; font-weight: 600; color: var(--dim); }
.sort::after { content: " \\2195"; opacity: .55; }
[aria-sort=ascending] .sort::after { content: " \\2191"; opacity: 1; }
[aria-sort=descending] .sort::after { content: " \\2193"; opacity: 1; }
[aria-sort=ascending] .sort, [aria-sort=descending] .sort { color: var(--text); }
.unfold { background: none; border: 0; padding: 0 0 0 1.1em; text-align: left; position: relative; overflow-wrap: anywhere; }
.unfold::before { content: "\\25B8"; position: absolute; left: 0; color: var(--dim); }
.unfold[aria-expanded=true]::before { content: "\\25BE"; }
.place, .nowrap { white-space: nowrap; }
.place { color: var(--dim); font-size: .86rem; }
.links { min-width: 8rem; font-size: .86rem; }
.rule-table td.text { min-width: 22rem; }
.settled { color: var(--dim); }
.severity { display: inline-block; white-space: nowrap; min-width: 4.4em; font-size: .82rem; font-weight: 600; padding: 0 .45em; border-radius: 3px; border: 1px solid; }
.severity.error { color: var(--error); border-width: 1px 1px 1px 5px; } .severity.warning { color: var(--warning); border-width: 1px 1px 1px 3px; }
.severity.info { color: var(--info); border-style: dotted; }
.mark { display: inline-block; margin-left: .4em; font-size: .8rem; padding: 0 .4em; border: 1px dashed var(--dim); border-radius: 3px; }
.status { white-space: nowrap; }
.letter { display: inline-block; width: 1.5em; margin-right: .4em; text-align: center; font: 600 .8rem/1.3 var(--mono); border-radius: 3px; border: 1px solid var(--reachable); }
.shadowed .letter { border: 2px solid var(--shadowed); } .redundant .letter { border: 2px dashed var(--redundant); }
.never-matches .letter { border: 3px double var(--never-matches); }
.details > td { background: var(--soft); padding: .5rem .8rem .7rem 1.6rem; }
.detail { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1rem; margin: 0; }
.detail dt { color: var(--dim); } .detail dd { margin: 0; overflow-wrap: anywhere; }
.detail ul, .places { list-style: none; margin: 0; padding: 0; }
.places li { margin-bottom: .35rem; }
.where { display: block; font-size: .86rem; }
.line { display: block; background: var(--panel); border: 1px solid var(--line); border-radius: 3px; padding: .12rem .45rem; white-space: pre-wrap; overflow-wrap: anywhere; }
mark { background: var(--mark); color: inherit; text-decoration: underline; text-underline-offset: 2px; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 0 0 .5rem; padding: 0; font-size: .86rem; }
.cell { display: inline-block; width: 12px; height: 16px; margin-right: .35em; vertical-align: -3px; background: var(--cell); border-bottom: 7px solid var(--reachable); }
.cell.shadowed { border-bottom: 16px solid var(--shadowed); } .cell.redundant { border-bottom: 11px solid var(--redundant); }
.cell.never-matches { border-top: 2px solid var(--never-matches); border-bottom: 2px solid var(--never-matches); }
.cell.uncertain { border-bottom: 0; background: linear-gradient(var(--cell) 9px, var(--reachable) 9px 12px, var(--cell) 12px 13px, var(--reachable) 13px); }
.cell.removable { border-top: 1px solid var(--removable); border-bottom-color: var(--removable); }
.canvas { max-height: 30rem; overflow-y: auto; padding: 3px; }
canvas { display: block; cursor: pointer; }
.readout { margin: .4rem 0 0; min-height: 1.45em; overflow-wrap: anywhere; }
.hint { font-size: .86rem; margin: .2rem 0 .7rem; max-width: 75rem; }
div.matrix { max-height: 46rem; overflow: auto; }
table.matrix caption { max-width: 75rem; }
table.matrix th, table.matrix td { border: 1px solid var(--line); padding: 0; }
table.matrix thead th { padding: .3rem; background: var(--panel); position: sticky; top: 0; z-index: 1; }
table.matrix th.column span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 11rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 400; color: var(--text); }
table.matrix tbody th { padding: .1rem .4rem; font-weight: 400; background: var(--panel); position: sticky; left: 0; }
table.matrix tbody th span { display: block; max-width: 18rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
table.matrix td { min-width: 2rem; height: 1.5rem; text-align: center; }
table.matrix button { width: 100%; min-height: 1.5rem; border: 0; padding: 0 .2rem; background: var(--fill-1); font-variant-numeric: tabular-nums; }
table.matrix button.some { background: var(--fill-2); } table.matrix button.many { background: var(--fill-3); font-weight: 600; }
table.matrix button.uncertain { background: repeating-linear-gradient(45deg, var(--fill-1) 0 4px, var(--cell) 4px 8px); }
.cell-detail .places { max-height: 22rem; overflow-y: auto; }
.gone li { overflow-wrap: anywhere; }
@media (max-width: 45rem) {
  header, main { padding: 0 .5rem; } nav ul { padding: .35rem .5rem; } .spare { display: none; } .details > td { padding: .4rem; }
  section { padding: .6rem; }
  input[type=search] { width: 100%; } .controls label { flex: 1 1 9rem; } .detail { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 45rem) { .paged .nowrap { white-space: normal; } }
@media print {
  :root { --page: #fff; --panel: #fff; --soft: #f4f4f4; --text: #000; --dim: #444; --line: #bbb; }
  body { font-size: 10pt; } nav, .controls, .pages, .hint, .skip { display: none; }
  section { border: 0; padding: 0; } .scroll, .canvas, div.matrix { overflow: visible; max-height: none; }
  .paged { min-width: 0; } tr { break-inside: avoid; } thead { display: table-header-group; } .sort::after, .unfold::before { content: ""; }
}
`;
