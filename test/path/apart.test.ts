import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import type { PathFields } from "../../src/engine/path/ends.ts";
import { openApart, pathApart, pathAtOnce } from "../fleet/support.ts";

/** A way through sessions whose filters are read apart is the one through the same sessions read at once. */

const ROOT = fileURLToPath(new URL("../../rules-fixtures/", import.meta.url));

const FIELD: Readonly<Record<string, keyof PathFields>> = {
  "--src": "src",
  "--dst": "dst",
  "--src-vm": "srcVm",
  "--dst-vm": "dstVm",
  "--router": "router",
  "--port": "dstPort",
  "--src-port": "srcPort",
  "--protocol": "protocol",
  "--icmp-type": "icmpType",
};

function fieldsOf(words: readonly string[]): PathFields {
  const fields: Record<string, string> = {};
  for (const [index, word] of words.entries()) {
    const field = FIELD[word];
    if (field !== undefined) fields[field] = words[index + 1]!;
  }
  return fields;
}

const folders = readdirSync(`${ROOT}paths`).map((name) => `paths/${name}`);

async function expectSame(
  folder: string,
  names: readonly string[],
  all: readonly PathFields[],
): Promise<number> {
  const texts = names.map((file) => ({ file, text: readFileSync(`${ROOT}${folder}/${file}`, "utf8") }));
  const { open } = await openApart(`${ROOT}${folder}`, names, {}, () => ({ kind: "facts" }));
  for (const fields of all)
    expect({ fields, way: await pathApart(open, fields) }).toEqual({
      fields,
      way: await pathAtOnce(texts, fields),
    });
  return open.session.parts.size;
}

describe("a way is the same where filters are read apart", () => {
  it.each(folders)(
    "%s",
    async (folder) => {
      const files = readdirSync(`${ROOT}${folder}`).filter((name) => name.endsWith(".log"));
      const lines = readFileSync(`${ROOT}${folder}/questions.txt`, "utf8").split("\n");
      const questions = lines.filter((line) => line !== "" && !line.startsWith("#"));
      const together = questions.filter((line) => !line.startsWith("["));
      expect(together.length).toBeGreaterThan(0);
      expect(
        await expectSame(
          folder,
          files,
          together.map((line) => fieldsOf(line.split(" "))),
        ),
      ).toBeGreaterThan(0);
      for (const line of questions.filter((one) => one.startsWith("["))) {
        const [, only, rest] = /^\[(\S+)\] (.*)$/.exec(line)!;
        await expectSame(folder, [only!], [fieldsOf(rest!.split(" "))]);
      }
    },
    60_000,
  );

  it("of regions, of sets by their names, of MAC addresses, of whoever it may be", async () => {
    const asked: readonly PathFields[] = [
      {},
      { src: "any", dst: "any" },
      { src: "ip-securitygroup-31", dst: "10.71.30.0/24", srcVm: "loom-web-01" },
      { src: "ip-securitygroup-31,10.71.20.99", dst: "any", dstPort: "22" },
      { src: "ip-securitygrup-31", dst: "any" },
      { src: "loom-web-01", dst: "fd00::/16" },
      { src: "::/0", dst: "::/0", dstVm: "loom-db-01" },
      { src: "10.71.20.11", dst: "10.71.30.21", srcMac: "00:50:56:00:00:01" },
      { src: "10.71.20.11", dst: "10.71.30.21", srcMac: "ip-securitygroup-31" },
      { src: "10.71.20.11", srcVm: "nic-8101-eth0-vmware-sfw.2" },
      { src: "10.71.20.11", srcVm: "nic-8101-eth0-vmware-sfw.2@mill-esx-02" },
    ];
    await expectSame("paths/mill", ["esx-01.log", "esx-02.log"], asked);
    await expectSame("paths/mill", ["esx-02.log"], asked);
    await expectSame(
      "seed",
      ["session.md"],
      [
        { src: "10.10.10.11", dst: "10.10.20.11", dstPort: "8080" },
        { src: "ip-virtualwire-1", dst: "ip-virtualwire-2" },
        { src: "AW1", dst: "10.20.10.5" },
      ],
    );
  });
});
