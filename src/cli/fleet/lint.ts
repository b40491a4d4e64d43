import type { Writable } from "node:stream";
import { sep } from "node:path";
import { checkLabel, checkPages } from "../../engine/explain.ts";
import { conclude, concludeLate, filterResults, type LateCandidate, type LintOptions } from "../../engine/lint.ts";
import { findInSession, partsOf, setPlaces } from "../../engine/parts/session.ts";
import { DEFAULT_SETTINGS } from "../../checks/settings.ts";
import type { SessionNames } from "../../engine/places.ts";
import { VERSION, type FindingResult, type LintResult, type SeverityResult } from "../../engine/results.ts";
import { TOOL } from "../../engine/tool.ts";
import { SelectionError } from "../../engine/select.ts";
import type { LintContext } from "../../report/context.ts";
import { LINT_FORMATS, type LintFormatName } from "../../report/lint-formats.ts";
import { ndjsonError, ndjsonPieces, ndjsonSame } from "../../report/ndjson.ts";
import { counted } from "../../report/words.ts";
import { safe } from "../../report/safe.ts";
import { fails, type LintCommandOptions } from "../commands/lint.ts";
import { askedOf, baselineOf, judged } from "../findings.ts";
import { EXIT_COULD_NOT_RUN, EXIT_FOUND, EXIT_OK, UserError, write, type Io } from "../io.ts";
import { chalkFor, withOutput } from "../output.ts";
import { narrowing, sayFaults, type PlannedInput } from "../read.ts";
import { LineIndex } from "../../syntax/lines.ts";
import { Answers } from "./answers.ts";
import { cutFile, type SessionFile } from "./cut.ts";
import { FileLines } from "./lines.ts";
import { startPool } from "./pool.ts";
import { FleetProgress } from "./progress.ts";
import { openSession, type OpenSession } from "./session.ts";
import { sessionsOf, type FleetSession } from "./sessions.ts";

/** More findings are not joined into one document. */
const MOST_JOINED = 300_000;

/** Formats in which each session is told as soon as it is known. */
const STREAMED: readonly string[] = ["pretty", "compact", "ndjson"];

/** Formats that are written finding by finding. */
const LATE: readonly string[] = [...STREAMED, "json"];

/** So many characters are written at once. */
const WRITTEN_AT_ONCE = 2 ** 16;

interface Settled {
  readonly head: Omit<LintResult, "findings">;
  readonly findings: Iterable<FindingResult>;
}

/** A session with its findings, before they are put in order. */
interface Linted {
  readonly files: readonly SessionFile[];
  readonly open: OpenSession;
  readonly found: readonly LateCandidate[];
  readonly incomplete: boolean;
}

/** Lint of a fleet, or of an input that is too large to be read at once; null if it has to be read at once. */
export async function lintLarge(
  planned: PlannedInput,
  options: LintCommandOptions,
  io: Io,
): Promise<number | null> {
  const fleet = planned.kind === "fleet";
  if (options.format === "html") {
    if (!fleet) return null;
    throw new UserError("--format html is for one session: name the file");
  }
  const sessions = await sessionsOf(planned, options.output, io);
  await narrowing(options);
  const cut = fleet ? null : await cutAll(sessions[0]!, io);
  // One filter is best read as it always was.
  if (cut !== null && partsOf(cut).length < 2) return null;
  return new FleetLint(planned, options, io, sessions, cut).run();
}

async function cutAll({ names }: FleetSession, io: Io): Promise<SessionFile[]> {
  const files: SessionFile[] = [];
  for (const name of names) files.push(await cutFile(name, io));
  return files;
}

class FleetLint {
  readonly #planned: PlannedInput;
  readonly #options: LintCommandOptions;
  readonly #io: Io;
  readonly #sessions: readonly FleetSession[];
  readonly #cut: readonly SessionFile[] | null;
  readonly #asked: LintOptions;
  readonly #progress: FleetProgress;
  readonly #totals = { sessions: 0, same: 0, unread: 0, filters: 0, error: 0, warning: 0, info: 0, suppressed: 0 };
  #code = EXIT_OK;

