/**
 * Measures dfwlint on generated dumps, whole processes and the steps inside them, and writes the figures as a table
 * in Markdown and as JSON.
 *
 *     npm run bench                 all of it, some minutes
 *     npm run bench -- --only field --only flows --runs 5
 *     npm run bench -- --write-docs replaces the table in docs/performance.md
 */

import { spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { FilterAnalysis } from "../src/analysis/analysis.ts";
import { CHECKS } from "../src/checks/index.ts";
import { DEFAULT_SETTINGS } from "../src/checks/settings.ts";
import { buildPlanes } from "../src/analysis/planes.ts";
import { buildModel } from "../src/model/filters.ts";
import { parseDump } from "../src/syntax/parse.ts";
import { adversarialShapes } from "./adversarial.ts";
import { Random, generate, type GenerateOptions } from "./generate.ts";
import { session, type SessionOptions } from "./sessions.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CLI = join(ROOT, "dist/cli.js");
const HOOK = new URL("./measure-process.js", import.meta.url).href;

/** What must be reached at most, as the issue that asked for this engine says. */
interface Target {
  readonly seconds: number;
  readonly megabytes?: number;
}

interface Input {
  readonly name: string;
  readonly options: GenerateOptions;
  readonly target?: Target;
}

const INPUTS: readonly Input[] = [
  { name: "1,000", options: { rules: 1000, sets: 300, members: 15_000, seed: 1, shape: "scattered" } },
  {
    name: "4,000",
    options: { rules: 4000, sets: 1150, members: 60_000, seed: 1, shape: "scattered" },
    target: { seconds: 1.5 },
  },
  { name: "10,000", options: { rules: 10_000, sets: 2800, members: 134_000, seed: 1, shape: "scattered" } },
  {
    name: "field",
    options: { rules: 17_234, sets: 4846, members: 233_000, seed: 1, shape: "scattered" },
    target: { seconds: 10, megabytes: 1024 },
  },
  { name: "50,000", options: { rules: 50_000, sets: 14_000, members: 676_000, seed: 1, shape: "scattered" } },
  {
    name: "100,000 clustered",
    options: { rules: 100_000, sets: 12_000, members: 386_000, seed: 1, shape: "clustered" },
    target: { seconds: 20, megabytes: 3072 },
  },
];

const HOST = { vnics: 30, distinct: 20, rules: 4000, sets: 1150, members: 60_000 };
/** Sessions of a fleet: so many files of so many different hosts. */
const FLEET = { files: 100, hosts: 10 };
/** vNICs whose filters make up 500 MB. */
const STREAM_VNICS = 310;

const FLOWS = 400_000;
const FLOWS_TARGET = 200_000;
/** Inputs that are compared with themselves after some edits; a review may take so many lints. */
const DIFFS = ["4,000", "field"];
const DIFF_EDITS = 20;
const DIFF_TARGET_LINTS = 2.5;
const START_TARGET_SECONDS = 0.15;

interface ProcessFigures {
  readonly seconds: number;
  readonly peakMegabytes: number;
  readonly cpuSeconds: number;
}

interface InputFigures {
  readonly name: string;
  readonly rules: number;
  readonly sets: number;
  readonly members: number;
  readonly dead: number;
  readonly undecided: number;
  /** Seconds of the steps in one process, medians. */
  readonly parse: number;
  readonly model: number;
  readonly classes: number;
  readonly reachability: number;
  /** All checks, after everything above is known. */
  readonly checks: number;
  /** Whole processes: what becomes of every rule and nothing else, and all checks. */
  readonly statuses: ProcessFigures;
  readonly lint: ProcessFigures;
  readonly target: Target | null;
}

interface SessionFigures extends ProcessFigures {
  readonly name: string;
  readonly files: number;
  readonly filters: number;
  readonly distinct: number;
  readonly megabytes: number;
  readonly findings: number;
  /** What others did on the machine at the same time: runnable processes on average. */
  readonly load: number;
  readonly target: string;
}

interface Figures {
  readonly sessions: readonly SessionFigures[];
  readonly machine: string;
  readonly node: string;
  readonly runs: number;
  readonly inputs: readonly InputFigures[];
  readonly adversarial: readonly {
    readonly name: string;
    readonly rules: number;
    readonly seconds: number;
    readonly peakMegabytes: number;
    readonly undecided: number;
  }[];
  readonly diffs: readonly {
    readonly name: string;
    readonly seconds: number;
    readonly lint: number;
    readonly peakMegabytes: number;
    readonly undecided: number;
  }[];
  readonly flows: { readonly format: string; readonly perSecond: number }[];
  readonly start: {
    readonly emptyNode: number;
    readonly seedLint: number;
    readonly seedQuery: number;
  } | null;
}

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    runs: { type: "string", default: "3" },
    out: { type: "string", default: "build/bench-results" },
    "write-docs": { type: "boolean", default: false },
  },
});
const runs = Number(values.runs);

