import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "@jest/globals";
import { temporaryFolder } from "../cli/folders.ts";
import { describeHosts, hostResult } from "../../src/engine/host.ts";
import type { PathFields } from "../../src/engine/path/ends.ts";
import { dumps, filters, others, session } from "./random-session.ts";
import { lintApart, lintAtOnce, openApart, pathApart, pathAtOnce, plain } from "./support.ts";

/** Sessions put together at random, with what goes wrong in terminals: both ways to read them have to agree. */

const RUNS = 150;

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