  constructor(
    planned: PlannedInput,
    options: LintCommandOptions,
    io: Io,
    sessions: readonly FleetSession[],
    cut: readonly SessionFile[] | null,
  ) {
    this.#planned = planned;
    this.#options = options;
    this.#io = io;
    this.#sessions = sessions;
    this.#cut = cut;
    this.#asked = askedOf(planned.configuration, options, io);
    this.#progress = new FleetProgress(
      io,
      options.quiet,
      sessions.length,
      sessions.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }

  async run(): Promise<number> {
    const { format, baseline } = this.#options;
    const one = this.#sessions.length === 1 && this.#planned.kind !== "fleet";
    const compared = baselineOf(baseline, this.#planned.configuration, this.#io) !== null;
    if (!one && compared && format === "ndjson")
      throw new UserError("--format ndjson tells each session alone, and a baseline is of all: use --format json");
    const answers = new Answers(startPool(this.#io));
    try {
      if (one || compared || !STREAMED.includes(format)) await this.#joined(answers);
      else await withOutput(this.#options, this.#io, (out) => this.#streamed(answers, out));
    } finally {
      this.#progress.clear();
      await answers.close();
    }
    return this.#code;
  }

  /** All findings as one result, as of one input. */
  async #joined(answers: Answers): Promise<void> {
    const all: Linted[] = [];
    let findings = 0;
    for await (const linted of this.#lintEach(answers, null)) {
      if (!("found" in linted)) continue;
      all.push(linted);
      findings += linted.found.length;
      if (findings > MOST_JOINED && !LATE.includes(this.#options.format))
        throw new UserError(
          `more than ${MOST_JOINED.toLocaleString("en")} findings are too many for one document: use --format ndjson`,
        );
    }
    if (all.length === 0) {
      this.#code = EXIT_COULD_NOT_RUN;
      return;
    }
    const settled = await this.#settled(all, true);
    this.#judge(settled.head);
    this.#progress.clear();
    await withOutput(this.#options, this.#io, (out) => this.#write(out, all, settled));
  }

  /** Each session as soon as it is known. */
  async #streamed(answers: Answers, out: Writable): Promise<void> {
    const { format, quiet } = this.#options;
    const chalk = chalkFor(this.#options, this.#io);
    const told = new Map<string, { file: string; head: Settled["head"] }>();
    let heading = "";
    const title = (files: readonly string[], rest: string): string => {
      const text = `${heading}${chalk.bold(safe(files.join(", ")))}${rest}\n`;
      heading = "\n";
      return text;
    };
    for await (const linted of this.#lintEach(answers, told)) {
      this.#progress.clear();
      if ("error" in linted) {
        if (format === "ndjson") await write(out, ndjsonError(VERSION, linted.names, linted.error));
        continue;
      }
      if ("sameAs" in linted) {
        const before = told.get(linted.sameAs)!;
        const session = { files: linted.names, hosts: linted.hosts, sameAs: before.file };
        if (format === "ndjson") await write(out, ndjsonSame(before.head, session));
        if (format === "pretty")
          await write(out, title(linted.names, `: the same as ${safe(before.file)}, byte for byte`));
        continue;
      }
      const names = linted.files.map(({ file }) => file);
      const settled = await this.#settled([linted], false);
      this.#judge(settled.head);
      told.set(identityOf(linted.files), { file: names[0]!, head: settled.head });
      if (format === "pretty") await write(out, `${title(names, hostsText(namesOf([linted]).hosts))}\n`);
      await this.#write(out, [linted], settled);
    }
    this.#progress.clear();
    if (format === "pretty" && !quiet) await write(out, `\n${this.#summary(answers)}`);
  }

  /** The findings in order; one after the other, where nothing has to be known of all of them. */
  async #settled(all: readonly Linted[], compared: boolean): Promise<Settled> {
    const found = all.flatMap((linted) => linted.found);
    const names = all.flatMap(({ files }) => files.map(({ file }) => file));
    const filters = all.flatMap(({ open }) => filterResults(open.session.input.model.filters));
    const { configuration } = this.#planned;
    const suppressions = (this.#asked.suppressions?.list.length ?? 0) > 0;
    if (suppressions || (compared && baselineOf(this.#options.baseline, configuration, this.#io) !== null)) {
      const incomplete = this.#code === EXIT_COULD_NOT_RUN;
      const run = (asked: LintOptions): LintResult => conclude(found, names, filters, asked);
      const result = compared
        ? await judged(run, { incomplete, configuration }, this.#options, this.#io)
        : run(this.#asked);
      const { findings, ...head } = result;
      return { head, findings };
    }
    if (this.#options["update-baseline"]) await judged(() => conclude([], [], [], {}), { incomplete: true, configuration }, this.#options, this.#io);
    const count = (severity: SeverityResult): number =>
      found.reduce((sum, candidate) => sum + Number(candidate.severity === severity), 0);
    const summary = { error: count("error"), warning: count("warning"), info: count("info"), suppressed: 0 };
    return {
      head: { version: VERSION, tool: TOOL, filters, suppressed: [], baseline: null, summary },
      findings: concludeLate(found, names),
    };
  }

  async #write(out: Writable, all: readonly Linted[], { head, findings }: Settled): Promise<void> {
    const context = this.#context(all);
    let text = "";
    for (const piece of await piecesOf(this.#options.format, head, findings, context, namesOf(all))) {
      text += piece;
      if (text.length < WRITTEN_AT_ONCE) continue;
      await write(out, text);
      text = "";
    }
    await write(out, text);
  }

  #summary(answers: Answers): string {
    const { sessions, same, unread, filters, error, warning, info } = this.#totals;
    const told = [
      ...(same > 0 ? [`${same} the same as another`] : []),
      ...(unread > 0 ? [`${unread} not read`] : []),
    ];
    return [
      `${counted(sessions, "session")}${told.length === 0 ? "" : ` (${told.join(", ")})`}, `,
      `${counted(filters, "filter")}, ${counted(answers.asked, "different text")} read: `,
      `${counted(error, "error")}, ${counted(warning, "warning")}, ${info} for information\n`,
    ].join("");
  }

  #judge({ summary, filters }: Settled["head"]): void {
    const totals = this.#totals;
    totals.filters += filters.length;
    totals.error += summary.error;
    totals.warning += summary.warning;
    totals.info += summary.info;
    if (this.#code !== EXIT_OK) return;
    const failed = (["error", "warning", "info"] as const).some(
      (severity) => summary[severity] > 0 && fails(severity, this.#options["fail-on"]),
    );
    if (failed) this.#code = EXIT_FOUND;
  }

  #context(all: readonly Linted[]): LintContext {
    const lines = new FileLines(all.flatMap(({ files }) => files));
    const { configuration } = this.#planned;
    const own = configuration === null ? null : new LineIndex(configuration.text);
    const owners = ownersOf(all);
    return {
      chalk: chalkFor(this.#options, this.#io),
      quiet: this.#options.quiet,
      line: (file, number) => (file === configuration?.file ? own!.line(number) : lines.line(file, number)),
      filterOf: (finding) =>
        finding.rule === null
          ? finding.addrset === null
            ? undefined
            : owners(finding)
          : finding.rule.filter,
      input: all[0]!.open.session.input,
      checks: checkPages(),
      checkLabel,
      separator: sep,
    };
  }

  /** One session after the other, so that memory is bounded by the largest. */
  async *#lintEach(
    answers: Answers,
    told: ReadonlyMap<string, unknown> | null,
  ): AsyncGenerator<
    | Linted
    | { readonly names: readonly string[]; readonly error: string }
    | { readonly names: readonly string[]; readonly hosts: readonly (string | null)[]; readonly sameAs: string }
  > {
    const { vm, filter, budget } = this.#options;
    const missing: SelectionError[] = [];
    let selected = 0;
    const hostsOf = new Map<string, readonly (string | null)[]>();
    for (const { names, bytes } of this.#sessions) {
      this.#progress.begin(bytes);
      this.#totals.sessions += 1;
      try {
        const files = this.#cut ?? (await cutAll({ names, bytes }, this.#io));
        const identity = identityOf(files);
        if (told?.has(identity) === true) {
          this.#totals.same += 1;
          yield { names, hosts: hostsOf.get(identity)!, sameAs: identity };
          continue;
        }
        const { settings = DEFAULT_SETTINGS, severities } = this.#asked;
        const open = await openSession(files, answers, {
          selection: { vm, filter },
          budget,
          question: (infrastructure) => ({ kind: "lint", settings, severities, infrastructure, budget }),
          onFilter: (done, total) => {
            this.#progress.filters(done, total);
          },
        });
        selected += 1;
        // Nobody asks again, and what threads hold is as much as what is to be written.
        if (this.#sessions.length === 1) await answers.close();
        this.#progress.clear();
        const incomplete = sayFaults(open.session.input, this.#io);
        if (incomplete) this.#code = EXIT_COULD_NOT_RUN;
        const found = findInSession(open.session, (name) => open.answerOf(name)!.found, this.#asked);
        hostsOf.set(
          identity,
          open.session.hosts.map(({ name }) => name),
        );
        yield { files, open, found, incomplete };
      } catch (error) {
        if (error instanceof SelectionError && this.#sessions.length > 1) {
          // The machine is on another host.
          missing.push(error);
          continue;
        }
        if (error instanceof SelectionError) throw new UserError(`--${error.option}: ${error.message}`);
        if (!(error instanceof UserError) || this.#planned.kind !== "fleet") throw error;
        this.#progress.clear();
        this.#totals.unread += 1;
        this.#code = EXIT_COULD_NOT_RUN;
        this.#io.stderr.write(`dfwlint: ${safe(error.message)}\n`);
        yield { names, error: error.message };
      } finally {
        this.#progress.finish();
      }
    }
    const [first] = missing;
    if (first !== undefined && selected === 0)
      throw new UserError(`--${first.option}: in none of the ${this.#sessions.length} sessions: ${first.message}`);
  }
}

function identityOf(files: readonly SessionFile[]): string {
  return files.map(({ identity }) => identity).join(" ");
}

function namesOf(all: readonly Linted[]): SessionNames {
  return {
    files: all.flatMap(({ files }) => files.map(({ file }) => file)),
    hosts: all.flatMap(({ open }) => open.session.hosts.map(({ name }) => name)),
    sameAs: null,
  };
}

/** The findings as text, in pieces where the format can. */
async function piecesOf(
  format: LintFormatName,
  head: Settled["head"],
  findings: Iterable<FindingResult>,
  context: LintContext,
  session: SessionNames,
): Promise<Iterable<string>> {
  switch (format) {
    case "pretty":
      return (await import("../../report/pretty/lint.ts")).prettyLintPieces(head, findings, context);
    case "json":
      return (await import("../../report/json.ts")).jsonLintPieces(head, findings);
    case "ndjson":
      return ndjsonPieces(head, findings, session);
    case "compact": {
      const { compactFinding } = await import("../../report/compact.ts");
      return mapped(findings, (finding) => compactFinding(finding, head, context));
    }
    case "sarif":
    case "github":
    case "junit":
    case "markdown":
    case "html":
      return [(await LINT_FORMATS[format]())({ ...head, findings: [...findings] }, context)];
  }
}

function* mapped<T, U>(items: Iterable<T>, map: (item: T) => U): Generator<U> {
  for (const item of items) yield map(item);
}

function hostsText(hosts: readonly (string | null)[]): string {
  const names = hosts.flatMap((name) => name ?? []);
  return names.length === 0 ? "" : ` (${safe(names.join(", "))})`;
}

/** The filter whose set begins where a finding about a set stands. */
function ownersOf(all: readonly Linted[]): (finding: FindingResult) => string | null | undefined {
  const owners = new Map<string, (string | null)[]>();
  for (const { open } of all) {
    for (const { name, file, line, filter } of setPlaces(open.session)) {
      const key = JSON.stringify([file, line, name]);
      const known = owners.get(key);
      if (known === undefined) owners.set(key, [filter]);
      else known.push(filter);
    }
  }
  return ({ addrset, location: { file, line } }) => {
    const found = owners.get(JSON.stringify([file, line, addrset])) ?? [];
    return found.length === 1 ? found[0] : undefined;
  };
}
