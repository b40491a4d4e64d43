import { explain, quote, type Failure } from "./explain.ts";
import type { AddrsetNode, Item, Range, RulesetNode, UnparsedNode } from "./nodes.ts";

/** Text that could not be read, or was not meant for us. Offsets are into the file's text. */
export interface Problem {
  readonly kind: "unparsed" | "truncated" | "foreign";
  readonly file: string;
  /** The statement as a whole. */
  readonly range: Range;
  /** Where reading stopped: the caret. */
  readonly at: number;
  readonly message: string;
}

/** What known output is that is not a dump of a vNIC's firewall. */
export const FOREIGN = {
  edge: "this is an NSX Edge's ruleset, not the distributed firewall of a vNIC; it is skipped",
  statistics: "these are rule statistics (getrules -s), which hold no rules; they are skipped",
} as const;

/** A reason is worked out for so many statements of one file; a file with more is not a dump. */
const EXPLAINED_PROBLEMS = 1000;

const UNEXPLAINED: Failure = {
  at: 0,
  expected: "this does not parse",
  found: null,
  atEnd: false,
  hint: null,
};

/** Everything in the items that a reader of the file should look at, in the order of the text. */
export function findProblems(file: string, text: string, items: readonly Item[]): Problem[] {
  const problems: Problem[] = [];
  const foreign = new Set<string>();
  const end = text.trimEnd().length;

  /** `last`: nothing of the same block follows, so the statement may have been cut off. */
  const unparsed = (node: UnparsedNode, inBlock: boolean, last: boolean): Problem => {
    const failure = problems.length < EXPLAINED_PROBLEMS ? explain(node, inBlock) : UNEXPLAINED;
    const cutOff = failure.atEnd && last;
    const problem: Problem = {
      kind: cutOff ? "truncated" : "unparsed",
      file,
      range: { start: node.range.start, end: node.range.start + Math.max(1, node.text.trimEnd().length) },
      at: node.range.start + failure.at,
      message: cutOff
        ? `the text ends inside this ${node.kind}: ${failure.expected}`
        : messageOf(node, failure),
    };
    problems.push(problem);
    return problem;
  };

  const block = (
    node: RulesetNode | AddrsetNode,
    children: RulesetNode["items"] | AddrsetNode["members"],
  ): void => {
    const last = children.at(-1);
    let cutOff = false;
    for (const child of children) {
      if (child.type !== "unparsed") continue;
      const { kind } = unparsed(child, true, !node.closed && child === last);
      if (child === last) cutOff = kind === "truncated";
    }
    // One cut is one problem: a statement that was cut off explains why its block is not closed.
    if (node.closed || cutOff) return;
    const { start, end: blockEnd } = node.range;
    const at = start + text.slice(start, blockEnd).trimEnd().length;
    problems.push({
      kind: "truncated",
      file,
      range: { start: Math.max(start, at - 1), end: at },
      at,
      message:
        node.type === "addrset" && !text.startsWith("addrset", start)
          ? `address set ${node.name} lists fewer addresses than it counts, so members may be missing`
          : `${node.type} ${node.name} is not closed: expected "}" here, so a part of it may be missing`,
    });
  };

  for (const item of items) {
    switch (item.type) {
      case "ruleset":
        block(item, item.items);
        break;
      case "addrset":
        block(item, item.members);
        break;
      case "unparsed":
        unparsed(item, false, item.range.end >= end);
        break;
      case "foreign":
        if (foreign.has(item.kind)) break;
        foreign.add(item.kind);
        problems.push({
          kind: "foreign",
          file,
          range: { ...item.range },
          at: item.range.start,
          message: FOREIGN[item.kind],
        });
        break;
      case "rule":
      case "prompt":
      case "comment":
      case "header":
      case "other":
        break;
    }
  }
  return problems;
}

export function messageOf(node: UnparsedNode, { expected, found, atEnd, hint }: Failure): string {
  if (found !== null) return `${expected} but found ${quote(found)}${hint === null ? "" : `; ${hint}`}`;
  return atEnd ? `${expected} but the ${node.kind === "block" ? "line" : node.kind} ends here` : expected;
}