const folder = mkdtempSync(join(tmpdir(), "dfwlint-bench-"));
try {
  main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function main(): void {
  const wanted = (name: string): boolean => values.only === undefined || values.only.includes(name);
  const inputs = INPUTS.filter(({ name }) => wanted(name)).map(measureInput);
  const adversarial = Object.entries(adversarialShapes)
    .filter(() => wanted("adversarial"))
    .map(([name, make]) => measureAdversarial(name, make()));
  const figures: Figures = {
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    runs,
    inputs,
    adversarial,
    diffs: DIFFS.filter((name) => wanted("diff") || wanted(`diff ${name}`)).map(measureDiff),
    sessions: [
      ...(wanted("host") ? [measureHost()] : []),
      ...(wanted("fleet") ? measureFleet() : []),
      ...(wanted("stream") ? [measureStream()] : []),
    ],
    flows: wanted("flows") ? measureFlows() : [],
    start: wanted("start") ? measureStart() : null,
  };
  const table = markdown(figures);
  const sessions = sessionTable(figures);
  process.stdout.write(`${table}${sessions}`);
  const out = join(ROOT, values.out);
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "figures.md"), `${table}\n${sessions}`);
  writeFileSync(join(out, "figures.json"), `${JSON.stringify(figures, null, 2)}\n`);
  if (!values["write-docs"]) return;
  if (figures.inputs.length > 0) writeDocs("figures", table);
  if (sessions !== "") writeDocs("figures of sessions", sessions);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

function writeDump(name: string, dump: { rules: string; addrsets: string }): [string, string] {
  const files: [string, string] = [join(folder, `${name}-rules.txt`), join(folder, `${name}-addrsets.txt`)];
  writeFileSync(files[0], dump.rules);
  writeFileSync(files[1], dump.addrsets);
  return files;
}

/** One whole process; its output goes to a file, as in a pipeline. */
function runProcess(args: readonly string[], input?: string): ProcessFigures {
  const measure = join(folder, "measure.json");
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ["--import", HOOK, CLI, ...args], {
    env: { ...process.env, DFWLINT_MEASURE: measure },
    stdio: [input === undefined ? "ignore" : "pipe", "ignore", "pipe"],
    ...(input === undefined ? {} : { input }),
  });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`dfwlint ${args.join(" ")} ended with ${status}: ${String(stderr)}`);
  return { seconds, ...(JSON.parse(readFileSync(measure, "utf8")) as Omit<ProcessFigures, "seconds">) };
}

function medianProcess(run: () => ProcessFigures, count = runs): ProcessFigures {
  return medianOf(Array.from({ length: count }, run));
}

function medianOf(figures: readonly ProcessFigures[]): ProcessFigures {
  return {
    seconds: median(figures.map(({ seconds }) => seconds)),
    peakMegabytes: median(figures.map(({ peakMegabytes }) => peakMegabytes)),
    cpuSeconds: median(figures.map(({ cpuSeconds }) => cpuSeconds)),
  };
}

