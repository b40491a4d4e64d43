import { allLists, type Check } from "./check.ts";

export const noDefault: Check = {
  id: "no-default",
  severity: "warning",
  label: "the last rule",
  summary: "Some packet matches no rule of the list.",
  why: "What happens to such a packet is not written in the rules; it depends on the product and its version.",
  help:
    "See whether the dump is complete. If it is, add a default rule at the end, such as `protocol any from any to any " +
    "drop with log`.",
  example: `ruleset domain-c1 {
  rule 1101 at 1 inout protocol tcp from any to addrset web port 443 accept;
  rule 1102 at 2 inout inet protocol any from any to any drop with log;
}
addrset web {
ip 10.1.1.10,
}`,
  *find(context) {
    for (const { list } of allLists(context)) {
      if (list.name === "ids") continue;
      const gap = list.unmatched();
      const last = list.rules.findLast((rule) => rule.node !== null);
      if (gap === null || last === undefined) continue;
      // Behind text that does not parse, or a cut, the default may well be there: that is said elsewhere.
      if (!gap.certain && list.rules.some((rule) => rule.node === null)) continue;
      yield {
        message: noRuleFor(list.name === "ethernet", gap.certain),
        certain: gap.certain,
        at: last.reference.source,
        rule: last,
        witness: gap.packet,
      };
    }
  },
};

function noRuleFor(layer2: boolean, certain: boolean): string {
  const packet = layer2 ? "frame" : "packet";
  const rules = layer2 ? "layer-2 rules" : "rules";
  return certain
    ? `some ${packet} matches none of the ${rules}: there is no default rule for it`
    : `some ${packet} may match none of the ${rules}: only a rule that the dump does not fully explain may take it`;
}
