export default {
  input: "grammar/vsip.peggy",
  output: "src/syntax/generated/vsip.js",
  format: "es",
  dts: true,
  allowedStartRules: ["Dump", "Rule", "Member"],
  returnTypes: {
    Dump: 'import("../nodes.ts").Item[]',
    Rule: 'import("../nodes.ts").RuleNode',
    Member: 'import("../nodes.ts").MemberNode',
  },
};
