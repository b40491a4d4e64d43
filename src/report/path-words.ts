import type {
  FilterStep,
  NetworkStep,
  PathInterface,
  PathPiece,
  PathPlace,
  PathStep,
  PathVerdict,
} from "../engine/path/results.ts";
import { placeText, regionTexts, ruleText } from "./words.ts";

/** The steps of a way in words; the texts hold names from sessions, and whoever prints them makes them safe. */

/** `source`, `network` or `destination`. */
export function stepTitle(step: PathStep): string {
  return step.type === "filter" ? step.side : "network";
}

export function stepText(step: PathStep): string {
  return step.type === "filter" ? filterText(step) : networkText(step);
}

/** What is beside the step's own words: what is taken to be so, and what may decide otherwise. */
export function stepDoubts(step: PathStep): string[] {
  if (step.type === "network") return step.assumptions.map((text) => `assumed: ${text}`);
  return [
    ...(step.assumption === null ? [] : [`assumed: ${step.assumption}`]),
    ...step.dependsOn.map(
      ({ rule, reason }) => `unless ${ruleText(rule)} (${placeText(rule)}) matches: ${reason}`,
    ),
  ];
}

/** Each vNIC that it may be, with what it would say. */
export function candidateTexts({ candidates }: FilterStep): string[] {
  return candidates.map(({ place, verdict, rule }) => {
    const by = rule === null ? "" : ` by ${ruleText(rule)} (${placeText(rule)})`;
    return `${pathPlaceText(place)}: ${verdict}${by}`;
  });
}

function filterText({
  status,
  verdict,
  rule,
  place,
  reason,
  certain,
  specific,
  seen: addresses,
}: FilterStep): string {
  const where = place === null ? "" : ` at ${pathPlaceText(place)}`;
  switch (status) {
    case "decided": {
      const by = rule === null ? "" : ` by ${ruleText(rule)} (${placeText(rule)})`;
      const unsure = certain || verdict === "unknown" ? "" : " (uncertain)";
      const all = specific === false && rule !== null ? ", which takes everything" : "";
      const why = reason === null ? "" : `: ${reason}`;
      return `${verdict}${unsure}${by}${all}${where}${seenText(addresses)}${why}`;
    }
    case "several": {
      const by = rule === null ? "" : ` by ${ruleText(rule)} (${placeText(rule)})`;
      return `${verdict}${certain || verdict === "unknown" ? "" : " (uncertain)"}${by}: ${reason}`;
    }
    case "unprotected":
    case "not-attached":
    case "not-shown":
    case "outside":
    case "host": {
      const shown = place?.location == null ? "" : ` (${placeText(place.location)})`;
      return `${verdict}${where}${seenText(addresses)}${shown}${certain || verdict !== "accept" ? "" : " (uncertain)"}: ${reason}`;
    }
  }
}

/** The lines that show that an address is the place's. */
function seenText(seen: FilterStep["seen"]): string {
  return seen.length === 0 ? "" : `, whose address it is (${seen.map((at) => placeText(at)).join(", ")})`;
}

function networkText(step: NetworkStep): string {
  const { status, router, from, to, routes, reason, verdict } = step;
  const by = router === null ? "" : ` by ${router}`;
  const out = from === null ? "" : ` from ${interfaceText(from)}`;
  const into = to === null ? "" : ` to ${interfaceText(to)}`;
  const why = reason === null ? "" : `: ${reason}`;
  switch (status) {
    case "local":
      return `not asked${why}`;
    case "switched":
      return from === null
        ? "switched on one segment"
        : `switched on ${from.segment ?? "one segment"}, ${interfaceText(from)}`;
    case "routed": {
      const unknown = verdict === "unknown" ? "unknown, " : "";
      return `${unknown}routed${by}${out}${into}${routesText(step)}${why}`;
    }
    case "forwarded":
      return `forwarded${by}${out} to ${gateways(step)}${overText(to)}${routesText(step)}${why}`;
    case "leaves":
      return `leaves${by === "" ? "" : ` router ${router}`} by ${gateways(step)}${overText(to)}${routesText(step)}${why}`;
    case "enters":
      return `comes to router ${router ?? "without a name"} and gets${into}${why}`;
    case "router":
      return `gets to router ${router ?? "without a name"}${to === null ? "" : ` at ${interfaceText(to)}`}${why}`;
    case "group":
      return `spread${to === null ? "" : ` on ${to.segment ?? "the segment"}, ${interfaceText(to)}`}${why}`;
    case "dropped":
      return `drop${by}${out}${why}${routes.length === 0 ? "" : routesText(step)}`;
    case "unknown":
      return `unknown${by}${out}${why}${routes.length === 0 ? "" : routesText(step)}`;
  }
}

