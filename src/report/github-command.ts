import { safe } from "./safe.ts";

/** A workflow command of GitHub Actions: a line that its runner acts on. */
export function command(
  name: string,
  properties: Readonly<Record<string, string | number>>,
  lines: readonly string[],
): string {
  const given = Object.entries(properties).map(([key, value]) => `${key}=${property(`${value}`)}`);
  return `::${name} ${given.join(",")}::${lines.map((line) => data(safe(line))).join("%0A")}`;
}

/** Nothing from a dump can end a line, and so begin a command of its own. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(safe(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
