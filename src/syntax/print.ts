import type { AddressNode, CommentNode, Item, MatchNode, PortsNode, RuleNode, SuffixNode } from "./nodes.ts";

/** Lines of nsxcli's header that name no value. */
const HEADINGS: ReadonlySet<string> = new Set(["Firewall Rules", "Firewall Address Sets", "-----"]);

/** The canonical text of `vsipioctl`: parsing it gives the same tree, apart from ranges. */
export function printItems(items: readonly Item[]): string {
  return items.map((item) => `${printItem(item)}\n`).join("");
}

function printItem(item: Item): string {
  switch (item.type) {
    case "ruleset": {
      const lines = item.items.map((child) => `  ${printInRuleset(child)}\n`).join("");
      return `ruleset ${item.name} {\n${lines}${item.closed ? "}" : ""}`;
    }
    case "addrset": {
      const lines = item.members
        .map((member) =>
          member.type === "member" ? `${member.family} ${member.text},\n` : `${member.text}\n`,
        )
        .join("");
      return `addrset ${item.name} {\n${lines}${item.closed ? "}" : ""}`;
    }
    case "prompt":
      // The blank behind a prompt tells it from a word that only ends in a sign.
      return `${item.text} ${item.command}`;
    case "header":
      return HEADINGS.has(item.key) ? item.key : `${item.key} : ${item.value}`.trimEnd();
    case "rule":
      return printRule(item);
    case "comment":
      return printComment(item);
    case "foreign":
    case "other":
    case "unparsed":
      return item.text.trimEnd();
  }
}

function printInRuleset(item: RuleNode | CommentNode | { type: "unparsed"; text: string }): string {
  switch (item.type) {
    case "rule":
      return printRule(item);
    case "comment":
      return printComment(item);
    case "unparsed":
      return item.text.trimEnd();
  }
}

function printComment(comment: CommentNode): string {
  switch (comment.kind) {
    case "category":
      return `# ${comment.name} rules`;
    case "generation":
      return `# generation number: ${comment.number}`;
    case "realization":
      return `# realization time : ${comment.time}`;
    case "text":
      return `# ${comment.text}`.trimEnd();
  }
}

/** A rule on one line, as `vsipioctl getrules` prints it, without indentation. */
export function printRule(rule: RuleNode): string {
  return `${rule.internal ? "# internal # " : ""}rule ${rule.id}${rule.position === null ? "" : ` at ${rule.position}`} ${printRuleBody(rule)}`;
}

/** A rule without its place: what it matches and does. Equal text is an equal rule. */
export function printRuleBody(rule: RuleNode): string {
  const words: string[] = [rule.direction];
  if (rule.family !== null) words.push(rule.family);
  words.push(printMatch(rule.match), "from", printAddress(rule.from));
  if (rule.sourcePorts !== null) words.push("port", printPorts(rule.sourcePorts));
  words.push("to", printAddress(rule.to));
  if (rule.destinationPorts !== null) words.push("port", printPorts(rule.destinationPorts));
  for (const qualifier of rule.qualifiers) words.push("with", qualifier.text);
  words.push(rule.action);
  for (const suffix of rule.suffixes) words.push(printSuffix(suffix));
  return `${words.join(" ")};`;
}

/** What a rule says of the protocol and ports, for people: `tcp port 443`, `any protocol`. */
export function printService({ match, sourcePorts, destinationPorts }: RuleNode): string {
  const words = [
    match.name === "any" ? "any protocol" : printMatch(match).replace(/^(?:protocol|ethertype) /, ""),
  ];
  if (sourcePorts !== null) words.push("source port", printPorts(sourcePorts));
  if (destinationPorts !== null) words.push("port", printPorts(destinationPorts));
  return words.join(" ");
}

function printMatch(match: MatchNode): string {
  if (match.type === "ethertype") return `ethertype ${match.name}${match.stateless ? " stateless" : ""}`;
  const words = ["protocol", match.name];
  if (match.icmp !== null) {
    const { icmpType, icmpCode } = match.icmp;
    if (icmpType !== null)
      words.push("icmptype", icmpCode === null ? `${icmpType}` : `${icmpType}:${icmpCode}`);
    else words.push("icmpcode", `${icmpCode}`);
  }
  if (match.stateless) words.push("stateless");
  if (match.strict) words.push("strict");
  return words.join(" ");
}

/** What a rule says of one side: `any`, `not addrset web`, `ip 10.0.0.1`. */
export function printAddress(address: AddressNode): string {
  switch (address.type) {
    case "any":
      return "any";
    case "addrset":
      return `${address.negated ? "not " : ""}addrset ${address.name}`;
    case "literal":
      return `${address.negated ? "not " : ""}${address.family} ${address.text}`;
  }
}

function printPorts(ports: readonly PortsNode[]): string {
  const items = ports.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  return items.length === 1 ? items[0]! : `{${items.join(", ")}}`;
}

function printSuffix(suffix: SuffixNode): string {
  switch (suffix.type) {
    case "log":
      return "with log";
    case "alg":
      return `as ${suffix.name}`;
    case "tag":
      return `tag '${suffix.text}'`;
  }
}
