import fc from "fast-check";

/** Words that mean something between the parts of a rule, so that no part can be called so. */
const KEYWORDS = new Set(
  "from to port rule with as tag log any not addrset ip mac attribute extended ids src dst profile".split(
    " ",
  ),
);
const ACTIONS = ["accept", "drop", "reject", "punt", "redirect", "copy", "idp_detect"];

const word = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9._-]{0,11}$/)
  .filter((text) => !KEYWORDS.has(text) && !ACTIONS.includes(text));

const name = fc.oneof(
  word,
  fc.uuid(),
  fc.integer({ min: 1, max: 9999 }).map((id) => `src${id}`),
  // Names of Edge sets and of people who name groups freely.
  fc
    .stringMatching(/^[A-Za-z0-9_~@$%&*()+=|\\:<>?./!-]{1,16}$/)
    .filter((text) => !KEYWORDS.has(text) && !ACTIONS.includes(text)),
);

const ipAddress = fc.oneof(fc.ipV4(), fc.ipV6());
const ip = fc.oneof(
  ipAddress,
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, length]) => `${address}/${length}`),
  fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([address, length]) => `${address}/${length}`),
  fc.tuple(fc.ipV4(), fc.ipV4()).map(([first, last]) => `${first}-${last}`),
);
const mac = fc
  .array(fc.integer({ min: 0, max: 255 }), { minLength: 6, maxLength: 6 })
  .map((bytes) => bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":"));

const literal = fc.oneof(
  ip.map((text) => ({ family: "ip", text })),
  mac.map((text) => ({ family: "mac", text })),
);

const address = fc.oneof(
  fc.constant({ type: "any" }),
  fc.record({ type: fc.constant("addrset"), name, negated: fc.boolean() }),
  fc.tuple(literal, fc.boolean()).map(([part, negated]) => ({ type: "literal", ...part, negated })),
);

const port = fc.nat({ max: 65_535 });
const ports = fc.option(
  fc.array(
    fc.oneof(
      port.map((first) => ({ first, last: first })),
      fc.tuple(port, port).map(([first, last]) => ({ first, last })),
    ),
    { minLength: 1, maxLength: 15 },
  ),
);

const icmpValue = fc.oneof(
  fc.nat({ max: 255 }),
  word.filter((text) => text !== "any" && /^[-A-Za-z0-9_]+$/.test(text)),
);
const icmp = fc
  .record({ icmpType: fc.option(icmpValue), icmpCode: fc.option(icmpValue) })
  .map((value) => (value.icmpType === null && value.icmpCode === null ? null : value));

const match = fc.oneof(
  fc.record({
    type: fc.constant("protocol"),
    name: fc.oneof(fc.constantFrom("any", "tcp", "udp", "sctp", "ip", "47", "ipv6-opts"), word),
    icmp: fc.constant(null),
    stateless: fc.boolean(),
    strict: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("protocol"),
    name: fc.constantFrom("icmp", "ipv6-icmp", "1", "58"),
    icmp,
    stateless: fc.boolean(),
    strict: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("ethertype"),
    name: fc.oneof(fc.constantFrom("any", "arp", "0x86dd", "2048"), word),
    stateless: fc.boolean(),
  }),
);

const words = fc.array(word, { minLength: 1, maxLength: 3 }).map((list) => list.join(" "));
const qualifier = fc.oneof(
  fc.tuple(fc.constantFrom("attribute ", "attribute addrset ", "attribute profile "), words),
  fc.tuple(fc.constantFrom("extended src ", "extended dst "), words),
  fc.tuple(fc.constantFrom("ids profile "), words),
  fc.tuple(fc.constant(""), words),
);
const qualifierNode = qualifier.map(([start, rest]) => ({
  kind: start === "" ? "unknown" : start.split(" ")[0],
  text: `${start}${rest}`,
}));

const action = fc.oneof(
  fc.constantFrom(...ACTIONS),
  word.filter((text) => /^[A-Za-z_][-A-Za-z0-9_]*$/.test(text)),
);

/** A tag may hold everything but the end of a line, a terminal's colours and what can only follow a tag. */
const tag = fc
  .oneof(
    fc.constantFrom("app one", "it's", "a; b", "o'clock'; x", "", " ", "}", "# x", "웹"),
    fc.string({ maxLength: 32, unit: "grapheme" }),
  )
  .filter((text) => !text.includes("\u001b") && !/[\r\n]|'\s*;|'\s+(?:with|as|tag)\s|'$/.test(text));

const suffix = fc.oneof(
  fc.constant({ type: "log" }),
  fc.record({ type: fc.constant("alg"), name: word }),
  fc.record({ type: fc.constant("tag"), text: tag }),
);

/** Rules of every form, as trees without ranges. */
export const ruleTree = fc.record({
  type: fc.constant("rule"),
  internal: fc.boolean(),
  id: fc.nat({ max: 2 ** 40 }),
  position: fc.option(fc.nat({ max: 200_000 })),
  direction: fc.constantFrom("in", "out", "inout"),
  family: fc.option(fc.constantFrom("inet", "inet6")),
  match,
  from: address,
  sourcePorts: ports,
  to: address,
  destinationPorts: ports,
  qualifiers: fc.array(qualifierNode, { maxLength: 2 }),
  action,
  suffixes: fc.array(suffix, { maxLength: 3 }),
});

const comment = fc.oneof(
  fc.nat().map((number) => ({ type: "comment", kind: "generation", number: `${number}` })),
  fc.constant({ type: "comment", kind: "realization", time: "2026-02-03T04:05:06" }),
  fc
    .constantFrom("Filter", "FILTER", "PRE_FILTER", "FILTER (APP Category)", "IDP")
    .map((category) => ({ type: "comment", kind: "category", name: category })),
  words
    .filter((text) => !text.endsWith("rules"))
    .map((text) => ({ type: "comment", kind: "text", text: `asked for by ${text}` })),
);

const rulesetTree = fc.record({
  type: fc.constant("ruleset"),
  name,
  items: fc.array(fc.oneof({ weight: 4, arbitrary: ruleTree }, { weight: 1, arbitrary: comment }), {
    maxLength: 8,
  }),
  closed: fc.constant(true),
});

const addrsetTree = fc.record({
  type: fc.constant("addrset"),
  name,
  members: fc.array(
    literal.map((part) => ({ type: "member", ...part })),
    { maxLength: 8 },
  ),
  closed: fc.constant(true),
});

const promptTree = fc.record({
  type: fc.constant("prompt"),
  text: fc.constantFrom("[root@esx-07:~]", "~ #", "nsxmgr01>", "root@esx-07:~#"),
  command: fc.oneof(
    fc.constantFrom("", "summarize-dvfilter"),
    name.map((filter) => `vsipioctl getrules -f ${filter}`),
    name.map((filter) => `show dfw host host-1 filter ${filter} rules`),
  ),
});

const headerTree = fc.oneof(
  fc.uuid().map((value) => ({ type: "header", key: "VIF UUID", value })),
  fc.uuid().map((value) => ({ type: "header", key: "Ruleset UUID", value })),
  fc.nat().map((count) => ({ type: "header", key: "Rule count", value: `${count}` })),
  fc.constantFrom("Firewall Rules", "-----").map((key) => ({ type: "header", key, value: "" })),
);

/** Whole dumps, as trees without ranges. */
export const dumpTree = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: rulesetTree },
    { weight: 2, arbitrary: addrsetTree },
    { weight: 2, arbitrary: ruleTree },
    { weight: 1, arbitrary: promptTree },
    { weight: 1, arbitrary: headerTree },
  ),
  { maxLength: 6 },
);