function measureInput({ name, options, target }: Input): InputFigures {
  say(`${name} …`);
  const dump = generate(options);
  const files = writeDump(name.replaceAll(/\W/g, "-"), dump);
  const common = ["--format", "json", "--output", join(folder, "out.json")];
  // In turn, because they are compared and the machine's speed varies.
  const processes = Array.from({ length: runs }, () => ({
    statuses: runProcess(["rules", ...files, ...common]),
    lint: runProcess(["lint", ...files, ...common, "--fail-on", "never"]),
  }));
  const steps = Array.from({ length: runs }, () => measureSteps(dump));
  const [first] = steps;
  return {
    name,
    rules: options.rules,
    sets: options.sets,
    members: options.members,
    dead: first!.dead,
    undecided: first!.undecided,
    parse: median(steps.map((step) => step.parse)),
    model: median(steps.map((step) => step.model)),
    classes: median(steps.map((step) => step.classes)),
    reachability: median(steps.map((step) => step.reachability)),
    checks: median(steps.map((step) => step.checks)),
    statuses: medianOf(processes.map(({ statuses }) => statuses)),
    lint: medianOf(processes.map(({ lint }) => lint)),
    target: target ?? null,
  };
}

function measureSteps(dump: { rules: string; addrsets: string }) {
  const times: number[] = [performance.now()];
  const lap = (): void => {
    times.push(performance.now());
  };
  const dumps = [parseDump("rules.txt", dump.rules), parseDump("addrsets.txt", dump.addrsets)];
  lap();
  const model = buildModel(dumps);
  lap();
  const analyses = FilterAnalysis.ofAll(model.filters);
  const [analysis] = analyses;
  const list = analysis!.list("firewall")!;
  buildPlanes(list.entries);
  lap();
  const { facts } = list;
  // What INTERFACE.md says of every rule: status, blockers, witness, and whether it is removable.
  for (const index of list.rules.keys()) list.isRemovable(index);
  lap();
  const context = { dumps, model, problems: [], filters: analyses, settings: DEFAULT_SETTINGS, hosts: [] };
  for (const check of CHECKS) for (const _ of check.find(context));
  lap();
  const [parse, read, classes, reachability, checks] = times
    .slice(1)
    .map((time, index) => (time - times[index]!) / 1000);
  return {
    parse: parse!,
    model: read!,
    classes: classes!,
    checks: checks!,
    // The planes were built twice, once to be timed.
    reachability: Math.max(0, reachability! - classes!),
    dead: facts.filter(({ status }) => status !== "reachable").length,
    undecided: facts.filter(({ certain }) => !certain).length,
  };
}

function measureAdversarial(name: string, dump: { rules: string; addrsets: string }) {
  say(`${name} …`);
  const files = writeDump(`adversarial-${name}`, dump);
  const out = join(folder, "out.json");
  const { seconds, peakMegabytes } = runProcess(["rules", ...files, "--format", "json", "--output", out]);
  const { filters } = JSON.parse(readFileSync(out, "utf8")) as {
    filters: { rules: { certain: boolean }[] }[];
  };
  const rules = filters.flatMap((filter) => filter.rules);
  return {
    name,
    rules: rules.length,
    seconds,
    peakMegabytes,
    undecided: rules.filter(({ certain }) => !certain).length,
  };
}

