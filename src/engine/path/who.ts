import { blockText } from "../../model/routing.ts";
import type { SeenAddress } from "../../model/seen-addresses.ts";
import type { PathEnd } from "./ends.ts";
import { mayBeOn } from "./ends.ts";
import { gatewaysText, nameOf, type Hop, type Location } from "./network.ts";
import type { FilterStatus } from "./results.ts";
import type { PathSessions, Place } from "./sessions.ts";

/** Whose filter packets meet at one end of the way. */
export type Who =
  | {
      readonly type: "place";
      readonly place: Place;
      readonly assumption: string | null;
      /** Where it is shown that the addresses are its. */
      readonly seen: readonly SeenAddress[];
    }
  | { readonly type: "several"; readonly places: readonly Place[]; readonly assumption: string | null }
  | { readonly type: "unknown"; readonly reason: string; readonly missing: string | null }
  | {
      readonly type: "none";
      readonly status: Extract<FilterStatus, "outside" | "host">;
      readonly verdict: "accept" | "unknown";
      readonly reason: string;
    };

/** Where addresses lie, as far as routers tell. */
export type Where =
  | { readonly type: "network"; readonly location: Location }
  /** No router that is shown has a network of theirs. */
  | { readonly type: "outside" }
  /** Nothing tells. */
  | { readonly type: "anywhere" };

export interface Asked {
  readonly end: PathEnd;
  /** The addresses in words. */
  readonly text: string;
  readonly where: Where;
  /** The other end's machine, which this one is not. */
  readonly other: Place | null;
  /** The machine at which a router has seen the addresses. */
  readonly owner: Place | null;
  /** Where it has. */
  readonly seen: readonly SeenAddress[];
}

export function whoIsAt({ places }: PathSessions, { end, text, where, other, owner, seen }: Asked): Who {
  const option = end.side === "source" ? "--src-vm" : "--dst-vm";
  const { who } = end;
  const on = (place: Place): boolean =>
    where.type !== "network" || mayBeOn(place, where.location.view.host.name, where.location.network.switch);
  if (who === "outside") {
    const reason = `${option} none: nothing there has a filter`;
    return { type: "none", status: "outside", verdict: "accept", reason };
  }
  if (who !== "search") {
    const near = who.filter(on);
    const meant = near.length > 0 ? near : who;
    if (owner !== null && meant.length > 1 && meant.includes(owner))
      return { type: "place", place: owner, assumption: null, seen };
    return meant.length === 1
      ? { type: "place", place: meant[0]!, assumption: null, seen: [] }
      : { type: "several", places: meant, assumption: null };
  }
  if (owner !== null) return { type: "place", place: owner, assumption: null, seen };
  const ask = `give the session of its host; say ${option} NAME if it is one of the machines here, or ${option} none if nothing there has a filter`;
  if (where.type === "outside")
    return { type: "unknown", reason: `no session here shows which machine has ${text}`, missing: ask };
  if (where.type === "network" && where.location.network.uplink === true) {
    const { view, network } = where.location;
    const reason = `${text} is on the uplink network ${blockText(network.block)} of router ${nameOf(view)}: no session here shows what has it`;
    return { type: "unknown", reason, missing: ask };
  }
  const candidates = places.filter((place) => place.key !== other?.key && on(place));
  const decided = candidates.filter(({ rules }) => rules !== null);
  const [only] = candidates.length === 1 ? candidates : decided;
  if (only !== undefined && (candidates.length === 1 || decided.length === 1)) {
    const what = candidates.length === 1 ? "no other machine here may have it" : "only its rules are shown";
    return {
      type: "place",
      place: only,
      seen: [],
      assumption: `${text} is taken to be ${placeName(only)}: ${what}; say ${option} to be sure`,
    };
  }
  if (candidates.length === 0) {
    const reason = `no session here shows which machine has ${text}`;
    return { type: "unknown", reason, missing: ask };
  }
  return {
    type: "several",
    places: candidates,
    assumption: `${text} is taken to be one of ${candidates.length} vNICs here`,
  };
}

/** Why nobody here is known to have addresses that packets leave for. */
export function awayReason(text: string, { routes, to }: Hop): string {
  const next = gatewaysText(routes);
  const over = [...new Set(routes.flatMap(({ route }) => route.interface ?? []))];
  const kind = to?.uplink === true ? "uplink interface" : "interface";
  const through = over.length === 0 ? "" : ` over ${kind}${over.length > 1 ? "s" : ""} ${over.join(" and ")}`;
  return `no session here shows ${text}: it leaves by ${next}${through}`;
}

/** A vNIC, with its machine and host as far as its name does not say them; or the filter. */
export function placeName({ host, machine, vnic, filter }: Place): string {
  if (vnic === null) return filter === null ? "the filter without a name" : `filter ${filter}`;
  const owner = machine?.name ?? machine?.uuid ?? null;
  const of = owner === null || vnic.name.startsWith(`${owner}.`) ? "" : ` of ${owner}`;
  return `${vnic.name}${of}${host?.name == null ? "" : ` on ${host.name}`}`;
}
