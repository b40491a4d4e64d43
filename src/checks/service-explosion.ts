import type { ListAnalysis } from "../analysis/analysis.ts";
import { equals, fromSpans, toSpans, type Span } from "../model/ranges.ts";
import type { IpRule, Rule } from "../model/rule.ts";
import { sameTreatment } from "../model/treatment.ts";
import { isInDeadTail, parameterOf, type Check, type Found } from "./check.ts";
import { rearrangingOf, sameAddress, type Rearranging, type Run } from "./rearranging.ts";
import { counted, grouped, relatedRule } from "./words.ts";

/** What NSX puts into one service line: 15 ports, of which a range counts twice. */
const PORTS_A_LINE = 15;
const RANGES_A_LINE = 7;
const MOST_RELATED = 10;
/** Lines with another decision that a line is compared with on its way up. */
const MOST_COMPARED = 50;
/** Kinds of lines of one rule that are kept to be joined: more come from no manager. */
const MOST_OPEN = 32;

export const serviceExplosion: Check = {
  id: "service-explosion",
  severity: "info",
  label: "packs into fewer lines",
  summary:
    "Rules of the manager that were expanded to many lines would be fewer lines with the same ports in fewer services, " +
    "with every verdict and treatment unchanged. One service line holds 15 ports of one protocol, and a range counts " +
    "twice. It is said if at least leastLines lines (10) and leastPercent of the rules (5 %) could be saved.",
  why: "Each line counts against the limit of the filter and is one more to walk for every new connection.",
  help: "In the manager, replace the rule's many services by one service that lists the ports together.",
  parameters: {
    leastLines: {
      default: 10,
      minimum: 1,
      maximum: 1_000_000,
      describe: "how many lines must be saved at least",
    },
    leastPercent: {
      default: 5,
      minimum: 0,
      maximum: 100,
      describe: "how many of a filter's rules must be saved at least, in per cent",
    },
  },
  example: `ruleset domain-c1 {
  rule 1271 at 1 inout protocol tcp from addrset app to addrset dc port 53 accept;
  rule 1271 at 2 inout protocol tcp from addrset app to addrset dc port 88 accept;
  rule 1271 at 3 inout protocol tcp from addrset app to addrset dc port 123 accept;
  rule 1271 at 4 inout protocol tcp from addrset app to addrset dc port 135 accept;
  rule 1271 at 5 inout protocol tcp from addrset app to addrset dc port 139 accept;
  rule 1271 at 6 inout protocol tcp from addrset app to addrset dc port 389 accept;
  rule 1271 at 7 inout protocol tcp from addrset app to addrset dc port 445 accept;
  rule 1271 at 8 inout protocol tcp from addrset app to addrset dc port 464 accept;
  rule 1271 at 9 inout protocol tcp from addrset app to addrset dc port 636 accept;
  rule 1271 at 10 inout protocol tcp from addrset app to addrset dc port 3268-3269 accept;
  rule 1271 at 11 inout protocol tcp from addrset app to addrset dc port 49152-65535 accept;
  rule 1001 at 12 inout protocol any from any to any drop with log;
}
addrset app {
ip 10.1.1.10,
}
addrset dc {
ip 10.1.2.10,
}`,
  *find(context) {
    const leastLines = parameterOf(context, this, "leastLines");
    const leastPercent = parameterOf(context, this, "leastPercent");
    for (const { filter, lists } of context.filters) {
      const rules = filter.rules.filter(({ node }) => node !== null).length;
      const packings = lists.flatMap((list) => (list.name === "ethernet" ? [] : packingsIn(list)));
      const saved = packings.reduce((sum, packing) => sum + savedBy(packing), 0);
      if (saved < leastLines || saved * 100 < rules * leastPercent || saved === 0) continue;
      yield describe(packings, saved, rules);
    }
  },
};

/** Lines of one rule that differ in their ports only, and how many lines their ports need. */
interface Packing {
  readonly lines: readonly Rule[];
  readonly packed: number;
}

function savedBy({ lines, packed }: Packing): number {
  return lines.length - packed;
}

function packingsIn(list: ListAnalysis): Packing[] {
  const { rearranging, runs } = rearrangingOf(list);
  return runs.flatMap((run) =>
    run.end - run.start < 2 || isInDeadTail(list, run.start) ? [] : packRun(list, run, rearranging),
  );
}

interface Group {
  readonly first: number;
  readonly lines: IpRule[];
}

/**
 * Lines that say the same but for their ports become one at the place of the first: a line joins if it may move up to
 * there, see `Rearranging`. At one place, lines with the same decision are the union of their packets, and that union
 * is the line with the union of their ports, because all other fields are equal.
 */