/** A dump against itself with some rules denied, taken away, given another port, or moved. */
function measureDiff(name: string): Figures["diffs"][number] {
  say(`diff ${name} …`);
  const dump = generate(INPUTS.find((input) => input.name === name)!.options);
  const random = new Random(5);
  const lines = dump.rules.split("\n");
  const rules = lines.flatMap((line, index) => (/ from addrset .* to addrset /.test(line) ? [index] : []));
  for (let step = 0; step < DIFF_EDITS; step += 1) {
    const [at, other] = [random.pick(rules), random.pick(rules)];
    const line = lines[at]!;
    if (step % 4 === 0) lines[at] = line.replace(" accept", " drop");
    else if (step % 4 === 1) lines[at] = "";
    else if (step % 4 === 2) lines[at] = line.replace(/ port \S+ (accept|drop)/, " port 4711 $1");
    else [lines[at], lines[other]] = [lines[other]!, line];
  }
  const before = writeDump("diff-before", dump);
  const after = writeDump("diff-after", { ...dump, rules: lines.join("\n") });
  const out = join(folder, "diff.json");
  const common = ["--format", "json", "--fail-on", "never", "--output", out];
  const lint = medianProcess(() => runProcess(["lint", ...before, ...common]));
  const own = medianProcess(() => runProcess(["diff", before.join(","), after.join(","), ...common]));
  const { summary } = JSON.parse(readFileSync(out, "utf8")) as { summary: { undecided: number } };
  return {
    name,
    seconds: own.seconds,
    lint: lint.seconds,
    peakMegabytes: own.peakMegabytes,
    undecided: summary.undecided,
  };
}

/** Flows between members of the field dump's sets and others, as NDJSON and CSV. */
function measureFlows(): Figures["flows"] {
  const field = INPUTS.find(({ name }) => name === "field")!;
  const dump = generate(field.options);
  const files = writeDump("flows", dump);
  const hosts = [...dump.addrsets.matchAll(/^ip (\d+\.\d+\.\d+\.\d+),$/gm)].map(([, host]) => host!);
  const random = new Random(3);
  const rows = Array.from({ length: FLOWS }, () => ({
    direction: random.pick(["in", "out"]),
    src: random.pick(hosts),
    dst: random.pick(hosts),
    protocol: random.pick(["tcp", "tcp", "udp"]),
    dstPort: random.pick([443, 80, 22, 53, 1433, 8080, 50_000]),
  }));
  const fields = ["direction", "src", "dst", "protocol", "dstPort"] as const;
  const lists = {
    ndjson: rows.map((row) => JSON.stringify(row)).join("\n"),
    csv: [fields.join(","), ...rows.map((row) => fields.map((field) => row[field]).join(","))].join("\n"),
  };
  const load = medianProcess(() => {
    writeFileSync(join(folder, "one.ndjson"), `${JSON.stringify(rows[0])}\n`);
    return runProcess(["query", ...files, "--flows", join(folder, "one.ndjson")]);
  });
  return Object.entries(lists).map(([format, text]) => {
    say(`flows, ${format} …`);
    const file = join(folder, `flows.${format}`);
    writeFileSync(file, `${text}\n`);
    const all = medianProcess(() =>
      runProcess([
        "query",
        ...files,
        "--flows",
        file,
        "--format",
        format,
        "--output",
        join(folder, "answers"),
      ]),
    );
    if (statSync(join(folder, "answers")).size === 0) throw new Error("no answers");
    return { format, perSecond: Math.round(FLOWS / (all.seconds - load.seconds)) };
  });
}

function writeSession(file: string, options: SessionOptions): string {
  const path = join(folder, file);
  const handle = openSync(path, "w");
  for (const piece of session(options)) writeSync(handle, piece);
  closeSync(handle);
  return path;
}

/** `lint` of files or of a folder, whole process. */
function measureSessions(
  row: Pick<SessionFigures, "name" | "files" | "filters" | "distinct" | "target">,
  paths: readonly string[],
  input: string,
  format: "json" | "ndjson",
): SessionFigures {
  say(`${row.name} …`);
  const out = join(folder, "sessions.out");
  const figures = medianProcess(() =>
    runProcess(["lint", "--no-config", input, "--format", format, "--output", out, "--fail-on", "never"]),
  );
  const size = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  return {
    ...row,
    ...figures,
    megabytes: size / 1e6,
    findings: countOf(out, '"fingerprint"'),
    load: loadavg()[0]!,
  };
}

/** How often a word stands in a file that may be longer than a string. */
function countOf(path: string, word: string): number {
  const { stdout } = spawnSync("grep", ["-o", word, path], { maxBuffer: 2 ** 30 });
  return stdout.toString("latin1").split("\n").length - 1;
}

