import type { Writable } from "node:stream";
import { sep } from "node:path";
import { checkLabel, checkPages } from "../../engine/explain.ts";
import {
  conclude,
  concludeLate,
  filterResults,
  ofSuppressions,
  type LateCandidate,
  type LintOptions,
} from "../../engine/lint.ts";
import { findInSession, setPlaces } from "../../engine/parts/session.ts";
import { DEFAULT_SETTINGS } from "../../checks/settings.ts";
import type { SessionNames } from "../../engine/session-names.ts";
import { VERSION, type FindingResult, type LintResult, type SeverityResult } from "../../engine/results.ts";
import type { StaleSuppression } from "../../engine/suppressions.ts";
import { TOOL } from "../../engine/tool.ts";
import type { LintContext } from "../../report/context.ts";
import { LINT_FORMATS, type LintFormatName } from "../../report/lint-formats.ts";
import { ndjsonError, ndjsonPieces, ndjsonSame } from "../../report/ndjson.ts";
import { counted } from "../../report/words.ts";
import { safe } from "../../report/safe.ts";
import { hostsText, sameText } from "../../report/words.ts";
import { fails, type LintCommandOptions } from "../commands/lint.ts";
import { askedOf, baselineOf, judged } from "../findings.ts";
import { EXIT_COULD_NOT_RUN, EXIT_FOUND, EXIT_OK, UserError, write, type Io } from "../io.ts";
import { chalkFor, withOutput } from "../output.ts";
import type { PlannedInput } from "../read.ts";
import { LineIndex } from "../../syntax/lines.ts";
import type { SessionFile } from "./cut.ts";
import { Fleet, type SessionOutcome } from "./each.ts";
import { FileLines } from "./lines.ts";
import type { OpenSession } from "./session.ts";

/** More findings are not joined into one document. */
const MOST_JOINED = 300_000;

/** Formats in which each session is told as soon as it is known. */
const STREAMED: readonly string[] = ["pretty", "compact", "ndjson"];

/** Formats that are written finding by finding. */
const LATE: ReadonlySet<string> = new Set([...STREAMED, "json"]);

/** So many characters are written at once. */
const WRITTEN_AT_ONCE = 2 ** 16;

interface Settled {
  readonly head: Omit<LintResult, "findings">;
  readonly findings: Iterable<FindingResult>;
}

/** A session with its findings, before they are put in order. */
interface Linted {
  readonly kind: "linted";
  readonly files: readonly SessionFile[];
  readonly open: OpenSession;
  readonly found: readonly LateCandidate[];
}

/** Lint of a fleet, or of an input that is too large to be read at once; null if it has to be read at once. */
export async function lintLarge(
  planned: PlannedInput,
  options: LintCommandOptions,
  io: Io,
): Promise<number | null> {
  if (options.format === "html") {
    if (planned.kind !== "fleet") return null;
    throw new UserError("--format html is for one session: name the file");
  }
  const fleet = await Fleet.of(planned, options, io);
  return fleet === null ? null : new FleetLint(fleet, planned, options, io).run();
}

class FleetLint {
  readonly #fleet: Fleet;
  readonly #planned: PlannedInput;
  readonly #options: LintCommandOptions;
  readonly #io: Io;
  readonly #asked: LintOptions;
  readonly #totals = { same: 0, unread: 0, filters: 0, error: 0, warning: 0, info: 0 };
  #failed = false;
  /** What each session says of the suppressions. */
  readonly #stale: (readonly StaleSuppression[])[] = [];

  constructor(fleet: Fleet, planned: PlannedInput, options: LintCommandOptions, io: Io) {
    this.#fleet = fleet;
    this.#planned = planned;
    this.#options = options;
    this.#io = io;
    this.#asked = askedOf(planned.configuration, options, io);
  }

