import type {
  ArtifactLocation,
  Location as SarifLocation,
  Log,
  PhysicalLocation,
  ReportingDescriptor,
  Result,
} from "sarif";
import type { Location } from "../engine/results.ts";
import { plainPath, uriOf } from "./paths.ts";
import { safe, safeJson } from "./safe.ts";
import { STANDARD_INPUT } from "./words.ts";

/** What all SARIF 2.1.0 of dfwlint has in common. */

/** Between the folders of a path. */
interface Separated {
  readonly separator: string;
}

export function sarifLog(
  tool: { readonly name: string; readonly version: string },
  rules: ReportingDescriptor[],
  results: Result[],
): string {
  const log: Log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: tool.name,
            version: tool.version,
            semanticVersion: tool.version,
            rules,
          },
        },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: {
          [ROOT]: { description: { text: "The folder in which dfwlint ran." } },
        },
        results,
      },
    ],
  };
  return `${safeJson(log, 2)}\n`;
}

const ROOT = "%SRCROOT%";

/** Other places that a result speaks of; nothing if there are none. */
export function relatedLocations(
  related: readonly { readonly label: string; readonly location: Location }[],
  context: Separated,
): Pick<Result, "relatedLocations"> {
  if (related.length === 0) return {};
  return {
    relatedLocations: related.map((other, index): SarifLocation => ({
      id: index + 1,
      message: { text: messageText(other.label) },
      physicalLocation: place(other.location, context),
    })),
  };
}

export function place(
  { file, line, column, endLine, endColumn }: Location,
  context: Separated,
): PhysicalLocation {
  return {
    artifactLocation: artifact(file, context),
    region: { startLine: line, startColumn: column, endLine, endColumn },
  };
}

function artifact(file: string, { separator }: Separated): ArtifactLocation {
  // Code scanning refuses results without a place, so standard input gets a name that no path looks like.
  if (file === STANDARD_INPUT) return { uri: "stdin", description: { text: "standard input" } };
  const path = plainPath(file, separator);
  return path.absolute ? { uri: uriOf(path) } : { uri: uriOf(path), uriBaseId: ROOT };
}

/** Braces stand for arguments, and `[text](target)` for a link: text from a dump is to be neither. */
export function messageText(text: string): string {
  return safe(text)
    .replaceAll("](", String.raw`]\(`)
    .replaceAll(/[{}]/g, "$&$&");
}