function measureHost(): SessionFigures {
  const path = writeSession("host.log", { ...HOST, host: "host-1", seed: 1 });
  const { vnics, distinct } = HOST;
  const row = { name: "host", files: 1, filters: vnics, distinct, target: "25 s, 2048 MB" };
  return measureSessions(row, [path], path, "json");
}

function measureFleet(): SessionFigures[] {
  return [
    { name: "fleet of different hosts", files: FLEET.hosts },
    { name: "fleet", files: FLEET.files },
  ].map(({ name, files }) => {
    const place = join(folder, `fleet-${files}`);
    mkdirSync(place);
    const paths = Array.from({ length: files }, (_, index) => {
      const file = join(`fleet-${files}`, `session-${String(index).padStart(3, "0")}.log`);
      if (index < FLEET.hosts) return writeSession(file, { ...HOST, host: `host-${index}`, seed: index + 1 });
      copyFileSync(
        join(place, `session-${String(index % FLEET.hosts).padStart(3, "0")}.log`),
        join(folder, file),
      );
      return join(folder, file);
    });
    const row = {
      name,
      files,
      filters: files * HOST.vnics,
      distinct: FLEET.hosts * HOST.distinct,
      target: "",
    };
    const figures = measureSessions(row, paths, place, "ndjson");
    rmSync(place, { recursive: true });
    return figures;
  });
}

function measureStream(): SessionFigures {
  const path = writeSession("stream.log", { ...HOST, vnics: STREAM_VNICS, host: "host-1", seed: 1 });
  const row = {
    name: "one log of 500 MB",
    files: 1,
    filters: STREAM_VNICS,
    distinct: HOST.distinct,
    target: "1024 MB",
  };
  return measureSessions(row, [path], path, "ndjson");
}

function sessionTable({ machine, node, sessions }: Figures): string {
  if (sessions.length === 0) return "";
  const count = (number: number): string => Math.round(number).toLocaleString("en");
  return `${[
    `Node ${node}, ${machine}; ${runs === 1 ? "one run each" : `medians of ${runs}`}. Filters of 4,000 rules, 1,150 sets and 60,000 members each.`,
    "",
    "| input | files | MB | filters | different | findings | `lint` s | CPU s | peak MB | at most | load |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |",
    ...sessions.map(
      (row) =>
        `| ${row.name} | ${row.files} | ${count(row.megabytes)} | ${count(row.filters)} | ${row.distinct} | ${count(row.findings)} | ${row.seconds.toFixed(1)} | ${row.cpuSeconds.toFixed(1)} | ${count(row.peakMegabytes)} | ${row.target} | ${row.load.toFixed(1)} |`,
    ),
  ].join("\n")}\n`;
}

function measureStart(): NonNullable<Figures["start"]> {
  say("start …");
  const seed = join(ROOT, "rules-fixtures/seed");
  const files = [join(seed, "rules.txt"), join(seed, "addrsets.txt")];
  const empty = join(folder, "empty.mjs");
  writeFileSync(empty, "");
  const time = (args: readonly string[]): number => {
    const seconds = Array.from({ length: 15 }, () => {
      const start = performance.now();
      spawnSync(process.execPath, args, { stdio: "ignore" });
      return (performance.now() - start) / 1000;
    });
    return median(seconds);
  };
  return {
    emptyNode: time([empty]),
    seedLint: time([CLI, "lint", ...files]),
    seedQuery: time([CLI, "query", ...files, "--src", "10.10.1.5", "--dst", "10.10.20.11", "--port", "8080"]),
  };
}