  async run(): Promise<number> {
    const { format, baseline } = this.#options;
    const { isFleet } = this.#fleet;
    const compared = baselineOf(baseline, this.#planned.configuration, this.#io) !== null;
    try {
      if (isFleet && compared && format === "ndjson")
        throw new UserError(
          "--format ndjson tells each session alone, and a baseline is of all: use --format json",
        );
      if (!isFleet || compared || !STREAMED.includes(format)) await this.#joined();
      else await withOutput(this.#options, this.#io, (out) => this.#streamed(out));
    } finally {
      await this.#fleet.close();
    }
    if (this.#fleet.incomplete) return EXIT_COULD_NOT_RUN;
    return this.#failed ? EXIT_FOUND : EXIT_OK;
  }

  async *#each(once: boolean): AsyncGenerator<Exclude<SessionOutcome<never>, { kind: "open" }> | Linted> {
    const { settings = DEFAULT_SETTINGS, severities } = this.#asked;
    const { budget } = this.#options;
    const outcomes = this.#fleet.each(
      (infrastructure) => ({ kind: "lint", settings, severities, infrastructure, budget }),
      once,
    );
    for await (const outcome of outcomes) {
      if (outcome.kind !== "open") {
        yield outcome;
        continue;
      }
      const { files, open } = outcome;
      const found = findInSession(open.session, (name) => open.foundIn(name), this.#asked);
      yield { kind: "linted", files, open, found };
    }
  }

  /** All findings as one result, as of one input. */
  async #joined(): Promise<void> {
    const all: Linted[] = [];
    let findings = 0;
    for await (const linted of this.#each(false)) {
      if (linted.kind !== "linted") continue;
      all.push(linted);
      findings += linted.found.length;
      if (findings > MOST_JOINED && !LATE.has(this.#options.format))
        throw new UserError(
          `more than ${MOST_JOINED.toLocaleString("en")} findings are too many for one document: use --format ndjson`,
        );
    }
    if (all.length === 0) return;
    const settled = await this.#settled(all, true);
    this.#judge(settled.head);
    this.#fleet.clear();
    await withOutput(this.#options, this.#io, (out) => this.#write(out, all, settled));
  }

  /** Each session as soon as it is known. */
  async #streamed(out: Writable): Promise<void> {
    const { format, quiet } = this.#options;
    const chalk = chalkFor(this.#options, this.#io);
    const told = new Map<string, Settled["head"]>();
    let heading = "";
    // Whose context serves for lines of the configuration.
    let example: Linted | null = null;
    const title = (files: readonly string[], rest: string): string => {
      const text = `${heading}${chalk.bold(safe(files.join(", ")))}${rest}\n`;
      heading = "\n";
      return text;
    };
    for await (const linted of this.#each(true)) {
      this.#fleet.clear();
      switch (linted.kind) {
        case "error":
          this.#totals.unread += 1;
          if (format === "ndjson") await write(out, ndjsonError(VERSION, linted.names, linted.error));
          break;
        case "same": {
          this.#totals.same += 1;
          const { names: files, hosts, as } = linted;
          if (format === "ndjson") await write(out, ndjsonSame(told.get(as)!, { files, hosts, sameAs: as }));
          if (format === "pretty") await write(out, title(files, `: ${safe(sameText(as))}`));
          break;
        }
        case "linted": {
          const { files, hosts } = namesOf([linted]);
          const settled = await this.#settled([linted], false);
          this.#judge(settled.head);
          told.set(files[0]!, settled.head);
          example ??= linted;
          if (format === "pretty") await write(out, `${title(files, safe(hostsText(hosts)))}\n`);
          await this.#write(out, [linted], settled);
        }
      }
    }
    this.#fleet.clear();
    const [configuration, settled] = [this.#planned.configuration, this.#aboutSuppressions()];
    if (configuration !== null && settled !== null && example !== null) {
      this.#judge(settled.head);
      if (format === "pretty") await write(out, `${title([configuration.file], "")}\n`);
      await this.#write(out, [example], settled, { files: [configuration.file], hosts: [], sameAs: null });
    }
    if (format === "pretty" && !quiet) await write(out, `\n${this.#summary()}`);
  }

  /** The findings in order; one after the other, where nothing has to be known of all of them. */
  async #settled(all: readonly Linted[], compared: boolean): Promise<Settled> {
    const found = all.flatMap((linted) => linted.found);
    const names = all.flatMap(({ files }) => files.map(({ file }) => file));
    const filters = all.flatMap(({ open }) => filterResults(open.session.input.model.filters));
    const { configuration } = this.#planned;
    const suppressions = (this.#asked.suppressions?.list.length ?? 0) > 0;
    if (suppressions || (compared && baselineOf(this.#options.baseline, configuration, this.#io) !== null)) {
      const { incomplete } = this.#fleet;
      const run = (asked: LintOptions): LintResult => conclude(found, names, filters, asked);
      const result = compared
        ? await judged(run, { incomplete, configuration }, this.#options, this.#io)
        : conclude(found, names, filters, this.#asked, (stale) => {
            this.#stale.push(stale);
          });
      const { findings, ...head } = result;
      return { head, findings };
    }
    if (this.#options["update-baseline"])
      await judged(
        () => conclude([], [], [], {}),
        { incomplete: true, configuration },
        this.#options,
        this.#io,
      );
    const count = (severity: SeverityResult): number =>
      found.reduce((sum, candidate) => sum + Number(candidate.severity === severity), 0);
    const summary = { error: count("error"), warning: count("warning"), info: count("info"), suppressed: 0 };
    return {
      head: { version: VERSION, tool: TOOL, filters, suppressed: [], baseline: null, summary },
      findings: concludeLate(found, names),
    };
  }

  /** Findings about suppressions, once all sessions were looked at; null if there are none. */
  #aboutSuppressions(): Settled | null {
    const { severities = new Map<string, SeverityResult | "off">() } = this.#asked;
    const findings = ofSuppressions(staleEverywhere(this.#stale), severities);
    if (findings.length === 0) return null;
    const count = (severity: SeverityResult): number =>
      findings.filter((finding) => finding.severity === severity).length;
    const summary = { error: count("error"), warning: count("warning"), info: count("info"), suppressed: 0 };
    return {
      head: { version: VERSION, tool: TOOL, filters: [], suppressed: [], baseline: null, summary },
      findings,
    };
  }

  async #write(
    out: Writable,
    all: readonly Linted[],
    { head, findings }: Settled,
    session = namesOf(all),
  ): Promise<void> {
    const context = this.#context(all);
    let text = "";
    for (const piece of await piecesOf(this.#options.format, head, findings, context, session)) {
      text += piece;
      if (text.length < WRITTEN_AT_ONCE) continue;
      await write(out, text);
      text = "";
    }
    await write(out, text);
  }

  #summary(): string {
    const { same, unread, filters, error, warning, info } = this.#totals;
    const { sessions, answers } = this.#fleet;
    const told = [
      ...(same > 0 ? [`${same} the same as another`] : []),
      ...(unread > 0 ? [`${unread} not read`] : []),
    ];
    return [
      `${counted(sessions.length, "session")}${told.length === 0 ? "" : ` (${told.join(", ")})`}: `,
      `${counted(error, "error")}, ${counted(warning, "warning")}, ${info} for information in `,
      `${counted(filters, "filter")}${answers.texts === 0 ? "" : ` (${counted(answers.texts, "different text")})`}\n`,
    ].join("");
  }

  #judge({ summary, filters }: Settled["head"]): void {
    const totals = this.#totals;
    totals.filters += filters.length;
    totals.error += summary.error;
    totals.warning += summary.warning;
    totals.info += summary.info;
    this.#failed ||= (["error", "warning", "info"] as const).some(
      (severity) => summary[severity] > 0 && fails(severity, this.#options["fail-on"]),
    );
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
}

/** A suppression is unused if no session needs it; if it has expired, all findings that it held back count. */
function staleEverywhere(sessions: readonly (readonly StaleSuppression[])[]): StaleSuppression[] {
  const [first, ...others] = sessions;
  return (first ?? []).flatMap((stale) => {
    const same = others.map((session) =>
      session.find(({ suppression }) => suppression === stale.suppression),
    );
    const known = same.flatMap((one) => one ?? []);
    if (known.length < same.length) return [];
    return [{ ...stale, matches: known.reduce((sum, { matches }) => sum + matches, stale.matches) }];
  });
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
