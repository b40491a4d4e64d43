import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Columns, SHAPES, type Column } from "../../src/syntax/columns.ts";

const KNOWN: readonly Column[] = [
  { title: "Name" },
  { title: "Num Ports", shape: SHAPES.number },
  { title: "IP Address", shape: SHAPES.address },
  { title: "Client" },
];
const line = (text: string): { text: string; range: { start: number; end: number } } => ({
  text,
  range: { start: 0, end: text.length },
});

function cells(header: string, row: string): Record<string, string> | null {
  const found = Columns.of(line(header), KNOWN, 2)!.row(line(row));
  return found === null ? null : Object.fromEntries(found.cells);
}

const HEADER = "Name      Num Ports  IP Address     Client";

describe("a row is read by its header's columns", () => {
  it.each([
    [
      "as it stands",
      "web 01    12         10.0.0.1       till.eth0",
      { Name: "web 01", "Num Ports": "12", "IP Address": "10.0.0.1", Client: "till.eth0" },
    ],
    [
      "with a cell that is wider than its column",
      "a name that is far too long 12         10.0.0.1       x y",
      { Name: "a name that is far too long", "Num Ports": "12", "IP Address": "10.0.0.1", Client: "x y" },
    ],
    [
      "without the last cell",
      "web       12         10.0.0.1",
      { Name: "web", "Num Ports": "12", "IP Address": "10.0.0.1" },
    ],
    [
      "without a cell between two",
      "web       12                        till",
      { Name: "web", "Num Ports": "12", Client: "till" },
    ],
    [
      "without the first cell",
      "          12         fe80::1        till",
      { "Num Ports": "12", "IP Address": "fe80::1", Client: "till" },
    ],
    [
      "with numbers at the right",
      "web              12        10.0.0.1  till",
      { Name: "web", "Num Ports": "12", "IP Address": "10.0.0.1", Client: "till" },
    ],
  ])("%s", (_, row, expected) => {
    expect(cells(HEADER, row)).toEqual(expected);
  });

  it("under titles that nobody knows", () => {
    expect(cells("Name  Colour  Num Ports", "web   green   3")).toEqual({
      Name: "web",
      Colour: "green",
      "Num Ports": "3",
    });
  });

  it("or not at all, if its cells are not what the columns hold", () => {
    expect(cells(HEADER, "web   twelve   10.0.0.1   till   more")).toBeNull();
    expect(cells(HEADER, "web   12   10.0.0.1.1   till")).toBeNull();
  });
});

it("cells come back from any table of any widths", () => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/);
  const name = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(" "));
  const row = fc.record({
    name,
    ports: fc.nat({ max: 99_999 }).map(String),
    address: fc.ipV4(),
    client: word,
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
      const table = [
        ["Name", "Num Ports", "IP Address", "Client"],
        ...rows.map(({ name, ports, address, client }) => [name, ports, address, client]),
      ];
      const widths = table[0]!.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
      const [header, ...printed] = table.map((cells) =>
        cells.map((cell, column) => cell.padEnd(widths[column]!)).join("  "),
      );
      const read = printed.map((text) => cells(header!, text));
      expect(read).toEqual(
        rows.map(({ name, ports, address, client }) => ({
          Name: name,
          "Num Ports": ports,
          "IP Address": address,
          Client: client,
        })),
      );
    }),
  );
});