function markdown({ machine, node, inputs, adversarial, diffs, flows, start }: Figures): string {
  const s = (seconds: number): string => (seconds < 0.1 ? seconds.toFixed(3) : seconds.toFixed(2));
  const lines = [`Node ${node}, ${machine}; medians of ${runs}.`, ""];
  if (inputs.length > 0) {
    lines.push(
      "| input | rules | sets | members | dead | parse s | model s | classes s | reachability s | checks s | `rules` s | `lint` s | more | peak MB | at most |",
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    );
    for (const row of inputs) {
      const target =
        row.target === null
          ? ""
          : `${row.target.seconds} s${row.target.megabytes === undefined ? "" : `, ${row.target.megabytes} MB`}`;
      const count = (number: number): string => number.toLocaleString("en");
      lines.push(
        `| ${row.name} | ${count(row.rules)} | ${count(row.sets)} | ${count(row.members)} | ${count(row.dead)} | ${s(row.parse)} | ${s(row.model)} | ${s(row.classes)} | ${s(row.reachability)} | ${s(row.checks)} | ${s(row.statuses.seconds)} | ${s(row.lint.seconds)} | ${Math.round((row.lint.seconds / row.statuses.seconds - 1) * 100)} % | ${Math.round(row.lint.peakMegabytes)} | ${target} |`,
      );
    }
    lines.push("", `Undecided rules: ${inputs.reduce((sum, { undecided }) => sum + undecided, 0)}.`, "");
    const scattered = inputs.filter(({ name }) => !name.includes("clustered"));
    if (scattered.length > 1) {
      lines.push(
        "Growth, whole process, against rules × log rules:",
        "",
        "| from | to | rules × | n·log n × | time × |",
        "| --- | --- | ---: | ---: | ---: |",
      );
      for (const [index, row] of scattered.entries()) {
        const before = scattered[index - 1];
        if (before === undefined) continue;
        const rules = row.rules / before.rules;
        const nLogN = (row.rules * Math.log(row.rules)) / (before.rules * Math.log(before.rules));
        lines.push(
          `| ${before.name} | ${row.name} | ${rules.toFixed(2)} | ${nLogN.toFixed(2)} | ${(row.lint.seconds / before.lint.seconds).toFixed(2)} |`,
        );
      }
      lines.push("");
    }
  }
  if (adversarial.length > 0) {
    lines.push(
      "| adversarial shape | rules | `rules --format json` s | peak MB | undecided |",
      "| --- | ---: | ---: | ---: | ---: |",
    );
    for (const row of adversarial) {
      lines.push(
        `| ${row.name} | ${row.rules.toLocaleString("en")} | ${s(row.seconds)} | ${Math.round(row.peakMegabytes)} | ${row.undecided} |`,
      );
    }
    lines.push("");
  }
  if (diffs.length > 0) {
    lines.push(
      `| \`diff\` after ${DIFF_EDITS} edits | s | \`lint\` s | lints (at most ${DIFF_TARGET_LINTS}) | peak MB | undecided |`,
      "| --- | ---: | ---: | ---: | ---: | ---: |",
    );
    for (const row of diffs) {
      lines.push(
        `| ${row.name} | ${s(row.seconds)} | ${s(row.lint)} | ${(row.seconds / row.lint).toFixed(2)} | ${Math.round(row.peakMegabytes)} | ${row.undecided} |`,
      );
    }
    lines.push("");
  }
  for (const { format, perSecond } of flows) {
    lines.push(
      `\`query --flows\`, ${format}, field dump, after loading: ${perSecond.toLocaleString("en")} flows a second (at least ${FLOWS_TARGET.toLocaleString("en")}).`,
      "",
    );
  }
  if (start !== null) {
    lines.push(
      `Start: an empty node program ${s(start.emptyNode)} s; \`lint\` of the seed ${s(start.seedLint - start.emptyNode)} s and \`query\` ${s(start.seedQuery - start.emptyNode)} s over that (at most ${START_TARGET_SECONDS} s).`,
      "",
    );
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

function writeDocs(name: string, table: string): void {
  const file = join(ROOT, "docs/performance.md");
  const text = readFileSync(file, "utf8");
  writeFileSync(
    file,
    text.replace(
      new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- end -->)`),
      (_, start: string, end: string) => `${start}\n${table}\n${end}`,
    ),
  );
}