function packRun(list: ListAnalysis, { start, end }: Run, rearranging: Rearranging): Packing[] {
  const all: Group[] = [];
  const open: Group[] = [];
  for (let index = start; index < end; index += 1) {
    const rule = list.rules[index]!;
    if (!isPackable(rule)) continue;
    const at = open.findIndex(({ lines }) => sameButPorts(lines[0]!, rule));
    const group = open[at];
    if (group !== undefined && rearranging.passes(index, group.first + 1, index - 1, MOST_COMPARED)) {
      group.lines.push(rule);
      continue;
    }
    const created = { first: index, lines: [rule] };
    all.push(created);
    if (group !== undefined) open[at] = created;
    else if (open.push(created) > MOST_OPEN) open.shift();
  }
  return all
    .filter(({ lines }) => lines.length > 1)
    .map(({ lines }) => ({ lines, packed: linesFor(lines) }))
    .filter((packing) => savedBy(packing) > 0);
}

/** An ALG's line stays alone: its twin belongs to it. */
function isPackable(rule: Rule): rule is IpRule {
  return (
    rule.layer === "ip" &&
    rule.node!.destinationPorts !== null &&
    rule.service.type === "ports" &&
    rule.service.protocols.length === 1 &&
    rule.treatment.alg === null &&
    !rule.internal &&
    rule.decides
  );
}

function sameButPorts(a: IpRule, b: IpRule): boolean {
  return (
    a.action === b.action &&
    a.node!.direction === b.node!.direction &&
    a.node!.family === b.node!.family &&
    a.service.type === "ports" &&
    b.service.type === "ports" &&
    a.service.protocols[0] === b.service.protocols[0] &&
    equals(a.service.sourcePorts, b.service.sourcePorts) &&
    (a.source === b.source || sameAddress(a.node!.from, b.node!.from)) &&
    (a.destination === b.destination || sameAddress(a.node!.to, b.node!.to)) &&
    sameTreatment(a.treatment, b.treatment) &&
    a.conditions.length === b.conditions.length &&
    a.conditions.every(({ key }, index) => key === b.conditions[index]!.key)
  );
}

/** How many service lines hold the ports of these lines. */
function linesFor(lines: readonly IpRule[]): number {
  const spans: Span<number>[] = [];
  for (const { service } of lines) {
    if (service.type === "ports") for (const span of toSpans(service.destinationPorts)) spans.push(span);
  }
  let singles = 0;
  let ranges = 0;
  for (const { first, last } of toSpans(fromSpans(spans))) {
    if (first === last) singles += 1;
    else ranges += 1;
  }
  return Math.max(Math.ceil((singles + 2 * ranges) / PORTS_A_LINE), Math.ceil(ranges / RANGES_A_LINE));
}

function describe(packings: readonly Packing[], saved: number, rules: number): Found {
  const most = byRule(packings).sort((a, b) => b.saved - a.saved);
  const [first] = most;
  return {
    message: `${grouped(saved)} of ${grouped(rules)} rules would be saved if ${counted(most.length, "rule")} of the manager listed ${most.length === 1 ? "its ports together," : "their ports together, most"} in rule ${first!.rule.reference.id}: ${first!.lines} lines become ${first!.lines - first!.saved}`,
    at: first!.rule.reference.source,
    rule: first!.rule,
    subject: "lines of the filter",
    related: most
      .slice(1, MOST_RELATED)
      .map((other) => relatedRule(`${other.lines} lines become ${other.lines - other.saved}`, other.rule)),
    data: {
      saved,
      rules,
      packings: packings.map(({ lines, packed }) => ({
        id: lines[0]!.reference.id,
        category: lines[0]!.reference.category,
        positions: lines.map(({ reference }) => reference.position),
        lines: lines.map(lineOf),
        packed,
      })),
    },
  };
}

interface Savings {
  readonly rule: Rule;
  lines: number;
  saved: number;
}

/** TCP and UDP of one rule together: they follow each other. */
function byRule(packings: readonly Packing[]): Savings[] {
  const rules: Savings[] = [];
  for (const packing of packings) {
    const rule = packing.lines[0]!;
    let last = rules.at(-1);
    if (last === undefined || last.rule.reference.id !== rule.reference.id) {
      last = { rule, lines: 0, saved: 0 };
      rules.push(last);
    }
    last.lines += packing.lines.length;
    last.saved += savedBy(packing);
  }
  return rules;
}

function lineOf({ reference: { source } }: Rule): number {
  return source.dump.lines.position(source.range.start).line;
}
