import type { Plane } from "../analysis/planes.ts";
import { parameterOf, type Check } from "./check.ts";
import { byManagerRule, effectiveAccepts, isHidden, isOpen, type Accept } from "./open-field.ts";
import { matchText } from "./open-words.ts";
import { relatedRule, ruleName } from "./words.ts";

/** An IPv6 address has 96 bits more than an IPv4 address: the same share of the family is so many bits more. */
const MORE_BITS_IN_IPV6 = 2 * 96;

/** Where these are narrowed by what the dump does not say, nothing is known of how much it is. */
const ADDRESSES = ["source", "destination"] as const;

interface Wide {
  readonly accept: Accept;
  readonly bits: number;
  readonly atLeast: boolean;
  readonly certain: boolean;
}

export const overlyPermissive: Check = {
  id: "overly-permissive",
  severity: "info",
  label: "accepts a great deal",
  summary:
    "What an accept really lets through, after the earlier rules, is more than a threshold. Rules that any-source, any-destination or any-service speak of are not repeated.",
  why: "A wide rule lets through what nobody thought of, and hides which part of it is used.",
  help: "Split it into the flows that are needed; the flows that it logs tell which.",
  parameters: {
    bits: {
      default: 66,
      minimum: 0,
      maximum: 98,
      describe:
        "binary logarithm of the IPv4 packets (direction, addresses, protocol, ports) that a rule may let through; IPv6 is given 192 bits more, the same part of all packets",
    },
  },
  example: `ruleset domain-c1 {
  rule 1211 at 1 inout protocol tcp from ip 10.0.0.0/8 to ip 10.4.0.0/16 port 1-30000 accept;
  rule 1001 at 2 inout protocol any from any to any drop;
}`,
  *find(context) {
    const bits = parameterOf(context, overlyPermissive, "bits");
    const limit = ({ name }: Plane): number => {
      switch (name) {
        case "ipv4":
          return bits;
        case "ipv6":
          return bits + MORE_BITS_IN_IPV6;
        case "ethernet":
          return Infinity;
      }
    };
    const wide = function* (): Generator<Wide> {
      for (const accept of effectiveAccepts(context)) {
        const { list, index } = accept;
        if (isOpen(context, accept) || ADDRESSES.some((side) => isHidden(accept.rule, side))) continue;
        const size = list.effective.sizeAbove(index, limit);
        if (size === null || list.isRemovable(index)) continue;
        yield { accept, ...size };
      }
    };
    for (const lines of byManagerRule(wide())) {
      const [first, ...others] = lines;
      const { list, index, rule } = first!.accept;
      const also = others.length === 0 ? "" : ` (and ${others.length} more of its lines)`;
      const size = `${first!.atLeast ? "more than " : ""}2^${first!.bits.toFixed(1)} packets`;
      yield {
        message: `${ruleName(rule)} accepts ${matchText(rule)}${also}: ${size}`,
        certain: lines.some(({ certain }) => certain),
        at: rule.reference.source,
        rule,
        related: others.slice(0, 50).map(({ accept }) => relatedRule("the same", accept.rule)),
        witness: list.facts[index]!.witness,
        data: { bits: Math.round(first!.bits * 10) / 10, atLeast: first!.atLeast, lines: lines.length },
      };
    }
  },
};
