import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "@jest/globals";
import { ROOT } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { describeHosts, hostResult } from "../../src/engine/host.ts";
import type { PathFields } from "../../src/engine/path/ends.ts";
import { lintApart, lintAtOnce, openApart, pathApart, pathAtOnce, plain } from "./support.ts";

/** Sessions put together at random, with what goes wrong in terminals: both ways to read them have to agree. */

const RUNS = 150;

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
const dumps = outputs.filter((text) => /^(?:ruleset|addrset) /m.test(text));
const others = outputs.filter((text) => !dumps.includes(text));

const filters = ["nic-7001-eth0-vmware-sfw.2", "nic-7002-eth0-vmware-sfw.2", "nic-9-eth0-vmware-sfw.2"];

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

const session = fc
  .record({
    before: fc.oneof({ weight: 5, arbitrary: fc.constant("") }, output),
    pieces: fc.array(piece, { minLength: 1, maxLength: 9 }),
    cut: fc.option(fc.nat(3000), { freq: 4 }),
  })
  .map(({ before, pieces, cut }) => {
    const text = before + pieces.join("");
    return cut === null ? text : text.slice(0, Math.max(1, text.length - cut));
  });

const setNames = [
  ...new Set(dumps.flatMap((text) => [...text.matchAll(/^addrset (\S+)/gm)].map(([, name]) => name!))),
];
const machineNames = [
  ...new Set(others.flatMap((text) => [...text.matchAll(/vmm0:(\S+) vcUuid/g)].map(([, name]) => name!))),
];

const addresses = fc.oneof(
  fc.constantFrom("any", "10.0.0.0/8", "10.44.1.20", "fe80::1"),
  fc.constantFrom(...setNames, ...machineNames),
);

const question: fc.Arbitrary<PathFields> = fc
  .record({
    src: addresses,
    dst: addresses,
    srcVm: fc.option(fc.constantFrom("none", ...filters, ...machineNames), { freq: 2 }),
    dstVm: fc.option(fc.constantFrom("none", ...filters, ...machineNames), { freq: 2 }),
    dstPort: fc.constantFrom("443", "22", "0-65535"),
  })
  .map(({ srcVm, dstVm, ...rest }) => ({
    ...rest,
    ...(srcVm === null ? {} : { srcVm }),
    ...(dstVm === null ? {} : { dstVm }),
  }));

it("agrees on random sessions, whole, cut and in several files", async () => {
  const folder = temporaryFolder({});
  let apart = 0;
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(session, { minLength: 1, maxLength: 2 }),
      fc.array(question, { minLength: 3, maxLength: 3 }),
      async (texts, questions) => {
        const named = texts.map((text, index) => ({ file: `${index}.log`, text }));
        for (const { file, text } of named) writeFileSync(join(folder, file), text);
        const names = named.map(({ file }) => file);
        const found = await lintApart(folder, names);
        expect(found.result).toEqual(lintAtOnce(named));
        const { open } = await openApart(folder, names, {}, () => ({ kind: "facts" }));
        expect(plain(hostResult(open.session.hosts))).toEqual(plain(describeHosts(named)));
        for (const fields of questions) {
          const way = await pathApart(open, fields);
          expect(way).toEqual(await pathAtOnce(named, fields));
          if ("result" in way) answered += 1;
        }
        apart += found.apart;
      },
    ),
    { numRuns: RUNS },
  );
  // Most of them are told apart: else nothing would be compared.
  expect(apart).toBeGreaterThan(RUNS / 5);
  expect(answered).toBeGreaterThan(RUNS / 5);
});
