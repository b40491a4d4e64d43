import type { Region } from "../analysis/cover.ts";
import { ALL_KINDS, DIRECTION_NUMBER, DIRECTION_SIDE, UNIVERSE, familyOf } from "../analysis/boxes.ts";
import { DESTINATION, SERVICE, narrowed } from "../analysis/effective.ts";
import type { Plane } from "../analysis/planes.ts";
import { fromSpans, overlaps, single, type Ranges } from "../model/ranges.ts";
import type { IpPacket } from "../model/packet.ts";
import type { Rule } from "../model/rule.ts";
import type { Check, CheckContext } from "./check.ts";
import { infrastructureOf, type Infrastructure } from "./infrastructure.ts";
import { byManagerRule, effectiveAccepts, type Accept } from "./open-field.ts";
import { enumerate, relatedRule, ruleName } from "./words.ts";

interface Exposure {
  readonly accept: Accept;
  readonly target: Infrastructure;
  readonly certain: boolean;
  readonly witness: IpPacket | null;
}

/** So many addresses are named in a message; the rest is counted. */
const MOST_NAMED = 3;

export const infrastructureExposed: Check = {
  id: "infrastructure-exposed",
  severity: "warning",
  label: "lets the machine there",
  summary:
    "An accept lets packets out of a virtual machine to an address of the infrastructure that the session names: a " +
    "vmkernel port, a tunnel endpoint or its gateway, a controller, or, for information, an interface of a router. It " +
    "counts what gets to the rule. ICMP does not count, and neither does what a later rule accepts anyway or an accept of " +
    "everything, which is a finding of its own.",
  why: "Who gets into one machine looks next for the host, the controllers and the routers. Workloads have no business there.",
  help: "Put a rule that drops everything to the networks of management, tunnels and controllers before this one, or narrow its destination.",
  example: `[root@esx-11:~] esxcfg-vmknic -l
Interface  Port Group/DVPort/Opaque Network  IP Family IP Address  Netmask        Broadcast     MAC Address       MTU   TSO MSS  Enabled Type    NetStack
vmk0       Management Network                IPv4      10.7.0.11   255.255.255.0  10.7.0.255    00:50:56:00:07:11 1500  65535    true    STATIC  defaultTcpipStack
[root@esx-11:~] vsipioctl getrules -f nic-2101-eth0-vmware-sfw.2
ruleset domain-c7 {
  rule 1291 at 1 out protocol tcp from any to ip 10.7.0.0/16 port 443 accept;
  rule 1001 at 2 inout protocol any from any to any drop with log;
}
[root@esx-11:~]`,
  *find(context) {
    const targets = context.infrastructure ?? infrastructureOf(context.hosts);
    if (targets.length === 0) return;
    for (const exposures of byManagerRule(findExposures(context, targets))) {
      const [first] = exposures;
      const { rule } = first!.accept;
      const lines = [...new Set(exposures.map(({ accept }) => accept.rule))];
      const reached = [...new Set(exposures.map(({ target }) => target))].toSorted(
        (a, b) => Number(a.gateway) - Number(b.gateway),
      );
      const names = reached.slice(0, MOST_NAMED).map(({ text, roles }) => `${text} (${roles.join(", ")})`);
      const rest = reached.length - names.length;
      yield {
        severity: reached.every(({ gateway }) => gateway) ? "info" : "warning",
        message: `${ruleName(rule)} lets the machine reach ${enumerate(rest > 0 ? [...names, `${rest} more`] : names)}`,
        certain: exposures.some(({ certain }) => certain),
        at: rule.reference.source,
        rule,
        related: [
          ...lines.slice(1, 20).map((line) => relatedRule("the same", line)),
          ...reached
            .slice(0, MOST_NAMED)
            .map(({ at, text }) => ({ label: text, at, rule: null, addressSet: null })),
        ],
        witness:
          exposures.find(({ target, witness }) => target === reached[0] && witness !== null)?.witness ??
          exposures.find(({ witness }) => witness !== null)?.witness ??
          null,
        data: { addresses: reached.map(({ text, roles }) => ({ address: text, roles })) },
      };
    }
  },
};

function* findExposures(context: CheckContext, targets: readonly Infrastructure[]): Generator<Exposure> {
  const all = {
    ipv4: rangesOf(targets, "ipv4"),
    ipv6: rangesOf(targets, "ipv6"),
  };
  for (const accept of effectiveAccepts(context)) {
    const { list, index, rule } = accept;
    if (!mayReach(rule, all)) continue;
    if (exposureOf(accept, targets) === null || list.isRemovable(index)) continue;
    for (const target of targets) {
      const exposure = exposureOf(accept, [target]);
      if (exposure !== null) yield exposure;
    }
  }
}

function rangesOf(targets: readonly Infrastructure[], family: Infrastructure["family"]): Ranges {
  const spans = targets.flatMap((target) =>
    target.family === family ? [{ first: target.address, last: target.address }] : [],
  );
  return fromSpans<number | bigint>(spans);
}

/** Quickly: whether a rule's own words leave room for it. */
function mayReach(rule: Rule, targets: Readonly<Record<"ipv4" | "ipv6", Ranges>>): boolean {
  if (rule.layer !== "ip" || !rule.directions.includes("out")) return false;
  if (rule.service.type === "icmp" || rule.service.type === "none") return false;
  return rule.families.some((family) =>
    overlaps<number | bigint>(rule.destination.may[family], targets[family]),
  );
}

/** Whether packets to one of the addresses get out by the rule. */
function exposureOf(accept: Accept, targets: readonly Infrastructure[]): Exposure | null {
  const { list, index } = accept;
  const least = (plane: Plane): number | null => (plane.name === "ethernet" ? null : 0);
  const narrow = (plane: Plane, region: Region): Region | null => {
    if (plane.name === "ethernet") return null;
    const addresses = rangesOf(targets, plane.name);
    if (addresses.length === 0) return null;
    const there = narrowed(region, DESTINATION, plane.addressClasses(DESTINATION, addresses, Infinity)!);
    return there === null ? null : narrowed(there, SERVICE, outbound(plane));
  };
  const openness = list.effective.openField(index, DESTINATION, least, narrow);
  if (openness === null) return null;
  const { witness, certain } = openness;
  const target = targets.find(({ family }) => family === openness.plane)!;
  if (witness === null || witness.layer === "ethernet") return { accept, target, certain, witness: null };
  // No rule tells the address, or the way out, from the one that was found.
  const packet: IpPacket = { ...witness, direction: "out", destination: target.address };
  return { accept, target, certain, witness: targets.length === 1 ? packet : null };
}

const headers = new WeakMap<Plane, readonly number[]>();

/** The header classes of all that goes out and is not ICMP. */
function outbound(plane: Plane): readonly number[] {
  const known = headers.get(plane);
  if (known !== undefined) return known;
  const classes = new Set<number>();
  for (const kind of ALL_KINDS) {
    if (familyOf(kind) !== plane.name || kind.endsWith("icmp")) continue;
    const sides = UNIVERSE[kind].sides.with(DIRECTION_SIDE, single(DIRECTION_NUMBER.out));
    for (const header of plane.serviceClasses({ kind, sides }, Infinity)!.headers) classes.add(header);
  }
  const found = [...classes];
  headers.set(plane, found);
  return found;
}
