import { readFileSync } from "node:fs";
import { expect, it } from "@jest/globals";
import { KEYS } from "../../src/engine/configuration/keys.ts";
import { readConfiguration } from "../../src/engine/configuration/read.ts";

const SAMPLE = /<!-- yaml -->\n\n```yaml\n([\s\S]*?)```/g;

function page(name: string): string {
  return readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
}

it.each(["configuration.md", "suppressions-and-baseline.md"])(
  "every sample in %s is a configuration",
  (name) => {
    const text = page(name);
    const samples = [...text.matchAll(SAMPLE)].map(([, sample]) => sample!);
    expect(samples).toHaveLength([...text.matchAll(/```yaml/g)].length);
    expect(samples).not.toEqual([]);
    for (const sample of samples) {
      expect({ sample, problems: readConfiguration("dfwlint.yaml", sample).problems }).toEqual({
        sample,
        problems: null,
      });
    }
  },
);

it("every key is in a sample", () => {
  const samples = [...page("configuration.md").matchAll(SAMPLE)].map(([, sample]) => sample!).join("");
  for (const key of Object.keys(KEYS)) expect(samples).toMatch(new RegExp(`^${key}:`, "m"));
});

it("the first sample is the file that the examples run with", () => {
  const file = new URL("../../rules-fixtures/configured/dfwlint.yaml", import.meta.url);
  expect([...page("configuration.md").matchAll(SAMPLE)][0]![1]).toBe(readFileSync(file, "utf8"));
});
