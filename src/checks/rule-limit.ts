import type { Filter, Rule } from "../model/rule.ts";
import type { Check, CheckContext, Found } from "./check.ts";
import type { Limits } from "./settings.ts";
import { grouped } from "./words.ts";

export const ruleLimit: Check = {
  id: "rule-limit",
  scope: "host",
  severity: "warning",
  label: "the first of them",
  summary:
    "A filter, or all filters of a host (of the input where no session names hosts), hold nearly as many rules as NSX is tested with " +
    "(4,000 and 120,000; warnAtPercent, 80 %); an error if they hold more. Rules are counted as the dump prints them: one " +
    "a line.",
  why:
    "Beyond what the product is tested with, publishing gets slow, memory at the host runs short, and rules may not be " +
    "realised at all. One rule of the manager is a line for each of its services.",
  help:
    "See what service-explosion, mergeable-rules, redundant-rule and not-applicable say of these rules, and apply " +
    "policies only to the groups that they are about. Another version's limits go into the configuration.",
  example: `ruleset domain-c1 {
  # 4 rules, where the configuration allows 4
  rule 1241 at 1 inout protocol tcp from any to addrset web port 443 accept;
  rule 1241 at 2 inout protocol tcp from any to addrset web port 80 accept;
  rule 1242 at 3 inout protocol udp from any to any port 53 accept;
  rule 1001 at 4 inout protocol any from any to any drop with log;
}
addrset web {
ip 10.1.1.10,
}`,
  exampleConfiguration: `limits:
  rulesPerFilter: 4
  rulesPerHost: 8`,
  *find(context) {
    const { limits } = context.settings;
    const counts = context.model.filters.map((filter) => ({
      name: filter.name,
      rules: printedRules(filter),
    }));
    for (const { name, rules } of counts) {
      const what = name === null ? "the filter" : `filter ${name}`;
      yield* limitFinding("filter", `${what} holds`, rules.length, limits.rulesPerFilter, limits, rules[0]);
    }
    for (const [host, own] of byHost(counts, context)) {
      const first = own.find(({ rules }) => rules.length > 0)?.rules[0];
      const total = own.reduce((sum, { rules }) => sum + rules.length, 0);
      const of = host === null ? "" : ` of host ${host}`;
      const what =
        own.length === 1
          ? `the one filter${of === "" ? " here" : of} holds`
          : `the ${own.length} filters${of} together hold`;
      yield* limitFinding("host", what, total, limits.rulesPerHost, limits, first);
    }
  },
};

interface Counted {
  readonly name: string | null;
  readonly rules: readonly Rule[];
}

/** By the hosts that sessions name; what stands without a host's name is taken as one host's. */
function byHost(counts: readonly Counted[], { hosts }: CheckContext): Map<string | null, Counted[]> {
  const names = new Map(hosts.flatMap((host) => host.filters.map((filter) => [filter.name, host.name])));
  const groups = new Map<string | null, Counted[]>();
  for (const counted of counts) {
    const host = hosts.length < 2 ? null : (names.get(counted.name) ?? null);
    const group = groups.get(host);
    if (group === undefined) groups.set(host, [counted]);
    else group.push(counted);
  }
  return groups;
}

function printedRules({ rules }: Filter): readonly Rule[] {
  return rules.filter(({ node }) => node !== null);
}

function* limitFinding(
  scope: "filter" | "host",
  what: string,
  rules: number,
  limit: number,
  { warnAtPercent }: Limits,
  first: Rule | undefined,
): Generator<Found> {
  if (first === undefined || rules * 100 < limit * warnAtPercent) return;
  const over = rules > limit;
  const share = Math.floor((rules * 100) / limit);
  yield {
    severity: over ? "error" : "warning",
    message: `${what} ${grouped(rules)} rules, ${over ? `${grouped(rules - limit)} more than` : `${share} % of`} the ${grouped(limit)} that a ${scope} may hold`,
    at: first.reference.source,
    rule: first,
    subject: scope,
    data: { scope, rules, limit, percent: share },
  };
}