function gateways({ routes }: NetworkStep): string {
  return [...new Set(routes.flatMap(({ gateway }) => gateway ?? []))].join(" or ");
}

/** Equal routes share the packets, so all of them are named. */
function routesText({ routes }: NetworkStep): string {
  if (routes.length === 0) return "";
  const [{ destination }] = routes as [NetworkStep["routes"][0]];
  if (routes.length === 1) return `, route ${destination} (${placeText(routes[0]!.location)})`;
  const all = routes.map(
    ({ gateway, interface: face, location }) =>
      `${gateway ?? "connected"}${face === null ? "" : ` over ${face}`} (${placeText(location)})`,
  );
  return `, ${routes.length} equal routes to ${destination}: ${all.join(", ")}`;
}

function overText(to: PathInterface | null): string {
  if (to === null) return "";
  return ` over ${to.uplink === true ? "the uplink interface" : "interface"} ${to.name}`;
}

function interfaceText({ name, network, location }: PathInterface): string {
  return `${network} (interface ${name}, ${placeText(location)})`;
}

export function pathPlaceText({ host, machine, vnic, filter }: PathPlace): string {
  if (vnic === null) return filter === null ? "the filter without a name" : `filter ${filter}`;
  const of = machine === null || vnic.startsWith(`${machine}.`) ? "" : ` of ${machine}`;
  return `${vnic}${of}${host === null ? "" : ` on ${host}`}`;
}

/** `drop by rule 12 at 3 at db-01.eth0`: the verdict with who gives it. */
export function verdictWords({ verdict, certain, decidedBy, steps, delivered }: PathPiece): {
  verdict: PathVerdict;
  more: string;
} {
  if (verdict === "unknown") {
    const open = steps.find((step) => step.verdict === "unknown" && step.reason !== null);
    return { verdict, more: open === undefined ? "" : `: ${open.reason}` };
  }
  const unsure = certain ? "" : " (uncertain)";
  const step = decidedBy === null ? null : steps[decidedBy]!;
  const anyway = delivered === "no" && !certain ? ", whatever the steps before say" : "";
  if (step === null) return { verdict, more: unsure };
  if (step.type === "network") {
    const why = step.reason === null ? "" : `: ${step.reason}`;
    return { verdict, more: `${unsure} by router ${step.router ?? "without a name"}${why}${anyway}` };
  }
  const rule = step.rule === null ? "" : ` by ${ruleText(step.rule)}`;
  const where = step.place === null ? "" : ` of ${pathPlaceText(step.place)}`;
  return { verdict, more: `${unsure}${rule}${where}, on the ${step.side}'s side${anyway}` };
}

/** The packets of a piece, as lines. */
export function piecePackets({ region }: PathPiece, most: number): { texts: string[]; more: number } {
  const { texts, more } = regionTexts(region, most);
  // From machine to machine there is one direction only.
  return { texts: texts.map((text) => text.replace(/^out, /, "")), more };
}

/** `unknown in 2 of 5 pieces, accept in 3`. */
export function piecesText(pieces: readonly PathPiece[]): string {
  const counts = new Map<PathVerdict, number>();
  for (const { verdict } of pieces) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const total = `${pieces.length} pieces`;
  const [only] = counts.size === 1 ? counts.keys() : [];
  const answers = [...counts].map(([verdict, count]) => `${verdict} in ${count}`);
  const unsure = pieces.filter(({ certain, verdict }) => !certain && verdict !== "unknown").length;
  const uncertain = unsure === 0 ? "" : `, ${unsure} uncertain`;
  return only === undefined ? `${total}: ${answers.join(", ")}${uncertain}` : `all of ${total}${uncertain}`;
}
