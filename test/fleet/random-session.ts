import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { ROOT } from "../cli/dfwlint.ts";

/** Sessions put together at random from what the fixtures print, with what goes wrong in terminals. */

const HOSTS = join(ROOT, "rules-fixtures/hosts");

/** What commands print, without their prompts. */
const outputs = readdirSync(HOSTS)
  .flatMap((folder) =>
    readdirSync(join(HOSTS, folder)).flatMap((name) =>
      /^(?:session\.log|page\.md)$/.test(name) ? [readFileSync(join(HOSTS, folder, name), "utf8")] : [],
    ),
  )
  .flatMap((text) => text.split(/^\[root@[^\n]*\n/m))
  .filter((text) => text.trim() !== "");
export const dumps = outputs.filter((text) => /^(?:ruleset|addrset) /m.test(text));
export const others = outputs.filter((text) => !dumps.includes(text));

export const filters = [
  "nic-7001-eth0-vmware-sfw.2",
  "nic-7002-eth0-vmware-sfw.2",
  "nic-9-eth0-vmware-sfw.2",
];

const command = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...filters).map((name) => `vsipioctl getrules -f ${name}`) },
  { weight: 6, arbitrary: fc.constantFrom(...filters).map((name) => `vsipioctl getaddrsets -f ${name}`) },
  fc.constantFrom(
    "summarize-dvfilter",
    "esxcfg-vmknic -l",
    "date",
    "",
    "vsipioctl getrules",
    "vsipioctl getrules -f nic-9-eth0-vmware-sfw.2 -s",
  ),
);

const prompt = fc.oneof(
  { weight: 8, arbitrary: fc.constant("[root@bank-esx-03:~] ") },
  fc.constantFrom(
    "~ # ",
    "/tmp # ",
    "root@bank-esx-03:~# ",
    "  [root@other:~] ",
    "[root@x:~]",
    "bank> ",
    "> ",
  ),
);

const output = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...dumps) },
  { weight: 2, arbitrary: fc.constantFrom(...others) },
  fc.constantFrom(
    "",
    "\n",
    "```\nprose\n",
    "# a note\n",
    "ruleset open {\n  rule 1 at 1 in protocol any from any to any drop;\n",
    "rule 7 at 1 in protocol any from any to any accept;\n",
    "rule 5: 1 evals\n",
    "see [root@a:~] x\n",
  ),
);

/** A piece of a session, perhaps with a hole or an end in it. */
const piece = fc
  .record({
    prompt,
    command,
    output,
    from: fc.nat(200),
    length: fc.option(fc.nat(300), { freq: 6 }),
    end: fc.constantFrom("\n", "\n", "\n", "\r\n", ""),
  })
  .map(({ prompt, command, output, from, length, end }) => {
    const printed = length === null ? output : output.slice(0, from) + output.slice(from + length);
    return `${prompt}${command}${end}${printed}${printed.endsWith("\n") || end === "" ? "" : "\n"}`;
  });

export const session = fc
  .record({
    before: fc.oneof({ weight: 5, arbitrary: fc.constant("") }, output),
    pieces: fc.array(piece, { minLength: 1, maxLength: 9 }),
    cut: fc.option(fc.nat(3000), { freq: 4 }),
  })
  .map(({ before, pieces, cut }) => {
    const text = before + pieces.join("");
    return cut === null ? text : text.slice(0, Math.max(1, text.length - cut));
  });
